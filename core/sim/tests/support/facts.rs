//! The statistics of a day, generated or measured.

use omni_sim::stylised::{ActivityProfile, autocorrelation, hill_index, log_returns, power_law_exponent, standardise};

use super::day::Tape;

/// Part of the returns that counts as tail.
pub const TAIL_SHARE: f64 = 0.05;
/// Lags, in orders, over which the memory of signs is fitted.
pub const SIGN_LAGS: (usize, usize) = (2, 100);

/// What a day is held to.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Returns of one minute, each instrument's in its own standard deviations.
    pub minutes: Vec<f64>,
    /// Tail exponent of one-minute returns.
    pub hill: f64,
    /// Autocorrelation of absolute one-minute returns, lags 1 to 30.
    pub absolute: Vec<f64>,
    /// Autocorrelation of one-minute returns, lags 1 to 30.
    pub returns: Vec<f64>,
    /// Autocorrelation of order signs, lags 1 to 200.
    pub signs: Vec<f64>,
    /// Its power law's exponent; not a number where it has none.
    pub sign_exponent: f64,
}

impl Facts {
    /// Measures tapes together: each one's returns and signs are scaled by themselves.
    pub fn new(tapes: &[Tape]) -> Self {
        let returns: Vec<Vec<f64>> = tapes.iter().map(|tape| standardise(&log_returns(&tape.mids))).collect();
        let sizes: Vec<Vec<f64>> = returns.iter().map(|r| r.iter().map(|v| v.abs()).collect()).collect();
        let signs: Vec<&[f64]> = tapes.iter().map(|tape| tape.signs.as_slice()).collect();
        let signs = autocorrelation(&signs, 200);
        let minutes = returns.concat();
        Self {
            hill: hill_index(&minutes, TAIL_SHARE).unwrap_or(f64::NAN),
            absolute: memory(&sizes),
            returns: memory(&returns),
            sign_exponent: power_law_exponent(&signs, SIGN_LAGS.0, SIGN_LAGS.1).unwrap_or(f64::NAN),
            signs,
            minutes,
        }
    }
}

fn memory(series: &[Vec<f64>]) -> Vec<f64> {
    autocorrelation(&series.iter().map(Vec::as_slice).collect::<Vec<_>>(), 30)
}

/// Returns the activity at the open and at the close beside midday's.
pub fn ratios(per_minute: &[f64]) -> (f64, f64) {
    ActivityProfile::new(per_minute).map_or((f64::NAN, f64::NAN), |profile| profile.ratios())
}
