//! The loop of simulated time.

use core::fmt;

use omni_engine::{Engine, EngineError};
use omni_port::{BOOK_LEVELS, BookView, Venue};
use omni_types::{Body, Event, Fault, Input, InstrumentId, SessionId, Side, Time, TopOfBook};

use crate::host::{Delivery, HostState, Reply};
use crate::inflight::{Inflight, Latency};
use crate::routes::{HOSTS_MAX, Routes};
use crate::seat::{Seat, StrategySpec};
use crate::source::{Next, Source, Tops};

/// Sees what the loop does, and speaks for the person who watches.
pub trait Observer {
    /// Takes an input before it is applied: the journal stands here.
    ///
    /// # Errors
    /// A message for people; the run stops.
    fn input(&mut self, input: &Input) -> Result<(), String>;

    /// Learns that an input was applied and its events have been seen.
    fn applied(&mut self) {}

    /// Learns that a strategy is asked, and that it has answered.
    fn asking(&mut self, _session: SessionId) {}

    /// Learns that the strategy asked last has answered or was given up.
    fn answered(&mut self) {}

    /// Sees an event of the input with this number.
    fn event(&mut self, seq: u64, event: &Event);

    /// Returns what an operator asked for, if anything waits.
    fn operator(&mut self) -> Option<Body> {
        None
    }

    /// Asked again and again while a strategy doesn't answer; true gives it up.
    fn gives_up(&mut self, _session: SessionId) -> bool {
        false
    }

    /// Called while a strategy is waited for, now and then.
    fn waiting<V: Venue>(&mut self, _engine: &Engine<V>) {}

    /// Learns that a strategy's state changed.
    fn strategy(&mut self, _session: SessionId, _state: &HostState) {}
}

/// Why a run can't go on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NodeError {
    /// The engine could not take an input.
    Engine(EngineError),
    /// The source broke.
    Source(String),
    /// The observer (journal, recorder) broke.
    Observer(String),
    /// More strategies than one node takes.
    TooManyStrategies(usize),
    /// A strategy subscribes to an instrument that isn't listed.
    UnknownInstrument(SessionId, InstrumentId),
}

impl fmt::Display for NodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Engine(error) => write!(f, "{error}"),
            Self::Source(message) | Self::Observer(message) => f.write_str(message),
            Self::UnknownInstrument(session, instrument) => {
                write!(f, "strategy session {session} subscribes to instrument {instrument}, which isn't listed")
            }
            Self::TooManyStrategies(count) => write!(f, "{count} strategies; one node runs at most {HOSTS_MAX}"),
        }
    }
}

impl std::error::Error for NodeError {}

impl From<EngineError> for NodeError {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

/// Whether there is more to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress {
    /// Another step is due.
    More,
    /// The source has ended and every batch is delivered.
    Done,
}

/// The loop of simulated time: merges inputs, commands and deadlines by event time and waits for every strategy.
pub struct Lockstep<V> {
    pub(crate) engine: Engine<V>,
    pub(crate) seats: Vec<Seat>,
    pub(crate) routes: Routes,
    pub(crate) inflight: Inflight,
    /// Seats with something to deliver now, a bit for each.
    pub(crate) dirty: u64,
    /// Whether any seat batches.
    pub(crate) batching: bool,
}

pub(crate) struct Market<'a, V>(pub(crate) &'a Engine<V>);

impl<V: Venue> Tops for Market<'_, V> {
    fn top(&self, instrument: InstrumentId) -> TopOfBook {
        self.0.venue().top(instrument)
    }
}

/// The delivery that a strategy answers to: the last input before it, and when that was.
#[derive(Clone, Copy)]
pub(crate) struct Cause {
    pub(crate) seq: u64,
    pub(crate) time: Time,
}

pub(crate) enum Turn {
    Deadline(Time),
    Command,
    Source(Time),
}

