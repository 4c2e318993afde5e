//! The control socket and its threads.

use std::{
    fmt,
    io::{self, Write},
    net::Shutdown,
    os::{
        fd::OwnedFd,
        unix::net::{UnixListener, UnixStream},
    },
    path::Path,
    sync::{Arc, atomic::Ordering},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{
    ControlError, Hub, client, publisher,
    room::{CLIENTS_MAX, Room},
    socket::{self, SocketFile},
    writer::{Mail, write_error},
};

/// A pause where the system has no more descriptors, so that the thread doesn't spin.
const BREATH: Duration = Duration::from_millis(50);

/// The control socket of a node, served by threads of its own until it is dropped.
pub struct ControlServer {
    room: Arc<Room>,
    listener: UnixStream,
    threads: Vec<JoinHandle<()>>,
    file: Option<SocketFile>,
}

impl fmt::Debug for ControlServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ControlServer")
    }
}

impl ControlServer {
    /// Opens the control socket at `path`, with mode 0600, and serves it.
    ///
    /// # Errors
    /// [`ControlError`]: the path is too long, another node answers there, or the system refuses.
    pub fn start(path: impl AsRef<Path>, hub: Arc<Hub>) -> Result<Self, ControlError> {
        let path = path.as_ref();
        let failed = |doing| move |source| ControlError::Io { doing, path: path.to_owned(), source };
        let (listener, file) = socket::listen(path)?;
        let inbox = hub.take_inbox().ok_or(ControlError::Served)?;
        let room = Arc::new(Room::new(hub));
        let handle = listener.try_clone().map_err(failed("keep the control socket"))?;
        let mut server = Self {
            room: Arc::clone(&room),
            // A listener has no shutdown of its own, and only that wakes a thread which waits in accept.
            listener: UnixStream::from(OwnedFd::from(handle)),
            threads: Vec::new(),
            file: Some(file),
        };
        let publishing = Arc::clone(&room);
        let named = |name: &str| thread::Builder::new().name(name.to_owned()).stack_size(512 * 1024);
        let publisher = named("control-view").spawn(move || publisher::run(&publishing, &inbox));
        server.threads.push(publisher.map_err(failed("start a thread for"))?);
        let accepting = named("control").spawn(move || accept(&listener, &room));
        server.threads.push(accepting.map_err(failed("start a thread for"))?);
        Ok(server)
    }

    /// Waits until somebody has subscribed, for so long at most: who starts with a short run may come after its end.
    pub fn await_subscriber(&self, patience: Duration) {
        let begun = Instant::now();
        while !self.room.subscribed.load(Ordering::Acquire) && begun.elapsed() < patience {
            thread::sleep(BREATH);
        }
    }

    /// Lets nobody new in and removes the socket, as of a node that has ended; who is connected stays, and can watch
    /// what the engine left.
    pub fn retire(&mut self) {
        self.room.retired.store(true, Ordering::Release);
        // The listener may be gone already; then its thread is too.
        let _ = self.listener.shutdown(Shutdown::Both);
        self.file = None;
    }
}

impl Drop for ControlServer {
    /// Sends every client what it has still to get (the last view, answers), hangs up, and removes the socket.
    ///
    /// A client that doesn't read holds this up for five seconds at most.
    fn drop(&mut self) {
        self.room.closing.store(true, Ordering::Release);
        self.retire();
        self.room.hub.wake();
        for thread in self.threads.drain(..) {
            // A panic in it is on the terminal already.
            let _ = thread.join();
        }
        let members = self.room.empty();
        for member in &members {
            let _ = member.mail.send(Mail::Quit);
            let _ = member.stream.shutdown(Shutdown::Read);
        }
        for thread in members.into_iter().filter_map(|member| member.thread) {
            let _ = thread.join();
        }
    }
}

fn accept(listener: &UnixListener, room: &Arc<Room>) {
    for id in 1.. {
        let accepted = listener.accept();
        if room.retired.load(Ordering::Acquire) {
            return;
        }
        match accepted {
            Ok((stream, _)) => welcome(id, stream, room),
            Err(_) => thread::sleep(BREATH),
        }
    }
}

fn welcome(id: u64, stream: UnixStream, room: &Arc<Room>) {
    // The answer goes to a client that may have gone.
    if room.is_full() {
        let _ =
            refuse(stream, &format!("{CLIENTS_MAX} clients are connected, which is the most; close one and try again"));
        return;
    }
    let spare = stream.try_clone();
    if let (Err(error), Ok(spare)) = (client::start(id, stream, room), spare) {
        let _ = refuse(spare, &format!("the node can't start a thread for this client: {error}"));
    }
}

fn refuse(mut stream: UnixStream, error: &str) -> io::Result<()> {
    let mut answer = String::new();
    write_error(&mut answer, None, error);
    stream.set_write_timeout(Some(Duration::from_secs(1)))?;
    stream.write_all(answer.as_bytes())
}
