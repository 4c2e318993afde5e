//! What members think an instrument is worth, and how much that moves.

use super::random::Random;

/// Seconds between looks at the volatility.
const LOOK_S: f64 = 5.0;
/// Seconds in which the slow and the fast part of log volatility forget, and how far each strays.
const SLOW: Reversion = Reversion { memory_s: 5_000.0, deviation: 0.58 };
const FAST: Reversion = Reversion { memory_s: 900.0, deviation: 0.12 };
/// News of a size beyond an ordinary minute's move, per second: about three a day.
const NEWS_PER_S: f64 = 3.0 / 23_400.0;
/// Tail exponent of the size of news (Gopikrishnan et al. 1999 found about 3 for returns).
const NEWS_TAIL: f64 = 3.2;

struct Reversion {
    memory_s: f64,
    deviation: f64,
}

impl Reversion {
    /// Moves a mean-reverting number on by `seconds`.
    fn step(&self, value: f64, seconds: f64, random: &mut Random) -> f64 {
        let keep = libm::exp(-seconds / self.memory_s);
        value * keep + self.deviation * (1.0 - keep * keep).sqrt() * random.normal()
    }
}

/// Returns how volatile the day is at `passed`, its passed part, beside midday.
fn shape(passed: f64) -> f64 {
    1.0 + 1.2 * libm::exp(-passed / 0.08) + 0.4 * libm::exp(-(1.0 - passed) / 0.06)
}

/// A price that diffuses with a volatility that itself moves on two time scales, and jumps on news.
///
/// Calm and stormy hours make absolute returns remember (Mandelbrot 1963), the mixture makes tails fat.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Diffusion {
    /// Standard deviation over an average minute.
    pub(crate) minute: f64,
    /// How volatile it is now, beside an average minute.
    pub(crate) scale: f64,
    slow: f64,
    fast: f64,
    time_ns: i64,
    look_ns: i64,
}

impl Diffusion {
    /// Builds one at the start of the day, at a random place of its volatility.
    pub(crate) fn new(minute: f64, random: &mut Random) -> Self {
        let (slow, fast) = (SLOW.deviation * random.normal(), FAST.deviation * random.normal());
        let mut diffusion = Self { minute, scale: 1.0, slow, fast, time_ns: 0, look_ns: 0 };
        diffusion.set_scale(0.0);
        diffusion
    }

    fn set_scale(&mut self, passed: f64) {
        // The mean of exp(2x) for a normal x is exp(2 variance); taking it out keeps the average minute what it says.
        let variance = SLOW.deviation * SLOW.deviation + FAST.deviation * FAST.deviation;
        let log = (self.slow + self.fast - variance).clamp(-2.0, 2.0);
        self.scale = 0.8 * shape(passed) * libm::exp(log);
    }

    /// Moves on to `now_ns` since the start and returns the change.
    #[inline]
    pub(crate) fn advance(&mut self, now_ns: i64, passed: f64, random: &mut Random) -> f64 {
        let seconds = (now_ns - self.time_ns) as f64 * 1e-9;
        self.time_ns = now_ns;
        let drift = self.minute * self.scale * (seconds / 60.0).sqrt() * random.normal();
        let since_look = (now_ns - self.look_ns) as f64 * 1e-9;
        if since_look < LOOK_S { drift } else { drift + self.look(now_ns, since_look, passed, random) }
    }

    /// Moves the volatility on, and returns the jump if there is news.
    #[cold]
    fn look(&mut self, now_ns: i64, seconds: f64, passed: f64, random: &mut Random) -> f64 {
        self.look_ns = now_ns;
        self.slow = SLOW.step(self.slow, seconds, random);
        self.fast = FAST.step(self.fast, seconds, random);
        let news = random.chance(seconds * NEWS_PER_S);
        let size = if news { random.pareto(NEWS_TAIL).min(5.0) } else { 0.0 };
        // News keeps members busy for a while after.
        self.fast += 0.2 * size;
        self.set_scale(passed);
        1.2 * size * random.sign() * self.minute * self.scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn average_minute_is_what_it_says() {
        let mut random = Random::new(11, 0);
        let (mut sum, mut count) = (0.0, 0.0);
        for _ in 0..400 {
            let mut diffusion = Diffusion::new(4.0, &mut random);
            for minute in 1..=390_i64 {
                let change = diffusion.advance(minute * 60_000_000_000, minute as f64 / 390.0, &mut random);
                sum += change * change;
                count += 1.0;
            }
        }
        let deviation: f64 = sum / count;
        assert!((3.4..4.6).contains(&deviation.sqrt()), "{}", deviation.sqrt());
    }
}
