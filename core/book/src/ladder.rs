//! Price ladders: each side of each book as a sorted run of rungs, the best last.

use omni_ring::prefetch;
use omni_types::{SnapshotError, SnapshotReader, SnapshotWriter};

use crate::pool::{NONE, reserve_would_fit};

/// Smallest block of rungs.
const BLOCK_MIN: u32 = 4;
/// Blocks of 4, 8, … 2^20 rungs: the most price levels that one side of one book may have is a million.
const CLASSES: usize = 19;
/// How many rungs are looked at one by one before the rest is bisected.
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

/// Returns how many rungs are reserved for `rungs` in use at once.
///
/// A block may be three quarters empty, and ladders that grew and shrank leave free blocks of sizes that nobody wants
/// just now. Untouched memory costs nothing, and a side without a block is refused like a full pool.
fn reserved(rungs: usize) -> usize {
    (rungs * 4).max(1 << 10)
}

impl<T> Ladders<T> {
    /// Returns how many bytes are reserved for `rungs` rungs in use at once.
    pub(crate) fn bytes(rungs: usize) -> u64 {
        reserved(rungs) as u64 * size_of::<Rung<T>>() as u64
    }
}

impl<T: Copy + Default> Ladders<T> {
    /// Reserves blocks for `rungs` rungs in use at once.
    pub(crate) fn new(rungs: usize) -> Self {
        let capacity = reserved(rungs);
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

    /// Asks for the memory of the best rung; a hint.
    #[inline]
    pub(crate) fn prefetch(&self, ladder: &Ladder) {
        prefetch(&self.rungs, (ladder.start as usize).wrapping_add(ladder.len as usize).wrapping_sub(1));
    }

    /// Returns where `key` is, or where it belongs.
    #[inline]
    pub(crate) fn find(&self, ladder: &Ladder, key: i64) -> Result<usize, usize> {
        let rungs = self.rungs(ladder);
        let Some((best, others)) = rungs.split_last() else { return Err(0) };
        if best.key <= key {
            return if best.key == key { Ok(others.len()) } else { Err(rungs.len()) };
        }
        // Between two whole prices lie no more rungs than prices, and where every price has one, exactly as many.
        match usize::try_from(best.key.wrapping_sub(key).cast_unsigned()) {
            Ok(distance) if distance <= others.len() => search(rungs, others.len() - distance, key),
            _ => find_sparse(others, key),
        }
    }

    /// Returns whether one more rung fits.
    #[inline]
    pub(crate) fn has_room(&self, ladder: &Ladder) -> bool {
        if ladder.len > 0 && ladder.len < size(ladder.class) {
            return true;
        }
        let class = if ladder.len == 0 { 0 } else { usize::from(ladder.class) + 1 };
        class < CLASSES && (self.has_fresh(class as u8) || self.free[class..].iter().any(|&head| head != NONE))
    }

    #[inline]
    fn has_fresh(&self, class: u8) -> bool {
        self.rungs.len() + size(class) as usize <= self.capacity
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
        if ladder.len <= size(ladder.class) / 4 {
            self.narrow(ladder);
        }
    }

    /// Moves a ladder that has become short into a smaller block, so that others find its large one whole.
    #[inline]
    fn narrow(&mut self, ladder: &mut Ladder) {
        if ladder.len == 0 {
            self.clear(ladder);
        } else if ladder.class > 0 {
            self.narrow_block(ladder);
        }
    }

    #[cold]
    fn narrow_block(&mut self, ladder: &mut Ladder) {
        let class = ladder.class - 1;
        if self.free[usize::from(class)] != NONE || self.has_fresh(class) {
            self.move_to(ladder, class);
        } else {
            self.give(ladder.start + size(class), class);
            ladder.class = class;
        }
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
        self.move_to(ladder, ladder.class + 1);
    }

    fn move_to(&mut self, ladder: &mut Ladder, class: u8) {
        let from = ladder.start as usize;
        let to = self.block(class);
        self.rungs.copy_within(from..from + ladder.len as usize, to as usize);
        self.give(ladder.start, ladder.class);
        ladder.start = to;
        ladder.class = class;
    }

    /// Takes a free block, else a fresh one, else a half of a larger free one.
    fn block(&mut self, class: u8) -> u32 {
        if let Some(start) = self.take(class) {
            return start;
        }
        if self.has_fresh(class) {
            let start = self.rungs.len();
            self.rungs.resize(start + size(class) as usize, Rung::default());
            return start as u32;
        }
        let larger = self.block(class + 1);
        self.give(larger + size(class), class);
        larger
    }

    fn take(&mut self, class: u8) -> Option<u32> {
        let head = self.free[usize::from(class)];
        if head == NONE {
            return None;
        }
        self.free[usize::from(class)] = self.rungs[head as usize].key as u32;
        Some(head)
    }

    /// Puts a block on its free list; its first rung's key remembers the next one.
    fn give(&mut self, start: u32, class: u8) {
        self.rungs[start as usize].key = i64::from(self.free[usize::from(class)]);
        self.free[usize::from(class)] = start;
    }
}

impl<T: Copy + Default> Ladders<T> {
    /// Writes how many rungs were ever used, and the free blocks of each size in the order in which they will be taken.
    pub(crate) fn encode(&self, writer: &mut SnapshotWriter<'_>) {
        writer.word(self.rungs.len() as u64);
        for head in self.free {
            let next = |&start: &u32| Some(self.rungs[start as usize].key as u32).filter(|&start| start != NONE);
            let list = || core::iter::successors(Some(head).filter(|&start| start != NONE), next);
            writer.word(list().count() as u64);
            list().for_each(|start| writer.word(start.into()));
        }
    }
}

impl Ladder {
    /// Writes how long it is and where; the rungs are written by their owner.
    pub(crate) fn encode(&self, writer: &mut SnapshotWriter<'_>) {
        writer.word(self.len.into());
        if self.len > 0 {
            writer.word(self.class.into());
            writer.word(self.start.into());
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len as usize
    }
}

/// Ladders being read back: every block is free or some ladder's, and none is both or twice.
pub(crate) struct Rebuild<T> {
    ladders: Ladders<T>,
    /// Whether each [`BLOCK_MIN`] rungs have an owner.
    owned: Vec<bool>,
}

impl<T: Copy + Default> Rebuild<T> {
    pub(crate) fn decode(levels: usize, reader: &mut SnapshotReader<'_>) -> Result<Self, SnapshotError> {
        let reserve = levels.saturating_mul(4).saturating_add(1 << 10);
        reserve_would_fit::<Rung<T>>(reserve).ok_or(reader.error("a capacity for which there is memory"))?;
        let mut ladders = Ladders::new(levels);
        let used = reader.below(ladders.capacity as u64 + 1, "no more rungs than the capacity")? as usize;
        ladders.rungs.resize(used, Rung::default());
        let mut rebuild = Self { ladders, owned: vec![false; used / BLOCK_MIN as usize] };
        (0..CLASSES as u8).try_for_each(|class| rebuild.free_list(class, reader))?;
        Ok(rebuild)
    }

