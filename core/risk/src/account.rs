//! Accounts: limits, counters and the ledger.

use omni_types::{AccountId, AccountLimits, AccountSpec, Currency, Money, Qty, Symbol, Throttle};

use crate::GateError;
use crate::bucket::Bucket;
use crate::exact::{LIMIT_MAX, add};

/// No slot: the end of an account's list of positions.
pub(crate) const NO_SLOT: u32 = u32::MAX;

/// What the checks read of an account, two cache lines.
#[derive(Clone, Copy, PartialEq, Debug)]
#[repr(align(128))]
pub(crate) struct Account {
    /// Whether it is open; nothing else here means anything before.
    pub open: bool,
    /// The drawdown stop, latched.
    pub drawn: bool,
    pub currency: u16,
    pub open_orders: u32,
    pub open_orders_max: u32,
    pub collar_bps: u32,
    pub order_quantity_max: u64,
    pub position_max: u64,
    pub message_rate: Throttle,
    pub order_notional_max: i128,
    pub gross_exposure_max: i128,
    /// Sum over its slots of their exposure.
    pub gross: u128,
    pub bucket: Bucket,
}

/// An account's money, all of it in the account's currency, and its list of slots; two cache lines.
#[derive(Clone, Copy, PartialEq, Debug)]
#[repr(align(128))]
pub(crate) struct Ledger {
    pub cash: i128,
    /// Sum over its slots of the positions' market value.
    pub market: i128,
    pub realised: i128,
    pub fees: i128,
    pub peak: i128,
    pub drawdown_max: i128,
    pub unit_fee: i128,
    pub maker_fee_ppm: i32,
    pub taker_fee_ppm: i32,
    /// First and last of its slots, in the order in which they were taken.
    pub first: u32,
    pub last: u32,
}

impl Account {
    /// An account that nobody has opened.
    pub const CLOSED: Self = Self {
        open: false,
        drawn: false,
        currency: 0,
        open_orders: 0,
        open_orders_max: 0,
        collar_bps: 0,
        order_quantity_max: 0,
        position_max: 0,
        message_rate: Throttle { count: 0, window_ns: 1 },
        order_notional_max: 0,
        gross_exposure_max: 0,
        gross: 0,
        bucket: Bucket { parts: 0, time: 0 },
    };

    /// Sets the limits; a changed message rate starts with a full bucket.
    pub fn limit(&mut self, limits: &AccountLimits) {
        if self.message_rate != limits.message_rate {
            self.bucket = Bucket::full(&limits.message_rate);
        }
        self.message_rate = limits.message_rate;
        self.open_orders_max = limits.open_orders_max;
        self.collar_bps = limits.collar_bps;
        self.order_quantity_max = limits.order_quantity_max.0;
        self.position_max = limits.position_max.0;
        self.order_notional_max = limits.order_notional_max.0;
        self.gross_exposure_max = limits.gross_exposure_max.0;
    }

    /// Returns the limits as they were set.
    pub fn limits(&self, ledger: &Ledger) -> AccountLimits {
        AccountLimits {
            order_quantity_max: Qty(self.order_quantity_max),
            order_notional_max: Money(self.order_notional_max),
            collar_bps: self.collar_bps,
            position_max: Qty(self.position_max),
            gross_exposure_max: Money(self.gross_exposure_max),
            open_orders_max: self.open_orders_max,
            message_rate: self.message_rate,
            drawdown_max: Money(ledger.drawdown_max),
        }
    }

    /// Raises the peak, and latches the stop where equity has fallen from it by more than the limit; says whether the
    /// stop is new.
    #[inline]
    pub fn watch(&mut self, ledger: &mut Ledger) -> bool {
        let equity = ledger.equity();
        ledger.peak = ledger.peak.max(equity);
        let passed = ledger.peak.saturating_sub(equity) > ledger.drawdown_max;
        let newly = passed && !self.drawn;
        self.drawn |= passed;
        newly
    }
}

impl Ledger {
    /// The ledger of an account that nobody has opened.
    pub const EMPTY: Self = Self {
        cash: 0,
        market: 0,
        realised: 0,
        fees: 0,
        peak: 0,
        drawdown_max: 0,
        unit_fee: 0,
        maker_fee_ppm: 0,
        taker_fee_ppm: 0,
        first: NO_SLOT,
        last: NO_SLOT,
    };

    /// Sets fees and the drawdown limit.
    pub fn limit(&mut self, spec: &AccountSpec) {
        self.drawdown_max = spec.limits.drawdown_max.0;
        self.maker_fee_ppm = spec.maker_fee_ppm;
        self.taker_fee_ppm = spec.taker_fee_ppm;
        self.unit_fee = spec.unit_fee.0;
    }

    #[inline]
    pub fn equity(&self) -> i128 {
        add(self.cash, self.market)
    }
}

/// Checks that limits, fees and cash are within what the gate's sums carry.
pub(crate) fn in_range(spec: &AccountSpec) -> Result<(), GateError> {
    let money = "0 to 2^120 in 10^-20 of the currency";
    let fee = "-1000000 to 1000000 millionths";
    let limits = &spec.limits;
    let positive = |money: Money| (0..=LIMIT_MAX).contains(&money.0);
    let ppm = |fee: i32| fee.unsigned_abs() <= 1_000_000;
    [
        ("order_notional_max", money, positive(limits.order_notional_max)),
        ("gross_exposure_max", money, positive(limits.gross_exposure_max)),
        ("drawdown_max", money, positive(limits.drawdown_max)),
        ("message_rate.window_ns", "1 or more", limits.message_rate.window_ns > 0),
        ("cash", "-2^120 to 2^120 in 10^-20 of the currency", spec.cash.0.unsigned_abs() <= LIMIT_MAX.unsigned_abs()),
        ("maker_fee_ppm", fee, ppm(spec.maker_fee_ppm)),
        ("taker_fee_ppm", fee, ppm(spec.taker_fee_ppm)),
        ("unit_fee", "-2^100 to 2^100 in 10^-20 of the currency", spec.unit_fee.0.unsigned_abs() <= 1 << 100),
    ]
    .into_iter()
    .find(|(_, _, ok)| !ok)
    .map_or(Ok(()), |(field, expected, _)| Err(GateError::OutOfRange { field, expected }))
}

/// An account as a reader sees it: money in the account's currency, valued at the last fill or sweep.
///
/// `equity` = `cash` + market value of the positions = opening cash + `realised` + `unrealised` - `fees`, exactly.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccountView {
    /// The account.
    pub account: AccountId,
    /// Name for people.
    pub name: Symbol,
    /// The currency of all amounts here.
    pub currency: Currency,
    /// Its limits.
    pub limits: AccountLimits,
    /// Opening cash, less what was bought, plus what was sold, less fees.
    pub cash: Money,
    /// Cash and the market value of the positions.
    pub equity: Money,
    /// Profit of what was closed, by average cost, before fees; and dividends.
    pub realised: Money,
    /// Profit of what is open, by average cost.
    pub unrealised: Money,
    /// Fees paid; negative where rebates were more.
    pub fees: Money,
    /// Highest equity since opening or the last restart.
    pub peak: Money,
    /// How far equity is below the peak.
    pub drawdown: Money,
    /// Worst-case value of positions and open orders, over all instruments.
    pub gross_exposure: Money,
    /// How many orders are open.
    pub open_orders: u32,
    /// Whether the drawdown stop is latched.
    pub drawdown_stopped: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hot_parts_are_two_cache_lines() {
        assert_eq!((size_of::<Account>(), size_of::<Ledger>()), (128, 128));
    }
}
