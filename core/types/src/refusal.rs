//! Why a command was refused.

use core::fmt;

/// The reason of a refusal; its `Display` is what a person reads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[repr(u8)]
pub enum Refusal {
    /// Not refused.
    #[default]
    None = 0,
    /// No such instrument is listed.
    UnknownInstrument,
    /// No such account is open.
    UnknownAccount,
    /// The session is not registered for this account.
    UnknownSession,
    /// No open order has this client order id.
    UnknownOrder,
    /// The client order id is not above the session's last.
    DuplicateClientOrderId,
    /// The quantity is zero, off the lot, or above the instrument's maximum.
    InvalidQuantity,
    /// The price is off tick or outside the instrument's range.
    InvalidPrice,
    /// The order type, time in force and flags don't go together, or the venue doesn't have them.
    UnsupportedOrder,
    /// The instrument isn't trading now.
    MarketClosed,
    /// A post-only order would have traded.
    WouldTrade,
    /// An amend to a total quantity not above what is already filled.
    BelowFilled,
    /// Gate: order quantity above the account's limit.
    OrderQuantity,
    /// Gate: order notional above the account's limit.
    OrderNotional,
    /// Gate: price too far from the reference price.
    PriceCollar,
    /// Gate: the position limit would be passed.
    PositionLimit,
    /// Gate: the account's gross exposure limit would be passed.
    GrossExposure,
    /// Gate: too many open orders.
    OpenOrders,
    /// Gate: too many messages in the window.
    MessageRate,
    /// Gate: the instrument is restricted for this account.
    Restricted,
    /// Gate: the account has lost its drawdown limit.
    Drawdown,
    /// Gate: the kill switch is on.
    KillSwitch,
    /// Gate: no reference price yet for a market order's notional or a collar.
    NoReferencePrice,
    /// Gate: no rate from the instrument's currency to the account's.
    NoRate,
    /// The account or session was stopped (a strategy's fault or an operator).
    Stopped,
    /// Self-trade prevention cancelled the order, or took quantity off it.
    SelfTrade,
    /// The order pool is full.
    OrderCapacity,
    /// The price level pool is full.
    LevelCapacity,
    /// The pool of (account, instrument) risk slots is full.
    RiskCapacity,
    /// The timer pool is full.
    TimerCapacity,
    /// Nothing to trade against (market, IOC or FOK remainder).
    NoLiquidity,
    /// The order's time is over, or was before it came.
    TimeOver,
    /// A corporate action cancelled the order.
    CorporateAction,
}

impl Refusal {
    /// All refusals, in the order of their codes.
    pub const ALL: [Self; 33] = [
        Self::None,
        Self::UnknownInstrument,
        Self::UnknownAccount,
        Self::UnknownSession,
        Self::UnknownOrder,
        Self::DuplicateClientOrderId,
        Self::InvalidQuantity,
        Self::InvalidPrice,
        Self::UnsupportedOrder,
        Self::MarketClosed,
        Self::WouldTrade,
        Self::BelowFilled,
        Self::OrderQuantity,
        Self::OrderNotional,
        Self::PriceCollar,
        Self::PositionLimit,
        Self::GrossExposure,
        Self::OpenOrders,
        Self::MessageRate,
        Self::Restricted,
        Self::Drawdown,
        Self::KillSwitch,
        Self::NoReferencePrice,
        Self::NoRate,
        Self::Stopped,
        Self::SelfTrade,
        Self::OrderCapacity,
        Self::LevelCapacity,
        Self::RiskCapacity,
        Self::TimerCapacity,
        Self::NoLiquidity,
        Self::TimeOver,
        Self::CorporateAction,
    ];

    /// Returns the reason in words.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::None => "accepted",
            Self::UnknownInstrument => "no such instrument is listed",
            Self::UnknownAccount => "no such account is open",
            Self::UnknownSession => "this session may not trade this account",
            Self::UnknownOrder => "no open order has this client order id",
            Self::DuplicateClientOrderId => "client order id not above the session's last one",
            Self::InvalidQuantity => "quantity is zero, off the lot size or above the instrument's maximum",
            Self::InvalidPrice => "price is off tick or outside the instrument's range",
            Self::UnsupportedOrder => "this order type, time in force and flags don't go together here",
            Self::MarketClosed => "the instrument is not trading now",
            Self::WouldTrade => "post-only order would have traded",
            Self::BelowFilled => "new total quantity is not above the filled quantity",
            Self::OrderQuantity => "order quantity is above the account's limit",
            Self::OrderNotional => "order notional is above the account's limit",
            Self::PriceCollar => "price is outside the collar around the reference price",
            Self::PositionLimit => "position limit would be passed",
            Self::GrossExposure => "gross exposure limit would be passed",
            Self::OpenOrders => "too many open orders",
            Self::MessageRate => "too many messages in the rate window",
            Self::Restricted => "instrument is on the account's restricted list",
            Self::Drawdown => "drawdown stop: the account has lost its limit",
            Self::KillSwitch => "kill switch is on",
            Self::NoReferencePrice => "no reference price for this instrument yet",
            Self::NoRate => "no exchange rate to the account's currency",
            Self::Stopped => "the account or strategy is stopped",
            Self::SelfTrade => "self-trade prevention",
            Self::OrderCapacity => "order pool is full",
            Self::LevelCapacity => "price level pool is full",
            Self::RiskCapacity => "risk slot pool is full",
            Self::TimerCapacity => "timer pool is full",
            Self::NoLiquidity => "nothing left to trade against",
            Self::TimeOver => "the order's time is over",
            Self::CorporateAction => "cancelled by a corporate action",
        }
    }

    /// Returns the refusal with this code, if there is one.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_texts_are_distinct() {
        for (code, refusal) in Refusal::ALL.into_iter().enumerate() {
            assert_eq!(refusal as usize, code);
            assert_eq!(Refusal::from_code(code as u8), Some(refusal));
            let same = Refusal::ALL.iter().filter(|other| other.text() == refusal.text());
            assert_eq!(same.count(), 1, "{refusal:?}");
        }
        assert_eq!(Refusal::from_code(Refusal::ALL.len() as u8), None);
    }
}
