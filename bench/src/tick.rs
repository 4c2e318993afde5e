//! Tick to order: a feed's bytes in, the order's journal record out, all on one thread as in the node.

use std::path::{Path, PathBuf};
use std::time::Instant;

use omni_engine::Engine;
use omni_journal::{Journal, Mode};
use omni_port::{Desk, Strategy, StrategyFault, Ticket};
use omni_sim::historical::Historical;
use omni_types::{AccountId, Body, Event, Input, InstrumentId, Qty, Quote, SessionId, Side, Time, TimeInForce};
use omni_wire::feed::{Change, ItchFeed, Listing};
use omni_wire::itch::Reader;

use crate::distribution::Samples;
use crate::figure::{Failure, Spread};
use crate::journal;
use crate::market::{instrument, set_up};
use crate::replay::{engine, midnight};
use crate::workload::{W1, Workload};

/// The beginning of the one-book workload, so that its journal stays small.
const FLOW: Workload = Workload { messages: 400_000, ..W1 };

/// A taker: when the book begins to lean to one side, it takes a lot from the other.
#[derive(Default)]
struct Lean(Option<Side>);

impl Strategy for Lean {
    fn on_quote(&mut self, quote: &Quote, desk: &mut Desk) -> Result<(), StrategyFault> {
        let (Some((bid, bids)), Some((ask, asks))) = (quote.top.bid, quote.top.ask) else { return Ok(()) };
        let lean = match (bids.0 > 2 * asks.0, asks.0 > 2 * bids.0) {
            (true, _) => Some(Side::Buy),
            (_, true) => Some(Side::Sell),
            _ => None,
        };
        if lean == self.0 {
            return Ok(());
        }
        self.0 = lean;
        if let Some(side) = lean {
            let price = if side == Side::Buy { ask } else { bid };
            let ticket = Ticket::limit(quote.instrument, side, Qty(100), price);
            desk.submit(Ticket { time_in_force: TimeInForce::Ioc, ..ticket });
        }
        Ok(())
    }
}

/// The path from a message to an order.
struct Pipeline {
    engine: Engine<Historical>,
    journal: Journal,
    feed: ItchFeed,
    strategy: Box<dyn Strategy>,
    desk: Desk,
    quotes: Vec<Event>,
    reports: Vec<Event>,
}

impl Pipeline {
    fn new(folder: &Path) -> Result<Self, Failure> {
        let listed = instrument(0)?;
        let mut feed = ItchFeed::new(midnight(), FLOW.live * 2);
        feed.list(1, &Listing::from(&listed)).map_err(Failure::of)?;
        let mut path = Self {
            engine: engine(&FLOW)?,
            journal: journal::create(folder, FLOW.seed, Mode::Memory)?,
            feed,
            strategy: Box::new(Lean::default()),
            desk: Desk::new(SessionId(0), AccountId(0), [listed].into()),
            quotes: Vec::with_capacity(16),
            reports: Vec::with_capacity(16),
        };
        set_up(1, 1)?.into_iter().try_for_each(|body| path.input(midnight(), 0, body))?;
        Ok(path)
    }

    /// Journals an input and applies it.
    #[inline]
    fn input(&mut self, time: Time, cause: u64, body: Body) -> Result<(), Failure> {
        let input = Input { seq: self.engine.seq() + 1, time, cause, body };
        self.journal.append(&input).map_err(Failure::of)?;
        let Self { engine, quotes, reports, .. } = self;
        let mut sink = |event: &Event| match event {
            Event::Quote(_) => quotes.push(*event),
            Event::Report(_) => reports.push(*event),
            _ => {}
        };
        engine.apply(&input, &mut sink).map_err(Failure::of)
    }

    /// Takes a market event; returns how many orders the strategy sent because of it.
    #[inline]
    fn tick(&mut self, time: Time, body: Body) -> Result<usize, Failure> {
        self.quotes.clear();
        self.input(time, 0, body)?;
        let cause = self.engine.seq();
        self.strategy.on_events(&self.quotes, &mut self.desk).map_err(Failure::of)?;
        let mut sent = 0;
        while self.desk.has_commands() {
            let commands: Option<Body> = self.desk.take_commands().next();
            if let Some(command) = commands {
                self.input(time, cause, command)?;
                sent += 1;
            }
        }
        Ok(sent)
    }

    /// Shows the strategy what became of its orders.
    fn settle(&mut self) -> Result<u64, Failure> {
        let fills = self.reports.iter().filter(|event| matches!(event, Event::Report(r) if r.is_fill())).count();
        self.strategy.on_events(&self.reports, &mut self.desk).map_err(Failure::of)?;
        self.reports.clear();
        Ok(fills as u64)
    }
}

/// Measures from the first byte of a message to the journal record of the order that it causes, the gate behind it.
pub(crate) fn measure() -> Spread {
    let folder = scratch();
    let measured = run(&folder);
    let removed = std::fs::remove_dir_all(&folder).map_err(Failure::of);
    let samples = measured?;
    removed?;
    Ok(vec![samples.distribution("tick_to_order")?])
}

/// Returns the name of a folder that nobody else uses.
pub(crate) fn scratch() -> PathBuf {
    std::env::temp_dir().join(format!("omni-bench-{}", std::process::id()))
}

fn run(folder: &Path) -> Result<Samples, Failure> {
    let bytes = FLOW.generate_itch();
    let mut path = Pipeline::new(folder)?;
    let (mut samples, mut fills) = (Samples::with_capacity(FLOW.messages), 0);
    let mut reader = Reader::new(&bytes);
    loop {
        let start = Instant::now();
        let Some(message) = reader.next() else { break };
        let mut tick = None;
        let convert = |stamp: omni_wire::feed::Stamp, change| {
            if let Change::Book(delta) = change {
                tick = Some((stamp.received, Body::Book(delta)));
            }
        };
        path.feed.convert(&message.map_err(Failure::of)?, &mut { convert }).map_err(Failure::of)?;
        let Some((time, body)) = tick else { continue };
        if path.tick(time, body)? > 0 {
            samples.since(start);
            fills += path.settle()?;
        }
    }
    let position = path.desk.holding(InstrumentId(0)).quantity;
    path.journal.close().map_err(Failure::of)?;
    if fills > 0 && position != 0 {
        return Ok(samples);
    }
    Err(Failure("tick_to_order: no order of the strategy was filled".to_owned()))
}
