//! What the caller of the engine did wrong.

use core::fmt;

use omni_risk::GateError;
use omni_types::{InstrumentId, Refusal, Time};

/// An input that the engine can't take; nothing changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EngineError {
    /// The sequence number doesn't follow.
    Sequence {
        /// The next number.
        expected: u64,
        /// The input's.
        found: u64,
    },
    /// The input lies before the one before it.
    TimeWentBack {
        /// Engine time.
        now: Time,
        /// The input's.
        found: Time,
    },
    /// The numbers that follow from an instrument's declaration aren't those given.
    Definition(InstrumentId),
    /// An instrument can't be listed.
    Listing(InstrumentId, Refusal),
    /// The gate can't take a set-up command: an instrument, account, session, rate or restriction.
    Gate(GateError),
    /// Market data that the venue can't take.
    MarketData(InstrumentId, Refusal),
    /// The kill switch can only be ended with a reason.
    ResumeWithoutReason,
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sequence { expected, found } => write!(f, "expected input {expected}, found {found}"),
            Self::TimeWentBack { now, found } => {
                write!(f, "input at {} ns lies before engine time {} ns", found.0, now.0)
            }
            Self::Definition(id) => {
                write!(f, "instrument {id} isn't what its declaration makes it: build it by Instrument::new")
            }
            Self::Listing(id, why) => write!(f, "instrument {id} can't be listed: {why}"),
            Self::Gate(error) => write!(f, "{error}"),
            Self::MarketData(id, why) => write!(f, "market data of instrument {id} can't be taken: {why}"),
            Self::ResumeWithoutReason => f.write_str("the kill switch ends only with a reason: say why it is safe"),
        }
    }
}

impl std::error::Error for EngineError {}
