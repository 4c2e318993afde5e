//! The flow's live orders, by instrument.

use omni_types::Side;

/// Prices of a side told apart before two share a list; a power of two.
const PRICES: usize = 64;
const NONE: u16 = u16::MAX;

/// A live order of the flow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LiveOrder {
    /// The client order id; 0 where the slot is free.
    pub(crate) id: u64,
    /// The limit, in ticks.
    pub(crate) price: i64,
    /// Total quantity.
    pub(crate) quantity: u32,
    /// Filled so far.
    pub(crate) filled: u32,
    /// Who sent it, counted from the first member.
    pub(crate) member: u16,
    /// Side.
    pub(crate) side: Side,
    next: u16,
    previous: u16,
    place: u16,
}

const FREE: LiveOrder = LiveOrder {
    id: 0,
    price: 0,
    quantity: 0,
    filled: 0,
    member: 0,
    side: Side::Buy,
    next: NONE,
    previous: NONE,
    place: 0,
};

/// Fixed room for each instrument's live orders: slots, a list of each price, and an order to draw from at random.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    capacity: usize,
    slots: Vec<LiveOrder>,
    /// Per instrument a permutation of its slots: the live ones first.
    places: Vec<u16>,
    /// Per instrument, side and price (modulo [`PRICES`]): the last order added.
    heads: Vec<u16>,
    counts: Vec<[u16; 2]>,
}

impl Pool {
    pub(crate) fn new(instruments: usize, capacity: u16) -> Self {
        let each = usize::from(capacity);
        let mut slots = vec![FREE; instruments * each];
        slots.iter_mut().enumerate().for_each(|(at, slot)| slot.place = (at % each) as u16);
        Self {
            capacity: each,
            slots,
            places: (0..instruments).flat_map(|_| 0..capacity).collect(),
            heads: vec![NONE; instruments * 2 * PRICES],
            counts: vec![[0; 2]; instruments],
        }
    }

    pub(crate) fn reserved_bytes(&self) -> usize {
        size_of_val(self.slots.as_slice())
            + size_of_val(self.places.as_slice())
            + size_of_val(self.heads.as_slice())
            + size_of_val(self.counts.as_slice())
    }

    /// Returns how many live orders an instrument has on a side.
    #[inline]
    pub(crate) fn count(&self, instrument: usize, side: Side) -> usize {
        usize::from(self.counts[instrument][side.index()])
    }

    /// Returns how many live orders an instrument has.
    #[inline]
    pub(crate) fn total(&self, instrument: usize) -> usize {
        self.count(instrument, Side::Buy) + self.count(instrument, Side::Sell)
    }

    /// Returns the slot that the next order of an instrument will have, or `None` when its room is full.
    #[inline]
    pub(crate) fn free(&self, instrument: usize) -> Option<u16> {
        let live = self.total(instrument);
        (live < self.capacity).then(|| self.places[instrument * self.capacity + live])
    }

    /// Puts an order into the slot that [`Pool::free`] named.
    pub(crate) fn insert(&mut self, instrument: usize, slot: u16, order: LiveOrder) {
        let place = self.total(instrument) as u16;
        debug_assert_eq!(
            self.places[instrument * self.capacity + usize::from(place)],
            slot,
            "Invariant: next free slot"
        );
        self.slots[instrument * self.capacity + usize::from(slot)] = LiveOrder { place, ..order };
        self.counts[instrument][order.side.index()] += 1;
        self.link(instrument, slot);
    }

    /// Takes an order out.
    pub(crate) fn remove(&mut self, instrument: usize, slot: u16) {
        self.unlink(instrument, slot);
        let base = instrument * self.capacity;
        let order = self.slots[base + usize::from(slot)];
        self.counts[instrument][order.side.index()] -= 1;
        let last = self.total(instrument) as u16;
        let moved = self.places[base + usize::from(last)];
        self.places[base + usize::from(order.place)] = moved;
        self.places[base + usize::from(last)] = slot;
        self.slots[base + usize::from(moved)].place = order.place;
        self.slots[base + usize::from(slot)] = LiveOrder { place: last, ..FREE };
    }

    /// Sets a live order's price and quantity.
    pub(crate) fn amend(&mut self, instrument: usize, slot: u16, price: i64, quantity: u32) {
        self.unlink(instrument, slot);
        let order = &mut self.slots[instrument * self.capacity + usize::from(slot)];
        (order.price, order.quantity) = (price, quantity);
        self.link(instrument, slot);
    }

