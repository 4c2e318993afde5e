//! The observer of a run: journal, recorder, operator, watchdog, and what people see.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use omni_engine::Engine;
use omni_gateway::{Archive, Command, Hub, Reply, RunState, RunView};
use omni_journal::{Journal, JournalError};
use omni_port::Venue;
use omni_types::{AccountId, Body, Event, Fault, Input, Money, SessionId, Time};

use crate::host::HostState;
use crate::keeper::SnapshotKeeper;
use crate::latency::LatencyMeter;
use crate::lockstep::Observer;
use crate::pace::Pace;
use crate::record::Recorder;
use crate::screen::Screen;

/// Inputs between two snapshots.
const SNAPSHOT_EVERY: u64 = 1_000_000;
/// One input in so many is timed.
const TIMED: u64 = 64;
/// How long a strategy may still take once a person ends the run.
const LAST_WORD: Duration = Duration::from_secs(1);

/// How often, and with which pause, the last view is handed over again.
const LAST_VIEW_TRIES: usize = 20;
const LAST_VIEW_PAUSE: Duration = Duration::from_millis(10);

/// A strategy as people know it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StrategyInfo {
    /// Its session.
    pub session: SessionId,
    /// Its account.
    pub account: AccountId,
    /// Its name.
    pub name: Arc<str>,
}

/// What a run is watched with.
pub struct WatchSpec {
    /// The run as people see it.
    pub run: RunView,
    /// Its strategies.
    pub strategies: Vec<StrategyInfo>,
    /// Start of the day.
    pub start: Time,
    /// End of the day, where known.
    pub end: Option<Time>,
    /// Simulated time against real time.
    pub pace: Pace,
    /// Whether time is the wall clock's, which waits for no strategy.
    pub by_wall: bool,
    /// How long a strategy may take to answer.
    pub watchdog: Duration,
    /// Event time between two samples of equity.
    pub equity_ns: i64,
    /// Whether bars are kept: those built from trades, which nobody else has.
    pub keep_bars: bool,
    /// The journal, if there is one.
    pub journal: Option<Journal>,
    /// The control socket's hub, if there is one.
    pub hub: Option<Arc<Hub>>,
}

/// What other threads may read and say while the run goes.
#[derive(Debug, Default)]
pub struct Signals {
    /// Set to end the run cleanly.
    pub stop: AtomicBool,
    /// Engine time.
    pub time: AtomicI64,
    /// Inputs so far.
    pub seq: AtomicU64,
    /// Why the kill switch is on, while it is.
    killed: Mutex<Option<Arc<str>>>,
}

impl Signals {
    /// Returns why the kill switch is on; `None` while it is off.
    pub fn killed(&self) -> Option<Arc<str>> {
        self.killed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_killed(&self, reason: Option<Arc<str>>) {
        *self.killed.lock().unwrap_or_else(PoisonError::into_inner) = reason;
    }
}

/// The kill switch as people see it.
#[derive(Clone, Debug, Default)]
pub(crate) struct KillInfo {
    pub(crate) reason: Arc<str>,
    pub(crate) since: Time,
}

/// Watches a run.
pub struct Watch {
    pub(crate) journal: Option<Journal>,
    pub(crate) keeper: Option<SnapshotKeeper>,
    pub(crate) recorder: Recorder,
    pub(crate) hub: Option<Arc<Hub>>,
    pub(crate) signals: Arc<Signals>,
    pub(crate) pace: Pace,
    pub(crate) by_wall: bool,
    pub(crate) strategies: Vec<StrategyInfo>,
    pub(crate) states: Vec<HostState>,
    /// The deepest fall from its peak that a sample found, of each strategy's account.
    pub(crate) deepest: Vec<Money>,
    pub(crate) kill: Option<KillInfo>,
    pub(crate) state: RunState,
    pub(crate) input_latency: LatencyMeter,
    pub(crate) strategy_latency: LatencyMeter,
    screen: Screen,
    watchdog: Duration,
    equity_ns: i64,
    next_equity: Time,
    asked: Option<Instant>,
    timed: Option<Instant>,
    /// Whoever waits for the operator's input that is applied next.
    reply: Option<Reply>,
    /// Answers that wait until the journal's mode holds the inputs that they are about.
    held: VecDeque<(u64, Reply)>,
}

impl Watch {
    /// Starts watching.
    #[must_use]
    pub fn new(spec: WatchSpec, signals: Arc<Signals>) -> Self {
        let sessions = spec.strategies.iter().map(|strategy| strategy.session);
        Self {
            keeper: spec.journal.as_ref().map(|journal| SnapshotKeeper::new(journal.directory(), SNAPSHOT_EVERY)),
            journal: spec.journal,
            recorder: Recorder::new(sessions, spec.keep_bars),
            hub: spec.hub,
            signals,
            pace: spec.pace,
            by_wall: spec.by_wall,
            states: vec![HostState::Running; spec.strategies.len()],
            deepest: vec![Money::ZERO; spec.strategies.len()],
            strategies: spec.strategies,
            kill: None,
            state: RunState::Starting,
            input_latency: LatencyMeter::new("input"),
            strategy_latency: LatencyMeter::new("strategy"),
            screen: Screen::new(spec.run, spec.start, spec.end),
            watchdog: spec.watchdog,
            equity_ns: spec.equity_ns,
            next_equity: spec.start,
            asked: None,
            timed: None,
            reply: None,
            held: VecDeque::new(),
        }
    }

