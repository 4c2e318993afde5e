//! Order-by-order books.

use omni_types::{AccountId, InstrumentId, OrderId, Price, Qty, SessionId, Side, TopOfBook};

use crate::capacity::{Capacity, Full};
use crate::ladder::{Ladder, Ladders, Rung};
use crate::pool::{NONE, Pool, Pooled};

/// Where an order is in the pool; valid until the order leaves the book.
pub type Slot = u32;

/// A resting order: one cache line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(C, align(64))]
pub struct Order {
    /// The sender's client order id, or the feed's number of the order.
    pub key: u64,
    /// The venue's number; an order that lost its place by an amend keeps it.
    pub id: OrderId,
    /// What can still trade; above zero while it rests.
    pub leaves: Qty,
    /// What has traded.
    pub filled: Qty,
    /// Whose it is.
    pub account: AccountId,
    /// The instrument.
    pub instrument: InstrumentId,
    /// Who sent it.
    pub session: SessionId,
    /// Whether it is a sell.
    pub(crate) sell: bool,
    /// What the venue wants to remember of it.
    pub flags: u8,
    /// Where the venue keeps what else there is to know of it, if it does; not in snapshots.
    pub more: u32,
    pub(crate) level: u32,
    pub(crate) next: u32,
    pub(crate) prev: u32,
}

impl Order {
    /// Builds an order that is about to rest.
    #[must_use]
    pub fn new(key: u64, id: OrderId, leaves: Qty) -> Self {
        Self { key, id, leaves, ..Self::default() }
    }

    /// Returns the order's side.
    #[inline]
    #[must_use]
    pub const fn side(&self) -> Side {
        if self.sell { Side::Sell } else { Side::Buy }
    }
}

impl Pooled for Order {
    fn next_free(&self) -> u32 {
        self.next
    }
    fn free(next: u32) -> Self {
        Self { next, ..Self::default() }
    }
}

/// All orders of one instrument and side at one price, first come first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Level {
    /// Total open quantity.
    pub quantity: Qty,
    /// The price.
    pub price: Price,
    pub(crate) head: u32,
    pub(crate) tail: u32,
    /// How many orders.
    pub orders: u32,
}

impl Pooled for Level {
    fn next_free(&self) -> u32 {
        self.head
    }
    fn free(next: u32) -> Self {
        Self { quantity: Qty::ZERO, price: Price(0), head: next, tail: NONE, orders: 0 }
    }
}

/// Order-by-order books of all instruments: of our exchange and of recorded feeds alike.
///
/// It may cross: recorded books do before an auction. Keeping a matched book uncrossed is the venue's work.
#[derive(Clone, Debug)]
pub struct Level3 {
    pub(crate) orders: Pool<Order>,
    pub(crate) levels: Pool<Level>,
    pub(crate) ladders: Ladders<u32>,
    pub(crate) books: Vec<[Ladder; 2]>,
}

/// Returns a price as a number that grows towards the best of its side; the complement, unlike the negative, always is.
#[inline]
pub(crate) const fn key(side: Side, price: Price) -> i64 {
    price.0 ^ -(side as i64)
}

#[inline]
pub(crate) const fn price(side: Side, key: i64) -> Price {
    Price(key ^ -(side as i64))
}

impl Level3 {
    /// Returns how many bytes are reserved for `capacity`.
    pub(crate) fn bytes(capacity: Capacity) -> u64 {
        let of = |count: usize, size: usize| count as u64 * size as u64;
        of(capacity.orders, size_of::<Order>())
            + of(capacity.levels, size_of::<Level>())
            + of(capacity.instruments.max(1), size_of::<[Ladder; 2]>())
            + Ladders::<u32>::bytes(capacity.levels)
    }

    /// Reserves memory for `capacity`.
    #[must_use]
    pub fn new(capacity: Capacity) -> Self {
        Self {
            orders: Pool::new(capacity.orders),
            levels: Pool::new(capacity.levels),
            ladders: Ladders::new(capacity.levels),
            books: vec![[Ladder::EMPTY; 2]; capacity.instruments.max(1)],
        }
    }

    /// Reserves memory for `capacity`, but touches none for instruments until [`Self::reach`] does.
    #[must_use]
    pub fn sparse(capacity: Capacity) -> Self {
        let mut books = Vec::with_capacity(capacity.instruments.max(1));
        books.push([Ladder::EMPTY; 2]);
        Self { books, ..Self::new(Capacity { instruments: 1, ..capacity }) }
    }

    /// Makes room for an instrument, within the capacity of [`Self::sparse`].
    #[inline]
    pub fn reach(&mut self, instrument: InstrumentId) {
        if instrument.index() >= self.books.len() {
            self.books.resize(instrument.index() + 1, [Ladder::EMPTY; 2]);
        }
    }

    /// Reserves memory for so many instruments in all, as [`Self::sparse`] did before the books were read back.
    pub fn reserve_instruments(&mut self, count: usize) {
        self.books.reserve_exact(count.saturating_sub(self.books.len()));
    }

