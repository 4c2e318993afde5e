//! Files mapped into memory.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::sync::atomic::AtomicU64;

use memmap2::{Mmap, MmapMut};

/// A file of a fixed size, its disk space reserved, mapped for reading and writing.
///
/// What is stored in the map is in the system's cache at once and outlives the process; [`MappedFile::sync`] brings it
/// to the disk. Since the space is reserved first, a full disk is an error here and never a fault on a later store.
#[derive(Debug)]
pub struct MappedFile {
    map: MmapMut,
    file: File,
}

impl MappedFile {
    /// Creates a file of `bytes` zeros, rounded up to whole words of eight.
    ///
    /// # Errors
    /// The system's error, with no file left behind where it was the space that lacked; a file that is there already
    /// is an error.
    pub fn create(path: &Path, bytes: usize) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
        Self::reserve_and_map(file, bytes).inspect_err(|_| {
            // The first error is the news; a part of a file would only keep the disk full.
            let _ = std::fs::remove_file(path);
        })
    }

    /// Opens a file that is there and grows it with zeros to `bytes`, rounded up to whole words of eight.
    ///
    /// # Errors
    /// The system's error; [`io::ErrorKind::InvalidInput`] where the file is longer than `bytes`.
    pub fn open(path: &Path, bytes: usize) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let length = file.metadata()?.len();
        if length > bytes.next_multiple_of(8) as u64 {
            let text = format!("expected at most {bytes} bytes, found {length}");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        Self::reserve_and_map(file, bytes)
    }

    fn reserve_and_map(file: File, bytes: usize) -> io::Result<Self> {
        let bytes = bytes.next_multiple_of(8);
        reserve(&file, bytes)?;
        // SAFETY: the file is `bytes` long and reserved; its owner holds the directory's lock and is its only writer,
        // readers read it through `read`, and only `close` shortens it, after the map is gone.
        let map = unsafe { memmap2::MmapOptions::new().len(bytes).map_mut(&file)? };
        Ok(Self { map, file })
    }

    /// Returns the contents as words, in the file's byte order.
    #[must_use]
    pub fn words(&self) -> &[u64] {
        // SAFETY: a map begins at a page, so it is aligned for words; it is initialised, `len / 8` words long, and
        // lives as long as the borrow of `self`.
        unsafe { core::slice::from_raw_parts(self.map.as_ptr().cast(), self.map.len() / 8) }
    }

    /// Returns the contents as words to write to, in the file's byte order.
    #[inline]
    #[must_use]
    pub fn words_mut(&mut self) -> &mut [u64] {
        // SAFETY: as for `words`, and the borrow of `self` is unique.
        unsafe { core::slice::from_raw_parts_mut(self.map.as_mut_ptr().cast(), self.map.len() / 8) }
    }

    /// Returns the contents as words that threads may share.
    #[inline]
    #[must_use]
    pub fn atomic_words(&self) -> &[AtomicU64] {
        // SAFETY: as for `words`; an atomic is laid out as its number, the map may be written, and whoever has
        // `words_mut` borrows it alone.
        unsafe { core::slice::from_raw_parts(self.map.as_ptr().cast(), self.map.len() / 8) }
    }

    /// Brings every page in, ready to be written, so that later stores don't wait for the system.
    ///
    /// A matter of speed only: systems that can't are left as they are.
    pub fn populate(&mut self) {
        #[cfg(target_os = "linux")]
        // SAFETY: the range is exactly our live map; the advice changes no contents.
        unsafe {
            libc::madvise(self.map.as_mut_ptr().cast(), self.map.len(), libc::MADV_POPULATE_WRITE);
        }
    }

    /// Brings what was stored to the disk, and waits until it is there.
    ///
    /// # Errors
    /// The system's error, after which what the disk holds is unknown: don't try again.
    pub fn sync(&self) -> io::Result<()> {
        self.map.flush()
    }

    /// Returns another handle of the file, on which `sync_data` also brings to the disk what was stored in the map.
    ///
    /// # Errors
    /// The system's error where no more files can be open.
    pub fn file(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Ends the map and cuts the file to its first `bytes`.
    ///
    /// # Errors
    /// The system's error.
    pub fn close(self, bytes: u64) -> io::Result<()> {
        let Self { map, file } = self;
        drop(map);
        file.set_len(bytes)
    }
}

#[cfg(target_os = "linux")]
fn reserve(file: &File, bytes: usize) -> io::Result<()> {
    let length = libc::off_t::try_from(bytes).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
    loop {
        // SAFETY: the descriptor is open for the whole call, and the call touches no memory of ours.
        match unsafe { libc::posix_fallocate(file.as_raw_fd(), 0, length) } {
            0 => return Ok(()),
            libc::EINTR => {}
            code => return Err(io::Error::from_raw_os_error(code)),
        }
    }
}

/// Reserves by writing zeros past the end, where the system has no call for it.
#[cfg(not(target_os = "linux"))]
fn reserve(file: &File, bytes: usize) -> io::Result<()> {
    use std::os::unix::fs::FileExt;
    let zeros = [0_u8; 1 << 16];
    let mut at = file.metadata()?.len();
    while at < bytes as u64 {
        let step = zeros.len().min((bytes as u64 - at) as usize);
        file.write_all_at(&zeros[..step], at)?;
        at += step as u64;
    }
    Ok(())
}

/// A whole file mapped for reading.
///
/// For finished files that nobody shortens while they are read, such as recorded market data: the system ends a
/// process that reads a page whose file has lost it.
#[derive(Debug)]
pub struct ReadMap {
    map: Mmap,
}

impl ReadMap {
    /// Maps the file at `path`, which may be empty.
    ///
    /// # Errors
    /// The system's error.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        // SAFETY: the map is only read, and its user knows that the file must stay as it is, as the type says.
        Ok(Self { map: unsafe { Mmap::map(&file)? } })
    }

    /// Returns the contents.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.map
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn path(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("omni-ring-{name}-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        path
    }

    #[test]
    fn what_is_stored_is_in_the_file() {
        let path = path("stored");
        let mut mapped = MappedFile::create(&path, 8191).unwrap();
        mapped.populate();
        assert_eq!(mapped.words(), &[0; 1024]);
        mapped.words_mut()[3] = 7_u64.to_le();
        mapped.sync().unwrap();
        mapped.file().unwrap().sync_data().unwrap();
        assert_eq!(ReadMap::open(&path).unwrap().bytes()[24], 7);
        mapped.close(32).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 32);

        let again = MappedFile::open(&path, 4096).unwrap();
        assert_eq!((again.words().len(), again.words()[3], again.words()[4]), (512, 7_u64.to_le(), 0));
        drop(again);
        assert_eq!(MappedFile::open(&path, 1024).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn an_impossible_size_is_an_error_and_leaves_nothing() {
        let path = path("impossible");
        assert!(MappedFile::create(&path, 1 << 62).is_err());
        assert!(!path.exists());
        let first = MappedFile::create(&path, 64).unwrap();
        assert_eq!(MappedFile::create(&path, 64).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert!(path.exists(), "the file that was there stays");
        drop(first);
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn an_empty_file_maps_to_nothing() {
        let path = path("empty");
        std::fs::write(&path, b"").unwrap();
        assert!(ReadMap::open(&path).unwrap().bytes().is_empty());
        std::fs::remove_file(&path).unwrap();
    }
}
