//! Returns and their tails.

/// Returns the logarithmic returns between neighbouring prices, which are above zero.
#[must_use]
pub fn log_returns(prices: &[f64]) -> Vec<f64> {
    prices.windows(2).map(|pair| libm::log(pair[1] / pair[0])).collect()
}

/// Returns the values less their mean, in their standard deviations; all zero where they don't differ.
#[must_use]
pub fn standardise(values: &[f64]) -> Vec<f64> {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / count;
    let scale = if variance > 0.0 { 1.0 / variance.sqrt() } else { 0.0 };
    values.iter().map(|v| (v - mean) * scale).collect()
}

/// Returns the tail exponent of the absolute values by Hill's estimator over the largest `share` of them.
///
/// With the k + 1 largest x(0) >= … >= x(k) it is k / sum of ln(x(i) / x(k)), i < k (Hill, *A simple general approach
/// to inference about the tail of a distribution*, Annals of Statistics 3, 1975). Its standard error is about the
/// exponent over the square root of k. `None` where fewer than 10 values are in the tail or the tail has no width.
#[must_use]
pub fn hill_index(values: &[f64], share: f64) -> Option<f64> {
    let mut sizes: Vec<f64> = values.iter().map(|v| v.abs()).filter(|v| *v > 0.0).collect();
    let most = (values.len() as f64 * share) as usize;
    if most < 10 || most >= sizes.len() {
        return None;
    }
    sizes.sort_by(|a, b| b.total_cmp(a));
    let threshold = sizes[most];
    let sum: f64 = sizes[..most].iter().map(|size| libm::log(size / threshold)).sum();
    (sum > 0.0).then(|| most as f64 / sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_exponent_of_a_pareto_tail() {
        for alpha in [1.5, 3.0, 5.0] {
            let values: Vec<f64> = (0..100_000).map(|i| ((f64::from(i) + 0.5) / 1e5).powf(-1.0 / alpha)).collect();
            let found = hill_index(&values, 0.05).unwrap();
            assert!((found - alpha).abs() < 0.01 * alpha, "{found} for {alpha}");
        }
    }

    #[test]
    fn thin_tails_have_high_exponents() {
        let mut state = 1_u64;
        let mut unit = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / (1_u64 << 31) as f64
        };
        let normal: Vec<f64> = (0..50_000).map(|_| (0..12).map(|_| unit()).sum::<f64>() - 6.0).collect();
        assert!(hill_index(&normal, 0.01).unwrap() > 5.0);
    }

    #[test]
    fn says_nothing_of_too_little() {
        assert_eq!(hill_index(&[1.0; 5], 0.5), None);
        assert_eq!(hill_index(&[1.0; 500], 0.1), None);
        assert_eq!(hill_index(&[0.0; 500], 0.1), None);
    }

    #[test]
    fn returns_and_scales() {
        let returns = log_returns(&[100.0, 110.0, 99.0]);
        assert!((returns[0] - 1.1_f64.ln()).abs() < 1e-12 && (returns[1] - 0.9_f64.ln()).abs() < 1e-12);
        let scaled = standardise(&[1.0, 3.0]);
        assert_eq!(scaled, [-1.0, 1.0]);
        assert_eq!(standardise(&[2.0, 2.0]), [0.0, 0.0]);
    }
}
