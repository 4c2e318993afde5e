//! After a million updates an indicator says what a fresh computation over its window says.

use omni_signals::{Bollinger, Ema, Max, Min, Obv, Sma, StdDev, Vwap, Wma};
use proptest::prelude::*;

const UPDATES: usize = 1_000_000;

/// A walk at a level where a naive sum of squares would have lost every digit of the variance.
fn walk(level: f64) -> Vec<f64> {
    let mut state = 99_u64;
    let mut value = level;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        value += (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
        value
    };
    (0..UPDATES).map(|_| next()).collect()
}

fn mean(window: &[f64]) -> f64 {
    window.iter().sum::<f64>() / window.len() as f64
}

fn deviation(window: &[f64]) -> f64 {
    let centre = mean(window);
    (window.iter().map(|x| (x - centre) * (x - centre)).sum::<f64>() / window.len() as f64).sqrt()
}

fn weighted(window: &[f64]) -> f64 {
    let total: f64 = window.iter().zip(1..).map(|(x, weight)| x * f64::from(weight)).sum();
    total / (1..=window.len()).sum::<usize>() as f64
}

#[test]
fn windows_do_not_drift_over_a_million_updates() {
    for level in [100.0, 1e8] {
        let values = walk(level);
        let (mut sma, mut wma) = (Sma::new(20).unwrap(), Wma::new(33).unwrap());
        let (mut stddev, mut bands) = (StdDev::new(20).unwrap(), Bollinger::new(20, 2.0).unwrap());
        for (i, &value) in values.iter().enumerate() {
            let (sma, wma, stddev, bands) =
                (sma.update(value), wma.update(value), stddev.update(value), bands.update(value));
            if i < UPDATES - 100 {
                continue;
            }
            let window = &values[i - 19..=i];
            let unit = value.abs() * f64::EPSILON;
            assert!((sma.unwrap() - mean(window)).abs() <= 8.0 * unit);
            assert!((wma.unwrap() - weighted(&values[i - 32..=i])).abs() <= 8.0 * unit);
            let want = deviation(window);
            assert!((stddev.unwrap() - want).abs() <= 8.0 * unit + 1e-13, "{stddev:?} against {want}");
            let bands = bands.unwrap();
            assert!((bands.upper - bands.lower - 4.0 * want).abs() <= 64.0 * unit);
        }
    }
}

#[test]
fn cumulative_sums_keep_small_terms_beside_large_ones() {
    let (mut obv, mut vwap) = (Obv::new(), Vwap::new());
    obv.update(1.0, 0.0);
    obv.update(2.0, 1e16);
    vwap.update(1.0, 1e16);
    for i in 0..UPDATES {
        obv.update(3.0 + i as f64, 1.0);
        vwap.update(1.0, 1.0);
    }
    assert_eq!(obv.update(0.0, 1e16), Some(1e6));
    assert_eq!(vwap.update(1.0, 0.0), Some(1.0));
}

proptest! {
    #[test]
    fn fuzz_averages_and_extremes_equal_their_definitions(
        values in prop::collection::vec(-1e6..1e6_f64, 1..150),
        period in 1..30_usize,
    ) {
        let (mut sma, mut wma, mut ema) =
            (Sma::new(period).unwrap(), Wma::new(period).unwrap(), Ema::new(period).unwrap());
        let (mut max, mut min) = (Max::new(period).unwrap(), Min::new(period).unwrap());
        let mut average = 0.0;
        for (i, &value) in values.iter().enumerate() {
            let got =
                [sma.update(value), wma.update(value), ema.update(value), max.update(value), min.update(value)];
            if i + 1 < period {
                prop_assert_eq!(got, [None; 5]);
                continue;
            }
            let window = &values[i + 1 - period..=i];
            let weight = 2.0 / (period as f64 + 1.0);
            average = if i + 1 == period { mean(window) } else { weight * value + (1.0 - weight) * average };
            let largest = window.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let smallest = window.iter().copied().fold(f64::INFINITY, f64::min);
            for (got, want) in got.into_iter().zip([mean(window), weighted(window), average, largest, smallest]) {
                prop_assert!((got.unwrap() - want).abs() <= 1e-7, "{:?} against {}", got, want);
            }
        }
    }
}
