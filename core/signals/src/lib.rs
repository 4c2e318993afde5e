//! Streaming indicators: one small struct each, and the same code over a slice.
//!
//! Every indicator is built by `new`, fed by `update` and read by `value`; both return `None` until enough inputs
//! have come. Warm-up, seeding and degenerate cases follow TA-Lib 0.8, so that its outputs are ours to about twelve
//! digits. [`Indicator`] holds any of them by name, [`catalogue`] describes them, and [`batch`] runs one over columns.
//!
//! **Cost.** Memory is reserved by `new`. An update is constant time; indicators over a window make one pass over
//! the window every `period` updates, which is constant per update on average.
//!
//! **Stability.** No indicator takes an old value out of a running sum. Windows are put together from a suffix of
//! the previous block and a prefix of the current one (van Herk, Gil and Werman), smoothing is contractive, and
//! cumulative sums are compensated. So the error doesn't grow with the number of updates.
//!
//! **Input.** Inputs aren't judged: not-a-number and infinities go through. A window is clean again when the bad
//! value has left it, but an average that remembers everything (EMA, RSI, MACD, ATR, ADX, VWAP, OBV) keeps it until
//! `reset`. Only the four operations and the square root are used, so every machine computes the same bits.

mod adx;
mod atr;
mod batch;
mod bollinger;
mod catalogue;
mod change;
mod deviation;
mod donchian;
mod ema;
mod error;
mod extreme;
mod fold;
mod indicator;
mod lag;
mod macd;
mod moments;
mod obv;
mod row;
mod rsi;
mod sma;
mod stochastic;
mod sum;
mod vwap;
mod wilder;
mod wma;

pub use adx::{Adx, AdxValue};
pub use atr::Atr;
pub use batch::{batch, batch_into};
pub use bollinger::{Bollinger, BollingerValue};
pub use catalogue::{Entry, Parameter, catalogue};
pub use change::{Momentum, Roc};
pub use deviation::StdDev;
pub use donchian::{Donchian, DonchianValue};
pub use ema::Ema;
pub use error::{PERIOD_MAX, SignalError};
pub use extreme::{Max, Min};
pub use indicator::{Indicator, Output};
pub use macd::{Macd, MacdValue};
pub use obv::Obv;
pub use rsi::Rsi;
pub use sma::Sma;
pub use stochastic::{Stochastic, StochasticValue};
pub use vwap::Vwap;
pub use wma::Wma;
