//! A window's mean and variance, without ever taking a value out.

/// Mean and population variance of the last `period` values.
///
/// As in [`Fold`](crate::fold::Fold), a window is a suffix of the previous block and a prefix of the current one. Each
/// stretch keeps its mean and its sum of squared distances from it (B. P. Welford 1962), and two stretches are put
/// together by the formula of T. Chan, G. Golub and R. LeVeque (1983), so nothing cancels.
#[derive(Clone, Debug)]
pub(crate) struct Moments {
    /// Below `at` the current block's values, from `at` on the previous block's suffixes.
    slots: Box<[Stretch]>,
    /// `1 / (i + 1)`, so that an update divides by nothing.
    reciprocals: Box<[f64]>,
    prefix: Stretch,
    at: usize,
    filled: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Stretch {
    mean: f64,
    /// Sum of squared distances from the mean.
    squares: f64,
}

impl Stretch {
    /// Adds a value, the `1 / reciprocal`-th.
    fn with(self, value: f64, reciprocal: f64) -> Self {
        let distance = value - self.mean;
        let mean = self.mean + distance * reciprocal;
        Self { mean, squares: self.squares + distance * (value - mean) }
    }
}

impl Moments {
    /// Reserves a window of `period` values, which must not be zero.
    pub(crate) fn new(period: usize) -> Self {
        debug_assert!(period > 0, "Invariant: a window holds at least one value");
        Self {
            slots: vec![Stretch::default(); period].into_boxed_slice(),
            reciprocals: (1..=period).map(|n| 1.0 / n as f64).collect(),
            prefix: Stretch::default(),
            at: 0,
            filled: false,
        }
    }

    /// Takes the next value and returns the window's mean and population variance, once the window is full.
    #[inline]
    pub(crate) fn push(&mut self, value: f64) -> Option<(f64, f64)> {
        let start = if self.at == 0 { Stretch::default() } else { self.prefix };
        self.prefix = start.with(value, *self.reciprocals.get(self.at)?);
        let slot = self.slots.get_mut(self.at)?;
        slot.mean = value;
        self.at += 1;
        let whole = match self.slots.get(self.at) {
            Some(&suffix) => {
                if !self.filled {
                    return None;
                }
                self.joined(suffix)
            }
            None => {
                self.turn();
                self.prefix
            }
        };
        Some((whole.mean, whole.squares * self.share()))
    }

    /// Forgets every value.
    pub(crate) fn reset(&mut self) {
        self.at = 0;
        self.filled = false;
    }

    /// One value's share of the window.
    fn share(&self) -> f64 {
        self.reciprocals.last().copied().unwrap_or(1.0)
    }

    fn joined(&self, suffix: Stretch) -> Stretch {
        let weight = self.at as f64 * self.share();
        let distance = self.prefix.mean - suffix.mean;
        let between = distance * distance * weight * (self.slots.len() - self.at) as f64;
        Stretch { mean: suffix.mean + distance * weight, squares: suffix.squares + self.prefix.squares + between }
    }

    fn turn(&mut self) {
        let mut suffix = Stretch::default();
        for (slot, &reciprocal) in self.slots.iter_mut().rev().zip(&self.reciprocals) {
            suffix = suffix.with(slot.mean, reciprocal);
            *slot = suffix;
        }
        self.at = 0;
        self.filled = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn naive(window: &[f64]) -> (f64, f64) {
        let count = window.len() as f64;
        let mean = window.iter().sum::<f64>() / count;
        (mean, window.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count)
    }

    proptest! {
        #[test]
        fn fuzz_equals_two_naive_passes(
            level in -1e9..1e9_f64,
            steps in prop::collection::vec(-1.0..1.0_f64, 1..200),
            period in 1..40_usize,
        ) {
            let values: Vec<f64> = steps.iter().map(|step| level + step).collect();
            let mut moments = Moments::new(period);
            for (i, &value) in values.iter().enumerate() {
                let got = moments.push(value);
                prop_assert_eq!(got.is_some(), i + 1 >= period);
                let Some((mean, variance)) = got else { continue };
                let (want_mean, want_variance) = naive(&values[i + 1 - period..=i]);
                // The level is known to half a unit in its last place, about 1e-7 at 1e9; squared it is nothing.
                let unit = level.abs() * f64::EPSILON + f64::EPSILON;
                prop_assert!((mean - want_mean).abs() <= 16.0 * unit, "{} {}", mean, want_mean);
                prop_assert!((variance - want_variance).abs() <= 1e-12 + 8.0 * unit, "{} {}", variance, want_variance);
            }
        }
    }

    #[test]
    fn a_constant_has_no_variance_and_a_jump_leaves_none_behind() {
        let mut moments = Moments::new(7);
        let series = [1e-3; 20].into_iter().chain([1e15; 3]).chain([0.1; 20]);
        let variances: Vec<f64> = series.filter_map(|x| moments.push(x)).map(|(_, variance)| variance).collect();
        assert!(variances[..14].iter().all(|&v| v == 0.0));
        assert!(variances[14..23].iter().all(|&v| v > 1e28));
        // The last window that holds a value of 1e15 ends six values after the third of them.
        assert!(variances[23..].iter().all(|&v| v < 1e-30), "{:?}", &variances[23..]);
    }
}
