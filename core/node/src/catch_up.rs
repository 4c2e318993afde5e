//! Going on with a run whose process had ended: its journal brings engine, source, strategies' reports and tables to
//! where it stopped.

use omni_journal::{Journal, Reader};
use omni_port::Venue;
use omni_types::{Body, Fault, Input, SessionId};

use crate::sentry::LastCall;

use crate::host::HostState;
use crate::lockstep::{Lockstep, Market, NodeError, Observer};
use crate::recover::said;
use crate::source::Source;
use crate::watch::Watch;

/// A strategy that isn't called any more when its run goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LeftOut {
    /// Its session.
    pub session: SessionId,
    /// Why: a person said so, or it ended the process.
    pub fault: Fault,
    /// The input that it was called with last, where it ended the process; else 0.
    pub cause: u64,
}

impl LeftOut {
    /// Returns one that a person leaves out.
    #[must_use]
    pub const fn by_operator(session: SessionId) -> Self {
        Self { session, fault: Fault::Operator, cause: 0 }
    }
}

impl From<LastCall> for LeftOut {
    fn from(call: LastCall) -> Self {
        let fault = if call.hung { Fault::Hung } else { Fault::Crashed };
        Self { session: call.session, fault, cause: call.seq }
    }
}

/// Applies the rest of a journal behind the set-up, calling no strategy: each keeps its reports for its recovery, and
/// the source is taken along input by input.
///
/// # Errors
/// [`NodeError::Source`] where the journal is damaged, or the source gives something else than it did;
/// [`NodeError::Engine`] where an input can't be taken.
pub(crate) fn catch_up<V: Venue, S: Source>(
    lockstep: &mut Lockstep<V>,
    source: &mut S,
    watch: &mut Watch,
    reader: &mut Reader,
) -> Result<(), NodeError> {
    lockstep.seats.iter_mut().for_each(|seat| seat.catch_up());
    let mut first = true;
    while let Some(input) = reader.next_input().map_err(|error| NodeError::Source(error.to_string()))? {
        if !first {
            watch.sample_due(lockstep.engine());
        }
        first = false;
        let seq = input.seq;
        if came_from_source(&input, lockstep) {
            take_along(&input, lockstep, source)?;
        }
        lockstep.relive_input(input, source, watch)?;
        debug_assert_eq!(lockstep.engine().seq(), seq, "Invariant: a journal has no gap");
    }
    Ok(())
}

/// Notes the recovery as an input, which the journal from here on holds, and stops the strategies that are left out.
///
/// # Errors
/// What the journal says.
pub(crate) fn note_recovery<V: Venue, S: Source>(
    lockstep: &mut Lockstep<V>,
    source: &mut S,
    watch: &mut Watch,
    (journal, without): (Journal, &[LeftOut]),
) -> Result<(), NodeError> {
    watch.go_on(journal);
    let time = lockstep.engine().time();
    lockstep.apply(time, 0, Body::Recover, source, watch)?;
    for &LeftOut { session, fault, cause } in without {
        lockstep.apply(time, cause, Body::Stop { session, fault }, source, watch)?;
        if fault == Fault::Operator {
            lockstep.stand(session, HostState::LeftOut, watch);
        }
    }
    Ok(())
}

/// Returns whether the source gave an input, rather than a strategy, an operator or the engine's own deadlines.
fn came_from_source<V: Venue>(input: &Input, lockstep: &Lockstep<V>) -> bool {
    match &input.body {
        Body::Clock | Body::Recover | Body::Kill { .. } | Body::Resume { .. } => false,
        Body::Stop { .. } | Body::Start { .. } => false,
        Body::MassCancel(cancel) => lockstep.state(cancel.session).is_none(),
        _ => input.cause == 0,
    }
}

/// Takes from the source what it gave then.
fn take_along<V: Venue, S: Source>(input: &Input, lockstep: &Lockstep<V>, source: &mut S) -> Result<(), NodeError> {
    let market = Market(lockstep.engine());
    source.peek(&market);
    let body = source.take(&market).map_err(NodeError::Source)?;
    if body == input.body {
        return Ok(());
    }
    let (found, had) = (word(&body), word(&input.body));
    let other = if found == had { "another" } else { "a" };
    Err(NodeError::Source(format!(
        "at input {} the data has {other} {found} where the run had a {had}: a run goes on only from what it ran on",
        input.seq
    )))
}

const fn word(body: &Body) -> &'static str {
    match body {
        Body::Quote(_) => "quote",
        Body::Trade(_) => "trade",
        Body::Bar(_) => "bar",
        Body::Book(_) => "book change",
        Body::Status { .. } => "trading status",
        _ => "command",
    }
}

impl<V: Venue> Lockstep<V> {
    /// Applies a journaled input; what strategies did then is in the journal, so none is called.
    fn relive_input<S: Source, O: Observer>(
        &mut self,
        input: Input,
        source: &mut S,
        observer: &mut O,
    ) -> Result<(), NodeError> {
        let fault = match &input.body {
            Body::Stop { session, fault: Fault::Raised } => Some(*session),
            _ => None,
        };
        self.apply(input.time, input.cause, input.body, source, observer)?;
        self.dirty = 0;
        if let Some(session) = fault {
            self.stand(session, HostState::Faulted(Fault::Raised, said(Fault::Raised).to_owned()), observer);
        }
        Ok(())
    }

    /// Gives a strategy a state that no operator's input says.
    fn stand<O: Observer>(&mut self, session: SessionId, state: HostState, observer: &mut O) {
        let Some(seat) = self.seats.iter_mut().find(|seat| seat.session == session) else { return };
        seat.follow(state);
        observer.strategy(session, &seat.state);
    }
}
