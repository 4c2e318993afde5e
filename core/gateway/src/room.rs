//! What the control socket's threads share: the newest view and who is connected.

use std::{
    os::unix::net::UnixStream,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc::Sender,
    },
    thread::JoinHandle,
    time::Instant,
};

use crate::{Hub, Image, View, lock, writer::Mail};

/// Most clients at once.
pub(crate) const CLIENTS_MAX: usize = 32;

/// The newest view and when it came.
#[derive(Default)]
pub(crate) struct Shown {
    pub(crate) image: Image,
    pub(crate) at: Option<Instant>,
}

/// A connected client.
pub(crate) struct Member {
    pub(crate) id: u64,
    pub(crate) stream: UnixStream,
    pub(crate) mail: Sender<Mail>,
    /// Whether its mail holds an unread [`Mail::Fresh`].
    pub(crate) fresh: Arc<AtomicBool>,
    pub(crate) thread: Option<JoinHandle<()>>,
}

/// Shared by all threads of the control socket, never locked by the engine's.
pub(crate) struct Room {
    pub(crate) hub: Arc<Hub>,
    pub(crate) shown: Mutex<Shown>,
    pub(crate) closing: AtomicBool,
    /// Whether anybody has ever subscribed.
    pub(crate) subscribed: AtomicBool,
    /// Whether nobody new is let in.
    pub(crate) retired: AtomicBool,
    members: Mutex<Vec<Member>>,
}

impl Room {
    pub(crate) fn new(hub: Arc<Hub>) -> Self {
        Self {
            hub,
            shown: Mutex::default(),
            closing: AtomicBool::new(false),
            subscribed: AtomicBool::new(false),
            retired: AtomicBool::new(false),
            members: Mutex::default(),
        }
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    pub(crate) fn is_full(&self) -> bool {
        lock(&self.members).len() >= CLIENTS_MAX
    }

    pub(crate) fn join(&self, member: Member) {
        lock(&self.members).push(member);
    }

    /// Keeps a member's thread, to be waited for at the end; one that has left already needs no waiting.
    pub(crate) fn keep(&self, id: u64, thread: JoinHandle<()>) {
        if let Some(member) = lock(&self.members).iter_mut().find(|member| member.id == id) {
            member.thread = Some(thread);
        }
    }

    /// Forgets a member and what it watched.
    pub(crate) fn leave(&self, id: u64) {
        lock(&self.members).retain(|member| member.id != id);
        // Watching nothing is never too much.
        let _ = self.hub.watch.set(id, &[]);
    }

    /// Takes all members out.
    pub(crate) fn empty(&self) -> Vec<Member> {
        std::mem::take(&mut *lock(&self.members))
    }

    /// Takes a new view and tells every client's writer that there is one.
    pub(crate) fn show(&self, view: &View) {
        let mut shown = lock(&self.shown);
        shown.image.update(view);
        shown.at = Some(Instant::now());
        drop(shown);
        self.tell();
    }

    /// Shows what is watched now as the engine left it; while the engine runs, its next view does so.
    pub(crate) fn rewatch(&self) {
        let mut changed = false;
        self.hub.with_archive(|archive| {
            let mut shown = lock(&self.shown);
            let before = shown.image.number();
            shown.image.rewatch(archive, self.hub.watched().into_iter().flatten());
            changed = shown.image.number() > before;
        });
        if changed {
            self.tell();
        }
    }

    fn tell(&self) {
        for member in lock(&self.members).iter() {
            if !member.fresh.swap(true, Ordering::AcqRel) {
                // A writer that has ended needs no news.
                let _ = member.mail.send(Mail::Fresh);
            }
        }
    }
}
