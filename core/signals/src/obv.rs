//! On-balance volume.

use crate::sum::Sum;

/// J. Granville's on-balance volume: a sum that adds the volume of bars that closed higher and takes off that of bars
/// that closed lower; it starts with the first bar's volume, as in TA-Lib.
#[derive(Clone, Copy, Debug, Default)]
pub struct Obv {
    close: Option<f64>,
    sum: Sum,
}

impl Obv {
    /// Builds an empty sum.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bar and returns the sum, in units of volume.
    #[inline]
    pub fn update(&mut self, close: f64, volume: f64) -> Option<f64> {
        match self.close.replace(close) {
            Some(before) if close < before => self.sum.add(-volume),
            Some(before) if close == before => {}
            Some(before) if before.is_nan() || close.is_nan() => self.sum.add(f64::NAN),
            _ => self.sum.add(volume),
        }
        self.value()
    }

    /// Returns the sum after the last update; `None` before the first.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        self.close.map(|_| self.sum.value())
    }

    /// Forgets every bar.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}
