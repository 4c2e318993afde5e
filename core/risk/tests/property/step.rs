//! Random steps of a trading day.

use omni_risk::Source;
use omni_types::{AccountLimits, Liquidity, Money, Qty, Side, Throttle};
use proptest::prelude::*;

pub const ACCOUNTS: u32 = 3;
pub const INSTRUMENTS: u32 = 4;

/// One step; numbers that pick something are taken modulo what there is.
#[derive(Clone, Debug)]
pub enum Step {
    New {
        session: u16,
        account: Option<u32>,
        instrument: u32,
        side: Side,
        limit: Option<i64>,
        quantity: u64,
        skip: u64,
    },
    Amend {
        order: usize,
        price: i64,
        quantity: u64,
        done: bool,
    },
    Fill {
        order: usize,
        price: i64,
        quantity: u64,
        liquidity: Liquidity,
    },
    Done {
        order: usize,
    },
    Cancel {
        session: u16,
    },
    Mark {
        instrument: u32,
        price: i64,
        source: Source,
    },
    Rate(u64),
    Restrict {
        account: u32,
        instrument: u32,
        on: bool,
    },
    Stop(u16),
    Start(u16),
    Kill,
    Resume,
    Sweep,
    Limits {
        account: u32,
        limits: AccountLimits,
    },
    Later(i64),
    Snapshot,
}

pub fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Buy), Just(Side::Sell)]
}

pub fn price() -> impl Strategy<Value = i64> {
    prop_oneof![20 => 80_i64..120, 1 => -60_i64..1_100]
}

pub fn liquidity() -> impl Strategy<Value = Liquidity> {
    prop_oneof![Just(Liquidity::Maker), Just(Liquidity::Taker), Just(Liquidity::None)]
}

pub fn source() -> impl Strategy<Value = Source> {
    prop_oneof![Just(Source::Operator), Just(Source::Quote), Just(Source::Trade)]
}

pub fn limits() -> impl Strategy<Value = AccountLimits> {
    let usual = (50..400_u64, 1_000..40_000_i128, 100..3_000_u32, 50..600_u64, 2_000..90_000_i128);
    let more = (1..12_u32, 3..40_u32, 500..20_000_i128, prop::bool::weighted(0.1));
    (usual, more).prop_map(|((quantity, notional, collar, position, gross), (orders, count, drawdown, wide))| {
        AccountLimits {
            order_quantity_max: Qty(quantity),
            order_notional_max: Money(notional * Money::ONE),
            collar_bps: if wide { u32::MAX } else { collar },
            position_max: Qty(position),
            gross_exposure_max: Money(gross * Money::ONE),
            open_orders_max: orders,
            message_rate: Throttle { count, window_ns: 1_000 },
            drawdown_max: Money(drawdown * Money::ONE),
        }
    })
}

pub fn step() -> impl Strategy<Value = Step> {
    let order = (0..4_u16, prop::option::weighted(0.03, 0..5_u32), 0..INSTRUMENTS, side());
    let terms = (
        prop::option::weighted(0.9, price()),
        prop_oneof![30 => 1..120_u64, 1 => Just(0), 1 => Just(u64::MAX)],
        0..40_u64,
    );
    prop_oneof![
        40 => (order, terms).prop_map(|((session, account, instrument, side), (limit, quantity, skip))| Step::New {
            session, account, instrument: if skip == 39 { INSTRUMENTS } else { instrument }, side, limit, quantity, skip,
        }),
        10 => (any::<usize>(), price(), 0..200_u64, any::<bool>())
            .prop_map(|(order, price, quantity, done)| Step::Amend { order, price, quantity, done }),
        30 => (any::<usize>(), 80..120_i64, 1..120_u64, liquidity())
            .prop_map(|(order, price, quantity, liquidity)| Step::Fill { order, price, quantity, liquidity }),
        15 => any::<usize>().prop_map(|order| Step::Done { order }),
        3 => (0..4_u16).prop_map(|session| Step::Cancel { session }),
        10 => (0..INSTRUMENTS, price(), source()).prop_map(|(instrument, price, source)| Step::Mark { instrument, price, source }),
        2 => (500_000_000_000..1_500_000_000_000_u64).prop_map(Step::Rate),
        1 => (0..ACCOUNTS, 0..INSTRUMENTS, any::<bool>())
            .prop_map(|(account, instrument, on)| Step::Restrict { account, instrument, on }),
        1 => (0..4_u16).prop_map(Step::Stop),
        3 => (0..4_u16).prop_map(Step::Start),
        1 => Just(Step::Kill),
        8 => Just(Step::Resume),
        4 => Just(Step::Sweep),
        3 => (0..ACCOUNTS, limits()).prop_map(|(account, limits)| Step::Limits { account, limits }),
        25 => (1..400_i64).prop_map(Step::Later),
        3 => Just(Step::Snapshot),
    ]
}
