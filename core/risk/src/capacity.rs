//! How much memory the gate reserves.

use crate::GateError;

/// The most of everything that the gate has room for; memory is reserved once, and touched only as it fills.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Capacity {
    /// Most instruments, 65,536 at most.
    pub instruments: u32,
    /// Most accounts; account ids lie below it.
    pub accounts: u32,
    /// Most sessions, 65,536 at most; session ids lie below it.
    pub sessions: u32,
    /// Most (account, instrument) pairs that ever trade or are restricted.
    pub slots: u32,
    /// How many of those are expected: up to here the index never grows, which past it happens at each doubling.
    pub slots_expected: u32,
    /// Most currencies, 256 at most.
    pub currencies: u32,
}

/// Most instruments: so many exposures of 2^110 add up within 128 bits.
const INSTRUMENTS_MAX: u32 = 1 << 16;
const SESSIONS_MAX: u32 = 1 << 16;
const CURRENCIES_MAX: u32 = 1 << 8;
/// Slots are numbered in 31 bits, so that the index, twice as large, still has a 32-bit length.
const SLOTS_MAX: u32 = 1 << 30;

impl Capacity {
    /// Checks the capacities against what the gate can number and add up.
    pub(crate) fn checked(self) -> Result<Self, GateError> {
        let most = [
            ("instruments", self.instruments, INSTRUMENTS_MAX),
            ("accounts", self.accounts, SLOTS_MAX),
            ("sessions", self.sessions, SESSIONS_MAX),
            ("risk slots", self.slots, SLOTS_MAX),
            ("expected risk slots", self.slots_expected, self.slots),
            ("currencies", self.currencies, CURRENCIES_MAX),
        ];
        match most.into_iter().find(|(_, asked, most)| asked > most) {
            Some((what, _, most)) => Err(GateError::Capacity { what, most }),
            None => Ok(self),
        }
    }
}

/// Returns an empty list with room for `count`, which it will never pass.
pub(crate) fn reserved<T>(count: u32, what: &'static str) -> Result<Vec<T>, GateError> {
    let mut list = Vec::new();
    list.try_reserve_exact(count as usize).map_err(|_| GateError::Memory { what, count })?;
    Ok(list)
}
