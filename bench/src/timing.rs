//! How work is timed.

use std::time::Instant;

use crate::figure::{Failure, Figure};

/// The thread's processor time in nanoseconds, as Linux tells it; wall-clock time where it doesn't.
fn thread_ns(start: Instant) -> f64 {
    // Linux brings its count up to date when the thread gives the processor up, else in steps of some milliseconds.
    std::thread::yield_now();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let told = told.as_deref().and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    told.unwrap_or_else(|| start.elapsed().as_nanos() as f64)
}

/// Runs `work` and returns what it took of the processor, in nanoseconds, and what it returned.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let clock = Instant::now();
    let start = thread_ns(clock);
    let done = work();
    (thread_ns(clock) - start, done)
}

/// Times `rounds` of work and returns the best, in nanoseconds of processor time; `set_up` isn't timed.
pub(crate) fn best<S>(
    rounds: usize,
    mut set_up: impl FnMut() -> Result<S, Failure>,
    mut work: impl FnMut(&mut S) -> Result<(), Failure>,
) -> Result<f64, Failure> {
    let mut best = f64::INFINITY;
    for _ in 0..rounds {
        let mut state = set_up()?;
        let (took, done) = timed(|| work(&mut state));
        done?;
        best = best.min(took);
    }
    Ok(best)
}

/// Wall-clock times of single operations, in nanoseconds, timer included.
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

    /// Returns the median and the 99th percentile under `name`.
    pub(crate) fn figures(mut self, name: &str) -> Result<[Figure; 2], Failure> {
        self.0.sort_unstable();
        let last = self.0.len().checked_sub(1).ok_or_else(|| Failure(format!("{name}: nothing to measure")))?;
        let at = |share: f64| f64::from(self.0[(last as f64 * share) as usize]);
        Ok([Figure::new(format!("{name}.p50_ns"), at(0.5)), Figure::new(format!("{name}.p99_ns"), at(0.99))])
    }
}
