//! What comes out of the engine.

use crate::{
    Adjusted, Bar, BookChange, ExecutionReport, Indicative, MarketStatus, Quote, SessionId, Time, TimerId, TradeTick,
};

/// One thing that happened because of an input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// Something happened to an order.
    Report(ExecutionReport),
    /// A public trade.
    Trade(TradeTick),
    /// The best bid or offer changed.
    Quote(Quote),
    /// A book changed, at its top or deeper.
    Book(BookChange),
    /// A bar closed.
    Bar(Bar),
    /// A strategy's timer is due.
    Timer(TimerFired),
    /// An instrument's trading state changed.
    Status(MarketStatus),
    /// An auction's likely outcome changed.
    Indicative(Indicative),
    /// A corporate action was applied to an instrument.
    Adjusted(Adjusted),
}

/// A timer that is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimerFired {
    /// Its deadline.
    pub time: Time,
    /// Whose.
    pub session: SessionId,
    /// Which.
    pub timer: TimerId,
}
