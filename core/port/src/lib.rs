//! The traits that a venue and a strategy implement, and nothing else.

mod venue;

pub use venue::{Depth, OrderView, Selection, Sink, Venue};
