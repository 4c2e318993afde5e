//! Which orders rest: their side and what is left, by the feed's number.

use omni_types::Side;

/// A resting order as the feed told it; `left` is zero in an unused slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Slot {
    reference: u64,
    left: u32,
    side: Side,
}

const UNUSED: Slot = Slot { reference: 0, left: 0, side: Side::Buy };

/// An open-addressing table that doubles when three quarters full.
///
/// ITCH repeats neither side nor quantity in its later messages, so a converter must remember both. Nothing iterates
/// over the table, so its order can't reach any output.
#[derive(Clone, Debug)]
pub(super) struct Resting {
    slots: Vec<Slot>,
    live: usize,
}

impl Resting {
    /// Reserves room for about `orders` at once.
    pub(super) fn new(orders: usize) -> Self {
        let slots = (orders + orders / 3).next_power_of_two().max(16);
        Self { slots: vec![UNUSED; slots], live: 0 }
    }

    #[inline]
    fn home(&self, reference: u64) -> usize {
        let wide = u128::from(reference ^ 0x9E37_79B9_7F4A_7C15) * 0xD6E8_FEB8_6659_FD93;
        ((wide >> 64) as u64 ^ wide as u64) as usize & (self.slots.len() - 1)
    }

    /// Returns where an order is, or else the free slot where it would go.
    #[inline]
    fn find(&self, reference: u64) -> Result<usize, usize> {
        let mask = self.slots.len() - 1;
        let mut at = self.home(reference);
        while self.slots[at].left > 0 {
            if self.slots[at].reference == reference {
                return Ok(at);
            }
            at = (at + 1) & mask;
        }
        Err(at)
    }

    /// Adds an order with something left; returns whether its number was free.
    #[inline]
    pub(super) fn add(&mut self, reference: u64, side: Side, left: u32) -> bool {
        debug_assert!(left > 0, "Invariant: a resting order has something left");
        if (self.live + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        let Err(at) = self.find(reference) else { return false };
        self.slots[at] = Slot { reference, left, side };
        self.live += 1;
        true
    }

    #[cold]
    fn grow(&mut self) {
        let old = core::mem::take(&mut self.slots);
        self.slots = vec![UNUSED; old.len() * 2];
        for slot in old.into_iter().filter(|slot| slot.left > 0) {
            if let Err(at) = self.find(slot.reference) {
                self.slots[at] = slot;
            }
        }
    }

    /// Returns an order's side and what is left of it.
    #[inline]
    pub(super) fn get(&self, reference: u64) -> Option<(Side, u32)> {
        let slot = &self.slots[self.find(reference).ok()?];
        Some((slot.side, slot.left))
    }

    /// Takes at most what is left off an order, which goes at nothing.
    #[inline]
    pub(super) fn take(&mut self, reference: u64, quantity: u32) {
        let Ok(at) = self.find(reference) else { return };
        if quantity < self.slots[at].left {
            self.slots[at].left -= quantity;
        } else {
            self.remove(at);
        }
    }

    /// Empties a slot and closes the gap, so that every later order is still found from its home.
    #[inline]
    fn remove(&mut self, mut gap: usize) {
        let mask = self.slots.len() - 1;
        let mut at = gap;
        loop {
            at = (at + 1) & mask;
            let slot = self.slots[at];
            if slot.left == 0 {
                break;
            }
            let from_home = at.wrapping_sub(self.home(slot.reference)) & mask;
            if from_home >= (at.wrapping_sub(gap) & mask) {
                self.slots[gap] = slot;
                gap = at;
            }
        }
        self.slots[gap] = UNUSED;
        self.live -= 1;
    }

    pub(super) const fn live(&self) -> usize {
        self.live
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The table agrees with a map under any sequence of adds and takes over few, clustering numbers.
        #[test]
        fn fuzz_agrees_with_a_map(steps in proptest::collection::vec((0..40_u64, 0..3_u8, 1..5_u32), 0..400)) {
            let (mut table, mut map) = (Resting::new(1), BTreeMap::new());
            for (reference, step, quantity) in steps {
                if step == 0 {
                    let side = if quantity % 2 == 0 { Side::Buy } else { Side::Sell };
                    let free = !map.contains_key(&reference);
                    prop_assert_eq!(table.add(reference, side, quantity), free);
                    map.entry(reference).or_insert((side, quantity));
                } else if let Some((side, left)) = map.remove(&reference) {
                    table.take(reference, quantity);
                    if left > quantity {
                        map.insert(reference, (side, left - quantity));
                    }
                }
                prop_assert_eq!(table.live(), map.len());
                for number in 0..40 {
                    prop_assert_eq!(table.get(number), map.get(&number).copied());
                }
            }
        }
    }
}
