//! Accounts: limits, counters and the ledger.

use omni_types::{AccountId, AccountLimits, AccountSpec, Currency, Money, Symbol};

use crate::GateError;
use crate::bucket::Bucket;
use crate::exact::{LIMIT_MAX, add};

/// No slot: the end of an account's list of positions.
pub(crate) const NO_SLOT: u32 = u32::MAX;

/// An open account.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Account {
    pub limits: AccountLimits,
    pub bucket: Bucket,
    /// Sum over its slots of their exposure.
    pub gross: u128,
    pub open_orders: u32,
    pub currency: u16,
    /// The drawdown stop, latched.
    pub drawn: bool,
    pub ledger: Ledger,
    pub name: Symbol,
    /// First and last of its slots, in the order in which they were taken.
    pub first: u32,
    pub last: u32,
}

/// An account's money, all of it in the account's currency.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Ledger {
    pub cash: i128,
    /// Sum over its slots of the positions' market value.
    pub market: i128,
    pub realised: i128,
    pub fees: i128,
    pub peak: i128,
    pub maker_fee_ppm: i32,
    pub taker_fee_ppm: i32,
    pub unit_fee: i128,
}

impl Account {
    /// Opens an account with a full bucket and its opening cash.
    pub fn new(spec: &AccountSpec, currency: u16) -> Self {
        Self {
            limits: spec.limits,
            bucket: Bucket::full(&spec.limits.message_rate),
            gross: 0,
            open_orders: 0,
            currency,
            drawn: false,
            ledger: Ledger {
                cash: spec.cash.0,
                market: 0,
                realised: 0,
                fees: 0,
                peak: spec.cash.0,
                maker_fee_ppm: spec.maker_fee_ppm,
                taker_fee_ppm: spec.taker_fee_ppm,
                unit_fee: spec.unit_fee.0,
            },
            name: spec.name,
            first: NO_SLOT,
            last: NO_SLOT,
        }
    }

    /// Replaces name, limits and fees; a changed message rate starts with a full bucket.
    pub fn replace(&mut self, spec: &AccountSpec) {
        if self.limits.message_rate != spec.limits.message_rate {
            self.bucket = Bucket::full(&spec.limits.message_rate);
        }
        self.limits = spec.limits;
        self.name = spec.name;
        self.ledger.maker_fee_ppm = spec.maker_fee_ppm;
        self.ledger.taker_fee_ppm = spec.taker_fee_ppm;
        self.ledger.unit_fee = spec.unit_fee.0;
    }

    /// Raises the peak, and latches the stop where equity has fallen from it by the limit or more; says whether the
    /// stop is new.
    #[inline]
    pub fn watch(&mut self) -> bool {
        let equity = self.ledger.equity();
        self.ledger.peak = self.ledger.peak.max(equity);
        let passed = self.ledger.peak.saturating_sub(equity) > self.limits.drawdown_max.0;
        let newly = passed && !self.drawn;
        self.drawn |= passed;
        newly
    }

    /// Unlatches the stop and measures the drawdown from here on.
    pub fn reset(&mut self) {
        self.drawn = false;
        self.ledger.peak = self.ledger.equity();
    }
}

impl Ledger {
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
    /// Profit of what was closed, by average cost, before fees.
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
