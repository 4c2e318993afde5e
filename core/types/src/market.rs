//! Market data: quotes, trades, bars, book changes, status.

use crate::{InstrumentId, Price, Qty, Side, Time};

/// Best bid and ask with their total quantities; `None` where a side is empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TopOfBook {
    /// Best bid price and quantity.
    pub bid: Option<(Price, Qty)>,
    /// Best ask price and quantity.
    pub ask: Option<(Price, Qty)>,
}

impl TopOfBook {
    /// Returns whether the bid is at or above the ask.
    #[must_use]
    pub fn is_crossed(&self) -> bool {
        matches!((self.bid, self.ask), (Some((bid, _)), Some((ask, _))) if bid >= ask)
    }

    /// Returns the sum of best bid and best ask, twice the mid, where both sides are there and it fits.
    #[must_use]
    pub fn mid_twice(&self) -> Option<i64> {
        self.bid?.0.0.checked_add(self.ask?.0.0)
    }
}

/// Says that an instrument's book changed; who wants to know how, looks at the venue's depth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BookChange {
    /// Event time.
    pub time: Time,
    /// The instrument.
    pub instrument: InstrumentId,
}

/// A change of the best bid or offer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Quote {
    /// Event time.
    pub time: Time,
    /// The instrument.
    pub instrument: InstrumentId,
    /// The top after the change.
    pub top: TopOfBook,
}

/// A public trade.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TradeTick {
    /// Event time.
    pub time: Time,
    /// The instrument.
    pub instrument: InstrumentId,
    /// Trade price.
    pub price: Price,
    /// Traded quantity.
    pub quantity: Qty,
    /// Side of the aggressor, where known.
    pub aggressor: Option<Side>,
}

/// Open, high, low, close and volume over an interval that ends at `time`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bar {
    /// The close of the interval.
    pub time: Time,
    /// The instrument.
    pub instrument: InstrumentId,
    /// Length of the interval in nanoseconds.
    pub interval_ns: i64,
    /// First price.
    pub open: Price,
    /// Highest price.
    pub high: Price,
    /// Lowest price.
    pub low: Price,
    /// Last price.
    pub close: Price,
    /// Traded quantity.
    pub volume: Qty,
}

/// What a recorded order-by-order change does to the book.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum BookAction {
    /// A new resting order.
    Add = 0,
    /// Sets an order's price, side and quantity; keeps its place only when the price stays and the quantity shrinks.
    Modify = 1,
    /// Takes quantity off an order; at nothing it leaves.
    Reduce = 2,
    /// Removes an order.
    Delete = 3,
    /// Takes executed quantity off an order, at the order's price.
    Execute = 4,
    /// Empties the instrument's book.
    Clear = 5,
    /// An execution that takes nothing off the book (hidden order, or the feed's own separate removal follows).
    Trade = 6,
}

/// A recorded order-by-order change of a venue's book.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BookDelta {
    /// The instrument.
    pub instrument: InstrumentId,
    /// What happens.
    pub action: BookAction,
    /// Side of the resting order; for a [`BookAction::Trade`] the side of the resting party where known.
    pub side: Side,
    /// Whether this change ends the venue's event, so that the book may be looked at.
    pub last: bool,
    /// The feed's number of the order.
    pub reference: u64,
    /// Price; not read for reduce, delete, execute and clear.
    pub price: Price,
    /// Quantity.
    pub quantity: Qty,
}

/// Whether an instrument trades.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
pub enum TradingState {
    /// Orders rest and trade.
    #[default]
    Open = 0,
    /// Nothing trades; cancels are taken.
    Halted = 1,
    /// The session is over; day orders have expired.
    Closed = 2,
    /// Before the opening auction: orders gather, nothing trades.
    PreOpen = 3,
    /// A pause by volatility, which an auction ends: orders gather, nothing trades.
    Paused = 4,
    /// Before the closing auction: orders gather, those for the close among them; nothing trades.
    Closing = 5,
}

impl TradingState {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 6] = [Self::Open, Self::Halted, Self::Closed, Self::PreOpen, Self::Paused, Self::Closing];

    /// Returns its name, as people and other programs write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Halted => "halted",
            Self::Closed => "closed",
            Self::PreOpen => "pre_open",
            Self::Paused => "paused",
            Self::Closing => "closing",
        }
    }

    /// Returns whether orders gather for an auction.
    #[must_use]
    pub const fn is_call(self) -> bool {
        matches!(self, Self::PreOpen | Self::Paused | Self::Closing)
    }
}

/// What an auction would trade if it ended now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Indicative {
    /// Event time.
    pub time: Time,
    /// The instrument.
    pub instrument: InstrumentId,
    /// The price; `None` where nothing would trade.
    pub price: Option<Price>,
    /// What would trade.
    pub quantity: Qty,
    /// What would be left at that price on the side with more, and which that is; without a price, of market orders.
    pub imbalance: Option<(Side, Qty)>,
}

/// A change of an instrument's trading state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MarketStatus {
    /// Event time.
    pub time: Time,
    /// The instrument.
    pub instrument: InstrumentId,
    /// The new state.
    pub state: TradingState,
}
