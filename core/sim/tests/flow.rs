//! The generated flow as a well-behaved, reproducible client.

use std::collections::BTreeMap;

use omni_sim::flow::{Flow, FlowCommand, FlowConfig, FlowView, Members, universe};
use omni_types::testing::property;
use omni_types::{
    AccountId, Body, ClientOrderId, Event, ExecType, ExecutionReport, InstrumentId, Liquidity, Money, OrdStatus,
    OrderId, OrderType, Price, Qty, Refusal, SessionId, Side, Time, TimeInForce, TopOfBook, TradeId,
};
use proptest::prelude::*;

#[path = "support/day.rs"]
#[allow(dead_code, reason = "this file runs the exchange by hand")]
mod day;

use day::{START, View};

fn hour(seed: u64, instruments: usize) -> FlowConfig {
    let config = FlowConfig::day(seed, START, START.plus(3_600 * Time::SECOND), instruments);
    FlowConfig { commands: 5_000 * instruments as u64, ..config }
}

/// Runs an hour and calls `each` for every command.
fn run(config: FlowConfig, instruments: usize, mut each: impl FnMut(&FlowCommand)) {
    let listings = universe(config.seed, instruments).expect("made-up symbols are valid");
    let (mut exchange, mut flow) = day::open(config, &listings);
    let mut reports = Vec::new();
    while let Some(command) = flow.next(&View(&exchange)) {
        each(&command);
        day::apply(&mut exchange, &command, &mut |event| {
            if let Event::Report(report) = event {
                reports.push(*report);
            }
        });
        reports.drain(..).for_each(|report| flow.on_report(&report));
    }
}

/// Hashes a whole stream (FNV-1a over words; the engine's own digest may change, this must not).
fn digest(config: FlowConfig, instruments: usize) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut word = |word: u64| hash = (hash ^ word).wrapping_mul(0x0000_0100_0000_01b3);
    run(config, instruments, |command| {
        let (session, id, price, quantity) = match &command.body {
            Body::New(o) => (o.session, o.client_order_id, o.price, o.quantity),
            Body::Cancel(c) => (c.session, c.client_order_id, Price(0), Qty::ZERO),
            Body::Amend(a) => (a.session, a.client_order_id, a.price, a.quantity),
            other => panic!("the flow sends orders only, found {other:?}"),
        };
        [command.time.0 as u64, u64::from(session.0), id.0, price.0 as u64, quantity.0].into_iter().for_each(&mut word);
    });
    hash
}

#[test]
fn a_seed_makes_one_stream() {
    assert_eq!(digest(hour(1, 5), 5), digest(hour(1, 5), 5));
    assert_ne!(digest(hour(1, 5), 5), digest(hour(2, 5), 5));
}

/// The floats behind the flow compute the same everywhere; whoever changes the flow on purpose changes this too.
#[test]
fn a_seed_makes_the_same_stream_on_every_machine() {
    assert_eq!(digest(hour(1, 5), 5), 0xded5_2d25_e000_7973);
}

#[test]
fn client_order_ids_rise_and_members_are_known() {
    let config = FlowConfig { first_session: SessionId(40), first_account: AccountId(7), ..hour(3, 6) };
    let accounts: BTreeMap<SessionId, AccountId> = config.members().map(|m| (m.session, m.account)).collect();
    let mut last: BTreeMap<SessionId, ClientOrderId> = BTreeMap::new();
    let mut time = config.start;
    run(config, 6, |command| {
        assert!(command.time >= time && command.time < config.end);
        time = command.time;
        if let Body::New(order) = &command.body {
            assert_eq!(accounts.get(&order.session), Some(&order.account));
            let before = last.insert(order.session, order.client_order_id);
            assert!(before < Some(order.client_order_id), "{before:?} before {}", order.client_order_id);
        }
    });
    assert!(last.len() > 300, "{} members took part", last.len());
}

#[test]
fn every_kind_of_order_is_sent() {
    let mut seen = BTreeMap::new();
    run(hour(4, 6), 6, |command| {
        let kind = match &command.body {
            Body::New(o) => format!("{:?} {:?} {}", o.order_type, o.time_in_force, o.post_only),
            Body::Cancel(_) => "Cancel".to_owned(),
            _ => "Amend".to_owned(),
        };
        *seen.entry(kind).or_insert(0) += 1;
    });
    let kinds: Vec<&str> = seen.keys().map(String::as_str).collect();
    let expected = ["Amend", "Cancel", "Limit Day true", "Limit Fok false", "Limit Gtc false", "Limit Ioc false"];
    assert_eq!(kinds, [&expected[..], &["Market Ioc false"]].concat());
}

