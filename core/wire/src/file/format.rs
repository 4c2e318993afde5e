//! What a file holds.

use core::fmt;

use super::decompress::is_dbz;
use crate::dbn::{Metadata, Schema};
use crate::itch;

/// Messages that must fit together for bytes to be taken for ITCH, which has no magic number.
const PROBED: usize = 8;

/// A format of market data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Nasdaq TotalView ITCH 5.0 in BinaryFILE form.
    Itch50,
    /// Databento DBN with its metadata header.
    Dbn {
        /// Its version.
        version: u8,
        /// Its one schema, or `None` when it mixes several.
        schema: Option<Schema>,
    },
    /// DBN records without a metadata header.
    DbnFragment,
    /// Databento's legacy DBZ.
    Dbz,
    /// None of these.
    Unknown,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Itch50 => f.write_str("ITCH 5.0"),
            Self::Dbn { version, schema: Some(schema) } => write!(f, "DBN v{version} {schema}"),
            Self::Dbn { version, schema: None } => write!(f, "DBN v{version} of mixed schemas"),
            Self::DbnFragment => f.write_str("DBN fragment (records without metadata)"),
            Self::Dbz => f.write_str("legacy DBZ"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

/// Returns the format of uncompressed bytes.
#[must_use]
pub fn sniff(bytes: &[u8]) -> Format {
    if is_dbz(bytes) {
        return Format::Dbz;
    }
    if let Some(version) = bytes.strip_prefix(b"DBN").and_then(|rest| rest.first()) {
        let schema = Metadata::decode(bytes).ok().and_then(|(metadata, _)| metadata.schema);
        return Format::Dbn { version: *version, schema };
    }
    if is_itch(bytes) {
        Format::Itch50
    } else if crate::dbn::is_fragment(bytes) {
        Format::DbnFragment
    } else {
        Format::Unknown
    }
}

/// At least one message decodes, and nothing but the end of the data stops the first few.
fn is_itch(bytes: &[u8]) -> bool {
    let mut reader = itch::Reader::new(bytes);
    let fault = reader.by_ref().take(PROBED).find_map(Result::err);
    reader.read() > 0 && fault.is_none_or(|e| matches!(e.flaw, crate::Flaw::Truncated { .. }))
}
