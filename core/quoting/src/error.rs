//! Why the maker can't be set up.

use core::fmt;

use omni_types::{InstrumentId, Qty, Symbol};

/// Says why the maker can't be set up.
#[derive(Clone, Debug, PartialEq)]
pub enum QuotingError {
    /// No parameter has this name.
    UnknownParameter {
        /// The name given.
        name: String,
        /// The name that is nearest to it, where one is near.
        nearest: Option<&'static str>,
    },
    /// A parameter was given twice.
    RepeatedParameter(&'static str),
    /// A value outside its range.
    OutOfRange {
        /// The parameter.
        name: &'static str,
        /// The value given.
        found: f64,
        /// The least it may be.
        least: f64,
        /// The most it may be.
        most: f64,
    },
    /// A quantity or number of ticks that isn't whole.
    NotWhole {
        /// The parameter.
        name: &'static str,
        /// The value given.
        found: f64,
    },
    /// Two parameters that contradict each other.
    Order {
        /// The one that must not be above the other.
        low: &'static str,
        /// The other.
        high: &'static str,
    },
    /// A parameter of the taker that it doesn't have, or a value that it doesn't take.
    Taker(String),
    /// The maker got no instruments.
    NoInstruments,
    /// An instrument was named twice.
    RepeatedInstrument(Symbol),
    /// An instrument to quote isn't listed.
    UnknownInstrument(InstrumentId),
    /// The size is less than one lot of an instrument.
    BelowLot {
        /// The instrument.
        symbol: Symbol,
        /// Its lot.
        lot: Qty,
    },
    /// A parameter is above what an instrument takes.
    AboveInstrument {
        /// The instrument.
        symbol: Symbol,
        /// The parameter.
        name: &'static str,
        /// The most that the instrument takes.
        most: Qty,
    },
}

impl fmt::Display for QuotingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taker(why) => write!(f, "the taker: {why}"),
            Self::UnknownParameter { name, nearest: Some(nearest) } => {
                write!(f, "the maker has no parameter '{name}'; did you mean '{nearest}'?")
            }
            Self::UnknownParameter { name, nearest: None } => {
                let names: Vec<_> = crate::parameters().iter().map(|p| p.name).collect();
                write!(f, "the maker has no parameter '{name}'; it has {}", names.join(", "))
            }
            Self::RepeatedParameter(name) => write!(f, "the maker's {name} is given twice; give it once"),
            Self::OutOfRange { name, found, least, most } => {
                write!(f, "expected the maker's {name} from {least} to {most}, found {found}")
            }
            Self::NotWhole { name, found } => {
                write!(f, "expected a whole number for the maker's {name}, found {found}")
            }
            Self::Order { low, high } => write!(f, "the maker's {low} is above its {high}; lower it or raise {high}"),
            Self::NoInstruments => f.write_str("the maker has no instrument to quote; name at least one"),
            Self::RepeatedInstrument(symbol) => write!(f, "the maker shall quote {symbol} twice; name it once"),
            Self::UnknownInstrument(id) => write!(f, "the maker shall quote instrument {id}, which isn't listed"),
            Self::BelowLot { symbol, lot } => {
                write!(f, "the maker's size is below one lot of {symbol}; raise size to at least {}", lot.0)
            }
            Self::AboveInstrument { symbol, name, most } => {
                write!(f, "the maker's {name} is above what {symbol} takes; lower it to at most {}", most.0)
            }
        }
    }
}

impl std::error::Error for QuotingError {}
