//! The record: one input on the disk.
//!
//! Little-endian words of eight bytes. Four words of head, the payload of the kind, and for a far cause one more word:
//!
//! | word | bits 0-15 | 16-31 | 32-47 | 48-55 | 56-59 | 60 | 61-63 |
//! | --- | --- | --- | --- | --- | --- | --- | --- |
//! | 0 | check sum | check sum | length in bytes | kind | format version | far cause | 0 |
//! | 1 | sequence number | | | | | | |
//! | 2 | time, ns UTC | | | | | | |
//! | 3 | cause: how many inputs back | … 0: none or far | session | codes | | | |
//!
//! The check sum is the CRC-32C of everything else, continued from the segment's own salt, so that a record moved from
//! another segment or another run isn't taken for one of this. A new order takes 64 bytes and a cancel 40, cause
//! included. Every input has exactly one form: unused fields are zero, and what is not is refused.

use std::fmt;

use omni_types::{Input, SessionId};

pub use crate::decode::decode;
pub use crate::encode::encode;

/// The format version that this code writes, and the only one it reads.
pub const VERSION: u8 = 1;
/// The longest text of a kill or resume, in bytes.
pub const TEXT_MAX: usize = 32_768;
/// The longest record, in words.
pub(crate) const WORDS_MAX: usize = HEAD + 1 + TEXT_MAX / 8 + 1;
/// The shortest record, in words; also the length of a mark.
pub(crate) const HEAD: usize = 4;

/// The bit of the first word that says that the cause has a word of its own.
pub(crate) const FAR: u64 = 1 << 60;
/// The session of a record that has none.
pub(crate) const NOBODY: SessionId = SessionId(0);

/// Says why an input can't be written as a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodeError {
    /// The room given is too short.
    Room,
    /// A text is longer than [`TEXT_MAX`].
    Text {
        /// Its length in bytes.
        bytes: usize,
    },
    /// The instrument's derived numbers are not those of its declaration.
    Instrument,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Room => f.write_str("no room left for the record"),
            Self::Text { bytes } => write!(f, "expected a text of at most {TEXT_MAX} bytes, found {bytes}"),
            Self::Instrument => f.write_str("the instrument was not built from its declaration by Instrument::new"),
        }
    }
}

impl std::error::Error for EncodeError {}

/// Says why bytes are not a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The length is impossible, or longer than what is there.
    Length {
        /// The length the record claims, in bytes.
        claimed: usize,
        /// What is there, in bytes.
        available: usize,
    },
    /// The check sum is not that of the contents.
    Checksum,
    /// Written in another format version.
    Version {
        /// The version of the record.
        found: u8,
    },
    /// A kind that this version doesn't know.
    Kind {
        /// The kind.
        found: u8,
    },
    /// A payload whose length isn't that of its kind.
    Size {
        /// The kind.
        kind: u8,
        /// The length found, in words.
        words: usize,
    },
    /// A field holds what it can't.
    Field {
        /// The field.
        field: &'static str,
        /// What it holds.
        value: u64,
    },
}

impl DecodeError {
    /// Returns whether an unfinished or damaged write explains this: the check sum doesn't vouch for the bytes.
    #[must_use]
    pub const fn is_torn(&self) -> bool {
        matches!(self, Self::Length { .. } | Self::Checksum)
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { claimed, available } => {
                write!(f, "a record of {claimed} bytes can't be, with {available} bytes left")
            }
            Self::Checksum => f.write_str("the check sum is not that of the contents"),
            Self::Version { found } => write!(
                f,
                "record format version {found} found, version {VERSION} supported: read it with the code version that wrote it",
            ),
            Self::Kind { found } => write!(
                f,
                "record kind {found} is unknown in format version {VERSION}: read it with the code version that wrote it",
            ),
            Self::Size { kind, words } => write!(f, "a payload of {words} words doesn't fit record kind {kind}"),
            Self::Field { field, value } => write!(f, "{field} can't be {value}"),
        }
    }
}

impl std::error::Error for DecodeError {}

/// What a record says.
#[derive(Clone, PartialEq, Debug)]
pub enum Record {
    /// An input.
    Input(Input),
    /// The segment goes on in the next one, after this sequence number.
    Rolled(u64),
    /// The journal was closed in good order, after this sequence number.
    Closed(u64),
}

/// The kinds, as the disk has them.
pub(crate) mod kind {
    pub(crate) const NEW: u8 = 1;
    pub(crate) const CANCEL: u8 = 2;
    pub(crate) const AMEND: u8 = 3;
    pub(crate) const MASS_CANCEL: u8 = 4;
    pub(crate) const SET_TIMER: u8 = 5;
    pub(crate) const BOOK: u8 = 6;
    pub(crate) const QUOTE: u8 = 7;
    pub(crate) const TRADE: u8 = 8;
    pub(crate) const BAR: u8 = 9;
    pub(crate) const CLOCK: u8 = 10;
    pub(crate) const LIST: u8 = 11;
    pub(crate) const ACCOUNT: u8 = 12;
    pub(crate) const SESSION: u8 = 13;
    pub(crate) const STATUS: u8 = 14;
    pub(crate) const RESTRICT: u8 = 15;
    pub(crate) const RATE: u8 = 16;
    pub(crate) const KILL: u8 = 17;
    pub(crate) const RESUME: u8 = 18;
    pub(crate) const STOP: u8 = 19;
    pub(crate) const START: u8 = 20;
    pub(crate) const REFERENCE: u8 = 21;
    pub(crate) const RECOVER: u8 = 22;
    // 23 to 29 are kept for what instruments and limits will say.
    pub(crate) const SPECIAL: u8 = 30;
    /// A listing with terms; one without keeps the shorter form of [`LIST`].
    pub(crate) const LIST_TERMS: u8 = 40;
    pub(crate) const TICKS: u8 = 41;
    pub(crate) const ADJUST: u8 = 42;
    pub(crate) const ROLLED: u8 = 254;
    pub(crate) const CLOSED: u8 = 255;
}
