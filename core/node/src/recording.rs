//! Recorded order-by-order files, merged in time, and the books that they build.

use std::collections::BTreeMap;

use omni_book::Capacity;
use omni_types::{BookAction, InstrumentId, Time, TopOfBook};
use omni_wire::feed::Change;

use crate::books::Books;
use crate::order_file::{OrderFile, OrderFileError, OrderStream, Told};

/// Bytes of one state: event time, best bid, its quantity, best ask, its quantity.
const STATE: usize = 5 * 8;
/// States that are handed on at once.
const STATES: usize = 1 << 15;
/// Most instruments: more than ITCH can number.
const INSTRUMENTS: usize = 1 << 17;

/// What was seen in a replay.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tally {
    /// Messages read.
    pub messages: u64,
    /// Messages of each type, by its letter.
    pub kinds: [u64; 256],
    /// Public trades.
    pub trades: u64,
    /// Quantity of public trades.
    pub volume: u64,
    /// Times at which a book may be looked at.
    pub states: u64,
    /// States whose bid was at or above its ask.
    pub crossed: u64,
    /// Messages about orders that the feed doesn't have.
    pub unknown: u64,
    /// Records of a snapshot that were left out since an earlier file had filled the book, for each file.
    pub skipped: Vec<u64>,
    /// First and last time of a capture.
    pub span: Option<(Time, Time)>,
}

/// The books of some recorded files, and what was seen on the way.
pub struct Recording {
    books: Books,
    names: BTreeMap<String, InstrumentId>,
    /// Which file filled a book first, by instrument.
    filled: Vec<Option<usize>>,
    tally: Tally,
    states: Vec<u8>,
}

impl Recording {
    /// Reserves books for this many orders and price levels at once.
    #[must_use]
    pub fn new(orders: usize, levels: usize) -> Self {
        let tally = Tally {
            messages: 0,
            kinds: [0; 256],
            trades: 0,
            volume: 0,
            states: 0,
            crossed: 0,
            unknown: 0,
            skipped: Vec::new(),
            span: None,
        };
        Self {
            books: Books::new(Capacity { instruments: INSTRUMENTS, orders, levels }),
            names: BTreeMap::new(),
            filled: Vec::new(),
            tally,
            states: Vec::with_capacity(STATE * STATES),
        }
    }

    /// Returns the books.
    #[must_use]
    pub const fn books(&self) -> &Books {
        &self.books
    }

    /// Returns what was seen.
    #[must_use]
    pub const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Returns the symbols by their instruments' numbers.
    #[must_use]
    pub fn symbols(&self) -> Vec<&str> {
        let mut symbols = vec![""; self.names.len()];
        for (name, id) in &self.names {
            symbols[id.index()] = name;
        }
        symbols
    }

    /// Replays files merged by the time of their capture, then file, then record; `states` gets every state's bytes.
    ///
    /// A state is five little-endian `i64` after each message that ends a venue's event (a snapshot is none): its event time, best bid in
    /// 10^-9, its quantity, best ask, its quantity; a side without orders has the price `i64::MAX` and no quantity.
    ///
    /// # Errors
    /// [`OrderFileError`] where a file is damaged, or doesn't fit the books; everything before it is in them.
    pub fn replay(
        &mut self,
        files: &[OrderFile],
        midnight: Time,
        states: &mut dyn FnMut(&[u8]),
    ) -> Result<(), OrderFileError> {
        self.tally.skipped = vec![0; files.len()];
        let result = self.merge(files, midnight, states);
        states(&self.states);
        self.states.clear();
        result
    }

    fn merge(
        &mut self,
        files: &[OrderFile],
        midnight: Time,
        states: &mut dyn FnMut(&[u8]),
    ) -> Result<(), OrderFileError> {
        let mut tapes = files.iter().map(|file| file.tape(midnight)).collect::<Result<Vec<_>, _>>()?;
        loop {
            let mut first: Option<(Time, usize)> = None;
            for (at, tape) in tapes.iter_mut().enumerate() {
                if let Some(time) = tape.peek()?
                    && first.is_none_or(|(earliest, _)| time < earliest)
                {
                    first = Some((time, at));
                }
            }
            let Some((time, at)) = first else { return Ok(()) };
            self.step(&mut tapes[at], at, time)?;
            if self.states.len() >= STATE * STATES {
                states(&self.states);
                self.states.clear();
            }
        }
    }

    #[inline]
    fn step(&mut self, tape: &mut OrderStream<'_>, file: usize, time: Time) -> Result<(), OrderFileError> {
        let snapshot = tape.snapshot(&mut |symbol: &str| number(&mut self.names, symbol))?;
        let skip = snapshot.is_some_and(|instrument| self.is_filled_by_another(instrument, file));
        let Self { books, names, tally, filled, .. } = self;
        let mut full = None;
        let mut name = |symbol: &str| number(names, symbol);
        let told = tape.take(&mut name, skip, &mut |_, change| match change {
            Change::Trade(trade) => {
                tally.trades += 1;
                tally.volume = tally.volume.saturating_add(trade.quantity.0);
            }
            Change::Book(delta) => {
                if delta.action == BookAction::Execute {
                    tally.trades += 1;
                    tally.volume = tally.volume.saturating_add(delta.quantity.0);
                }
                full = full.or(books.apply(&delta).err());
            }
            Change::Status(_) => {}
        })?;
        if let Some(full) = full {
            return Err(tape.error(&format!("{full} (replay's are set by --orders and --levels)")));
        }
        tally.messages += 1;
        tally.kinds[usize::from(told.kind)] += 1;
        tally.unknown += u64::from(told.unknown);
        tally.skipped[file] += u64::from(skip);
        let start = tally.span.map_or(time, |(start, _)| start);
        tally.span = Some((start, time));
        if let Some(instrument) = told.instrument {
            if filled.len() <= instrument.index() {
                filled.resize(instrument.index() + 1, None);
            }
            filled[instrument.index()].get_or_insert(file);
            if told.last {
                self.look(&told, instrument);
            }
        }
        Ok(())
    }

    fn is_filled_by_another(&self, instrument: InstrumentId, file: usize) -> bool {
        let owner = self.filled.get(instrument.index()).copied().flatten();
        let top = self.books.top(instrument);
        owner.is_some_and(|owner| owner != file) && (top.bid.is_some() || top.ask.is_some())
    }

    #[inline]
    fn look(&mut self, told: &Told, instrument: InstrumentId) {
        let top: TopOfBook = self.books.top(instrument);
        self.tally.states += 1;
        self.tally.crossed += u64::from(top.is_crossed());
        self.states.extend(told.event.0.to_le_bytes());
        for side in [top.bid, top.ask] {
            let (price, quantity) = side.map_or((i64::MAX, 0), |(price, quantity)| (price.0, quantity.0));
            self.states.extend(price.to_le_bytes());
            self.states.extend(quantity.to_le_bytes());
        }
    }
}

fn number(names: &mut BTreeMap<String, InstrumentId>, symbol: &str) -> Option<InstrumentId> {
    if let Some(known) = names.get(symbol) {
        return Some(*known);
    }
    let next = names.len();
    let id = (next < INSTRUMENTS).then_some(InstrumentId(next as u32))?;
    names.insert(symbol.to_owned(), id);
    Some(id)
}
