//! Rolling standard deviation.

use crate::{SignalError, error::check_period, moments::Moments};

/// The population standard deviation of the last `period` values (divided by `period`, as in TA-Lib); the first
/// after `period` values.
#[derive(Clone, Debug)]
pub struct StdDev {
    window: Moments,
    value: Option<f64>,
}

impl StdDev {
    /// Builds the deviation over `period` values.
    ///
    /// # Errors
    /// [`SignalError::Period`] outside 1 to [`PERIOD_MAX`](crate::PERIOD_MAX).
    pub fn new(period: usize) -> Result<Self, SignalError> {
        check_period("period", period)?;
        Ok(Self { window: Moments::new(period), value: None })
    }

    /// Takes the next value and returns the deviation.
    #[inline]
    pub fn update(&mut self, value: f64) -> Option<f64> {
        self.value = self.window.push(value).map(|(_, variance)| variance.sqrt());
        self.value
    }

    /// Returns the deviation after the last update.
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
