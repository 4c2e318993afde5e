//! How busy a day is, and how its orders end.

/// Mean activity a minute at three times of a trading session.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ActivityProfile {
    /// Over the first thirteenth of the session: 30 minutes of 6.5 hours.
    pub open: f64,
    /// Over the middle three thirteenths: 90 minutes.
    pub midday: f64,
    /// Over the last thirteenth.
    pub close: f64,
}

impl ActivityProfile {
    /// Measures counts of equal pieces of a session, such as minutes; `None` for fewer than 13.
    #[must_use]
    pub fn new(counts: &[f64]) -> Option<Self> {
        let part = counts.len() / 13;
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        (part > 0).then(|| Self {
            open: mean(&counts[..part]),
            midday: mean(&counts[5 * part..8 * part]),
            close: mean(&counts[counts.len() - part..]),
        })
    }

    /// Returns how many times midday's activity the open and the close have.
    #[must_use]
    pub fn ratios(&self) -> (f64, f64) {
        (self.open / self.midday, self.close / self.midday)
    }
}

/// Returns the share of limit orders entered that were cancelled by their senders; 0 where none was entered.
#[must_use]
pub fn cancel_share(entered: u64, cancelled: u64) -> f64 {
    if entered == 0 { 0.0 } else { cancelled as f64 / entered as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_u_shape_has_high_ends() {
        let counts: Vec<f64> = (0..390).map(|m| if (30..360).contains(&m) { 10.0 } else { 30.0 }).collect();
        let profile = ActivityProfile::new(&counts).unwrap();
        assert_eq!(profile, ActivityProfile { open: 30.0, midday: 10.0, close: 30.0 });
        assert_eq!(profile.ratios(), (3.0, 3.0));
        assert_eq!(ActivityProfile::new(&counts[..12]), None);
    }

    #[test]
    fn share_of_nothing_is_nothing() {
        assert_eq!(cancel_share(0, 0), 0.0);
        assert_eq!(cancel_share(200, 150), 0.75);
    }
}
