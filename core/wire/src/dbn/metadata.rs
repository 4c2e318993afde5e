//! The header of a file.

use omni_types::Time;

use super::{Schema, Symbology};
use crate::bytes::{le16, le32, le64, text};
use crate::{Flaw, WireError};

/// Magic, version and the length of what follows.
const PRELUDE: usize = 8;
/// Bytes of a symbol in version 1, which doesn't state it.
const SYMBOL_V1: usize = 22;

/// What a file says of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Metadata {
    /// DBN version, 1 to 3.
    pub version: u8,
    /// The vendor's name of the data set, such as `GLBX.MDP3`.
    pub dataset: String,
    /// The one schema, or `None` when the file mixes several.
    pub schema: Option<Schema>,
    /// Start of the query.
    pub start: Option<Time>,
    /// End of the query, excluded.
    pub end: Option<Time>,
    /// Most records that were asked for.
    pub limit: Option<u64>,
    /// How the asked symbols are written.
    pub symbology_in: Option<Symbology>,
    /// How they are given back.
    pub symbology_out: Symbology,
    /// Whether each record ends with the gateway's send time.
    pub ts_out: bool,
    /// The symbols asked for.
    pub symbols: Vec<String>,
    /// Those that were found for part of the time.
    pub partial: Vec<String>,
    /// Those that weren't found.
    pub not_found: Vec<String>,
    /// What each symbol stood for.
    pub mappings: Vec<Mapping>,
}

/// What a symbol stood for over time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mapping {
    /// The symbol asked for.
    pub raw_symbol: String,
    /// Its meanings.
    pub intervals: Vec<Interval>,
}

/// What a symbol stood for between two days.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Interval {
    /// First day, as the number `yyyymmdd`.
    pub start_date: u32,
    /// Day after the last, as the number `yyyymmdd`.
    pub end_date: u32,
    /// The symbol that it stood for; an instrument number in decimal digits where the output symbology is that.
    pub symbol: String,
}

impl Metadata {
    /// Decodes the header at the start of a file and returns it with its length in bytes.
    ///
    /// # Errors
    /// [`WireError`] when the data isn't DBN, of an unknown version, or its header is cut or doesn't fit its length.
    pub fn decode(bytes: &[u8]) -> Result<(Self, usize), WireError> {
        let length = check_prelude(bytes).map_err(|flaw| flaw.at(0, 0))?;
        let mut cursor = Cursor { bytes: &bytes[..PRELUDE + length], at: PRELUDE };
        let metadata = cursor.metadata(bytes[3]).map_err(|flaw| flaw.at(cursor.at, 0))?;
        Ok((metadata, PRELUDE + length))
    }

    /// Returns the number of the instrument that a symbol stood for, where it was one alone.
    #[must_use]
    pub fn instrument_id(&self, raw_symbol: &str) -> Option<u32> {
        let mapping = self.mappings.iter().find(|m| m.raw_symbol == raw_symbol)?;
        let (first, others) = mapping.intervals.split_first()?;
        others.iter().all(|i| i.symbol == first.symbol).then(|| first.symbol.parse().ok())?
    }
}

fn check_prelude(bytes: &[u8]) -> Result<usize, Flaw> {
    match bytes {
        [] => Err(Flaw::Empty),
        [_, 0x2A, 0x4D, 0x18, _, _, _, _, b'D', b'B', b'Z', ..] => Err(Flaw::Dbz),
        [b'D', b'B', b'N', version, rest @ ..] => {
            if !(1..=3).contains(version) {
                return Err(Flaw::Version(*version));
            }
            let truncated = |expected, found| Flaw::Truncated { expected, found };
            let Some(length) = rest.first_chunk::<4>() else { return Err(truncated(PRELUDE, bytes.len())) };
            let length = u32::from_le_bytes(*length) as usize;
            let found = bytes.len() - PRELUDE;
            if length > found { Err(truncated(length, found)) } else { Ok(length) }
        }
        _ if super::is_fragment(bytes) => Err(Flaw::Fragment),
        _ if b"DBN".starts_with(bytes) => Err(Flaw::Truncated { expected: PRELUDE, found: bytes.len() }),
        _ => Err(Flaw::NotDbn),
    }
}

