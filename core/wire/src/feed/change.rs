//! What a feed hands out.

use omni_types::{BookDelta, MarketStatus, Time, TradeTick};

/// One thing that a recorded feed tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// The book changed, or a resting order was executed; see [the rules](crate::feed).
    Book(BookDelta),
    /// A public trade that the book's own executions don't already tell.
    Trade(TradeTick),
    /// The instrument's trading state changed.
    Status(MarketStatus),
}

/// When something happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// The venue's time; a snapshot's orders keep the time at which they came.
    pub event: Time,
    /// The capture's time, which never goes back; the same as `event` where the file has only one.
    pub received: Time,
}
