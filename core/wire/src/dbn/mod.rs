//! Databento DBN, versions 1, 2 and 3.
//!
//! A file starts with [`Metadata`]; [`Reader`] then walks its records. Each record states its own length, so that the
//! three versions' layouts (definitions and statistics grew) are told apart by it. Small records are decoded into
//! plain structs, large ones (ten levels, definitions) are views that read a field when asked.
//!
//! Prices are `i64` in units of 1e-9; an undefined one is `None`, as are undefined times.
//!
//! # Rebuilding a CME book from market-by-order records
//! `A` adds an order behind all others at its price. `C` takes its size off the order, which leaves at nothing. `M`
//! sets price and size, keeping the place only when the price stays and the size doesn't grow; one for an unknown order
//! adds it. `R` empties the book. `T` (the aggressor's summary) and `F` (the fill of each party) never change the book:
//! the `C` or `M` of a filled order follows in the same event. A record with [`Mbo::is_last`] ends the venue's event,
//! and only then may the book be looked at. The opening snapshot's records carry [`Mbo::is_snapshot`] and no last flag;
//! two days' files may hold the same snapshot: load only one of the two.
//!
//! The check sum over a session's top of book is sha256 over, at every record with the last flag, five little-endian
//! `i64`: the record's event time, best bid price (1e-9), its total size, best ask price, its total size.

mod definition;
mod metadata;
mod reader;
mod record;
mod schema;
mod status;

pub use definition::Definition;
pub use metadata::{Interval, Mapping, Metadata};
pub use reader::{Reader, is_fragment};
pub use record::{Action, Header, Level, Mbo, Mbp, Ohlcv, Record, Trade, interval_ns, undefined_price};
pub use schema::{Schema, Symbology};
pub use status::{Statistic, Status};
