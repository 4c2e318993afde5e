//! Bollinger bands.

use crate::{SignalError, error::check_period, moments::Moments};

/// J. Bollinger's bands: the mean of the last `period` values, and that many population standard deviations above
/// and below it; the first after `period` values.
#[derive(Clone, Debug)]
pub struct Bollinger {
    window: Moments,
    deviations: f64,
    value: Option<BollingerValue>,
}

/// What Bollinger bands say, in the input's unit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct BollingerValue {
    /// The band above.
    pub upper: f64,
    /// The mean.
    pub middle: f64,
    /// The band below.
    pub lower: f64,
}

impl Bollinger {
    /// Builds the bands over `period` values, `deviations` standard deviations wide on each side.
    ///
    /// # Errors
    /// [`SignalError::Period`] outside 1 to [`PERIOD_MAX`](crate::PERIOD_MAX), and [`SignalError::Deviations`].
    pub fn new(period: usize, deviations: f64) -> Result<Self, SignalError> {
        check_period("period", period)?;
        if !(deviations.is_finite() && deviations > 0.0) {
            return Err(SignalError::Deviations(deviations));
        }
        Ok(Self { window: Moments::new(period), deviations, value: None })
    }

    /// Takes the next value and returns the bands.
    #[inline]
    pub fn update(&mut self, value: f64) -> Option<BollingerValue> {
        self.value = self.window.push(value).map(|(middle, variance)| {
            let width = self.deviations * variance.sqrt();
            BollingerValue { upper: middle + width, middle, lower: middle - width }
        });
        self.value
    }

    /// Returns the bands after the last update.
    #[must_use]
    pub const fn value(&self) -> Option<BollingerValue> {
        self.value
    }

    /// Forgets every value.
    pub fn reset(&mut self) {
        self.window.reset();
        self.value = None;
    }
}
