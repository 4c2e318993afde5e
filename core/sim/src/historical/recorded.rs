//! The recorded order-by-order book, and which of its units are given away.

use omni_book::{Capacity, FeedBooks, Full, Level3, Order, Slot};
use omni_types::{
    BookAction, BookDelta, InstrumentId, OrderId, Price, Qty, Refusal, Side, SnapshotError, SnapshotReader,
    SnapshotWriter,
};

use super::Statistics;
use super::market::{PRICE_MOST, reaches};
use super::own::refusal;
use super::snapshot::{read_number, reserved};

/// Quantities up to this are added without looking at the level's total: 2^31 of them still fit.
const SMALL: u64 = 1 << 32;

/// What has happened to the units of a resting order that its recorded quantity doesn't tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Units {
    /// Taken by orders of ours.
    taken: u64,
    /// Executed, the feed's own reduction still to follow.
    executed: u64,
}

/// The recorded book.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    feed: FeedBooks,
    /// What is taken and what is executed, by slot; only orders that something happened to are ever written, and plain
    /// words come zeroed from the system without being touched.
    units: Vec<[u64; 2]>,
    /// How many of them aren't zero.
    marked: usize,
    /// The last arrival's number, over recorded orders and ours.
    stamp: u64,
}

/// An execution of a resting recorded order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Executed {
    pub(super) side: Side,
    /// The resting order's price.
    pub(super) price: Price,
    /// What of it orders of ours had not taken before.
    pub(super) free: u64,
}

impl Recorded {
    pub(super) fn new(capacity: Capacity) -> Self {
        Self { feed: FeedBooks::new(capacity), units: vec![[0; 2]; capacity.orders], marked: 0, stamp: 0 }
    }

    /// Returns the next arrival's number.
    pub(super) fn stamp(&mut self) -> u64 {
        self.stamp += 1;
        self.stamp
    }

    /// Returns the last arrival's number.
    pub(super) const fn stamped(&self) -> u64 {
        self.stamp
    }

    /// Returns the books.
    #[inline]
    pub(super) const fn books(&self) -> &Level3 {
        self.feed.books()
    }

    #[inline]
    fn find(&self, delta: &BookDelta) -> Option<Slot> {
        self.feed.find(delta.instrument, delta.reference)
    }

    /// Puts in a new order behind all others at its price; the caller has asked [`Self::admit`].
    #[inline]
    pub(super) fn add(&mut self, delta: &BookDelta, statistics: &mut Statistics) -> Result<(), Refusal> {
        if self.find(delta).is_some() {
            statistics.duplicate_references += 1;
            return Ok(());
        }
        self.rest(delta).map(|_| ())
    }

    /// Checks that an add or a modify can be done: then neither fails half-way.
    #[inline]
    pub(super) fn admit(&self, delta: &BookDelta) -> Result<(), Refusal> {
        if delta.price.0.unsigned_abs() >= PRICE_MOST.unsigned_abs() {
            return Err(Refusal::InvalidPrice);
        }
        let fits = delta.quantity.0 <= SMALL || {
            let level = self.books().level(delta.instrument, delta.side, delta.price);
            level.map_or(0, |level| level.quantity.0).saturating_add(delta.quantity.0) <= 1 << 62
        };
        if delta.quantity.0 == 0 || !fits {
            return Err(Refusal::InvalidQuantity);
        }
        match self.books().has_room(delta.instrument, delta.side) {
            // A modified order gives its slot back first, unless it is one that the book doesn't have.
            Err(Full::Orders) if delta.action == BookAction::Modify && self.find(delta).is_some() => Ok(()),
            room => room.map_err(refusal),
        }
    }

    #[inline]
    fn rest(&mut self, delta: &BookDelta) -> Result<Slot, Refusal> {
        let order = Order::new(delta.reference, OrderId(self.stamp()), delta.quantity);
        self.feed.rest(delta.instrument, delta.side, delta.price, order).map_err(refusal)
    }

    /// Sets an order's side, price and quantity; it keeps its place only when it doesn't move or grow. An order that
    /// doesn't rest is added. The caller has asked [`Self::admit`].
    pub(super) fn modify(&mut self, delta: &BookDelta, statistics: &mut Statistics) -> Result<(), Refusal> {
        let Some(slot) = self.find(delta) else {
            statistics.unknown_references += 1;
            return self.rest(delta).map(|_| ());
        };
        let order = *self.books().order(slot);
        let taken = self.units(slot).taken.min(delta.quantity.0);
        let stays = order.side() == delta.side && self.books().price(slot) == delta.price;
        if stays && delta.quantity <= order.leaves {
            if delta.quantity < order.leaves {
                self.feed.reduce(slot, Qty(order.leaves.0 - delta.quantity.0));
            }
            self.mark(slot, Units { taken, executed: 0 });
            return Ok(());
        }
        self.remove(slot);
        let slot = self.rest(delta)?;
        self.mark(slot, Units { taken, executed: 0 });
        Ok(())
    }

