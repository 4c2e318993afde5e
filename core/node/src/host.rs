//! Hosts of strategies: on the engine's thread, or elsewhere behind a courier.

use omni_port::{BookView, Command, Desk, Strategy, StrategyFault};
use omni_types::{Body, Event, Fault, SessionId, Time, TimerFired};

use crate::sentry::Guard;

/// What a strategy answers to a delivery.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Reply {
    /// Its commands, oldest first.
    pub commands: Vec<Command>,
    /// Why it can't go on, if it can't.
    pub fault: Option<StrategyFault>,
}

/// Carries deliveries to a strategy on another thread.
///
/// The loop sends one delivery, then asks for the answer until it is there, taking the operator's commands meanwhile.
pub trait Courier: Send {
    /// Sends a delivery: events in order, and the books that changed.
    fn send(&mut self, delivery: &Delivery<'_>);

    /// Returns the answer once it is there; waits a little at most.
    fn poll(&mut self) -> Option<Reply>;

    /// Returns the answer if it is there now.
    fn try_poll(&mut self) -> Option<Reply>;

    /// Says that nobody waits for the answer any more.
    fn abandon(&mut self);
}

/// What is delivered to a strategy at once.
#[derive(Clone, Copy, Debug)]
pub enum Delivery<'a> {
    /// The run starts.
    Start(Time),
    /// It goes on after a recovery or a stop, with its own reports and timers of meanwhile.
    Recover(Time, &'a [Event]),
    /// Events, with a view of each book that changed.
    Events(&'a [Event], &'a [BookView]),
    /// The run ends.
    Stop(Time),
}

/// Where a strategy runs.
pub enum Host {
    /// On the engine's thread; the calls of one that could end the process are noted.
    Local(Box<dyn Strategy>, Box<Desk>, Option<Guard>),
    /// On a thread of its own.
    Remote(Box<dyn Courier>),
}

/// Whether a strategy is called.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum HostState {
    /// It is.
    #[default]
    Running,
    /// A person stopped it.
    Stopped,
    /// A recovery left it out: nobody is there to be called.
    LeftOut,
    /// It could not go on; the message is for people.
    Faulted(Fault, String),
}

/// What is known of a fault where only its kind was kept.
const fn said(fault: Fault) -> &'static str {
    match fault {
        Fault::Operator => "stopped by a person",
        Fault::Raised => "it raised; the log has the message",
        Fault::Hung => "it did not come back in time",
        Fault::Crashed => "the process ended while it was called",
    }
}

impl HostState {
    /// Returns whose strategy an input gives which state, if it gives one.
    #[inline]
    pub(crate) fn told(body: &Body) -> Option<(SessionId, Self)> {
        match body {
            Body::Stop { session, fault: Fault::Operator } => Some((*session, Self::Stopped)),
            Body::Stop { session, fault } => Some((*session, Self::Faulted(*fault, said(*fault).to_owned()))),
            Body::Start { session } => Some((*session, Self::Running)),
            _ => None,
        }
    }

    /// What people are told of a strategy that a recovery left out.
    pub const LEFT_OUT: &str = "left out when the run was recovered";

    /// Returns whether it is never called again in this run.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::LeftOut | Self::Faulted(..))
    }
}

/// Calls a strategy on this thread.
pub fn call(strategy: &mut dyn Strategy, desk: &mut Desk, delivery: &Delivery<'_>) -> Result<(), StrategyFault> {
    match *delivery {
        Delivery::Start(time) => {
            desk.set_time(time);
            strategy.on_start(desk)
        }
        Delivery::Recover(time, missed) => recover(strategy, desk, time, missed),
        Delivery::Events(events, books) => call_events(strategy, desk, events, books),
        Delivery::Stop(time) => {
            desk.set_time(time);
            strategy.on_stop(desk)
        }
    }
}

/// Brings the desk up to date before the strategy goes on from there; the timers that it missed are late, not early.
fn recover(strategy: &mut dyn Strategy, desk: &mut Desk, time: Time, missed: &[Event]) -> Result<(), StrategyFault> {
    missed.iter().for_each(|event| desk.observe(event));
    desk.set_time(time);
    strategy.on_recover(desk)?;
    for event in missed {
        if let Event::Timer(due) = *event {
            strategy.on_events(&[Event::Timer(TimerFired { time, ..due })], desk)?;
        }
    }
    Ok(())
}

fn call_events(
    strategy: &mut dyn Strategy,
    desk: &mut Desk,
    events: &[Event],
    books: &[BookView],
) -> Result<(), StrategyFault> {
    strategy.on_events(events, desk)?;
    for book in books {
        strategy.on_book(book, desk)?;
    }
    Ok(())
}
