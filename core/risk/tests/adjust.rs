//! Corporate actions: no part of a position and no part of its money is lost or made.

#![allow(clippy::unwrap_used)]

use omni_risk::{Capacity, Fill, Gate, GateError, Source};
use omni_types::testing::{account, listed, property, share};
use omni_types::{
    AccountId, AccountLimits, AccountSpec, Action, Adjust, ClientOrderId, Currency, Digest, InstrumentId,
    InstrumentSpec, Liquidity, Money, NewOrder, OrderType, Price, Qty, Rate, Ratio, SelfTrade, SessionId, Side, Symbol,
    Time, TimeInForce,
};
use proptest::prelude::*;

const ABC: InstrumentId = InstrumentId(0);
const ACCOUNTS: u32 = 3;
const OPENING: i128 = 1_000_000 * Money::ONE;

/// Two instruments, the second in euros at 1.1; three accounts in dollars.
fn gate() -> Gate {
    let capacity = Capacity { instruments: 2, accounts: 3, sessions: 3, slots: 8, slots_expected: 8, currencies: 2 };
    let mut gate = Gate::new(capacity).unwrap();
    let euro = Currency::new("EUR").unwrap();
    gate.list(&listed(0, InstrumentSpec { price_min: Price(-1_000), ..share() })).unwrap();
    gate.list(&listed(1, InstrumentSpec { currency: euro, ..share() })).unwrap();
    gate.rate(&Rate { from: euro, to: Currency::new("USD").unwrap(), numerator: 1_100_000_000_000 }).unwrap();
    for id in 0..ACCOUNTS {
        gate.open(&account(id)).unwrap();
        gate.bind(SessionId(id as u16), AccountId(id), false).unwrap();
        for instrument in [0, 1].map(InstrumentId) {
            gate.mark(instrument, Price(100), Source::Operator).unwrap();
        }
    }
    gate
}

/// Lets an account trade so much at a price, and leaves nothing open.
fn trade(gate: &mut Gate, id: u64, account: u32, instrument: InstrumentId, quantity: i64, price: i64) {
    let side = if quantity > 0 { Side::Buy } else { Side::Sell };
    let order = NewOrder {
        session: SessionId(account as u16),
        client_order_id: ClientOrderId(id),
        account: AccountId(account),
        instrument,
        side,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Day,
        post_only: false,
        self_trade: SelfTrade::CancelNewest,
        price: Price(price),
        quantity: Qty(quantity.unsigned_abs()),
    };
    let slot = gate.check(&order, Time(0)).unwrap().slot;
    let fill = Fill { slot, side, price: order.price, quantity: order.quantity, liquidity: Liquidity::Maker };
    gate.on_fill(&fill);
    gate.on_done(slot, side, Qty::ZERO);
}

fn split(new: u32, old: u32) -> Adjust {
    Adjust { instrument: ABC, action: Action::Split(Ratio::new(new, old).unwrap()) }
}

fn apply(gate: &mut Gate, adjust: &Adjust) {
    gate.check_adjust(adjust).unwrap();
    gate.adjust(adjust);
}

/// Checks that equity is opening cash and profit, and cash and market value, whatever happened.
fn balances(gate: &Gate) {
    for view in gate.accounts() {
        assert_eq!(view.equity, Money(OPENING) + view.realised + view.unrealised - view.fees, "{}", view.account);
        let market = gate.positions(view.account).map(|position| position.market.0).sum();
        assert_eq!(view.equity, view.cash + Money(market), "{}", view.account);
    }
}

fn hash(gate: &Gate) -> Digest {
    let mut digest = Digest::default();
    gate.digest(&mut digest);
    digest
}

#[test]
fn a_split_pays_the_fraction_at_the_old_price_and_keeps_the_rest_of_the_cost() {
    let mut gate = gate();
    trade(&mut gate, 1, 0, ABC, 7, 100);
    trade(&mut gate, 1, 1, ABC, -7, 100);
    gate.mark(ABC, Price(300), Source::Operator).unwrap();
    apply(&mut gate, &split(3, 2));
    assert_eq!(gate.reference(ABC).map(|(price, _)| price), Some(Price(200)));
    let (long, short) = (gate.position(AccountId(0), ABC).unwrap(), gate.position(AccountId(1), ABC).unwrap());
    assert_eq!((long.quantity, short.quantity), (10, -10));
    // Half a new share was worth a third of an old one at 3.00: a dollar, of which a third of a dollar was its cost.
    let third = Money::ONE / 3;
    assert_eq!((long.realised.0, short.realised.0), (Money::ONE - third, third - Money::ONE));
    assert_eq!((long.cost.0, short.cost.0), (7 * Money::ONE - third, third - 7 * Money::ONE));
    assert_eq!(long.market.0, 20 * Money::ONE);
    balances(&gate);
}

#[test]
fn a_reverse_split_may_end_a_position() {
    let mut gate = gate();
    trade(&mut gate, 1, 0, ABC, 9, 100);
    apply(&mut gate, &split(1, 10));
    let held = gate.position(AccountId(0), ABC).unwrap();
    assert_eq!((held.quantity, held.cost, held.realised), (0, Money::ZERO, Money::ZERO), "sold at what it cost");
    assert_eq!(gate.account(AccountId(0)).unwrap().cash, Money(OPENING));
    balances(&gate);
}

