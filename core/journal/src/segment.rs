//! One file of the journal, being written.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use omni_types::Input;

use crate::encode::encode_mark;
use crate::header::{HEADER_WORDS, Mode, SYNCED_OFFSETS, SegmentHeader, synced_mark};
use crate::record::{EncodeError, HEAD, encode};
use crate::{Disk, DiskFile, DiskMap, JournalError, RunHeader};

/// What the segments of a journal have in common.
#[derive(Clone, Debug)]
pub(crate) struct Series<D> {
    pub(crate) disk: D,
    pub(crate) directory: PathBuf,
    pub(crate) run: RunHeader,
    pub(crate) mode: Mode,
    pub(crate) segment_bytes: u64,
}

impl<D: Disk> Series<D> {
    /// Returns the path of the segment with this number.
    pub(crate) fn path(&self, number: u32) -> PathBuf {
        path(&self.directory, number)
    }

    /// Makes a segment ready: its space reserved, its header written, its pages in memory.
    ///
    /// It gets its name last, so that a file of that name always has a whole header.
    pub(crate) fn prepare(&self, number: u32) -> Result<Segment<D>, JournalError> {
        let (path, draft) = (self.path(number), self.path(number).with_extension("tmp"));
        // A draft that a killed process left; one that can't be removed is the next line's error.
        let _ = self.disk.remove(&draft);
        let mut map = self
            .disk
            .create_map(&draft, self.segment_bytes as usize)
            .map_err(JournalError::io("reserve space for", &path))?;
        let header =
            SegmentHeader { run: self.run.clone(), number, mode: self.mode, segment_bytes: self.segment_bytes };
        let salt = header.write(map.words_mut());
        map.stored(0, HEADER_WORDS);
        let file = map.file().map_err(JournalError::io("open", &path))?;
        if self.mode != Mode::Memory {
            file.sync().map_err(JournalError::io("sync", &path))?;
        }
        self.disk.rename(&draft, &path).map_err(JournalError::io("create", &path))?;
        self.sync_directory()?;
        map.populate();
        let sheet = Arc::new(Sheet::new(file, path, number, salt));
        Ok(Segment { map, sheet, used: HEADER_WORDS })
    }

    /// Opens a segment to go on writing after its first `used` words; what stands there later is dropped.
    pub(crate) fn reopen(&self, number: u32, salt: u32, used: usize) -> Result<Segment<D>, JournalError> {
        let path = self.path(number);
        let mut map = self
            .disk
            .open_map(&path, used as u64 * 8, self.segment_bytes as usize)
            .map_err(JournalError::io("reopen", &path))?;
        map.populate();
        let file = map.file().map_err(JournalError::io("open", &path))?;
        Ok(Segment { map, sheet: Arc::new(Sheet::new(file, path, number, salt)), used })
    }

    /// Brings the names of the segments to the disk, where the mode asks for it.
    pub(crate) fn sync_directory(&self) -> Result<(), JournalError> {
        if self.mode == Mode::Memory {
            return Ok(());
        }
        self.disk.sync_folder(&self.directory).map_err(JournalError::io("sync", &self.directory))
    }

    /// Removes a segment that was never written to.
    pub(crate) fn discard(&self, segment: &Segment<D>) -> Result<(), JournalError> {
        self.disk.remove(&segment.sheet.path).map_err(JournalError::io("remove", &segment.sheet.path))
    }
}

/// Returns the path of a journal's segment.
pub(crate) fn path(directory: &Path, number: u32) -> PathBuf {
    directory.join(format!("segment-{number:08}.journal"))
}

/// A segment's file, shared with the journal thread.
#[derive(Debug)]
pub(crate) struct Sheet<D: Disk> {
    file: D::File,
    pub(crate) path: PathBuf,
    pub(crate) number: u32,
    salt: u32,
    /// How often it was noted what is on the disk.
    noted: AtomicUsize,
}

impl<D: Disk> Sheet<D> {
    fn new(file: D::File, path: PathBuf, number: u32, salt: u32) -> Self {
        Self { file, path, number, salt, noted: AtomicUsize::new(0) }
    }

    /// Brings everything stored in the segment to the disk.
    pub(crate) fn sync(&self) -> Result<(), JournalError> {
        self.file.sync().map_err(JournalError::io("sync", &self.path))
    }

    /// Notes in the header that everything up to `seq` is on the disk. The note itself gets there with the next sync.
    pub(crate) fn note_synced(&self, seq: u64) -> Result<(), JournalError> {
        let mark = synced_mark(seq, self.salt);
        let offset = SYNCED_OFFSETS[self.noted.fetch_add(1, Ordering::Relaxed) % SYNCED_OFFSETS.len()];
        self.file.write_at(&mark, offset).map_err(JournalError::io("write to", &self.path))
    }
}

/// A mapped segment and how much of it is used.
#[derive(Debug)]
pub(crate) struct Segment<D: Disk> {
    map: D::Map,
    pub(crate) sheet: Arc<Sheet<D>>,
    /// In words, header included.
    used: usize,
}

impl<D: Disk> Segment<D> {
    /// Writes an input after the last one. Room for a mark always stays.
    #[inline]
    pub(crate) fn append(&mut self, input: &Input) -> Result<(), EncodeError> {
        let words = self.map.words_mut();
        let end = words.len() - HEAD;
        let Some(room) = words.get_mut(self.used..end) else { return Err(EncodeError::Room) };
        let length = encode(input, self.sheet.salt, room)?;
        self.map.stored(self.used, length);
        self.used += length;
        Ok(())
    }

    /// Writes the mark that ends the segment.
    pub(crate) fn mark(&mut self, kind: u8, seq: u64) -> Result<(), EncodeError> {
        let room = self.map.words_mut().get_mut(self.used..).unwrap_or_default();
        let length = encode_mark(kind, seq, self.sheet.salt, room)?;
        self.map.stored(self.used, length);
        self.used += length;
        Ok(())
    }

    /// Cuts the file to what is used and lets go of it.
    pub(crate) fn close(self) -> Result<(), JournalError> {
        self.map.close(self.used as u64 * 8).map_err(JournalError::io("cut", &self.sheet.path))
    }
}
