//! The parameters that a plugin declares, and the values that it gets.

use core::ffi::{CStr, c_char};
use std::ffi::CString;

use crate::abi;

/// A parameter's value.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

/// What values a parameter takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Any number.
    Number,
    /// Whole numbers.
    Whole,
    /// Texts.
    Text,
}

/// A parameter as the plugin declares it.
#[derive(Clone, PartialEq, Debug)]
pub struct Declared {
    /// Its name.
    pub name: String,
    /// What it means, with its unit.
    pub meaning: String,
    /// What values it takes.
    pub kind: Kind,
    /// Its value where none is given.
    pub default: Value,
    /// The least and the most that a number may be.
    pub bounds: (f64, f64),
}

/// Reads a text of the plugin; a null is empty.
///
/// # Safety
/// `text` is null or ends by 0, and stays so while this runs.
pub(crate) unsafe fn text(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: as the caller says.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

impl Declared {
    /// Reads a declaration.
    ///
    /// # Safety
    /// Its texts are null or end by 0.
    pub(crate) unsafe fn read(info: &abi::ParameterInfo) -> Result<Self, String> {
        // SAFETY: as the caller says.
        let (name, meaning) = unsafe { (text(info.name), text(info.meaning)) };
        let kind = match info.kind {
            abi::NUMBER => Kind::Number,
            abi::WHOLE => Kind::Whole,
            abi::TEXT => Kind::Text,
            other => return Err(format!("parameter {name:?} is of the unknown kind {other}")),
        };
        if name.is_empty() {
            return Err("a parameter has no name".to_owned());
        }
        let default = match kind {
            // SAFETY: as the caller says.
            Kind::Text => Value::Text(unsafe { text(info.default_text) }),
            Kind::Number | Kind::Whole => Value::Number(info.default_number),
        };
        let declared = Self { name, meaning, kind, default, bounds: (info.least, info.most) };
        declared.check(&declared.default).map_err(|why| format!("the default of {why}"))?;
        Ok(declared)
    }

    fn check(&self, value: &Value) -> Result<(), String> {
        let (name, (least, most)) = (&self.name, self.bounds);
        match (self.kind, value) {
            (Kind::Text, Value::Text(_)) => Ok(()),
            (Kind::Text, Value::Number(found)) => Err(format!("parameter {name}: expected a text, found {found}")),
            (_, Value::Text(found)) => Err(format!("parameter {name}: expected a number, found {found:?}")),
            (_, Value::Number(found)) if !(least..=most).contains(found) => {
                Err(format!("parameter {name}: expected a value from {least} to {most}, found {found}"))
            }
            (Kind::Whole, Value::Number(found)) if found.fract() != 0.0 => {
                Err(format!("parameter {name}: expected a whole number, found {found}"))
            }
            _ => Ok(()),
        }
    }
}

/// The values of all declared parameters in their order, and the texts that they point to.
pub(crate) struct Filled {
    pub(crate) values: Vec<abi::Parameter>,
    _texts: Vec<CString>,
}

/// Puts the given values in place, and defaults elsewhere.
pub(crate) fn fill(declared: &[Declared], given: &[(String, Value)]) -> Result<Filled, String> {
    for (at, (name, _)) in given.iter().enumerate() {
        if !declared.iter().any(|known| known.name == *name) {
            let known: Vec<&str> = declared.iter().map(|known| known.name.as_str()).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(format!("it has no parameter {name}; it has {known}"));
        }
        if given[..at].iter().any(|(other, _)| other == name) {
            return Err(format!("parameter {name} is given twice"));
        }
    }
    let mut filled = Filled { values: Vec::with_capacity(declared.len()), _texts: Vec::new() };
    let mut keep = |text: &str| {
        let text = CString::new(text).map_err(|_| format!("{text:?} holds a zero"))?;
        let pointer = text.as_ptr();
        filled._texts.push(text);
        Ok::<_, String>(pointer)
    };
    for known in declared {
        let value = given.iter().find(|(name, _)| *name == known.name).map_or(&known.default, |(_, value)| value);
        known.check(value)?;
        let name = keep(&known.name)?;
        let (text, number) = match value {
            Value::Text(text) => (keep(text)?, f64::NAN),
            Value::Number(number) => (core::ptr::null(), *number),
        };
        filled.values.push(abi::Parameter { name, text, number });
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared() -> Vec<Declared> {
        let number = |name: &str, kind, default| Declared {
            name: name.to_owned(),
            meaning: String::new(),
            kind,
            default: Value::Number(default),
            bounds: (0.0, 10.0),
        };
        vec![number("levels", Kind::Whole, 3.0), number("threshold", Kind::Number, 0.5)]
    }

    #[test]
    fn values_stand_in_the_order_declared() {
        let filled = fill(&declared(), &[("threshold".to_owned(), Value::Number(0.25))]).unwrap();
        let numbers: Vec<f64> = filled.values.iter().map(|value| value.number).collect();
        assert_eq!(numbers, [3.0, 0.25]);
    }

    #[test]
    fn what_is_not_declared_or_out_of_range_is_refused_in_words() {
        let said = |name: &str, value: Value| fill(&declared(), &[(name.to_owned(), value)]).err().unwrap();
        assert_eq!(said("depth", Value::Number(1.0)), "it has no parameter depth; it has levels, threshold");
        assert!(said("levels", Value::Number(2.5)).contains("expected a whole number, found 2.5"));
        assert!(said("levels", Value::Number(11.0)).contains("expected a value from 0 to 10, found 11"));
        assert!(said("threshold", Value::Number(f64::NAN)).contains("found NaN"));
        assert!(said("threshold", Value::Text("a".to_owned())).contains("expected a number, found \"a\""));
        let twice = [("levels".to_owned(), Value::Number(1.0)), ("levels".to_owned(), Value::Number(2.0))];
        assert_eq!(fill(&declared(), &twice).err().unwrap(), "parameter levels is given twice");
    }
}
