//! The common workload is the peers' own, bit for bit, and the engine makes of it what every engine must.

#![allow(clippy::unwrap_used)]

use omni_bench::workload::{Message, Operation, W1, W50K, W1000, W8000, Workload};
use omni_book::Capacity;
use omni_engine::Engine;
use omni_matching::{Exchange, MarketData};
use omni_port::Venue;
use omni_risk::Gate;
use omni_types::testing::{listed, share};
use omni_types::{
    AccountId, AccountLimits, AccountSpec, Body, Currency, Event, Input, Instrument, InstrumentId, Liquidity, Money,
    Price, Qty, SessionId, Symbol, Throttle, Time,
};

/// Accounts that rest orders, and as many that take.
const MAKERS: u32 = 500;

fn instrument(id: u32) -> Instrument {
    listed(id, share())
}

fn exchange(workload: &Workload) -> Exchange {
    let orders = workload.live * 2;
    let capacity = Capacity { instruments: workload.instruments, orders, levels: orders };
    Exchange::new(capacity, MarketData::Off)
}

/// An order's account: those that rest never meet themselves as takers.
fn account(message: &Message) -> u32 {
    let number = (message.id % u64::from(MAKERS)) as u32;
    if message.operation == Operation::Market { MAKERS + number } else { number }
}

#[derive(Default)]
struct Total {
    trades: u64,
    volume: u64,
}

impl Total {
    fn see(&mut self, event: &Event) {
        if let Event::Report(report) = event {
            self.trades += u64::from(report.liquidity == Liquidity::Maker);
            self.volume += if report.liquidity == Liquidity::Maker { report.last_quantity.0 } else { 0 };
        }
    }

    fn check(&self, workload: &Workload) {
        assert_eq!((self.trades, self.volume), (workload.trades, workload.volume), "{}", workload.name);
    }
}

fn through_exchange(workload: &Workload) {
    let mut exchange = exchange(workload);
    (0..workload.instruments as u32).for_each(|id| exchange.list(&instrument(id)).unwrap());
    let mut total = Total::default();
    let mut sink = |event: &Event| total.see(event);
    for (at, message) in workload.generate().iter().enumerate() {
        let session = SessionId(account(message) as u16);
        match message.operation {
            Operation::Cancel => exchange.cancel(&message.cancel(session), Time(at as i64), &mut sink),
            _ => exchange.submit(&message.order(session, AccountId(account(message))), Time(at as i64), &mut sink),
        }
    }
    total.check(workload);
}

/// Limits that are all looked at and never reached.
fn limits() -> AccountLimits {
    AccountLimits {
        order_quantity_max: Qty(1_000_000),
        order_notional_max: Money(Money::ONE * 1_000_000_000),
        collar_bps: 1_000_000,
        position_max: Qty(1 << 40),
        gross_exposure_max: Money(Money::ONE * 1_000_000_000_000),
        open_orders_max: 1_000_000,
        message_rate: Throttle { count: 1_000_000, window_ns: 1_000 },
        drawdown_max: Money(Money::ONE * 1_000_000_000_000),
    }
}

fn set_up(workload: &Workload) -> impl Iterator<Item = Body> {
    let account = |id: u32| {
        let spec = AccountSpec {
            account: AccountId(id),
            name: Symbol::new("TEST").unwrap(),
            currency: Currency::new("USD").unwrap(),
            cash: Money(Money::ONE * 1_000_000),
            limits: limits(),
            maker_fee_ppm: -1,
            taker_fee_ppm: 3,
            unit_fee: Money::ZERO,
        };
        let session = Body::Session { session: SessionId(id as u16), account: AccountId(id), external: false };
        [Body::Account(Box::new(spec)), session]
    };
    let list = |id: u32| {
        let reference = Body::Reference { instrument: InstrumentId(id), price: Price(10_000) };
        [Body::List(Box::new(instrument(id))), reference]
    };
    (0..workload.instruments as u32).flat_map(list).chain((0..MAKERS * 2).flat_map(account))
}

fn through_engine(workload: &Workload) {
    let slots = (workload.instruments as u32 * MAKERS * 2).min(1 << 20);
    let capacity = omni_risk::Capacity {
        instruments: workload.instruments as u32,
        accounts: MAKERS * 2,
        sessions: MAKERS * 2,
        slots,
        slots_expected: slots / 4,
        currencies: 1,
    };
    let capacities = omni_engine::Capacity { instruments: workload.instruments, timers: 1, bar_ns: 0 };
    let mut engine = Engine::new(exchange(workload), Gate::new(capacity).unwrap(), capacities);
    let orders = workload.generate().into_iter().map(|message| {
        let session = SessionId(account(&message) as u16);
        match message.operation {
            Operation::Cancel => Body::Cancel(message.cancel(session)),
            _ => Body::New(message.order(session, AccountId(account(&message)))),
        }
    });
    let mut total = Total::default();
    for (seq, body) in (1..).zip(set_up(workload).chain(orders)) {
        let input = Input { seq, time: Time(seq as i64 * 1_000), cause: 0, body };
        engine.apply(&input, &mut |event: &Event| total.see(event)).unwrap();
    }
    total.check(workload);
}

#[test]
fn the_exchange_trades_what_it_must() {
    [W1, W1000].iter().for_each(through_exchange);
}

#[test]
fn the_engine_trades_what_it_must_through_the_gate() {
    [W1, W1000].iter().for_each(through_engine);
}

/// Length and 64-bit FNV-1a hash of a file that the peers' own generator wrote.
type File = (usize, u64);

/// FNV-1a: short, and any other program can compute it over the generator's files.
fn fnv1a(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

fn has_the_bytes(workload: &Workload, messages: File, feed: File) {
    let made = workload.generate();
    let hash = made.iter().fold(FNV_START, |hash, message| fnv1a(hash, &Message::to_bytes(message)));
    assert_eq!((made.len() * 24, hash), messages, "messages of {}", workload.name);
    drop(made);
    let made = workload.generate_itch();
    assert_eq!((made.len(), fnv1a(FNV_START, &made)), feed, "feed of {}", workload.name);
}

// What the peers' generator (compiled with g++ -O2, glibc's mathematics) wrote for the four workloads, whole files.

#[test]
fn the_bytes_of_w1_are_those_of_the_peers_generator() {
    has_the_bytes(&W1, (48_000_000, 0x477f_5cd3_53cc_5b95), (80_407_223, 0x6554_a6b6_51c9_8108));
}

#[test]
fn the_bytes_of_w1000_are_those_of_the_peers_generator() {
    has_the_bytes(&W1000, (48_000_000, 0x9f2c_1f8f_a4d9_a5db), (74_849_615, 0xe553_78be_cc51_6c84));
}

#[test]
fn the_bytes_of_w8000_are_those_of_the_peers_generator() {
    has_the_bytes(&W8000, (96_000_000, 0x7a52_4aa1_ddef_6d8e), (138_518_220, 0x18d2_e362_9848_e0a9));
}

#[test]
fn the_bytes_of_w50k_are_those_of_the_peers_generator() {
    has_the_bytes(&W50K, (96_000_000, 0x74d8_3be8_2b46_339b), (138_143_284, 0xf393_c0a6_66e2_bd6a));
}
