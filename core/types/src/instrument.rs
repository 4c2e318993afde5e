//! What is traded, with its units.

use core::fmt;

use crate::{ContractTerms, Currency, Decimal, InstrumentId, Mic, Money, Price, Qty, Symbol};

/// Broad kind of an instrument (ISO 10962 CFI's first letter, in words).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[repr(u8)]
pub enum AssetClass {
    /// Shares and exchange-traded funds.
    #[default]
    Equity = 0,
    /// Futures.
    Future = 1,
    /// Options.
    Option = 2,
    /// Spot foreign exchange.
    Fx = 3,
    /// Bonds.
    Bond = 4,
    /// Crypto assets.
    Crypto = 5,
}

/// An instrument as a person declares it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InstrumentSpec {
    /// The venue's symbol.
    pub symbol: Symbol,
    /// The venue.
    pub venue: Mic,
    /// Kind.
    pub asset_class: AssetClass,
    /// Currency of price and value.
    pub currency: Currency,
    /// One price unit, in currency; divides every tick.
    pub price_unit: Decimal,
    /// One quantity unit, in shares, contracts or coins.
    pub quantity_unit: Decimal,
    /// Value of one whole share or contract per whole unit of price.
    pub multiplier: Decimal,
    /// The tick, in price units.
    pub tick: i64,
    /// The lot, in quantity units.
    pub lot: Qty,
    /// Lowest price allowed, in price units; may be negative.
    pub price_min: Price,
    /// Highest price allowed, in price units.
    pub price_max: Price,
    /// Largest order quantity, in quantity units.
    pub quantity_max: Qty,
    /// Expiry, underlying, strike and the like.
    pub terms: ContractTerms,
}

/// A listed instrument: a checked [`InstrumentSpec`] and what follows from it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Instrument {
    /// Slot in the engine.
    pub id: InstrumentId,
    /// As declared.
    pub spec: InstrumentSpec,
    /// Money of one price unit times one quantity unit, in 10^-20 of the currency.
    pub value: i128,
    /// Largest position the engine's numbers carry at any allowed price, in quantity units.
    pub position_max: Qty,
}

