//! What an order, a position and an instrument cost the whole engine the more of them there are: it should stay as flat
//! as the floor, which only the caches bend.

use std::hint::black_box;

use omni_engine::Engine;
use omni_matching::{Exchange, MarketData};
use omni_risk::Gate;
use omni_types::{AccountId, Body, Input, SessionId, Side, Time};

use crate::figure::{Failure, Figure, Figures};
use crate::market::{Drain, OPENING, set_up};
use crate::reference::Reference;
use crate::timing::best;
use crate::workload::{Message, Operation, W1, Workload};

/// Commands that are timed.
const COMMANDS: usize = 200_000;
const ROUNDS: usize = 3;
/// Time between inputs: half of what the accounts' throttles let through.
const STEP_NS: i64 = 20_000;
/// Price levels of each side.
const LEVELS: u64 = 50;
/// The account that rests orders, and the one that takes.
const MAKER: u16 = 0;
const TAKER: u16 = 1;

/// What stands before the timing, what is timed, and what must come of it: orders that rest, and trades of the timed.
struct Plan {
    instruments: u16,
    orders: usize,
    before: Vec<Message>,
    timed: Vec<Message>,
    trades: u64,
}

/// Measures placing and cancelling among open orders of one instrument and account.
pub(crate) fn orders() -> Figures {
    growth("orders", &[1_000, 3_200, 10_000, 32_000, 100_000], |open| {
        let mut resting: Vec<Message> = (1..=u64::from(open)).map(|id| rest(id, 0)).collect();
        let before = resting.clone();
        let mut timed = Vec::with_capacity(COMMANDS);
        for id in (u64::from(open) + 1..).take(COMMANDS / 2) {
            let at = (draw(id) % u64::from(open)) as usize;
            timed.push(cancel(resting[at]));
            resting[at] = rest(id, 0);
            timed.push(resting[at]);
        }
        Plan { instruments: 1, orders: open as usize, before, timed, trades: 0 }
    })
}

/// Measures fills of an account that holds positions in so many instruments.
pub(crate) fn positions() -> Figures {
    growth("positions", &[1_000, 3_200, 10_000, 32_000], |held| {
        let trade = |id: u64, instrument: u16| [offer(2 * id - 1, instrument), take(2 * id, instrument)];
        let before = (0..held as u16).flat_map(|instrument| trade(first(instrument), instrument)).collect();
        let next = (u64::from(held) + 1..).take(COMMANDS / 2);
        let timed = next.flat_map(|id| trade(id, (draw(id) % u64::from(held)) as u16)).collect();
        Plan { instruments: held as u16, orders: 0, before, timed, trades: COMMANDS as u64 / 2 }
    })
}

/// Measures placing and cancelling on so many instruments, with an order resting on each.
pub(crate) fn instruments() -> Figures {
    growth("instruments", &[1_000, 3_200, 10_000, 50_000], |listed| {
        let before = (0..listed as u16).map(|instrument| rest(first(instrument), instrument)).collect();
        let next = (u64::from(listed) + 1..).take(COMMANDS / 2);
        let placed = next.map(|id| rest(id, (draw(id) % u64::from(listed)) as u16));
        let timed = placed.flat_map(|order| [order, cancel(order)]).collect();
        Plan { instruments: listed as u16, orders: listed as usize, before, timed, trades: 0 }
    })
}

fn growth(what: &str, sizes: &[u32], plan: impl Fn(u32) -> Plan) -> Figures {
    let mut figures = Vec::new();
    for &size in sizes {
        let (name, plan) = (format!("command.{what}.at{size}.mean_ns"), plan(size));
        let mean = |took: f64| took / plan.timed.len() as f64;
        figures.push(Figure::new(format!("floor.{name}"), mean(bare(&name, &plan)?)));
        figures.push(Figure::new(name.clone(), mean(whole(&name, &plan)?)));
    }
    Ok(figures)
}

/// Times the whole engine.
fn whole(name: &str, plan: &Plan) -> Result<f64, Failure> {
    best(
        ROUNDS,
        || Ok((prepared(plan)?, Drain::default())),
        |(engine, drain)| {
            apply_all(engine, plan.timed.iter().map(body), drain)?;
            let resting = engine.venue().books().live();
            if resting == plan.orders && drain.traded() == (plan.trades, plan.trades) {
                return Ok(());
            }
            let Plan { orders, trades, .. } = plan;
            let (traded, _) = drain.traded();
            Err(Failure(format!(
                "{name}: {resting} orders rest after {traded} trades; must be {orders} after {trades}"
            )))
        },
    )
}

