//! Holds the gate to a naive reference model through random commands, fills and operator's acts.

#![allow(clippy::unwrap_used, reason = "test helpers")]

mod both;
mod reference;
mod step;

use both::{Both, currency};
use omni_risk::{Fill, Gate, Source};
use omni_types::testing::property;
use omni_types::{
    AccountId, AccountLimits, ClientOrderId, InstrumentId, Liquidity, NewOrder, OrderType, Price, Qty, Rate, Refusal,
    SelfTrade, SessionId, Time, TimeInForce,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use step::{ACCOUNTS, INSTRUMENTS, limits, side, step};

/// The reasons that the gate itself gives, but for the pool's, which has a test of its own.
const REASONS: [Refusal; 17] = [
    Refusal::UnknownInstrument,
    Refusal::UnknownSession,
    Refusal::UnknownAccount,
    Refusal::DuplicateClientOrderId,
    Refusal::InvalidQuantity,
    Refusal::InvalidPrice,
    Refusal::OrderQuantity,
    Refusal::OrderNotional,
    Refusal::PriceCollar,
    Refusal::PositionLimit,
    Refusal::GrossExposure,
    Refusal::OpenOrders,
    Refusal::MessageRate,
    Refusal::Restricted,
    Refusal::Drawdown,
    Refusal::KillSwitch,
    Refusal::NoReferencePrice,
];

#[test]
fn the_steps_reach_every_reason_and_many_fills() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let limits = prop::collection::vec(limits(), ACCOUNTS as usize);
    let (mut seen, mut fills) = (std::collections::BTreeMap::new(), 0);
    for _ in 0..150 {
        let limits = limits.new_tree(&mut runner).unwrap().current();
        let mut both = Both::new(&limits);
        for _ in 0..250 {
            let step = step().new_tree(&mut runner).unwrap().current();
            if let Some(order) = both.order(&step) {
                *seen.entry(both.model.verdict(&order, None, both.time)).or_insert(0) += 1;
            }
            both.step(&step).unwrap();
        }
        fills += both.model.executions.len();
    }
    println!("{fills} fills, {seen:?}");
    for reason in REASONS.into_iter().chain([Refusal::Stopped, Refusal::NoRate]).map(Some).chain([None]) {
        assert!(seen.get(&reason).is_some_and(|&times| times >= 5), "{reason:?}: {seen:?}");
    }
    assert!(fills > 1_000, "{fills} fills");
}

proptest! {
    #![proptest_config(property(400))]

    #[test]
    fn fuzz_agrees_with_the_reference(
        limits in prop::collection::vec(limits(), ACCOUNTS as usize),
        steps in prop::collection::vec(step(), 1..250),
    ) {
        let mut both = Both::new(&limits);
        for step in &steps {
            both.step(step)?;
            both.compare()?;
        }
        while let Some(n) = both.live(0) {
            both.done(n)?;
        }
        both.compare()?;
        both.gate.sweep();
        for view in both.gate.accounts() {
            prop_assert_eq!(view.open_orders, 0);
            let held: i128 = both.gate.positions(view.account).map(|position| position.market.0.abs()).sum();
            prop_assert_eq!(view.gross_exposure.0, held, "no reserve outlives its order");
        }
    }

    #[test]
    fn fuzz_no_order_and_no_fill_overflows(
        limits in prop::collection::vec(Just(AccountLimits::WIDE), ACCOUNTS as usize),
        orders in prop::collection::vec((0..3_u16, 0..INSTRUMENTS, side(), any::<i64>(), any::<u64>(), any::<bool>()), 1..60),
        numerator in 1..u64::MAX,
        marks in prop::collection::vec((0..INSTRUMENTS, any::<i64>()), 1..10),
    ) {
        let mut both = Both::new(&limits);
        both.gate.rate(&Rate { from: currency("EUR"), to: currency("USD"), numerator }).unwrap();
        for (n, (session, instrument, side, price, quantity, tame)) in orders.into_iter().enumerate() {
            let (price, quantity) = if tame { (price.rem_euclid(1_000) + 1, quantity % 300 + 1) } else { (price, quantity) };
            let order = NewOrder {
                session: SessionId(session),
                client_order_id: ClientOrderId(n as u64 + 1),
                account: AccountId(u32::from(session)),
                instrument: InstrumentId(instrument),
                side,
                order_type: OrderType::Limit,
                time_in_force: TimeInForce::Day,
                post_only: false,
                self_trade: SelfTrade::CancelNewest,
                price: Price(price),
                quantity: Qty(quantity),
            };
            prop_assert!(both.gate.explain(&order, Time(i64::MAX))[0].passed);
            let Ok(pass) = both.gate.check(&order, Time(n as i64)) else { continue };
            let fill = Fill { slot: pass.slot, side, price: Price(price), quantity: Qty(quantity), liquidity: Liquidity::Taker };
            both.gate.on_fill(&fill);
            both.gate.on_done(pass.slot, side, Qty::ZERO);
            for &(instrument, price) in &marks {
                let _ = both.gate.mark(InstrumentId(instrument), Price(price), Source::Trade);
            }
            both.gate.sweep();
        }
        both.gate.accounts().for_each(drop);
    }

    #[test]
    fn fuzz_broken_snapshots_are_refused_or_read_never_a_panic(cut in 0..10_000_usize, at in 0..10_000_usize, flip in 1..=255_u8) {
        let mut both = Both::new(&[AccountLimits::WIDE; ACCOUNTS as usize]);
        both.gate.restrict(AccountId(1), InstrumentId(1), true).unwrap();
        let mut bytes = Vec::new();
        both.gate.encode(&mut bytes);
        prop_assert!(Gate::decode(&bytes[..cut % bytes.len()]).is_err());
        let at = at % bytes.len();
        // Not the capacities: any number is one, and memory for it may really be there.
        prop_assume!(!(16..64).contains(&at));
        bytes[at] ^= flip;
        if let Ok(mut read) = Gate::decode(&bytes) {
            read.sweep();
        }
    }
}
