//! One file of the journal, being written.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use omni_ring::MappedFile;
use omni_types::Input;

use crate::encode::encode_mark;
use crate::header::{HEADER_WORDS, Mode, SYNCED_OFFSET, SegmentHeader, synced_mark};
use crate::record::{EncodeError, HEAD, encode};
use crate::{JournalError, RunHeader};

/// What the segments of a journal have in common.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub(crate) directory: PathBuf,
    pub(crate) run: RunHeader,
    pub(crate) mode: Mode,
    pub(crate) segment_bytes: u64,
}

impl Series {
    /// Returns the path of the segment with this number.
    pub(crate) fn path(&self, number: u32) -> PathBuf {
        path(&self.directory, number)
    }

    /// Makes a segment ready: its space reserved, its header written, its pages in memory.
    ///
    /// It gets its name last, so that a file of that name always has a whole header.
    pub(crate) fn prepare(&self, number: u32) -> Result<Segment, JournalError> {
        let (path, draft) = (self.path(number), self.path(number).with_extension("tmp"));
        // A draft that a killed process left; one that can't be removed is the next line's error.
        let _ = std::fs::remove_file(&draft);
        let mut map = MappedFile::create(&draft, self.segment_bytes as usize)
            .map_err(JournalError::io("reserve space for", &path))?;
        let header =
            SegmentHeader { run: self.run.clone(), number, mode: self.mode, segment_bytes: self.segment_bytes };
        let salt = header.write(map.words_mut());
        let file = map.file().map_err(JournalError::io("open", &path))?;
        if self.mode != Mode::Memory {
            file.sync_all().map_err(JournalError::io("sync", &path))?;
        }
        std::fs::rename(&draft, &path).map_err(JournalError::io("create", &path))?;
        self.sync_directory()?;
        map.populate();
        let sheet = Arc::new(Sheet { file, path, number, salt });
        Ok(Segment { map, sheet, used: HEADER_WORDS })
    }

    /// Opens a segment to go on writing after its first `used` words; what stands there later is dropped.
    pub(crate) fn reopen(&self, number: u32, salt: u32, used: usize) -> Result<Segment, JournalError> {
        let path = self.path(number);
        let open = || {
            let file = File::options().write(true).open(&path)?;
            file.set_len(used as u64 * 8)?;
            MappedFile::open(&path, self.segment_bytes as usize)
        };
        let mut map = open().map_err(JournalError::io("reopen", &path))?;
        map.populate();
        let file = map.file().map_err(JournalError::io("open", &path))?;
        Ok(Segment { map, sheet: Arc::new(Sheet { file, path, number, salt }), used })
    }

    /// Brings the names of the segments to the disk, where the mode asks for it.
    pub(crate) fn sync_directory(&self) -> Result<(), JournalError> {
        if self.mode == Mode::Memory {
            return Ok(());
        }
        let sync = || File::open(&self.directory)?.sync_all();
        sync().map_err(JournalError::io("sync", &self.directory))
    }
}

/// Returns the path of a journal's segment.
pub(crate) fn path(directory: &Path, number: u32) -> PathBuf {
    directory.join(format!("segment-{number:08}.journal"))
}

/// A segment's file, shared with the journal thread.
#[derive(Debug)]
pub(crate) struct Sheet {
    file: File,
    pub(crate) path: PathBuf,
    pub(crate) number: u32,
    salt: u32,
}

impl Sheet {
    /// Brings everything stored in the segment to the disk.
    pub(crate) fn sync(&self) -> Result<(), JournalError> {
        self.file.sync_data().map_err(JournalError::io("sync", &self.path))
    }

    /// Notes in the header that everything up to `seq` is on the disk. The note itself gets there with the next sync.
    pub(crate) fn note_synced(&self, seq: u64) -> Result<(), JournalError> {
        let mark = synced_mark(seq, self.salt);
        self.file.write_all_at(&mark, SYNCED_OFFSET).map_err(JournalError::io("write to", &self.path))
    }
}

/// A mapped segment and how much of it is used.
#[derive(Debug)]
pub(crate) struct Segment {
    map: MappedFile,
    pub(crate) sheet: Arc<Sheet>,
    /// In words, header included.
    used: usize,
}

impl Segment {
    /// Writes an input after the last one. Room for a mark always stays.
    #[inline]
    pub(crate) fn append(&mut self, input: &Input) -> Result<(), EncodeError> {
        let words = self.map.words_mut();
        let end = words.len() - HEAD;
        let Some(room) = words.get_mut(self.used..end) else { return Err(EncodeError::Room) };
        self.used += encode(input, self.sheet.salt, room)?;
        Ok(())
    }

    /// Writes the mark that ends the segment.
    pub(crate) fn mark(&mut self, kind: u8, seq: u64) -> Result<(), EncodeError> {
        let room = self.map.words_mut().get_mut(self.used..).unwrap_or_default();
        self.used += encode_mark(kind, seq, self.sheet.salt, room)?;
        Ok(())
    }

    /// Cuts the file to what is used and lets go of it.
    pub(crate) fn close(self) -> Result<(), JournalError> {
        self.map.close(self.used as u64 * 8).map_err(JournalError::io("cut", &self.sheet.path))
    }

    /// Removes a segment that was never written to.
    pub(crate) fn discard(self) -> Result<(), JournalError> {
        std::fs::remove_file(&self.sheet.path).map_err(JournalError::io("remove", &self.sheet.path))
    }
}