impl<V: Venue> Lockstep<V> {
    /// Seats the strategies around an engine whose instruments, accounts and sessions are set up.
    ///
    /// # Errors
    /// [`NodeError::TooManyStrategies`], [`NodeError::UnknownInstrument`].
    pub fn new(engine: Engine<V>, latency: Latency, strategies: Vec<StrategySpec>) -> Result<Self, NodeError> {
        if strategies.len() > HOSTS_MAX {
            return Err(NodeError::TooManyStrategies(strategies.len()));
        }
        for spec in &strategies {
            let unknown = |id: &&InstrumentId| id.index() >= engine.instruments().len();
            if let Some(&instrument) = spec.subscription.instruments.iter().find(unknown) {
                return Err(NodeError::UnknownInstrument(spec.session, instrument));
            }
        }
        let subscriptions: Vec<_> = strategies.iter().map(|s| (s.session, &s.subscription)).collect();
        let routes = Routes::new(engine.instruments().len(), &subscriptions);
        let batching = strategies.iter().any(|s| s.subscription.batch_ns > 0);
        let seats: Vec<Seat> = strategies.into_iter().map(Seat::new).collect();
        let inflight = Inflight::new(latency, seats.len());
        Ok(Self { engine, seats, routes, inflight, dirty: 0, batching })
    }

    /// Returns the engine.
    #[must_use]
    pub const fn engine(&self) -> &Engine<V> {
        &self.engine
    }

    /// Takes the engine out.
    #[must_use]
    pub fn into_engine(self) -> Engine<V> {
        self.engine
    }

    /// Returns a strategy's state.
    #[must_use]
    pub fn state(&self, session: SessionId) -> Option<&HostState> {
        Some(&self.seats[self.routes.index(session)?].state)
    }

    /// Calls every strategy's start, or its recovery with all of its reports.
    ///
    /// # Errors
    /// As [`Self::step`].
    pub fn start<S: Source, O: Observer>(
        &mut self,
        recovered: bool,
        source: &mut S,
        observer: &mut O,
    ) -> Result<(), NodeError> {
        let time = self.engine.time();
        for at in 0..self.seats.len() {
            let reports = if recovered { self.seats[at].caught_up() } else { Vec::new() };
            let delivery = if recovered { Delivery::Recover(time, &reports) } else { Delivery::Start(time) };
            let seq = self.engine.seq();
            let reply = self.ask(at, &delivery, source, observer)?;
            self.take_reply(at, Cause { seq, time }, reply, source, observer)?;
        }
        self.deliver(source, observer)
    }

    /// Does the next thing in event time: one input, with everything that strategies answer to it.
    ///
    /// # Errors
    /// [`NodeError`] when the run can't go on; the engine is as after the last good input.
    #[inline]
    pub fn step<S: Source, O: Observer>(&mut self, source: &mut S, observer: &mut O) -> Result<Progress, NodeError> {
        while let Some(body) = observer.operator() {
            self.operate(body, source, observer)?;
        }
        let turn = self.turn(source);
        if self.batching && self.close_batches(self.time_of(turn.as_ref())) {
            self.deliver(source, observer)?;
            return Ok(Progress::More);
        }
        match turn {
            None => return Ok(Progress::Done),
            Some(Turn::Deadline(time)) => self.apply(time, 0, Body::Clock, source, observer)?,
            Some(Turn::Source(time)) => {
                let cause = source.cause();
                let body = source.take(&Market(&self.engine)).map_err(NodeError::Source)?;
                self.apply(time, cause, body, source, observer)?;
            }
            Some(Turn::Command) => {
                if let Some(command) = self.inflight.pop() {
                    let late = command.at < self.engine.time();
                    debug_assert!(!late, "Invariant: a command takes effect after its cause");
                    self.apply(command.at, command.cause, command.body, source, observer)?;
                }
            }
        }
        self.deliver(source, observer)?;
        Ok(Progress::More)
    }

    /// Takes what an operator says now, between two steps.
    ///
    /// # Errors
    /// As [`Self::step`].
    pub fn operate<S: Source, O: Observer>(
        &mut self,
        body: Body,
        source: &mut S,
        observer: &mut O,
    ) -> Result<(), NodeError> {
        self.apply(self.engine.time(), 0, body, source, observer)?;
        self.deliver(source, observer)
    }

    /// Calls every strategy's stop.
    ///
    /// # Errors
    /// As [`Self::step`].
    pub fn stop<S: Source, O: Observer>(&mut self, source: &mut S, observer: &mut O) -> Result<(), NodeError> {
        let time = self.engine.time();
        for at in 0..self.seats.len() {
            if self.seats[at].state == HostState::Running {
                let seq = self.engine.seq();
                let Reply { fault, .. } = self.ask(at, &Delivery::Stop(time), source, observer)?;
                // Its last commands are not taken, but that it failed is told.
                self.take_reply(at, Cause { seq, time }, Reply { commands: Vec::new(), fault }, source, observer)?;
            }
        }
        Ok(())
    }

