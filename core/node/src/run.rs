//! A whole run: set up, start, step until the end, stop, close.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use omni_engine::Engine;
use omni_gateway::RunState;
use omni_journal::{Journal, Reader};
use omni_port::Venue;
use omni_types::{Body, Digest, Input, MassCancel, Scope, Time};

use crate::catch_up::{LeftOut, catch_up, note_recovery};
use crate::host::HostState;
use crate::inflight::Latency;
use crate::keeper::SnapshotKeeper;
use crate::lockstep::{Lockstep, NodeError, Observer, Progress};
use crate::record::Recorder;
use crate::seat::StrategySpec;
use crate::source::Source;
use crate::strategy_state::forget_after;
use crate::wall::{Pulse, WallClock, wall_time};
use crate::watch::{StrategyInfo, Watch};

/// Inputs between two times at which strategies save their state.
const STATES_EVERY: u64 = 1 << 16;

/// How a run ended.
pub struct Outcome {
    /// The running hash over inputs and events.
    pub digest: Digest,
    /// The hash over everything, state included.
    pub state_digest: Digest,
    /// The last input.
    pub seq: u64,
    /// Engine time of the end.
    pub time: Time,
    /// What it leaves.
    pub recorder: Recorder,
    /// Each strategy and how it stands.
    pub strategies: Vec<(StrategyInfo, HostState)>,
    /// Measured latencies.
    pub latency: Vec<omni_gateway::LatencyView>,
    /// Whether it was stopped before its source ended.
    pub stopped: bool,
    /// Whether the kill switch is on, and why.
    pub killed: Option<Arc<str>>,
    /// What went wrong, if the run could not go on.
    pub failed: Option<NodeError>,
}

/// Where a run stands.
struct Standing {
    digest: Digest,
    state_digest: Digest,
    seq: u64,
    time: Time,
}

impl Standing {
    fn of<V: Venue>(engine: &Engine<V>) -> Self {
        let (digest, state_digest) = (engine.digest(), engine.state_digest());
        Self { digest, state_digest, seq: engine.seq(), time: engine.time() }
    }
}

/// Applies the inputs that a run begins with, and a clock input that ends them, so that a reader of the journal knows
/// where the strategies were started.
///
/// # Errors
/// [`NodeError`] names the input that can't be taken.
pub fn set_up<V: Venue, O: Observer>(
    engine: &mut Engine<V>,
    time: Time,
    bodies: impl IntoIterator<Item = Body>,
    observer: &mut O,
) -> Result<(), NodeError> {
    for body in bodies.into_iter().chain([Body::Clock]) {
        let input = Input { seq: engine.seq() + 1, time, cause: 0, body };
        observer.input(&input).map_err(NodeError::Observer)?;
        let seq = input.seq;
        engine.apply(&input, &mut |event: &omni_types::Event| observer.event(seq, event))?;
    }
    Ok(())
}

/// A run, in simulated or in wall-clock time.
pub struct Run<V, S> {
    lockstep: Lockstep<V>,
    source: S,
    watch: Watch,
    /// Number of the input from which on strategies are asked for their state.
    next_states: u64,
}

impl<V: Venue, S: Source> Run<V, S> {
    /// Puts a run together around an engine that is set up.
    ///
    /// # Errors
    /// As [`Lockstep::new`].
    pub fn new(
        engine: Engine<V>,
        latency: Latency,
        strategies: Vec<StrategySpec>,
        source: S,
        watch: Watch,
    ) -> Result<Self, NodeError> {
        let next_states = engine.seq() + STATES_EVERY;
        Ok(Self { lockstep: Lockstep::new(engine, latency, strategies)?, source, watch, next_states })
    }

