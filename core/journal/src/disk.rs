//! What the journal asks of a file system, and the system's own.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use omni_ring::{DirectoryLock, MappedFile};

/// A file system as the journal uses it.
///
/// [`Files`] is the system's, whose calls are compiled in where they are made; the feature `testing` has one that fails
/// as disks do, for simulation.
pub trait Disk: Clone + fmt::Debug + Send + Sync + 'static {
    /// A file mapped for writing.
    type Map: DiskMap<File = Self::File>;
    /// An open file.
    type File: DiskFile;
    /// Holds a folder for one owner.
    type Lock: fmt::Debug + Send;

    /// Makes a folder and those above it, where they aren't there.
    ///
    /// # Errors
    /// The system's; so in all that follows.
    fn make_folder(&self, folder: &Path) -> io::Result<()>;

    /// Takes a folder's lock; `None` where somebody else has it.
    ///
    /// # Errors
    /// The system's.
    fn lock(&self, folder: &Path) -> io::Result<Option<Self::Lock>>;

    /// Returns the names in a folder, in no order.
    ///
    /// # Errors
    /// The system's.
    fn names(&self, folder: &Path) -> io::Result<Vec<String>>;

    /// Creates a file of `bytes` zeros, its space reserved, and maps it.
    ///
    /// # Errors
    /// The system's.
    fn create_map(&self, path: &Path, bytes: usize) -> io::Result<Self::Map>;

    /// Cuts a file to its first `used` bytes, grows it with zeros to `bytes`, and maps it.
    ///
    /// # Errors
    /// The system's.
    fn open_map(&self, path: &Path, used: u64, bytes: usize) -> io::Result<Self::Map>;

    /// Opens a file for reading, and for a sync.
    ///
    /// # Errors
    /// The system's.
    fn open(&self, path: &Path) -> io::Result<Self::File>;

    /// Opens a file for reading and writing.
    ///
    /// # Errors
    /// The system's.
    fn open_to_write(&self, path: &Path) -> io::Result<Self::File>;

    /// Creates an empty file, in place of one that is there.
    ///
    /// # Errors
    /// The system's.
    fn create(&self, path: &Path) -> io::Result<Self::File>;

    /// Gives a file another name, in place of one that has it.
    ///
    /// # Errors
    /// The system's.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// The system's.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Brings the names in a folder to the disk.
    ///
    /// # Errors
    /// The system's.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
}

/// A file mapped for writing.
pub trait DiskMap: fmt::Debug + Send {
    /// A handle of the same file.
    type File;

    /// Returns the contents as words, in the file's byte order.
    fn words_mut(&mut self) -> &mut [u64];

    /// Learns that so many words were stored from word `at` on; the system's own maps needn't.
    #[inline(always)]
    fn stored(&mut self, _at: usize, _words: usize) {}

    /// Brings every page into memory, as a matter of speed.
    fn populate(&mut self);

    /// Returns a handle whose sync brings what was stored in the map to the disk.
    ///
    /// # Errors
    /// The system's.
    fn file(&self) -> io::Result<Self::File>;

    /// Ends the map and cuts the file to its first `bytes`.
    ///
    /// # Errors
    /// The system's.
    fn close(self, bytes: u64) -> io::Result<()>;
}

/// An open file.
pub trait DiskFile: fmt::Debug + Send + Sync {
    /// Returns the file's length in bytes.
    ///
    /// # Errors
    /// The system's.
    fn length(&self) -> io::Result<u64>;

    /// Reads from byte `at` on, as much as the file has and one call gives.
    ///
    /// # Errors
    /// The system's.
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize>;

    /// Writes all the bytes from byte `at` on.
    ///
    /// # Errors
    /// The system's.
    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<()>;

    /// Brings what was written to the disk, with what is needed to read it again, and waits for it.
    ///
    /// # Errors
    /// The system's, after which what the disk holds is unknown.
    fn sync(&self) -> io::Result<()>;
}

/// The system's file system.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Files;

impl Disk for Files {
    type Map = MappedFile;
    type File = File;
    type Lock = DirectoryLock;

    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        std::fs::create_dir_all(folder)
    }

    fn lock(&self, folder: &Path) -> io::Result<Option<DirectoryLock>> {
        DirectoryLock::take(folder)
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        let names = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().into_string().ok()));
        names.filter_map(Result::transpose).collect()
    }

    fn create_map(&self, path: &Path, bytes: usize) -> io::Result<MappedFile> {
        MappedFile::create(path, bytes)
    }

    fn open_map(&self, path: &Path, used: u64, bytes: usize) -> io::Result<MappedFile> {
        File::options().write(true).open(path)?.set_len(used)?;
        MappedFile::open(path, bytes)
    }

    fn open(&self, path: &Path) -> io::Result<File> {
        File::open(path)
    }

    fn open_to_write(&self, path: &Path) -> io::Result<File> {
        File::options().read(true).write(true).open(path)
    }

    fn create(&self, path: &Path) -> io::Result<File> {
        File::create(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }
}

impl DiskMap for MappedFile {
    type File = File;

    #[inline(always)]
    fn words_mut(&mut self) -> &mut [u64] {
        Self::words_mut(self)
    }

    fn populate(&mut self) {
        Self::populate(self);
    }

    fn file(&self) -> io::Result<File> {
        Self::file(self)
    }

    fn close(self, bytes: u64) -> io::Result<()> {
        Self::close(self, bytes)
    }
}

impl DiskFile for File {
    fn length(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        FileExt::read_at(self, buffer, at)
    }

    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        self.write_all_at(bytes, at)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }
}
