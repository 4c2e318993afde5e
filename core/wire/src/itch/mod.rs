//! Nasdaq TotalView ITCH 5.0.
//!
//! [`Reader`] walks a whole file image in BinaryFILE form: each message has a two-byte big-endian length in front. Some
//! writers leave that length zero; the type then gives it. A zero length with nothing behind it ends the session.
//! Prices are in 1/10000 of the currency, times in nanoseconds since midnight of the venue's day.
//!
//! Every message that moves a book is decoded in full (add, execute, cancel, delete, replace), and so are trades,
//! crosses, system events, the stock directory and trading actions. The rest is checked for its length and given as a
//! [`Notice`] with its type, locate and time.

mod message;
mod reader;
mod stock;

pub use message::{
    Add, BrokenTrade, Cancel, Cross, Delete, Directory, Execute, ExecuteAt, Message, Notice, Replace, System, Trade,
    TradingAction, length,
};
pub use reader::Reader;
pub use stock::Stock;
