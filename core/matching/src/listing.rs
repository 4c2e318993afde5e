//! What the exchange holds of a listed instrument.

use omni_types::{Price, Qty, TradingState};

/// A listed instrument's rules and trading state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listing {
    pub(crate) price_min: Price,
    pub(crate) price_max: Price,
    pub(crate) tick: i64,
    pub(crate) lot: u64,
    pub(crate) quantity_max: Qty,
    pub(crate) state: TradingState,
}

impl Listing {
    #[inline(always)]
    pub(crate) fn accepts_price(&self, price: Price) -> bool {
        price >= self.price_min && price <= self.price_max && (self.tick == 1 || price.0 % self.tick == 0)
    }

    #[inline(always)]
    pub(crate) fn accepts_quantity(&self, quantity: Qty) -> bool {
        quantity.0 > 0 && quantity <= self.quantity_max && (self.lot == 1 || quantity.0.is_multiple_of(self.lot))
    }
}