    /// Takes quantity off an order, all of it where `quantity` is `None`.
    #[inline]
    pub(super) fn reduce(&mut self, delta: &BookDelta, quantity: Option<Qty>, statistics: &mut Statistics) {
        let Some(slot) = self.find(delta) else {
            statistics.unknown_references += 1;
            return;
        };
        let leaves = self.books().order(slot).leaves;
        let quantity = quantity.unwrap_or(leaves);
        statistics.excess += u64::from(quantity > leaves);
        if quantity >= leaves {
            return self.remove(slot);
        }
        if quantity == Qty::ZERO {
            return;
        }
        self.feed.reduce(slot, quantity);
        if self.marked > 0 {
            let Units { taken, executed } = self.units(slot);
            let left = leaves.0 - quantity.0;
            self.mark(slot, Units { taken: taken.min(left), executed: executed.saturating_sub(quantity.0) });
        }
    }

    /// Looks up what an execution hits; `None` when the order doesn't rest. The book stays as it is.
    pub(super) fn execution(&mut self, delta: &BookDelta, statistics: &mut Statistics) -> Option<Executed> {
        let Some(slot) = self.find(delta) else {
            statistics.unknown_references += 1;
            return None;
        };
        let mut units = self.units(slot);
        let given = units.taken.min(delta.quantity.0);
        units.taken -= given;
        self.mark(slot, units);
        let free = delta.quantity.0 - given;
        Some(Executed { side: self.books().order(slot).side(), price: self.books().price(slot), free })
    }

    /// Remembers that an order was executed, until the feed reduces it.
    pub(super) fn await_reduction(&mut self, delta: &BookDelta) {
        if let Some(slot) = self.find(delta) {
            let mut units = self.units(slot);
            units.executed = units.executed.saturating_add(delta.quantity.0);
            self.mark(slot, units);
        }
    }

    /// Empties an instrument's book.
    pub(super) fn clear(&mut self, instrument: InstrumentId) {
        for side in Side::BOTH {
            while let Some(level) = self.books().best(instrument, side) {
                self.remove(self.books().front(level));
            }
        }
    }

    #[inline]
    fn remove(&mut self, slot: Slot) {
        if self.marked > 0 {
            self.mark(slot, Units::default());
        }
        self.feed.remove(slot);
    }

    #[inline]
    fn units(&self, slot: Slot) -> Units {
        if self.marked == 0 {
            return Units::default();
        }
        let [taken, executed] = self.units[slot as usize];
        Units { taken, executed }
    }

    fn mark(&mut self, slot: Slot, units: Units) {
        if self.marked == 0 && units == Units::default() {
            return;
        }
        let words = [units.taken, units.executed];
        let old = core::mem::replace(&mut self.units[slot as usize], words);
        self.marked += usize::from(words != [0; 2]);
        self.marked -= usize::from(old != [0; 2]);
    }

    /// Returns what is left of an order that may still trade with ours.
    fn free(&self, slot: Slot, order: &Order) -> u64 {
        let Units { taken, executed } = self.units(slot);
        order.leaves.0.saturating_sub(taken).saturating_sub(executed)
    }

    /// Returns the stamp of the first order at a price that isn't executed.
    pub(super) fn front(&self, instrument: InstrumentId, side: Side, price: Price) -> Option<u64> {
        let level = self.books().level(instrument, side, price)?;
        let mut queue = self.books().queue(level);
        queue.find(|(slot, order)| order.leaves.0 > self.units(*slot).executed).map(|(_, order)| order.id.0)
    }

    /// Returns the quantity at a price that arrived before `stamp`.
    pub(super) fn ahead(&self, instrument: InstrumentId, side: Side, price: Price, stamp: u64) -> u64 {
        let Some(level) = self.books().level(instrument, side, price) else { return 0 };
        let before = self.books().queue(level).take_while(|(_, order)| order.id.0 < stamp);
        before.map(|(slot, order)| order.leaves.0.saturating_sub(self.units(slot).executed)).sum()
    }

