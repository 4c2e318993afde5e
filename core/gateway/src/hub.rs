//! Where the engine's thread and the control socket's threads meet.

use std::{
    collections::VecDeque,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
};

use omni_types::InstrumentId;

use crate::{Archive, Command, Request, View, WATCHED_MAX, lock, watch::WatchTable};

/// Most commands that wait for the engine; a kill is taken beyond it.
const QUEUE_MAX: usize = 64;
/// Most views on their way to the clients; more than one only when the publisher is held up.
const POSTS_MAX: usize = 4;

/// What the publisher's thread gets.
pub(crate) enum Post {
    /// The engine shows its state.
    View(Box<View>),
    /// Look at the flags.
    Wake,
}

#[derive(Default)]
struct Queue {
    requests: VecDeque<Request>,
    closed: bool,
}

/// Carries commands to the engine and views from it.
///
/// What the engine calls once per batch, [`Hub::pending`] and [`Hub::view_wanted`], is one atomic load each. The engine
/// never waits for a client: a view goes into a channel that takes it or refuses it at once.
pub struct Hub {
    queue: Mutex<Queue>,
    pending: AtomicBool,
    closed: AtomicBool,
    wanted: AtomicBool,
    asked: AtomicBool,
    pub(crate) watch: WatchTable,
    archive: Mutex<Option<Archive>>,
    posts: SyncSender<Post>,
    inbox: Mutex<Option<Receiver<Post>>>,
    spares: SyncSender<Box<View>>,
    spare: Mutex<Receiver<Box<View>>>,
}

impl Default for Hub {
    fn default() -> Self {
        Self::new()
    }
}

impl Hub {
    /// Builds a hub; without a [`ControlServer`](crate::ControlServer) nobody ever asks anything.
    #[must_use]
    pub fn new() -> Self {
        let (posts, inbox) = sync_channel(POSTS_MAX);
        let (spares, spare) = sync_channel(POSTS_MAX);
        Self {
            queue: Mutex::default(),
            pending: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            wanted: AtomicBool::new(false),
            asked: AtomicBool::new(false),
            watch: WatchTable::new(),
            archive: Mutex::default(),
            posts,
            inbox: Mutex::new(Some(inbox)),
            spares,
            spare: Mutex::new(spare),
        }
    }

    /// Returns whether a command waits. One atomic load; ask once per batch, and also while waiting for a strategy.
    #[must_use]
    #[inline]
    pub fn pending(&self) -> bool {
        self.pending.load(Ordering::Acquire)
    }

    /// Takes the oldest waiting command. Takes a short lock, and only when one is pending.
    pub fn try_command(&self) -> Option<Request> {
        if !self.pending() {
            return None;
        }
        let mut queue = lock(&self.queue);
        let request = queue.requests.pop_front();
        self.pending.store(!queue.requests.is_empty(), Ordering::Release);
        request
    }

    /// Returns whether somebody waits for a view; set at most 50 times a second. One atomic load.
    #[must_use]
    #[inline]
    pub fn view_wanted(&self) -> bool {
        self.wanted.load(Ordering::Relaxed)
    }

    /// Returns an empty view to fill, one that was used before where there is one.
    #[must_use]
    pub fn take_buffer(&self) -> Box<View> {
        let spare = self.spare.try_lock().ok().and_then(|spare| spare.try_recv().ok());
        let mut view = spare.unwrap_or_default();
        view.clear();
        view
    }

    /// Hands the newest view over, wanted or not; never waits. Show the last one of a run before [`Hub::close`].
    ///
    /// Returns whether it was accepted. Where it wasn't (nobody serves this hub, or the publisher is held up),
    /// what the growing lists brought must be in the next one again.
    pub fn publish(&self, view: Box<View>) -> bool {
        self.wanted.store(false, Ordering::Relaxed);
        match self.posts.try_send(Post::View(view)) {
            Ok(()) => true,
            Err(TrySendError::Full(post)) => {
                self.wanted.store(true, Ordering::Relaxed);
                if let Post::View(view) = post {
                    self.recycle(view);
                }
                false
            }
            Err(TrySendError::Disconnected(_)) => false,
        }
    }

    /// Returns the instruments whose bars and depth the view should hold; wait-free.
    #[must_use]
    pub fn watched(&self) -> [Option<InstrumentId>; WATCHED_MAX] {
        self.watch.watched()
    }

    /// Says that the engine takes no more commands: those that wait and those to come are answered so. Views stay, and
    /// what is watched from now on is shown from the archive.
    pub fn close(&self, archive: Archive) {
        *lock(&self.archive) = Some(archive);
        let mut queue = lock(&self.queue);
        queue.closed = true;
        self.closed.store(true, Ordering::Release);
        self.pending.store(false, Ordering::Release);
        let refused = std::mem::take(&mut queue.requests);
        drop(queue);
        for request in refused {
            request.done(Err(OVER.to_owned()));
        }
        // Somebody may have begun to watch after the last view was filled.
        self.wake();
    }

