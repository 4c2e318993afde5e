//! Why an indicator can't be built or fed.

use core::fmt;

/// The longest period, in updates.
pub const PERIOD_MAX: usize = 100_000;

/// Says why an indicator can't be built or fed.
#[derive(Clone, Debug, PartialEq)]
pub enum SignalError {
    /// A period outside 1 to [`PERIOD_MAX`].
    Period {
        /// The parameter's name.
        parameter: &'static str,
        /// The value given.
        found: f64,
    },
    /// A width of a band that isn't a finite number above zero.
    Deviations(f64),
    /// The fast period isn't below the slow one.
    FastNotBelowSlow {
        /// The fast period.
        fast: usize,
        /// The slow period.
        slow: usize,
    },
    /// No indicator has this name.
    UnknownIndicator(String),
    /// A parameter without a default was left out.
    MissingParameter {
        /// The indicator's name.
        indicator: &'static str,
        /// The parameter's name.
        parameter: &'static str,
    },
    /// More parameters than the indicator has.
    TooManyParameters {
        /// The indicator's name.
        indicator: &'static str,
        /// How many it has.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// Another number of input columns than the indicator reads.
    Inputs {
        /// The indicator's name.
        indicator: &'static str,
        /// The columns it reads.
        expected: &'static [&'static str],
        /// How many were given.
        found: usize,
    },
    /// Another number of output columns than the indicator writes.
    Outputs {
        /// The indicator's name.
        indicator: &'static str,
        /// The columns it writes.
        expected: &'static [&'static str],
        /// How many were given.
        found: usize,
    },
    /// Columns of different lengths.
    Lengths {
        /// Length of the first input column, in rows.
        expected: usize,
        /// The other length, in rows.
        found: usize,
    },
}

impl fmt::Display for SignalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Period { parameter, found } => {
                write!(f, "{parameter} must be a whole number from 1 to {PERIOD_MAX}, found {found}")
            }
            Self::Deviations(found) => write!(f, "deviations must be a finite number above 0, found {found}"),
            Self::FastNotBelowSlow { fast, slow } => {
                write!(f, "the fast period must be below the slow one, found fast {fast} and slow {slow}")
            }
            Self::UnknownIndicator(name) => {
                let known: Vec<&str> = crate::catalogue().iter().map(|entry| entry.name).collect();
                write!(f, "there is no indicator {name:?}; there are {}", known.join(", "))
            }
            Self::MissingParameter { indicator, parameter } => write!(f, "{indicator} needs its parameter {parameter}"),
            Self::TooManyParameters { indicator, expected, found } => {
                write!(f, "{indicator} has {expected} parameters, found {found}")
            }
            Self::Inputs { indicator, expected, found } => {
                write!(f, "{indicator} reads {} ({}), found {found}", columns(expected.len()), expected.join(", "))
            }
            Self::Outputs { indicator, expected, found } => {
                write!(f, "{indicator} writes {} ({}), found {found}", columns(expected.len()), expected.join(", "))
            }
            Self::Lengths { expected, found } => {
                write!(f, "columns must be equally long: the first input has {expected} rows, another column {found}")
            }
        }
    }
}

impl std::error::Error for SignalError {}

fn columns(count: usize) -> String {
    if count == 1 { "1 column".to_owned() } else { format!("{count} columns") }
}

/// Returns the period where it is within its bounds.
pub(crate) const fn check_period(parameter: &'static str, period: usize) -> Result<usize, SignalError> {
    if period == 0 || period > PERIOD_MAX {
        return Err(SignalError::Period { parameter, found: period as f64 });
    }
    Ok(period)
}
