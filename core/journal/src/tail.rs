//! The end of a journal: which segments there are, and what an end that isn't in order holds.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::decode::check;
use crate::record::{DecodeError, kind};
use crate::{Disk, JournalError};

/// What was left out at the end of a journal, exactly.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dropped {
    /// The segment's file.
    pub segment: PathBuf,
    /// Where the good records end, in bytes from the start of the file.
    pub offset: u64,
    /// How many bytes that held something come after, later segments included.
    pub bytes: u64,
    /// Why they are no records.
    pub reason: String,
    /// Whole records among them, which follow a hole that a loss of power left before anything was acknowledged.
    pub later: u64,
    /// Inputs known to have been on the disk that are lost: above 0 only where the disk itself lost them.
    pub synced_lost: u64,
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { segment, offset, bytes, reason, later, synced_lost } = self;
        write!(f, "dropped {bytes} bytes at byte {offset} of {}: {reason}", segment.display())?;
        if *later > 0 {
            write!(f, "; {later} whole records after the hole went with them")?;
        }
        if *synced_lost > 0 {
            write!(f, "; {synced_lost} inputs that the disk had confirmed are lost: check the disk")?;
        }
        Ok(())
    }
}

/// What stands in words where a record should.
pub(crate) struct Remains {
    /// Words up to the last that isn't zero.
    pub(crate) used: usize,
    /// How many whole records are in them.
    pub(crate) records: u64,
}

/// Looks for whole records later than input `last`, at every word from `from` on.
pub(crate) fn search(words: &[u64], from: usize, salt: u32, last: u64) -> Remains {
    let used = words.iter().rposition(|&word| word != 0).map_or(0, |at| at + 1);
    let (mut at, mut records) = (from, 0);
    while at < used {
        match check(&words[at..used], salt) {
            Ok(head) => {
                // A mark tells nothing about inputs.
                records += u64::from(head.seq > last && head.kind < kind::ROLLED);
                at += head.words;
            }
            Err(_) => at += 1,
        }
    }
    Remains { used, records }
}

/// Returns the numbers of the segments in a folder, in order.
pub(crate) fn segments<D: Disk>(disk: &D, directory: &Path) -> Result<Vec<u32>, JournalError> {
    numbers(disk, directory, "segment-", ".journal")
}

/// Returns the numbers of the files in a folder whose names are a number between two texts, in order.
pub(crate) fn numbers<D: Disk, N: FromStr + Ord>(
    disk: &D,
    directory: &Path,
    before: &str,
    after: &str,
) -> Result<Vec<N>, JournalError> {
    let names = disk.names(directory).map_err(JournalError::io("list", directory))?;
    let number = |name: String| name.strip_prefix(before)?.strip_suffix(after)?.parse::<N>().ok();
    let mut numbers: Vec<N> = names.into_iter().filter_map(number).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// Says in words why nothing was read, for [`Dropped::reason`].
pub(crate) fn reason(error: &DecodeError, words: &[u64]) -> String {
    match words.first() {
        Some(0) => "the next record was never written, but something after it was".to_owned(),
        _ => error.to_string(),
    }
}
