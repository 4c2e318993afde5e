//! Finds an order by its hashed number.

use omni_ring::{equal_lanes, prefetch};

use crate::pool::reserve_would_fit;

/// Mixes two words into a hash: one wide product, folded (as wyhash and rapidhash do).
#[inline]
#[must_use]
pub const fn mix(a: u64, b: u64) -> u64 {
    let wide = (a ^ 0x9E37_79B9_7F4A_7C15) as u128 * (b ^ 0xD6E8_FEB8_6659_FD93) as u128;
    wide as u64 ^ (wide >> 64) as u64
}

/// How many entries a bucket holds; its eighth tag counts those that found it full.
const WAYS: usize = 7;
const BEYOND: usize = WAYS;
/// Buckets of the smallest table.
const START: usize = 1 << 8;
/// How many entries a table holds for each of its buckets before it is moved into a larger one.
const FILL: usize = 4;

/// One cache line: the hashes' low halves, which tell most strangers apart without touching their orders, and the slots
/// plus one, 0 where there is none.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
struct Bucket {
    tags: [u32; 8],
    slots: [u32; 8],
}

impl Bucket {
    const EMPTY: Self = Self { tags: [0; 8], slots: [0; 8] };
}

/// An open-addressing table from hash to slot, in buckets of one cache line.
///
/// A bucket is searched as a whole, without a branch that depends on what is in it. An entry whose bucket is full goes to
/// the next one with room, and each bucket counts those that went beyond it, so that nothing need move when one leaves.
/// The table uses only as much of its reserved memory as the live orders need, so that a small book stays in cache: a
/// table that has become full moves into one twice as large, alternating between two reserved arrays.
#[derive(Debug)]
pub struct OrderIndex {
    table: Vec<Bucket>,
    /// Empty; room for the next, larger table.
    spare: Vec<Bucket>,
    mask: usize,
    live: usize,
    /// How many entries the table takes before it is moved into a larger one.
    full: usize,
}

impl Clone for OrderIndex {
    fn clone(&self) -> Self {
        let reserved = |buckets: &Vec<Bucket>| {
            let mut copy = Vec::with_capacity(buckets.capacity());
            copy.extend_from_slice(buckets);
            copy
        };
        Self { table: reserved(&self.table), spare: reserved(&self.spare), ..*self }
    }
}

/// Buckets of the largest table of `capacity` orders.
fn buckets(capacity: usize) -> usize {
    capacity.div_ceil(FILL).next_power_of_two().max(START)
}

/// Buckets of the table and its spare.
fn reserved(capacity: usize) -> usize {
    2 * buckets(capacity)
}

impl OrderIndex {
    /// Returns how many bytes are reserved for `capacity` orders.
    pub(crate) fn bytes(capacity: usize) -> u64 {
        reserved(capacity) as u64 * size_of::<Bucket>() as u64
    }

