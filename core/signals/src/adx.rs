//! Average directional movement index.

use crate::{SignalError, atr::true_range, error::check_period, wilder::Wilder};

/// Wilder's directional movement: how much of the true range rose, how much fell, and how one-sided that has been.
///
/// With the smoothed sums `s -= s / period; s += new`, which start as the sums of `period - 1` bars' movements as in
/// TA-Lib, `plus_di = 100 x plus / range`, `minus_di` likewise, and `adx` is Wilder's average over `period` of `100 x
/// |plus_di - minus_di| / (plus_di + minus_di)`. The first after `2 x period` bars. A bar without direction leaves
/// `adx` as it was. Source: J. W. Wilder, *New Concepts in Technical Trading Systems*, 1978.
#[derive(Clone, Copy, Debug)]
pub struct Adx {
    started: bool,
    high: f64,
    low: f64,
    close: f64,
    /// Movements summed until smoothing starts.
    pending: usize,
    seed: usize,
    keep: f64,
    plus: f64,
    minus: f64,
    range: f64,
    average: Wilder,
    smoothed: Option<f64>,
    value: Option<AdxValue>,
}

/// What the directional movement says, each 0 to 100.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct AdxValue {
    /// How one-sided the movement has been.
    pub adx: f64,
    /// The rising share of the true range.
    pub plus_di: f64,
    /// The falling share of the true range.
    pub minus_di: f64,
}

impl Adx {
    /// Builds the index over `period` bars.
    ///
    /// # Errors
    /// [`SignalError::Period`] outside 1 to [`PERIOD_MAX`](crate::PERIOD_MAX).
    pub fn new(period: usize) -> Result<Self, SignalError> {
        check_period("period", period)?;
        let seed = period - 1;
        let keep = 1.0 - 1.0 / period as f64;
        let average = Wilder::new(period);
        let (plus, minus, range) = (0.0, 0.0, 0.0);
        Ok(Self {
            started: false,
            high: 0.0,
            low: 0.0,
            close: 0.0,
            pending: seed,
            seed,
            keep,
            plus,
            minus,
            range,
            average,
            smoothed: None,
            value: None,
        })
    }

    /// Takes the next bar and returns the three outputs.
    #[inline]
    pub fn update(&mut self, high: f64, low: f64, close: f64) -> Option<AdxValue> {
        let (plus, minus) = movement(high - self.high, self.low - low);
        let range = true_range(high, low, self.close);
        (self.high, self.low, self.close) = (high, low, close);
        if !self.started {
            self.started = true;
            return None;
        }
        let keep = if self.pending > 0 { 1.0 } else { self.keep };
        self.plus = self.plus * keep + plus;
        self.minus = self.minus * keep + minus;
        self.range = self.range * keep + range;
        if self.pending > 0 {
            self.pending -= 1;
            return None;
        }
        self.value = self.direct();
        self.value
    }

    /// Returns the outputs after the last update.
    #[must_use]
    pub const fn value(&self) -> Option<AdxValue> {
        self.value
    }

    /// Forgets every bar.
    pub fn reset(&mut self) {
        self.started = false;
        self.pending = self.seed;
        (self.plus, self.minus, self.range) = (0.0, 0.0, 0.0);
        self.average.reset();
        self.smoothed = None;
        self.value = None;
    }

    fn direct(&mut self) -> Option<AdxValue> {
        let share = if self.range == 0.0 { 0.0 } else { 100.0 / self.range };
        let (plus_di, minus_di) = (self.plus * share, self.minus * share);
        let moved = plus_di + minus_di;
        if moved != 0.0 {
            self.smoothed = self.average.push(100.0 * (plus_di - minus_di).abs() / moved);
        } else if self.smoothed.is_none() {
            self.smoothed = self.average.push(0.0);
        }
        self.smoothed.map(|adx| AdxValue { adx, plus_di, minus_di })
    }
}

/// Returns the bar's rising and falling movement: the larger of the two where it is positive, nothing for the other.
#[inline]
fn movement(up: f64, down: f64) -> (f64, f64) {
    // Comparisons turn into masks rather than jumps, which prices would make unpredictable.
    let plus = f64::from(u8::from(up > down)) * up.max(0.0);
    let minus = f64::from(u8::from(down > up)) * down.max(0.0);
    (plus, minus)
}
