//! A slab of equal slots with a free list, reserved at start.

use omni_types::{SnapshotError, SnapshotReader, SnapshotWriter};

/// No slot.
pub(crate) const NONE: u32 = u32::MAX;

/// What a pooled value keeps while its slot is free: the next free slot.
pub(crate) trait Pooled: Copy {
    fn next_free(&self) -> u32;
    fn free(next: u32) -> Self;
}

/// A slab of at most `capacity` values that never moves nor allocates after it was made.
#[derive(Clone, Debug)]
pub(crate) struct Pool<T> {
    slots: Vec<T>,
    capacity: usize,
    free: u32,
    live: usize,
}

impl<T: Pooled> Pool<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        debug_assert!(capacity < NONE as usize, "Invariant: slots fit 32 bits");
        Self { slots: Vec::with_capacity(capacity), capacity, free: NONE, live: 0 }
    }

    #[inline]
    pub(crate) fn has_room(&self) -> bool {
        self.live < self.capacity
    }

    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    pub(crate) fn live(&self) -> usize {
        self.live
    }

    /// Puts a value into a free slot; the caller has checked [`Self::has_room`].
    #[inline]
    pub(crate) fn take(&mut self, value: T) -> u32 {
        debug_assert!(self.has_room(), "Invariant: room was checked");
        self.live += 1;
        if self.free == NONE {
            self.slots.push(value);
            return self.slots.len() as u32 - 1;
        }
        let slot = self.free;
        self.free = self[slot].next_free();
        self[slot] = value;
        slot
    }

    #[inline]
    pub(crate) fn give(&mut self, slot: u32) {
        self[slot] = T::free(self.free);
        self.free = slot;
        self.live -= 1;
    }

    /// Returns every slot ever used, free ones included.
    pub(crate) fn slots(&self) -> &[T] {
        &self.slots
    }

    /// Writes the capacity, how many slots were ever used, and the free ones in the order in which they will be taken.
    pub(crate) fn encode(&self, writer: &mut SnapshotWriter<'_>) {
        writer.word(self.capacity as u64);
        writer.word(self.slots.len() as u64);
        writer.word((self.slots.len() - self.live) as u64);
        let mut free = self.free;
        while free != NONE {
            writer.word(free.into());
            free = self[free].next_free();
        }
    }
}

/// A pool being read back: the free slots are known, the others wait for their values.
pub(crate) struct Refill<T> {
    pool: Pool<T>,
    waits: Vec<bool>,
}

impl<T: Pooled> Refill<T> {
    pub(crate) fn decode(reader: &mut SnapshotReader<'_>) -> Result<Self, SnapshotError> {
        let capacity = reader.below(NONE.into(), "a capacity of 32 bits")? as usize;
        reserve_would_fit::<T>(capacity).ok_or(reader.error("a capacity for which there is memory"))?;
        let mut pool = Pool::new(capacity);
        let used = reader.count(capacity, "no more slots than the capacity")?;
        let free = reader.count(used, "no more free slots than slots")?;
        pool.slots.resize(used, T::free(NONE));
        pool.live = used - free;
        let mut waits = vec![true; used];
        let mut last = NONE;
        for _ in 0..free {
            let slot = reader.below(used as u64, "a slot in use")? as u32;
            if !core::mem::take(&mut waits[slot as usize]) {
                return Err(reader.error("each free slot once"));
            }
            match last {
                NONE => pool.free = slot,
                last => pool[last] = T::free(slot),
            }
            last = slot;
        }
        Ok(Self { pool, waits })
    }

    pub(crate) fn capacity(&self) -> usize {
        self.pool.capacity()
    }

    /// Fills a slot that waits.
    pub(crate) fn fill(&mut self, slot: u32, value: T, reader: &SnapshotReader<'_>) -> Result<(), SnapshotError> {
        let waits = self.waits.get_mut(slot as usize).is_some_and(core::mem::take);
        if !waits {
            return Err(reader.error("each slot in use once"));
        }
        self.pool[slot] = value;
        Ok(())
    }

    /// Returns the value of a slot that was filled.
    pub(crate) fn filled(&mut self, slot: u32) -> &mut T {
        &mut self.pool[slot]
    }

    /// Returns the pool once every slot has its value.
    pub(crate) fn finish(self, reader: &SnapshotReader<'_>) -> Result<Pool<T>, SnapshotError> {
        if self.waits.contains(&true) { Err(reader.error("a value for every slot")) } else { Ok(self.pool) }
    }
}

/// Returns whether memory for so many values can be had; a count from a corrupt snapshot must not end the process.
pub(crate) fn reserve_would_fit<T>(count: usize) -> Option<()> {
    Vec::<T>::new().try_reserve_exact(count).ok()
}

impl<T> core::ops::Index<u32> for Pool<T> {
    type Output = T;
    #[inline]
    fn index(&self, slot: u32) -> &T {
        &self.slots[slot as usize]
    }
}

impl<T> core::ops::IndexMut<u32> for Pool<T> {
    #[inline]
    fn index_mut(&mut self, slot: u32) -> &mut T {
        &mut self.slots[slot as usize]
    }
}
