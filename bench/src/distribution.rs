//! How the times of single operations are spread.

use std::time::Instant;

use hdrhistogram::Histogram;

use crate::figure::{Failure, Figure};

/// Significant digits that are told apart.
const DIGITS: u8 = 3;
/// Points of the curve for each halving of what is slower.
const POINTS: u32 = 8;
/// The percentiles that are figures.
const PERCENTILES: [(&str, f64); 5] = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999), ("p9999", 0.9999)];

/// Wall-clock times of single operations, in nanoseconds, timer included.
///
/// They are written one after the other, which disturbs what is measured less than the counters of a histogram do.
#[derive(Default)]
pub(crate) struct Samples(Vec<u32>);

impl Samples {
    pub(crate) fn with_capacity(count: usize) -> Self {
        Self(Vec::with_capacity(count))
    }

    #[inline]
    pub(crate) fn since(&mut self, start: Instant) {
        self.0.push(u32::try_from(start.elapsed().as_nanos()).unwrap_or(u32::MAX));
    }

    /// Returns how the samples are spread, under `name`.
    pub(crate) fn distribution(self, name: &str) -> Result<Distribution, Failure> {
        if self.0.is_empty() {
            return Err(Failure(format!("{name}: nothing to measure")));
        }
        let mut histogram = Histogram::new_with_bounds(1, u32::MAX.into(), DIGITS).map_err(Failure::of)?;
        self.0.iter().for_each(|&took| histogram.saturating_record(took.into()));
        Ok(Distribution { name: name.to_owned(), histogram })
    }
}

/// How the times of an operation are spread.
#[derive(Clone, PartialEq, Debug)]
pub struct Distribution {
    /// What the percentiles' names begin with.
    pub name: String,
    histogram: Histogram<u64>,
}

impl Distribution {
    /// Returns how many operations were timed.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.histogram.len()
    }

    /// Returns the shares of the operations from 0 to 1, in steps that halve what is slower, and the nanoseconds that
    /// each share stays within.
    #[must_use]
    pub fn curve(&self) -> Vec<(f64, u64)> {
        let steps = self.histogram.iter_quantiles(POINTS);
        steps.map(|step| (step.quantile_iterated_to(), step.value_iterated_to())).collect()
    }

    /// Returns the percentiles and the longest.
    pub(crate) fn figures(&self) -> impl Iterator<Item = Figure> + '_ {
        let named = |what: &str, value: u64| Figure::new(format!("{}.{what}_ns", self.name), value as f64);
        let percentiles =
            PERCENTILES.into_iter().map(move |(what, share)| named(what, self.histogram.value_at_quantile(share)));
        percentiles.chain([named("max", self.histogram.max())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(samples: impl IntoIterator<Item = u32>) -> Distribution {
        Samples(samples.into_iter().collect()).distribution("op").unwrap()
    }

    #[test]
    fn percentiles_are_those_of_the_samples() {
        let told: Vec<(String, f64)> =
            spread((1..=2_000).rev()).figures().map(|figure| (figure.name, figure.value)).collect();
        let expected = [
            ("p50", 1_000.0),
            ("p90", 1_800.0),
            ("p99", 1_980.0),
            ("p999", 1_998.0),
            ("p9999", 2_000.0),
            ("max", 2_000.0),
        ];
        assert_eq!(told, expected.map(|(what, value)| (format!("op.{what}_ns"), value)));
    }

    #[test]
    fn the_curve_rises_from_the_least_to_the_longest_share_by_share() {
        let spread = spread((0..100_000).map(|at| at * 7_919 % 65_537));
        let curve = spread.curve();
        assert_eq!(spread.count(), 100_000);
        assert!(curve.windows(2).all(|pair| pair[0].0 <= pair[1].0 && pair[0].1 <= pair[1].1), "{curve:?}");
        assert_eq!(curve.last().map(|&(share, _)| share), Some(1.0));
        let longest = spread.figures().last().map(|figure| figure.value);
        assert_eq!(curve.last().map(|&(_, value)| value as f64), longest);
    }

    #[test]
    fn nothing_has_no_spread() {
        assert!(Samples::default().distribution("op").unwrap_err().0.starts_with("op: nothing"));
    }
}