    /// Brings a run whose process had ended to where its journal ends, notes that there, and goes on writing it; the
    /// strategies in `without` are stopped and not called again.
    ///
    /// `reader` stands behind the set-up, which is done. [`Self::run`] comes next, as recovered.
    ///
    /// # Errors
    /// [`NodeError::Source`] where the journal is damaged, or the source isn't the one that the run had.
    pub fn go_on(&mut self, reader: &mut Reader, journal: Journal, without: &[LeftOut]) -> Result<(), NodeError> {
        let Self { lockstep, source, watch, .. } = self;
        catch_up(lockstep, source, watch, reader)?;
        let folder = journal.directory().to_owned();
        for strategy in &watch.strategies {
            let forgotten = forget_after(&folder, strategy.session, journal.last_seq());
            forgotten.map_err(|error| NodeError::Source(error.to_string()))?;
        }
        note_recovery(lockstep, source, watch, (journal, without))?;
        lockstep.give_states(&folder, source, watch)
    }

    /// Lets strategies save their state if that is due.
    #[inline]
    fn keep_states(&mut self) -> Result<(), NodeError> {
        let seq = self.engine().seq();
        if seq < self.next_states {
            return Ok(());
        }
        self.next_states = seq + STATES_EVERY;
        let Self { lockstep, source, watch, .. } = self;
        let states = lockstep.states(source, watch)?;
        if let Some(keeper) = watch.keeper.as_mut().filter(|_| !states.is_empty()) {
            keeper.keep_states(seq, states);
        }
        Ok(())
    }

    /// Turns the kill switch on before the run begins or goes on; one that is on already keeps its reason.
    ///
    /// # Errors
    /// What the journal says.
    pub fn kill(&mut self, reason: &str) -> Result<(), NodeError> {
        match self.watch.kill {
            Some(_) => Ok(()),
            None => self.say(Body::Kill { reason: reason.into() }),
        }
    }

    /// Ends the kill switch before the run goes on, if it is on.
    ///
    /// # Errors
    /// What the journal says.
    pub fn resume(&mut self, reason: &str) -> Result<(), NodeError> {
        match self.watch.kill {
            None => Ok(()),
            Some(_) => self.say(Body::Resume { reason: reason.into() }),
        }
    }

    fn say(&mut self, body: Body) -> Result<(), NodeError> {
        let Self { lockstep, source, watch, .. } = self;
        lockstep.apply(lockstep.engine().time(), 0, body, source, watch)
    }

    /// Returns the engine.
    #[must_use]
    pub const fn engine(&self) -> &Engine<V> {
        self.lockstep.engine()
    }

    /// Runs to the end, until it is stopped, or until `last_seq` where one is given, and closes everything.
    ///
    /// `each` is called now and then and ends the run by returning false.
    pub fn run(
        mut self,
        recovered: bool,
        last_seq: Option<u64>,
        each: &mut dyn FnMut() -> bool,
    ) -> (Engine<V>, Outcome) {
        let ended = if self.watch.by_wall { self.go_by_wall(recovered) } else { self.go(recovered, last_seq, each) };
        let (stopped, mut failed) = match ended {
            Ok(stopped) => (stopped, None),
            Err(error) => (true, Some(error)),
        };
        if failed.is_none() {
            failed = self.wind_down(stopped && last_seq.is_none()).err();
        }
        let journaled = match &failed {
            Some(NodeError::Observer(_)) => Some(self.give_up()),
            Some(_) if last_seq.is_none() => {
                // The first error is the one to tell; a second one here changes nothing about it.
                let _second = self.wind_down(true);
                None
            }
            _ => None,
        };
        self.close(stopped, failed, journaled)
    }

    /// Cancels what still works though it can't be journaled any more: orders must not outlive who watches them.
    ///
    /// Returns where the run stood before, which is what its journal leads to.
    fn give_up(&mut self) -> Standing {
        let standing = Standing::of(self.engine());
        self.watch.stop_journaling();
        let _second = self.wind_down(true);
        standing
    }

