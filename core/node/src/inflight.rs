//! Commands on their way from a strategy to the engine.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use omni_types::{Body, Time};

/// Most commands of one strategy that are on their way at once; one that sends more is stopped.
pub(crate) const COMMANDS_MAX: usize = 1 << 16;

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
            Body::New(_) | Body::Special(_) => self.place_ns,
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
    seat: usize,
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
///
/// Each seat has room for [`COMMANDS_MAX`] of its own, reserved at start.
#[derive(Debug)]
pub(crate) struct Inflight {
    heap: BinaryHeap<Reverse<Command>>,
    /// How many of each seat are on their way.
    counts: Vec<usize>,
    latency: Latency,
    sent: u64,
}

impl Inflight {
    pub(crate) fn new(latency: Latency, seats: usize) -> Self {
        Self { heap: BinaryHeap::with_capacity(seats * COMMANDS_MAX), counts: vec![0; seats], latency, sent: 0 }
    }

    /// Returns how many more commands of a seat there is room for.
    pub(crate) fn room(&self, seat: usize) -> usize {
        COMMANDS_MAX - self.counts[seat]
    }

    /// Sends a seat's command on its way; there must be room for it.
    pub(crate) fn send(&mut self, seat: usize, now: Time, cause: u64, body: Body) {
        debug_assert!(self.room(seat) > 0, "Invariant: whoever sends has asked for room");
        self.sent += 1;
        self.counts[seat] += 1;
        let at = now.plus(self.latency.of(&body));
        self.heap.push(Reverse(Command { at, order: self.sent, seat, cause, body }));
    }

    #[inline]
    pub(crate) fn next(&self) -> Option<Time> {
        self.heap.peek().map(|command| command.0.at)
    }

    pub(crate) fn pop(&mut self) -> Option<Command> {
        let command = self.heap.pop()?.0;
        self.counts[command.seat] -= 1;
        Some(command)
    }

    /// Drops what a stopped seat still had on its way.
    pub(crate) fn drop_of(&mut self, seat: usize) {
        self.heap.retain(|command| command.0.seat != seat);
        self.counts[seat] = 0;
    }
}
