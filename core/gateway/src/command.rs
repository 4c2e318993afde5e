//! Commands on their way to the engine, and the answers on their way back.

use std::sync::mpsc::Sender;

use omni_types::SessionId;

use crate::writer::Mail;

/// What a person asks of the engine.
#[derive(Clone, PartialEq, Debug)]
pub enum Command {
    /// Turns the kill switch on.
    Kill {
        /// Who or why, for people.
        reason: Box<str>,
    },
    /// Turns the kill switch off.
    Resume {
        /// Who or why, for people; never empty.
        reason: Box<str>,
    },
    /// Ends the run cleanly.
    Stop,
    /// Stops a session's strategy.
    StopSession(SessionId),
    /// Lets a stopped session trade again.
    StartSession(SessionId),
    /// Sets simulated time to a multiple of real time (above zero, finite); `None` is as fast as possible.
    Speed(Option<f64>),
}

/// A command with the way back to whoever sent it.
pub struct Request {
    /// What is asked.
    pub command: Command,
    /// Whom to answer.
    pub reply: Reply,
}

impl Request {
    /// Answers the client: the sequence number of the applied input, or why it was refused.
    pub fn done(self, result: Result<u64, String>) {
        self.reply.send(result);
    }
}

/// The way back to a client. Dropped unused, it tells the client that the node ended first.
pub struct Reply {
    id: u64,
    mail: Option<Sender<Mail>>,
}

impl Reply {
    pub(crate) fn new(id: u64, mail: Sender<Mail>) -> Self {
        Self { id, mail: Some(mail) }
    }

    /// Answers the client; never waits for it.
    pub fn send(mut self, result: Result<u64, String>) {
        self.post(result);
    }

    fn post(&mut self, result: Result<u64, String>) {
        if let Some(mail) = self.mail.take() {
            // A client that has gone doesn't hear the answer; the command stands.
            let _ = mail.send(Mail::Done { id: self.id, result });
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        self.post(Err("the node ended before it applied this; `omni runs show` tells how the run ended".to_owned()));
    }
}
