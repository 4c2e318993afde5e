//! Average true range.

use crate::{
    SignalError,
    error::check_period,
    fold::{Larger, Operation},
    wilder::Wilder,
};

/// Wilder's smoothed average of the true range, in the price's unit.
///
/// The first bar only gives the close before; the first output comes after `period + 1` bars, as the plain mean of
/// `period` true ranges. Source: J. W. Wilder, *New Concepts in Technical Trading Systems*, 1978.
#[derive(Clone, Copy, Debug)]
pub struct Atr {
    close: Option<f64>,
    average: Wilder,
    value: Option<f64>,
}

impl Atr {
    /// Builds the average over `period` true ranges.
    ///
    /// # Errors
    /// [`SignalError::Period`] outside 1 to [`PERIOD_MAX`](crate::PERIOD_MAX).
    pub fn new(period: usize) -> Result<Self, SignalError> {
        check_period("period", period)?;
        Ok(Self { close: None, average: Wilder::new(period), value: None })
    }

    /// Takes the next bar and returns the average.
    #[inline]
    pub fn update(&mut self, high: f64, low: f64, close: f64) -> Option<f64> {
        let before = self.close.replace(close)?;
        self.value = self.average.push(true_range(high, low, before));
        self.value
    }

    /// Returns the average after the last update.
    #[must_use]
    pub const fn value(&self) -> Option<f64> {
        self.value
    }

    /// Forgets every bar.
    pub fn reset(&mut self) {
        self.close = None;
        self.average.reset();
        self.value = None;
    }
}

/// Returns the largest of the bar's range and its extremes' distances from the close before.
#[inline]
pub(crate) fn true_range(high: f64, low: f64, close_before: f64) -> f64 {
    let distance = Larger::apply((high - close_before).abs(), (low - close_before).abs());
    Larger::apply(high - low, distance)
}