    /// Does what is due between two steps: samples equity, shows the view.
    #[inline]
    pub(crate) fn between<V: Venue>(&mut self, engine: &Engine<V>) {
        if let Some(keeper) = &mut self.keeper {
            keeper.between(engine);
        }
        if !self.held.is_empty() {
            self.release();
        }
        self.sample_due(engine);
        self.signals.time.store(engine.time().0, Ordering::Relaxed);
        self.signals.seq.store(engine.seq(), Ordering::Relaxed);
        if self.hub.as_ref().is_some_and(|hub| hub.view_wanted()) {
            self.show(engine);
        }
    }

    /// Samples equity if that is due.
    #[inline]
    pub(crate) fn sample_due<V: Venue>(&mut self, engine: &Engine<V>) {
        if engine.time() >= self.next_equity {
            self.sample_equity(engine);
        }
    }

    /// Takes every recorded account's money now.
    pub(crate) fn sample_equity<V: Venue>(&mut self, engine: &Engine<V>) {
        self.next_equity = self.recorder.sample(engine, &self.strategies, self.equity_ns);
        for (strategy, deepest) in self.strategies.iter().zip(&mut self.deepest) {
            if let Some(view) = engine.gate().account_now(strategy.account) {
                *deepest = view.drawdown.max(*deepest);
            }
        }
    }

    /// Shows the newest view to whoever looks; returns whether it is on its way to them.
    pub(crate) fn show<V: Venue>(&mut self, engine: &Engine<V>) -> bool {
        let Some(hub) = self.hub.clone() else { return true };
        let mut screen = core::mem::take(&mut self.screen);
        let taken = screen.show(&hub, engine, self);
        self.screen = screen;
        taken
    }

    /// Shows the last view, which people keep, and leaves them what else they may look at; takes no more commands.
    pub(crate) fn show_last<V: Venue>(&mut self, engine: &Engine<V>) {
        let Some(hub) = self.hub.clone() else { return };
        // The publisher may be held up for a moment.
        for _ in 0..LAST_VIEW_TRIES {
            if self.show(engine) {
                break;
            }
            std::thread::sleep(LAST_VIEW_PAUSE);
        }
        let mut screen = core::mem::take(&mut self.screen);
        hub.close(screen.archive(Archive::default(), &hub.watched(), engine, self));
    }

    fn command(&mut self, command: Command) -> Option<Body> {
        match command {
            Command::Kill { reason } => Some(Body::Kill { reason }),
            Command::Resume { .. } if self.kill.is_none() => self.refuse("the kill switch is not on".to_owned()),
            Command::Resume { reason } => Some(Body::Resume { reason }),
            Command::StopSession(session) | Command::StartSession(session) if self.known(session).is_none() => {
                self.refuse(format!("no strategy has session {session}; `omni status` lists them"))
            }
            Command::StopSession(session) => Some(Body::Stop { session, fault: Fault::Operator }),
            Command::StartSession(session) => match self.known(session) {
                Some(HostState::LeftOut) => self.refuse(format!("it was {}", HostState::LEFT_OUT)),
                Some(HostState::Faulted(_, fault)) => {
                    let why = format!("it faulted and isn't called again in this run: {fault}");
                    self.refuse(why)
                }
                _ => Some(Body::Start { session }),
            },
            Command::Stop => {
                self.signals.stop.store(true, Ordering::Relaxed);
                self.answer(Ok(self.signals.seq.load(Ordering::Relaxed)));
                None
            }
            Command::Speed(multiple) => {
                self.pace = Pace::new(multiple);
                self.answer(Ok(self.signals.seq.load(Ordering::Relaxed)));
                None
            }
        }
    }

    fn known(&self, session: SessionId) -> Option<&HostState> {
        let mut all = self.strategies.iter().zip(&self.states);
        all.find(|(strategy, _)| strategy.session == session).map(|(_, state)| state)
    }

    fn refuse(&mut self, why: String) -> Option<Body> {
        self.answer(Err(why));
        None
    }

    fn answer(&mut self, result: Result<u64, String>) {
        if let Some(reply) = self.reply.take() {
            reply.send(result);
        }
    }

