//! Going on after the process ended.

use std::fs::File;
use std::path::Path;

use crate::segment::{Series, path};
use crate::tail::segments;
use crate::writer::lock;
use crate::{Dropped, End, Journal, JournalError, Mode, Reader};

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
        let lock = lock(directory)?;
        let mut reader = Reader::open(directory)?;
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
        let series = Series {
            directory: directory.to_owned(),
            run: header.run.clone(),
            mode,
            segment_bytes: header.segment_bytes,
        };
        remove_after(directory, header.number)?;
        let segment = series.reopen(header.number, salt, used)?;
        if mode != Mode::Memory {
            sync_all(directory)?;
            segment.sheet.note_synced(recovery.last_seq)?;
            series.sync_directory()?;
        }
        let journal = Self::start(series, segment, recovery.last_seq, lock)?;
        Ok((journal, recovery))
    }
}

/// Removes the segments after this one, last first, so that a recovery that is killed leaves no gap.
fn remove_after(directory: &Path, number: u32) -> Result<(), JournalError> {
    for later in segments(directory)?.into_iter().rev().take_while(|later| *later > number) {
        let path = path(directory, later);
        std::fs::remove_file(&path).map_err(JournalError::io("remove", &path))?;
    }
    Ok(())
}

/// Brings what the killed process left in the system's cache to the disk.
fn sync_all(directory: &Path) -> Result<(), JournalError> {
    for number in segments(directory)? {
        let path = path(directory, number);
        let sync = || File::options().write(true).open(&path)?.sync_all();
        sync().map_err(JournalError::io("sync", &path))?;
    }
    Ok(())
}
