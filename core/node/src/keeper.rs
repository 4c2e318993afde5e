//! Keeps snapshots beside the journal, written by a thread of its own.

use std::path::Path;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use omni_engine::Engine;
use omni_journal::{Disk, Files, JournalError, Reader, snapshot};
use omni_port::Venue;
use omni_types::Digest;

use crate::lockstep::NodeError;
use crate::strategy_state::{self, StrategyState};

/// Snapshots kept; the one before the newest serves where the newest turns out damaged.
const KEPT: usize = 2;

/// What is to be written.
enum Draft {
    Engine(u64, Digest, Vec<u8>),
    Strategies(u64, Vec<StrategyState>),
}

impl Draft {
    fn write(&self, directory: &Path) -> Result<(), JournalError> {
        match self {
            Self::Engine(seq, digest, bytes) => keep(&Files, directory, *seq, *digest, bytes),
            Self::Strategies(seq, states) => states.iter().try_for_each(|(session, bytes)| {
                let folder = strategy_state::folder(directory, *session);
                let path = folder.clone();
                std::fs::create_dir_all(&folder).map_err(|source| JournalError::Io { path, action: "make", source })?;
                keep(&Files, &folder, *seq, Digest::default(), bytes)
            }),
        }
    }
}

/// Writes a snapshot beside a journal and removes those that it makes needless.
///
/// # Errors
/// What the disk says.
pub fn keep<D: Disk>(disk: &D, directory: &Path, seq: u64, digest: Digest, bytes: &[u8]) -> Result<(), JournalError> {
    snapshot::write(disk, directory, seq, digest, bytes)?;
    snapshot::prune(disk, directory, KEPT)
}

/// Takes a snapshot of the engine every so many inputs, and keeps what strategies save.
///
/// The engine's thread only encodes; a thread writes. While it still writes the last one, the next is left out: the
/// journal is the truth, and a snapshot only shortens the way back.
pub struct SnapshotKeeper {
    every: u64,
    next: u64,
    drafts: Option<SyncSender<Draft>>,
    thread: Option<JoinHandle<Result<(), JournalError>>>,
}

impl SnapshotKeeper {
    /// Starts a keeper for the journal in `directory` that takes a snapshot every so many inputs.
    #[must_use]
    pub fn new(directory: &Path, every: u64) -> Self {
        let (drafts, inbox) = sync_channel::<Draft>(1);
        let directory = directory.to_owned();
        let work = move || inbox.into_iter().try_for_each(|draft| draft.write(&directory));
        let thread = std::thread::Builder::new().name("omni-snapshot".to_owned()).spawn(work).ok();
        Self { every, next: every, drafts: thread.is_some().then_some(drafts), thread }
    }

    /// Takes a snapshot if one is due; to be called between inputs.
    #[inline]
    pub fn between<V: Venue>(&mut self, engine: &Engine<V>) {
        if engine.seq() >= self.next {
            self.take(engine);
        }
    }

    #[cold]
    fn take<V: Venue>(&mut self, engine: &Engine<V>) {
        self.next = engine.seq() + self.every;
        let mut bytes = Vec::new();
        let sent = match (&self.drafts, engine.encode(&mut bytes)) {
            (Some(drafts), Ok(())) => drafts.try_send(Draft::Engine(engine.seq(), engine.digest(), bytes)),
            // The runs of a venue that keeps no snapshots come back from the journal's start.
            (_, Err(_)) => return self.drafts = None,
            (None, _) => return,
        };
        if let Err(TrySendError::Disconnected(_)) = sent {
            self.drafts = None;
        }
    }

    /// Keeps what strategies saved after an input.
    pub(crate) fn keep_states(&mut self, seq: u64, states: Vec<StrategyState>) {
        let Some(drafts) = &self.drafts else { return };
        if let Err(TrySendError::Disconnected(_)) = drafts.try_send(Draft::Strategies(seq, states)) {
            self.drafts = None;
        }
    }

    /// Waits until the last snapshot is written.
    ///
    /// # Errors
    /// What kept a snapshot from being written; the journal itself is not touched by it.
    pub fn close(mut self) -> Result<(), JournalError> {
        self.drafts = None;
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            _ => Ok(()),
        }
    }
}

/// What [`restore`] found beside the engine.
#[derive(Debug)]
pub struct Restored {
    /// The input whose snapshot it began from; 0 is the journal's start.
    pub from: u64,
    /// Inputs applied after it.
    pub replayed: u64,
    /// Snapshots that were passed over because they are damaged.
    pub skipped: Vec<JournalError>,
}

/// Brings an engine back from the newest good snapshot up to input `last_seq`, the journal's last, and the inputs after
/// it.
///
/// `empty` makes the engine that the run began with, for a journal without a snapshot.
///
/// # Errors
/// [`NodeError::Source`] where the journal is damaged, [`NodeError::Engine`] where an input can't be taken.
pub fn restore<V: Venue>(
    directory: &Path,
    last_seq: u64,
    empty: impl FnOnce() -> Engine<V>,
) -> Result<(Engine<V>, Restored), NodeError> {
    restore_on(&Files, directory, last_seq, empty)
}

/// Brings an engine back as [`restore`] does, from a disk.
///
/// # Errors
/// As [`restore`].
pub fn restore_on<V: Venue, D: Disk>(
    disk: &D,
    directory: &Path,
    last_seq: u64,
    empty: impl FnOnce() -> Engine<V>,
) -> Result<(Engine<V>, Restored), NodeError> {
    let source = |error: JournalError| NodeError::Source(error.to_string());
    let latest = snapshot::latest(disk, directory, last_seq).map_err(source)?;
    let mut skipped = latest.skipped;
    let decoded = latest.snapshot.and_then(|found| match Engine::decode(&found.bytes) {
        Ok(engine) => Some(engine),
        Err(error) => {
            skipped.push(JournalError::Setting(format!("the snapshot after input {}: {error}", found.seq)));
            None
        }
    });
    let mut engine = decoded.unwrap_or_else(empty);
    let from = engine.seq();
    let mut reader = Reader::open_after_on(disk.clone(), directory, from).map_err(source)?;
    while let Some(input) = reader.next_input().map_err(source)? {
        engine.apply(&input, &mut |_: &omni_types::Event| {})?;
    }
    let replayed = engine.seq() - from;
    Ok((engine, Restored { from, replayed, skipped }))
}
