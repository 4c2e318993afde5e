//! How much the books hold, and what is said when they are full.

use crate::{Level3, OrderIndex};

/// Says which pool has no room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Full {
    /// No room for one more order.
    Orders,
    /// No room for one more price level.
    Levels,
    /// The total quantity at the price would pass 64 bits.
    Quantity,
}

impl core::fmt::Display for Full {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Orders => "the order pool is full; raise engine.orders",
            Self::Levels => "the price level pool is full; raise engine.levels",
            Self::Quantity => "the total quantity at this price would pass 64 bits",
        })
    }
}

impl std::error::Error for Full {}

/// How much the books hold; memory is reserved for it at start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Capacity {
    /// Instruments.
    pub instruments: usize,
    /// Orders resting at once over all instruments.
    pub orders: usize,
    /// Price levels in use at once over all instruments and sides.
    pub levels: usize,
}

impl Capacity {
    /// Returns how many bytes books of this capacity and the index of their orders reserve.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        Level3::bytes(*self) + OrderIndex::bytes(self.orders)
    }
}
