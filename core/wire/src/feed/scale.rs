//! From a format's fixed point to an instrument's units.

use omni_types::{Decimal, DecimalError, Instrument, InstrumentId, Price, Qty};

use crate::Flaw;

/// The instrument that a feed's number stands for, with its units.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Listing {
    /// Slot in the engine.
    pub instrument: InstrumentId,
    /// One price unit, in the currency.
    pub price_unit: Decimal,
    /// One quantity unit, in shares or contracts.
    pub quantity_unit: Decimal,
}

impl From<&Instrument> for Listing {
    fn from(instrument: &Instrument) -> Self {
        let spec = &instrument.spec;
        Self { instrument: instrument.id, price_unit: spec.price_unit, quantity_unit: spec.quantity_unit }
    }
}

/// Exact conversion of a format's counts to an instrument's: times one number, over another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Ratio {
    times: i64,
    over: i64,
}

impl Ratio {
    /// The ratio of a format's step to a unit, in lowest terms.
    fn new(step: Decimal, unit: Decimal) -> Result<Self, DecimalError> {
        let off = DecimalError::OffUnit { value: step, unit };
        let exponent = step.exponent.min(unit.exponent);
        let (Some(times), Some(over)) = (step.scaled(exponent), unit.scaled(exponent)) else { return Err(off) };
        if over <= 0 || times <= 0 {
            return Err(off);
        }
        let divisor = gcd(times, over);
        match (i64::try_from(times / divisor), i64::try_from(over / divisor)) {
            (Ok(times), Ok(over)) => Ok(Self { times, over }),
            _ => Err(off),
        }
    }

    #[inline]
    fn apply(self, raw: i64) -> Result<i64, Flaw> {
        let whole = raw % self.over == 0;
        let units = (raw / self.over).checked_mul(self.times).filter(|_| whole);
        units.ok_or(Flaw::OffUnit { found: raw, unit: self.over.unsigned_abs() })
    }
}

const fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Converts a format's prices and quantities to an instrument's units, exactly.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scale {
    /// Slot of the instrument in the engine.
    pub instrument: InstrumentId,
    price: Ratio,
    quantity: Ratio,
}

impl Scale {
    /// Prepares the conversion from prices in counts of `price_step` and whole shares or contracts.
    ///
    /// # Errors
    /// [`DecimalError::OffUnit`] when a unit isn't positive, or the ratio doesn't fit 64 bits.
    pub fn new(listing: &Listing, price_step: Decimal) -> Result<Self, DecimalError> {
        Ok(Self {
            instrument: listing.instrument,
            price: Ratio::new(price_step, listing.price_unit)?,
            quantity: Ratio::new(Decimal::ONE, listing.quantity_unit)?,
        })
    }

    /// Returns a price in price units.
    ///
    /// # Errors
    /// [`Flaw::OffUnit`] when it isn't a whole count of them.
    #[inline]
    pub fn price(&self, raw: i64) -> Result<Price, Flaw> {
        self.price.apply(raw).map(Price)
    }

    /// Returns a quantity in quantity units.
    ///
    /// # Errors
    /// [`Flaw::OffUnit`] when it isn't a whole count of them.
    #[inline]
    pub fn quantity(&self, raw: u64) -> Result<Qty, Flaw> {
        let raw = i64::try_from(raw).map_err(|_| Flaw::Field { name: "quantity", found: raw })?;
        self.quantity.apply(raw).map(|units| Qty(units.unsigned_abs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(unit: &str, step: Decimal) -> Scale {
        let price_unit = Decimal::parse(unit).unwrap();
        let listing = Listing { instrument: InstrumentId(3), price_unit, quantity_unit: Decimal::new(1, -2) };
        Scale::new(&listing, step).unwrap()
    }

    #[test]
    fn converts_whole_units_and_refuses_the_rest() {
        let es = scale("0.25", Decimal::new(1, -9));
        assert_eq!(es.price(4_810_250_000_000), Ok(Price(19_241)));
        assert_eq!(es.price(-250_000_000), Ok(Price(-1)));
        let off = es.price(4_810_100_000_000);
        assert_eq!(off, Err(Flaw::OffUnit { found: 4_810_100_000_000, unit: 250_000_000 }));
        assert_eq!(es.quantity(7), Ok(Qty(700)));
        assert!(es.quantity(u64::MAX).is_err());
    }

    #[test]
    fn a_finer_unit_multiplies() {
        let fine = scale("0.000001", Decimal::new(1, -4));
        assert_eq!(fine.price(12_345), Ok(Price(1_234_500)));
        assert!(fine.price(i64::MAX).is_err());
    }

    #[test]
    fn refuses_units_that_are_not_positive() {
        let listing =
            Listing { instrument: InstrumentId(0), price_unit: Decimal::new(0, 0), quantity_unit: Decimal::ONE };
        assert!(Scale::new(&listing, Decimal::new(1, -4)).is_err());
    }
}