    /// Notes where the venue keeps what else there is to know of an order.
    pub fn note(&mut self, slot: Slot, more: u32) {
        self.orders[slot].more = more;
    }

    /// Returns how many instruments there is room for.
    #[must_use]
    pub fn instruments(&self) -> usize {
        self.books.len()
    }

    /// Returns what there is room for.
    #[must_use]
    pub fn capacity(&self) -> Capacity {
        Capacity { instruments: self.books.len(), orders: self.orders.capacity(), levels: self.levels.capacity() }
    }

    /// Returns how many orders rest.
    #[must_use]
    pub fn live(&self) -> usize {
        self.orders.live()
    }

    /// Returns how many price levels are in use.
    #[must_use]
    pub fn levels_live(&self) -> usize {
        self.levels.live()
    }

    /// Checks that one more order at a new price of this side would fit.
    ///
    /// # Errors
    /// [`Full`] names the pool without room.
    #[inline]
    pub fn has_room(&self, instrument: InstrumentId, side: Side) -> Result<(), Full> {
        if !self.orders.has_room() {
            return Err(Full::Orders);
        }
        self.has_level_room(instrument, side)
    }

    /// Checks that one more price of this side would fit.
    ///
    /// # Errors
    /// [`Full::Levels`] where it wouldn't.
    #[inline]
    pub fn has_level_room(&self, instrument: InstrumentId, side: Side) -> Result<(), Full> {
        let room = self.levels.has_room() && self.ladders.has_room(&self.books[instrument.index()][side.index()]);
        if room { Ok(()) } else { Err(Full::Levels) }
    }

    /// Puts an order behind all others at its price.
    ///
    /// # Errors
    /// [`Full`] when a pool has no room; the book is unchanged.
    #[inline]
    pub fn rest(&mut self, instrument: InstrumentId, side: Side, at: Price, order: Order) -> Result<Slot, Full> {
        debug_assert!(order.leaves > Qty::ZERO, "Invariant: a resting order has something open");
        if !self.orders.has_room() {
            return Err(Full::Orders);
        }
        let level = self.level_at(instrument, side, at)?;
        let Level { tail: prev, quantity, .. } = self.levels[level];
        // A new level holds nothing yet, so it can't be this that leaves one empty.
        let quantity = quantity.0.checked_add(order.leaves.0).ok_or(Full::Quantity)?;
        let slot = self.orders.take(Order { instrument, sell: side == Side::Sell, level, next: NONE, prev, ..order });
        let level = &mut self.levels[level];
        level.quantity = Qty(quantity);
        level.orders += 1;
        level.tail = slot;
        if prev == NONE {
            level.head = slot;
        } else {
            self.orders[prev].next = slot;
        }
        Ok(slot)
    }

    #[inline]
    fn level_at(&mut self, instrument: InstrumentId, side: Side, at: Price) -> Result<u32, Full> {
        let ladder = &mut self.books[instrument.index()][side.index()];
        let key = key(side, at);
        match self.ladders.find(ladder, key) {
            Ok(position) => Ok(self.ladders.rungs(ladder)[position].value),
            Err(_) if !self.levels.has_room() || !self.ladders.has_room(ladder) => Err(Full::Levels),
            Err(position) => {
                let level = Level { quantity: Qty::ZERO, price: at, head: NONE, tail: NONE, orders: 0 };
                let value = self.levels.take(level);
                self.ladders.insert(ladder, position, Rung { key, value });
                Ok(value)
            }
        }
    }

    /// Takes quantity off an order that keeps its place; the order must keep some open.
    #[inline]
    pub fn reduce(&mut self, slot: Slot, quantity: Qty) {
        let order = &mut self.orders[slot];
        debug_assert!(quantity < order.leaves, "Invariant: a reduced order keeps something open");
        order.leaves.0 -= quantity.0;
        self.levels[order.level].quantity.0 -= quantity.0;
    }

    /// Takes a fill off an order, and removes it when nothing is left; returns what is left open.
    #[inline]
    pub fn fill(&mut self, slot: Slot, quantity: Qty) -> Qty {
        let order = &mut self.orders[slot];
        order.filled.0 += quantity.0;
        if quantity == order.leaves {
            self.remove(slot);
            return Qty::ZERO;
        }
        order.leaves.0 -= quantity.0;
        let left = order.leaves;
        self.levels[order.level].quantity.0 -= quantity.0;
        left
    }

    /// Removes an order and returns it as it was.
    #[inline]
    pub fn remove(&mut self, slot: Slot) -> Order {
        let order = self.orders[slot];
        debug_assert!(order.leaves > Qty::ZERO, "Invariant: only a resting order leaves the book");
        if order.prev != NONE {
            self.orders[order.prev].next = order.next;
        }
        if order.next != NONE {
            self.orders[order.next].prev = order.prev;
        }
        let level = &mut self.levels[order.level];
        level.quantity.0 -= order.leaves.0;
        level.orders -= 1;
        if level.orders == 0 {
            self.drop_level(&order);
        } else {
            if order.prev == NONE {
                level.head = order.next;
            }
            if order.next == NONE {
                level.tail = order.prev;
            }
        }
        self.orders.give(slot);
        order
    }

