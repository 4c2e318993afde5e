//! Rolling extremes.

use crate::{
    SignalError,
    error::check_period,
    fold::{Fold, Larger, Smaller},
};

macro_rules! extreme {
    ($(#[$doc:meta])* $name:ident, $operation:ty) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            window: Fold<$operation>,
            value: Option<f64>,
        }

        impl $name {
            /// Builds the extreme over `period` values.
            ///
            /// # Errors
            /// [`SignalError::Period`] outside 1 to [`PERIOD_MAX`](crate::PERIOD_MAX).
            pub fn new(period: usize) -> Result<Self, SignalError> {
                check_period("period", period)?;
                Ok(Self { window: Fold::new(period), value: None })
            }

            /// Takes the next value and returns the extreme.
            #[inline]
            pub fn update(&mut self, value: f64) -> Option<f64> {
                self.value = self.window.push(value);
                self.value
            }

            /// Returns the extreme after the last update.
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
    };
}

extreme! {
    /// The largest of the last `period` values; the first after `period` values.
    Max, Larger
}
extreme! {
    /// The smallest of the last `period` values; the first after `period` values.
    Min, Smaller
}
