//! Moving average convergence and divergence.

use crate::{Ema, SignalError, error::check_period};

/// G. Appel's MACD: a fast exponential average less a slow one, its own average, and the difference.
///
/// The first after `slow + signal - 1` values. As in TA-Lib the fast average starts late, so that both give their
/// first output, a plain mean, at the same value.
#[derive(Clone, Copy, Debug)]
pub struct Macd {
    fast: Ema,
    slow: Ema,
    signal: Ema,
    /// How many values the fast average lets pass at the start.
    wait: usize,
    skipped: usize,
    value: Option<MacdValue>,
}

/// What a MACD says, in the input's unit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct MacdValue {
    /// Fast average less slow average.
    pub macd: f64,
    /// The average of `macd`.
    pub signal: f64,
    /// `macd` less `signal`.
    pub histogram: f64,
}

impl Macd {
    /// Builds the indicator from three periods, in values.
    ///
    /// # Errors
    /// [`SignalError::Period`] outside 1 to [`PERIOD_MAX`](crate::PERIOD_MAX), and
    /// [`SignalError::FastNotBelowSlow`].
    pub fn new(fast: usize, slow: usize, signal: usize) -> Result<Self, SignalError> {
        check_period("fast", fast)?;
        check_period("slow", slow)?;
        check_period("signal", signal)?;
        if fast >= slow {
            return Err(SignalError::FastNotBelowSlow { fast, slow });
        }
        let wait = slow - fast;
        let (fast, slow, signal) = (Ema::new(fast)?, Ema::new(slow)?, Ema::new(signal)?);
        Ok(Self { fast, slow, signal, wait, skipped: 0, value: None })
    }

    /// Takes the next value and returns the three outputs.
    #[inline]
    pub fn update(&mut self, value: f64) -> Option<MacdValue> {
        let slow = self.slow.update(value);
        if self.skipped < self.wait {
            self.skipped += 1;
            return None;
        }
        let macd = self.fast.update(value)? - slow?;
        self.value = self.signal.update(macd).map(|signal| MacdValue { macd, signal, histogram: macd - signal });
        self.value
    }

    /// Returns the outputs after the last update.
    #[must_use]
    pub const fn value(&self) -> Option<MacdValue> {
        self.value
    }

    /// Forgets every value.
    pub fn reset(&mut self) {
        self.fast.reset();
        self.slow.reset();
        self.signal.reset();
        self.skipped = 0;
        self.value = None;
    }
}
