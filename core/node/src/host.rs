//! Hosts of strategies: on the engine's thread, or elsewhere behind a courier.

use omni_port::{BookView, Command, Desk, Strategy, StrategyFault};
use omni_types::{Event, Fault, Time};

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
    /// The run goes on after a recovery.
    Recover(Time),
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
    /// It could not go on; the message is for people.
    Faulted(Fault, String),
}

/// Calls a strategy on this thread.
pub fn call(strategy: &mut dyn Strategy, desk: &mut Desk, delivery: &Delivery<'_>) -> Result<(), StrategyFault> {
    match *delivery {
        Delivery::Start(time) => {
            desk.set_time(time);
            strategy.on_start(desk)
        }
        Delivery::Recover(time) => {
            desk.set_time(time);
            strategy.on_recover(desk)
        }
        Delivery::Events(events, books) => call_events(strategy, desk, events, books),
        Delivery::Stop(time) => {
            desk.set_time(time);
            strategy.on_stop(desk)
        }
    }
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
