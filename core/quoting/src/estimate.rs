//! What the maker estimates from the stream: variance of the mid, the flow of trades and their pace.

use omni_types::Time;

/// Seconds from `last` to `now`, and the part of older knowledge that is kept over them with a memory of `memory_s`.
///
/// A rational decay instead of an exponential: the four operations suffice and it is about the same where gaps are
/// shorter than the memory; after a long gap it forgets more slowly.
#[inline]
pub(crate) fn gap(last: Option<Time>, now: Time, memory_s: f64) -> (f64, f64) {
    let Some(last) = last else { return (0.0, 1.0) };
    let seconds = now.0.saturating_sub(last.0).max(0) as f64 / Time::SECOND as f64;
    (seconds, memory_s / (memory_s + seconds))
}

/// Variance of the mid per second: decayed sum of squared changes over decayed sum of time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Variance {
    squares: f64,
    seconds: f64,
    mid: f64,
    last: Option<Time>,
}

impl Variance {
    /// Takes in the mid at a time, in ticks.
    #[inline]
    pub(crate) fn update(&mut self, now: Time, mid: f64, memory_s: f64) {
        let (seconds, keep) = gap(self.last, now, memory_s);
        let change = if self.last.is_some() { mid - self.mid } else { 0.0 };
        self.squares = self.squares * keep + change * change;
        self.seconds = self.seconds * keep + seconds;
        self.mid = mid;
        self.last = Some(now);
    }

    /// Returns the standard deviation of the mid over `horizon_s` seconds, in ticks.
    #[inline]
    pub(crate) fn deviation(&self, horizon_s: f64) -> f64 {
        if self.seconds > 0.0 { (self.squares / self.seconds * horizon_s).sqrt() } else { 0.0 }
    }

    /// Forgets the last mid but not the variance, so that a gap in the market is no change.
    pub(crate) fn interrupt(&mut self) {
        self.last = None;
    }
}

/// The flow of trades: which side is taking.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TradeFlow {
    signed: f64,
    total: f64,
    last: Option<Time>,
}

impl TradeFlow {
    /// Takes in a trade; `signed` is its quantity, negative where the seller took.
    #[inline]
    pub(crate) fn update(&mut self, now: Time, signed: f64, memory_s: f64) {
        let (_, keep) = gap(self.last, now, memory_s);
        self.signed = self.signed * keep + signed;
        self.total = self.total * keep + signed.abs();
        self.last = Some(now);
    }

    /// Returns the balance of the flow, from -1 (all sold) to 1; `prior` is a quantity below which flow says little.
    #[inline]
    pub(crate) fn balance(&self, now: Time, memory_s: f64, prior: f64) -> f64 {
        let (_, keep) = gap(self.last, now, memory_s);
        self.signed * keep / (self.total * keep + prior)
    }
}

/// The mean over time of what the market's half spread is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct UsualSpread {
    mean: f64,
    half: f64,
    last: Option<Time>,
}

impl UsualSpread {
    /// Takes in half the spread that the market has from a time on, in ticks.
    #[inline]
    pub(crate) fn update(&mut self, now: Time, half: f64, memory_s: f64) {
        let (_, keep) = gap(self.last, now, memory_s);
        self.mean = if self.last.is_some() { self.half + (self.mean - self.half) * keep } else { half };
        self.half = half;
        self.last = Some(now);
    }

    /// Returns the mean, in ticks.
    #[inline]
    pub(crate) const fn mean(&self) -> f64 {
        self.mean
    }
}

/// Trades closer than this are one: an order that takes several others, or what answers it at once.
const BURST_S: f64 = 0.05;

/// How long it is from one trade to the next.
///
/// A fill comes with a trade, so this is how long the maker stands exposed for one spread earned: Guéant, Lehalle and
/// Fernandez-Tapia (2013) find a spread that grows with the deviation of the mid over that time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    seconds: f64,
    trades: f64,
    last: Option<Time>,
}