#[test]
fn instruments_and_ticks_are_the_engines() {
    let mut listings = universe(1, 3).unwrap();
    listings.iter_mut().for_each(|l| l.spec.tick = 5);
    let config = FlowConfig { first_instrument: InstrumentId(9), ..hour(1, 3) };
    let mut flow = Flow::new(config, &listings).unwrap();
    for _ in 0..2_000 {
        let Some(FlowCommand { body: Body::New(order), .. }) = flow.next(&Fixed(TopOfBook::default())) else {
            continue;
        };
        assert!((9..12).contains(&order.instrument.0) && order.price.0 % 5 == 0, "{order:?}");
    }
}

#[test]
fn fifty_thousand_instruments_fit() {
    let config = FlowConfig { live_orders: 64, ..FlowConfig::day(1, START, day::END, 50_000) };
    let listings = universe(1, 50_000).unwrap();
    let mut flow = Flow::new(config, &listings).unwrap();
    assert!(flow.reserved_bytes() < 250_000_000, "{} bytes", flow.reserved_bytes());
    assert!((0..100_000).all(|_| flow.next(&Fixed(TopOfBook::default())).is_some()));
}

/// A market that is always the same.
struct Fixed(TopOfBook);

impl FlowView for Fixed {
    fn top(&self, _: InstrumentId) -> TopOfBook {
        self.0
    }
}

fn top() -> impl Strategy<Value = TopOfBook> {
    let side = || prop::option::of((1_i64..=1_000_000, 1_u64..2_000_000).prop_map(|(p, q)| (Price(p), Qty(q))));
    (side(), side()).prop_map(|(bid, ask)| TopOfBook { bid, ask })
}

fn report() -> impl Strategy<Value = ExecutionReport> {
    let ids = (0..600_u16, 0..3_000_u64, 0..6_u32);
    let codes = (any::<bool>(), 0..7_usize, 0..6_usize, any::<bool>());
    (ids, codes, any::<u64>(), any::<i64>()).prop_map(|((session, id, instrument), codes, quantity, price)| {
        use ExecType as E;
        use OrdStatus as S;
        let (buys, exec, status, maker) = codes;
        let exec = [E::New, E::Trade, E::Cancelled, E::Replaced, E::Rejected, E::Expired, E::CancelRejected][exec];
        let status = [S::New, S::PartiallyFilled, S::Filled, S::Cancelled, S::Rejected, S::Expired][status];
        ExecutionReport {
            time: START,
            session: SessionId(session),
            client_order_id: ClientOrderId(id),
            order_id: OrderId(1),
            trade_id: TradeId(1),
            account: AccountId(1),
            instrument: InstrumentId(instrument),
            side: if buys { Side::Buy } else { Side::Sell },
            order_type: OrderType::Limit,
            time_in_force: TimeInForce::Day,
            exec_type: exec,
            status,
            reason: Refusal::None,
            liquidity: if maker { Liquidity::Maker } else { Liquidity::Taker },
            price: Price(price),
            quantity: Qty(quantity),
            leaves: Qty(quantity),
            last_price: Price(price),
            last_quantity: Qty(quantity),
            filled: Qty(quantity),
            fee: Money::ZERO,
        }
    })
}

proptest! {
    #![proptest_config(property(64))]

    /// Whatever the market shows and reports, even nonsense, the flow goes on with commands that an engine accepts.
    #[test]
    fn fuzz_nothing_upsets_the_flow(seed in any::<u64>(), steps in prop::collection::vec((top(), report()), 1..100)) {
        let members = Members { makers: 12, investors: 1, institutions: 4, takers: 1 };
        let config = FlowConfig { live_orders: 32, members, ..hour(seed, 3) };
        let listings = universe(seed, 3).unwrap();
        let mut flow = Flow::new(config, &listings).unwrap();
        for (top, report) in steps.iter().cycle().take(1_000) {
            flow.on_report(report);
            let command = flow.next(&Fixed(*top)).expect("an hour is longer");
            let (price, quantity) = match &command.body {
                Body::New(order) if order.order_type == OrderType::Market => (Price(1), order.quantity),
                Body::New(order) => (order.price, order.quantity),
                Body::Amend(amend) => (amend.price, amend.quantity),
                _ => continue,
            };
            prop_assert!((1..=1_000_000).contains(&price.0), "{command:?}");
            prop_assert!(quantity.0 > 0, "{command:?}");
        }
        prop_assert!(flow.live_orders() <= 3 * 32);
    }
}
