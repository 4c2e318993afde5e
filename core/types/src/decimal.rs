//! Decimal fractions: how units, multipliers and texts of prices are written.

use core::fmt;

/// An exact decimal: `mantissa` x 10^`exponent`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Decimal {
    /// The signed digits.
    pub mantissa: i64,
    /// The power of ten, -18 to 18.
    pub exponent: i8,
}

/// Says why a text is not a decimal, or a decimal not a whole count of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecimalError {
    /// Not a plain decimal number such as `-12.5`.
    Malformed(String),
    /// More digits than 64 bits or 18 decimals hold.
    OutOfRange(String),
    /// Not a whole multiple of the unit.
    OffUnit {
        /// The value as given.
        value: Decimal,
        /// The unit that should divide it.
        unit: Decimal,
    },
}

impl fmt::Display for DecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(text) => write!(f, "expected a decimal number such as 12.5, found {text:?}"),
            Self::OutOfRange(text) => write!(f, "{text:?} has more digits than fit (18 decimals, 64 bits)"),
            Self::OffUnit { value, unit } => write!(f, "{value} is not a whole multiple of {unit}"),
        }
    }
}

impl std::error::Error for DecimalError {}

impl Decimal {
    /// One.
    pub const ONE: Self = Self { mantissa: 1, exponent: 0 };

    /// Builds `mantissa` x 10^`exponent`.
    #[must_use]
    pub const fn new(mantissa: i64, exponent: i8) -> Self {
        Self { mantissa, exponent }
    }

    /// Parses a plain decimal, exactly: `-12.50`, `7`, `.5`.
    ///
    /// # Errors
    /// [`DecimalError::Malformed`] for anything else, [`DecimalError::OutOfRange`] past 64 bits or 18 decimals.
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits = || whole.bytes().chain(fraction.bytes());
        if digits().next().is_none() || !digits().all(|b| b.is_ascii_digit()) {
            return Err(DecimalError::Malformed(text.to_owned()));
        }
        let out_of_range = || DecimalError::OutOfRange(text.to_owned());
        let negative = text.starts_with('-');
        let mantissa = digits()
            .try_fold(0_i64, |sum, b| {
                let digit = i64::from(b - b'0');
                sum.checked_mul(10)?.checked_add(if negative { -digit } else { digit })
            })
            .ok_or_else(out_of_range)?;
        if fraction.len() > 18 {
            return Err(out_of_range());
        }
        Ok(Self { mantissa, exponent: -(fraction.len() as i8) }.normalised())
    }

    /// Returns the same value with no trailing zero in the mantissa.
    #[must_use]
    pub const fn normalised(mut self) -> Self {
        if self.mantissa == 0 {
            return Self { mantissa: 0, exponent: 0 };
        }
        while self.mantissa % 10 == 0 && self.exponent < 18 {
            self.mantissa /= 10;
            self.exponent += 1;
        }
        self
    }

    /// Returns the value in counts of 10^`exponent`, or `None` where that isn't whole or doesn't fit.
    #[must_use]
    pub fn scaled(self, exponent: i8) -> Option<i128> {
        let shift = i32::from(self.exponent) - i32::from(exponent);
        let power = 10_i128.checked_pow(shift.unsigned_abs())?;
        let mantissa = i128::from(self.mantissa);
        if shift >= 0 { mantissa.checked_mul(power) } else { (mantissa % power == 0).then(|| mantissa / power) }
    }

    /// Returns how many `unit`s the value is.
    ///
    /// # Errors
    /// [`DecimalError::OffUnit`] when that isn't a whole number of 64 bits.
    pub fn count_of(self, unit: Self) -> Result<i64, DecimalError> {
        let off = DecimalError::OffUnit { value: self, unit };
        let exponent = self.exponent.min(unit.exponent);
        let (Some(value), Some(step)) = (self.scaled(exponent), unit.scaled(exponent)) else {
            return Err(off);
        };
        if step == 0 || value % step != 0 {
            return Err(off);
        }
        i64::try_from(value / step).map_err(|_| off)
    }

    /// Returns the nearest float, for display and signals.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        let power = 10_f64.powi(i32::from(self.exponent).abs());
        let mantissa = self.mantissa as f64;
        if self.exponent < 0 { mantissa / power } else { mantissa * power }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.exponent >= 0 {
            return write!(f, "{}{:0<width$}", self.mantissa, "", width = self.exponent as usize);
        }
        let places = usize::from(self.exponent.unsigned_abs());
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", self.mantissa.unsigned_abs(), width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_exactly_and_prints_back() {
        for (text, mantissa, exponent) in
            [("0.25", 25, -2), ("-12.50", -125, -1), ("100", 1, 2), (".5", 5, -1), ("0", 0, 0), ("7.", 7, 0)]
        {
            assert_eq!(Decimal::parse(text), Ok(Decimal::new(mantissa, exponent)), "{text}");
        }
        assert_eq!(Decimal::parse("0.015625").map(|d| d.to_string()), Ok("0.015625".to_owned()));
        assert_eq!(Decimal::new(12, 2).to_string(), "1200");
        assert_eq!(Decimal::new(-5, -2).to_string(), "-0.05");
    }

    #[test]
    fn refuses_what_is_not_a_plain_decimal() {
        for bad in ["", ".", "-", "1e5", "1,000", "٣", "0x1", "1.2.3", "nan"] {
            assert!(matches!(Decimal::parse(bad), Err(DecimalError::Malformed(_))), "{bad:?}");
        }
        for bad in ["9223372036854775808", "0.0000000000000000001"] {
            assert!(matches!(Decimal::parse(bad), Err(DecimalError::OutOfRange(_))), "{bad:?}");
        }
    }

    #[test]
    fn counts_whole_units_only() {
        let quarter = Decimal::new(25, -2);
        assert_eq!(Decimal::parse("4810.25").and_then(|d| d.count_of(quarter)), Ok(19_241));
        assert_eq!(Decimal::parse("4810").and_then(|d| d.count_of(quarter)), Ok(19_240));
        assert!(Decimal::parse("4810.10").and_then(|d| d.count_of(quarter)).is_err());
        assert!(Decimal::ONE.count_of(Decimal::new(0, 0)).is_err());
    }
}
