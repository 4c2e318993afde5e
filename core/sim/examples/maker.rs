//! Times the historical simulator on recorded orders: `cargo run --release -p omni-sim --example maker`.
//!
//! Two million made-up recorded changes (about half adds, the others cancels and executions of what stands first, some
//! 5,000 orders resting) are played idle; with a maker that amends both of its quotes on every tenth change, to the best price and one
//! tick behind it in turn; and with one that also asks for its places in the queue each time. Prints nanoseconds of processor
//! time per recorded change, best of five; wall-clock time where the system doesn't tell the thread's own.

use std::time::Instant;

use omni_port::Venue;
use omni_sim::historical::{BarRules, Capacity, Config, Data, Historical, Reach, TradeRules};
use omni_types::{
    AccountId, AmendOrder, AssetClass, BookAction, BookDelta, ClientOrderId, ContractTerms, Currency, Decimal, Event,
    Instrument, InstrumentId, InstrumentSpec, Mic, NewOrder, OrderType, Price, Qty, SelfTrade, SessionId, Side, Symbol,
    Time, TimeInForce, TopOfBook,
};

const CHANGES: usize = 2_000_000;
const ME: SessionId = SessionId(0);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Maker {
    Idle,
    Quotes,
    QuotesAndQueue,
}

/// A share with prices from 1 to 1,000,000.
fn share() -> Result<Instrument, Box<dyn std::error::Error>> {
    let spec = InstrumentSpec {
        symbol: Symbol::new("ACME")?,
        venue: Mic::new("XNAS")?,
        asset_class: AssetClass::Equity,
        currency: Currency::new("USD")?,
        price_unit: Decimal::new(1, -2),
        quantity_unit: Decimal::ONE,
        multiplier: Decimal::ONE,
        tick: 1,
        lot: Qty(1),
        price_min: Price(1),
        price_max: Price(1_000_000),
        quantity_max: Qty(1_000_000),
        terms: ContractTerms::NONE,
    };
    Ok(Instrument::new(InstrumentId(0), spec)?)
}

/// A xorshift generator (Marsaglia): the same changes in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }
}

/// Makes the changes; a book of its own says what stands first.
fn changes() -> Result<Vec<BookDelta>, Box<dyn std::error::Error>> {
    let (mut random, mut venue, mut mid) = (Random(42), venue()?, 100_000_i64);
    let (mut live, mut made) = (Vec::<u64>::new(), Vec::with_capacity(CHANGES));
    let mut reference = 0;
    while made.len() < CHANGES {
        let side = if random.below(2) == 0 { Side::Buy } else { Side::Sell };
        let kind = random.below(100);
        let at = random.below(live.len().max(1) as u64) as usize;
        let mut delta = BookDelta {
            instrument: InstrumentId(0),
            action: BookAction::Add,
            side,
            last: true,
            reference: reference + 1,
            price: Price(mid - side.sign() * (1 + depth(&mut random))),
            quantity: Qty(1 + random.below(100)),
        };
        let book = venue.books();
        let first = book.best(InstrumentId(0), side).map(|level| *book.order(book.front(level)));
        match first {
            Some(order) if kind < 4 || crosses(&venue, &delta) => {
                (delta.action, delta.reference) = (BookAction::Execute, order.key);
                delta.quantity = delta.quantity.min(order.leaves);
                mid += side.opposite().sign() * i64::from(random.below(4) == 0);
            }
            _ if kind < 52 && live.len() > 5_000 => {
                (delta.action, delta.reference) = (BookAction::Delete, live.swap_remove(at));
            }
            _ => {
                reference += 1;
                live.push(reference);
            }
        }
        let known = venue.statistics().unknown_references;
        venue.on_book(&delta, Time(0), &mut |_: &Event| ()).map_err(|refusal| refusal.to_string())?;
        // An executed order that was picked for a cancel has gone already.
        if venue.statistics().unknown_references == known {
            made.push(delta);
        }
    }
    Ok(made)
}

/// Ticks behind the best, geometric with a mean of eight.
fn depth(random: &mut Random) -> i64 {
    (0..64).take_while(|_| random.below(9) != 0).count() as i64
}

fn crosses(venue: &Historical, delta: &BookDelta) -> bool {
    let TopOfBook { bid, ask } = venue.top(InstrumentId(0));
    match delta.side {
        Side::Buy => ask.is_some_and(|(ask, _)| ask <= delta.price),
        Side::Sell => bid.is_some_and(|(bid, _)| bid >= delta.price),
    }
}

