//! Donchian channel.

use crate::{
    SignalError,
    error::check_period,
    fold::{Fold, Larger, Smaller},
};

/// R. Donchian's channel: the highest high and the lowest low of the last `period` bars, and their middle; the first
/// after `period` bars.
#[derive(Clone, Debug)]
pub struct Donchian {
    highest: Fold<Larger>,
    lowest: Fold<Smaller>,
    value: Option<DonchianValue>,
}

/// What a Donchian channel says, in the price's unit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct DonchianValue {
    /// The highest high.
    pub upper: f64,
    /// The mean of the other two.
    pub middle: f64,
    /// The lowest low.
    pub lower: f64,
}

impl Donchian {
    /// Builds the channel over `period` bars.
    ///
    /// # Errors
    /// [`SignalError::Period`] outside 1 to [`PERIOD_MAX`](crate::PERIOD_MAX).
    pub fn new(period: usize) -> Result<Self, SignalError> {
        check_period("period", period)?;
        Ok(Self { highest: Fold::new(period), lowest: Fold::new(period), value: None })
    }

    /// Takes the next bar and returns the channel.
    #[inline]
    pub fn update(&mut self, high: f64, low: f64) -> Option<DonchianValue> {
        let ends = self.highest.push(high).zip(self.lowest.push(low));
        self.value = ends.map(|(upper, lower)| DonchianValue { upper, middle: (upper + lower) * 0.5, lower });
        self.value
    }

    /// Returns the channel after the last update.
    #[must_use]
    pub const fn value(&self) -> Option<DonchianValue> {
        self.value
    }

    /// Forgets every bar.
    pub fn reset(&mut self) {
        self.highest.reset();
        self.lowest.reset();
        self.value = None;
    }
}