    fn follow(&mut self, input: &Input) {
        match &input.body {
            // The reason that stopped the trading is the one to look into: a second doesn't take its place.
            Body::Kill { .. } if self.kill.is_some() => {}
            Body::Kill { reason } => {
                let reason: Arc<str> = reason.as_ref().into();
                self.signals.set_killed(Some(Arc::clone(&reason)));
                self.kill = Some(KillInfo { reason, since: input.time });
            }
            Body::Resume { .. } => {
                self.kill = None;
                self.signals.set_killed(None);
            }
            Body::Recover => self.recorder.recoveries.push(input.seq),
            _ => {}
        }
    }
}

impl Watch {
    /// Writes what comes from here on into a journal that was caught up with, and snapshots beside it.
    pub(crate) fn go_on(&mut self, journal: Journal) {
        self.keeper = Some(SnapshotKeeper::new(journal.directory(), SNAPSHOT_EVERY));
        self.journal = Some(journal);
    }

    /// Stops writing the journal, whose error ended the run, and snapshots with it.
    pub(crate) fn stop_journaling(&mut self) {
        self.journal = None;
        self.keeper = None;
        let lost = "the journal failed before it held this: look at the run before you do it again";
        self.held.drain(..).for_each(|(_, reply)| reply.send(Err(lost.to_owned())));
    }

    /// Answers whoever waits for inputs that the journal's watermark has passed.
    fn release(&mut self) {
        let safe = self.journal.as_ref().map_or(u64::MAX, Journal::durable_seq);
        while self.held.front().is_some_and(|(seq, _)| *seq <= safe)
            && let Some((seq, reply)) = self.held.pop_front()
        {
            reply.send(Ok(seq));
        }
    }

    /// Closes the journal and answers whoever still waits for it.
    pub(crate) fn close_journal(&mut self) -> Result<(), JournalError> {
        let closed = self.journal.take().map_or(Ok(()), |journal| journal.close().map(drop));
        match &closed {
            Ok(()) => self.release(),
            Err(error) => self.held.drain(..).for_each(|(_, reply)| reply.send(Err(error.to_string()))),
        }
        closed
    }

    /// Waits until the journal holds everything that was appended, where its mode waits for the disk.
    fn commit(&mut self) -> Result<(), String> {
        self.journal.as_mut().map_or(Ok(()), |journal| journal.commit().map_err(|error| error.to_string()))
    }
}

impl Observer for Watch {
    #[inline]
    fn input(&mut self, input: &Input) -> Result<(), String> {
        if input.seq.is_multiple_of(TIMED) {
            self.timed = Some(Instant::now());
        }
        if let Some(journal) = &mut self.journal {
            journal.append(input).map_err(|error| error.to_string())?;
        }
        self.recorder.counts.inputs += 1;
        self.follow(input);
        if let Some(reply) = self.reply.take() {
            self.held.push_back((input.seq, reply));
            self.commit()?;
            self.release();
        }
        Ok(())
    }

    #[inline]
    fn applied(&mut self) {
        if let Some(started) = self.timed.take() {
            self.input_latency.record(started.elapsed());
        }
    }

    #[inline]
    fn event(&mut self, seq: u64, event: &Event) {
        self.recorder.event(seq, event);
    }

    #[inline]
    fn operator(&mut self) -> Option<Body> {
        while let Some(request) = self.hub.as_ref().filter(|hub| hub.pending()).and_then(|hub| hub.try_command()) {
            self.reply = Some(request.reply);
            if let Some(body) = self.command(request.command) {
                return Some(body);
            }
        }
        None
    }

    fn asking(&mut self, _session: SessionId) {
        // A strategy learns of nothing that the journal's mode doesn't hold yet. What ended the journal is told by the
        // next append, which comes before anything that the strategy answers takes effect.
        let _told_by_append = self.commit();
        self.asked = Some(Instant::now());
    }

    fn answered(&mut self) {
        if let Some(asked) = self.asked.take() {
            self.strategy_latency.record(asked.elapsed());
        }
    }

    fn gives_up(&mut self, _session: SessionId) -> bool {
        let ends = self.signals.stop.load(Ordering::Relaxed);
        let patience = if ends { self.watchdog.min(LAST_WORD) } else { self.watchdog };
        self.asked.is_some_and(|asked| asked.elapsed() > patience)
    }

    fn waiting<V: Venue>(&mut self, engine: &Engine<V>) {
        self.release();
        if self.hub.as_ref().is_some_and(|hub| hub.view_wanted()) {
            self.show(engine);
        }
    }

    fn strategy(&mut self, session: SessionId, state: &HostState) {
        for (strategy, known) in self.strategies.iter().zip(&mut self.states) {
            if strategy.session == session {
                known.clone_from(state);
            }
        }
    }
}
