//! What strategies keep for their recovery: saved now and then, given back before they are called again.

use std::path::{Path, PathBuf};

use omni_journal::{Files, JournalError, snapshot};
use omni_port::Venue;
use omni_types::SessionId;

use crate::host::{Host, HostState};
use crate::lockstep::{Lockstep, NodeError, Observer};
use crate::sentry::noted;
use crate::source::Source;

/// A strategy's state, as it encodes it.
pub(crate) type StrategyState = (SessionId, Vec<u8>);

/// Returns the folder of a strategy's states, within the journal's.
pub(crate) fn folder(journal: &Path, session: SessionId) -> PathBuf {
    journal.join(format!("strategy-{session}"))
}

/// Removes the states of a strategy that hold more than `seq` inputs: the journal lost them.
///
/// # Errors
/// What the disk says.
pub(crate) fn forget_after(journal: &Path, session: SessionId, seq: u64) -> Result<(), JournalError> {
    let folder = folder(journal, session);
    if folder.is_dir() { snapshot::forget_after(&Files, &folder, seq) } else { Ok(()) }
}

/// Returns the newest good state of a strategy that holds no more than `seq` inputs, if there is one.
fn latest(journal: &Path, session: SessionId, seq: u64) -> Result<Option<Vec<u8>>, JournalError> {
    let folder = folder(journal, session);
    if !folder.is_dir() {
        return Ok(None);
    }
    Ok(snapshot::latest(&Files, &folder, seq)?.snapshot.map(|found| found.bytes))
}

impl<V: Venue> Lockstep<V> {
    /// Returns the states of the strategies on this thread that keep one; one that can't say its own is stopped.
    ///
    /// # Errors
    /// As [`Self::step`].
    pub(crate) fn states<S: Source, O: Observer>(
        &mut self,
        source: &mut S,
        observer: &mut O,
    ) -> Result<Vec<StrategyState>, NodeError> {
        let (seq, mut states) = (self.engine.seq(), Vec::new());
        for at in 0..self.seats.len() {
            let seat = &mut self.seats[at];
            let Some(Host::Local(strategy, _, guard)) = &mut seat.host else { continue };
            if seat.state != HostState::Running {
                continue;
            }
            match noted(guard.as_ref(), seq, || strategy.save()) {
                Ok(state) => states.extend(state.map(|bytes| (seat.session, bytes))),
                Err(fault) => self.fault(at, seq, fault, source, observer)?,
            }
        }
        Ok(states)
    }

    /// Gives the strategies on this thread the states that they had saved, before they are called; one that doesn't take
    /// its own is stopped.
    ///
    /// # Errors
    /// [`NodeError::Source`] where the states can't be looked for; as [`Self::step`].
    pub(crate) fn give_states<S: Source, O: Observer>(
        &mut self,
        journal: &Path,
        source: &mut S,
        observer: &mut O,
    ) -> Result<(), NodeError> {
        let seq = self.engine.seq();
        for at in 0..self.seats.len() {
            let seat = &mut self.seats[at];
            let (Some(Host::Local(strategy, desk, guard)), HostState::Running) = (&mut seat.host, &seat.state) else {
                continue;
            };
            let found = latest(journal, seat.session, seq).map_err(|error| NodeError::Source(error.to_string()))?;
            let Some(state) = found else { continue };
            if let Err(fault) = noted(guard.as_ref(), seq, || strategy.restore(&state, desk)) {
                self.fault(at, seq, fault, source, observer)?;
            }
        }
        Ok(())
    }
}
