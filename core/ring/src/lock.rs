//! One owner of a directory at a time.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;

/// Holds a directory for one process; the system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub struct DirectoryLock {
    // Held for its descriptor: closing it releases the lock.
    _directory: File,
}

impl DirectoryLock {
    /// Takes the lock, or returns `None` where somebody else has it.
    ///
    /// # Errors
    /// The system's error where the directory can't be opened or locked.
    pub fn take(directory: &Path) -> io::Result<Option<Self>> {
        let file = File::open(directory)?;
        // SAFETY: the descriptor is open for the whole call, and the call touches no memory of ours.
        if unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } == 0 {
            return Ok(Some(Self { _directory: file }));
        }
        match io::Error::last_os_error() {
            error if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            error => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time() {
        let directory = std::env::temp_dir().join(format!("omni-ring-lock-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let first = DirectoryLock::take(&directory).unwrap();
        assert!(first.is_some());
        assert!(DirectoryLock::take(&directory).unwrap().is_none());
        drop(first);
        assert!(DirectoryLock::take(&directory).unwrap().is_some());
        std::fs::remove_dir(&directory).unwrap();
        assert!(DirectoryLock::take(&directory).is_err());
    }
}
