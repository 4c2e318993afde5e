//! Exponential moving average.

use crate::{SignalError, error::check_period};

/// The exponential average with weight `2 / (period + 1)` on the newest value.
///
/// As in TA-Lib it starts with the plain mean of the first `period` values, which is its first output.
#[derive(Clone, Copy, Debug)]
pub struct Ema {
    period: usize,
    weight: f64,
    count: usize,
    /// The sum of the values until there are `period` of them, then the average.
    state: f64,
}

impl Ema {
    /// Builds the average over `period` values.
    ///
    /// # Errors
    /// [`SignalError::Period`] outside 1 to [`PERIOD_MAX`](crate::PERIOD_MAX).
    pub fn new(period: usize) -> Result<Self, SignalError> {
        check_period("period", period)?;
        Ok(Self { period, weight: 2.0 / (period as f64 + 1.0), count: 0, state: 0.0 })
    }

    /// Takes the next value and returns the average.
    #[inline]
    pub fn update(&mut self, value: f64) -> Option<f64> {
        if self.count == self.period {
            self.state += (value - self.state) * self.weight;
            return Some(self.state);
        }
        self.state += value;
        self.count += 1;
        if self.count == self.period {
            self.state /= self.period as f64;
        }
        self.value()
    }

    /// Returns the average after the last update.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        (self.count == self.period).then_some(self.state)
    }

    /// Forgets every value.
    pub fn reset(&mut self) {
        self.count = 0;
        self.state = 0.0;
    }
}
