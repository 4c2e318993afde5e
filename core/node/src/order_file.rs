//! One file of order-by-order data as a stream of changes.

use std::path::PathBuf;

use omni_types::{Decimal, InstrumentId, Time};
use omni_wire::dbn::{self, Mbo, Record, Schema};
use omni_wire::feed::{Change, ItchFeed, Listing, MboFeed, Stamp};
use omni_wire::file::{FileError, Format, Loaded, open};
use omni_wire::itch::{self, Message};
use omni_wire::{Flaw, WireError};

/// Price unit of all books: DBN's own, which ITCH's divides.
pub const PRICE_UNIT: Decimal = Decimal::new(1, -9);
/// Orders that an ITCH feed reserves room for; it grows.
const RESTING: usize = 1 << 16;

/// Says why a file can't be replayed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OrderFileError {
    /// It can't be read, or is empty.
    File(FileError),
    /// It can be read only up to a byte; the message says what is wrong there.
    Data(PathBuf, String),
}

impl core::fmt::Display for OrderFileError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::File(error) => error.fmt(f),
            Self::Data(path, message) => write!(f, "{}: {message}", path.display()),
        }
    }
}

impl std::error::Error for OrderFileError {}

/// A file that holds order-by-order data, in memory.
#[derive(Clone, Debug)]
pub struct OrderFile {
    loaded: Loaded,
}

impl OrderFile {
    /// Reads a file whole; a truncated one is taken as far as it goes, see [`Self::cut`].
    ///
    /// # Errors
    /// [`OrderFileError`] where it can't be read or holds no order-by-order data.
    pub fn open(path: PathBuf) -> Result<Self, OrderFileError> {
        let loaded = open(&path).map_err(OrderFileError::File)?;
        match loaded.format {
            Format::Itch50 | Format::DbnFragment | Format::Dbn { schema: Some(Schema::Mbo) | None, .. } => {
                Ok(Self { loaded })
            }
            other => {
                let cut = loaded.cut.map(|cut| format!("; {} (at byte {})", cut.what, cut.offset)).unwrap_or_default();
                let held = match other {
                    Format::Unknown => "no".to_owned(),
                    known => format!("{known}, not"),
                };
                let what =
                    format!("holds {held} order-by-order data (ITCH 5.0 or DBN mbo) that books are rebuilt from{cut}");
                Err(OrderFileError::Data(path, what))
            }
        }
    }

    /// Returns what the file holds.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.loaded.format
    }

    /// Returns the bytes that it holds, uncompressed.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.loaded.bytes.len()
    }

    /// Returns why the file could not be read to its end, if it could not.
    #[must_use]
    pub const fn cut(&self) -> Option<&FileError> {
        self.loaded.cut.as_ref()
    }

    /// Starts at the first message. An ITCH file's day begins at `midnight`.
    ///
    /// # Errors
    /// [`OrderFileError::Data`] for a header that can't be read.
    pub fn tape(&self, midnight: Time) -> Result<OrderStream<'_>, OrderFileError> {
        let bytes = &self.loaded.bytes;
        let kind = match self.loaded.format {
            Format::Itch50 => Kind::Itch { reader: itch::Reader::new(bytes), feed: ItchFeed::new(midnight, RESTING) },
            Format::DbnFragment => Kind::Dbn { reader: dbn::Reader::fragment(bytes), feed: MboFeed::new() },
            _ => {
                let reader = dbn::Reader::new(bytes)
                    .map_err(|e| OrderFileError::Data(self.loaded.path.clone(), e.to_string()))?;
                Kind::Dbn { reader, feed: MboFeed::new() }
            }
        };
        Ok(OrderStream { path: &self.loaded.path, kind, midnight, listed: Vec::new(), next: None })
    }
}

enum Kind<'a> {
    Itch { reader: itch::Reader<'a>, feed: ItchFeed },
    Dbn { reader: dbn::Reader<'a>, feed: MboFeed },
}

/// A message that was read ahead.
#[derive(Clone, Copy)]
enum Next {
    Itch(Message),
    Mbo(Mbo),
}

/// What one message is, beside its changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Told {
    /// The message's type: ITCH's, or the action of a DBN record.
    pub kind: u8,
    /// The instrument that it is about, where it is listed.
    pub instrument: Option<InstrumentId>,
    /// Whether it ends the venue's event, so that the book may be looked at.
    pub last: bool,
    /// The venue's time of it.
    pub event: Time,
    /// Whether it names an order that the feed doesn't have.
    pub unknown: bool,
}

