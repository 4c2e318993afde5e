//! The message-rate token bucket, in exact integers of engine time.

use omni_types::{Throttle, Time};

/// A token bucket that refills by `count` parts each nanosecond; a message costs `window_ns` parts, so that a full
/// bucket holds `count` messages and an empty one is full again after one window.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Bucket {
    pub parts: u128,
    pub time: i64,
}

impl Bucket {
    /// Returns a full bucket.
    pub fn full(throttle: &Throttle) -> Self {
        Self { parts: size(throttle), time: i64::MIN }
    }

    /// Returns the parts in the bucket at `time`; a time before the last one adds none.
    #[inline]
    pub fn level(&self, throttle: &Throttle, time: Time) -> u128 {
        let elapsed = if time.0 > self.time { time.0.wrapping_sub(self.time) as u64 } else { 0 };
        (self.parts + u128::from(elapsed) * u128::from(throttle.count)).min(size(throttle))
    }

    /// Takes one message out of a bucket of `level` parts at `time`; takes nothing where there isn't a whole one.
    #[inline]
    pub fn take(&mut self, level: u128, throttle: &Throttle, time: Time) {
        self.parts = level.checked_sub(cost(throttle)).unwrap_or(level);
        self.time = self.time.max(time.0);
    }
}

/// Returns the parts of one message.
#[inline]
pub(crate) fn cost(throttle: &Throttle) -> u128 {
    u128::from(throttle.window_ns.unsigned_abs())
}

#[inline]
fn size(throttle: &Throttle) -> u128 {
    u128::from(throttle.count) * cost(throttle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allows_the_count_at_once_and_then_the_rate() {
        let throttle = Throttle { count: 3, window_ns: 1_000 };
        let mut bucket = Bucket::full(&throttle);
        let mut sent = |time: i64| {
            let level = bucket.level(&throttle, Time(time));
            let passes = level >= cost(&throttle);
            bucket.take(level, &throttle, Time(time));
            passes
        };
        assert_eq!([0, 0, 0, 0].map(&mut sent), [true, true, true, false]);
        assert_eq!([333, 334, 666, 667].map(&mut sent), [false, true, false, true]);
        assert_eq!([i64::MAX, 0, 0, 0].map(&mut sent), [true, true, true, false]);
    }
}
