//! Change over some updates: momentum and rate of change.

use crate::{SignalError, error::check_period, lag::Lag};

macro_rules! change {
    ($(#[$doc:meta])* $name:ident, $formula:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            lag: Lag,
            value: Option<f64>,
        }

        impl $name {
            /// Builds the change over `period` updates.
            ///
            /// # Errors
            /// [`SignalError::Period`] outside 1 to [`PERIOD_MAX`](crate::PERIOD_MAX).
            pub fn new(period: usize) -> Result<Self, SignalError> {
                check_period("period", period)?;
                Ok(Self { lag: Lag::new(period), value: None })
            }

            /// Takes the next value and returns the change.
            #[inline]
            pub fn update(&mut self, value: f64) -> Option<f64> {
                self.value = self.lag.push(value).map(|before| $formula(value, before));
                self.value
            }

            /// Returns the change after the last update.
            #[must_use]
            pub const fn value(&self) -> Option<f64> {
                self.value
            }

            /// Forgets every value.
            pub fn reset(&mut self) {
                self.lag.reset();
                self.value = None;
            }
        }
    };
}

change! {
    /// The value less the value of `period` updates ago, in the input's unit; the first after `period + 1` values.
    Momentum, difference
}
change! {
    /// The change from the value of `period` updates ago in percent of it, 0 where that was 0 as in TA-Lib; the
    /// first after `period + 1` values.
    Roc, percent
}

fn difference(value: f64, before: f64) -> f64 {
    value - before
}

fn percent(value: f64, before: f64) -> f64 {
    if before == 0.0 { 0.0 } else { (value / before - 1.0) * 100.0 }
}
