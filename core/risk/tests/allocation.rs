//! Proves that nothing allocates once the gate is set up.

#![allow(clippy::unwrap_used, reason = "test helpers")]

use omni_risk::{Amend, Capacity, Fill, Gate, Source};
use omni_types::testing::{listed, share};
use omni_types::{
    AccountId, AccountLimits, AccountSpec, ClientOrderId, Currency, Digest, Instrument, InstrumentId, InstrumentSpec,
    Liquidity, Money, NewOrder, OrderType, Price, Qty, Rate, SelfTrade, SessionId, Side, Symbol, Throttle, Time,
    TimeInForce,
};

const ACCOUNTS: u32 = 40;
const INSTRUMENTS: u32 = 50;

fn instrument(id: u32) -> Instrument {
    listed(
        id,
        InstrumentSpec {
            currency: Currency::new(if id.is_multiple_of(2) { "USD" } else { "EUR" }).unwrap(),
            price_max: Price(100_000),
            quantity_max: Qty(10_000),
            ..share()
        },
    )
}

fn account(id: u32) -> AccountSpec {
    let limits = AccountLimits {
        collar_bps: 500,
        drawdown_max: Money(Money::ONE),
        message_rate: Throttle { count: 1_000, window_ns: 1_000 },
        ..AccountLimits::WIDE
    };
    AccountSpec {
        account: AccountId(id),
        name: Symbol::new("TEST").unwrap(),
        currency: Currency::new("USD").unwrap(),
        cash: Money(Money::ONE),
        limits,
        maker_fee_ppm: 1,
        taker_fee_ppm: 2,
        unit_fee: Money(3),
    }
}

/// Uses every call that a running engine makes; slots grow from few to all there may be, and past that.
fn trade(gate: &mut Gate) -> (u32, u32) {
    let rate = Rate { from: Currency::new("EUR").unwrap(), to: Currency::new("USD").unwrap(), numerator: 3 };
    gate.rate(&rate).unwrap();
    for id in 0..INSTRUMENTS {
        gate.list(&instrument(id)).unwrap();
        gate.mark(InstrumentId(id), Price(10_000), Source::Quote).unwrap();
    }
    for id in 0..ACCOUNTS {
        gate.open(&account(id)).unwrap();
        gate.bind(SessionId(id as u16), AccountId(id), false).unwrap();
    }
    let (mut passed, mut refused) = (0, 0);
    for n in 0..20_000_u32 {
        let (account, instrument) = (AccountId(n % ACCOUNTS), InstrumentId(n / ACCOUNTS % INSTRUMENTS));
        let (session, side, time) = (SessionId(account.0 as u16), Side::BOTH[n as usize / 7 % 2], Time(n.into()));
        let order = NewOrder {
            session,
            client_order_id: ClientOrderId(n.into()),
            account,
            instrument,
            side,
            order_type: OrderType::Limit,
            time_in_force: TimeInForce::Day,
            post_only: false,
            self_trade: SelfTrade::CancelNewest,
            price: Price(10_000 + i64::from(n % 700)),
            quantity: Qty(10),
        };
        assert!(gate.explain(&order, time)[0].passed);
        gate.on_cancel(session, time);
        let Ok(pass) = gate.check(&order, time) else {
            refused += 1;
            gate.start(session).unwrap();
            continue;
        };
        passed += 1;
        let (quantity, filled, held) = (Qty(20), Qty::ZERO, Qty(10));
        let amend = Amend { session, slot: pass.slot, side, price: order.price, quantity, filled, held };
        if let Ok(growth) = gate.check_amend(&amend, time) {
            gate.on_replaced(pass.slot, side, growth);
        }
        let liquidity = Liquidity::Maker;
        gate.on_fill(&Fill { slot: pass.slot, side, price: order.price, quantity: Qty(4), liquidity });
        gate.on_done(pass.slot, side, Qty(6));
        gate.mark(instrument, order.price, Source::Trade).unwrap();
        if n % 1_000 == 0 {
            gate.sweep();
            gate.digest(&mut Digest::default());
            assert!(gate.accounts().count() == ACCOUNTS as usize);
        }
    }
    (passed, refused)
}

#[test]
fn nothing_allocates_after_the_start() {
    let capacity = Capacity {
        instruments: INSTRUMENTS,
        accounts: ACCOUNTS,
        sessions: ACCOUNTS,
        slots: 1_500,
        slots_expected: 1,
        currencies: 2,
    };
    let mut gate = Gate::new(capacity).unwrap();
    let mut counts = (0, 0);
    let used = allocation_counter::measure(|| counts = trade(&mut gate));
    assert!(counts.0 > 5_000 && counts.1 > 1_000, "both outcomes happen: {counts:?}");
    assert_eq!((used.count_total, used.bytes_total), (0, 0));
    let seen = allocation_counter::measure(|| drop(std::hint::black_box(vec![0_u8; 64])));
    assert_eq!(seen.count_total, 1, "the counter counts");
}
