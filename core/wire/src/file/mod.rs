//! Market data files: plain, gzip or zstd, recognised by their first bytes.
//!
//! A file is read and decompressed whole. What a truncated or corrupt file still holds comes with the error, and the
//! caller decides whether to use it.

mod decompress;
mod format;
mod open;

pub use decompress::{Compression, Cut, Decompressed, MOST_BYTES, decompress};
pub use format::{Format, sniff};
pub use open::{FileError, Loaded, open};
