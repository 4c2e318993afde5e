//! The built-in market maker: quotes both sides of one instrument or thousands.
//!
//! Once per delivery and instrument it looks at the best bid and ask that others show (its own orders taken out) and
//!
//! - values the instrument: mid and micro-price (the weighted mid that Stoikov 2018 starts from), moved by the recent
//!   flow of trades,
//! - sets the spread from the volatility over the time between trades (Guéant, Lehalle and Fernandez-Tapia 2013),
//! - quotes only where that spread pays: not where the market is usually tighter than it needs,
//! - steps back from a level that others leave (order-flow imbalance: Cont, Kukanov and Stoikov 2014),
//! - moves both quotes against its position (Avellaneda and Stoikov 2008, with a linear rule),
//! - shows as much as its limits leave room for,
//!
//! and sends what differs enough from what is working: an amend where it can, a cancel or a new order where it must.
//! Quotes are post-only. Both are pulled while the book is crossed, one-sided, halted or stale, and come back after.
//!
//! [`Maker`] is an [`omni_port::Strategy`]; [`MakerParams`] holds its settings, [`parameters`] describes them by name.
//! State is one flat slot per instrument, reserved by [`Maker::new`]; nothing is allocated after. Floats use the four
//! operations and the square root only, so every machine quotes the same, and become ticks in one place, `tick.rs`.

mod error;
mod estimate;
mod maker;
mod params;
mod quoter;
mod taker;
mod tick;
mod touch;
mod working;

pub use error::QuotingError;
pub use maker::Maker;
pub use params::{MakerParams, Parameter, parameters};
pub use taker::{Taker, TakerParams};