impl Pace {
    /// Starts from a wait that counts as one trade seen.
    pub(crate) const fn new(wait_s: f64) -> Self {
        Self { seconds: wait_s, trades: 1.0, last: None }
    }

    /// Takes in a trade; of older ones as many are kept as `memory`, a number of trades, allows.
    #[inline]
    pub(crate) fn update(&mut self, now: Time, memory: f64) {
        let (seconds, _) = gap(self.last, now, 1.0);
        if self.last.is_some() && seconds <= BURST_S {
            return;
        }
        if self.last.is_some() {
            let keep = memory / (memory + 1.0);
            self.seconds = (self.seconds + seconds) * keep;
            self.trades = (self.trades + 1.0) * keep;
        }
        self.last = Some(now);
    }

    /// Returns the mean wait, in seconds.
    #[inline]
    pub(crate) fn wait_s(&self) -> f64 {
        self.seconds / self.trades
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> Time {
        Time((seconds * 1e9) as i64)
    }

    #[test]
    fn variance_of_a_steady_walk_is_found() {
        let mut variance = Variance::default();
        for n in 0..4_000_i32 {
            variance.update(at(0.25 * f64::from(n)), f64::from(n / 2 % 2) * 3.0, 30.0);
        }
        // Three ticks every half second: 18 ticks squared a second.
        assert!((variance.deviation(1.0) - 18.0_f64.sqrt()).abs() < 0.05, "{}", variance.deviation(1.0));
        assert!((variance.deviation(4.0) - 72.0_f64.sqrt()).abs() < 0.1);
    }

    #[test]
    fn variance_forgets_and_does_not_count_an_interruption() {
        let mut variance = Variance::default();
        variance.update(at(0.0), 100.0, 10.0);
        variance.update(at(1.0), 110.0, 10.0);
        let stormy = variance.deviation(1.0);
        variance.interrupt();
        variance.update(at(2.0), 500.0, 10.0);
        assert_eq!(variance.deviation(1.0).to_bits(), stormy.to_bits());
        (3..100).for_each(|second| variance.update(at(f64::from(second)), 500.0, 10.0));
        assert!(variance.deviation(1.0) < 0.1 * stormy);
    }

    #[test]
    fn usual_spread_is_a_mean_over_time() {
        let mut spread = UsualSpread::default();
        spread.update(at(0.0), 1.0, 30.0);
        for n in 1..200_i32 {
            spread.update(at(f64::from(n)), 9.0, 30.0);
            spread.update(at(f64::from(n) + 0.01), 1.0, 30.0);
        }
        assert!((spread.mean() - 1.08).abs() < 0.03, "wide for a hundredth of the time: {}", spread.mean());
    }

    #[test]
    fn pace_is_the_wait_between_bursts() {
        let mut pace = Pace::new(60.0);
        assert!((pace.wait_s() - 60.0).abs() < 1e-12);
        for n in 0..400_i32 {
            pace.update(at(4.0 * f64::from(n)), 50.0);
            pace.update(at(4.0 * f64::from(n) + 0.01), 50.0);
        }
        assert!((pace.wait_s() - 4.0).abs() < 0.1, "{}", pace.wait_s());
    }

    #[test]
    fn flow_leans_to_who_takes_and_fades() {
        let mut flow = TradeFlow::default();
        assert_eq!(flow.balance(at(0.0), 10.0, 100.0).to_bits(), 0.0_f64.to_bits());
        flow.update(at(1.0), 300.0, 10.0);
        assert!((flow.balance(at(1.0), 10.0, 100.0) - 0.75).abs() < 1e-12);
        assert!(flow.balance(at(30.0), 10.0, 100.0) < 0.5);
        flow.update(at(1.0), -900.0, 10.0);
        assert!(flow.balance(at(1.0), 10.0, 100.0) < -0.4);
    }
}
