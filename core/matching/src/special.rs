//! What the exchange keeps of orders with special terms, beside their line in a book.

use omni_types::{NewOrder, OrderType, Price, Qty, Terms, TimeInForce};

/// What there is to know of an order with special terms.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Special {
    pub(crate) terms: Terms,
    pub(crate) order_type: OrderType,
    pub(crate) time_in_force: TimeInForce,
    /// The limit of a limit order; else 0.
    pub(crate) limit: Price,
    /// What an iceberg has left below the part that is shown.
    pub(crate) reserve: Qty,
}

impl Special {
    pub(crate) fn new(order: &NewOrder, terms: Terms) -> Self {
        Self {
            terms,
            order_type: order.order_type,
            time_in_force: order.time_in_force,
            limit: if order.order_type == OrderType::Limit { order.price } else { Price(0) },
            reserve: Qty::ZERO,
        }
    }

    /// Returns whether an order needs to be remembered so; a plain one that rests doesn't.
    pub(crate) fn is_needed(&self) -> bool {
        self.terms != Terms::NONE
            || self.time_in_force as u8 > TimeInForce::Fok as u8
            || self.order_type == OrderType::Market
    }
}

/// The special terms of all orders that have some, reserved at start; an order names its place plus one.
#[derive(Clone, Debug)]
pub(crate) struct Specials {
    slots: Vec<Special>,
    free: Vec<u32>,
    capacity: usize,
}

impl Specials {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { slots: Vec::with_capacity(capacity), free: Vec::with_capacity(capacity), capacity }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.slots.len() == self.free.len()
    }

    pub(crate) fn has_room(&self) -> bool {
        self.slots.len() - self.free.len() < self.capacity
    }

    /// Keeps an order's terms and returns its name for them; the caller has checked [`Self::has_room`].
    pub(crate) fn take(&mut self, special: Special) -> u32 {
        debug_assert!(self.has_room(), "Invariant: room was checked");
        if let Some(at) = self.free.pop() {
            self.slots[at as usize] = special;
            return at + 1;
        }
        self.slots.push(special);
        self.slots.len() as u32
    }

    pub(crate) fn give(&mut self, more: u32) {
        self.free.push(more - 1);
    }

    #[inline]
    pub(crate) fn get(&self, more: u32) -> &Special {
        &self.slots[more as usize - 1]
    }

    pub(crate) fn get_mut(&mut self, more: u32) -> &mut Special {
        &mut self.slots[more as usize - 1]
    }
}
