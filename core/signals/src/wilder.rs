//! Wilder's smoothing.

/// The smoothed average of J. W. Wilder (*New Concepts in Technical Trading Systems*, 1978): first the plain mean of
/// `period` values, then `average + (value - average) / period`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wilder {
    period: usize,
    share: f64,
    count: usize,
    /// The sum of the values until there are `period` of them, then the average.
    state: f64,
}

impl Wilder {
    /// Starts an average over `period` values, which must not be zero.
    pub(crate) fn new(period: usize) -> Self {
        debug_assert!(period > 0, "Invariant: an average has a period");
        Self { period, share: 1.0 / period as f64, count: 0, state: 0.0 }
    }

    /// Takes the next value and returns the average, once `period` values have come.
    #[inline]
    pub(crate) fn push(&mut self, value: f64) -> Option<f64> {
        if self.count == self.period {
            self.state += (value - self.state) * self.share;
            return Some(self.state);
        }
        self.state += value;
        self.count += 1;
        if self.count < self.period {
            return None;
        }
        self.state /= self.period as f64;
        Some(self.state)
    }

    /// Forgets every value.
    pub(crate) fn reset(&mut self) {
        self.count = 0;
        self.state = 0.0;
    }
}