/// A position in a file.
pub struct OrderStream<'a> {
    path: &'a PathBuf,
    kind: Kind<'a>,
    midnight: Time,
    /// Instruments by the venue's number, ordered by it.
    listed: Vec<(u32, InstrumentId)>,
    next: Option<Next>,
}

/// Gives each symbol its slot; `None` where there is no more room.
pub type Names<'n> = dyn FnMut(&str) -> Option<InstrumentId> + 'n;

impl OrderStream<'_> {
    /// Returns when the next message was received; `None` at the end.
    ///
    /// # Errors
    /// [`OrderFileError::Data`] where the file is damaged: what, at which byte, after how many messages.
    #[inline]
    pub fn peek(&mut self) -> Result<Option<Time>, OrderFileError> {
        if self.next.is_none() {
            self.next = self.read().map_err(|error| self.fault(&error))?;
        }
        Ok(self.next.map(|next| match next {
            Next::Itch(message) => self.midnight.plus(message.timestamp() as i64),
            Next::Mbo(record) => record.received.or(record.event).unwrap_or_default(),
        }))
    }

    /// Returns the instrument of the next message where that belongs to a snapshot.
    #[inline]
    pub fn snapshot(&mut self, names: &mut Names<'_>) -> Result<Option<InstrumentId>, OrderFileError> {
        let Some(Next::Mbo(record)) = self.next else { return Ok(None) };
        if !record.is_snapshot() {
            return Ok(None);
        }
        self.list_mbo(&record, names).map_err(|flaw| self.error(&flaw.to_string()))?;
        Ok(self.instrument(record.instrument_id))
    }

    fn fault(&self, error: &WireError) -> OrderFileError {
        OrderFileError::Data(self.path.clone(), error.to_string())
    }

    #[inline]
    fn read(&mut self) -> Result<Option<Next>, WireError> {
        match &mut self.kind {
            Kind::Itch { reader, .. } => reader.next().transpose().map(|message| message.map(Next::Itch)),
            Kind::Dbn { reader, .. } => loop {
                match reader.next().transpose()? {
                    Some(Record::Mbo(record)) => return Ok(Some(Next::Mbo(record))),
                    Some(_) => {}
                    None => return Ok(None),
                }
            },
        }
    }

    #[inline]
    fn instrument(&self, number: u32) -> Option<InstrumentId> {
        let at = self.listed.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        Some(self.listed[at].1)
    }

    /// Takes the message that [`Self::peek`] announced: hands its changes to `sink`, or leaves them out where `skip`.
    ///
    /// # Errors
    /// [`OrderFileError::Data`] for a message that can't be converted.
    #[inline]
    pub fn take(
        &mut self,
        names: &mut Names<'_>,
        skip: bool,
        sink: &mut impl FnMut(Stamp, Change),
    ) -> Result<Told, OrderFileError> {
        let told = match self.next.take() {
            None => return Ok(Told::default()),
            Some(Next::Itch(message)) => self.itch(&message, names, sink),
            Some(Next::Mbo(record)) => self.mbo(&record, names, skip, sink),
        };
        told.map_err(|flaw| self.error(&flaw.to_string()))
    }

    /// Returns the error of a message at the place of the last one.
    #[must_use]
    pub fn error(&self, message: &str) -> OrderFileError {
        let (offset, read) = self.place();
        OrderFileError::Data(self.path.clone(), format!("{message} (at byte {offset}, after {read} messages)"))
    }

    fn place(&self) -> (usize, u64) {
        match &self.kind {
            Kind::Itch { reader, .. } => (reader.offset(), reader.read()),
            Kind::Dbn { reader, .. } => (reader.offset(), reader.read()),
        }
    }

    #[inline]
    fn itch(
        &mut self,
        message: &Message,
        names: &mut Names<'_>,
        sink: &mut impl FnMut(Stamp, Change),
    ) -> Result<Told, Flaw> {
        if let Message::Directory(directory) = message {
            self.list(u32::from(directory.locate), directory.stock.as_str(), names)?;
        }
        let instrument = self.instrument(u32::from(message.locate()));
        let Kind::Itch { feed, .. } = &mut self.kind else { return Ok(Told::default()) };
        let event = self.midnight.plus(message.timestamp() as i64);
        let mut told = Told { kind: letter(message), instrument, event, ..Told::default() };
        let result = feed.convert(message, &mut |stamp, change| {
            told.last |= matches!(change, Change::Book(delta) if delta.last);
            sink(stamp, change);
        });
        match result {
            Err(Flaw::UnknownOrder(_)) => told.unknown = true,
            Err(flaw) => return Err(flaw),
            Ok(()) => {}
        }
        Ok(told)
    }

    #[inline]
    fn mbo(
        &mut self,
        record: &Mbo,
        names: &mut Names<'_>,
        skip: bool,
        sink: &mut impl FnMut(Stamp, Change),
    ) -> Result<Told, Flaw> {
        self.list_mbo(record, names)?;
        let instrument = self.instrument(record.instrument_id);
        let Kind::Dbn { feed, .. } = &mut self.kind else { return Ok(Told::default()) };
        if !skip {
            feed.convert(record, sink)?;
        }
        let event = record.event.unwrap_or_default();
        // A snapshot is no event of the venue, though its last record may carry the flag.
        let last = record.is_last() && !record.is_snapshot();
        Ok(Told { kind: record.action as u8, instrument, last, event, unknown: false })
    }

    #[inline]
    fn list_mbo(&mut self, record: &Mbo, names: &mut Names<'_>) -> Result<(), Flaw> {
        if self.instrument(record.instrument_id).is_some() {
            return Ok(());
        }
        let name = self.name(record.instrument_id);
        self.list(record.instrument_id, &name, names)
    }

    /// Returns the symbol of an instrument's number, or the number where the file doesn't tell.
    fn name(&self, number: u32) -> String {
        let Kind::Dbn { reader, .. } = &self.kind else { return format!("#{number}") };
        let text = number.to_string();
        let mappings = reader.metadata().map(|metadata| metadata.mappings.as_slice()).unwrap_or_default();
        let named = mappings.iter().find(|mapping| mapping.intervals.iter().any(|interval| interval.symbol == text));
        named.map_or_else(|| format!("#{number}"), |mapping| mapping.raw_symbol.clone())
    }

    #[cold]
    fn list(&mut self, number: u32, name: &str, names: &mut Names<'_>) -> Result<(), Flaw> {
        let off = Flaw::Field { name: "instrument", found: u64::from(number) };
        let Some(instrument) = names(name) else { return Err(off) };
        let listing = Listing { instrument, price_unit: PRICE_UNIT, quantity_unit: Decimal::ONE };
        match &mut self.kind {
            Kind::Itch { feed, .. } => feed.list(number as u16, &listing).map_err(|_| off)?,
            Kind::Dbn { feed, .. } => feed.list(number, &listing).map_err(|_| off)?,
        }
        match self.listed.binary_search_by_key(&number, |(number, _)| *number) {
            Ok(at) => self.listed[at].1 = instrument,
            Err(at) => self.listed.insert(at, (number, instrument)),
        }
        Ok(())
    }
}

/// Returns the letter of a message's type; `F` and `A` both add.
const fn letter(message: &Message) -> u8 {
    match message {
        Message::Add(_) => b'A',
        Message::Delete(_) => b'D',
        Message::Execute(_) => b'E',
        Message::Cancel(_) => b'X',
        Message::Replace(_) => b'U',
        Message::ExecuteAt(_) => b'C',
        Message::Trade(_) => b'P',
        Message::System(_) => b'S',
        Message::Directory(_) => b'R',
        Message::TradingAction(_) => b'H',
        Message::Cross(_) => b'Q',
        Message::BrokenTrade(_) => b'B',
        Message::Notice(notice) => notice.kind,
    }
}
