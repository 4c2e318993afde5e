//! Strategies on a thread of their own: one delivery at a time goes over, its answer comes back.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use omni_port::BookView;
use omni_types::{Event, Time};

use crate::host::{Courier, Delivery, Reply};

/// How long [`Courier::poll`] waits at most before the operator is asked again.
const POLL: Duration = Duration::from_millis(1);

/// A delivery that has crossed over; its buffers are used again.
#[derive(Clone, Debug, Default)]
pub struct Parcel {
    /// Which strategy it is for.
    pub strategy: usize,
    kind: Kind,
    events: Vec<Event>,
    books: Vec<BookView>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Start(Time),
    Recover(Time),
    Events,
    Stop(Time),
}

impl Default for Kind {
    fn default() -> Self {
        Self::Stop(Time(0))
    }
}

impl Parcel {
    /// Returns the delivery.
    #[must_use]
    pub fn delivery(&self) -> Delivery<'_> {
        match self.kind {
            Kind::Start(time) => Delivery::Start(time),
            Kind::Recover(time) => Delivery::Recover(time, &self.events),
            Kind::Events => Delivery::Events(&self.events, &self.books),
            Kind::Stop(time) => Delivery::Stop(time),
        }
    }

    fn load(&mut self, strategy: usize, delivery: &Delivery<'_>) {
        self.strategy = strategy;
        self.events.clear();
        self.books.clear();
        self.kind = match *delivery {
            Delivery::Start(time) => Kind::Start(time),
            Delivery::Recover(time, missed) => {
                self.events.extend_from_slice(missed);
                Kind::Recover(time)
            }
            Delivery::Stop(time) => Kind::Stop(time),
            Delivery::Events(events, books) => {
                self.events.extend_from_slice(events);
                self.books.extend_from_slice(books);
                Kind::Events
            }
        };
    }
}

#[derive(Debug, Default)]
struct State {
    asked: Option<Parcel>,
    spare: Parcel,
    answer: Option<Reply>,
    closed: bool,
}

/// The crossing between the engine's thread and one strategy thread.
#[derive(Debug, Default)]
pub struct Crossing {
    state: Mutex<State>,
    asked: Condvar,
    answered: Condvar,
}

impl Crossing {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change under the lock is whole, so a panic elsewhere leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the next delivery; `None` when the crossing is closed and the thread should end.
    pub fn receive(&self) -> Option<Parcel> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            if let Some(parcel) = state.asked.take() {
                return Some(parcel);
            }
            state = self.asked.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Answers the delivery received last; the parcel's buffers go back.
    pub fn answer(&self, parcel: Parcel, reply: Reply) {
        let mut state = self.lock();
        state.spare = parcel;
        state.answer = Some(reply);
        self.answered.notify_one();
    }

    /// Ends the thread on the other side as soon as it comes back.
    pub fn close(&self) {
        self.lock().closed = true;
        self.asked.notify_all();
    }
}

/// The crossing that deliveries go over now; a new one takes its place when a strategy never came back from the old.
pub type Current = Arc<Mutex<Arc<Crossing>>>;

/// Carries deliveries of one strategy over the current crossing.
pub struct CrossingCourier {
    strategy: usize,
    current: Current,
    /// Called when a strategy hangs: must put a new thread behind a new crossing.
    replace: Arc<dyn Fn(usize) + Send + Sync>,
}

impl CrossingCourier {
    /// Makes a courier for the strategy with this number.
    pub fn new(strategy: usize, current: Current, replace: Arc<dyn Fn(usize) + Send + Sync>) -> Self {
        Self { strategy, current, replace }
    }

    fn crossing(&self) -> Arc<Crossing> {
        Arc::clone(&self.current.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Courier for CrossingCourier {
    fn send(&mut self, delivery: &Delivery<'_>) {
        let crossing = self.crossing();
        let mut state = crossing.lock();
        let mut parcel = core::mem::take(&mut state.spare);
        parcel.load(self.strategy, delivery);
        state.answer = None;
        state.asked = Some(parcel);
        crossing.asked.notify_one();
    }

    fn poll(&mut self) -> Option<Reply> {
        let crossing = self.crossing();
        let mut state = crossing.lock();
        if state.answer.is_none() {
            state = crossing.answered.wait_timeout(state, POLL).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.answer.take()
    }

    fn try_poll(&mut self) -> Option<Reply> {
        self.crossing().lock().answer.take()
    }

    fn abandon(&mut self) {
        self.crossing().close();
        (self.replace)(self.strategy);
    }
}
