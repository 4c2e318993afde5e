//! ContractTerms of derivatives and bonds: when they end, on what, and what an option gives the right to.

use crate::{AssetClass, InstrumentError, InstrumentId, Price, Time};

/// Whether an option gives the right to sell or to buy (FIX tag 201).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum OptionRight {
    /// To sell the underlying at the strike.
    Put = 0,
    /// To buy the underlying at the strike.
    Call = 1,
}

/// When an option may be exercised (FIX tag 1194).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum Exercise {
    /// At expiry alone.
    European = 0,
    /// At any time until expiry.
    American = 1,
    /// At stated times.
    Bermudan = 2,
}

/// What an option gives the right to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct OptionTerms {
    /// The price of the underlying in the option's own price units.
    pub strike: Price,
    /// Put or call.
    pub right: OptionRight,
    /// When it may be exercised.
    pub exercise: Exercise,
}

/// When and on what an instrument ends; all of it is left out where it never does, or where nobody has said.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct ContractTerms {
    /// Expiry of a derivative, maturity of a bond.
    pub expiry: Option<Time>,
    /// What a future or an option is on: an instrument of the same run that was listed before. A series shares one.
    pub underlying: Option<InstrumentId>,
    /// Strike, right and style of an option.
    pub option: Option<OptionTerms>,
}

impl ContractTerms {
    /// No terms.
    pub const NONE: Self = Self { expiry: None, underlying: None, option: None };

    /// Returns whether there are none.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.expiry.is_none() && self.underlying.is_none() && self.option.is_none()
    }

    /// Checks that terms belong to an instrument of this class and number.
    pub(crate) fn check(&self, class: AssetClass, id: InstrumentId) -> Result<(), InstrumentError> {
        let wrong = |why| Err(InstrumentError::ContractTerms(why));
        match class {
            AssetClass::Equity | AssetClass::Fx | AssetClass::Crypto if !self.is_none() => {
                return wrong("expiry, underlying, strike, right and exercise are for a future, an option or a bond");
            }
            AssetClass::Bond if self.underlying.is_some() || self.option.is_some() => {
                return wrong("a bond has an expiry, its maturity, but no underlying, strike, right or exercise");
            }
            AssetClass::Future if self.option.is_some() => {
                return wrong("strike, right and exercise are for an option, not a future");
            }
            AssetClass::Option if !self.is_none() && (self.option.is_none() || self.expiry.is_none()) => {
                return wrong("an option's terms are expiry, strike, right and exercise together");
            }
            _ => {}
        }
        if self.underlying.is_some_and(|underlying| underlying >= id) {
            return wrong("the underlying must be listed before what is on it");
        }
        if self.option.is_some_and(|option| option.strike.0.unsigned_abs() >= 1 << 62) {
            return wrong("the strike doesn't fit the engine's numbers");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTION: OptionTerms =
        OptionTerms { strike: Price(10_000), right: OptionRight::Call, exercise: Exercise::American };

    fn check(class: AssetClass, terms: ContractTerms) -> Result<(), InstrumentError> {
        terms.check(class, InstrumentId(3))
    }

    #[test]
    fn terms_belong_to_their_class() {
        use AssetClass::{Bond, Crypto, Equity, Future, Fx, Option};
        let (expiry, underlying) = (Some(Time(1)), Some(InstrumentId(2)));
        let future = ContractTerms { expiry, underlying, option: None };
        let option = ContractTerms { option: Some(OPTION), ..future };
        let bond = ContractTerms { expiry, ..ContractTerms::NONE };
        for class in [Equity, Future, Option, Fx, Bond, Crypto] {
            assert_eq!(check(class, ContractTerms::NONE), Ok(()), "{class:?}");
            assert_eq!(check(class, future).is_ok(), class == Future, "{class:?}");
            assert_eq!(check(class, option).is_ok(), class == Option, "{class:?}");
            assert_eq!(check(class, bond).is_ok(), matches!(class, Future | Bond), "{class:?}");
        }
        assert!(check(Option, ContractTerms { expiry: None, ..option }).is_err(), "no expiry");
    }

    #[test]
    fn an_underlying_comes_first_and_a_strike_fits() {
        let on = |id| ContractTerms { underlying: Some(InstrumentId(id)), ..ContractTerms::NONE };
        assert_eq!(check(AssetClass::Future, on(2)), Ok(()));
        assert!(check(AssetClass::Future, on(3)).is_err(), "itself");
        let struck = |strike| ContractTerms {
            expiry: Some(Time(1)),
            option: Some(OptionTerms { strike: Price(strike), ..OPTION }),
            ..ContractTerms::NONE
        };
        assert_eq!(check(AssetClass::Option, struck(-3_763)), Ok(()));
        assert!(check(AssetClass::Option, struck(i64::MIN)).is_err());
    }
}