    fn free_list(&mut self, class: u8, reader: &mut SnapshotReader<'_>) -> Result<(), SnapshotError> {
        let count = reader.count(self.owned.len(), "no more free blocks than blocks")?;
        let starts: Vec<u32> = (0..count).map(|_| self.own(class, reader)).collect::<Result<_, _>>()?;
        starts.into_iter().rev().for_each(|start| self.ladders.give(start, class));
        Ok(())
    }

    /// Reads where a block begins and makes sure that nobody else has it.
    fn own(&mut self, class: u8, reader: &mut SnapshotReader<'_>) -> Result<u32, SnapshotError> {
        let start = reader.half()?;
        let (first, count) = ((start / BLOCK_MIN) as usize, (size(class) / BLOCK_MIN) as usize);
        let block = self.owned.get_mut(first..first + count).filter(|_| start.is_multiple_of(BLOCK_MIN));
        match block {
            Some(block) if !block.contains(&true) => block.fill(true),
            _ => return Err(reader.error("a block of rungs without another owner")),
        }
        Ok(start)
    }

    /// Reads where a ladder is.
    pub(crate) fn ladder(&mut self, reader: &mut SnapshotReader<'_>) -> Result<Ladder, SnapshotError> {
        let len = reader.half()?;
        if len == 0 {
            return Ok(Ladder::EMPTY);
        }
        let class = reader.below(CLASSES as u64, "a size of blocks")? as u8;
        if len > size(class) {
            return Err(reader.error("a block as long as its ladder"));
        }
        Ok(Ladder { start: self.own(class, reader)?, len, class })
    }

    /// Sets a rung; their keys must grow.
    pub(crate) fn set(
        &mut self,
        ladder: &Ladder,
        position: usize,
        rung: Rung<T>,
        reader: &SnapshotReader<'_>,
    ) -> Result<(), SnapshotError> {
        if position > 0 && self.ladders.rung_mut(ladder, position - 1).key >= rung.key {
            return Err(reader.error("prices from the worst to the best"));
        }
        *self.ladders.rung_mut(ladder, position) = rung;
        Ok(())
    }

    /// Returns the ladders once every block has an owner.
    pub(crate) fn finish(self, reader: &SnapshotReader<'_>) -> Result<Ladders<T>, SnapshotError> {
        let whole = self.ladders.rungs.len().is_multiple_of(BLOCK_MIN as usize) && !self.owned.contains(&false);
        if whole { Ok(self.ladders) } else { Err(reader.error("an owner for every block of rungs")) }
    }
}

/// Looks for `key` from a position that isn't behind it.
#[inline]
fn search<T>(rungs: &[Rung<T>], from: usize, key: i64) -> Result<usize, usize> {
    for (position, rung) in rungs.iter().enumerate().skip(from).take(NEAR) {
        if rung.key >= key {
            return if rung.key == key { Ok(position) } else { Err(position) };
        }
    }
    rungs.binary_search_by_key(&key, |rung| rung.key)
}

/// Looks for `key` where prices are far apart: from the best on, then by bisection.
fn find_sparse<T>(rungs: &[Rung<T>], key: i64) -> Result<usize, usize> {
    let far = rungs.len().saturating_sub(NEAR);
    for position in (far..rungs.len()).rev() {
        let here = rungs[position].key;
        if here <= key {
            return if here == key { Ok(position) } else { Err(position + 1) };
        }
    }
    rungs[..far].binary_search_by_key(&key, |rung| rung.key)
}

const fn size(class: u8) -> u32 {
    BLOCK_MIN << class
}
