//! Order-by-order books of a feed: orders are found by instrument and the feed's number.

use omni_types::{InstrumentId, Price, Qty, Side};

use crate::{Capacity, Full, Level3, Order, OrderIndex, Slot, mix};

/// The books of all instruments of a feed, and the index that finds an order by the feed's number.
///
/// An order can only rest or leave here, so book and index always tell of the same orders. Numbers are those of one
/// instrument: two instruments may use the same.
#[derive(Clone, Debug)]
pub struct FeedBooks {
    pub(crate) books: Level3,
    pub(crate) index: OrderIndex,
}

impl FeedBooks {
    /// Reserves memory for `capacity`; what is never touched costs nothing.
    #[must_use]
    pub fn new(capacity: Capacity) -> Self {
        Self { books: Level3::new(capacity), index: OrderIndex::new(capacity.orders) }
    }

    /// Returns the books.
    #[inline]
    #[must_use]
    pub const fn books(&self) -> &Level3 {
        &self.books
    }

    /// Returns where the order of this number rests.
    #[inline]
    #[must_use]
    pub fn find(&self, instrument: InstrumentId, reference: u64) -> Option<Slot> {
        let is_it = |slot| {
            let order = self.books.order(slot);
            order.key == reference && order.instrument == instrument
        };
        self.index.find(hash(instrument, reference), is_it)
    }

    /// Puts an order, whose key is a number that isn't in yet, behind all others at its price.
    ///
    /// # Errors
    /// [`Full`] when a pool has no room; nothing is changed.
    #[inline]
    pub fn rest(&mut self, instrument: InstrumentId, side: Side, at: Price, order: Order) -> Result<Slot, Full> {
        let slot = self.books.rest(instrument, side, at, order)?;
        self.index.insert(hash(instrument, order.key), slot);
        Ok(slot)
    }

    /// Takes quantity off an order that keeps its place; the order must keep some open.
    #[inline]
    pub fn reduce(&mut self, slot: Slot, quantity: Qty) {
        self.books.reduce(slot, quantity);
    }

    /// Removes an order and returns it as it was.
    #[inline]
    pub fn remove(&mut self, slot: Slot) -> Order {
        let order = self.books.remove(slot);
        self.index.remove(hash(order.instrument, order.key), slot);
        order
    }
}

#[inline]
const fn hash(instrument: InstrumentId, reference: u64) -> u64 {
    mix(reference, instrument.0 as u64)
}
