//! The exchange against a naive one, event by event.

#![allow(clippy::unwrap_used)]

mod model;

use std::collections::BTreeSet;

use model::Model;
use omni_book::Capacity;
use omni_matching::{Exchange, MarketData};
use omni_port::{Selection, Venue};
use omni_types::testing::{listed, property, share, specials, terms};
use omni_types::{
    AccountId, AmendOrder, AssetClass, CancelOrder, ClientOrderId, Decimal, Event, ExecType, ExecutionReport,
    Instrument, InstrumentId, InstrumentSpec, NewOrder, OrdStatus, OrderId, OrderType, Price, Qty, Refusal, SelfTrade,
    SessionId, Side, SpecialOrder, Time, TimeInForce, TradeId, TradingState,
};
use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
enum Command {
    New(NewOrder),
    Special(SpecialOrder),
    Cancel(CancelOrder),
    Amend(AmendOrder),
    CancelAll(Selection, Refusal),
    State(InstrumentId, TradingState),
}

fn instrument(id: u32, (tick, lot): (i64, u64), prices: (i64, i64), quantity_max: u64) -> Instrument {
    listed(
        id,
        InstrumentSpec {
            asset_class: AssetClass::Future,
            price_unit: Decimal::new(1, -16),
            tick,
            lot: Qty(lot),
            price_min: Price(prices.0),
            price_max: Price(prices.1),
            quantity_max: Qty(quantity_max),
            ..share()
        },
    )
}

/// One with negative prices, one with a tick and a lot, one wide enough for deep ladders.
fn instruments() -> [Instrument; 3] {
    [
        instrument(0, (1, 1), (-6, 6), 40),
        instrument(1, (5, 10), (-20, 40), 200),
        instrument(2, (1, 1), (-400, 400), 1_000),
    ]
}

fn instrument_id() -> impl Strategy<Value = InstrumentId> {
    prop_oneof![20 => 0..3_u32, 1 => 3..5_u32, 1 => Just(u32::MAX)].prop_map(InstrumentId)
}

fn session() -> impl Strategy<Value = SessionId> {
    (0..3_u16).prop_map(SessionId)
}

fn client_order_id() -> impl Strategy<Value = ClientOrderId> {
    prop_oneof![30 => 0..60_u64, 1 => Just(u64::MAX)].prop_map(ClientOrderId)
}

fn price() -> impl Strategy<Value = Price> {
    let extreme = prop_oneof![Just(i64::MIN), Just(i64::MAX)];
    prop_oneof![30 => -7..8_i64, 10 => -200..200_i64, 10 => (-4..9_i64).prop_map(|n| n * 5), 1 => extreme]
        .prop_map(Price)
}

fn quantity() -> impl Strategy<Value = Qty> {
    let whole = (0..20_u64).prop_map(|lots| lots * 10);
    prop_oneof![20 => 0..45_u64, 10 => whole, 1 => Just(u64::MAX)].prop_map(Qty)
}

fn new_order() -> impl Strategy<Value = NewOrder> {
    let kind = prop_oneof![6 => Just(OrderType::Limit), 1 => Just(OrderType::Market)];
    let force = prop_oneof![
        6 => Just(TimeInForce::Day), 4 => Just(TimeInForce::Gtc), 1 => Just(TimeInForce::Ioc), 1 => Just(TimeInForce::Fok)
    ];
    let side = prop_oneof![Just(Side::Buy), Just(Side::Sell)];
    let instructions = (prop::bool::weighted(0.1), prop::sample::select(SelfTrade::ALL.to_vec()));
    let terms = (kind, force, instructions, price(), quantity(), side);
    (session(), client_order_id(), 0..4_u32, instrument_id(), terms).prop_map(
        |(session, client_order_id, account, instrument, terms)| {
            let (order_type, time_in_force, (post_only, self_trade), price, quantity, side) = terms;
            let account = AccountId(account);
            NewOrder {
                session,
                client_order_id,
                account,
                instrument,
                side,
                order_type,
                time_in_force,
                post_only,
                self_trade,
                price,
                quantity,
            }
        },
    )
}

