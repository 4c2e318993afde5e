//! Exact numbers: price, quantity, money, time.

use core::fmt;

use crate::{Decimal, DecimalError};

/// A signed count of an instrument's price unit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
#[repr(transparent)]
pub struct Price(pub i64);

/// An unsigned count of an instrument's quantity unit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
#[repr(transparent)]
pub struct Qty(pub u64);

/// A signed count of 10^-20 of a currency.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
#[repr(transparent)]
pub struct Money(pub i128);

/// Nanoseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
#[repr(transparent)]
pub struct Time(pub i64);

impl Qty {
    /// No quantity.
    pub const ZERO: Self = Self(0);

    /// Returns the quantity as a signed count for `side` arithmetic.
    ///
    /// Listing bounds every quantity to `i64::MAX`, so the conversion cannot fail on a listed instrument.
    #[must_use]
    pub const fn signed(self) -> i64 {
        debug_assert!(self.0 <= i64::MAX as u64, "Invariant: a quantity fits a signed count");
        self.0 as i64
    }

    /// Returns the smaller of two quantities.
    #[must_use]
    pub const fn min(self, other: Self) -> Self {
        if self.0 < other.0 { self } else { other }
    }
}

impl Money {
    /// No money.
    pub const ZERO: Self = Self(0);
    /// The count of one whole unit of a currency.
    pub const ONE: i128 = 100_000_000_000_000_000_000;

    /// Converts a decimal amount.
    ///
    /// # Errors
    /// [`DecimalError::OutOfRange`] past 20 decimals or 128 bits.
    pub fn from_decimal(amount: Decimal) -> Result<Self, DecimalError> {
        amount.scaled(-20).map(Self).ok_or_else(|| DecimalError::OutOfRange(amount.to_string()))
    }

    /// Returns the amount as a float for display and statistics, never for the ledger.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        // Split so that whole units keep their exactness up to 2^53.
        (self.0 / Self::ONE) as f64 + (self.0 % Self::ONE) as f64 / Self::ONE as f64
    }
}

impl Time {
    /// One second in nanoseconds.
    pub const SECOND: i64 = 1_000_000_000;

    /// Returns the time `nanos` later, at the end of the range at most.
    #[must_use]
    pub const fn plus(self, nanos: i64) -> Self {
        Self(self.0.saturating_add(nanos))
    }
}

impl core::ops::Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl core::ops::Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl core::ops::Neg for Money {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl core::ops::AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl core::ops::SubAssign for Money {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl fmt::Display for Money {
    /// Writes the exact decimal amount without trailing zeros, at least two decimals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        let one = Self::ONE.unsigned_abs();
        let digits = format!("{:020}", magnitude % one);
        let kept = digits.trim_end_matches('0').len().max(2);
        write!(f, "{sign}{}.{}", magnitude / one, &digits[..kept])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_prints_exactly() {
        assert_eq!(Money(Money::ONE * 12 + Money::ONE / 4).to_string(), "12.25");
        assert_eq!(Money(-Money::ONE / 2).to_string(), "-0.50");
        assert_eq!(Money(1).to_string(), "0.00000000000000000001");
        assert!((Money(Money::ONE * 3 / 2).to_f64() - 1.5).abs() < 1e-15);
    }

    #[test]
    fn time_stops_at_the_end_of_its_range() {
        assert_eq!(Time(i64::MAX).plus(1), Time(i64::MAX));
    }
}
