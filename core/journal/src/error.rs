//! What can go wrong with a journal.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::record::{DecodeError, EncodeError};

/// Says what went wrong with a journal or a snapshot, where, and what to do.
#[derive(Debug)]
pub enum JournalError {
    /// The system refused.
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried, as in "can't … PATH".
        action: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// The input can't be written down.
    Encode(EncodeError),
    /// Inputs must be appended without gaps.
    Sequence {
        /// The number that comes next.
        expected: u64,
        /// The number that came.
        found: u64,
    },
    /// An earlier error ended this writer, so that nothing stands after a gap.
    Stopped(Arc<JournalError>),
    /// A setting that can't work.
    Setting(String),
    /// The folder holds a journal already.
    Exists(PathBuf),
    /// Another process is writing this journal.
    InUse(PathBuf),
    /// The folder holds no journal.
    Missing(PathBuf),
    /// Damage with whole records after it, so not a torn tail.
    Corrupt {
        /// The segment or snapshot.
        path: PathBuf,
        /// Where, in bytes from the start of the file.
        offset: u64,
        /// What is wrong there.
        reason: String,
        /// How many whole records follow.
        later: u64,
    },
    /// Written in a format that this version doesn't read.
    Format {
        /// The segment or snapshot.
        path: PathBuf,
        /// Where, in bytes from the start of the file.
        offset: u64,
        /// What was found and what is supported.
        reason: DecodeError,
    },
}

impl JournalError {
    /// Names a path and what was tried for an error of the system.
    pub(crate) fn io<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> Self + 'a {
        move |source| Self::Io { path: path.to_owned(), action, source }
    }

    /// Says that a file isn't what it should be, with nothing known to follow.
    pub(crate) fn corrupt(path: &Path, offset: u64, reason: impl Into<String>) -> Self {
        Self::Corrupt { path: path.to_owned(), offset, reason: reason.into(), later: 0 }
    }
}

fn advice(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free space there or choose another run folder, then recover the run"
        }
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
            "choose a run folder that can be written"
        }
        io::ErrorKind::NotFound => "the folder was moved or deleted; put it back, then recover the run",
        _ => "check the disk, then recover the run; everything acknowledged before stays readable",
    }
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, action, source } => {
                write!(f, "can't {action} {}: {source}; {}", path.display(), advice(source.kind()))
            }
            Self::Encode(error) => write!(f, "input can't be journaled: {error}"),
            Self::Sequence { expected, found } => {
                write!(f, "expected input {expected} next in the journal, found input {found}")
            }
            Self::Stopped(first) => write!(f, "the journal takes no more inputs since an earlier error: {first}"),
            Self::Setting(text) => f.write_str(text),
            Self::Exists(path) => {
                write!(f, "{} holds a journal already; choose an empty folder, or recover the run", path.display())
            }
            Self::InUse(path) => {
                write!(f, "{} is being written by another process; stop that node first", path.display())
            }
            Self::Missing(path) => write!(f, "{} holds no journal segment", path.display()),
            Self::Corrupt { path, offset, reason, later } => {
                write!(f, "{} is damaged at byte {offset}: {reason}; ", path.display())?;
                match later {
                    0 => f.write_str("restore the file from a copy"),
                    _ => write!(
                        f,
                        "{later} whole record{} after it, so this is not a torn tail: restore the file from a copy",
                        if *later == 1 { " follows" } else { "s follow" },
                    ),
                }
            }
            Self::Format { path, offset, reason } => {
                write!(f, "{} can't be read at byte {offset}: {reason}", path.display())
            }
        }
    }
}

impl std::error::Error for JournalError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Encode(error) => Some(error),
            Self::Format { reason, .. } => Some(reason),
            Self::Stopped(first) => Some(first.as_ref()),
            _ => None,
        }
    }
}

impl From<EncodeError> for JournalError {
    fn from(error: EncodeError) -> Self {
        Self::Encode(error)
    }
}
