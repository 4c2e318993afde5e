//! Times the gate over 1,000 accounts with every check enabled: `cargo run --release -p omni-risk --example gate`.
//!
//! Orders, accounts, instruments and prices are drawn before the clock starts. Each figure is the mean of the best and
//! of the median of 101 rounds of 20,000 orders.

use std::hint::black_box;
use std::time::Instant;

use omni_risk::{Capacity, Fill, Gate, Source};
use omni_types::{
    AccountId, AccountLimits, AccountSpec, ClientOrderId, ContractTerms, Currency, Decimal, Instrument, InstrumentId,
    InstrumentSpec, Liquidity, Mic, Money, NewOrder, OrderType, Price, Qty, SelfTrade, SessionId, Side, Symbol,
    Throttle, Time, TimeInForce,
};

const ACCOUNTS: u32 = 1_000;
const ORDERS: usize = 20_000;
const ROUNDS: usize = 101;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    println!("{:>11} {:>28} {:>9} {:>9}", "instruments", "work per order", "best ns", "median ns");
    for instruments in [1, 8, 100, 1_000] {
        let mut gate = gate(instruments)?;
        let mut next = 0;
        let mut round = |work: fn(&mut Gate, &[NewOrder]) -> u64| {
            let mut times: Vec<f64> = (0..ROUNDS).map(|_| time(&mut gate, instruments, &mut next, work)).collect();
            times.sort_by(f64::total_cmp);
            (times[0], times[ROUNDS / 2])
        };
        for (name, work) in WORKS {
            let (best, median) = round(work);
            println!("{instruments:>11} {name:>28} {best:>9.1} {median:>9.1}");
        }
    }
    Ok(())
}

type Work = fn(&mut Gate, &[NewOrder]) -> u64;

const WORKS: [(&str, Work); 4] = [
    ("check, done", check_done),
    ("check, fill, done", check_fill_done),
    ("refused by the collar", refused),
    ("explain", explain),
];

fn time(gate: &mut Gate, instruments: u32, next: &mut u64, work: Work) -> f64 {
    let orders = orders(instruments, next);
    let begin = Instant::now();
    let passed = work(gate, &orders);
    let elapsed = begin.elapsed().as_nanos() as f64 / ORDERS as f64;
    assert!(black_box(passed) > 0, "nothing was done");
    elapsed
}

fn at(order: &NewOrder) -> Time {
    Time(order.client_order_id.0 as i64 * 1_000)
}

fn check_done(gate: &mut Gate, orders: &[NewOrder]) -> u64 {
    let mut passed = 0;
    for order in orders {
        if let Ok(pass) = gate.check(order, at(order)) {
            gate.on_done(pass.slot, order.side, order.quantity);
            passed += 1;
        }
    }
    assert_eq!(passed, ORDERS as u64, "every order passes every check");
    passed
}

fn check_fill_done(gate: &mut Gate, orders: &[NewOrder]) -> u64 {
    let mut passed = 0;
    for order in orders {
        if let Ok(pass) = gate.check(order, at(order)) {
            let NewOrder { side, price, quantity, .. } = *order;
            gate.on_fill(&Fill { slot: pass.slot, side, price, quantity, liquidity: Liquidity::Maker });
            gate.on_done(pass.slot, side, Qty::ZERO);
            passed += 1;
        }
    }
    assert!(passed > ORDERS as u64 * 9 / 10, "nearly every order passes");
    passed
}

fn refused(gate: &mut Gate, orders: &[NewOrder]) -> u64 {
    let far = |order: &NewOrder| NewOrder { price: Price(10_000 + 5_000 * order.side.sign()), ..*order };
    orders.iter().filter(|order| gate.check(&far(order), at(order)).is_err()).count() as u64
}

fn explain(gate: &mut Gate, orders: &[NewOrder]) -> u64 {
    orders.iter().map(|order| gate.explain(order, at(order)).iter().filter(|check| check.passed).count() as u64).sum()
}

fn gate(instruments: u32) -> Result<Gate, Failure> {
    let slots = (ACCOUNTS * instruments).min(100_000);
    let mut gate = Gate::new(Capacity {
        instruments,
        accounts: ACCOUNTS,
        sessions: ACCOUNTS,
        slots,
        slots_expected: slots.min(10_000),
        currencies: 4,
    })?;
    for id in 0..instruments {
        gate.list(&Instrument::new(InstrumentId(id), equity()?)?)?;
        gate.mark(InstrumentId(id), Price(10_000), Source::Trade)?;
    }
    for id in 0..ACCOUNTS {
        gate.open(&account(AccountId(id))?)?;
        gate.bind(SessionId(id as u16), AccountId(id), false)?;
    }
    Ok(gate)
}

fn equity() -> Result<InstrumentSpec, Failure> {
    Ok(InstrumentSpec {
        symbol: Symbol::new("TEST")?,
        venue: Mic::new("XNAS")?,
        asset_class: omni_types::AssetClass::Equity,
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
    })
}

fn account(account: AccountId) -> Result<AccountSpec, Failure> {
    let dollars = |whole: i128| Money(whole * Money::ONE);
    Ok(AccountSpec {
        account,
        name: Symbol::new("BENCH")?,
        currency: Currency::new("USD")?,
        cash: dollars(10_000_000),
        limits: AccountLimits {
            order_quantity_max: Qty(10_000),
            order_notional_max: dollars(1_000_000),
            collar_bps: 500,
            position_max: Qty(1_000_000),
            gross_exposure_max: dollars(500_000_000),
            open_orders_max: 100,
            message_rate: Throttle { count: 100_000, window_ns: Time::SECOND },
            drawdown_max: dollars(5_000_000),
        },
        maker_fee_ppm: -20,
        taker_fee_ppm: 30,
        unit_fee: Money(Money::ONE / 1_000),
    })
}

/// Draws a round of orders: any account; for many instruments each account keeps to 100 of them.
fn orders(instruments: u32, next: &mut u64) -> Vec<NewOrder> {
    (0..ORDERS)
        .map(|_| {
            *next += 1;
            let draw = fold(*next);
            let account = (draw % u64::from(ACCOUNTS)) as u32;
            let among = u64::from(instruments.min(100));
            let instrument = (account * 7 + ((draw >> 12) % among) as u32) % instruments;
            NewOrder {
                session: SessionId(account as u16),
                client_order_id: ClientOrderId(*next),
                account: AccountId(account),
                instrument: InstrumentId(instrument),
                side: if draw >> 40 & 1 == 0 { Side::Buy } else { Side::Sell },
                order_type: OrderType::Limit,
                time_in_force: TimeInForce::Day,
                post_only: false,
                self_trade: SelfTrade::CancelNewest,
                price: Price(9_900 + ((draw >> 20) % 200) as i64),
                quantity: Qty(1 + (draw >> 30) % 100),
            }
        })
        .collect()
}

fn fold(word: u64) -> u64 {
    let wide = u128::from(word ^ 0x9E37_79B9_7F4A_7C15) * 0xD6E8_FEB8_6659_FD93;
    wide as u64 ^ (wide >> 64) as u64
}
