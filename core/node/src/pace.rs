//! Holds simulated time back to a multiple of real time.

use std::time::{Duration, Instant};

use omni_types::Time;

/// Longest sleep at once, so that the operator is heard.
const NAP: Duration = Duration::from_millis(10);

/// A multiple of real time, or as fast as possible.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    multiple: Option<f64>,
    from: Option<(Instant, Time)>,
}

impl Pace {
    /// Holds simulated time to `multiple` of real time; `None` is as fast as possible.
    #[must_use]
    pub const fn new(multiple: Option<f64>) -> Self {
        Self { multiple, from: None }
    }

    /// Returns the multiple.
    #[must_use]
    pub const fn multiple(&self) -> Option<f64> {
        self.multiple
    }

    /// Returns how long to sleep before anything after engine time `now` is done; zero to go on.
    pub fn ahead(&mut self, now: Time) -> Duration {
        let Some(multiple) = self.multiple else { return Duration::ZERO };
        let (started, from) = *self.from.get_or_insert((Instant::now(), now));
        let due = (now.0 - from.0) as f64 / multiple;
        Duration::from_nanos(due.max(0.0) as u64).saturating_sub(started.elapsed()).min(NAP)
    }
}
