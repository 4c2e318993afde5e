//! Going on with a run whose process had ended: its journal brings engine, source, strategies' reports and tables to
//! where it stopped.

use omni_journal::{Journal, Reader};
use omni_port::Venue;
use omni_types::{Body, Fault, Input, SessionId};

use crate::host::HostState;
use crate::lockstep::{Lockstep, Market, NodeError};
use crate::sentry::LastCall;
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
        if came_from_source(&input, lockstep) {
            take_along(&input, lockstep, source)?;
        }
        lockstep.apply(input.time, input.cause, input.body, source, watch)?;
        debug_assert_eq!(lockstep.engine().seq(), input.seq, "Invariant: a journal has no gap");
        // What strategies answered then is in the journal.
        lockstep.dirty = 0;
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
        if let Some(at) = lockstep.routes.index(session).filter(|_| fault == Fault::Operator) {
            lockstep.stand(at, HostState::LeftOut, watch);
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
        Body::Ticks { .. } => "tick table",
        Body::Adjust(_) => "corporate action",
        _ => "command",
    }
}
