//! The thread that reads from one client.

use std::{
    io::{self, BufRead, BufReader, Read},
    os::unix::net::UnixStream,
    sync::{
        Arc,
        atomic::AtomicBool,
        mpsc::{Sender, SyncSender, channel, sync_channel},
    },
    thread,
};

use omni_types::InstrumentId;

use crate::{
    Request,
    command::Reply,
    json::push_array,
    lock,
    request::{self, Ask, Misread},
    room::{Member, Room},
    writer::{Mail, Writer, write_error, write_ok},
};

/// Longest line of a client, in bytes.
const LINE_MAX: usize = 64 * 1024;
/// Most requests of a client that wait for their answer; then its next one isn't read.
const UNANSWERED_MAX: usize = 64;
const STACK: usize = 256 * 1024;

/// Reads one client's requests.
pub(crate) struct Client {
    id: u64,
    room: Arc<Room>,
    mail: Sender<Mail>,
    unanswered: SyncSender<()>,
    requests: u64,
}

/// Starts the threads of a new client.
///
/// # Errors
/// What the system says where it has no more threads or descriptors.
pub(crate) fn start(id: u64, stream: UnixStream, room: &Arc<Room>) -> io::Result<()> {
    let (mail, letters) = channel();
    let (unanswered, tokens) = sync_channel(UNANSWERED_MAX);
    let fresh = Arc::new(AtomicBool::new(false));
    let member =
        Member { id, stream: stream.try_clone()?, mail: mail.clone(), fresh: Arc::clone(&fresh), thread: None };
    let writer = Writer::new(stream.try_clone()?, letters, fresh, tokens, Arc::clone(room));
    let client = Client { id, room: Arc::clone(room), mail, unanswered, requests: 0 };
    room.join(member);
    let named = || thread::Builder::new().name("control-client".to_owned()).stack_size(STACK);
    let started = named().spawn(move || writer.run()).and_then(|writing| {
        named().spawn(move || {
            client.read(stream);
            // The writer ends by itself, a panic in it is on the terminal already.
            let _ = writing.join();
        })
    });
    match started {
        Ok(thread) => room.keep(id, thread),
        Err(error) => {
            room.leave(id);
            return Err(error);
        }
    }
    Ok(())
}

impl Client {
    fn read(mut self, stream: UnixStream) {
        let mut lines = Lines { stream: BufReader::with_capacity(4 * 1024, stream), line: Vec::new() };
        // An error of the stream ends the client like its end.
        while let Ok(Some(whole)) = lines.next() {
            if whole && lines.line.trim_ascii().is_empty() {
                continue;
            }
            self.requests += 1;
            if self.unanswered.send(()).is_err() {
                break;
            }
            let error = || format!("the line has more than {LINE_MAX} bytes; send a shorter request");
            let asked = if whole { request::parse(&lines.line) } else { Err(Misread { id: None, error: error() }) };
            self.answer(asked);
        }
        let _ = self.mail.send(Mail::Leaving(self.requests));
        self.room.leave(self.id);
    }

    fn answer(&self, asked: Result<(u64, Ask), Misread>) {
        let mail = match asked {
            Err(Misread { id, error }) => refuse(id, &error),
            Ok((id, Ask::Status)) => Mail::Look { id, whole: false },
            Ok((id, Ask::View)) => Mail::Look { id, whole: true },
            Ok((id, Ask::Subscribe(hz))) => Mail::Subscribe { id, hz },
            Ok((id, Ask::Watch(instruments))) => self.watch(id, &instruments),
            Ok((id, Ask::Command(command))) => {
                return self.room.hub.submit(Request { command, reply: Reply::new(id, self.mail.clone()) });
            }
        };
        // A writer that has ended has hung up; the next read says so.
        let _ = self.mail.send(mail);
    }

    fn watch(&self, id: u64, instruments: &[InstrumentId]) -> Mail {
        let unknown = {
            let shown = lock(&self.room.shown);
            let listed = |wanted: &&InstrumentId| shown.image.number() > 0 && !shown.image.lists(**wanted);
            instruments.iter().find(listed).copied()
        };
        if let Some(unknown) = unknown {
            return refuse(Some(id), &format!("no instrument has the id {unknown}; `view` lists them"));
        }
        match self.room.hub.watch.set(self.id, instruments) {
            Ok(()) => {
                self.room.rewatch();
                let mut answer = String::new();
                write_ok(&mut answer, id, |result| push_array(result.key("instruments"), instruments));
                Mail::Answer(answer)
            }
            Err(error) => refuse(Some(id), &error),
        }
    }
}

fn refuse(id: Option<u64>, error: &str) -> Mail {
    let mut answer = String::new();
    write_error(&mut answer, id, error);
    Mail::Answer(answer)
}

struct Lines<R> {
    stream: BufReader<R>,
    line: Vec<u8>,
}

impl<R: Read> Lines<R> {
    /// Reads the next line: whether it is whole, `Ok(None)` at the end. One that is too long is passed over.
    fn next(&mut self) -> io::Result<Option<bool>> {
        self.line.clear();
        if self.chunk()? == 0 {
            return Ok(None);
        }
        if self.line.ends_with(b"\n") || self.line.len() <= LINE_MAX {
            return Ok(Some(true));
        }
        while !self.line.ends_with(b"\n") {
            self.line.clear();
            if self.chunk()? == 0 {
                break;
            }
        }
        Ok(Some(false))
    }

    fn chunk(&mut self) -> io::Result<usize> {
        (&mut self.stream).take(LINE_MAX as u64 + 1).read_until(b'\n', &mut self.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_over_lines_that_are_too_long() {
        let mut bytes = b"short\n".to_vec();
        bytes.extend(std::iter::repeat_n(b'x', 3 * LINE_MAX));
        bytes.extend(b"\nlast");
        let mut lines = Lines { stream: BufReader::new(bytes.as_slice()), line: Vec::new() };
        assert_eq!((lines.next().unwrap(), lines.line.as_slice()), (Some(true), b"short\n".as_slice()));
        assert_eq!(lines.next().unwrap(), Some(false));
        assert_eq!((lines.next().unwrap(), lines.line.as_slice()), (Some(true), b"last".as_slice()));
        assert_eq!(lines.next().unwrap(), None);
    }
}
