//! The terms behind a listing that has some.
//!
//! The codes say what there is: the asset class in bits 0-3, then a bit each for expiry, underlying and option, the
//! option's right in bit 7 and its exercise style from bit 8. What isn't there is 0.

use omni_types::{ContractTerms, InstrumentId, OptionTerms, Price, Time};

use crate::code::Coded;
use crate::decode::{field, low};
use crate::record::DecodeError;

/// Words of the terms.
pub(crate) const WORDS: usize = 3;
/// The codes of the asset class.
pub(crate) const CLASS: u16 = 0xF;
const EXPIRY: u16 = 1 << 4;
const UNDERLYING: u16 = 1 << 5;
const OPTION: u16 = 1 << 6;
const RIGHT: u32 = 7;
const EXERCISE: u32 = 8;

pub(crate) fn codes(terms: &ContractTerms) -> u16 {
    let flag = |there: bool, code: u16| if there { code } else { 0 };
    let option =
        terms.option.map_or(0, |option| OPTION | option.right.code() << RIGHT | option.exercise.code() << EXERCISE);
    flag(terms.expiry.is_some(), EXPIRY) | flag(terms.underlying.is_some(), UNDERLYING) | option
}

pub(crate) fn words(terms: &ContractTerms) -> [u64; WORDS] {
    [
        terms.expiry.map_or(0, |expiry| expiry.0 as u64),
        terms.underlying.map_or(0, |underlying| underlying.0.into()),
        terms.option.map_or(0, |option| option.strike.0 as u64),
    ]
}

pub(crate) fn read(codes: u16, [expiry, underlying, strike]: [u64; WORDS]) -> Result<ContractTerms, DecodeError> {
    let there = |flag: u16, word: u64, name: &'static str| match (codes & flag != 0, word) {
        (true, word) => Ok(Some(word)),
        (false, 0) => Ok(None),
        (false, value) => Err(field(name, value)),
    };
    let expiry = there(EXPIRY, expiry, "expiry that isn't there")?.map(|word| Time(word as i64));
    let underlying = there(UNDERLYING, underlying, "underlying that isn't there")?;
    let underlying = underlying.map(|word| low(word, "underlying")).transpose()?.map(InstrumentId);
    let option = match there(OPTION, strike, "strike that isn't there")? {
        Some(strike) => Some(OptionTerms {
            strike: Price(strike as i64),
            right: Coded::from_code(codes >> RIGHT & 1, "option right")?,
            exercise: Coded::from_code(codes >> EXERCISE, "exercise style")?,
        }),
        None if codes >> RIGHT != 0 => return Err(field("codes of an option that isn't there", codes.into())),
        None => None,
    };
    let terms = ContractTerms { expiry, underlying, option };
    // A listing without terms has the shorter form.
    if terms.is_none() { Err(field("terms", 0)) } else { Ok(terms) }
}
