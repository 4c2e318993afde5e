//! A backtest on recorded orders: the node's loop of simulated time, exact queue positions, latency, a maker in Rust.

use omni_book::{FeedBooks, Order};
use omni_engine::Engine;
use omni_node::{Host, Latency, Lockstep, Next, Observer, Progress, Recorder, Source, StrategySpec, Tops};
use omni_port::{Desk, Feeds, Strategy, StrategyFault, Subscription, Ticket};
use omni_risk::Gate;
use omni_sim::historical::{BarRules, Capacity, Config, Data, Historical, Reach, TradeRules};
use omni_types::{
    AccountId, Body, BookAction, BookDelta, Event, Input, InstrumentId, OrderId, Price, Qty, SessionId, Side, Time,
};
use omni_wire::feed::{Change, ItchFeed, Listing, Stamp};
use omni_wire::itch::Reader;

use crate::figure::{Failure, Figure, Figures};
use crate::market::{capacity, instrument, set_up, verify};
use crate::timing::best;
use crate::workload::{W1, Workload};

const ROUNDS: usize = 3;
/// The workload's time runs this much slower, as in the peers' run: 55 microseconds from event to event.
const SLOWER: i64 = 50;
/// How often the maker looks.
const STEP_NS: i64 = 1_000_000;
/// Every command's way.
const LATENCY_NS: i64 = 100_000;
/// Where the maker stops adding to its position.
const POSITION_MAX: i64 = 5_000;
const ONLY: InstrumentId = InstrumentId(0);

/// Returns the day's beginning: the first of 2025.
pub(crate) const fn midnight() -> Time {
    Time(1_735_689_600 * Time::SECOND)
}

/// Returns an engine around the historical simulator of a workload's recorded orders, nothing listed.
pub(crate) fn engine(workload: &Workload) -> Result<Engine<Historical>, Failure> {
    let instruments = workload.instruments;
    let live = workload.live * 2;
    let capacity = Capacity { instruments, recorded_orders: live, recorded_levels: live, orders: 1 << 10 };
    let config = Config {
        capacity,
        data: Data::Orders,
        reach: Reach::default(),
        bars: BarRules::default(),
        trades: TradeRules::default(),
    };
    let gate = Gate::new(omni_risk::Capacity {
        instruments: instruments as u32,
        accounts: 1,
        sessions: 1,
        slots: instruments as u32,
        slots_expected: 1,
        currencies: 1,
    });
    let capacity = omni_engine::Capacity { instruments, timers: 1, bar_ns: 0 };
    Ok(Engine::new(Historical::new(config), gate.map_err(Failure::of)?, capacity))
}

/// A maker: every millisecond one order on each side at the best price, moved when the best has moved.
struct Maker;

impl Strategy for Maker {
    fn on_events(&mut self, events: &[Event], desk: &mut Desk) -> Result<(), StrategyFault> {
        events.iter().for_each(|event| desk.observe(event));
        let top = desk.top(ONLY);
        let position = desk.holding(ONLY).quantity;
        for (side, best) in [(Side::Buy, top.bid), (Side::Sell, top.ask)] {
            let wanted = best.filter(|_| position * side.sign() < POSITION_MAX).map(|(price, _)| price);
            quote(desk, side, wanted);
        }
        Ok(())
    }
}

/// Brings the one order of a side to the wanted price.
fn quote(desk: &mut Desk, side: Side, wanted: Option<Price>) {
    let working = desk.orders().find(|order| order.side == side).copied();
    if working.map(|order| order.price) == wanted || working.is_some_and(|order| !order.accepted) {
        return;
    }
    if let Some(order) = working {
        desk.cancel(order.client_order_id);
    }
    if let Some(price) = wanted {
        desk.submit(Ticket { post_only: true, ..Ticket::limit(ONLY, side, Qty(100), price) });
    }
}

/// Recorded changes in memory.
struct Tape<'a> {
    changes: &'a [(Time, BookDelta)],
    next: usize,
}

impl Source for Tape<'_> {
    #[inline]
    fn peek(&mut self, _: &dyn Tops) -> Next {
        self.changes.get(self.next).map_or(Next::Done, |(time, _)| Next::At(*time))
    }

    #[inline]
    fn take(&mut self, _: &dyn Tops) -> Result<Body, String> {
        let (_, delta) = self.changes[self.next];
        self.next += 1;
        Ok(Body::Book(delta))
    }
}

/// Keeps what a backtest keeps.
pub(crate) struct Keeper(Recorder);

impl Observer for Keeper {
    fn input(&mut self, _: &Input) -> Result<(), String> {
        Ok(())
    }

    #[inline]
    fn event(&mut self, seq: u64, event: &Event) {
        self.0.event(seq, event);
    }
}

