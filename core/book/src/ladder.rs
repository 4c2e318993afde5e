//! Price ladders: each side of each book as a sorted run of rungs, the best last.

use crate::pool::NONE;

/// Smallest block of rungs.
const BLOCK_MIN: u32 = 4;
/// Blocks of 4, 8, … 2^20 rungs: the most price levels that one side of one book may have is a million.
const CLASSES: usize = 19;
/// How many of the best rungs are looked at one by one before the rest is bisected.
const NEAR: usize = 12;

/// A price as a key that grows towards the best, and what stands there.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rung<T> {
    pub(crate) key: i64,
    pub(crate) value: T,
}

/// One side of one book: where its rungs are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ladder {
    start: u32,
    len: u32,
    class: u8,
}

impl Ladder {
    pub(crate) const EMPTY: Self = Self { start: NONE, len: 0, class: 0 };
}

/// The blocks of all ladders in one reserved array, with a free list for each size.
#[derive(Clone, Debug)]
pub(crate) struct Ladders<T> {
    rungs: Vec<Rung<T>>,
    capacity: usize,
    free: [u32; CLASSES],
}

impl<T: Copy + Default> Ladders<T> {
    /// Reserves blocks for `rungs` rungs in use at once.
    pub(crate) fn new(rungs: usize) -> Self {
        // A ladder that grew leaves its smaller blocks behind, together at most as large as the one it has; a block
        // may be half empty. So four times the rungs in use is always enough, and untouched memory costs nothing.
        let capacity = (rungs * 4).max(1 << 10);
        Self { rungs: Vec::with_capacity(capacity), capacity, free: [NONE; CLASSES] }
    }

    #[inline]
    pub(crate) fn rungs(&self, ladder: &Ladder) -> &[Rung<T>] {
        if ladder.len == 0 {
            return &[];
        }
        &self.rungs[ladder.start as usize..(ladder.start + ladder.len) as usize]
    }

    #[inline]
    pub(crate) fn rung_mut(&mut self, ladder: &Ladder, position: usize) -> &mut Rung<T> {
        &mut self.rungs[ladder.start as usize + position]
    }

    #[inline]
    pub(crate) fn best(&self, ladder: &Ladder) -> Option<Rung<T>> {
        (ladder.len > 0).then(|| self.rungs[(ladder.start + ladder.len - 1) as usize])
    }

    /// Returns where `key` is, or where it belongs.
    #[inline]
    pub(crate) fn find(&self, ladder: &Ladder, key: i64) -> Result<usize, usize> {
        let rungs = self.rungs(ladder);
        let far = rungs.len().saturating_sub(NEAR);
        for position in (far..rungs.len()).rev() {
            let here = rungs[position].key;
            if here <= key {
                return if here == key { Ok(position) } else { Err(position + 1) };
            }
        }
        rungs[..far].binary_search_by_key(&key, |rung| rung.key)
    }

    /// Returns whether one more rung fits.
    #[inline]
    pub(crate) fn has_room(&self, ladder: &Ladder) -> bool {
        if ladder.start == NONE {
            return self.free[0] != NONE || self.rungs.len() + BLOCK_MIN as usize <= self.capacity;
        }
        if ladder.len < size(ladder.class) {
            return true;
        }
        let class = usize::from(ladder.class) + 1;
        class < CLASSES && (self.free[class] != NONE || self.rungs.len() + (4 << class) <= self.capacity)
    }

    /// Puts a rung at `position`; the caller has checked [`Self::has_room`].
    #[inline]
    pub(crate) fn insert(&mut self, ladder: &mut Ladder, position: usize, rung: Rung<T>) {
        debug_assert!(self.has_room(ladder), "Invariant: room was checked");
        if ladder.start == NONE {
            ladder.start = self.block(0);
        } else if ladder.len == size(ladder.class) {
            self.widen(ladder);
        }
        let start = ladder.start as usize;
        let end = start + ladder.len as usize;
        self.rungs.copy_within(start + position..end, start + position + 1);
        self.rungs[start + position] = rung;
        ladder.len += 1;
    }

    /// Takes out the rung at `position`.
    #[inline]
    pub(crate) fn remove(&mut self, ladder: &mut Ladder, position: usize) {
        let start = ladder.start as usize;
        let end = start + ladder.len as usize;
        self.rungs.copy_within(start + position + 1..end, start + position);
        ladder.len -= 1;
    }

    /// Takes out every rung and gives the block back.
    pub(crate) fn clear(&mut self, ladder: &mut Ladder) {
        if ladder.start != NONE {
            self.give(ladder.start, ladder.class);
        }
        *ladder = Ladder::EMPTY;
    }

    #[cold]
    fn widen(&mut self, ladder: &mut Ladder) {
        let from = ladder.start as usize;
        let to = self.block(ladder.class + 1);
        self.rungs.copy_within(from..from + ladder.len as usize, to as usize);
        self.give(ladder.start, ladder.class);
        ladder.start = to;
        ladder.class += 1;
    }

    fn block(&mut self, class: u8) -> u32 {
        let head = self.free[usize::from(class)];
        if head != NONE {
            self.free[usize::from(class)] = self.rungs[head as usize].key as u32;
            return head;
        }
        let start = self.rungs.len();
        self.rungs.resize(start + size(class) as usize, Rung::default());
        start as u32
    }

    /// Puts a block on its free list; its first rung's key remembers the next one.
    fn give(&mut self, start: u32, class: u8) {
        self.rungs[start as usize].key = i64::from(self.free[usize::from(class)]);
        self.free[usize::from(class)] = start;
    }
}

const fn size(class: u8) -> u32 {
    BLOCK_MIN << class
}
