//! Opens a file by its path.

use core::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Compression, Format, MOST_BYTES, decompress, sniff};

/// A file in memory, uncompressed.
#[derive(Clone, PartialEq, Debug)]
pub struct Loaded {
    /// The file.
    pub path: PathBuf,
    /// What could be read of it.
    pub bytes: Vec<u8>,
    /// How it was compressed.
    pub compression: Compression,
    /// What it holds.
    pub format: Format,
    /// Why `bytes` isn't everything; `None` when it is.
    pub cut: Option<FileError>,
}

impl Loaded {
    /// Returns the bytes of a file that must be whole.
    ///
    /// # Errors
    /// The [`FileError`] of a truncated or corrupt file.
    pub fn whole(self) -> Result<Vec<u8>, FileError> {
        self.cut.map_or(Ok(self.bytes), Err)
    }
}

/// Says what is wrong with a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong.
    pub what: String,
    /// Byte of the file, as it lies on disk, at which the faulty part begins.
    pub offset: usize,
    /// Uncompressed bytes read until then.
    pub read: usize,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, what, offset, read } = self;
        write!(f, "{}: {what} (at byte {offset}, after {read} uncompressed bytes)", path.display())
    }
}

impl std::error::Error for FileError {}

/// Reads a file whole, decompresses it and tells what it holds.
///
/// # Errors
/// [`FileError`] when it can't be read or is empty. A truncated or corrupt compressed file is no error here: what it
/// holds is returned with [`Loaded::cut`] set.
pub fn open(path: &Path) -> Result<Loaded, FileError> {
    let fail = |what: String| FileError { path: path.to_owned(), what, offset: 0, read: 0 };
    let raw = fs::read(path).map_err(|e| fail(format!("can't be read: {e}")))?;
    if raw.is_empty() {
        return Err(fail("the file is empty".to_owned()));
    }
    let super::Decompressed { bytes, compression, cut } = decompress(raw, MOST_BYTES);
    let read = bytes.len();
    let cut = cut.map(|cut| FileError { path: path.to_owned(), what: cut.what, offset: cut.offset, read });
    Ok(Loaded { path: path.to_owned(), format: sniff(&bytes), bytes, compression, cut })
}
