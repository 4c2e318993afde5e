//! Linearly weighted moving average.

use crate::{SignalError, error::check_period};

/// The mean of the last `period` values with weights 1 (oldest) to `period` (newest); the first after `period` values.
///
/// Like the other windows it joins a suffix of the previous block with a prefix of the current one. A
/// suffix that gains a value in front moves all its weights up by one, which adds its plain sum.
#[derive(Clone, Debug)]
pub struct Wma {
    /// Below `at` the current block's values, from `at` on the previous block's suffixes.
    slots: Box<[Suffix]>,
    /// Plain sum of the current block.
    sum: f64,
    /// What the current block's weighted sum lacks to every value having the weight `period`.
    lack: f64,
    at: usize,
    filled: bool,
    share: f64,
    value: Option<f64>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Suffix {
    sum: f64,
    weighted: f64,
}

impl Wma {
    /// Builds the average over `period` values.
    ///
    /// # Errors
    /// [`SignalError::Period`] outside 1 to [`PERIOD_MAX`](crate::PERIOD_MAX).
    pub fn new(period: usize) -> Result<Self, SignalError> {
        check_period("period", period)?;
        let slots = vec![Suffix::default(); period].into_boxed_slice();
        let share = 2.0 / (period as f64 * (period as f64 + 1.0));
        Ok(Self { slots, sum: 0.0, lack: 0.0, at: 0, filled: false, share, value: None })
    }

    /// Takes the next value and returns the average.
    #[inline]
    pub fn update(&mut self, value: f64) -> Option<f64> {
        self.value = self.push(value).map(|weighted| weighted * self.share);
        self.value
    }

    /// Returns the average after the last update.
    #[must_use]
    pub const fn value(&self) -> Option<f64> {
        self.value
    }

    /// Forgets every value.
    pub fn reset(&mut self) {
        self.at = 0;
        self.filled = false;
        self.value = None;
    }

    fn push(&mut self, value: f64) -> Option<f64> {
        if self.at == 0 {
            (self.sum, self.lack) = (0.0, 0.0);
        }
        self.lack += self.sum;
        self.sum += value;
        let prefix = self.slots.len() as f64 * self.sum - self.lack;
        let slot = self.slots.get_mut(self.at)?;
        slot.sum = value;
        self.at += 1;
        match self.slots.get(self.at) {
            Some(suffix) => self.filled.then_some(suffix.weighted + prefix),
            None => {
                self.turn();
                Some(prefix)
            }
        }
    }

    fn turn(&mut self) {
        let mut suffix = Suffix::default();
        for slot in self.slots.iter_mut().rev() {
            suffix.sum += slot.sum;
            suffix.weighted += suffix.sum;
            *slot = suffix;
        }
        self.at = 0;
        self.filled = true;
    }
}
