//! A window's total under an associative operation, without ever taking a value out.

use core::marker::PhantomData;

/// An associative operation on two neighbouring stretches of a series.
pub(crate) trait Operation {
    /// Puts an earlier and a later stretch together.
    fn apply(earlier: f64, later: f64) -> f64;
}

/// Adds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Add {}

/// Keeps the larger; not-a-number wins, so that bad input shows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Larger {}

/// Keeps the smaller; not-a-number wins, so that bad input shows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Smaller {}

impl Operation for Add {
    #[inline]
    fn apply(earlier: f64, later: f64) -> f64 {
        earlier + later
    }
}

impl Operation for Larger {
    #[inline]
    fn apply(earlier: f64, later: f64) -> f64 {
        let larger = if earlier > later { earlier } else { later };
        if earlier.is_nan() { earlier } else { larger }
    }
}

impl Operation for Smaller {
    #[inline]
    fn apply(earlier: f64, later: f64) -> f64 {
        let smaller = if earlier < later { earlier } else { later };
        if earlier.is_nan() { earlier } else { smaller }
    }
}

/// The total of the last `period` values under an operation.
///
/// The series is cut into blocks of `period` values. A window is a suffix of the previous block and a prefix of the
/// current one; the prefix grows value by value, and when a block is full its suffixes are computed in one backward
/// pass (M. van Herk 1992; J. Gil and M. Werman 1993). Constant time per value on average, one pass at worst.
#[derive(Clone, Debug)]
pub(crate) struct Fold<O> {
    /// Below `at` the current block's values, from `at` on the previous block's suffix totals.
    slots: Box<[f64]>,
    prefix: f64,
    at: usize,
    filled: bool,
    operation: PhantomData<O>,
}

impl<O: Operation> Fold<O> {
    /// Reserves a window of `period` values, which must not be zero.
    pub(crate) fn new(period: usize) -> Self {
        debug_assert!(period > 0, "Invariant: a window holds at least one value");
        let slots = vec![0.0; period].into_boxed_slice();
        Self { slots, prefix: 0.0, at: 0, filled: false, operation: PhantomData }
    }

    /// Takes the next value and returns the window's total, once the window is full.
    #[inline]
    pub(crate) fn push(&mut self, value: f64) -> Option<f64> {
        self.prefix = if self.at == 0 { value } else { O::apply(self.prefix, value) };
        let slot = self.slots.get_mut(self.at)?;
        *slot = value;
        self.at += 1;
        match self.slots.get(self.at) {
            Some(&suffix) => self.filled.then(|| O::apply(suffix, self.prefix)),
            None => {
                self.turn();
                Some(self.prefix)
            }
        }
    }

    /// Forgets every value.
    pub(crate) fn reset(&mut self) {
        self.at = 0;
        self.filled = false;
    }

    fn turn(&mut self) {
        let mut values = self.slots.iter_mut().rev();
        if let Some(last) = values.next() {
            let mut total = *last;
            for slot in values {
                total = O::apply(*slot, total);
                *slot = total;
            }
        }
        self.at = 0;
        self.filled = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn agrees<O: Operation>(values: &[f64], period: usize, tolerance: f64) {
        let mut fold = Fold::<O>::new(period);
        for (i, &value) in values.iter().enumerate() {
            let got = fold.push(value);
            if i + 1 < period {
                assert_eq!(got, None);
                continue;
            }
            let window = &values[i + 1 - period..=i];
            let want = window.iter().copied().reduce(O::apply).unwrap();
            let scale = window.iter().map(|x| x.abs()).sum::<f64>() * tolerance;
            assert!((got.unwrap() - want).abs() <= scale, "at {i}: {got:?} against {want}");
        }
    }

    proptest! {
        #[test]
        fn fuzz_equals_the_naive_total(values in prop::collection::vec(-1e9..1e9_f64, 0..200), period in 1..40_usize) {
            agrees::<Add>(&values, period, 1e-14);
            agrees::<Larger>(&values, period, 0.0);
            agrees::<Smaller>(&values, period, 0.0);
        }
    }

    #[test]
    fn a_bad_value_leaves_with_its_window() {
        let mut sum = Fold::<Add>::new(3);
        let mut largest = Fold::<Larger>::new(3);
        let series = [1.0, 2.0, f64::NAN, 4.0, 5.0, 6.0, f64::INFINITY, 8.0, 9.0, 10.0];
        let totals: Vec<_> = series.iter().map(|&x| (sum.push(x), largest.push(x))).collect();
        for bad in [2, 3, 4] {
            assert!(totals[bad].0.unwrap().is_nan() && totals[bad].1.unwrap().is_nan(), "{bad}");
        }
        assert_eq!(totals[5], (Some(15.0), Some(6.0)));
        assert_eq!(totals[8], (Some(f64::INFINITY), Some(f64::INFINITY)));
        assert_eq!(totals[9], (Some(27.0), Some(10.0)));
    }
}
