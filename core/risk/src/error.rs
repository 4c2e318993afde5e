//! What can be wrong with a set-up command or a snapshot.

use core::fmt;

use omni_types::{AccountId, Currency, InstrumentId, SessionId};

/// Says why a set-up command or an operator's act was not taken; nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateError {
    /// A stated capacity is reached, or an id lies beyond it.
    Capacity {
        /// What there is no room for.
        what: &'static str,
        /// The most there may be.
        most: u32,
    },
    /// The machine didn't give the memory that the capacities need.
    Memory {
        /// What it was for.
        what: &'static str,
        /// How many of them.
        count: u32,
    },
    /// An instrument's id isn't the next free slot.
    InstrumentOrder {
        /// The id as given.
        found: InstrumentId,
        /// The next free slot.
        expected: u32,
    },
    /// A limit, fee or balance is outside the range the engine's numbers carry.
    OutOfRange {
        /// Which field.
        field: &'static str,
        /// What is allowed, in words.
        expected: &'static str,
    },
    /// An open account can't change its currency.
    CurrencyChange {
        /// The account.
        account: AccountId,
        /// Its currency.
        currency: Currency,
    },
    /// A rate of zero, or a rate other than one from a currency to itself.
    Rate {
        /// The currency converted.
        from: Currency,
        /// The currency it becomes.
        to: Currency,
    },
    /// No such account is open.
    UnknownAccount(AccountId),
    /// The session trades no account.
    UnknownSession(SessionId),
    /// No such instrument is listed.
    UnknownInstrument(InstrumentId),
}

impl fmt::Display for GateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Capacity { what, most } => {
                write!(f, "no room for more {what}: the stated capacity is {most}; raise it and restart")
            }
            Self::Memory { what, count } => {
                write!(f, "not enough memory for {count} {what}; lower the stated capacity")
            }
            Self::InstrumentOrder { found, expected } => {
                write!(f, "instrument {found} listed where the next free slot is {expected}; list in order of id")
            }
            Self::OutOfRange { field, expected } => write!(f, "{field} is out of range: expected {expected}"),
            Self::CurrencyChange { account, currency } => {
                write!(f, "account {account} is kept in {currency}; open another account for another currency")
            }
            Self::Rate { from, to } => {
                write!(f, "rate from {from} to {to}: expected above zero, and exactly one within a currency")
            }
            Self::UnknownAccount(account) => write!(f, "account {account} is not open; open it first"),
            Self::UnknownSession(session) => write!(f, "session {session} trades no account; register it first"),
            Self::UnknownInstrument(instrument) => write!(f, "instrument {instrument} is not listed; list it first"),
        }
    }
}

impl std::error::Error for GateError {}

/// Says where a snapshot of the gate is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// The byte at which reading stopped.
    pub at: usize,
    /// What was expected there.
    pub expected: &'static str,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "snapshot of the risk gate, byte {}: expected {}", self.at, self.expected)
    }
}

impl std::error::Error for DecodeError {}
