//! How work is timed.

use std::time::Instant;

use crate::figure::Failure;

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
