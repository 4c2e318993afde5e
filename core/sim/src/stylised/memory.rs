//! How long series remember.

use super::standardise;

/// Returns the autocorrelation at lags 1 to `lags` of several series taken together.
///
/// Each series is standardised by itself; products are averaged over all of them, so that a long series counts for
/// more. A lag that no series reaches has 0.
#[must_use]
pub fn autocorrelation(series: &[&[f64]], lags: usize) -> Vec<f64> {
    let scaled: Vec<Vec<f64>> = series.iter().map(|values| standardise(values)).collect();
    let at = |lag: usize| {
        let mut sum = 0.0;
        let mut count = 0;
        for values in scaled.iter().filter(|values| values.len() > lag) {
            sum += values.iter().zip(&values[lag..]).map(|(a, b)| a * b).sum::<f64>();
            count += values.len() - lag;
        }
        if count == 0 { 0.0 } else { sum / count as f64 }
    };
    (1..=lags).map(at).collect()
}

/// Returns the exponent g of a power law lag^-g fitted to an autocorrelation (whose first entry is lag 1) over the
/// lags `from` to `to`.
///
/// A straight line by least squares through the logarithms of means over bins of equal width in log lag, eight to a
/// factor of ten, so that the many noisy long lags don't outweigh the short ones. `None` where the range is not
/// covered or a bin's mean is not positive: then there is no power law to speak of.
#[must_use]
pub fn power_law_exponent(autocorrelation: &[f64], from: usize, to: usize) -> Option<f64> {
    if from == 0 || to <= from || to > autocorrelation.len() {
        return None;
    }
    let mut points = Vec::new();
    let mut low = from;
    while low <= to {
        let high = to.min((low as f64 * libm::pow(10.0, 0.125)) as usize).max(low);
        let mean = autocorrelation[low - 1..high].iter().sum::<f64>() / (high - low + 1) as f64;
        if mean <= 0.0 {
            return None;
        }
        points.push((0.5 * (libm::log(low as f64) + libm::log(high as f64)), libm::log(mean)));
        low = high + 1;
    }
    slope(&points).map(|s| -s)
}

/// Returns the slope of the least-squares line through points.
fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let count = points.len() as f64;
    let mean_x = points.iter().map(|p| p.0).sum::<f64>() / count;
    let mean_y = points.iter().map(|p| p.1).sum::<f64>() / count;
    let spread: f64 = points.iter().map(|p| (p.0 - mean_x) * (p.0 - mean_x)).sum();
    let common: f64 = points.iter().map(|p| (p.0 - mean_x) * (p.1 - mean_y)).sum();
    (spread > 0.0).then(|| common / spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternating_series_is_anticorrelated() {
        let values: Vec<f64> = (0..1000).map(|i| if i % 2 == 0 { 1.0 } else { -1.0 }).collect();
        let found = autocorrelation(&[&values], 3);
        assert!(found[0] < -0.99 && found[1] > 0.99 && found[2] < -0.99, "{found:?}");
    }

    #[test]
    fn first_order_series_forgets_geometrically() {
        // A fixed pulse every 97 steps stands in for noise: x = 0.8 x + pulse.
        let mut x = 0.0;
        let values: Vec<f64> = (0..97_000)
            .map(|i| {
                x = 0.8 * x + if i % 97 == 0 { 1.0 } else { 0.0 };
                x
            })
            .collect();
        let found = autocorrelation(&[&values, &values], 5);
        assert!((found[1] / found[0] - 0.8).abs() < 0.03, "{found:?}");
    }

    #[test]
    fn a_series_shorter_than_the_lag_says_nothing() {
        assert_eq!(autocorrelation(&[&[1.0, 2.0]], 3)[1..], [0.0, 0.0]);
    }

    #[test]
    fn finds_the_exponent_of_a_power_law() {
        for exponent in [0.3, 0.5, 0.8] {
            let curve: Vec<f64> = (1..=200).map(|lag| 0.2 * f64::from(lag).powf(-exponent)).collect();
            let found = power_law_exponent(&curve, 1, 200).unwrap();
            assert!((found - exponent).abs() < 0.01, "{found} for {exponent}");
        }
    }

    #[test]
    fn refuses_what_is_no_power_law() {
        assert_eq!(power_law_exponent(&[0.1, -0.1, 0.0, -0.1], 1, 4), None);
        assert_eq!(power_law_exponent(&[0.1, 0.1], 1, 5), None);
        assert_eq!(power_law_exponent(&[0.1, 0.1], 0, 2), None);
    }
}
