//! What the gate promises, one example each.

#![allow(clippy::unwrap_used, reason = "test helpers")]

use omni_risk::{Amend, Capacity, Check, Fill, Gate, GateError, Source};
use omni_types::testing::{listed, share};
use omni_types::{
    AccountId, AccountLimits, AccountSpec, ClientOrderId, Currency, Instrument, InstrumentId, InstrumentSpec,
    Liquidity, Money, NewOrder, OrderType, Price, Qty, Rate, Refusal, SelfTrade, SessionId, Side, Symbol, Throttle,
    Time, TimeInForce,
};

const CAPACITY: Capacity =
    Capacity { instruments: 3, accounts: 2, sessions: 2, slots: 2, slots_expected: 1, currencies: 2 };
const NOW: Time = Time(0);
const ME: SessionId = SessionId(0);
const MINE: AccountId = AccountId(0);

const fn dollars(whole: i128) -> Money {
    Money(whole * Money::ONE)
}

fn currency(name: &str) -> Currency {
    Currency::new(name).unwrap()
}

/// A share of 1.00 to 10,000.00 in cents.
fn instrument(id: u32, money: &str) -> Instrument {
    listed(id, InstrumentSpec { currency: currency(money), price_min: Price(100), ..share() })
}

fn limits() -> AccountLimits {
    AccountLimits {
        order_quantity_max: Qty(1_000),
        order_notional_max: dollars(50_000),
        collar_bps: 500,
        position_max: Qty(800),
        gross_exposure_max: dollars(100_000),
        open_orders_max: 3,
        message_rate: Throttle { count: 50, window_ns: 1_000 },
        drawdown_max: dollars(1_000),
    }
}

fn account(limits: AccountLimits) -> AccountSpec {
    AccountSpec {
        account: MINE,
        name: Symbol::new("MINE").unwrap(),
        currency: currency("USD"),
        cash: dollars(100_000),
        limits,
        maker_fee_ppm: 0,
        taker_fee_ppm: 0,
        unit_fee: Money::ZERO,
    }
}

/// Three instruments at 100.00, of which the last is in euros; one account and session.
fn gate(limits: AccountLimits) -> Gate {
    let mut gate = Gate::new(CAPACITY).unwrap();
    for (id, money) in (0..).zip(["USD", "USD", "EUR"]) {
        gate.list(&instrument(id, money)).unwrap();
        gate.mark(InstrumentId(id), Price(10_000), Source::Trade).unwrap();
    }
    gate.open(&account(limits)).unwrap();
    gate.bind(ME, MINE, false).unwrap();
    gate
}

/// A limit order with the session's next id.
fn order(gate: &Gate, side: Side, price: i64, quantity: u64) -> NewOrder {
    NewOrder {
        session: ME,
        client_order_id: ClientOrderId(gate.session(ME).unwrap().last.0 + 1),
        account: MINE,
        instrument: InstrumentId(0),
        side,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Day,
        post_only: false,
        self_trade: SelfTrade::CancelNewest,
        price: Price(price),
        quantity: Qty(quantity),
    }
}

fn place(gate: &mut Gate, side: Side, price: i64, quantity: u64) -> Result<omni_risk::Pass, Refusal> {
    gate.check(&order(gate, side, price, quantity), NOW)
}

/// Places an order and fills it whole.
fn trade(gate: &mut Gate, side: Side, price: i64, quantity: u64) -> omni_risk::Settled {
    let slot = place(gate, side, price, quantity).unwrap().slot;
    let fill = Fill { slot, side, price: Price(price), quantity: Qty(quantity), liquidity: Liquidity::Taker };
    let settled = gate.on_fill(&fill);
    gate.on_done(slot, side, Qty::ZERO);
    settled
}

#[test]
fn average_cost_through_a_flip() {
    let mut gate = gate(limits());
    trade(&mut gate, Side::Buy, 10_000, 100);
    trade(&mut gate, Side::Buy, 10_100, 200);
    assert_eq!(gate.position(MINE, InstrumentId(0)).unwrap().cost, dollars(30_200));
    assert_eq!(trade(&mut gate, Side::Sell, 10_200, 150).realised, dollars(15_300 - 15_100));
    assert_eq!(trade(&mut gate, Side::Sell, 10_000, 250).realised, dollars(15_000 - 15_100));
    let position = gate.position(MINE, InstrumentId(0)).unwrap();
    assert_eq!((position.quantity, position.cost, position.unrealised()), (-100, dollars(-10_000), Money::ZERO));
    assert_eq!(position.average_cost(), Some(dollars(100)));
    let view = gate.account(MINE).unwrap();
    assert_eq!((view.equity, view.realised), (dollars(100_100), dollars(100)));
}