    #[inline]
    fn drop_level(&mut self, order: &Order) {
        let ladder = &mut self.books[order.instrument.index()][order.side().index()];
        let key = key(order.side(), self.levels[order.level].price);
        if let Ok(position) = self.ladders.find(ladder, key) {
            self.ladders.remove(ladder, position);
        }
        self.levels.give(order.level);
    }

    /// Returns the resting order in a slot.
    #[inline]
    #[must_use]
    pub fn order(&self, slot: Slot) -> &Order {
        &self.orders[slot]
    }

    /// Returns the price at which an order rests.
    #[inline]
    #[must_use]
    pub fn price(&self, slot: Slot) -> Price {
        self.levels[self.orders[slot].level].price
    }

    /// Returns the best level of a side.
    #[inline]
    #[must_use]
    pub fn best(&self, instrument: InstrumentId, side: Side) -> Option<&Level> {
        let rung = self.ladders.best(&self.books[instrument.index()][side.index()])?;
        Some(&self.levels[rung.value])
    }

    /// Returns the order that is first in a level.
    #[inline]
    #[must_use]
    pub fn front(&self, level: &Level) -> Slot {
        level.head
    }

    /// Returns the best bid and ask.
    #[inline]
    #[must_use]
    pub fn top(&self, instrument: InstrumentId) -> TopOfBook {
        let [bid, ask] = Side::BOTH.map(|side| self.best(instrument, side).map(|l| (l.price, l.quantity)));
        TopOfBook { bid, ask }
    }

    /// Returns the level at a price.
    #[inline]
    #[must_use]
    pub fn level(&self, instrument: InstrumentId, side: Side, at: Price) -> Option<&Level> {
        self.level_slot(instrument, side, at).map(|slot| &self.levels[slot])
    }

    #[inline]
    pub(crate) fn level_slot(&self, instrument: InstrumentId, side: Side, at: Price) -> Option<u32> {
        let ladder = &self.books[instrument.index()][side.index()];
        let position = self.ladders.find(ladder, key(side, at)).ok()?;
        Some(self.ladders.rungs(ladder)[position].value)
    }

    /// Returns a side's levels, best first.
    pub fn levels(&self, instrument: InstrumentId, side: Side) -> impl DoubleEndedIterator<Item = &Level> + '_ {
        let rungs = self.ladders.rungs(&self.books[instrument.index()][side.index()]);
        rungs.iter().rev().map(|rung| &self.levels[rung.value])
    }

    /// Returns the level that is `behind` levels behind the best of a side.
    #[must_use]
    pub fn nth(&self, instrument: InstrumentId, side: Side, behind: usize) -> Option<&Level> {
        let rungs = self.ladders.rungs(&self.books[instrument.index()][side.index()]);
        let position = rungs.len().checked_sub(behind + 1)?;
        Some(&self.levels[rungs[position].value])
    }

    /// Returns the order behind another at the same price.
    #[must_use]
    pub fn behind(&self, slot: Slot) -> Option<Slot> {
        let next = self.orders[slot].next;
        (next != NONE).then_some(next)
    }

    /// Returns a level's orders, first in time first.
    #[must_use]
    pub fn queue<'a>(&'a self, level: &Level) -> Orders<'a> {
        Orders { orders: &self.orders, next: level.head }
    }

    /// Returns all resting orders in the order of their slots: the same in every run of the same inputs.
    pub fn resting(&self) -> impl Iterator<Item = (Slot, &Order)> + '_ {
        (0_u32..).zip(self.orders.slots()).filter(|(_, order)| order.leaves > Qty::ZERO)
    }

    /// Returns the order in a slot, if one rests there.
    #[inline]
    #[must_use]
    pub fn get(&self, slot: Slot) -> Option<&Order> {
        self.orders.slots().get(slot as usize).filter(|order| order.leaves > Qty::ZERO)
    }

    /// Returns how many slots were ever used: the bound of [`Self::resting`]'s slots.
    #[must_use]
    pub fn slots(&self) -> Slot {
        self.orders.slots().len() as Slot
    }
}

/// The orders of a level, first in time first.
#[derive(Clone, Debug)]
pub struct Orders<'a> {
    orders: &'a Pool<Order>,
    next: u32,
}

impl<'a> Iterator for Orders<'a> {
    type Item = (Slot, &'a Order);

    fn next(&mut self) -> Option<Self::Item> {
        if self.next == NONE {
            return None;
        }
        let slot = self.next;
        let order = &self.orders[slot];
        self.next = order.next;
        Some((slot, order))
    }
}
