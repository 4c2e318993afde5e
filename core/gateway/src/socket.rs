//! The socket's file: made with mode 0600, never over a live one, removed at the end.

use std::{
    fs::{self, DirBuilder, Permissions},
    io,
    os::unix::{
        fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt},
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use crate::ControlError;

/// Bytes of a Unix socket's address on Linux, without the final zero.
const PATH_MAX: usize = 107;

/// A listening socket's file.
pub(crate) struct SocketFile {
    path: PathBuf,
    /// Device and file number, so that nobody else's file is removed.
    identity: (u64, u64),
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let ours = fs::symlink_metadata(&self.path).is_ok_and(|found| (found.dev(), found.ino()) == self.identity);
        if ours {
            // What can't be removed is found stale by the next node.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Listens at `path`. A dead node's socket there is replaced.
///
/// The socket is made inside a directory of mode 0700 and gets its name only when its mode is 0600, so there is no
/// moment at which others could connect; the name is given by a link, which fails where the name is taken.
pub(crate) fn listen(path: &Path) -> Result<(UnixListener, SocketFile), ControlError> {
    let cradle = Cradle::new(path)?;
    let made = cradle.0.join("s");
    for longest in [path, &made] {
        if longest.as_os_str().len() > PATH_MAX {
            return Err(ControlError::PathTooLong { path: path.to_owned(), most: PATH_MAX });
        }
    }
    let failed = |doing| move |source| ControlError::Io { doing, path: path.to_owned(), source };
    let listener = UnixListener::bind(&made).map_err(failed("make the control socket"))?;
    fs::set_permissions(&made, Permissions::from_mode(0o600)).map_err(failed("protect the control socket"))?;
    let found = fs::symlink_metadata(&made).map_err(failed("make the control socket"))?;
    match fs::hard_link(&made, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            set_aside(path, &cradle.0)?;
            fs::hard_link(&made, path).map_err(failed("make the control socket"))?;
        }
        linked => linked.map_err(failed("make the control socket"))?,
    }
    Ok((listener, SocketFile { path: path.to_owned(), identity: (found.dev(), found.ino()) }))
}

/// Takes a dead node's socket away.
fn set_aside(path: &Path, cradle: &Path) -> Result<(), ControlError> {
    let failed = |source| ControlError::Io { doing: "look at the control socket", path: path.to_owned(), source };
    if !fs::symlink_metadata(path).map_err(failed)?.file_type().is_socket() {
        return Err(ControlError::NotASocket(path.to_owned()));
    }
    refuse_live(path, path)?;
    let aside = cradle.join("old");
    fs::rename(path, &aside).map_err(failed)?;
    // Another node may have begun to listen between the two; then its socket goes back.
    refuse_live(&aside, path).inspect_err(|_| {
        let _ = fs::hard_link(&aside, path);
    })
}

fn refuse_live(socket: &Path, path: &Path) -> Result<(), ControlError> {
    match UnixStream::connect(socket) {
        Ok(_) => Err(ControlError::InUse(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
        Err(source) => Err(ControlError::Io { doing: "look at the control socket", path: path.to_owned(), source }),
    }
}

/// A directory of mode 0700 beside the socket, removed in the end.
struct Cradle(PathBuf);

impl Cradle {
    fn new(path: &Path) -> Result<Self, ControlError> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        // Not longer, with the socket's name, than `control.sock` of the first node of a process.
        let name = if count == 0 { format!(".{}", process::id()) } else { format!(".{}-{count}", process::id()) };
        let cradle = path.with_file_name(name);
        // One may be left over from a process of the same number that was killed.
        let _ = fs::remove_dir_all(&cradle);
        DirBuilder::new().mode(0o700).create(&cradle).map_err(|source| ControlError::Io {
            doing: "make a directory for the control socket,",
            path: cradle.clone(),
            source,
        })?;
        Ok(Self(cradle))
    }
}

impl Drop for Cradle {
    fn drop(&mut self) {
        // An empty hidden directory does no harm.
        let _ = fs::remove_dir_all(&self.0);
    }
}
