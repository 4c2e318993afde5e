//! The gate alone: an order's check and the settling of its end, every check on, over a thousand accounts; and
//! the floor under it.

use std::hint::black_box;

use omni_risk::{Capacity, Gate, Source};
use omni_types::{
    AccountId, ClientOrderId, InstrumentId, NewOrder, OrderType, Price, Qty, SelfTrade, SessionId, Side, Time,
    TimeInForce,
};

use crate::figure::{Failure, Figure, Figures};
use crate::market::{ACCOUNTS, OPENING, account, instrument};
use crate::slots::{Owner, Slots};
use crate::timing::timed;

/// Every account trades each of these.
const INSTRUMENTS: u32 = 8;
const ORDERS: u64 = 200_000;
const ROUNDS: u64 = 9;

/// Measures the gate's share of an order's life: its check when it comes, and its release when it is done.
pub(crate) fn measure() -> Figures {
    let mut gate = gate()?;
    let mut bare = Slots::new(ACCOUNTS, INSTRUMENTS as usize);
    let (mut best, mut floor) = (f64::INFINITY, f64::INFINITY);
    for round in 0..ROUNDS {
        let orders: Vec<NewOrder> = (1..=ORDERS).map(|number| order(round * ORDERS + number)).collect();
        let (took, passed) = timed(|| pass_all(&mut gate, black_box(&orders)));
        if passed != ORDERS {
            return Err(Failure(format!("risk.gate: {passed} of {ORDERS} orders passed; all must")));
        }
        best = best.min(took);
        floor = floor.min(timed(|| count_all(&mut bare, black_box(&orders))).0);
    }
    if bare.sums() != (0, 0) {
        return Err(Failure("floor.risk.gate: orders are left open; none must be".to_owned()));
    }
    let mean = |took: f64| took / ORDERS as f64;
    Ok(vec![Figure::new("risk.gate.mean_ns", mean(best)), Figure::new("floor.risk.gate.mean_ns", mean(floor))])
}

/// Counts each order when it comes, and when it is done.
fn count_all(bare: &mut Slots, orders: &[NewOrder]) {
    for order in orders {
        let (account, price) = (order.account.0, order.price.0 as u32);
        let owner = Owner { account, instrument: order.instrument.0, side: order.side, price };
        bare.message(account);
        bare.open(owner, order.quantity.0);
        black_box(&mut *bare).done(owner, order.quantity.0);
    }
}

pub(crate) fn pass_all(gate: &mut Gate, orders: &[NewOrder]) -> u64 {
    let mut passed = 0;
    for order in orders {
        if let Ok(pass) = gate.check(order, Time(order.client_order_id.0 as i64 * 1_000)) {
            gate.on_done(pass.slot, order.side, order.quantity);
            passed += 1;
        }
    }
    passed
}

pub(crate) fn gate() -> Result<Gate, Failure> {
    let slots = ACCOUNTS * INSTRUMENTS;
    let capacity = Capacity {
        instruments: INSTRUMENTS,
        accounts: ACCOUNTS,
        sessions: ACCOUNTS,
        slots,
        slots_expected: slots,
        currencies: 1,
    };
    let mut gate = Gate::new(capacity).map_err(Failure::of)?;
    for id in 0..INSTRUMENTS {
        gate.list(&instrument(id)?).map_err(Failure::of)?;
        gate.mark(InstrumentId(id), OPENING, Source::Trade).map_err(Failure::of)?;
    }
    for id in 0..ACCOUNTS {
        gate.open(&account(id)?).map_err(Failure::of)?;
        gate.bind(SessionId(id as u16), AccountId(id), false).map_err(Failure::of)?;
    }
    Ok(gate)
}

/// Draws an order of any account on any instrument, near the reference price.
pub(crate) fn order(number: u64) -> NewOrder {
    let draw = omni_book::mix(number, 42);
    let account = (draw % u64::from(ACCOUNTS)) as u32;
    NewOrder {
        session: SessionId(account as u16),
        client_order_id: ClientOrderId(number),
        account: AccountId(account),
        instrument: InstrumentId((draw >> 12) as u32 % INSTRUMENTS),
        side: if draw >> 40 & 1 == 0 { Side::Buy } else { Side::Sell },
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Day,
        post_only: false,
        self_trade: SelfTrade::CancelNewest,
        price: Price(OPENING.0 - 100 + ((draw >> 20) % 200) as i64),
        quantity: Qty(1 + (draw >> 30) % 100),
    }
}
