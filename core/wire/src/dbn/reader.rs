//! Walks a file image.

use super::record::{HEADER, lengths};
use super::{Metadata, Record};
use crate::{Flaw, WireError};

/// Bytes of the send time that a live gateway appends to each record.
const TS_OUT: usize = 8;

/// Reads the records of a DBN image one after another.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    offset: usize,
    read: u64,
    metadata: Option<Metadata>,
}

impl<'a> Reader<'a> {
    /// Reads the metadata and stands before the first record.
    ///
    /// # Errors
    /// [`WireError`] when the data isn't DBN, is legacy DBZ, a fragment, or of an unknown version, or when its header
    /// is cut or doesn't fit its length.
    pub fn new(bytes: &'a [u8]) -> Result<Self, WireError> {
        let (metadata, at) = Metadata::decode(bytes)?;
        Ok(Self { bytes, at, offset: at, read: 0, metadata: Some(metadata) })
    }

    /// Stands before the first record of a fragment, which has no metadata.
    #[must_use]
    pub const fn fragment(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, offset: 0, read: 0, metadata: None }
    }

    /// Returns the header of the file; `None` for a fragment.
    #[must_use]
    pub const fn metadata(&self) -> Option<&Metadata> {
        self.metadata.as_ref()
    }

    /// Returns the byte at which the last record began.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// Returns how many records were read.
    #[must_use]
    pub const fn read(&self) -> u64 {
        self.read
    }

    #[cold]
    fn stop(&mut self, flaw: Flaw) -> WireError {
        let offset = self.at;
        self.at = self.bytes.len();
        flaw.at(offset, self.read)
    }
}

/// Returns the bytes of the record at the start of `rest`, their length checked against the type.
#[inline]
fn frame(rest: &[u8]) -> Result<&[u8], Flaw> {
    let Some(header) = rest.first_chunk::<HEADER>() else {
        return Err(Flaw::Truncated { expected: HEADER, found: rest.len() });
    };
    let stated = usize::from(header[0]) * 4;
    let known = lengths(header[1]);
    if !known.iter().any(|&length| stated == length || stated == length + TS_OUT) {
        return Err(match known.first() {
            Some(&expected) => Flaw::Length { kind: header[1], expected, found: stated },
            None => Flaw::UnknownType(header[1]),
        });
    }
    rest.get(..stated).ok_or(Flaw::Truncated { expected: stated, found: rest.len() })
}

impl<'a> Iterator for Reader<'a> {
    type Item = Result<Record<'a>, WireError>;

    /// Returns the next record, one error, or `None` at the end and after an error.
    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.bytes;
        let rest = bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        Some(match frame(rest).and_then(|record| Ok((Record::decode(record)?, record.len()))) {
            Ok((record, length)) => {
                self.offset = self.at;
                self.at += length;
                self.read += 1;
                Ok(record)
            }
            Err(flaw) => Err(self.stop(flaw)),
        })
    }
}

/// Returns whether the bytes look like records without a metadata header: the first few decode.
#[must_use]
pub fn is_fragment(bytes: &[u8]) -> bool {
    let mut reader = Reader::fragment(bytes);
    let fault = reader.by_ref().take(4).any(|record| record.is_err());
    reader.read() > 0 && !fault
}