    fn go(
        &mut self,
        recovered: bool,
        last_seq: Option<u64>,
        each: &mut dyn FnMut() -> bool,
    ) -> Result<bool, NodeError> {
        self.watch.state = RunState::Running;
        self.lockstep.start(recovered, &mut self.source, &mut self.watch)?;
        let mut steps = 0_u64;
        loop {
            if last_seq.is_some_and(|last| self.engine().seq() >= last) {
                return Ok(false);
            }
            if self.lockstep.step(&mut self.source, &mut self.watch)? == Progress::Done {
                return Ok(false);
            }
            self.watch.between(self.lockstep.engine());
            self.keep_states()?;
            steps += 1;
            if steps.is_multiple_of(4096) && !each() {
                return Ok(true);
            }
            if self.watch.signals.stop.load(Ordering::Relaxed) || self.hold(each)? {
                return Ok(true);
            }
        }
    }

    /// The same in wall-clock time, which waits for nobody: until the source ends or it is stopped.
    fn go_by_wall(&mut self, recovered: bool) -> Result<bool, NodeError> {
        self.watch.state = RunState::Running;
        self.lockstep.start(recovered, &mut self.source, &mut self.watch)?;
        let mut wall = WallClock::default();
        let stopped = loop {
            match wall.step(&mut self.lockstep, wall_time(), &mut self.source, &mut self.watch)? {
                Pulse::Done => break false,
                Pulse::Idle(nap) => std::thread::sleep(nap),
                Pulse::Worked => {}
            }
            self.watch.between(self.lockstep.engine());
            self.keep_states()?;
            if self.watch.signals.stop.load(Ordering::Relaxed) {
                break true;
            }
        };
        wall.settle(&mut self.lockstep, &mut self.source, &mut self.watch)?;
        Ok(stopped)
    }

    /// Sleeps while simulated time is ahead of its pace, with an ear for the operator; true ends the run.
    fn hold(&mut self, each: &mut dyn FnMut() -> bool) -> Result<bool, NodeError> {
        loop {
            let nap = self.watch.pace.ahead(self.engine().time());
            if nap.is_zero() {
                return Ok(false);
            }
            std::thread::sleep(nap);
            while let Some(body) = self.watch.operator() {
                self.lockstep.operate(body, &mut self.source, &mut self.watch)?;
            }
            self.watch.between(self.lockstep.engine());
            if self.watch.signals.stop.load(Ordering::Relaxed) || !each() {
                return Ok(true);
            }
        }
    }

    /// Cancels what still works where a person ended the run, and calls every strategy's stop.
    fn wind_down(&mut self, cancel: bool) -> Result<(), NodeError> {
        self.watch.state = RunState::Stopping;
        if cancel {
            for strategy in self.watch.strategies.clone() {
                let all = MassCancel { session: strategy.session, scope: Scope::Session };
                self.lockstep.operate(Body::MassCancel(all), &mut self.source, &mut self.watch)?;
            }
        }
        self.lockstep.stop(&mut self.source, &mut self.watch)
    }

    fn close(mut self, stopped: bool, failed: Option<NodeError>, journaled: Option<Standing>) -> (Engine<V>, Outcome) {
        self.watch.sample_equity(self.lockstep.engine());
        self.watch.state = RunState::Done;
        self.watch.show_last(self.lockstep.engine());
        let kept = self.watch.keeper.take().map_or(Ok(()), SnapshotKeeper::close);
        let closed = self.watch.close_journal();
        let not_closed = closed.err().or(kept.err()).map(|error| NodeError::Observer(error.to_string()));
        let engine = self.lockstep.into_engine();
        let standing = journaled.unwrap_or_else(|| Standing::of(&engine));
        let meters = [&self.watch.input_latency, &self.watch.strategy_latency];
        let outcome = Outcome {
            digest: standing.digest,
            state_digest: standing.state_digest,
            seq: standing.seq,
            time: standing.time,
            latency: meters.into_iter().filter_map(|meter| meter.view()).collect(),
            strategies: self.watch.strategies.into_iter().zip(self.watch.states).collect(),
            recorder: self.watch.recorder,
            stopped,
            killed: self.watch.kill.map(|kill| kill.reason),
            failed: failed.or(not_closed),
        };
        (engine, outcome)
    }
}
