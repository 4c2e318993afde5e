//! Stochastic oscillator.

use crate::{
    SignalError, Sma,
    error::check_period,
    fold::{Fold, Larger, Smaller},
};

/// G. Lane's slow stochastic: where the close stands in the range of the last bars, smoothed twice.
///
/// `fast = 100 x (close - lowest low) / (highest high - lowest low)` over `period` bars, 0 where the range is nothing;
/// `k` is the plain mean of `smooth` of those and `d` of `signal` values of `k`. The first after `period + smooth +
/// signal - 2` bars.
#[derive(Clone, Debug)]
pub struct Stochastic {
    highest: Fold<Larger>,
    lowest: Fold<Smaller>,
    smooth: Sma,
    signal: Sma,
    value: Option<StochasticValue>,
}

/// What a stochastic says, each 0 to 100.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct StochasticValue {
    /// The smoothed position of the close.
    pub k: f64,
    /// The average of `k`.
    pub d: f64,
}

impl Stochastic {
    /// Builds the oscillator from three periods, in bars.
    ///
    /// # Errors
    /// [`SignalError::Period`] outside 1 to [`PERIOD_MAX`](crate::PERIOD_MAX).
    pub fn new(period: usize, smooth: usize, signal: usize) -> Result<Self, SignalError> {
        check_period("period", period)?;
        check_period("smooth", smooth)?;
        check_period("signal", signal)?;
        let (highest, lowest) = (Fold::new(period), Fold::new(period));
        Ok(Self { highest, lowest, smooth: Sma::new(smooth)?, signal: Sma::new(signal)?, value: None })
    }

    /// Takes the next bar and returns both outputs.
    #[inline]
    pub fn update(&mut self, high: f64, low: f64, close: f64) -> Option<StochasticValue> {
        let highest = self.highest.push(high);
        let lowest = self.lowest.push(low);
        let k = self.smooth.update(position(highest?, lowest?, close))?;
        self.value = self.signal.update(k).map(|d| StochasticValue { k, d });
        self.value
    }

    /// Returns the outputs after the last update.
    #[must_use]
    pub const fn value(&self) -> Option<StochasticValue> {
        self.value
    }

    /// Forgets every bar.
    pub fn reset(&mut self) {
        self.highest.reset();
        self.lowest.reset();
        self.smooth.reset();
        self.signal.reset();
        self.value = None;
    }
}

fn position(highest: f64, lowest: f64, close: f64) -> f64 {
    let range = highest - lowest;
    if range == 0.0 { 0.0 } else { 100.0 * (close - lowest) / range }
}
