//! Why a control socket can't be opened.

use std::{fmt, io, path::PathBuf};

/// Says why a control socket can't be opened.
#[derive(Debug)]
pub enum ControlError {
    /// The path has more bytes than a Unix socket's address holds.
    PathTooLong {
        /// The socket's path.
        path: PathBuf,
        /// How many bytes it may have.
        most: usize,
    },
    /// Another node answers there.
    InUse(PathBuf),
    /// Something that is not a socket has the path.
    NotASocket(PathBuf),
    /// The hub is served already.
    Served,
    /// The system refused.
    Io {
        /// What was attempted, to follow "can't".
        doing: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl fmt::Display for ControlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PathTooLong { path, most } => write!(
                f,
                "the control socket's path has {} bytes, and the system allows {most}: {}; use a run folder with a shorter path (--home)",
                path.as_os_str().len(),
                path.display()
            ),
            Self::InUse(path) => write!(
                f,
                "another node is running on {}; stop it first (omni stop), or use another run folder",
                path.display()
            ),
            Self::NotASocket(path) => write!(
                f,
                "{} is there and is not a socket, so it is left alone; move it away or use another run folder",
                path.display()
            ),
            Self::Served => f.write_str("this hub has a control socket already"),
            Self::Io { doing, path, source } => write!(f, "can't {doing} {}: {source}", path.display()),
        }
    }
}

impl std::error::Error for ControlError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
