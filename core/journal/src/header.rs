//! A segment's header: which journal, which run, which segment, and how far it was on the disk.

use std::fmt;

use omni_ring::{crc32c, crc32c_bytes};
use omni_types::Time;

use crate::JournalError;
use crate::definition::word_of;

/// The header's length in words; records follow.
pub(crate) const HEADER_WORDS: usize = 512;
/// Where the synced marks stand, in bytes: each in a disk sector of its own, since they are rewritten while the run goes
/// on, in turn, so that one is whole where the power goes while the other is written.
pub(crate) const SYNCED_OFFSETS: [u64; 2] = [2048, 3072];
/// The segment format that this code writes, and the only one it reads.
pub(crate) const SEGMENT_VERSION: u32 = 1;
const MAGIC: u64 = u64::from_le_bytes(*b"OMNIJRNL");
const NAME_MAX: usize = 64;
const CHECKED_WORDS: usize = 29;

/// What an acknowledged input survives.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Mode {
    /// The end of the process, however it ends; not of the machine. Nothing waits for the disk.
    #[default]
    Memory,
    /// Loss of power too: the journal thread brings what was appended to the disk in groups, without pause.
    Group,
    /// As [`Mode::Group`], and [`crate::Journal::commit`] waits until the disk has it.
    Sync,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "memory",
            Self::Group => "group",
            Self::Sync => "sync",
        })
    }
}

/// Says which run a journal is of. Stands in the header of each segment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunHeader {
    /// The run's id, at most 64 bytes.
    pub run_id: String,
    /// The seed of everything random.
    pub seed: u64,
    /// A hash of the whole configuration.
    pub config_hash: [u8; 32],
    /// The version of the code, at most 64 bytes.
    pub code_version: String,
    /// When the run was created.
    pub created: Time,
}

impl RunHeader {
    pub(crate) fn check(&self) -> Result<(), JournalError> {
        for (name, text) in [("run id", &self.run_id), ("code version", &self.code_version)] {
            if text.len() > NAME_MAX {
                let text = format!("expected a {name} of at most {NAME_MAX} bytes, found {}: {text:?}", text.len());
                return Err(JournalError::Setting(text));
            }
        }
        Ok(())
    }
}

/// The header of one segment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SegmentHeader {
    pub(crate) run: RunHeader,
    pub(crate) number: u32,
    pub(crate) mode: Mode,
    pub(crate) segment_bytes: u64,
}

/// Says why a segment's header can't be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum HeaderError {
    /// The file is shorter than a header, or not a journal's at all.
    Foreign,
    /// Written in another format.
    Version(u32),
    /// Damaged.
    Damaged,
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign => f.write_str("not a journal segment, or cut off within its header"),
            Self::Version(found) => write!(
                f,
                "segment format version {found} found, version {SEGMENT_VERSION} supported: read it with the code version that wrote it",
            ),
            Self::Damaged => f.write_str("the check sum of the header is not that of its contents"),
        }
    }
}

impl SegmentHeader {
    /// Writes the header to the start of `words`, and returns the segment's salt.
    pub(crate) fn write(&self, words: &mut [u64]) -> u32 {
        let mut header = [0_u64; CHECKED_WORDS];
        header[0] = MAGIC;
        header[1] = u64::from(SEGMENT_VERSION) | u64::from(self.number) << 32;
        header[2] = self.run.created.0 as u64;
        header[3] = self.run.seed;
        for (word, chunk) in header[4..8].iter_mut().zip(self.run.config_hash.chunks(8)) {
            *word = word_of(chunk);
        }
        header[8] = self.segment_bytes;
        header[9] = match self.mode {
            Mode::Memory => 0,
            Mode::Group => 1,
            Mode::Sync => 2,
        };
        header[10] = self.run.run_id.len() as u64 | (self.run.code_version.len() as u64) << 32;
        for (at, text) in [(11, &self.run.run_id), (20, &self.run.code_version)] {
            for (word, chunk) in header[at..].iter_mut().zip(text.as_bytes().chunks(8)) {
                *word = word_of(chunk);
            }
        }
        let header = header.map(u64::to_le);
        let salt = crc32c(0, &header);
        words[..CHECKED_WORDS].copy_from_slice(&header);
        words[CHECKED_WORDS] = u64::from(salt).to_le();
        salt
    }

    /// Reads the header and the segment's salt.
    pub(crate) fn read(words: &[u64]) -> Result<(Self, u32), HeaderError> {
        let Some(header) = words.get(..HEADER_WORDS) else { return Err(HeaderError::Foreign) };
        let word = |at: usize| u64::from_le(header[at]);
        if word(0) != MAGIC {
            return Err(HeaderError::Foreign);
        }
        if word(1) as u32 != SEGMENT_VERSION {
            return Err(HeaderError::Version(word(1) as u32));
        }
        let salt = crc32c(0, &header[..CHECKED_WORDS]);
        if word(CHECKED_WORDS) != u64::from(salt) {
            return Err(HeaderError::Damaged);
        }
        let mode = match word(9) {
            0 => Mode::Memory,
            1 => Mode::Group,
            2 => Mode::Sync,
            _ => return Err(HeaderError::Damaged),
        };
        let number = (word(1) >> 32) as u32;
        Ok((Self { run: Self::read_run(header)?, number, mode, segment_bytes: word(8) }, salt))
    }

