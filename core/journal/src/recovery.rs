//! Going on after the process ended.

use std::path::Path;

use crate::segment::{Segment, Series, path};
use crate::tail::segments;
use crate::writer::{Help, lock};
use crate::{Disk, DiskFile, Dropped, End, Files, Journal, JournalError, Mode, Reader};

/// What a recovery found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recovery {
    /// The last good input; the journal goes on after it.
    pub last_seq: u64,
    /// Whether the journal had been closed in good order.
    pub closed: bool,
    /// What was left out at the end, if anything.
    pub dropped: Option<Dropped>,
}

impl Journal {
    /// Opens the journal in a folder to go on after its last good input; what stands there later is cut off.
    ///
    /// Reads the whole journal first, so it costs what reading costs.
    ///
    /// # Errors
    /// [`JournalError::InUse`] where its node still runs; [`JournalError::Corrupt`] for damage that isn't a torn tail,
    /// which is left as it is; what [`Reader`] and the disk say.
    pub fn recover(directory: &Path, mode: Mode) -> Result<(Self, Recovery), JournalError> {
        Self::recover_with(Files, directory, mode, Help::Thread)
    }
}

impl<D: Disk> Journal<D> {
    /// Opens the journal in a folder of a disk as [`Journal::recover`] does, to be written without a thread: whoever has
    /// it does the thread's work by [`Journal::work`].
    ///
    /// # Errors
    /// As [`Journal::recover`].
    pub fn recover_by_hand(disk: D, directory: &Path, mode: Mode) -> Result<(Self, Recovery), JournalError> {
        Self::recover_with(disk, directory, mode, Help::Owner)
    }

    fn recover_with(disk: D, directory: &Path, mode: Mode, help: Help) -> Result<(Self, Recovery), JournalError> {
        let lock = lock(&disk, directory)?;
        let mut reader = Reader::open_on(disk.clone(), directory)?;
        while reader.next_input()?.is_some() {}
        let recovery = Recovery {
            last_seq: reader.last_seq(),
            closed: reader.end() == Some(&End::Closed),
            dropped: match reader.end() {
                Some(End::Dropped(dropped)) => Some(dropped.clone()),
                _ => None,
            },
        };
        let (header, salt, used) = reader.position();
        let (run, segment_bytes) = (header.run.clone(), header.segment_bytes);
        let series = Series { disk, directory: directory.to_owned(), run, mode, segment_bytes };
        remove_after(&series.disk, directory, header.number)?;
        let segment = series.reopen(header.number, salt, used)?;
        if mode != Mode::Memory {
            confirm(&series, &segment, recovery.last_seq)?;
        }
        let journal = Self::start(series, segment, recovery.last_seq, (lock, help))?;
        Ok((journal, recovery))
    }
}

/// Removes the segments after this one, last first, so that a recovery that is killed leaves no gap.
fn remove_after<D: Disk>(disk: &D, directory: &Path, number: u32) -> Result<(), JournalError> {
    for later in segments(disk, directory)?.into_iter().rev().take_while(|later| *later > number) {
        let path = path(directory, later);
        disk.remove(&path).map_err(JournalError::io("remove", &path))?;
    }
    Ok(())
}

/// Brings what the killed process left in the system's cache to the disk, and notes that it is there.
fn confirm<D: Disk>(series: &Series<D>, segment: &Segment<D>, seq: u64) -> Result<(), JournalError> {
    let Series { disk, directory, .. } = series;
    for number in segments(disk, directory)? {
        let path = path(directory, number);
        let sync = || disk.open(&path)?.sync();
        sync().map_err(JournalError::io("sync", &path))?;
    }
    segment.sheet.note_synced(seq)?;
    series.sync_directory()
}
