//! Going on after the process ended.

use std::io;
use std::path::Path;

use crate::segment::{Segment, Series, path};
use crate::tail::segments;
use crate::window::read_at;
use crate::writer::{Help, lock};
use crate::{Disk, DiskFile, Dropped, End, Files, Journal, JournalError, Mode, Reader, snapshot};

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
    /// Opens the journal in a folder to go on after its last good input; what stands there later is cut off,
    /// and snapshots of what is lost are removed.
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
        let unsure = read_all(&mut reader)?;
        let recovery = Recovery {
            last_seq: reader.last_seq(),
            closed: reader.end() == Some(&End::Closed),
            dropped: match reader.end() {
                Some(End::Dropped(dropped)) => Some(dropped.clone()),
                _ => None,
            },
        };
        let (header, salt, used) = reader.place();
        let (run, segment_bytes) = (header.run.clone(), header.segment_bytes);
        let series = Series { disk, directory: directory.to_owned(), run, mode, segment_bytes };
        snapshot::forget_after(&series.disk, directory, recovery.last_seq)?;
        remove_after(&series.disk, directory, header.number)?;
        let segment = series.reopen(header.number, salt, used)?;
        confirm(&series, &segment, &recovery, unsure)?;
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

/// Reads to the end, and returns the first segment that may hold more than the disk is known to have: the one of the last
/// input that it has, since nothing tells of the mark behind it.
fn read_all<D: Disk>(reader: &mut Reader<D>) -> Result<u32, JournalError> {
    let mut unsure = None;
    while let Some(input) = reader.next_input()? {
        if unsure.is_none() && !reader.has_confirmed(input.seq + 1) {
            unsure = Some(reader.place().0.number);
        }
    }
    Ok(unsure.unwrap_or(reader.place().0.number))
}

/// Brings what the killed process left in the system's cache to the disk where the mode asks for it, and notes that it is
/// there.
fn confirm<D: Disk>(
    series: &Series<D>,
    segment: &Segment<D>,
    found: &Recovery,
    unsure: u32,
) -> Result<(), JournalError> {
    let Series { disk, directory, mode, .. } = series;
    if *mode != Mode::Memory {
        for number in segments(disk, directory)? {
            let path = path(directory, number);
            settle(disk, &path, number >= unsure).map_err(JournalError::io("sync", &path))?;
        }
    } else if found.dropped.as_ref().is_none_or(|dropped| dropped.synced_lost == 0) {
        return Ok(());
    }
    // In both places: what the disk had confirmed and lost was told now, and is not to be missed again.
    segment.sheet.note_synced(found.last_seq)?;
    segment.sheet.sync()?;
    segment.sheet.note_synced(found.last_seq)?;
    series.sync_directory()
}

/// Syncs a file, where it isn't sure to be on the disk after it was written once more: where a sync failed, the system
/// may take pages for written that aren't, and a second sync would pass them over.
fn settle<D: Disk>(disk: &D, path: &Path, unsure: bool) -> io::Result<()> {
    let file = disk.open_to_write(path)?;
    if unsure {
        let mut bytes = vec![0; 1 << 20];
        let mut at = 0;
        loop {
            let read = read_at(&file, &mut bytes, at)?;
            if read == 0 {
                break;
            }
            file.write_at(&bytes[..read], at)?;
            at += read as u64;
        }
    }
    file.sync()
}