/// Returns a workload's feed as changes of the book.
pub(crate) fn tape(workload: &Workload) -> Result<Vec<(Time, BookDelta)>, Failure> {
    let bytes = workload.generate_itch();
    let mut feed = ItchFeed::new(Time(0), workload.live * 2);
    feed.list(1, &Listing::from(&instrument(0)?)).map_err(Failure::of)?;
    let mut changes = Vec::with_capacity(workload.messages * 2);
    let mut keep = |stamp: Stamp, change| {
        if let Change::Book(delta) = change {
            changes.push((midnight().plus(stamp.event.0 * SLOWER), delta));
        }
    };
    for message in Reader::new(&bytes) {
        feed.convert(&message.map_err(Failure::of)?, &mut keep).map_err(Failure::of)?;
    }
    Ok(changes)
}

/// The floor: the recorded orders' own book, and nobody who trades.
fn book(changes: &[(Time, BookDelta)], books: &mut FeedBooks) -> Result<(), Failure> {
    let unknown = || Failure("floor.backtest.l3: a change of an order that isn't there".to_owned());
    for (_, delta) in changes {
        match delta.action {
            BookAction::Add => {
                let order = Order::new(delta.reference, OrderId(delta.reference), delta.quantity);
                books.rest(delta.instrument, delta.side, delta.price, order).map_err(Failure::of)?;
            }
            BookAction::Reduce | BookAction::Execute | BookAction::Delete => {
                let slot = books.find(delta.instrument, delta.reference).ok_or_else(unknown)?;
                if delta.action == BookAction::Delete || books.books().order(slot).leaves <= delta.quantity {
                    books.remove(slot);
                } else {
                    books.reduce(slot, delta.quantity);
                }
            }
            _ => return Err(Failure("floor.backtest.l3: the workload has no such change".to_owned())),
        }
    }
    Ok(())
}

/// Measures recorded events a second of processor time, and what the book alone takes.
pub(crate) fn measure() -> Figures {
    let changes = tape(&W1)?;
    let took = best(ROUNDS, loop_of, |node| {
        let keeper = play(node, &changes)?;
        check(&W1, node, &keeper, changes.len())
    })?;
    let floor = best(ROUNDS, || Ok(FeedBooks::new(capacity(&W1))), |books| book(&changes, books))?;
    let rate = |took: f64| changes.len() as f64 * 1e9 / took;
    let name = "backtest.l3.maker.events_per_s";
    Ok(vec![Figure::new(name, rate(took)), Figure::new(format!("floor.{name}"), rate(floor))])
}

/// Plays recorded changes to their end and returns what was kept.
#[inline]
pub(crate) fn play(node: &mut Lockstep<Historical>, changes: &[(Time, BookDelta)]) -> Result<Keeper, Failure> {
    let (mut tape, mut keeper) = (Tape { changes, next: 0 }, Keeper(Recorder::new([SessionId(0)], false)));
    node.start(false, &mut tape, &mut keeper).map_err(Failure::of)?;
    while node.step(&mut tape, &mut keeper).map_err(Failure::of)? == Progress::More {}
    node.stop(&mut tape, &mut keeper).map_err(Failure::of)?;
    Ok(keeper)
}

/// Refuses a run that didn't see every recorded change and trade, or in which the maker traded nothing.
pub(crate) fn check(
    workload: &Workload,
    node: &Lockstep<Historical>,
    keeper: &Keeper,
    changes: usize,
) -> Result<(), Failure> {
    let told = node.engine().venue().statistics();
    verify(workload, told.executions, told.executed.0)?;
    if keeper.0.fills.all().is_empty() || told.recorded != changes as u64 {
        return Err(Failure("backtest.l3.maker: the maker traded nothing, or the tape wasn't played".to_owned()));
    }
    Ok(())
}

/// Returns the loop with the maker in it, nothing played.
pub(crate) fn loop_of() -> Result<Lockstep<Historical>, Failure> {
    let mut engine = engine(&W1)?;
    for (seq, body) in (1..).zip(set_up(1, 1)?) {
        let input = Input { seq, time: midnight(), cause: 0, body };
        engine.apply(&input, &mut |_: &Event| ()).map_err(Failure::of)?;
    }
    let desk = Desk::new(SessionId(0), AccountId(0), [instrument(0)?].into());
    let feeds = Feeds { quote: true, ..Feeds::default() };
    let spec = StrategySpec {
        session: SessionId(0),
        account: AccountId(0),
        subscription: Subscription { instruments: Vec::new(), feeds, batch_ns: STEP_NS },
        host: Host::Local(Box::new(Maker), Box::new(desk), None),
        hung_at: None,
    };
    let latency = Latency { place_ns: LATENCY_NS, amend_ns: LATENCY_NS, cancel_ns: LATENCY_NS };
    Lockstep::new(engine, latency, vec![spec]).map_err(Failure::of)
}