/// Times the floor: the bare matcher on the same messages.
fn bare(name: &str, plan: &Plan) -> Result<f64, Failure> {
    let messages = plan.before.len() + plan.timed.len();
    let workload = Workload { instruments: plan.instruments.into(), live: plan.orders + 16, messages, ..W1 };
    let set_up = || {
        let mut matcher = Reference::new(&workload);
        plan.before.iter().for_each(|message| matcher.apply(message, |_| ()));
        matcher.trades = 0;
        Ok(matcher)
    };
    best(ROUNDS, set_up, |matcher| {
        plan.timed.iter().for_each(|message| matcher.apply(message, |_| ()));
        if black_box(matcher.trades) == plan.trades {
            return Ok(());
        }
        Err(Failure(format!("floor.{name}: {} trades; must be {}", matcher.trades, plan.trades)))
    })
}

fn prepared(plan: &Plan) -> Result<Engine<Exchange>, Failure> {
    let instruments = u32::from(plan.instruments);
    let orders = plan.orders + 16;
    let books = omni_book::Capacity { instruments: plan.instruments.into(), orders, levels: orders };
    let slots = 2 * instruments;
    let gate =
        omni_risk::Capacity { instruments, accounts: 2, sessions: 2, slots, slots_expected: slots, currencies: 1 };
    let capacity = omni_engine::Capacity { instruments: plan.instruments.into(), timers: 1, bar_ns: 0 };
    let venue = Exchange::new(books, MarketData::Off);
    let mut engine = Engine::new(venue, Gate::new(gate).map_err(Failure::of)?, capacity);
    let mut listed = set_up(instruments, 2)?;
    listed.iter_mut().for_each(let_many_orders);
    apply_all(&mut engine, listed, &mut Drain::default())?;
    apply_all(&mut engine, plan.before.iter().map(body), &mut Drain::default())?;
    Ok(engine)
}

/// Lets an account have as many open orders as are measured.
fn let_many_orders(body: &mut Body) {
    if let Body::Account(account) = body {
        account.limits.open_orders_max = 1 << 20;
    }
}

fn apply_all(
    engine: &mut Engine<Exchange>,
    bodies: impl IntoIterator<Item = Body>,
    drain: &mut Drain,
) -> Result<(), Failure> {
    for body in bodies {
        let seq = engine.seq() + 1;
        let input = Input { seq, time: Time(seq as i64 * STEP_NS), cause: 0, body };
        engine.apply(&input, drain).map_err(Failure::of)?;
    }
    Ok(())
}

/// Returns the command that a message is: one account rests and cancels, the other takes.
#[inline]
fn body(message: &Message) -> Body {
    let sender = if message.operation == Operation::Market { TAKER } else { MAKER };
    match message.operation {
        Operation::Cancel => Body::Cancel(message.cancel(SessionId(sender))),
        _ => Body::New(message.order(SessionId(sender), AccountId(sender.into()))),
    }
}

/// Returns the number of the first order on an instrument.
fn first(instrument: u16) -> u64 {
    u64::from(instrument) + 1
}

fn draw(number: u64) -> u64 {
    omni_book::mix(number, 42)
}

/// Returns an order that rests, on either side.
fn rest(id: u64, instrument: u16) -> Message {
    let (away, buys) = (1 + ((draw(id) >> 20) % LEVELS) as i32, draw(id) >> 40 & 1 == 0);
    let (side, away) = if buys { (Side::Buy, -away) } else { (Side::Sell, away) };
    Message { operation: Operation::Add, side, instrument, price: OPENING.0 as i32 + away, quantity: 1, id }
}

fn cancel(order: Message) -> Message {
    Message { operation: Operation::Cancel, ..order }
}

fn offer(id: u64, instrument: u16) -> Message {
    let price = OPENING.0 as i32;
    Message { operation: Operation::Add, side: Side::Sell, instrument, price, quantity: 1, id }
}

fn take(id: u64, instrument: u16) -> Message {
    Message { operation: Operation::Market, side: Side::Buy, instrument, price: 0, quantity: 1, id }
}
