//! A slab of equal slots with a free list, reserved at start.

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