fn venue() -> Result<Historical, Box<dyn std::error::Error>> {
    let capacity = Capacity { instruments: 1, recorded_orders: 65_536, recorded_levels: 16_384, orders: 64 };
    let config = Config {
        capacity,
        data: Data::Orders,
        reach: Reach::Through,
        bars: BarRules::default(),
        trades: TradeRules::default(),
    };
    let mut venue = Historical::new(config);
    venue.list(&share()?).map_err(|refusal| refusal.to_string())?;
    Ok(venue)
}

fn limit(id: u64, side: Side, price: Price) -> NewOrder {
    NewOrder {
        session: ME,
        client_order_id: ClientOrderId(id),
        account: AccountId(0),
        instrument: InstrumentId(0),
        side,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Gtc,
        post_only: true,
        self_trade: SelfTrade::CancelNewest,
        price,
        quantity: Qty(10),
    }
}

/// What a run leaves.
#[derive(Default)]
struct Tally {
    fills: u64,
    amends: u64,
    queued: u64,
}

/// Moves a side's quote to a price, or places it where it has gone.
fn quote(venue: &mut Historical, ids: &mut [u64; 2], next: &mut u64, (side, price): (Side, Price), tally: &mut Tally) {
    let id = ClientOrderId(ids[side.index()]);
    let mut fills = 0;
    let mut sink = |event: &Event| fills += u64::from(matches!(event, Event::Report(report) if report.is_fill()));
    match venue.order(ME, id) {
        Some(order) if order.price == price => {}
        Some(order) => {
            let quantity = Qty(order.filled.0 + 10);
            venue.amend(&AmendOrder { session: ME, client_order_id: id, price, quantity }, Time(0), &mut sink);
            tally.amends += 1;
        }
        None => {
            *next += 1;
            ids[side.index()] = *next;
            venue.submit(&limit(*next, side, price), Time(0), &mut sink);
        }
    }
    tally.fills += fills;
}

fn run(changes: &[BookDelta], maker: Maker) -> Result<Tally, Box<dyn std::error::Error>> {
    let (mut venue, mut tally) = (venue()?, Tally::default());
    let (mut ids, mut next) = ([0; 2], 0);
    for (at, delta) in changes.iter().enumerate() {
        let mut fills = 0;
        let mut sink = |event: &Event| fills += u64::from(matches!(event, Event::Report(report) if report.is_fill()));
        venue.on_book(delta, Time(0), &mut sink).map_err(|refusal| refusal.to_string())?;
        tally.fills += fills;
        if maker == Maker::Idle || at % 10 != 0 {
            continue;
        }
        if let TopOfBook { bid: Some((bid, _)), ask: Some((ask, _)) } = venue.top(InstrumentId(0)) {
            let behind = (at / 10 % 2) as i64;
            quote(&mut venue, &mut ids, &mut next, (Side::Buy, Price(bid.0 - behind)), &mut tally);
            quote(&mut venue, &mut ids, &mut next, (Side::Sell, Price(ask.0 + behind)), &mut tally);
        }
        if maker == Maker::QuotesAndQueue {
            for id in ids {
                tally.queued += venue.queue_ahead(ME, ClientOrderId(id)).unwrap_or_default().0;
            }
        }
    }
    Ok(tally)
}

/// The thread's processor time in nanoseconds, as Linux tells it.
fn thread_ns() -> Option<f64> {
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let changes = changes()?;
    let cases = [("idle", Maker::Idle), ("maker", Maker::Quotes), ("maker that asks its queue", Maker::QuotesAndQueue)];
    for (name, maker) in cases {
        let mut best = f64::INFINITY;
        let mut tally = Tally::default();
        for _ in 0..5 {
            let (start, cpu) = (Instant::now(), thread_ns());
            tally = run(&changes, maker)?;
            let wall = start.elapsed().as_nanos() as f64;
            best = best.min(thread_ns().zip(cpu).map_or(wall, |(end, start)| end - start));
        }
        let nanos = best / changes.len() as f64;
        let Tally { fills, amends, queued } = tally;
        println!(
            "{name}: {nanos:.1} ns a change, {:.1} M/s; {amends} amends, {fills} fills, {queued} queued",
            1e3 / nanos
        );
    }
    Ok(())
}
