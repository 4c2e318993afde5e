//! An account's limits at the gate.

use crate::{Money, Qty};

/// How many messages are allowed in a window (a token bucket).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Throttle {
    /// Messages allowed in the window.
    pub count: u32,
    /// The window in nanoseconds.
    pub window_ns: i64,
}

/// Pre-trade limits of an account. Every field is enforced; there is no "off", only a wide limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccountLimits {
    /// Largest quantity of one order, in quantity units.
    pub order_quantity_max: Qty,
    /// Largest notional of one order, in the account's currency.
    pub order_notional_max: Money,
    /// Largest distance of a limit price from the reference price, in basis points of it.
    pub collar_bps: u32,
    /// Largest absolute position per instrument, open orders included, in quantity units.
    pub position_max: Qty,
    /// Largest gross exposure over all instruments, open orders included, in the account's currency.
    pub gross_exposure_max: Money,
    /// Most open orders.
    pub open_orders_max: u32,
    /// Message rate over orders, amends and cancels; a cancel counts but is never refused.
    pub message_rate: Throttle,
    /// Largest fall of equity from its peak, in the account's currency.
    pub drawdown_max: Money,
}

impl AccountLimits {
    /// Limits so wide that only overflow protection remains; for the generated flow and for benchmarks.
    pub const WIDE: Self = Self {
        order_quantity_max: Qty(i64::MAX as u64),
        order_notional_max: Money(1 << 120),
        collar_bps: u32::MAX,
        position_max: Qty(i64::MAX as u64),
        gross_exposure_max: Money(1 << 120),
        open_orders_max: u32::MAX,
        message_rate: Throttle { count: u32::MAX, window_ns: 1 },
        drawdown_max: Money(1 << 120),
    };
}