/// Walks the header; `at` is where the next field begins.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Flaw> {
        let left = &self.bytes[self.at..];
        let field = left.get(..length).ok_or(Flaw::Truncated { expected: length, found: left.len() })?;
        self.at += length;
        Ok(field)
    }

    fn count(&mut self, least: usize) -> Result<usize, Flaw> {
        let count = le32(self.take(4)?, 0) as usize;
        let found = self.bytes.len() - self.at;
        let expected = count.saturating_mul(least);
        // So that a corrupt count can't ask for more memory than the file has bytes.
        if expected > found { Err(Flaw::Truncated { expected, found }) } else { Ok(count) }
    }

    fn symbol(&mut self, width: usize) -> Result<String, Flaw> {
        let before = self.at;
        let field = self.take(width)?;
        text(field, 0, width, "symbol").map(str::to_owned).inspect_err(|_| self.at = before)
    }

    fn symbols(&mut self, width: usize) -> Result<Vec<String>, Flaw> {
        (0..self.count(width)?).map(|_| self.symbol(width)).collect()
    }

    fn mappings(&mut self, width: usize) -> Result<Vec<Mapping>, Flaw> {
        (0..self.count(width + 4)?).map(|_| self.mapping(width)).collect()
    }

    fn mapping(&mut self, width: usize) -> Result<Mapping, Flaw> {
        let raw_symbol = self.symbol(width)?;
        let intervals = (0..self.count(width + 8)?).map(|_| self.interval(width)).collect::<Result<_, _>>()?;
        Ok(Mapping { raw_symbol, intervals })
    }

    fn interval(&mut self, width: usize) -> Result<Interval, Flaw> {
        let dates = self.take(8)?;
        let (start_date, end_date) = (le32(dates, 0), le32(dates, 4));
        Ok(Interval { start_date, end_date, symbol: self.symbol(width)? })
    }

    fn metadata(&mut self, version: u8) -> Result<Metadata, Flaw> {
        let old = version == 1;
        // Version 1 has a record count, version 2 and on the width of a symbol; the reserved bytes make up for both.
        let fixed = self.take(if old { 53 } else { 47 })?;
        let codes = if old { 50 } else { 42 };
        let width = if old { SYMBOL_V1 } else { usize::from(le16(fixed, 45)) };
        // Of no bytes, a few bytes of count would stand for any number of symbols.
        if width == 0 {
            return Err(Flaw::Field { name: "symbol_cstr_len", found: 0 });
        }
        self.take(if old { 47 } else { 53 })?;
        let definitions = le32(self.take(4)?, 0);
        if definitions != 0 {
            return Err(Flaw::Field { name: "schema_definition_length", found: u64::from(definitions) });
        }
        Ok(Metadata {
            version,
            dataset: text(fixed, 0, 16, "dataset")?.to_owned(),
            schema: optional(le16(fixed, 16), u16::MAX, Schema::from_code, "schema")?,
            start: time(le64(fixed, 18), "start")?,
            end: time(le64(fixed, 26), "end")?.filter(|end| end.0 != 0),
            limit: Some(le64(fixed, 34)).filter(|limit| *limit != 0),
            symbology_in: optional(fixed[codes], u8::MAX, Symbology::from_code, "stype_in")?,
            symbology_out: Symbology::from_code(fixed[codes + 1])
                .ok_or(Flaw::Field { name: "stype_out", found: u64::from(fixed[codes + 1]) })?,
            ts_out: fixed[codes + 2] != 0,
            symbols: self.symbols(width)?,
            partial: self.symbols(width)?,
            not_found: self.symbols(width)?,
            mappings: self.mappings(width)?,
        })
    }
}

fn optional<C: Copy + PartialEq + Into<u64>, T>(
    code: C,
    none: C,
    from: impl Fn(C) -> Option<T>,
    name: &'static str,
) -> Result<Option<T>, Flaw> {
    if code == none {
        return Ok(None);
    }
    from(code).map(Some).ok_or(Flaw::Field { name, found: code.into() })
}

/// Returns a time, or `None` where it is undefined (all ones).
///
/// # Errors
/// [`Flaw::Field`] past the year 2262, where nanoseconds no longer fit.
pub(super) fn time(nanos: u64, name: &'static str) -> Result<Option<Time>, Flaw> {
    if nanos == u64::MAX {
        return Ok(None);
    }
    i64::try_from(nanos).map(|nanos| Some(Time(nanos))).map_err(|_| Flaw::Field { name, found: nanos })
}
