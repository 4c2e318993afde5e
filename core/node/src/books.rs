//! The books that a recorded feed tells of.

use omni_book::{Capacity, FeedBooks, Full, Level3, Order, Slot};
use omni_types::{BookAction, BookDelta, InstrumentId, OrderId, Qty, Side, TopOfBook};

/// How a feed and its books fitted together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct BookCounts {
    /// Changes and executions of orders that the books don't have.
    pub unknown_references: u64,
    /// Orders added under a number that already rests; the first one stays.
    pub duplicate_references: u64,
    /// Reductions by more than an order had left.
    pub excess: u64,
    /// Quantity executed against resting orders.
    pub executed: u64,
}

/// Order-by-order books that apply a feed's changes as they come; nothing is matched.
#[derive(Clone, Debug)]
pub struct Books {
    feed: FeedBooks,
    counts: BookCounts,
    /// Arrivals so far.
    stamp: u64,
}

impl Books {
    /// Reserves memory for `capacity`; what is never touched costs nothing.
    #[must_use]
    pub fn new(capacity: Capacity) -> Self {
        Self { feed: FeedBooks::new(capacity), counts: BookCounts::default(), stamp: 0 }
    }

    /// Returns the books.
    #[must_use]
    #[inline]
    pub const fn level3(&self) -> &Level3 {
        self.feed.books()
    }

    /// Returns how feed and books fitted together so far.
    #[must_use]
    pub const fn counts(&self) -> &BookCounts {
        &self.counts
    }

    /// Returns the best bid and ask.
    #[inline]
    #[must_use]
    pub fn top(&self, instrument: InstrumentId) -> TopOfBook {
        self.level3().top(instrument)
    }

    /// Applies a change; one that doesn't fit its order is counted, see [`Self::counts`].
    ///
    /// # Errors
    /// [`Full`] where a pool has no room; the books are as before.
    #[inline]
    pub fn apply(&mut self, delta: &BookDelta) -> Result<(), Full> {
        match delta.action {
            BookAction::Add => self.add(delta)?,
            BookAction::Modify => self.modify(delta)?,
            BookAction::Reduce => self.reduce(delta, delta.quantity),
            BookAction::Delete => self.reduce(delta, Qty(u64::MAX)),
            BookAction::Execute => {
                self.executed(self.left(delta));
                self.reduce(delta, delta.quantity);
            }
            BookAction::Trade => match self.find(delta) {
                Some(_) => self.executed(delta.quantity.0),
                None => self.counts.unknown_references += 1,
            },
            BookAction::Clear => self.clear(delta.instrument),
        }
        Ok(())
    }

    /// Empties an instrument's book.
    pub fn clear(&mut self, instrument: InstrumentId) {
        for side in Side::BOTH {
            while let Some(level) = self.level3().best(instrument, side) {
                self.feed.remove(self.feed.books().front(level));
            }
        }
    }

    #[inline]
    fn find(&self, delta: &BookDelta) -> Option<Slot> {
        self.feed.find(delta.instrument, delta.reference)
    }

    #[inline]
    fn executed(&mut self, quantity: u64) {
        self.counts.executed = self.counts.executed.saturating_add(quantity);
    }

    /// Returns how much of a change's quantity its order can give.
    #[inline]
    fn left(&self, delta: &BookDelta) -> u64 {
        self.find(delta).map_or(0, |slot| self.level3().order(slot).leaves.0.min(delta.quantity.0))
    }

    #[inline]
    fn add(&mut self, delta: &BookDelta) -> Result<(), Full> {
        if delta.quantity == Qty::ZERO {
            return Ok(());
        }
        if self.find(delta).is_some() {
            self.counts.duplicate_references += 1;
            return Ok(());
        }
        self.rest(delta)
    }

    #[inline]
    fn rest(&mut self, delta: &BookDelta) -> Result<(), Full> {
        self.stamp += 1;
        let order = Order::new(delta.reference, OrderId(self.stamp), delta.quantity);
        self.feed.rest(delta.instrument, delta.side, delta.price, order).map(|_| ())
    }

    /// Sets an order's price and quantity; it keeps its place only when it neither moves nor grows.
    fn modify(&mut self, delta: &BookDelta) -> Result<(), Full> {
        let Some(slot) = self.find(delta) else {
            self.counts.unknown_references += 1;
            return self.add(delta);
        };
        let order = self.level3().order(slot);
        let (leaves, side) = (order.leaves, order.side());
        let stays = side == delta.side && self.level3().price(slot) == delta.price && delta.quantity <= leaves;
        if delta.quantity == leaves && stays {
            return Ok(());
        }
        if stays && delta.quantity > Qty::ZERO {
            self.feed.reduce(slot, Qty(leaves.0 - delta.quantity.0));
            return Ok(());
        }
        self.feed.remove(slot);
        self.add(delta)
    }

    #[inline]
    fn reduce(&mut self, delta: &BookDelta, quantity: Qty) {
        let Some(slot) = self.find(delta) else {
            self.counts.unknown_references += 1;
            return;
        };
        let leaves = self.level3().order(slot).leaves;
        if quantity >= leaves {
            self.counts.excess += u64::from(quantity > leaves && delta.action != BookAction::Delete);
            self.feed.remove(slot);
            return;
        }
        if quantity > Qty::ZERO {
            self.feed.reduce(slot, quantity);
        }
    }
}
