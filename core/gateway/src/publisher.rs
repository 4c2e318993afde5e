//! The thread that asks the engine for views and writes them for all clients.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use crate::{hub::Post, request::HZ_MAX, room::Room};

/// Shortest time between two questions to the engine.
const PACE: Duration = Duration::from_millis(1_000 / HZ_MAX);
const LONG: Duration = Duration::from_secs(3_600);

/// Runs until the room closes; shows the views that came before that.
pub(crate) fn run(room: &Arc<Room>, inbox: &Receiver<Post>) {
    let mut next = Instant::now();
    loop {
        let wait = if room.hub.is_asked() { next.saturating_duration_since(Instant::now()) } else { LONG };
        match inbox.recv_timeout(wait) {
            Ok(Post::View(view)) => {
                room.show(&view);
                room.hub.recycle(view);
            }
            Ok(Post::Wake) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        room.rewatch();
        if room.is_closing() {
            return drain(room, inbox);
        }
        let now = Instant::now();
        if room.hub.is_asked() && now >= next {
            room.hub.want_view();
            next = now + PACE;
        }
    }
}

fn drain(room: &Room, inbox: &Receiver<Post>) {
    while let Ok(post) = inbox.try_recv() {
        if let Post::View(view) = post {
            room.show(&view);
        }
    }
}
