//! Relative strength index.

use crate::{SignalError, error::check_period, wilder::Wilder};

/// Wilder's relative strength index, 0 to 100: `100 x gain / (gain + loss)` of the smoothed rises and falls.
///
/// The first after `period` changes, that is `period + 1` values, from their plain means. 0 where nothing has moved,
/// as in TA-Lib. Source: J. W. Wilder, *New Concepts in Technical Trading Systems*, 1978.
#[derive(Clone, Copy, Debug)]
pub struct Rsi {
    last: Option<f64>,
    gain: Wilder,
    loss: Wilder,
    value: Option<f64>,
}

impl Rsi {
    /// Builds the index over `period` changes.
    ///
    /// # Errors
    /// [`SignalError::Period`] outside 1 to [`PERIOD_MAX`](crate::PERIOD_MAX).
    pub fn new(period: usize) -> Result<Self, SignalError> {
        check_period("period", period)?;
        Ok(Self { last: None, gain: Wilder::new(period), loss: Wilder::new(period), value: None })
    }

    /// Takes the next value and returns the index.
    #[inline]
    pub fn update(&mut self, value: f64) -> Option<f64> {
        let change = value - self.last.replace(value)?;
        let rise = if change < 0.0 { 0.0 } else { change };
        let gain = self.gain.push(rise);
        let loss = self.loss.push(rise - change);
        self.value = gain.zip(loss).map(|(gain, loss)| strength(gain, loss));
        self.value
    }

    /// Returns the index after the last update.
    #[must_use]
    pub const fn value(&self) -> Option<f64> {
        self.value
    }

    /// Forgets every value.
    pub fn reset(&mut self) {
        self.last = None;
        self.gain.reset();
        self.loss.reset();
        self.value = None;
    }
}

fn strength(gain: f64, loss: f64) -> f64 {
    let moved = gain + loss;
    if moved == 0.0 { 0.0 } else { 100.0 * gain / moved }
}
