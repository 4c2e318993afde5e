//! Orders and the commands on them, in FIX's words.

use crate::{AccountId, ClientOrderId, InstrumentId, Price, Qty, SessionId};

/// Side (FIX tag 54). The book calls them bid and ask.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Side {
    /// Buys; rests on the bid side.
    Buy = 0,
    /// Sells; rests on the ask side.
    Sell = 1,
}

impl Side {
    /// Both sides, buy first.
    pub const BOTH: [Self; 2] = [Self::Buy, Self::Sell];

    /// Returns the other side.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }

    /// Returns 1 for buy, -1 for sell.
    #[must_use]
    pub const fn sign(self) -> i64 {
        1 - 2 * (self as i64)
    }

    /// Returns 0 for buy, 1 for sell.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// Order type (FIX tag 40).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[repr(u8)]
pub enum OrderType {
    /// Takes what is there at any price; never rests.
    Market = 0,
    /// Trades at its price or better.
    #[default]
    Limit = 1,
}

/// Time in force (FIX tag 59).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[repr(u8)]
pub enum TimeInForce {
    /// Until the trading session ends.
    #[default]
    Day = 0,
    /// Until cancelled.
    Gtc = 1,
    /// What trades at once trades; the rest is cancelled.
    Ioc = 2,
    /// All at once or nothing.
    Fok = 3,
    /// Until a time; [`crate::Terms::expire`] says when.
    Gtd = 4,
    /// Trades in the next opening auction; the rest ends there.
    AtOpen = 5,
    /// Trades in the closing auction; the rest ends there.
    AtClose = 6,
}

impl TimeInForce {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 7] = [Self::Day, Self::Gtc, Self::Ioc, Self::Fok, Self::Gtd, Self::AtOpen, Self::AtClose];

    /// Returns its name, as people and other programs write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Gtc => "gtc",
            Self::Ioc => "ioc",
            Self::Fok => "fok",
            Self::Gtd => "gtd",
            Self::AtOpen => "at_open",
            Self::AtClose => "at_close",
        }
    }

    /// Returns whether what doesn't trade at once stays open.
    #[inline]
    #[must_use]
    pub const fn rests(self) -> bool {
        matches!(self, Self::Day | Self::Gtc | Self::Gtd)
    }
}

/// What happens when an order meets one of its own account (FIX tag 2964, self-match prevention instruction). No trade
/// does; the arriving order says which.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[repr(u8)]
pub enum SelfTrade {
    /// What is left of the arriving order is cancelled.
    #[default]
    CancelNewest = 0,
    /// The resting order is cancelled, and the arriving one goes on.
    CancelOldest = 1,
    /// Both are cancelled.
    CancelBoth = 2,
    /// Both lose the smaller quantity; what is left of the larger one goes on.
    Decrement = 3,
}

impl SelfTrade {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 4] = [Self::CancelNewest, Self::CancelOldest, Self::CancelBoth, Self::Decrement];
}

/// Asks for a new order (FIX `D`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewOrder {
    /// The sender.
    pub session: SessionId,
    /// The sender's number, above every one it used before.
    pub client_order_id: ClientOrderId,
    /// Whose position and limits it uses.
    pub account: AccountId,
    /// What is traded.
    pub instrument: InstrumentId,
    /// Buy or sell.
    pub side: Side,
    /// Market or limit.
    pub order_type: OrderType,
    /// How long it lives.
    pub time_in_force: TimeInForce,
    /// Refused rather than traded on arrival (FIX ExecInst 6, participate don't initiate).
    pub post_only: bool,
    /// What happens when it meets its own account.
    pub self_trade: SelfTrade,
    /// The limit, in price units; not read for a market order.
    pub price: Price,
    /// How much, in quantity units.
    pub quantity: Qty,
}

/// Asks to cancel an order (FIX `F`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CancelOrder {
    /// The sender of the order.
    pub session: SessionId,
    /// The order's number.
    pub client_order_id: ClientOrderId,
}

/// Asks to change an order's price or total quantity (FIX `G`). The client order id stays.
///
/// A smaller quantity at the same price keeps its place in the queue; anything else loses it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AmendOrder {
    /// The sender of the order.
    pub session: SessionId,
    /// The order's number.
    pub client_order_id: ClientOrderId,
    /// The new limit, in price units.
    pub price: Price,
    /// The new total quantity, filled part included.
    pub quantity: Qty,
}
