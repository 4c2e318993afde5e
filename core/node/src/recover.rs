//! What a run left that was killed: its state and tables, rebuilt from its journal.

use std::sync::Arc;

use omni_engine::Engine;
use omni_journal::{Journal, JournalError, Reader};
use omni_port::Venue;
use omni_types::{Body, Event, Input, MassCancel, Scope, Time};

use crate::catch_up::LeftOut;
use crate::host::HostState;
use crate::lockstep::NodeError;
use crate::rebuild::{Witness, rebuild};
use crate::record::Recorder;
use crate::run::Outcome;
use crate::sentry::LastCall;
use crate::watch::StrategyInfo;

/// Gathers what the run's watch would have gathered.
struct Historian {
    recorder: Recorder,
    strategies: Vec<StrategyInfo>,
    states: Vec<HostState>,
    killed: Option<Arc<str>>,
    equity_ns: i64,
    /// Inputs since the set-up ended; the first sample is taken after one.
    since_start: Option<u64>,
    next_equity: Option<Time>,
}

impl Historian {
    fn follow(&mut self, seq: u64, body: &Body) {
        match body {
            Body::Kill { reason } => {
                self.killed.get_or_insert_with(|| reason.as_ref().into());
            }
            Body::Resume { .. } => self.killed = None,
            Body::Recover => self.recorder.recoveries.push(seq),
            _ => {}
        }
        let Some((session, state)) = HostState::told(body) else { return };
        for (strategy, known) in self.strategies.iter().zip(&mut self.states) {
            if strategy.session == session && !known.is_final() {
                known.clone_from(&state);
            }
        }
    }

    /// Samples equity where the run did: after the first input at or past each sample's time.
    fn sample<V: Venue>(&mut self, engine: &Engine<V>) {
        if self.since_start.is_some_and(|inputs| inputs > 0)
            && self.next_equity.is_none_or(|next| engine.time() >= next)
        {
            self.next_equity = Some(self.recorder.sample(engine, &self.strategies, self.equity_ns));
        }
    }
}

impl<V: Venue> Witness<V> for Historian {
    fn input(&mut self, engine: &Engine<V>, input: &Input) {
        self.sample(engine);
        self.since_start = match self.since_start {
            Some(inputs) => Some(inputs + 1),
            None => (input.body == Body::Clock).then_some(0),
        };
        self.recorder.counts.inputs += 1;
        self.follow(input.seq, &input.body);
    }

    fn event(&mut self, seq: u64, event: &Event) {
        self.recorder.event(seq, event);
    }
}

/// Ends the journal of a run that a compiled strategy ended with its process: the strategy is stopped, which cancels its
/// orders, and the orders of the others are cancelled too, since nobody watches them any more.
///
/// Does nothing where that was done before. `reader` stands at the journal's beginning.
///
/// # Errors
/// What reading or writing the journal says.
pub fn leave_out(
    journal: &mut Journal,
    reader: &mut Reader,
    call: LastCall,
    strategies: &[StrategyInfo],
) -> Result<(), JournalError> {
    let (mut time, mut seq) = (Time(0), 0);
    while let Some(input) = reader.next_input()? {
        if matches!(input.body, Body::Stop { session, fault } if session == call.session && fault.is_unanswered()) {
            return Ok(());
        }
        (time, seq) = (input.time, input.seq);
    }
    let LeftOut { fault, .. } = call.into();
    let others = strategies.iter().map(|one| one.session).filter(|session| *session != call.session);
    let cancels = others.map(|session| (0, Body::MassCancel(MassCancel { session, scope: Scope::Session })));
    let stop = (call.seq, Body::Stop { session: call.session, fault });
    for (cause, body) in core::iter::once(stop).chain(cancels) {
        seq += 1;
        journal.append(&Input { seq, time, cause, body })?;
    }
    Ok(())
}

/// Rebuilds a run that was killed up to its last good input, as a run that was stopped there.
///
/// # Errors
/// As [`rebuild`].
pub fn recover<V: Venue>(
    reader: &mut Reader,
    engine: Engine<V>,
    strategies: Vec<StrategyInfo>,
    equity_ns: i64,
) -> Result<(Engine<V>, Outcome), NodeError> {
    let mut historian = Historian {
        recorder: Recorder::new(strategies.iter().map(|strategy| strategy.session), true),
        states: vec![HostState::Running; strategies.len()],
        strategies,
        killed: None,
        equity_ns: equity_ns.max(1),
        since_start: None,
        next_equity: None,
    };
    let engine = rebuild(reader, engine, None, &mut historian)?;
    let Historian { mut recorder, strategies, states, killed, .. } = historian;
    recorder.sample(&engine, &strategies, equity_ns.max(1));
    let outcome = Outcome {
        digest: engine.digest(),
        state_digest: engine.state_digest(),
        seq: engine.seq(),
        time: engine.time(),
        recorder,
        strategies: strategies.into_iter().zip(states).collect(),
        latency: Vec::new(),
        stopped: true,
        killed,
        failed: None,
    };
    Ok((engine, outcome))
}
