//! The statistics that real markets share, and that a generated day is held to.
//!
//! - [`hill_index`]: how fat the tails of returns are, about 3 in equities (Hill 1975; Gopikrishnan et al. 1999).
//! - [`autocorrelation`]: of absolute returns, positive for hours; of returns, about nothing (Cont 2001).
//! - [`power_law_exponent`]: how slowly the signs of market orders forget, about 0.5 (Lillo and Farmer 2004;
//!   Bouchaud, Bonart, Donier and Gould, *Trades, Quotes and Prices*, 2018, chapter 10).
//! - [`ActivityProfile`]: the day's U shape (Jain and Joh 1988).
//! - [`cancel_share`]: how many orders leave by cancel, most of them (Hasbrouck and Saar 2009).

mod activity;
mod memory;
mod tail;

pub use activity::{ActivityProfile, cancel_share};
pub use memory::{autocorrelation, power_law_exponent};
pub use tail::{hill_index, log_returns, standardise};