#[test]
fn positions_now_add_up_to_the_account_now() {
    let mut gate = gate(limits());
    trade(&mut gate, Side::Buy, 10_000, 100);
    gate.mark(InstrumentId(0), Price(10_300), Source::Trade).unwrap();
    let held: Vec<_> = gate.positions_now(MINE).collect();
    assert_eq!((held.len(), held[0].unrealised()), (1, dollars(300)));
    assert_eq!(gate.positions(MINE).next().unwrap().unrealised(), Money::ZERO, "no sweep has valued it yet");
    let now = gate.account_now(MINE).unwrap();
    assert_eq!((now.unrealised, now.equity), (dollars(300), dollars(100_300)));
    trade(&mut gate, Side::Sell, 10_300, 100);
    assert_eq!(gate.positions_now(MINE).map(|position| position.market).collect::<Vec<_>>(), [Money::ZERO]);
}

#[test]
fn the_collar_hurts_only_where_a_price_does() {
    let mut gate = gate(limits());
    assert_eq!(place(&mut gate, Side::Buy, 10_501, 1), Err(Refusal::PriceCollar));
    assert_eq!(place(&mut gate, Side::Sell, 9_499, 1), Err(Refusal::PriceCollar));
    let far = order(&gate, Side::Sell, 9_400, 1);
    let collar = gate.explain(&far, NOW)[Check::Collar as usize];
    assert_eq!((collar.value, collar.limit, collar.passed), (Some(600), Some(500), false));
    for (side, price) in [(Side::Buy, 10_500), (Side::Sell, 9_500), (Side::Buy, 100)] {
        assert!(place(&mut gate, side, price, 1).is_ok(), "{side:?} {price}");
    }
}

#[test]
fn a_wide_collar_needs_no_reference_price() {
    let mut gate = Gate::new(CAPACITY).unwrap();
    gate.list(&instrument(0, "USD")).unwrap();
    gate.open(&account(limits())).unwrap();
    gate.bind(ME, MINE, false).unwrap();
    assert_eq!(place(&mut gate, Side::Buy, 10_000, 10), Err(Refusal::NoReferencePrice));
    gate.open(&account(AccountLimits { collar_bps: u32::MAX, ..limits() })).unwrap();
    let pass = place(&mut gate, Side::Buy, 10_000, 10).unwrap();
    assert_eq!(gate.account(MINE).unwrap().gross_exposure, dollars(1_000));
    let market = NewOrder { order_type: OrderType::Market, ..order(&gate, Side::Buy, 0, 10) };
    assert_eq!(gate.check(&market, NOW), Err(Refusal::NoReferencePrice));
    gate.on_done(pass.slot, Side::Buy, Qty(10));
    assert_eq!(gate.account(MINE).unwrap().gross_exposure, Money::ZERO);
}

#[test]
fn what_makes_a_position_smaller_passes_at_any_limit() {
    let mut gate = gate(limits());
    trade(&mut gate, Side::Buy, 10_000, 300);
    let open = place(&mut gate, Side::Buy, 10_000, 400).unwrap();
    let tight = AccountLimits { position_max: Qty(500), gross_exposure_max: dollars(20_000), ..limits() };
    gate.open(&account(tight)).unwrap();
    assert_eq!(place(&mut gate, Side::Buy, 10_000, 1), Err(Refusal::PositionLimit));
    assert!(place(&mut gate, Side::Sell, 10_000, 300).is_ok());
    let (side, price, filled, held) = (Side::Buy, Price(10_000), Qty::ZERO, Qty(400));
    let amend = |quantity| Amend { session: ME, slot: open.slot, side, price, quantity: Qty(quantity), filled, held };
    assert_eq!(gate.check_amend(&amend(401), NOW), Err(Refusal::PositionLimit));
    assert_eq!(gate.check_amend(&amend(350), NOW), Ok(Qty::ZERO));
    gate.on_replaced(open.slot, side, Qty(50));
    assert_eq!(gate.position(MINE, InstrumentId(0)).unwrap().open_buy, Qty(350));
}

#[test]
fn a_drawdown_latches_past_its_limit_until_a_person_resets_it() {
    let mut gate = gate(limits());
    trade(&mut gate, Side::Buy, 10_000, 400);
    gate.mark(InstrumentId(0), Price(9_750), Source::Trade).unwrap();
    assert_eq!(gate.sweep(), [], "exactly the limit is allowed");
    gate.mark(InstrumentId(0), Price(9_749), Source::Trade).unwrap();
    assert_eq!(gate.sweep(), [MINE]);
    gate.mark(InstrumentId(0), Price(10_000), Source::Trade).unwrap();
    assert_eq!(gate.sweep(), [], "reported once, and latched");
    assert_eq!(place(&mut gate, Side::Buy, 10_000, 1), Err(Refusal::Drawdown));
    gate.start(ME).unwrap();
    assert!(place(&mut gate, Side::Buy, 10_000, 1).is_ok());
    let view = gate.account(MINE).unwrap();
    assert_eq!((view.drawdown, view.drawdown_stopped), (Money::ZERO, false));
}

