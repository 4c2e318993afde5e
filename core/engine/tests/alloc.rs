//! After its start the engine allocates nothing on the command path: gate, exchange, timers, bars and hash together.

#![allow(clippy::unwrap_used)]

mod support;

use std::sync::Arc;

use omni_ring::alloc::{CountingAllocator, allocations_in};
use omni_types::{
    AccountLimits, AccountSpec, Action, Adjust, Body, Event, ExecType, Input, InstrumentId, Money, Price, Ratio, Side,
    Symbol, TickRow, TickTable, Time,
};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use support::{Feed, account, command, limit};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Commands of every kind, good and bad: orders, cancels, amends, mass cancels, timers.
fn commands(count: usize) -> Vec<Body> {
    let mut runner = TestRunner::deterministic();
    let strategy = command();
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

/// A session's numbers must grow for its orders to pass.
fn numbered(body: Body, number: u64) -> Body {
    match body {
        Body::New(mut order) => {
            order.client_order_id.0 = number / 4;
            Body::New(order)
        }
        Body::Special(mut special) => {
            special.order.client_order_id.0 = number / 4;
            Body::Special(special)
        }
        Body::Cancel(mut cancel) => {
            cancel.client_order_id.0 = number.saturating_sub(cancel.client_order_id.0) / 4;
            Body::Cancel(cancel)
        }
        Body::Amend(mut amend) => {
            amend.client_order_id.0 = number.saturating_sub(amend.client_order_id.0) / 4;
            Body::Amend(amend)
        }
        other => other,
    }
}

#[test]
fn commands_allocate_nothing() {
    let mut feed = Feed::new();
    for id in 0..3 {
        let wide = AccountSpec { limits: AccountLimits::WIDE, ..account(id) };
        feed.send(Body::Account(Box::new(wide))).unwrap();
    }
    let first = feed.engine.seq() + 1;
    let input = |(seq, body): (u64, Body)| Input {
        seq,
        // A hundred a second: bars and timers fall due all the time.
        time: Time(seq as i64 * 10_000_000),
        cause: 0,
        body: numbered(body, seq),
    };
    let inputs: Vec<Input> = (first..).zip(commands(50_000)).map(input).collect();
    let (mut events, mut trades, mut bars, mut triggered) = (0_u64, 0_u64, 0_u64, 0_u64);
    let mut sink = |event: &Event| {
        events += 1;
        trades += u64::from(matches!(event, Event::Trade(_)));
        bars += u64::from(matches!(event, Event::Bar(_)));
        triggered += u64::from(matches!(event, Event::Report(r) if r.exec_type == ExecType::Triggered));
    };
    let engine = &mut feed.engine;
    let ((), count) = allocations_in(|| {
        for input in &inputs {
            engine.apply(input, &mut sink).unwrap();
        }
    });
    assert!(trades > 1_000 && bars > 100 && events > 50_000, "{trades} trades, {bars} bars, {events} events");
    assert!(triggered > 100, "{triggered} stops");
    assert_eq!(count, 0, "allocations in {} inputs", inputs.len());
}

#[test]
fn tick_tables_and_corporate_actions_allocate_nothing() {
    let mut feed = Feed::new();
    feed.expect(Body::New(limit(0, 1, Side::Buy, 100)));
    feed.expect(Body::New(limit(1, 1, Side::Sell, 100)));
    feed.expect(Body::New(limit(0, 2, Side::Buy, 90)));
    let table = TickTable::new(&[TickRow { from: Price(0), tick: 5 }]).unwrap();
    let adjust = |action| Body::Adjust(Box::new(Adjust { instrument: InstrumentId(0), action }));
    let bodies = [
        Body::Ticks { instrument: InstrumentId(0), table: Arc::new(table) },
        adjust(Action::Split(Ratio::new(3, 7).unwrap())),
        adjust(Action::Dividend { cash: Money(1) }),
        adjust(Action::Rename(Symbol::new("NEW").unwrap())),
    ];
    let first = feed.engine.seq() + 1;
    let input = |(seq, body): (u64, Body)| Input { seq, time: Time(feed.now), cause: 0, body };
    let inputs: Vec<Input> = (first..).zip(bodies).map(input).collect();
    let mut events = 0;
    let ((), count) = allocations_in(|| {
        for input in &inputs {
            feed.engine.apply(input, &mut |_: &Event| events += 1).unwrap();
        }
    });
    assert!(events > 3, "{events} events");
    assert_eq!(count, 0);
}