    /// Counts a fill.
    pub(crate) fn fill(&mut self, instrument: usize, slot: u16, filled: u32) {
        self.slots[instrument * self.capacity + usize::from(slot)].filled = filled;
    }

    /// Returns the order in a slot; its id is 0 where the slot is free or there is no such slot.
    #[inline]
    pub(crate) fn get(&self, instrument: usize, slot: u16) -> LiveOrder {
        if usize::from(slot) >= self.capacity {
            return FREE;
        }
        self.slots[instrument * self.capacity + usize::from(slot)]
    }

    /// Returns the slot at a place below [`Pool::total`].
    #[inline]
    pub(crate) fn at(&self, instrument: usize, place: usize) -> u16 {
        self.places[instrument * self.capacity + place]
    }

    /// Returns the slot of the newest live order at a price.
    pub(crate) fn at_price(&self, instrument: usize, side: Side, price: i64) -> Option<u16> {
        let mut slot = self.heads[head(instrument, side, price)];
        while slot != NONE {
            let order = self.get(instrument, slot);
            if order.price == price {
                return Some(slot);
            }
            slot = order.next;
        }
        None
    }

    fn link(&mut self, instrument: usize, slot: u16) {
        let base = instrument * self.capacity;
        let order = self.slots[base + usize::from(slot)];
        let head = &mut self.heads[head(instrument, order.side, order.price)];
        let next = core::mem::replace(head, slot);
        if next != NONE {
            self.slots[base + usize::from(next)].previous = slot;
        }
        let order = &mut self.slots[base + usize::from(slot)];
        (order.next, order.previous) = (next, NONE);
    }

    fn unlink(&mut self, instrument: usize, slot: u16) {
        let base = instrument * self.capacity;
        let LiveOrder { next, previous, side, price, .. } = self.slots[base + usize::from(slot)];
        if next != NONE {
            self.slots[base + usize::from(next)].previous = previous;
        }
        match previous {
            NONE => self.heads[head(instrument, side, price)] = next,
            previous => self.slots[base + usize::from(previous)].next = next,
        }
    }

    /// Builds an order to insert.
    pub(crate) fn order(id: u64, member: u16, side: Side, price: i64, quantity: u32) -> LiveOrder {
        LiveOrder { id, price, quantity, member, side, ..FREE }
    }
}

const fn head(instrument: usize, side: Side, price: i64) -> usize {
    (instrument * 2 + side.index()) * PRICES + (price as usize & (PRICES - 1))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn side(code: u8) -> Side {
        Side::BOTH[usize::from(code & 1)]
    }

    proptest! {
        /// The pool holds what a plain map holds, whatever comes and goes.
        #[test]
        fn fuzz_agrees_with_a_map(steps in prop::collection::vec((0..4_u8, 0..3_usize, any::<u8>(), 0..200_i64), 1..400)) {
            let mut pool = Pool::new(3, 16);
            let mut model: BTreeMap<(usize, u16), (u64, Side, i64)> = BTreeMap::new();
            for (id, (verb, instrument, code, price)) in (1_u64..).zip(steps) {
                let live = pool.total(instrument);
                let any = (live > 0).then(|| pool.at(instrument, usize::from(code) % live.max(1)));
                match (verb, pool.free(instrument), any) {
                    (0 | 1, Some(slot), _) => {
                        pool.insert(instrument, slot, Pool::order(id, 0, side(code), price, 1));
                        model.insert((instrument, slot), (id, side(code), price));
                    }
                    (2, _, Some(slot)) => {
                        pool.remove(instrument, slot);
                        prop_assert!(model.remove(&(instrument, slot)).is_some());
                    }
                    (3, _, Some(slot)) => {
                        pool.amend(instrument, slot, price, 2);
                        model.entry((instrument, slot)).and_modify(|order| order.2 = price);
                    }
                    _ => {}
                }
                for (&(i, slot), &(id, side, price)) in &model {
                    let order = pool.get(i, slot);
                    prop_assert_eq!((order.id, order.side, order.price), (id, side, price));
                    let found = pool.at_price(i, side, price).map(|s| pool.get(i, s));
                    prop_assert!(found.is_some_and(|o| o.id != 0 && o.price == price && o.side == side));
                }
                let held: Vec<_> = (0..pool.total(instrument)).map(|place| pool.at(instrument, place)).collect();
                prop_assert_eq!(held.len(), model.keys().filter(|key| key.0 == instrument).count());
                prop_assert!(held.iter().all(|&slot| model.contains_key(&(instrument, slot))));
            }
        }
    }
}
