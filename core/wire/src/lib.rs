//! Codecs that read market data: Nasdaq TotalView ITCH 5.0 ([`itch`]), Databento DBN ([`dbn`]), the files that hold
//! them ([`mod@file`]), and their conversion to the engine's book changes ([`feed`]).
//!
//! A codec takes bytes and returns plain integers; it borrows and never allocates per message. Every refusal is a
//! [`WireError`]: what is wrong, at which byte, and how many messages were read until then. After one a reader stops.

mod bytes;
mod error;

pub mod dbn;
pub mod feed;
pub mod file;
pub mod itch;

pub use error::{Flaw, WireError};