/// Most orders with special terms have a time in force that goes with them, and an end where they need one.
fn special_order() -> impl Strategy<Value = SpecialOrder> {
    specials(new_order(), terms(price(), -3..4, 30), 300)
}

fn command() -> impl Strategy<Value = Command> {
    let selection = (
        prop::option::of(session()),
        prop::option::of((0..4_u32).prop_map(AccountId)),
        prop::option::of(instrument_id()),
        prop::option::of(prop::sample::select(Side::BOTH.to_vec())),
    );
    let selection =
        selection.prop_map(|(session, account, instrument, side)| Selection { session, account, instrument, side });
    let reason = prop_oneof![Just(Refusal::None), Just(Refusal::KillSwitch), Just(Refusal::Stopped)];
    let state = prop_oneof![6 => Just(TradingState::Open), 5 => prop::sample::select(TradingState::ALL.to_vec())];
    prop_oneof![
        40 => new_order().prop_map(Command::New),
        30 => special_order().prop_map(Command::Special),
        12 => (session(), client_order_id()).prop_map(|(session, client_order_id)| {
            Command::Cancel(CancelOrder { session, client_order_id })
        }),
        20 => (session(), client_order_id(), price(), quantity()).prop_map(|(session, client_order_id, price, quantity)| {
            Command::Amend(AmendOrder { session, client_order_id, price, quantity })
        }),
        1 => (selection, reason).prop_map(|(selection, reason)| Command::CancelAll(selection, reason)),
        4 => (instrument_id(), state).prop_map(|(instrument, state)| Command::State(instrument, state)),
    ]
}

/// An exchange of three instruments, and an instrument more than there is room for.
fn exchange(capacity: Capacity, market_data: MarketData) -> Exchange {
    let mut exchange = Exchange::new(capacity, market_data);
    instruments().iter().for_each(|instrument| exchange.list(instrument).unwrap());
    assert_eq!(exchange.list(&instrument(3, (1, 1), (0, 1), 1)), Err(Refusal::UnknownInstrument));
    exchange
}

fn apply(exchange: &mut Exchange, command: Command, time: Time) -> Vec<Event> {
    let mut events = Vec::new();
    let mut sink = |event: &Event| events.push(*event);
    if exchange.next_deadline().is_some_and(|due| due <= time) {
        exchange.pass_deadline(time, &mut sink);
    }
    match command {
        Command::New(order) => exchange.submit(&order, time, &mut sink),
        Command::Special(special) => exchange.submit_special(&special, time, &mut sink),
        Command::Cancel(cancel) => exchange.cancel(&cancel, time, &mut sink),
        Command::Amend(amend) => exchange.amend(&amend, time, &mut sink),
        Command::CancelAll(selection, reason) => exchange.cancel_all(selection, reason, time, &mut sink),
        Command::State(instrument, state) => exchange.set_state(instrument, state, time, &mut sink),
    }
    events
}

fn apply_model(model: &mut Model, command: Command, time: Time) -> Vec<Event> {
    let model = model.at(time);
    model.expire(time);
    match command {
        Command::New(order) => model.submit(&order),
        Command::Special(special) => model.submit_special(&special),
        Command::Cancel(cancel) => model.cancel(&cancel),
        Command::Amend(amend) => model.amend(&amend),
        Command::CancelAll(selection, reason) => model.cancel_all(selection, reason),
        Command::State(instrument, state) => model.set_state(instrument, state),
    }
    model.events.clone()
}

/// What must hold of any exchange's reports, whatever its rules.
#[derive(Default)]
struct Audit {
    orders: BTreeSet<OrderId>,
    trades: BTreeSet<TradeId>,
    bought: u64,
    sold: u64,
}

impl Audit {
    fn see(&mut self, events: &[Event]) {
        events
            .iter()
            .filter_map(|e| if let Event::Report(r) = e { Some(r) } else { None })
            .for_each(|r| self.report(r));
        assert_eq!(self.bought, self.sold, "what is bought is sold");
    }

