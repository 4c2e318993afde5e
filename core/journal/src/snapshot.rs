//! States of the engine at a sequence number, beside the journal.
//!
//! A file of seven little-endian words (magic, format version, sequence number, two words of the digest, length of the
//! state in bytes, CRC-32C of all the rest) and the state. What the state says is the engine's affair.

use std::io;
use std::path::{Path, PathBuf};

use omni_ring::crc32c_bytes;
use omni_types::Digest;

use crate::tail::numbers;
use crate::window::read_at;
use crate::{Disk, DiskFile, JournalError};

/// The snapshot format that this code writes, and the only one it reads.
pub const VERSION: u64 = 1;
const MAGIC: u64 = u64::from_le_bytes(*b"OMNISNAP");
const HEAD_BYTES: usize = 56;
const CHECKED_BYTES: usize = 48;

/// A state of the engine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    /// The last input that it holds.
    pub seq: u64,
    /// The engine's running hash after that input.
    pub digest: Digest,
    /// The state, as the engine encodes it.
    pub bytes: Vec<u8>,
}

/// The newest good snapshot of a folder, and the newer ones that are not.
#[derive(Debug)]
pub struct Latest {
    /// The newest good one, if there is one.
    pub snapshot: Option<Snapshot>,
    /// What was passed over, newest first, and why.
    pub skipped: Vec<JournalError>,
}

fn path(directory: &Path, seq: u64) -> PathBuf {
    directory.join(format!("snapshot-{seq:020}.state"))
}

/// Writes a snapshot, whole or not at all, and returns its path once it is on the disk.
///
/// # Errors
/// [`JournalError::Io`]; no file is left behind then.
pub fn write<D: Disk>(
    disk: &D,
    directory: &Path,
    seq: u64,
    digest: Digest,
    bytes: &[u8],
) -> Result<PathBuf, JournalError> {
    let path = path(directory, seq);
    let draft = path.with_extension("tmp");
    let [a, b] = digest.words();
    let mut head: Vec<u8> =
        [MAGIC, VERSION, seq, a, b, bytes.len() as u64].into_iter().flat_map(u64::to_le_bytes).collect();
    let sum = crc32c_bytes(crc32c_bytes(0, &head), bytes);
    head.extend(u64::from(sum).to_le_bytes());
    let store = || {
        let file = disk.create(&draft)?;
        file.write_at(&head, 0)?;
        file.write_at(bytes, HEAD_BYTES as u64)?;
        file.sync()?;
        disk.rename(&draft, &path)?;
        disk.sync_folder(directory)
    };
    store().map_err(|source| {
        // The first error is the news; half a file would only keep the disk full.
        let _ = disk.remove(&draft);
        JournalError::Io { path: path.clone(), action: "write the snapshot", source }
    })?;
    Ok(path)
}

/// Returns the newest good snapshot of no more than `seq_max` inputs: after a journal lost its tail, a state that holds
/// the lost inputs is of no use.
///
/// # Errors
/// [`JournalError::Io`] where the folder can't be listed. Bad snapshots are no error: they are passed over and told of.
pub fn latest<D: Disk>(disk: &D, directory: &Path, seq_max: u64) -> Result<Latest, JournalError> {
    let mut skipped = Vec::new();
    for seq in list(disk, directory)?.into_iter().rev().filter(|seq| *seq <= seq_max) {
        match read(disk, directory, seq) {
            Ok(snapshot) => return Ok(Latest { snapshot: Some(snapshot), skipped }),
            Err(error) => skipped.push(error),
        }
    }
    Ok(Latest { snapshot: None, skipped })
}

/// Returns the sequence numbers of a folder's snapshots, good or not, in order.
///
/// # Errors
/// [`JournalError::Io`] where the folder can't be listed.
pub fn list<D: Disk>(disk: &D, directory: &Path) -> Result<Vec<u64>, JournalError> {
    numbers(disk, directory, "snapshot-", ".state")
}

/// Reads the snapshot of a sequence number.
///
/// # Errors
/// [`JournalError::Io`], [`JournalError::Corrupt`] for a file that isn't what was written.
pub fn read<D: Disk>(disk: &D, directory: &Path, seq: u64) -> Result<Snapshot, JournalError> {
    let path = path(directory, seq);
    let mut bytes = contents(disk, &path).map_err(JournalError::io("read", &path))?;
    let corrupt = |offset: u64, reason: String| JournalError::corrupt(&path, offset, reason);
    if bytes.len() < HEAD_BYTES {
        return Err(corrupt(0, format!("a snapshot has at least {HEAD_BYTES} bytes, found {}", bytes.len())));
    }
    let words: Vec<u64> = bytes[..HEAD_BYTES]
        .chunks_exact(8)
        .map(|chunk| chunk.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)))
        .collect();
    if words[0] != MAGIC {
        return Err(corrupt(0, "not a snapshot".to_owned()));
    }
    if words[1] != VERSION {
        let text = format!("snapshot format version {} found, version {VERSION} supported", words[1]);
        return Err(corrupt(8, text));
    }
    let body = &bytes[HEAD_BYTES..];
    if words[5] != body.len() as u64 {
        return Err(corrupt(40, format!("expected a state of {} bytes, found {}", words[5], body.len())));
    }
    if words[6] != u64::from(crc32c_bytes(crc32c_bytes(0, &bytes[..CHECKED_BYTES]), body)) || words[2] != seq {
        return Err(corrupt(CHECKED_BYTES as u64, "the check sum is not that of the contents".to_owned()));
    }
    let digest = Digest::from_words([words[3], words[4]]);
    bytes.drain(..HEAD_BYTES);
    Ok(Snapshot { seq, digest, bytes })
}

/// Returns everything that is in a file.
fn contents<D: Disk>(disk: &D, path: &Path) -> io::Result<Vec<u8>> {
    let file = disk.open(path)?;
    let mut bytes = vec![0; file.length()? as usize];
    let read = read_at(&file, &mut bytes, 0)?;
    bytes.truncate(read);
    Ok(bytes)
}

/// Removes all but the newest `keep` snapshots.
///
/// # Errors
/// [`JournalError::Io`].
pub fn prune<D: Disk>(disk: &D, directory: &Path, keep: usize) -> Result<(), JournalError> {
    let remove = |seq| self::remove(disk, directory, seq);
    list(disk, directory)?.into_iter().rev().skip(keep).try_for_each(remove)
}

/// Removes the snapshots of more than `seq` inputs, for good: after a journal lost its end they hold inputs that never
/// were, and other inputs will get those numbers.
///
/// # Errors
/// [`JournalError::Io`].
pub fn forget_after<D: Disk>(disk: &D, directory: &Path, seq: u64) -> Result<(), JournalError> {
    let mut later = list(disk, directory)?;
    later.retain(|found| *found > seq);
    if later.is_empty() {
        return Ok(());
    }
    later.into_iter().rev().try_for_each(|found| remove(disk, directory, found))?;
    disk.sync_folder(directory).map_err(JournalError::io("sync", directory))
}

fn remove<D: Disk>(disk: &D, directory: &Path, seq: u64) -> Result<(), JournalError> {
    let path = path(directory, seq);
    disk.remove(&path).map_err(JournalError::io("remove", &path))
}
