//! The embedded exchange: price-time priority over level-3 books.
//!
//! [`Exchange`] takes orders, amends and cancels of all instruments and answers with execution reports, trades and
//! changes of the best bid and offer. `docs/explanation/matching.md` states every rule, and the model of its tests follows
//! it in the plainest way.
//!
//! A plain order in continuous trading goes one short way: admit, execute, rest. Whatever asks for more, and every order
//! while an auction gathers, goes by `arrival`; what isn't displayed rests in `held`; `settle` does what a command sets
//! off: stops, pegs, minimums.

mod amend;
mod arrival;
mod auction;
mod cancel;
mod exchange;
mod expiry;
mod held;
mod phase;
mod prefetch;
mod report;
mod self_trade;
mod settle;
mod snapshot;
mod special;
mod spot;
mod taker;
mod unseen;
mod venue;

pub use exchange::{Exchange, MarketData};