    fn read_run(header: &[u64]) -> Result<RunHeader, HeaderError> {
        let word = |at: usize| u64::from_le(header[at]);
        let name = |at: usize, length: u64| {
            let bytes: Vec<u8> = header[at..at + NAME_MAX / 8].iter().flat_map(|word| word.to_ne_bytes()).collect();
            let text = bytes.get(..length as usize).and_then(|text| String::from_utf8(text.to_vec()).ok());
            text.ok_or(HeaderError::Damaged)
        };
        let mut config_hash = [0; 32];
        for (chunk, word) in config_hash.chunks_mut(8).zip(&header[4..8]) {
            chunk.copy_from_slice(&word.to_ne_bytes());
        }
        Ok(RunHeader {
            run_id: name(11, word(10) & 0xFFFF_FFFF)?,
            seed: word(3),
            config_hash,
            code_version: name(20, word(10) >> 32)?,
            created: Time(word(2) as i64),
        })
    }
}

/// Returns the bytes that say that every input up to `seq` was on the disk.
pub(crate) fn synced_mark(seq: u64, salt: u32) -> [u8; 16] {
    let mut mark = [0; 16];
    mark[..8].copy_from_slice(&seq.to_le_bytes());
    let sum = crc32c_bytes(salt, &mark[..8]);
    mark[8..].copy_from_slice(&(u64::from(sum) | 1 << 32).to_le_bytes());
    mark
}

/// Reads up to which input the segment's writer knew everything to be on the disk: 0 where it says nothing, `None` where
/// both marks are damaged.
pub(crate) fn read_synced(words: &[u64], salt: u32) -> Option<u64> {
    SYNCED_OFFSETS.into_iter().filter_map(|offset| read_mark(words, salt, offset)).max()
}

fn read_mark(words: &[u64], salt: u32, offset: u64) -> Option<u64> {
    let at = (offset / 8) as usize;
    let (seq, check) = (u64::from_le(*words.get(at)?), u64::from_le(*words.get(at + 1)?));
    match (seq, check) {
        (0, 0) => Some(0),
        _ if check == u64::from(crc32c_bytes(salt, &seq.to_le_bytes())) | 1 << 32 => Some(seq),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> SegmentHeader {
        SegmentHeader {
            run: RunHeader {
                run_id: "r".repeat(64),
                seed: 7,
                config_hash: core::array::from_fn(|n| n as u8),
                code_version: "0.1.0+abc".to_owned(),
                created: Time(-5),
            },
            number: 3,
            mode: Mode::Group,
            segment_bytes: 1 << 20,
        }
    }

    #[test]
    fn reads_what_was_written_and_finds_every_flip() {
        let mut words = vec![0; HEADER_WORDS];
        let salt = header().write(&mut words);
        assert_eq!(SegmentHeader::read(&words), Ok((header(), salt)));
        assert_eq!(SegmentHeader::read(&words[1..]), Err(HeaderError::Foreign));
        for bit in 0..(CHECKED_WORDS + 1) * 64 {
            let mut flipped = words.clone();
            flipped[bit / 64] ^= 1 << (bit % 64);
            assert!(SegmentHeader::read(&flipped).is_err(), "bit {bit}");
        }
        words[1] += 1;
        let text = SegmentHeader::read(&words).map_err(|error| error.to_string());
        assert!(text.is_err_and(|text| text.contains("version 2 found, version 1 supported")));
    }

    #[test]
    fn the_newest_whole_synced_mark_counts() {
        let mut words = vec![0; HEADER_WORDS];
        assert_eq!(read_synced(&words, 9), Some(0));
        let mut mark = |at: usize, seq: u64, salt: u32| {
            let bytes = omni_ring::bytes_of_mut(&mut words);
            bytes[SYNCED_OFFSETS[at] as usize..][..16].copy_from_slice(&synced_mark(seq, salt));
            read_synced(&words, 9)
        };
        assert_eq!(mark(0, 77, 9), Some(77));
        assert_eq!(mark(1, 78, 9), Some(78));
        assert_eq!(mark(1, 79, 8), Some(77), "another segment's, or damaged");
        assert_eq!(mark(0, 79, 8), None);
    }

    #[test]
    fn a_name_too_long_is_refused() {
        let run = RunHeader { run_id: "r".repeat(65), ..header().run };
        assert!(run.check().is_err_and(|error| error.to_string().contains("at most 64 bytes, found 65")));
    }
}