#[test]
fn cancels_count_and_pass_while_killed() {
    let mut gate = gate(AccountLimits { message_rate: Throttle { count: 3, window_ns: 1_000 }, ..limits() });
    gate.kill();
    assert_eq!(place(&mut gate, Side::Buy, 10_000, 1), Err(Refusal::KillSwitch));
    (0..5).for_each(|_| gate.on_cancel(ME, NOW));
    gate.resume();
    assert_eq!(place(&mut gate, Side::Buy, 10_000, 1), Err(Refusal::MessageRate));
    assert!(gate.check(&order(&gate, Side::Buy, 10_000, 1), Time(1_000)).is_ok());
}

#[test]
fn no_rate_no_order() {
    let mut gate = gate(limits());
    let euros = |gate: &Gate| NewOrder { instrument: InstrumentId(2), ..order(gate, Side::Buy, 10_000, 100) };
    assert_eq!(gate.check(&euros(&gate), NOW), Err(Refusal::NoRate));
    let rate = Rate { from: currency("EUR"), to: currency("USD"), numerator: 1_250_000_000_000 };
    gate.rate(&rate).unwrap();
    assert!(gate.check(&euros(&gate), NOW).is_ok());
    assert_eq!(gate.account(MINE).unwrap().gross_exposure, dollars(12_500));
}

#[test]
fn a_full_pool_refuses_and_the_known_pairs_go_on() {
    let mut gate = gate(limits());
    gate.restrict(MINE, InstrumentId(1), true).unwrap();
    gate.restrict(MINE, InstrumentId(2), false).unwrap();
    let rate = Rate { from: currency("EUR"), to: currency("USD"), numerator: 1 };
    gate.rate(&rate).unwrap();
    assert_eq!(place(&mut gate, Side::Buy, 10_000, 1), Err(Refusal::RiskCapacity));
    let full = Err(GateError::Capacity { what: "risk slots", most: 2 });
    assert_eq!(gate.restrict(MINE, InstrumentId(0), true), full);
    let third = NewOrder { instrument: InstrumentId(2), ..order(&gate, Side::Buy, 10_000, 1) };
    assert!(gate.check(&third, NOW).is_ok());
}

#[test]
fn better_sources_of_a_reference_price_win() {
    let mut gate = Gate::new(CAPACITY).unwrap();
    gate.list(&instrument(0, "USD")).unwrap();
    let mut mark = |price, source| {
        gate.mark(InstrumentId(0), Price(price), source).unwrap();
        gate.reference(InstrumentId(0)).unwrap().0.0
    };
    assert_eq!([mark(200, Source::Operator), mark(201, Source::Quote), mark(202, Source::Trade)], [200, 201, 202]);
    assert_eq!([mark(203, Source::Quote), mark(204, Source::Operator), mark(205, Source::Quote)], [202, 204, 205]);
}

#[test]
fn setting_up_says_what_is_wrong() {
    let mut gate = gate(limits());
    let said = [
        gate.list(&instrument(7, "USD")).unwrap_err(),
        gate.list(&instrument(3, "USD")).unwrap_err(),
        gate.open(&AccountSpec { account: AccountId(2), ..account(limits()) }).unwrap_err(),
        gate.open(&AccountSpec { currency: currency("EUR"), ..account(limits()) }).unwrap_err(),
        gate.open(&account(AccountLimits { drawdown_max: Money(-1), ..limits() })).unwrap_err(),
        gate.bind(SessionId(1), AccountId(1), false).unwrap_err(),
        gate.stop(SessionId(1)).unwrap_err(),
        gate.mark(InstrumentId(0), Price(99), Source::Trade).unwrap_err(),
        gate.rate(&Rate { from: currency("JPY"), to: currency("USD"), numerator: 1 }).unwrap_err(),
        Gate::new(Capacity { instruments: 65_537, ..CAPACITY }).unwrap_err(),
    ]
    .map(|error| error.to_string());
    let parts = [
        "instrument 7 listed where the next free slot is 3",
        "no room for more instruments: the stated capacity is 3",
        "no room for more accounts",
        "account 0 is kept in USD",
        "drawdown_max is out of range: expected 0 to 2^120",
        "account 1 is not open",
        "session 1 trades no account",
        "reference price is out of range",
        "no room for more currencies",
        "no room for more instruments: the stated capacity is 65536",
    ];
    for (said, part) in said.iter().zip(parts) {
        assert!(said.starts_with(part), "{said}");
    }
}
