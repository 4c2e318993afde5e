//! A running sum that keeps what rounding loses.

/// A compensated sum (A. Neumaier 1974): its error doesn't grow with the number of terms.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum {
    total: f64,
    lost: f64,
}

impl Sum {
    /// Adds a term.
    #[inline]
    pub(crate) fn add(&mut self, term: f64) {
        let total = self.total + term;
        self.lost +=
            if self.total.abs() >= term.abs() { (self.total - total) + term } else { (term - total) + self.total };
        self.total = total;
    }

    /// Returns the sum.
    #[inline]
    pub(crate) fn value(self) -> f64 {
        self.total + self.lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_small_terms_beside_large_ones() {
        let mut sum = Sum::default();
        sum.add(1e16);
        (0..1000).for_each(|_| sum.add(1.0));
        sum.add(-1e16);
        assert_eq!(sum.value(), 1000.0);
    }
}
