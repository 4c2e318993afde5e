//! Numbers at the boundary: a person's decimals and the engine's counts.
//!
//! A count becomes the float nearest to its exact decimal value. The other way, a float must lie within a billionth of
//! a whole count of the unit, or it is refused: this is the one named place where floats turn into ticks.

use omni_types::Decimal;
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyInt};

use crate::error::Kind;
use crate::thirty_second;

/// Writes a count of a unit as exact decimal text, with at least so many decimals.
pub(crate) fn exact(count: i128, unit: Decimal, decimals: usize) -> String {
    let places = usize::from(unit.exponent.min(0).unsigned_abs());
    let power = 10_i128.checked_pow(unit.exponent.max(0).unsigned_abs().into());
    let scaled = power.and_then(|power| count.checked_mul(i128::from(unit.mantissa))?.checked_mul(power));
    let Some(scaled) = scaled else { return format!("{count} x {unit}") };
    let sign = if scaled < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", scaled.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let mut fraction = fraction.trim_end_matches('0').to_owned();
    while fraction.len() < decimals {
        fraction.push('0');
    }
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

/// A unit as two exact floats: a count times `up` divided by `down` is rounded once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    unit: Decimal,
    up: f64,
    down: f64,
}

impl Scale {
    pub(crate) fn new(unit: Decimal) -> Self {
        let power = 10_f64.powi(i32::from(unit.exponent).abs());
        let mantissa = unit.mantissa as f64;
        let (up, down) = if unit.exponent < 0 { (mantissa, power) } else { (mantissa * power, 1.0) };
        Self { unit, up, down }
    }

    #[inline]
    pub(crate) fn to_float(self, count: i64) -> f64 {
        count as f64 * self.up / self.down
    }

    /// Returns how many units a float is, whole or not.
    #[inline]
    pub(crate) fn to_units(self, value: f64) -> f64 {
        value * self.down / self.up
    }

    /// Converts a float to whole counts.
    pub(crate) fn count_float(self, value: f64, what: &str) -> PyResult<i64> {
        let count = self.to_units(value);
        let whole = count.round();
        // The bound is 2^53: past it floats don't name counts.
        if (count - whole).abs() <= 1e-9 * whole.abs().max(1.0) && whole.abs() < 9.0e15 {
            return Ok(whole as i64);
        }
        Err(Kind::Refused.error(format!("{what} {value} is not a whole multiple of {}", self.unit)))
    }

    /// Converts an int, float, `Decimal` or text, in 32nds too, to whole counts.
    pub(crate) fn count(self, value: &Bound<'_, PyAny>, what: &str) -> PyResult<i64> {
        if let Ok(float) = value.cast_exact::<PyFloat>() {
            return self.count_float(float.value(), what);
        }
        if let Ok(int) = value.cast_exact::<PyInt>() {
            let count = int.extract().map_err(|_| Kind::Refused.error(format!("{what} {int} is too large")))?;
            let decimal = Decimal::new(count, 0);
            return decimal.count_of(self.unit).map_err(|error| Kind::Refused.error(format!("{what} {error}")));
        }
        let text = value.str()?;
        let text = text.to_str()?;
        thirty_second::parse(text)
            .map_or_else(|| Decimal::parse(text), Ok)
            .and_then(|decimal| decimal.count_of(self.unit))
            .map_err(|error| Kind::Refused.error(format!("{what}: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_exact_decimals() {
        assert_eq!(exact(4_810_250_000_000, Decimal::new(1, -9), 2), "4810.25");
        assert_eq!(exact(19_240, Decimal::new(25, -2), 2), "4810.00");
        assert_eq!(exact(-1, Decimal::new(1, -4), 2), "-0.0001");
        assert_eq!(exact(7, Decimal::new(1, 2), 0), "700");
        assert_eq!(exact(0, Decimal::new(1, -2), 0), "0");
        assert!(exact(i128::MAX, Decimal::new(25, 0), 0).contains(" x 25"));
    }
}