    /// Decides whose turn it is: deadlines before commands before the source where the time is the same.
    #[inline]
    pub(crate) fn turn<S: Source>(&self, source: &mut S) -> Option<Turn> {
        let deadline = self.engine.next_deadline();
        let command = self.inflight.next();
        let incoming = match source.peek(&Market(&self.engine)) {
            Next::At(time) => time,
            Next::Numbered(seq, time) if seq == self.engine.seq() + 1 => return Some(Turn::Source(time)),
            Next::Numbered(_, time) if deadline.is_none() && command.is_none() => return Some(Turn::Source(time)),
            Next::Own(last) if self.engine.seq() >= last || (deadline.is_none() && command.is_none()) => return None,
            Next::Numbered(..) | Next::Own(_) => Time(i64::MAX),
            Next::Done => return None,
        };
        let first = deadline.map_or(incoming, |d| d.min(incoming));
        if command.is_some_and(|at| at <= first && deadline.is_none_or(|d| at < d)) {
            return Some(Turn::Command);
        }
        Some(if deadline == Some(first) { Turn::Deadline(first) } else { Turn::Source(first) })
    }

    /// Returns when a turn comes; without one nothing comes any more.
    pub(crate) fn time_of(&self, turn: Option<&Turn>) -> Time {
        match turn {
            Some(Turn::Deadline(time) | Turn::Source(time)) => *time,
            Some(Turn::Command) => self.inflight.next().unwrap_or(Time(i64::MAX)),
            None => Time(i64::MAX),
        }
    }

    /// Marks the batches that end until then; returns whether anything is to be delivered.
    pub(crate) fn close_batches(&mut self, until: Time) -> bool {
        for (at, seat) in self.seats.iter_mut().enumerate() {
            self.dirty |= u64::from(seat.close_batch(until)) << at;
        }
        self.dirty != 0
    }

    /// Numbers an input, lets the observer have it, applies it, and gathers what comes out for the strategies.
    #[inline]
    pub(crate) fn apply<S: Source, O: Observer>(
        &mut self,
        time: Time,
        cause: u64,
        body: Body,
        source: &mut S,
        observer: &mut O,
    ) -> Result<(), NodeError> {
        let seq = self.engine.seq() + 1;
        let input = Input { seq, time: time.max(self.engine.time()), cause, body };
        observer.input(&input).map_err(NodeError::Observer)?;
        let Self { engine, seats, routes, dirty, .. } = self;
        let mut sink = |event: &Event| {
            observer.event(seq, event);
            source.on_event(event);
            let mut hosts = routes.of(event);
            while hosts != 0 {
                let at = hosts.trailing_zeros() as usize;
                hosts &= hosts - 1;
                seats[at].gather(event);
                *dirty |= u64::from(seats[at].batch_ns == 0) << at;
            }
        };
        engine.apply(&input, &mut sink)?;
        observer.applied();
        self.follow(&input.body, observer);
        Ok(())
    }

    /// Follows what an input says of a strategy; nothing more is said of one that isn't called again.
    #[inline]
    fn follow<O: Observer>(&mut self, body: &Body, observer: &mut O) {
        let Some((session, state)) = HostState::told(body) else { return };
        let Some(at) = self.routes.index(session) else { return };
        if !self.seats[at].state.is_final() {
            self.stand(at, state, observer);
        }
    }

    /// Gives a strategy a state.
    pub(crate) fn stand<O: Observer>(&mut self, at: usize, state: HostState, observer: &mut O) {
        let seat = &mut self.seats[at];
        seat.follow(state);
        self.dirty |= u64::from(seat.resumes()) << at;
        observer.strategy(seat.session, &seat.state);
    }
}

pub(crate) fn view<V: Venue>(engine: &Engine<V>, instrument: InstrumentId) -> BookView {
    let side = |side| engine.venue().depth(instrument, side, BOOK_LEVELS);
    BookView::new(engine.time(), instrument, side(Side::Buy), side(Side::Sell))
}

pub(crate) const fn hung(session: SessionId) -> Body {
    Body::Stop { session, fault: Fault::Hung }
}
