//! Simple moving average.

use crate::{
    SignalError,
    error::check_period,
    fold::{Add, Fold},
};

/// The plain mean of the last `period` values; the first after `period` values.
#[derive(Clone, Debug)]
pub struct Sma {
    window: Fold<Add>,
    share: f64,
    value: Option<f64>,
}

impl Sma {
    /// Builds the average over `period` values.
    ///
    /// # Errors
    /// [`SignalError::Period`] outside 1 to [`PERIOD_MAX`](crate::PERIOD_MAX).
    pub fn new(period: usize) -> Result<Self, SignalError> {
        check_period("period", period)?;
        Ok(Self { window: Fold::new(period), share: 1.0 / period as f64, value: None })
    }

    /// Takes the next value and returns the average.
    #[inline]
    pub fn update(&mut self, value: f64) -> Option<f64> {
        self.value = self.window.push(value).map(|sum| sum * self.share);
        self.value
    }

    /// Returns the average after the last update.
    #[must_use]
    pub const fn value(&self) -> Option<f64> {
        self.value
    }

    /// Forgets every value.
    pub fn reset(&mut self) {
        self.window.reset();
        self.value = None;
    }
}
