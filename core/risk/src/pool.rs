//! The sparse pool of (account, instrument) slots and the index that finds them.

use omni_types::{AccountId, InstrumentId, Side};

use crate::GateError;
use crate::account::NO_SLOT;
use crate::capacity::reserved;

/// Names an (account, instrument) slot; stable for the gate's life, snapshots included, so that an order can keep it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SlotId(pub(crate) u32);

impl SlotId {
    /// Returns the slot's number, counted from 0 in the order of first use.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What the checks read of a pair, one cache line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(align(64))]
pub(crate) struct Slot {
    pub account: AccountId,
    pub instrument: InstrumentId,
    pub restricted: bool,
    /// Signed position, in quantity units.
    pub position: i64,
    /// Open quantity of buys and sells, in quantity units.
    pub open: [u64; 2],
    /// The price of the last valuation: used again only while the instrument has no reference price.
    pub valued: i64,
    /// Worst-case value in the account's currency at the last valuation.
    pub exposure: u128,
}

/// The money of a pair, in the account's currency.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Holding {
    /// What the open position cost; negative for a short one.
    pub cost: i128,
    pub realised: i128,
    /// Market value at the last valuation.
    pub market: i128,
    /// The account's next slot.
    pub next: u32,
}

impl Slot {
    pub const fn new(account: AccountId, instrument: InstrumentId) -> Self {
        Self { account, instrument, restricted: false, position: 0, open: [0; 2], valued: 0, exposure: 0 }
    }

    /// Returns the position if every open order of `side` and `more` besides were filled, counted towards that side.
    ///
    /// Exact while `more` is an order's quantity, and the end of the range where it isn't: listing keeps positions under
    /// 2^62, so open quantity under 2^63.
    #[inline]
    pub fn reach(&self, side: Side, more: u64) -> i64 {
        let signed = |quantity: u64| i64::try_from(quantity).unwrap_or(i64::MAX);
        (self.position * side.sign()).saturating_add(signed(self.open[side.index()])).saturating_add(signed(more))
    }

    /// Returns the largest absolute position that fills of one side's open orders, and `more` on `side`, could make.
    #[inline]
    pub fn worst(&self, side: Side, more: u64) -> u64 {
        self.reach(side, more).unsigned_abs().max(self.reach(side.opposite(), 0).unsigned_abs())
    }
}

impl Holding {
    pub const NEW: Self = Self { cost: 0, realised: 0, market: 0, next: NO_SLOT };
}

/// The pool: slots in the order of first use, never given back.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    pub slots: Vec<Slot>,
    pub holdings: Vec<Holding>,
    most: usize,
    index: Index,
}

impl Pool {
    pub fn new(most: u32, expected: u32) -> Result<Self, GateError> {
        Ok(Self {
            slots: reserved(most, "risk slots")?,
            holdings: reserved(most, "risk slots")?,
            most: most as usize,
            index: Index::new(most, expected)?,
        })
    }

    #[inline]
    pub fn find(&self, account: AccountId, instrument: InstrumentId) -> Option<u32> {
        self.index.find(account, instrument, &self.slots)
    }

    pub fn has_room(&self) -> bool {
        self.slots.len() < self.most
    }

    /// Takes the next slot for a pair that has none; the caller has made sure of the room.
    pub fn take(&mut self, account: AccountId, instrument: InstrumentId) -> u32 {
        debug_assert!(self.has_room(), "Invariant: a slot is taken only where there is room");
        let number = self.slots.len() as u32;
        self.slots.push(Slot::new(account, instrument));
        self.holdings.push(Holding::NEW);
        self.index.insert(number, &self.slots);
        number
    }
}

/// Open addressing with linear probing over slot numbers, at most half full; keys stay in the slots.
///
/// Memory for the largest table is reserved at once, but only the part in use is touched, so that few live slots stay in
/// the cache however many are allowed.
#[derive(Clone, Debug)]
struct Index {
    table: Vec<u32>,
}

impl Index {
    fn new(most: u32, expected: u32) -> Result<Self, GateError> {
        let size = |slots: u32| (slots.max(8) * 2).next_power_of_two();
        let mut table = reserved(size(most), "places in the index of risk slots")?;
        table.resize(size(expected) as usize, NO_SLOT);
        Ok(Self { table })
    }

    #[inline]
    fn find(&self, account: AccountId, instrument: InstrumentId, slots: &[Slot]) -> Option<u32> {
        let mask = self.table.len() - 1;
        let mut place = hash(account, instrument) & mask;
        loop {
            let number = self.table[place & mask];
            let slot = slots.get(number as usize)?;
            if slot.account == account && slot.instrument == instrument {
                return Some(number);
            }
            place += 1;
        }
    }

    fn insert(&mut self, number: u32, slots: &[Slot]) {
        if slots.len() * 2 <= self.table.len() {
            return self.put(number, slots);
        }
        let size = self.table.len() * 2;
        self.table.clear();
        self.table.resize(size, NO_SLOT);
        (0..slots.len() as u32).for_each(|number| self.put(number, slots));
    }

    fn put(&mut self, number: u32, slots: &[Slot]) {
        let mask = self.table.len() - 1;
        let slot = &slots[number as usize];
        let mut place = hash(slot.account, slot.instrument) & mask;
        while self.table[place] != NO_SLOT {
            place = (place + 1) & mask;
        }
        self.table[place] = number;
    }
}

/// Multiplies and folds, so that neighbouring pairs scatter.
#[inline]
fn hash(account: AccountId, instrument: InstrumentId) -> usize {
    let key = u64::from(account.0) << 32 | u64::from(instrument.0);
    let wide = u128::from(key ^ 0x9E37_79B9_7F4A_7C15) * 0xD6E8_FEB8_6659_FD93;
    (wide as u64 ^ (wide >> 64) as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_pair_and_no_other_while_it_grows() {
        let mut pool = Pool::new(5_000, 1).unwrap();
        let reserved = pool.index.table.capacity();
        for n in 0..5_000 {
            assert_eq!(pool.take(AccountId(n % 71), InstrumentId(n / 71)), n);
        }
        assert!(!pool.has_room());
        for n in 0..5_000 {
            assert_eq!(pool.find(AccountId(n % 71), InstrumentId(n / 71)), Some(n));
        }
        assert_eq!(pool.find(AccountId(71), InstrumentId(0)), None);
        assert_eq!(pool.index.table.capacity(), reserved);
        assert_eq!(size_of::<Slot>(), 64);
    }

    #[test]
    fn worst_case_takes_the_worse_side() {
        let mut slot = Slot::new(AccountId(0), InstrumentId(0));
        (slot.position, slot.open) = (100, [20, 350]);
        assert_eq!(slot.worst(Side::Buy, 0), 250);
        assert_eq!(slot.worst(Side::Buy, 200), 320);
        assert_eq!(slot.worst(Side::Sell, 0), 250);
        assert_eq!(slot.worst(Side::Sell, 50), 300);
        assert_eq!(slot.worst(Side::Sell, u64::MAX), i64::MAX as u64);
    }
}