    /// Reserves room for `capacity` orders; untouched memory costs nothing.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        let most = buckets(capacity);
        let mut table = Vec::with_capacity(most);
        table.resize(START, Bucket::EMPTY);
        Self { table, spare: Vec::with_capacity(most), mask: START - 1, live: 0, full: START * FILL }
    }

    /// Reserves room for `capacity` orders, or returns `None` where there is no memory for it.
    pub(crate) fn checked(capacity: usize) -> Option<Self> {
        // An entry remembers 32 bits of its hash, so there are no more places.
        let capacity = Some(capacity).filter(|&capacity| capacity <= 1 << 31)?;
        reserve_would_fit::<Bucket>(reserved(capacity))?;
        Some(Self::new(capacity))
    }

    /// Returns the slot with this hash for which `is_it` holds.
    #[inline]
    pub fn find(&self, hash: u64, is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        self.place(hash, is_it).map(|place| self.table[place.bucket].slots[place.way] - 1)
    }

    /// Finds a slot as [`Self::find`] does and takes it out.
    #[inline]
    pub fn take(&mut self, hash: u64, is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let place = self.place(hash, is_it)?;
        let taken = self.table[place.bucket].slots[place.way] - 1;
        self.clear(hash, place);
        Some(taken)
    }

    #[inline]
    fn place(&self, hash: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<Place> {
        let mut at = hash as usize & self.mask;
        loop {
            let bucket = &self.table[at];
            let mut found = ways(&bucket.tags, hash as u32);
            while found != 0 {
                let way = found.trailing_zeros() as usize % 8;
                let slot = bucket.slots[way];
                if slot != 0 && is_it(slot - 1) {
                    return Some(Place { bucket: at, way });
                }
                found &= found - 1;
            }
            if bucket.tags[BEYOND] == 0 {
                return None;
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
        if self.live >= self.full {
            self.grow();
        }
        self.live += 1;
        put(&mut self.table, self.mask, hash as u32, slot + 1);
    }

    /// Takes out a slot that is in.
    #[inline]
    pub fn remove(&mut self, hash: u64, slot: u32) {
        let mut at = hash as usize & self.mask;
        loop {
            let found = ways(&self.table[at].slots, slot + 1);
            if found != 0 {
                return self.clear(hash, Place { bucket: at, way: found.trailing_zeros() as usize % 8 });
            }
            debug_assert!(self.table[at].tags[BEYOND] > 0, "Invariant: what is removed is in the index");
            at = (at + 1) & self.mask;
        }
    }

    /// Empties a place, and lets the full buckets before it know that one fewer is beyond them.
    #[inline]
    fn clear(&mut self, hash: u64, place: Place) {
        let mut at = hash as usize & self.mask;
        while at != place.bucket {
            self.table[at].tags[BEYOND] -= 1;
            at = (at + 1) & self.mask;
        }
        self.table[at].slots[place.way] = 0;
        self.live -= 1;
    }

    #[cold]
    fn grow(&mut self) {
        let buckets = self.table.len() * 2;
        debug_assert!(buckets <= self.spare.capacity(), "Invariant: the order pool is full before its index");
        self.mask = buckets - 1;
        self.full = buckets * FILL;
        self.spare.resize(buckets, Bucket::EMPTY);
        for bucket in self.table.drain(..) {
            for (&tag, &slot) in bucket.tags.iter().zip(&bucket.slots).filter(|(_, slot)| **slot != 0) {
                put(&mut self.spare, self.mask, tag, slot);
            }
        }
        core::mem::swap(&mut self.table, &mut self.spare);
    }
}

/// Where an entry is.
#[derive(Clone, Copy)]
struct Place {
    bucket: usize,
    way: usize,
}

/// Returns the ways of a bucket whose word is `wanted`, a bit for each.
#[inline]
fn ways(words: &[u32; 8], wanted: u32) -> u32 {
    equal_lanes(words, wanted) & ((1 << WAYS) - 1)
}

/// Puts an entry into the first bucket with room.
#[inline]
fn put(table: &mut [Bucket], mask: usize, tag: u32, entry: u32) {
    let mut at = tag as usize & mask;
    loop {
        let bucket = &mut table[at];
        let free = ways(&bucket.slots, 0);
        if free != 0 {
            let way = free.trailing_zeros() as usize % 8;
            bucket.tags[way] = tag;
            bucket.slots[way] = entry;
            return;
        }
        bucket.tags[BEYOND] += 1;
        at = (at + 1) & mask;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserves_what_it_says() {
        for capacity in [0, 1, 1_024, 1_025, 100_000] {
            let index = OrderIndex::new(capacity);
            let buckets = index.table.capacity() + index.spare.capacity();
            assert_eq!(OrderIndex::bytes(capacity), (buckets * size_of::<Bucket>()) as u64);
            assert!(OrderIndex::checked(capacity).is_some());
        }
        assert!(OrderIndex::checked(1 << 40).is_none());
    }
}
