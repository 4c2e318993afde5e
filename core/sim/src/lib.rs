//! Simulation: what stands in for a market when there is none.
//!
//! - [`flow`] makes a believable trading day: the orders, amends and cancels of several hundred members on any number
//!   of instruments, from a seed.
//! - [`historical`] fills orders from recorded data: order by order, quotes and trades, or bars.
//! - [`stylised`] measures what such a day is held to: the statistics that real markets share.
//!
//! Floats here use + - * /, square root and the `libm` crate only, so that every machine makes the same day.

pub mod flow;
pub mod historical;
pub mod stylised;
