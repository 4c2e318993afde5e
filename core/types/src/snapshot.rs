//! State as a stream of small numbers: what snapshots are written with and read back from.

use core::fmt;

use crate::{Price, Text, TextError};

/// Says why a snapshot can't be written or read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SnapshotError {
    /// This part of the engine keeps no snapshots.
    Unsupported {
        /// The part.
        part: &'static str,
    },
    /// The bytes are not what was written.
    Corrupt {
        /// Where, in bytes from the start of the part being read.
        at: usize,
        /// What belongs there.
        expected: &'static str,
    },
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported { part } => write!(f, "{part} keeps no snapshots; recover from the start of the journal"),
            Self::Corrupt { at, expected } => write!(f, "snapshot is corrupt at byte {at}: expected {expected}"),
        }
    }
}

impl std::error::Error for SnapshotError {}

/// Appends numbers to a snapshot, seven bits a byte, so that small ones are short.
#[derive(Debug)]
pub struct SnapshotWriter<'a> {
    bytes: &'a mut Vec<u8>,
}

impl<'a> SnapshotWriter<'a> {
    /// Appends to `bytes`.
    #[must_use]
    pub fn new(bytes: &'a mut Vec<u8>) -> Self {
        Self { bytes }
    }

    /// Writes an unsigned number.
    #[inline]
    pub fn word(&mut self, word: u64) {
        let mut rest = word;
        while rest >= 0x80 {
            self.bytes.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        self.bytes.push(rest as u8);
    }

    /// Writes a signed number, short where it is near zero.
    #[inline]
    pub fn signed(&mut self, value: i64) {
        self.word((value << 1 ^ value >> 63).cast_unsigned());
    }

    /// Writes a text.
    pub fn text<const N: usize>(&mut self, text: &Text<N>) {
        self.blob(text.as_str().as_bytes());
    }

    /// Writes bytes after their number.
    pub fn blob(&mut self, bytes: &[u8]) {
        self.word(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }
}

/// Reads numbers back from a snapshot; never past its end.
#[derive(Debug)]
pub struct SnapshotReader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where the number read last began.
    last: usize,
}

impl<'a> SnapshotReader<'a> {
    /// Reads from the start of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, last: 0 }
    }

    /// Returns the error that what was read last isn't what was expected.
    #[must_use]
    pub const fn error(&self, expected: &'static str) -> SnapshotError {
        SnapshotError::Corrupt { at: self.last, expected }
    }

    /// Reads an unsigned number.
    ///
    /// # Errors
    /// [`SnapshotError::Corrupt`], here and below, at the end of the bytes or for what isn't expected.
    #[inline]
    pub fn word(&mut self) -> Result<u64, SnapshotError> {
        self.last = self.at;
        let mut word = 0_u64;
        for shift in (0..64).step_by(7) {
            let Some(&byte) = self.bytes.get(self.at) else { return Err(self.error("more bytes")) };
            self.at += 1;
            if (shift == 63 && byte > 1) || (shift > 0 && byte == 0) {
                return Err(self.error("a number of 64 bits, as short as it can be"));
            }
            word |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Ok(word);
            }
        }
        Err(self.error("a number of 64 bits"))
    }

    /// Reads a number below `end`.
    ///
    /// # Errors
    /// As [`Self::word`].
    pub fn below(&mut self, end: u64, expected: &'static str) -> Result<u64, SnapshotError> {
        let word = self.word()?;
        if word < end { Ok(word) } else { Err(self.error(expected)) }
    }

    /// Reads how many items follow: at most `most`, and no more than there are bytes left.
    ///
    /// # Errors
    /// As [`Self::word`].
    pub fn count(&mut self, most: usize, expected: &'static str) -> Result<usize, SnapshotError> {
        let count = self.below((most as u64).saturating_add(1), expected)? as usize;
        if count <= self.bytes.len() - self.at { Ok(count) } else { Err(self.error("as many items as it says")) }
    }

    /// Reads a number of 32 bits.
    ///
    /// # Errors
    /// As [`Self::word`].
    pub fn half(&mut self) -> Result<u32, SnapshotError> {
        self.below(1 << 32, "a number of 32 bits").map(|word| word as u32)
    }

    /// Reads 0 or 1.
    ///
    /// # Errors
    /// As [`Self::word`].
    pub fn flag(&mut self) -> Result<bool, SnapshotError> {
        self.below(2, "0 or 1").map(|word| word == 1)
    }

    /// Reads a signed number.
    ///
    /// # Errors
    /// As [`Self::word`].
    pub fn signed(&mut self) -> Result<i64, SnapshotError> {
        let word = self.word()?;
        Ok((word >> 1).cast_signed() ^ -(word & 1).cast_signed())
    }

    /// Reads a price.
    ///
    /// # Errors
    /// As [`Self::word`], and for one that no instrument can have.
    pub fn price(&mut self) -> Result<Price, SnapshotError> {
        let price = self.signed()?;
        if price.unsigned_abs() < 1 << 62 { Ok(Price(price)) } else { Err(self.error("a price that can be listed")) }
    }

    /// Reads a text.
    ///
    /// # Errors
    /// As [`Self::word`].
    pub fn text<const N: usize>(&mut self) -> Result<Text<N>, SnapshotError> {
        let bytes = self.blob()?;
        let text = core::str::from_utf8(bytes).ok().and_then(|text| {
            let made: Result<Text<N>, TextError> = Text::new(text);
            made.ok()
        });
        text.ok_or(self.error("a short text of printable ASCII"))
    }

    /// Reads bytes after their number.
    ///
    /// # Errors
    /// As [`Self::word`].
    pub fn blob(&mut self) -> Result<&'a [u8], SnapshotError> {
        let length = usize::try_from(self.word()?).unwrap_or(usize::MAX);
        let Some(blob) = self.at.checked_add(length).and_then(|end| self.bytes.get(self.at..end)) else {
            return Err(self.error("as many bytes as it says"));
        };
        self.at += length;
        Ok(blob)
    }

    /// Checks that everything was read.
    ///
    /// # Errors
    /// As [`Self::word`], where bytes are left.
    pub fn end(mut self) -> Result<(), SnapshotError> {
        self.last = self.at;
        if self.at == self.bytes.len() { Ok(()) } else { Err(self.error("the end")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        let mut bytes = Vec::new();
        let mut writer = SnapshotWriter::new(&mut bytes);
        let words = [0, 1, 127, 128, 1 << 32, u64::MAX];
        let signed = [0, 1, -1, 63, -64, i64::MIN, i64::MAX];
        words.iter().for_each(|&word| writer.word(word));
        signed.iter().for_each(|&value| writer.signed(value));
        writer.blob(b"abc");
        let mut reader = SnapshotReader::new(&bytes);
        assert!(words.iter().all(|&word| reader.word() == Ok(word)));
        assert!(signed.iter().all(|&value| reader.signed() == Ok(value)));
        assert_eq!(reader.blob(), Ok(b"abc".as_slice()));
        assert_eq!(reader.end(), Ok(()));
    }

    #[test]
    fn what_was_not_written_is_an_error() {
        assert!(SnapshotReader::new(&[0x80]).word().is_err());
        assert!(SnapshotReader::new(&[0xFF; 11]).word().is_err());
        assert!(SnapshotReader::new(&[0x81, 0]).word().is_err());
        assert!(SnapshotReader::new(&[5, 1]).blob().is_err());
        assert!(SnapshotReader::new(&[2]).flag().is_err());
        assert!(SnapshotReader::new(&[0]).text::<4>().is_err());
        assert!(SnapshotReader::new(&[0]).end().is_err());
    }
}
