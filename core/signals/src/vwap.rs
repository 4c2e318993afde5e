//! Volume-weighted average price of a session.

use crate::sum::Sum;

/// The turnover since the session's start divided by its volume; `reset` starts the next session.
#[derive(Clone, Copy, Debug, Default)]
pub struct Vwap {
    turnover: Sum,
    volume: Sum,
    value: Option<f64>,
}

impl Vwap {
    /// Builds the average of an empty session.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a trade and returns the average; `None` while no volume has traded.
    #[inline]
    pub fn update(&mut self, price: f64, volume: f64) -> Option<f64> {
        self.turnover.add(price * volume);
        self.volume.add(volume);
        let traded = self.volume.value();
        self.value = (traded != 0.0).then(|| self.turnover.value() / traded);
        self.value
    }

    /// Takes a bar at its typical price, `(high + low + close) / 3`, and returns the average.
    #[inline]
    pub fn update_bar(&mut self, high: f64, low: f64, close: f64, volume: f64) -> Option<f64> {
        self.update((high + low + close) / 3.0, volume)
    }

    /// Returns the average after the last update.
    #[must_use]
    pub const fn value(&self) -> Option<f64> {
        self.value
    }

    /// Starts the next session.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}
