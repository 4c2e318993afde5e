//! Finds an order by its hashed number.

use omni_ring::prefetch;

use crate::pool::reserve_would_fit;

/// Mixes two words into a hash: one wide product, folded (as wyhash and rapidhash do).
#[inline]
#[must_use]
pub const fn mix(a: u64, b: u64) -> u64 {
    let wide = (a ^ 0x9E37_79B9_7F4A_7C15) as u128 * (b ^ 0xD6E8_FEB8_6659_FD93) as u128;
    wide as u64 ^ (wide >> 64) as u64
}

const START: usize = 1 << 10;

/// An open-addressing table from hash to slot, linear probing, at most half full.
///
/// An entry is eight bytes: the hash's low half, which tells most strangers apart without touching the order, and the
/// slot plus one. It uses only as much of its reserved memory as the live orders need, so that a small book stays in
/// cache: when half full it moves into a table twice as large, alternating between two reserved arrays.
#[derive(Clone, Debug)]
pub struct OrderIndex {
    table: Vec<u64>,
    /// Empty; the next, larger table.
    spare: Vec<u64>,
    mask: usize,
    live: usize,
}

impl OrderIndex {
    /// Reserves room for `capacity` orders; untouched memory costs nothing.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        let most = (capacity.max(1) * 2).next_power_of_two().max(START);
        Self { table: vec![0; most], spare: vec![0; most], mask: START - 1, live: 0 }
    }

    /// Reserves room for `capacity` orders, or returns `None` where there is no memory for it.
    pub(crate) fn checked(capacity: usize) -> Option<Self> {
        // An entry remembers 32 bits of its hash, so there are no more places.
        let places = Some(capacity).filter(|&capacity| capacity <= 1 << 31)?.checked_mul(8)?;
        reserve_would_fit::<u64>(places)?;
        Some(Self::new(capacity))
    }

    /// Returns the slot with this hash for which `is_it` holds.
    #[inline]
    pub fn find(&self, hash: u64, is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        self.position(hash, is_it).map(|at| slot(self.table[at]))
    }

    /// Finds a slot as [`Self::find`] does and takes it out.
    #[inline]
    pub fn take(&mut self, hash: u64, is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let at = self.position(hash, is_it)?;
        let taken = slot(self.table[at]);
        self.close(at);
        Some(taken)
    }

    #[inline]
    fn position(&self, hash: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<usize> {
        let mut at = hash as usize & self.mask;
        loop {
            let entry = self.table[at];
            if entry == 0 {
                return None;
            }
            if tag(entry) == hash as u32 && is_it(slot(entry)) {
                return Some(at);
            }
            at = (at + 1) & self.mask;
        }
    }

    /// Asks for the memory in which a hash would be found; a hint.
    #[inline]
    pub fn prefetch(&self, hash: u64) {
        prefetch(&self.table, hash as usize & self.mask);
    }

    /// Returns a slot that may have this hash, without asking its order; good enough for a hint.
    #[inline]
    #[must_use]
    pub fn likely(&self, hash: u64) -> Option<u32> {
        self.find(hash, |_| true)
    }

    /// Puts in a slot whose number is not in yet.
    #[inline]
    pub fn insert(&mut self, hash: u64, slot: u32) {
        if (self.live + 1) * 2 > self.mask + 1 {
            self.grow();
        }
        self.live += 1;
        place(&mut self.table, self.mask, pack(hash, slot));
    }

    /// Takes out a slot that is in.
    #[inline]
    pub fn remove(&mut self, hash: u64, slot: u32) {
        let wanted = pack(hash, slot);
        let mut at = hash as usize & self.mask;
        while self.table[at] != wanted {
            debug_assert!(self.table[at] != 0, "Invariant: what is removed is in the index");
            at = (at + 1) & self.mask;
        }
        self.close(at);
    }

    /// Empties a place; the entries behind it close the gap.
    #[inline]
    fn close(&mut self, mut gap: usize) {
        let (table, mask) = (&mut self.table, self.mask);
        let mut at = gap;
        loop {
            at = (at + 1) & mask;
            let entry = table[at];
            if entry == 0 {
                break;
            }
            let home = tag(entry) as usize & mask;
            // The entry may move into the gap unless its home lies behind the gap.
            if (at.wrapping_sub(home) & mask) >= (at.wrapping_sub(gap) & mask) {
                table[gap] = entry;
                gap = at;
            }
        }
        table[gap] = 0;
        self.live -= 1;
    }

    #[cold]
    fn grow(&mut self) {
        let old = self.mask + 1;
        debug_assert!(old * 2 <= self.spare.len(), "Invariant: the order pool is full before its index");
        self.mask = old * 2 - 1;
        for entry in &mut self.table[..old] {
            if *entry != 0 {
                place(&mut self.spare, self.mask, *entry);
                *entry = 0;
            }
        }
        core::mem::swap(&mut self.table, &mut self.spare);
    }
}

#[inline]
const fn pack(hash: u64, slot: u32) -> u64 {
    hash << 32 | (slot as u64 + 1)
}

#[inline]
const fn tag(entry: u64) -> u32 {
    (entry >> 32) as u32
}

#[inline]
const fn slot(entry: u64) -> u32 {
    entry as u32 - 1
}

#[inline]
fn place(table: &mut [u64], mask: usize, entry: u64) {
    let mut at = tag(entry) as usize & mask;
    while table[at] != 0 {
        at = (at + 1) & mask;
    }
    table[at] = entry;
}