/// Says why an instrument can't be listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InstrumentError {
    /// A unit, multiplier, tick, lot or maximum is not positive.
    NotPositive(&'static str),
    /// The lowest price is above the highest.
    PriceRange,
    /// One unit's value isn't a whole count of 10^-20.
    ValueTooFine,
    /// The largest order at the largest price doesn't fit the engine's numbers.
    RangeTooLarge,
    /// ContractTerms that don't belong to its class, or to each other.
    ContractTerms(&'static str),
}

impl fmt::Display for InstrumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPositive(field) => write!(f, "{field} must be above zero"),
            Self::PriceRange => f.write_str("price_min must not be above price_max"),
            Self::ValueTooFine => {
                f.write_str("price_unit x quantity_unit x multiplier must be a whole count of 10^-20 of the currency")
            }
            Self::RangeTooLarge => f.write_str(
                "the largest quantity at the largest price doesn't fit; lower quantity_max or the price range, or coarsen the units",
            ),
            Self::ContractTerms(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for InstrumentError {}

/// Most money one order may be worth, in 10^-20 of a currency (5 x 10^13 whole units).
const NOTIONAL_MAX: i128 = 1 << 112;
/// Most money one position may be worth, likewise; the gate holds positions to it, so that no sum overflows.
const POSITION_VALUE_MAX: i128 = 1 << 118;

impl Instrument {
    /// Checks a declaration.
    ///
    /// # Errors
    /// [`InstrumentError`] where a later number could overflow or be rounded; what is accepted here can't.
    pub fn new(id: InstrumentId, spec: InstrumentSpec) -> Result<Self, InstrumentError> {
        let positive = [
            ("price_unit", spec.price_unit.mantissa > 0),
            ("quantity_unit", spec.quantity_unit.mantissa > 0),
            ("multiplier", spec.multiplier.mantissa > 0),
            ("tick", spec.tick > 0),
            ("lot", spec.lot.0 > 0),
            ("quantity_max", spec.quantity_max.0 > 0),
        ];
        if let Some((field, _)) = positive.iter().find(|(_, ok)| !ok) {
            return Err(InstrumentError::NotPositive(field));
        }
        if spec.price_min > spec.price_max {
            return Err(InstrumentError::PriceRange);
        }
        spec.terms.check(spec.asset_class, id)?;
        let value = unit_value(&spec).ok_or(InstrumentError::ValueTooFine)?;
        let price_most = spec.price_min.0.unsigned_abs().max(spec.price_max.0.unsigned_abs());
        let fits = price_most < 1 << 62
            && spec.quantity_max.0 < 1 << 62
            && value
                .checked_mul(i128::from(price_most))
                .and_then(|v| v.checked_mul(i128::from(spec.quantity_max.0)))
                .is_some_and(|v| v <= NOTIONAL_MAX);
        if !fits {
            return Err(InstrumentError::RangeTooLarge);
        }
        let position_max = POSITION_VALUE_MAX / (value * i128::from(price_most.max(1)));
        Ok(Self { id, spec, value, position_max: Qty(position_max.min(1 << 62) as u64) })
    }

    /// Returns price times quantity in money.
    #[must_use]
    pub fn notional(&self, price: Price, quantity: Qty) -> Money {
        Money(self.value * i128::from(price.0) * i128::from(quantity.0))
    }

    /// Returns what an amount quoted as the price is, such as a dividend, comes to per quantity unit; `None` where that
    /// isn't a whole count of 10^-20, or doesn't fit.
    #[must_use]
    pub fn per_unit(&self, amount: Decimal) -> Option<Money> {
        unit_value(&InstrumentSpec { price_unit: amount, ..self.spec }).map(Money)
    }

    /// Returns whether an order may have this price.
    #[must_use]
    pub fn accepts_price(&self, price: Price) -> bool {
        (self.spec.price_min..=self.spec.price_max).contains(&price) && price.0 % self.spec.tick == 0
    }

    /// Returns whether an order may have this quantity.
    #[must_use]
    pub fn accepts_quantity(&self, quantity: Qty) -> bool {
        quantity.0 > 0
            && quantity <= self.spec.quantity_max
            && (self.spec.lot.0 == 1 || quantity.0.is_multiple_of(self.spec.lot.0))
    }
}

fn unit_value(spec: &InstrumentSpec) -> Option<i128> {
    let mantissa = i128::from(spec.price_unit.mantissa)
        .checked_mul(i128::from(spec.quantity_unit.mantissa))?
        .checked_mul(i128::from(spec.multiplier.mantissa))?;
    let exponent = i32::from(spec.price_unit.exponent)
        + i32::from(spec.quantity_unit.exponent)
        + i32::from(spec.multiplier.exponent)
        + 20;
    let power = 10_i128.checked_pow(exponent.unsigned_abs())?;
    if exponent >= 0 { mantissa.checked_mul(power) } else { (mantissa % power == 0).then(|| mantissa / power) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equity() -> InstrumentSpec {
        InstrumentSpec {
            symbol: Symbol::new("AAPL").unwrap(),
            venue: Mic::new("XNAS").unwrap(),
            asset_class: AssetClass::Equity,
            currency: Currency::new("USD").unwrap(),
            price_unit: Decimal::new(1, -2),
            quantity_unit: Decimal::ONE,
            multiplier: Decimal::ONE,
            tick: 1,
            lot: Qty(1),
            price_min: Price(1),
            price_max: Price(10_000_000),
            quantity_max: Qty(10_000_000),
            terms: ContractTerms::NONE,
        }
    }

    #[test]
    fn notional_is_exact() {
        let aapl = Instrument::new(InstrumentId(0), equity()).unwrap();
        assert_eq!(aapl.notional(Price(15_025), Qty(100)).to_string(), "15025.00");
    }

    #[test]
    fn crypto_units_of_1e_12_and_1e_8_fit() {
        let spec = InstrumentSpec {
            price_unit: Decimal::new(1, -12),
            quantity_unit: Decimal::new(1, -8),
            quantity_max: Qty(100_000_000_000),
            price_max: Price(1_000_000_000_000_000),
            ..equity()
        };
        assert_eq!(Instrument::new(InstrumentId(0), spec).unwrap().value, 1);
    }

    #[test]
    fn a_dividend_is_counted_per_quantity_unit() {
        let aapl = Instrument::new(InstrumentId(0), equity()).unwrap();
        assert_eq!(aapl.per_unit(Decimal::new(24, -2)).map(|cash| cash.to_string()), Some("0.24".to_owned()));
        let parts = Instrument { spec: InstrumentSpec { quantity_unit: Decimal::new(1, -8), ..equity() }, ..aapl };
        assert_eq!(parts.per_unit(Decimal::new(24, -2)), Some(Money(Money::ONE / 100_000_000 * 24 / 100)));
        assert_eq!(parts.per_unit(Decimal::new(1, -13)), None);
    }

    #[test]
    fn refuses_what_could_round_or_overflow() {
        let fine = InstrumentSpec { price_unit: Decimal::new(1, -13), quantity_unit: Decimal::new(1, -8), ..equity() };
        assert_eq!(Instrument::new(InstrumentId(0), fine), Err(InstrumentError::ValueTooFine));
        let large = InstrumentSpec { quantity_max: Qty(u64::MAX), ..equity() };
        assert_eq!(Instrument::new(InstrumentId(0), large), Err(InstrumentError::RangeTooLarge));
        let zero = InstrumentSpec { tick: 0, ..equity() };
        assert_eq!(Instrument::new(InstrumentId(0), zero), Err(InstrumentError::NotPositive("tick")));
    }
}
