//! A believable trading day from a seed.
//!
//! Several hundred members trade on a real matching engine: makers quote both sides around what they think an
//! instrument is worth, investors rest deeper and take what is mispriced, institutions split large orders into many
//! small ones, small takers follow noise or the trend. The engine asks [`Flow::next`] for the next command and tells
//! what became of the orders by [`Flow::on_report`]. The same seed and the same market give the same commands.
//!
//! Prices move because orders do: each fill of a resting order moves its instrument's worth by what was not expected
//! of it (Madhavan, Richardson and Roomans 1997), so that signs of orders remember while returns don't. The rest
//! moves by a diffusion with a volatility of two time scales, shared in part by all instruments, and by news.
//!
//! Nothing is allocated after [`Flow::new`].

mod config;
mod decision;
mod generator;
mod market;
mod metaorder;
mod order;
mod pool;
mod random;
mod tempo;
mod universe;
mod value;

pub use config::{FlowConfig, FlowError, Member, Members, Role};
pub use generator::{Flow, FlowCommand, FlowView};
pub use universe::{INSTRUMENTS_MAX, Listing, universe};