    fn report(&mut self, r: &ExecutionReport) {
        if r.status.is_open() || r.status == OrdStatus::Filled {
            assert_eq!(r.filled.0 + r.leaves.0, r.quantity.0, "{r:?}");
        } else {
            assert_eq!(r.leaves, Qty::ZERO, "{r:?}");
        }
        assert_eq!(r.status == OrdStatus::Filled, r.filled == r.quantity && r.is_fill(), "{r:?}");
        match r.exec_type {
            ExecType::New => assert!(self.orders.insert(r.order_id), "order id repeats: {r:?}"),
            ExecType::Trade => {
                assert!(r.last_quantity > Qty::ZERO && r.last_quantity <= r.filled);
                let newest = self.trades.last().copied();
                // Maker and taker carry the same number, and nobody else.
                assert!(self.trades.insert(r.trade_id) || newest == Some(r.trade_id), "trade id repeats: {r:?}");
                *(if r.side == Side::Buy { &mut self.bought } else { &mut self.sold }) += r.last_quantity.0;
            }
            _ => {}
        }
    }
}

fn compare(exchange: &Exchange, model: &Model) {
    for id in (0..instruments().len() as u32).map(InstrumentId) {
        let top = exchange.top(id);
        assert!(!top.is_crossed() || exchange.state(id) != TradingState::Open);
        assert_eq!(top, model.top(id));
        for side in Side::BOTH {
            let depth: u64 = exchange.depth(id, side, usize::MAX).map(|depth| depth.quantity.0).sum();
            let resting = model.slots[0].iter().flatten().filter(|r| (r.order.instrument, r.order.side) == (id, side));
            assert_eq!(depth, resting.map(|resting| resting.leaves).sum::<u64>());
        }
    }
    let mut found = Vec::new();
    exchange.for_each_order(Selection::default(), &mut |order| found.push(*order));
    let resting: Vec<&model::Resting> = model.slots.iter().flatten().flatten().collect();
    assert_eq!(found.len(), resting.len());
    for (view, resting) in found.iter().zip(resting) {
        let order = &resting.order;
        assert_eq!(exchange.order(order.session, order.client_order_id), Some(*view));
        let limit = if order.order_type == OrderType::Limit { order.price } else { Price(0) };
        assert_eq!((view.order_id, view.price, view.side), (resting.id, limit, order.side));
        assert_eq!((view.leaves.0, view.filled.0, view.account), (resting.total(), resting.filled, order.account));
    }
}

fn commands(most: usize) -> impl Strategy<Value = Vec<Command>> {
    prop::collection::vec(command(), 0..most)
}

proptest! {
    #![proptest_config(property(256))]

    #[test]
    fn fuzz_events_equal_the_models(
        commands in commands(500),
        orders in prop_oneof![Just(1_000_usize), 1..30_usize],
        levels in prop_oneof![Just(1_000_usize), 1..20_usize],
    ) {
        let capacity = Capacity { instruments: 3, orders, levels };
        let (mut exchange, mut model) = (exchange(capacity, MarketData::Published), Model::new(capacity, &instruments()));
        let mut audit = Audit::default();
        for (at, command) in commands.into_iter().enumerate() {
            let time = Time(at as i64);
            let (found, expected) = (apply(&mut exchange, command, time), apply_model(&mut model, command, time));
            prop_assert_eq!(&found, &expected, "command {}: {:?}", at, command);
            audit.see(&found);
            compare(&exchange, &model);
        }
    }

    #[test]
    fn fuzz_without_market_data_the_reports_are_the_same(commands in commands(200)) {
        let capacity = Capacity { instruments: 3, orders: 100, levels: 100 };
        let (mut told, mut quiet) = (exchange(capacity, MarketData::Published), exchange(capacity, MarketData::Off));
        for (at, command) in commands.into_iter().enumerate() {
            let keep = |event: &Event| matches!(event, Event::Report(_) | Event::Status(_));
            let told: Vec<Event> = apply(&mut told, command, Time(at as i64)).into_iter().filter(keep).collect();
            prop_assert_eq!(apply(&mut quiet, command, Time(at as i64)), told);
        }
    }
}

