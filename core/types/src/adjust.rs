//! Corporate actions: what they do to an instrument, its positions and its prices.

use crate::{InstrumentId, Money, Price, Qty, Symbol, Time};

/// So many new shares for so many old ones.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Ratio {
    new: u32,
    old: u32,
}

impl Ratio {
    /// The most of either.
    pub const MOST: u32 = 1_000_000;

    /// Builds a ratio; `None` where either number is 0 or above [`Self::MOST`].
    #[must_use]
    pub const fn new(new: u32, old: u32) -> Option<Self> {
        let fits = new > 0 && new <= Self::MOST && old > 0 && old <= Self::MOST;
        if fits { Some(Self { new, old }) } else { None }
    }

    /// Returns how many new ones.
    #[must_use]
    pub const fn new_units(self) -> u32 {
        self.new
    }

    /// Returns for how many old ones.
    #[must_use]
    pub const fn old_units(self) -> u32 {
        self.old
    }

    /// Returns what becomes of a quantity: whole units, and the rest in `1 / old` of a unit. Units beyond 64 bits stop
    /// there; listing keeps what an instrument may be held in far below.
    #[must_use]
    pub fn quantity(self, quantity: Qty) -> (Qty, u32) {
        let (wide, old) = (u128::from(quantity.0) * u128::from(self.new), u128::from(self.old));
        (Qty(u64::try_from(wide / old).unwrap_or(u64::MAX)), (wide % old) as u32)
    }

    /// Returns what becomes of a price, rounded to the nearest unit, half to even.
    #[must_use]
    pub fn price(self, price: Price) -> Price {
        let (wide, new) = (i128::from(price.0) * i128::from(self.old), i128::from(self.new));
        let (down, rest) = (wide.div_euclid(new), wide.rem_euclid(new));
        let up = rest * 2 > new || (rest * 2 == new && down % 2 != 0);
        let rounded = down + i128::from(up);
        Price(rounded.clamp(i64::MIN.into(), i64::MAX.into()) as i64)
    }
}

/// What a corporate action does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// A split, a reverse split or a share dividend.
    Split(Ratio),
    /// A cash dividend.
    Dividend {
        /// Per quantity unit, in the instrument's currency; above zero.
        cash: Money,
    },
    /// A new symbol.
    Rename(Symbol),
}

impl Action {
    /// Returns what becomes of a price, where a price unit times a quantity unit is worth `value` in 10^-20 of the
    /// currency: a split scales it, a dividend takes its cash off it, rounded down to a price unit.
    #[must_use]
    pub fn price(&self, price: Price, value: u128) -> Price {
        match *self {
            Self::Split(ratio) => ratio.price(price),
            Self::Dividend { cash } if value > 0 => {
                let units = i64::try_from(cash.0.unsigned_abs().div_ceil(value)).unwrap_or(i64::MAX);
                Price(price.0.saturating_sub(units))
            }
            Self::Dividend { .. } | Self::Rename(_) => price,
        }
    }
}

/// Applies a corporate action to an instrument: its open orders are cancelled, its positions and prices adjusted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Adjust {
    /// The instrument.
    pub instrument: InstrumentId,
    /// What is done.
    pub action: Action,
}

/// A corporate action that was applied, after the reports of the orders that it cancelled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Adjusted {
    /// Engine time.
    pub time: Time,
    /// The instrument.
    pub instrument: InstrumentId,
    /// What was done.
    pub action: Action,
    /// The reference price until then, at which fractions of a unit were paid out.
    pub reference: Option<Price>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_ratio_is_above_zero_and_not_beyond_its_most() {
        assert!(Ratio::new(3, 2).is_some());
        assert!([(0, 1), (1, 0), (Ratio::MOST + 1, 1), (1, u32::MAX)].iter().all(|&(n, m)| Ratio::new(n, m).is_none()));
    }

    #[test]
    fn a_split_scales_quantity_and_price_against_each_other() {
        let split = Ratio::new(3, 2).unwrap();
        assert_eq!(split.quantity(Qty(7)), (Qty(10), 1));
        assert_eq!(split.price(Price(300)), Price(200));
        assert_eq!((split.price(Price(-301)), split.price(Price(1))), (Price(-201), Price(1)));
        let reverse = Ratio::new(1, 10).unwrap();
        assert_eq!(reverse.quantity(Qty(19)), (Qty(1), 9));
        assert_eq!(Ratio::new(2, 1).map(|r| [1, 3, 5, -1].map(|p| r.price(Price(p)).0)), Some([0, 2, 2, 0]));
        assert_eq!(Ratio::new(1, 1_000_000).map(|r| r.price(Price(i64::MAX))), Some(Price(i64::MAX)));
    }

    proptest! {
        #[test]
        fn fuzz_no_part_of_a_unit_is_lost(quantity in 0..1_u64 << 62, new in 1..=Ratio::MOST, old in 1..=Ratio::MOST) {
            let (whole, rest) = Ratio::new(new, old).unwrap().quantity(Qty(quantity));
            prop_assert!(rest < old);
            if whole.0 < u64::MAX {
                let parts = u128::from(whole.0) * u128::from(old) + u128::from(rest);
                prop_assert_eq!(parts, u128::from(quantity) * u128::from(new));
            }
        }
    }
}
