//! The thread that writes to one client.

use std::{
    io::{self, Write},
    os::unix::net::UnixStream,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use crate::{
    json::{Object, push, push_text},
    lock,
    room::Room,
};

/// A client that takes nothing for so long is hung up on.
const PATIENCE: Duration = Duration::from_secs(5);
/// The same for the last message of a node that ends.
const PATIENCE_LAST: Duration = Duration::from_millis(500);
/// How long `status` and `view` wait for a fresh view.
const FRESH: Duration = Duration::from_millis(500);
/// How long a client that has ended its side still gets answers.
const LEAVING: Duration = Duration::from_secs(10);
const LONG: Duration = Duration::from_secs(3_600);
/// A buffer that grew past this for a snapshot is given back.
const BUFFER_MAX: usize = 256 * 1024;

/// What a writer is told.
pub(crate) enum Mail {
    /// Write this answer.
    Answer(String),
    /// The engine answers a command.
    Done {
        /// The request's id.
        id: u64,
        /// The sequence number, or why not.
        result: Result<u64, String>,
    },
    /// Answer with the view, the whole or without its long lists.
    Look {
        /// The request's id.
        id: u64,
        /// Whether the whole.
        whole: bool,
    },
    /// Send the view so many times a second; 0 ends it.
    Subscribe {
        /// The request's id.
        id: u64,
        /// Times a second.
        hz: u64,
    },
    /// There is a new view.
    Fresh,
    /// The client has ended its side after so many requests.
    Leaving(u64),
    /// The node ends.
    Quit,
}

struct Subscription {
    interval: Duration,
    due: Instant,
    /// The view that the client has.
    number: Option<u64>,
    asked: bool,
}

struct Look {
    id: u64,
    whole: bool,
    /// The view that was there when the client asked.
    number: u64,
    deadline: Instant,
}

/// Writes to one client: answers, and its subscription at the pace at which the client reads.
pub(crate) struct Writer {
    stream: UnixStream,
    mail: Receiver<Mail>,
    fresh: Arc<AtomicBool>,
    /// One token for each request that is not answered yet; the reader waits when there are too many.
    unanswered: Receiver<()>,
    room: Arc<Room>,
    subscription: Option<Subscription>,
    looks: Vec<Look>,
    answered: u64,
    leaving: Option<(u64, Instant)>,
    text: String,
}

impl Writer {
    pub(crate) fn new(
        stream: UnixStream,
        mail: Receiver<Mail>,
        fresh: Arc<AtomicBool>,
        unanswered: Receiver<()>,
        room: Arc<Room>,
    ) -> Self {
        Self {
            stream,
            mail,
            fresh,
            unanswered,
            room,
            subscription: None,
            looks: Vec::new(),
            answered: 0,
            leaving: None,
            text: String::new(),
        }
    }

    /// Runs until the client or the node is gone.
    pub(crate) fn run(mut self) {
        // A client that went away, or doesn't read, is no fault of the node's.
        let _ = self.stream.set_write_timeout(Some(PATIENCE)).and_then(|()| self.serve());
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
    }

    fn serve(&mut self) -> io::Result<()> {
        while !self.has_left() {
            match self.mail.recv_timeout(self.wait()) {
                Ok(Mail::Quit) | Err(RecvTimeoutError::Disconnected) => return self.finish(),
                Ok(mail) => self.take(mail)?,
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.answer_looks()?;
            self.send_due()?;
        }
        Ok(())
    }

    fn has_left(&self) -> bool {
        self.leaving.is_some_and(|(requests, until)| self.answered >= requests || Instant::now() >= until)
    }

    fn wait(&self) -> Duration {
        let due = self.subscription.as_ref().filter(|subscription| !subscription.asked).map(|s| s.due);
        let deadline = self.looks.iter().map(|look| look.deadline).min();
        let until = self.leaving.map(|(_, until)| until);
        let next = [due, deadline, until].into_iter().flatten().min();
        next.map_or(LONG, |next| next.saturating_duration_since(Instant::now()))
    }

    fn take(&mut self, mail: Mail) -> io::Result<()> {
        match mail {
            Mail::Answer(answer) => {
                self.text.push_str(&answer);
                self.answer()
            }
            Mail::Done { id, result } => {
                match result {
                    Ok(seq) => write_ok(&mut self.text, id, |result| push(result.key("seq"), seq)),
                    Err(error) => write_error(&mut self.text, Some(id), &error),
                }
                self.answer()
            }
            Mail::Look { id, whole } => {
                self.look(id, whole);
                Ok(())
            }
            Mail::Subscribe { id, hz } => self.subscribe(id, hz),
            Mail::Leaving(requests) => {
                self.subscription = None;
                self.leaving = Some((requests, Instant::now() + LEAVING));
                Ok(())
            }
            Mail::Fresh => {
                self.fresh.store(false, Ordering::Release);
                Ok(())
            }
            Mail::Quit => Ok(()),
        }
    }

    fn look(&mut self, id: u64, whole: bool) {
        let number = lock(&self.room.shown).image.number();
        let over = self.room.hub.is_closed();
        let deadline = if over { Instant::now() } else { Instant::now() + FRESH };
        self.looks.push(Look { id, whole, number, deadline });
        if !over {
            self.room.hub.ask_view();
        }
    }

    fn answer_looks(&mut self) -> io::Result<()> {
        while let Some(index) = self.ready_look() {
            let look = self.looks.swap_remove(index);
            self.write_look(&look);
            self.answer()?;
        }
        Ok(())
    }

    fn ready_look(&self) -> Option<usize> {
        if self.looks.is_empty() {
            return None;
        }
        let number = lock(&self.room.shown).image.number();
        let now = Instant::now();
        self.looks.iter().position(|look| number > look.number || now >= look.deadline)
    }

    fn write_look(&mut self, look: &Look) {
        let shown = lock(&self.room.shown);
        let Some(at) = shown.at else {
            let error = "the engine has shown no state yet: it is starting, or busy; try again in a second";
            return write_error(&mut self.text, Some(look.id), error);
        };
        write_ok(&mut self.text, look.id, |result| {
            if look.whole {
                shown.image.write_all(result)
            } else {
                shown.image.write_status(result)
            }
            push(result.key("age_ms"), at.elapsed().as_millis());
        });
    }

    fn subscribe(&mut self, id: u64, hz: u64) -> io::Result<()> {
        write_ok(&mut self.text, id, |result| push(result.key("hz"), hz));
        self.room.subscribed.store(true, Ordering::Release);
        let now = Instant::now();
        self.subscription = (hz > 0).then(|| Subscription {
            interval: Duration::from_micros(1_000_000 / hz.max(1)),
            due: now,
            number: None,
            asked: false,
        });
        self.answer()
    }

    /// Sends what is new when it is time, and asks for a newer view when there is none.
    fn send_due(&mut self) -> io::Result<()> {
        let Some(subscription) = &mut self.subscription else {
            return Ok(());
        };
        let now = Instant::now();
        if now < subscription.due {
            return Ok(());
        }
        if write_news(&self.room, &mut subscription.number, &mut self.text) {
            subscription.due = (subscription.due + subscription.interval).max(now);
            subscription.asked = false;
        } else if !subscription.asked {
            subscription.asked = true;
            self.room.hub.ask_view();
        }
        self.send()
    }

    /// Sends the last view, due or not.
    fn finish(&mut self) -> io::Result<()> {
        self.stream.set_write_timeout(Some(PATIENCE_LAST))?;
        if let Some(subscription) = &mut self.subscription {
            write_news(&self.room, &mut subscription.number, &mut self.text);
        }
        self.send()
    }

    fn answer(&mut self) -> io::Result<()> {
        self.answered += 1;
        // The reader put one in for every request.
        let _ = self.unanswered.try_recv();
        self.send()
    }

    fn send(&mut self) -> io::Result<()> {
        let sent = self.stream.write_all(self.text.as_bytes());
        self.text.clear();
        self.text.shrink_to(BUFFER_MAX);
        sent
    }
}

/// Appends the snapshot or the delta that leads from view `number` to the newest; returns whether there is a newer view.
fn write_news(room: &Room, number: &mut Option<u64>, out: &mut String) -> bool {
    let shown = lock(&room.shown);
    let newest = shown.image.number();
    if newest == number.unwrap_or(0) {
        return false;
    }
    let written = match *number {
        Some(since) => shown.image.write_delta(since, out),
        None => {
            shown.image.write_snapshot(out);
            true
        }
    };
    if written {
        out.push('\n');
    }
    *number = Some(newest);
    true
}

/// Appends a refusal, with its line end.
pub(crate) fn write_error(out: &mut String, id: Option<u64>, error: &str) {
    match id {
        Some(id) => push(out, format_args!("{{\"id\":{id},")),
        None => out.push_str("{\"id\":null,"),
    }
    out.push_str("\"ok\":false,\"error\":");
    push_text(out, error);
    out.push_str("}\n");
}

/// Appends a result, with its line end.
pub(crate) fn write_ok(out: &mut String, id: u64, fields: impl FnOnce(&mut Object<'_>)) {
    push(out, format_args!("{{\"id\":{id},\"ok\":true,\"result\":"));
    let mut result = Object::open(out);
    fields(&mut result);
    result.close();
    out.push_str("}\n");
}
