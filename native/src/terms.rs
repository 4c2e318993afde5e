//! What an order asks for beyond price, quantity and time in force, as a person says it in Python.

use omni_types::{Display, Minimum, Peg, Price, Qty, Terms, Time, Trigger};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::Kind;
use crate::instrument::Instrument;

const KNOWN: [&str; 10] =
    ["stop", "trail", "peg", "offset", "display", "hidden", "minimum", "all_or_none", "to_limit", "expire"];

/// Reads the keywords of an order's special terms.
pub(crate) fn read(instrument: &Instrument, given: &Bound<'_, PyDict>) -> PyResult<Terms> {
    let mut terms = Terms::NONE;
    for (name, value) in given.iter() {
        let name = name.extract::<String>()?;
        if !value.is_none() {
            set(&mut terms, instrument, &name, &value)?;
        }
    }
    if terms.peg == Peg::None && given.contains("offset")? {
        return Err(Kind::Refused.error("offset: give peg too: primary, market or midpoint"));
    }
    Ok(terms)
}

fn set(terms: &mut Terms, instrument: &Instrument, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let price = || instrument.price.count(value, name).map(Price);
    match name {
        "stop" | "trail" if terms.trigger != Trigger::None => {
            return Err(Kind::Refused.error(format!("{name}: an order has a stop or a trail, not both")));
        }
        "stop" => (terms.trigger, terms.price) = (Trigger::Stop, price()?),
        "trail" => (terms.trigger, terms.price) = (Trigger::Trailing, price()?),
        "peg" => terms.peg = peg(&value.extract::<String>()?)?,
        "offset" => terms.price = price()?,
        "display" => (terms.display, terms.size) = (Display::Part, size(terms, instrument, value, name)?),
        "hidden" if value.extract()? => terms.display = Display::Hidden,
        "minimum" => (terms.minimum, terms.size) = (Minimum::Part, size(terms, instrument, value, name)?),
        "all_or_none" if value.extract()? => terms.minimum = Minimum::All,
        "to_limit" => terms.to_limit = value.extract()?,
        "expire" => terms.expire = Time(value.extract()?),
        "hidden" | "all_or_none" => {}
        _ => return Err(unknown(name)),
    }
    Ok(())
}

fn size(terms: &Terms, instrument: &Instrument, value: &Bound<'_, PyAny>, name: &str) -> PyResult<Qty> {
    if terms.size != Qty::ZERO {
        return Err(Kind::Refused.error(format!("{name}: an order has a display or a minimum, not both")));
    }
    let units = instrument.quantity.count(value, name)?;
    u64::try_from(units).map(Qty).map_err(|_| Kind::Refused.error(format!("{name} {value} is negative")))
}

fn peg(name: &str) -> PyResult<Peg> {
    match name {
        "primary" => Ok(Peg::Primary),
        "market" => Ok(Peg::Market),
        "midpoint" => Ok(Peg::Midpoint),
        other => Err(Kind::Refused.error(format!("peg: expected primary, market or midpoint, found {other:?}"))),
    }
}

fn unknown(name: &str) -> PyErr {
    Kind::Refused
        .error(format!("an order has no {name}; beside price and time_in_force there are {}", KNOWN.join(", ")))
}

/// Describes the terms in words; prices and quantities by the functions given. Empty where there is nothing special.
pub(crate) fn words(terms: &Terms, price: impl Fn(i64) -> String, quantity: impl Fn(u64) -> String) -> Vec<String> {
    let mut words = Vec::new();
    match terms.trigger {
        Trigger::None => {}
        Trigger::Stop => words.push(format!("stop {}", price(terms.price.0))),
        Trigger::Trailing => words.push(format!("trail {}", price(terms.price.0))),
    }
    let peg = match terms.peg {
        Peg::None => None,
        Peg::Primary => Some("primary"),
        Peg::Market => Some("market"),
        Peg::Midpoint => Some("midpoint"),
    };
    words.extend(peg.map(|peg| format!("peg {peg} {}", price(terms.price.0))));
    match terms.display {
        Display::All => {}
        Display::Part => words.push(format!("display {}", quantity(terms.size.0))),
        Display::Hidden => words.push("hidden".to_owned()),
    }
    match terms.minimum {
        Minimum::None => {}
        Minimum::Part => words.push(format!("minimum {}", quantity(terms.size.0))),
        Minimum::All => words.push("all or none".to_owned()),
    }
    if terms.to_limit {
        words.push("to limit".to_owned());
    }
    if terms.expire != Time(0) {
        words.push(format!("expires at {} ns", terms.expire.0));
    }
    words
}