#[test]
fn a_dividend_goes_to_who_is_long_from_who_is_short_at_the_rate() {
    let mut gate = gate();
    trade(&mut gate, 1, 0, InstrumentId(1), 50, 100);
    trade(&mut gate, 1, 1, InstrumentId(1), -50, 100);
    let cash = Money(Money::ONE / 4);
    let before = gate.account(AccountId(0)).unwrap();
    apply(&mut gate, &Adjust { instrument: InstrumentId(1), action: Action::Dividend { cash } });
    let [long, short] = [0, 1].map(|id| gate.account(AccountId(id)).unwrap());
    let paid = Money(Money::ONE * 50 / 4 * 11 / 10);
    assert_eq!((long.realised, short.realised), (paid, -paid));
    assert_eq!(long.equity, before.equity, "the price falls by what is paid");
    assert_eq!(gate.reference(InstrumentId(1)).map(|(price, _)| price), Some(Price(75)));
    balances(&gate);
}

#[test]
fn what_cannot_be_applied_changes_nothing() {
    let mut gate = gate();
    trade(&mut gate, 1, 0, ABC, 1_000_000, 100);
    let before = hash(&gate);
    let refused = |adjust: Adjust| gate.check_adjust(&adjust).unwrap_err();
    let dividend = |cash| Adjust { instrument: ABC, action: Action::Dividend { cash: Money(cash) } };
    for cash in [0, -1, i128::MAX, i128::MIN, 10_001 * Money::ONE] {
        assert!(matches!(refused(dividend(cash)), GateError::OutOfRange { field: "a dividend", .. }), "{cash}");
    }
    let huge = refused(split(Ratio::MOST, 1));
    assert!(matches!(huge, GateError::OutOfRange { field: "a position after the split", .. }), "{huge}");
    let unknown = Adjust { instrument: InstrumentId(2), ..split(2, 1) };
    assert_eq!(refused(unknown), GateError::UnknownInstrument(InstrumentId(2)));
    assert_eq!(hash(&gate), before);
}

#[test]
fn a_dividend_that_a_short_position_cannot_bear_stops_its_account() {
    let mut gate = gate();
    let limits = AccountLimits { drawdown_max: Money(10 * Money::ONE), ..AccountLimits::WIDE };
    gate.open(&AccountSpec { limits, ..account(1) }).unwrap();
    gate.mark(ABC, Price(-900), Source::Operator).unwrap();
    trade(&mut gate, 1, 1, ABC, -20, -900);
    // The price can't fall below the lowest: the short position pays and gains less than that.
    let adjust = Adjust { instrument: ABC, action: Action::Dividend { cash: Money(2 * Money::ONE) } };
    assert_eq!(gate.adjust(&adjust), [AccountId(1)]);
    assert!(gate.account(AccountId(1)).unwrap().drawdown_stopped);
    balances(&gate);
}

proptest! {
    #![proptest_config(property(300))]

    #[test]
    fn fuzz_nothing_is_lost_or_made(
        trades in prop::collection::vec((0..ACCOUNTS, 1..ACCOUNTS, 1_i64..5_000, 1_i64..400), 1..12),
        price in 1_i64..400,
        (new, old) in (1_u32..40, 1_u32..40),
        cash in 1..Money::ONE,
    ) {
        let mut gate = gate();
        for (id, (buyer, other, quantity, price)) in (1..).zip(trades) {
            trade(&mut gate, id, buyer, ABC, quantity, price);
            trade(&mut gate, id, (buyer + other) % ACCOUNTS, ABC, -quantity, price);
        }
        gate.mark(ABC, Price(price), Source::Trade).unwrap();
        let all = |gate: &Gate| (0..ACCOUNTS).map(|id| gate.position(AccountId(id), ABC)).collect::<Vec<_>>();
        let money = |gate: &Gate| gate.accounts().map(|view| view.cash.0).collect::<Vec<_>>();
        let (held, had) = (all(&gate), money(&gate));
        prop_assert_eq!(had.iter().sum::<i128>(), OPENING * i128::from(ACCOUNTS));
        apply(&mut gate, &split(new, old));
        balances(&gate);
        let (holds, has) = (all(&gate), money(&gate));
        let mut fractions = 0;
        for (at, (before, after)) in held.iter().zip(&holds).enumerate() {
            let [before, after] = [before, after].map(|held| held.map_or(0, |held| i128::from(held.quantity)));
            // The plain reading: counted in parts of a new unit, and each part is so much of an old one.
            let parts = before * i128::from(new) - after * i128::from(old);
            prop_assert!(parts.abs() < i128::from(old) && parts * before >= 0, "{} became {}", before, after);
            prop_assert_eq!(has[at] - had[at], parts * i128::from(price) * Money::ONE / 100 / i128::from(new));
            fractions += parts;
        }
        let units = |all: &[Option<omni_risk::Position>]| all.iter().flatten().map(|held| i128::from(held.quantity)).sum::<i128>();
        prop_assert_eq!((units(&held), units(&holds) * i128::from(old) + fractions), (0, 0));
        let held = holds;
        apply(&mut gate, &Adjust { instrument: ABC, action: Action::Dividend { cash: Money(cash) } });
        balances(&gate);
        for (at, held) in held.iter().enumerate() {
            let quantity = held.map_or(0, |held| i128::from(held.quantity));
            prop_assert_eq!(money(&gate)[at] - has[at], cash * quantity);
        }
        let mut bytes = Vec::new();
        gate.encode(&mut bytes);
        let mut again = Gate::decode(&bytes).unwrap();
        prop_assert_eq!(hash(&again), hash(&gate));
        let rename = Adjust { instrument: ABC, action: Action::Rename(Symbol::new("NEW").unwrap()) };
        for adjust in [split(old, new), rename] {
            apply(&mut gate, &adjust);
            apply(&mut again, &adjust);
        }
        prop_assert_eq!(hash(&again), hash(&gate), "a gate read back goes on alike");
    }
}
