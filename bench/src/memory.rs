//! What 50,000 books take of memory.

use std::hint::black_box;

use omni_book::Capacity;
use omni_matching::{Exchange, MarketData};
use omni_port::{Sink, Venue};
use omni_types::{
    AccountId, ClientOrderId, Event, ExecType, InstrumentId, NewOrder, OrderType, Price, Qty, SelfTrade, SessionId,
    Side, Time, TimeInForce,
};

use crate::figure::{Failure, Figure, Figures};
use crate::market::{OPENING, instrument};

const INSTRUMENTS: u32 = 50_000;
/// Room for a million open orders, each at a price of its own.
const ORDERS: usize = 1 << 20;

/// Measures by how much the process grows with the exchange and `levels` orders on each side of every book.
///
/// Only a fresh process says what it means: memory that others have given back would be used again.
pub(crate) fn measure(levels: i64) -> Figures {
    let before = resident()?;
    let mut exchange = exchange()?;
    let mut refused = Refused(0);
    for id in 0..INSTRUMENTS {
        fill(&mut exchange, InstrumentId(id), levels, &mut refused);
    }
    let wanted = INSTRUMENTS as usize * 2 * levels as usize;
    if refused.0 > 0 || exchange.books().live() != wanted {
        return Err(Failure(format!("memory: {} orders rest, must be {wanted}", exchange.books().live())));
    }
    let grown = resident()? - before;
    black_box(&exchange);
    let name = if levels == 0 { "empty" } else { "orders20" };
    let floor = needed(wanted) as f64 / 1e6;
    let name = format!("memory.books50k.{name}_mb");
    Ok(vec![Figure::new(format!("floor.{name}"), floor), Figure::new(name, grown)])
}

/// What a book can't do without: its range of prices, tick, lot and largest quantity, and where each side begins.
const BOOK: usize = 5 * 8 + 2 * 4;
/// What a price can't: itself, what is open there, and the first and last order.
const LEVEL: usize = 8 + 8 + 2 * 4;
/// What an order can't: its client's number, what is open and what was, who sent it for whom, and whose place is next.
const ORDER: usize = 8 + 8 + 8 + 2 + 4 + 4;

/// Returns how many bytes hold the state of all books, packed, with nothing to find it by: `orders`, each at a price of
/// its own.
const fn needed(orders: usize) -> usize {
    INSTRUMENTS as usize * BOOK + orders * (LEVEL + ORDER)
}

struct Refused(usize);

impl Sink for Refused {
    fn event(&mut self, event: &Event) {
        self.0 += usize::from(matches!(event, Event::Report(report) if report.exec_type == ExecType::Rejected));
    }
}

fn exchange() -> Result<Exchange, Failure> {
    let capacity = Capacity { instruments: INSTRUMENTS as usize, orders: ORDERS, levels: ORDERS };
    let mut exchange = Exchange::new(capacity, MarketData::Published);
    for id in 0..INSTRUMENTS {
        exchange.list(&instrument(id)?).map_err(Failure::of)?;
    }
    Ok(exchange)
}

fn fill(exchange: &mut Exchange, instrument: InstrumentId, levels: i64, sink: &mut Refused) {
    for (side, away) in Side::BOTH.into_iter().flat_map(|side| (1..=levels).map(move |away| (side, away))) {
        let number = (u64::from(instrument.0) * 2 + side as u64) * levels as u64 + away as u64;
        let order = NewOrder {
            session: SessionId(0),
            client_order_id: ClientOrderId(number),
            account: AccountId(0),
            instrument,
            side,
            order_type: OrderType::Limit,
            time_in_force: TimeInForce::Day,
            post_only: false,
            self_trade: SelfTrade::CancelNewest,
            price: Price(OPENING.0 - side.sign() * away),
            quantity: Qty(100),
        };
        exchange.submit(&order, Time(0), sink);
    }
}

/// Returns the process's resident memory in megabytes of a million bytes.
fn resident() -> Result<f64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status").map_err(Failure::of)?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
    kilobytes.map(|kb| kb * 1024.0 / 1e6).ok_or_else(|| Failure("/proc/self/status has no VmRSS".to_owned()))
}
