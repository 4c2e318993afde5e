//! What can be wrong with market data.

use core::fmt;

/// A refusal to read on: what is wrong, where, and how much was read before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WireError {
    /// What is wrong.
    pub flaw: Flaw,
    /// Byte of the uncompressed data at which the faulty header, message or record begins; never past its end.
    pub offset: usize,
    /// How many messages or records were read until then.
    pub read: u64,
}

/// What is wrong with the data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flaw {
    /// There are no bytes at all.
    Empty,
    /// The data ends inside a header, message or record.
    Truncated {
        /// Bytes that it needs.
        expected: usize,
        /// Bytes that are left.
        found: usize,
    },
    /// The stated length doesn't fit the type.
    Length {
        /// The message or record type.
        kind: u8,
        /// Bytes that this type has.
        expected: usize,
        /// Bytes stated.
        found: usize,
    },
    /// No such message or record type.
    UnknownType(u8),
    /// A field holds what it can't.
    Field {
        /// The field.
        name: &'static str,
        /// The raw value.
        found: u64,
    },
    /// Not DBN: the magic bytes `DBN` are missing.
    NotDbn,
    /// A legacy DBZ file.
    Dbz,
    /// A DBN version that is not read.
    Version(u8),
    /// DBN records without the metadata header in front.
    Fragment,
    /// A price that isn't a whole count of the instrument's price unit.
    OffUnit {
        /// The raw price or quantity.
        found: i64,
        /// How many raw counts make a unit; 0 where the unit is too fine for the format.
        unit: u64,
    },
    /// A message names an order that doesn't rest.
    UnknownOrder(u64),
    /// An order is added whose number already rests.
    DuplicateOrder(u64),
    /// More is executed or cancelled than the order has left.
    TooMuch {
        /// The order.
        reference: u64,
        /// Quantity to take off.
        taken: u64,
        /// Quantity left.
        left: u64,
    },
}

impl Flaw {
    /// Returns the error of this flaw at a byte, after `read` messages.
    #[must_use]
    pub const fn at(self, offset: usize, read: u64) -> WireError {
        WireError { flaw: self, offset, read }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Empty => f.write_str("the data is empty"),
            Self::Truncated { expected, found } => {
                write!(f, "the data ends inside a message: expected {expected} more bytes, found {found}")
            }
            Self::Length { kind, expected, found } => {
                write!(f, "type {} has {expected} bytes, but the stated length is {found}", Kind(kind))
            }
            Self::UnknownType(kind) => write!(f, "unknown message type {}", Kind(kind)),
            Self::Field { name, found } => write!(f, "field {name} can't be {found} ({found:#x})"),
            Self::NotDbn => f.write_str("not a DBN file: it doesn't start with \"DBN\""),
            Self::Dbz => f.write_str(
                "this is Databento's legacy DBZ format; convert it with `dbn FILE.dbz --dbn -o FILE.dbn` (Databento's dbn-cli) first",
            ),
            Self::Version(version) => write!(f, "DBN version {version} is not read, only 1, 2 and 3"),
            Self::Fragment => f.write_str(
                "this is a DBN fragment: records without the metadata header; give the whole file, which starts with it",
            ),
            Self::OffUnit { found, unit: 0 } => {
                write!(f, "the instrument's unit is finer than this format writes, found {found}")
            }
            Self::OffUnit { found, unit } => {
                write!(f, "{found} is not a whole multiple of the instrument's unit of {unit} raw counts")
            }
            Self::UnknownOrder(reference) => write!(f, "no order {reference} rests"),
            Self::DuplicateOrder(reference) => write!(f, "order {reference} already rests"),
            Self::TooMuch { reference, taken, left } => {
                write!(f, "order {reference} has {left} left, but {taken} are taken off")
            }
        }
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {}, after {} messages)", self.flaw, self.offset, self.read)
    }
}

impl std::error::Error for WireError {}

/// A type byte for people: the letter where it is one, and its number.
struct Kind(u8);

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_ascii_graphic() {
            write!(f, "'{}' ({:#04x})", char::from(self.0), self.0)
        } else {
            write!(f, "{:#04x}", self.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_where_and_how_much_was_read() {
        let error = Flaw::UnknownType(b'z').at(17, 3);
        assert_eq!(error.to_string(), "unknown message type 'z' (0x7a) (at byte 17, after 3 messages)");
        assert!(Flaw::Dbz.to_string().contains("dbn FILE.dbz"));
    }
}