proptest! {
    #![proptest_config(property(256))]

    #[test]
    fn fuzz_a_snapshot_goes_on_as_if_nothing_was(before in commands(300), after in commands(200), orders in 1..60_usize) {
        let capacity = Capacity { instruments: 3, orders, levels: 40 };
        let mut exchange = exchange(capacity, MarketData::Published);
        for (at, command) in before.into_iter().enumerate() {
            apply(&mut exchange, command, Time(at as i64));
        }
        let mut twin = Exchange::decode(&snapshot(&exchange)).unwrap();
        for (at, command) in after.into_iter().enumerate() {
            let events = apply(&mut exchange, command, Time(at as i64));
            prop_assert_eq!(apply(&mut twin, command, Time(at as i64)), events);
        }
        prop_assert_eq!(snapshot(&twin), snapshot(&exchange));
    }

    #[test]
    fn fuzz_corrupt_snapshots_are_refused_or_trade_on(
        before in commands(100),
        after in commands(100),
        changes in prop::collection::vec((any::<usize>(), any::<u8>()), 1..3),
    ) {
        let capacity = Capacity { instruments: 3, orders: 50, levels: 40 };
        let mut exchange = exchange(capacity, MarketData::Published);
        for (at, command) in before.into_iter().enumerate() {
            apply(&mut exchange, command, Time(at as i64));
        }
        let mut bytes = snapshot(&exchange);
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        if let Ok(mut changed) = Exchange::decode(&bytes) {
            prop_assert_eq!(snapshot(&changed), bytes);
            for (at, command) in after.into_iter().enumerate() {
                apply(&mut changed, command, Time(at as i64));
            }
        }
    }
}

fn snapshot(exchange: &Exchange) -> Vec<u8> {
    let mut bytes = Vec::new();
    exchange.encode(&mut bytes).unwrap();
    bytes
}

fn limit(id: u64, account: u32, side: Side, quantity: u64) -> NewOrder {
    NewOrder {
        session: SessionId(1),
        client_order_id: ClientOrderId(id),
        account: AccountId(account),
        instrument: InstrumentId(0),
        side,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Gtc,
        post_only: false,
        self_trade: SelfTrade::CancelNewest,
        price: Price(1),
        quantity: Qty(quantity),
    }
}

fn reports(events: &[Event]) -> Vec<(ExecType, Refusal)> {
    let report = |event: &Event| if let Event::Report(r) = event { Some((r.exec_type, r.reason)) } else { None };
    events.iter().filter_map(report).collect()
}

#[test]
fn a_total_past_64_bits_ends_the_order_that_would_make_it() {
    let mut exchange = Exchange::new(Capacity { instruments: 1, orders: 8, levels: 8 }, MarketData::Off);
    exchange.list(&instrument(0, (1, 1), (0, 1), (1 << 62) - 1)).unwrap();
    let most = (1 << 62) - 1;
    let mut submit = |id, side| {
        let order = limit(id, id as u32, side, most);
        reports(&apply(&mut exchange, Command::New(order), Time(0)))
    };
    (1..=4).for_each(|id| assert_eq!(submit(id, Side::Buy), [(ExecType::New, Refusal::None)]));
    let last = [(ExecType::New, Refusal::None), (ExecType::Cancelled, Refusal::LevelCapacity)];
    assert_eq!(submit(5, Side::Buy), last);
    assert_eq!(submit(6, Side::Sell).len(), 3);
    assert_eq!(exchange.top(InstrumentId(0)).bid, Some((Price(1), Qty(most * 3))));
}

#[test]
fn an_amend_with_both_pools_full_is_refused_and_the_order_stays() {
    let mut exchange = Exchange::new(Capacity { instruments: 1, orders: 1, levels: 1 }, MarketData::Off);
    exchange.list(&instruments()[0]).unwrap();
    apply(&mut exchange, Command::New(limit(1, 1, Side::Buy, 10)), Time(0));
    let (session, client_order_id) = (SessionId(1), ClientOrderId(1));
    let amend = AmendOrder { session, client_order_id, price: Price(2), quantity: Qty(10) };
    let events = apply(&mut exchange, Command::Amend(amend), Time(1));
    assert_eq!(reports(&events), [(ExecType::CancelRejected, Refusal::LevelCapacity)]);
    assert_eq!(exchange.order(session, client_order_id).map(|order| order.price), Some(Price(1)));
}
