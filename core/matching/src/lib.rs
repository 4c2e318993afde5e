//! The embedded exchange: price-time priority over level-3 books.
//!
//! [`Exchange`] takes orders, amends and cancels of all instruments and answers with execution reports, trades and
//! changes of the best bid and offer. Rules: best price first, at one price first come first; a trade is at the
//! resting order's price; a smaller quantity at the same price keeps its place and any other amend loses it; an order
//! that would trade with its own account is cancelled, what it already traded stays.

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
