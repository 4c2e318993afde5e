//! The part of a segment's file that is in memory for reading.

use std::io;
use std::path::{Path, PathBuf};

use omni_ring::bytes_of_mut;

use crate::header::{HEADER_WORDS, HeaderError, SegmentHeader, read_synced};
use crate::{Disk, DiskFile, JournalError};

/// Stays in the second-level cache, and holds many times the longest record.
const WORDS: usize = 1 << 15;

/// A sliding window on a segment.
///
/// It reads instead of mapping: a file that another process cuts short, or a disk that fails, is then an error here and
/// not the end of the process.
pub(crate) struct Window<D: Disk> {
    file: D::File,
    pub(crate) path: PathBuf,
    words: Vec<u64>,
    /// Words read.
    length: usize,
    /// Words passed.
    at: usize,
    /// Where the window begins in the file, in bytes.
    start: u64,
}

/// What the head of a segment's file says.
pub(crate) struct Opening {
    pub(crate) header: Result<(SegmentHeader, u32), HeaderError>,
    /// Up to which input everything was known to be on the disk; all of them where the mark is damaged.
    pub(crate) synced: u64,
}

impl<D: Disk> Window<D> {
    /// Opens a segment, reads its header, and stands at its first record.
    pub(crate) fn open(disk: &D, path: &Path) -> Result<(Self, Opening), JournalError> {
        let file = disk.open(path).map_err(JournalError::io("open", path))?;
        let mut window = Self { file, path: path.to_owned(), words: vec![0; WORDS], length: 0, at: 0, start: 0 };
        window.refill()?;
        let header = SegmentHeader::read(window.ready());
        let synced = match &header {
            Ok((_, salt)) => read_synced(window.ready(), *salt).unwrap_or(u64::MAX),
            Err(_) => 0,
        };
        window.at = HEADER_WORDS.min(window.length);
        Ok((window, Opening { header, synced }))
    }

    /// Returns the words from here on that are in memory.
    #[inline(always)]
    pub(crate) fn ready(&self) -> &[u64] {
        &self.words[self.at..self.length]
    }

    /// Passes some of them.
    #[inline(always)]
    pub(crate) fn skip(&mut self, words: usize) {
        self.at += words;
    }

    /// Returns where it stands in the file, in bytes.
    pub(crate) fn offset(&self) -> u64 {
        self.start + self.at as u64 * 8
    }

    /// Reads the file again from here on.
    pub(crate) fn refill(&mut self) -> Result<(), JournalError> {
        self.start = self.offset();
        self.at = 0;
        self.length = 0;
        let bytes = read_at(&self.file, bytes_of_mut(&mut self.words), self.start)
            .map_err(JournalError::io("read", &self.path))?;
        self.length = bytes / 8;
        Ok(())
    }

    /// Returns everything in the file from here on, filled up to a word with zeros, and how many bytes that is.
    pub(crate) fn rest(&self) -> Result<(Vec<u64>, u64), JournalError> {
        let read = || {
            let left = self.file.length()?.saturating_sub(self.offset());
            let mut words = vec![0_u64; left.div_ceil(8) as usize];
            let bytes = read_at(&self.file, &mut bytes_of_mut(&mut words)[..left as usize], self.offset())?;
            Ok((words, bytes as u64))
        };
        read().map_err(JournalError::io("read", &self.path))
    }
}

/// Fills the buffer from the file, as far as the file goes.
pub(crate) fn read_at(file: &impl DiskFile, buffer: &mut [u8], start: u64) -> io::Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        match file.read_at(&mut buffer[done..], start + done as u64) {
            Ok(0) => break,
            Ok(bytes) => done += bytes,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}