    /// Lets somebody look at what the engine left, once it has ended.
    pub(crate) fn with_archive(&self, look: impl FnOnce(&Archive)) {
        if let Some(archive) = &*lock(&self.archive) {
            look(archive);
        }
    }

    /// Returns whether the engine has ended.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Puts a command into the queue, or answers why not.
    pub(crate) fn submit(&self, request: Request) {
        let mut queue = lock(&self.queue);
        let full = queue.requests.len() >= QUEUE_MAX && !matches!(request.command, Command::Kill { .. });
        if queue.closed || full {
            drop(queue);
            let why = if full {
                format!("{QUEUE_MAX} commands wait for the engine, which is busy; try again")
            } else {
                OVER.to_owned()
            };
            return request.done(Err(why));
        }
        queue.requests.push_back(request);
        self.pending.store(true, Ordering::Release);
    }

    /// Asks for a view as soon as the pace allows.
    pub(crate) fn ask_view(&self) {
        if !self.asked.swap(true, Ordering::AcqRel) {
            self.wake();
        }
    }

    /// Makes the publisher look at the flags.
    pub(crate) fn wake(&self) {
        // A full channel wakes it just as well.
        let _ = self.posts.try_send(Post::Wake);
    }

    /// Returns whether a view was asked for and not yet wanted of the engine.
    pub(crate) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Acquire)
    }

    /// Passes the question on to the engine.
    pub(crate) fn want_view(&self) {
        self.asked.store(false, Ordering::Release);
        self.wanted.store(true, Ordering::Relaxed);
    }

    /// Keeps a used view for the engine.
    pub(crate) fn recycle(&self, view: Box<View>) {
        // With enough spares kept, this one is let go.
        let _ = self.spares.try_send(view);
    }

    /// Returns the publisher's end of the channel, once.
    pub(crate) fn take_inbox(&self) -> Option<Receiver<Post>> {
        lock(&self.inbox).take()
    }
}

const OVER: &str = "the run is over, so its engine takes no more commands; start a new run (omni run)";

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::{command::Reply, writer::Mail};

    fn submit(hub: &Hub, command: Command) -> std::sync::mpsc::Receiver<Mail> {
        let (mail, answers) = channel();
        hub.submit(Request { command, reply: Reply::new(1, mail) });
        answers
    }

    fn answer(answers: &Receiver<Mail>) -> Result<u64, String> {
        match answers.try_recv() {
            Ok(Mail::Done { result, .. }) => result,
            _ => panic!("Invariant: a request is answered"),
        }
    }

    #[test]
    fn commands_come_in_order_and_are_answered() {
        let hub = Hub::new();
        assert!(!hub.pending() && hub.try_command().is_none());
        let first = submit(&hub, Command::Stop);
        let second = submit(&hub, Command::Speed(None));
        let request = hub.try_command().unwrap();
        assert_eq!(request.command, Command::Stop);
        request.done(Ok(7));
        assert_eq!(answer(&first), Ok(7));
        assert!(hub.pending());
        drop(hub.try_command());
        assert!(answer(&second).unwrap_err().contains("ended before"));
        assert!(!hub.pending());
    }

    #[test]
    fn a_full_queue_refuses_all_but_a_kill() {
        let hub = Hub::new();
        let waiting: Vec<_> = (0..QUEUE_MAX).map(|_| submit(&hub, Command::Stop)).collect();
        assert!(answer(&submit(&hub, Command::Stop)).unwrap_err().contains("busy"));
        let kill = submit(&hub, Command::Kill { reason: "now".into() });
        assert!(kill.try_recv().is_err());
        hub.close(Archive::default());
        assert!(waiting.iter().all(|answers| answer(answers).unwrap_err().contains("run is over")));
        assert!(answer(&kill).is_err());
        assert!(answer(&submit(&hub, Command::Stop)).unwrap_err().contains("run is over"));
    }

    #[test]
    fn publish_never_waits_and_buffers_come_back() {
        let hub = Hub::new();
        for _ in 0..POSTS_MAX {
            assert!(hub.publish(hub.take_buffer()));
        }
        let mut refused = hub.take_buffer();
        refused.orders.reserve(77);
        let capacity = refused.orders.capacity();
        assert!(!hub.publish(refused));
        assert_eq!(hub.take_buffer().orders.capacity(), capacity);
        assert!(hub.view_wanted(), "a refused view is asked for again");
    }
}
