//! A strategy's place in the loop.

use omni_port::{BookView, Command, Subscription};
use omni_types::{AccountId, Event, InstrumentId, SessionId, Time};

use crate::host::{Host, HostState};

/// Events that a delivery has room for from the start.
const GATHERED: usize = 1 << 12;

/// A strategy to run, and where.
pub struct StrategySpec {
    /// Its session.
    pub session: SessionId,
    /// The account that it trades.
    pub account: AccountId,
    /// What it is called for.
    pub subscription: Subscription,
    /// Where it runs.
    pub host: Host,
    /// A recorded run's last delivery to it: the input at which it hung then and is not called again.
    pub hung_at: Option<u64>,
}

/// A strategy's place in the loop: how it stands, and what waits for it.
pub(crate) struct Seat {
    pub(crate) session: SessionId,
    /// Away while its strategy is being asked.
    pub(crate) host: Option<Host>,
    pub(crate) state: HostState,
    /// From its stop until it is called again: the market passes it by, but its own reports and timers wait for it.
    deaf: bool,
    /// While the journal of a process that ended is applied again.
    catching_up: bool,
    pub(crate) batch_ns: i64,
    /// How many of its events are the batch that it should have had by now.
    due: usize,
    pub(crate) hung_at: Option<u64>,
    pub(crate) events: Vec<Event>,
    pub(crate) books: Vec<InstrumentId>,
    pub(crate) edge: Option<Time>,
    pub(crate) views: Vec<BookView>,
    /// A buffer for what a strategy on this thread sends.
    pub(crate) commands: Vec<Command>,
}

impl Seat {
    pub(crate) fn new(spec: StrategySpec) -> Self {
        Self {
            session: spec.session,
            host: Some(spec.host),
            state: HostState::Running,
            deaf: false,
            catching_up: false,
            batch_ns: spec.subscription.batch_ns,
            due: 0,
            hung_at: spec.hung_at,
            // A batch that holds more lets it grow once, to what it needs.
            events: Vec::with_capacity(GATHERED),
            books: Vec::with_capacity(8),
            edge: None,
            views: Vec::with_capacity(8),
            commands: Vec::with_capacity(1 << 10),
        }
    }

    /// Keeps an event until the next delivery.
    #[inline]
    pub(crate) fn gather(&mut self, event: &Event) {
        if self.deaf {
            return self.keep(event);
        }
        if self.batch_ns > 0 && self.edge.is_none() {
            let time = event_time(event).0;
            self.edge = Some(Time((time.div_euclid(self.batch_ns) + 1).saturating_mul(self.batch_ns)));
        }
        match event {
            Event::Book(change) if self.books.contains(&change.instrument) => {}
            Event::Book(change) => self.books.push(change.instrument),
            other => self.events.push(*other),
        }
    }

    /// Ends the batch whose edge has come; returns whether there is one.
    pub(crate) fn close_batch(&mut self, until: Time) -> bool {
        let closes = self.edge.is_some_and(|edge| edge <= until);
        if closes {
            self.edge = None;
            self.due = self.events.len();
        }
        closes
    }

    /// Returns how many events came while it should have been called already.
    pub(crate) const fn behind(&self) -> usize {
        self.events.len() - self.due
    }

    /// Hands over what was gathered, behind an edge too.
    pub(crate) fn take_events(&mut self) -> Vec<Event> {
        self.edge = None;
        self.due = 0;
        core::mem::take(&mut self.events)
    }

    /// Takes the buffer back, so that a delivery allocates nothing; what came meanwhile goes into it.
    pub(crate) fn give_back(&mut self, mut events: Vec<Event>) {
        events.clear();
        events.append(&mut self.events);
        self.events = events;
    }

    /// Keeps an event for when it is started again; one that faulted never is.
    #[cold]
    fn keep(&mut self, event: &Event) {
        let told_then = matches!(event, Event::Timer(_));
        let wanted = is_own(event) && !(self.catching_up && told_then);
        if wanted && !self.state.is_final() {
            self.events.push(*event);
        }
    }

    /// Keeps what changes orders and positions alone from here on, while a journal is caught up with: its timers were heard then.
    pub(crate) const fn catch_up(&mut self) {
        (self.deaf, self.catching_up) = (true, true);
    }

    /// Returns what it is told at a recovery, and hears everything again.
    pub(crate) fn caught_up(&mut self) -> Vec<Event> {
        self.catching_up = false;
        if self.state != HostState::Running {
            return Vec::new();
        }
        self.deaf = false;
        core::mem::replace(&mut self.events, Vec::with_capacity(GATHERED))
    }

    /// Takes in how it stands from now on.
    pub(crate) fn follow(&mut self, state: HostState) {
        self.deaf |= state != HostState::Running;
        self.state = state;
        if self.deaf {
            self.events.retain(is_own);
            self.books.clear();
            self.edge = None;
            self.due = 0;
        }
    }

    /// Returns whether it was started again and has not been called since.
    pub(crate) fn resumes(&self) -> bool {
        self.deaf && self.state == HostState::Running
    }

    /// Hears everything again, as it is about to be called; returns whether it did not until now.
    #[inline]
    pub(crate) const fn hear(&mut self) -> bool {
        core::mem::replace(&mut self.deaf, false)
    }
}

/// Returns whether an event changes what the strategy has, or is its alone: nobody tells it again.
const fn is_own(event: &Event) -> bool {
    matches!(event, Event::Report(_) | Event::Timer(_) | Event::Adjusted(_))
}

#[inline]
const fn event_time(event: &Event) -> Time {
    match event {
        Event::Report(report) => report.time,
        Event::Trade(trade) => trade.time,
        Event::Quote(quote) => quote.time,
        Event::Book(change) => change.time,
        Event::Bar(bar) => bar.time,
        Event::Timer(timer) => timer.time,
        Event::Status(status) => status.time,
        Event::Indicative(indicative) => indicative.time,
        Event::Adjusted(adjusted) => adjusted.time,
    }
}
