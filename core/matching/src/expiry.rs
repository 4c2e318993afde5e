//! Orders that end at a time.

use core::cmp::Reverse;
use std::collections::BinaryHeap;

use omni_port::Sink;
use omni_types::{ClientOrderId, OrderId, Refusal, SessionId, Time};

use crate::Exchange;

/// When an order ends; its number tells it from a later one with the same client order id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Expiry {
    pub(crate) time: Time,
    pub(crate) id: OrderId,
    pub(crate) session: SessionId,
    pub(crate) client_order_id: ClientOrderId,
}

/// When orders end, the next first. Those that ended otherwise stay until their time, or until room is needed.
#[derive(Clone, Debug)]
pub(crate) struct Expiries {
    waiting: BinaryHeap<Reverse<Expiry>>,
    capacity: usize,
}

impl Expiries {
    /// Reserves room for `orders` that end at a time, and as many that ended before theirs.
    pub(crate) fn new(orders: usize) -> Self {
        let capacity = 2 * orders;
        Self { waiting: BinaryHeap::with_capacity(capacity), capacity }
    }

    /// Returns all of them, those that ended before their time among them, in the order in which they are kept.
    pub(crate) fn waiting(&self) -> impl ExactSizeIterator<Item = &Expiry> + '_ {
        self.waiting.iter().map(|each| &each.0)
    }

    pub(crate) fn put(&mut self, expiry: Expiry) {
        self.waiting.push(Reverse(expiry));
    }

    #[inline]
    pub(crate) fn next(&self) -> Option<Time> {
        self.waiting.peek().map(|next| next.0.time)
    }
}

impl Exchange {
    /// Notes when an order ends.
    pub(crate) fn note_expiry(&mut self, expiry: Expiry) {
        if self.expiries.waiting.len() == self.expiries.capacity {
            let mut waiting = core::mem::take(&mut self.expiries.waiting);
            waiting.retain(|each| self.rests(&each.0));
            self.expiries.waiting = waiting;
        }
        self.expiries.put(expiry);
    }

    fn rests(&self, expiry: &Expiry) -> bool {
        let spot = self.find(expiry.session, expiry.client_order_id);
        spot.is_some_and(|spot| self.order(spot).id == expiry.id)
    }

    /// Ends the orders whose time has come.
    pub(crate) fn expire<S: Sink>(&mut self, time: Time, sink: &mut S) {
        while let Some(Reverse(next)) = self.expiries.waiting.peek().copied().filter(|next| next.0.time <= time) {
            self.expiries.waiting.pop();
            let spot = self.find(next.session, next.client_order_id);
            if let Some(spot) = spot.filter(|&spot| self.order(spot).id == next.id) {
                let instrument = self.order(spot).instrument;
                self.pull_and_report(spot, Refusal::TimeOver, time, sink);
                self.settle(instrument, time, sink);
                self.publish(instrument, time, sink);
            }
        }
    }
}
