//! Commands on their way from a strategy to the engine.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use omni_types::{Body, Time};

/// How long a command travels, in nanoseconds of event time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Latency {
    /// New orders.
    pub place_ns: i64,
    /// Amends.
    pub amend_ns: i64,
    /// Cancels.
    pub cancel_ns: i64,
}

impl Latency {
    const fn of(&self, body: &Body) -> i64 {
        match body {
            Body::New(_) => self.place_ns,
            Body::Amend(_) => self.amend_ns,
            Body::Cancel(_) | Body::MassCancel(_) => self.cancel_ns,
            _ => 0,
        }
    }
}

/// A command and when it takes effect.
#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) at: Time,
    order: u64,
    pub(crate) cause: u64,
    pub(crate) body: Body,
}

impl Command {
    const fn key(&self) -> (Time, u64) {
        (self.at, self.order)
    }
}

impl PartialEq for Command {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}
impl Eq for Command {}
impl PartialOrd for Command {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Command {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

/// Commands by the time at which they take effect, then by the order in which they were sent.
#[derive(Debug)]
pub(crate) struct Inflight {
    heap: BinaryHeap<Reverse<Command>>,
    latency: Latency,
    sent: u64,
}

impl Inflight {
    pub(crate) fn new(latency: Latency) -> Self {
        Self { heap: BinaryHeap::with_capacity(1 << 12), latency, sent: 0 }
    }

    pub(crate) fn send(&mut self, now: Time, cause: u64, body: Body) {
        self.sent += 1;
        let at = now.plus(self.latency.of(&body));
        self.heap.push(Reverse(Command { at, order: self.sent, cause, body }));
    }

    #[inline]
    pub(crate) fn next(&self) -> Option<Time> {
        self.heap.peek().map(|command| command.0.at)
    }

    pub(crate) fn pop(&mut self) -> Option<Command> {
        self.heap.pop().map(|command| command.0)
    }

    /// Drops what a stopped session still had on its way.
    pub(crate) fn retain(&mut self, keep: impl Fn(&Body) -> bool) {
        self.heap.retain(|command| keep(&command.0.body));
    }
}