    /// Returns how much a taker of `side` could have up to its limit, at most `wanted`.
    pub(super) fn displayed(&self, instrument: InstrumentId, side: Side, limit: Price, wanted: u64) -> u64 {
        let mut found = 0_u64;
        for level in self.books().levels(instrument, side.opposite()) {
            if !reaches(side, limit, level.price) {
                break;
            }
            for (slot, order) in self.books().queue(level) {
                found = found.saturating_add(self.free(slot, order));
                if found >= wanted {
                    return wanted;
                }
            }
        }
        found
    }

    /// Takes up to `wanted` from the best level that has something free for a taker of `side`.
    pub(super) fn take(
        &mut self,
        instrument: InstrumentId,
        side: Side,
        limit: Price,
        wanted: u64,
    ) -> Option<(Price, u64)> {
        let mut behind = 0;
        while let Some(level) = self.books().nth(instrument, side.opposite(), behind) {
            let (price, mut next, mut left) = (level.price, Some(self.books().front(level)), wanted);
            if !reaches(side, limit, price) {
                return None;
            }
            while let Some(slot) = next.filter(|_| left > 0) {
                next = self.books().behind(slot);
                let free = self.free(slot, self.books().order(slot)).min(left);
                if free > 0 {
                    let units = self.units(slot);
                    self.mark(slot, Units { taken: units.taken + free, ..units });
                    left -= free;
                }
            }
            if left < wanted {
                return Some((price, wanted - left));
            }
            behind += 1;
        }
        None
    }

    /// Takes the book and what is given of it into the digest.
    pub(super) fn digest(&self, instrument: InstrumentId, digest: &mut omni_types::Digest) {
        digest.pair(self.stamp, self.marked as u64);
        for side in Side::BOTH {
            for level in self.books().levels(instrument, side) {
                digest.pair(level.price.0 as u64, level.quantity.0);
                for (slot, order) in self.books().queue(level) {
                    let Units { taken, executed } = self.units(slot);
                    digest.pair(order.key, order.id.0);
                    digest.pair(order.leaves.0, taken);
                    digest.pair(executed, 0);
                }
            }
        }
    }

    /// Appends the whole state: of what is given away only where something is.
    pub(super) fn encode(&self, writer: &mut SnapshotWriter<'_>) {
        writer.word(self.stamp);
        self.feed.encode(writer);
        writer.word(self.marked as u64);
        for (slot, _) in self.books().resting() {
            let Units { taken, executed } = self.units(slot);
            if taken > 0 || executed > 0 {
                [slot.into(), taken, executed].into_iter().for_each(|number| writer.word(number));
            }
        }
    }

    pub(super) fn decode(capacity: Capacity, reader: &mut SnapshotReader<'_>) -> Result<Self, SnapshotError> {
        let stamp = read_number(reader)?;
        let feed = FeedBooks::decode(reader)?;
        if feed.books().capacity() != capacity {
            return Err(reader.error("recorded books of the settings' capacity"));
        }
        // Only asked for: memory that comes zeroed from the system isn't touched.
        drop(reserved::<[u64; 2]>(capacity.orders, reader)?);
        let mut recorded = Self { feed, units: vec![[0; 2]; capacity.orders], marked: 0, stamp };
        for _ in 0..reader.count(recorded.books().live(), "no more marked orders than orders")? {
            recorded.read_units(reader)?;
        }
        recorded.check_queues().ok_or(reader.error("recorded orders in the order of their coming"))?;
        Ok(recorded)
    }

    fn read_units(&mut self, reader: &mut SnapshotReader<'_>) -> Result<(), SnapshotError> {
        let slot = reader.half()?;
        let leaves = self.books().get(slot).map(|order| order.leaves.0);
        let leaves = leaves.filter(|_| self.units(slot) == Units::default());
        let leaves = leaves.ok_or(reader.error("each resting order once"))?;
        let units = Units { taken: reader.word()?, executed: reader.word()? };
        if units.taken > leaves || units == Units::default() {
            return Err(reader.error("no more units taken than rest"));
        }
        self.mark(slot, units);
        Ok(())
    }

    /// Returns `None` where a queue isn't in the order of its stamps, or holds more than [`Self::admit`] lets in.
    fn check_queues(&self) -> Option<()> {
        let sides = |id| Side::BOTH.map(|side| (InstrumentId(id as u32), side));
        for (instrument, side) in (0..self.books().instruments()).flat_map(sides) {
            for level in self.books().levels(instrument, side) {
                let most = (1_u64 << 62).saturating_add(u64::from(level.orders).saturating_mul(SMALL));
                let stamps = || self.books().queue(level).map(|(_, order)| order.id.0);
                let sorted = stamps().is_sorted_by(|first, next| first < next);
                if !sorted || stamps().last() > Some(self.stamp) || level.quantity.0 > most {
                    return None;
                }
            }
        }
        Some(())
    }
}
