//! When commands come: the day's U shape, clusters, and which instrument each is for.

use omni_types::Time;

use super::random::Random;
use super::universe::Listing;

/// Pieces of the day with an even pace each.
const PIECES: usize = 256;
/// Most time between two commands of a cluster, in nanoseconds.
const REACTION_NS: f64 = 250_000.0;

/// Returns the relative activity at `x`, the passed part of the day: about three times midday at the open and close.
fn shape(x: f64) -> f64 {
    1.0 + 1.9 * libm::exp(-x / 0.07) + 1.6 * libm::exp(-(1.0 - x) / 0.06)
}

/// Draws the times of commands.
///
/// Clusters start by a Poisson process whose rate follows the U shape; within a cluster commands follow each other by
/// fractions of a millisecond. The pace is set anew for each piece of the day, so that the day ends near its count.
#[derive(Clone, Debug)]
pub(crate) struct Tempo {
    start: Time,
    end: Time,
    now: f64,
    piece: usize,
    /// Relative activity from each piece to the end of the day; the last entry is zero.
    remaining: Vec<f64>,
    gap_ns: f64,
    reaction_ns: f64,
    target: f64,
    sent: f64,
    clusters: f64,
}

impl Tempo {
    /// Builds the tempo of a day of about `commands`, of which the first `opening` come at once.
    pub(crate) fn new(start: Time, end: Time, commands: u64, opening: u64) -> Self {
        let mut remaining = vec![0.0; PIECES + 1];
        for piece in (0..PIECES).rev() {
            remaining[piece] = remaining[piece + 1] + shape((piece as f64 + 0.5) / PIECES as f64);
        }
        let mean_gap = (end.0 - start.0) as f64 / commands.max(1) as f64;
        let target = commands.saturating_sub(opening).max(1) as f64;
        // The first guess of 4 commands a cluster is soon outweighed by what is seen.
        let mut tempo = Self {
            start,
            end,
            now: 0.0,
            piece: 0,
            remaining,
            gap_ns: 0.0,
            reaction_ns: REACTION_NS.min(0.05 * mean_gap),
            target,
            sent: 0.0,
            clusters: 0.0,
        };
        tempo.set_pace();
        tempo
    }

    fn set_pace(&mut self) {
        let per_cluster = (self.sent + 400.0) / (self.clusters + 100.0);
        // A day that has had its count early still trades on, at a tenth of its pace.
        let left = (self.target - self.sent).max(0.1 * self.target * self.remaining[self.piece] / self.remaining[0]);
        let in_piece =
            left * (self.remaining[self.piece] - self.remaining[self.piece + 1]) / self.remaining[self.piece];
        self.gap_ns = self.piece_ns() * per_cluster / in_piece;
    }

    fn piece_ns(&self) -> f64 {
        (self.end.0 - self.start.0) as f64 / PIECES as f64
    }

    /// Moves on to the next cluster's start.
    pub(crate) fn next_cluster(&mut self, random: &mut Random) {
        self.sent += 1.0;
        self.clusters += 1.0;
        // An exponential wait is drawn in paces and spent piece by piece, since the pace changes at each border.
        let mut wait = random.exponential();
        loop {
            let border = (self.piece + 1) as f64 * self.piece_ns();
            let reach = self.now + wait * self.gap_ns;
            if reach < border || self.piece + 1 == PIECES {
                self.now = reach;
                return;
            }
            wait -= (border - self.now).max(0.0) / self.gap_ns;
            self.now = self.now.max(border);
            self.piece += 1;
            self.set_pace();
        }
    }

    /// Moves on to the next command of the running cluster.
    pub(crate) fn next_in_cluster(&mut self, random: &mut Random) {
        self.sent += 1.0;
        self.now += self.reaction_ns * random.exponential();
    }

    /// Moves on to the next command of the opening, at even steps.
    pub(crate) fn next_in_opening(&mut self) {
        self.now += 0.1 * self.reaction_ns;
    }

    /// Returns the time, or `None` once the day is over.
    pub(crate) fn time(&self) -> Option<Time> {
        let time = self.start.plus(self.now as i64);
        (time < self.end).then_some(time)
    }

    pub(crate) fn reserved_bytes(&self) -> usize {
        size_of_val(self.remaining.as_slice())
    }

    /// Returns the passed part of the day, 0 to 1.
    pub(crate) fn passed(&self) -> f64 {
        (self.now / (self.end.0 - self.start.0) as f64).min(1.0)
    }
}

/// Draws instruments by their activity in constant time (Walker's alias method, as Vose built it, 1991).
#[derive(Clone, Debug)]
pub(crate) struct Lottery {
    cells: Vec<(f64, u32)>,
}

impl Lottery {
    pub(crate) fn new(listings: &[Listing]) -> Self {
        let total: f64 = listings.iter().map(|l| l.activity).sum();
        let scale = listings.len() as f64 / total;
        let mut cells: Vec<(f64, u32)> = (0_u32..).zip(listings).map(|(i, l)| (l.activity * scale, i)).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..cells.len()).partition(|&i| cells[i].0 < 1.0);
        while let (Some(few), Some(&many)) = (small.pop(), large.last()) {
            cells[few].1 = many as u32;
            cells[many].0 -= 1.0 - cells[few].0;
            if cells[many].0 < 1.0 {
                large.pop();
                small.push(many);
            }
        }
        Self { cells }
    }

    pub(crate) fn reserved_bytes(&self) -> usize {
        size_of_val(self.cells.as_slice())
    }

    #[inline]
    pub(crate) fn draw(&self, random: &mut Random) -> usize {
        let at = random.below(self.cells.len());
        let (share, other) = self.cells[at];
        if random.unit() < share { at } else { other as usize }
    }
}

#[cfg(test)]
mod tests {
    use super::super::universe::universe;
    use super::*;

    #[test]
    fn lottery_draws_each_by_its_activity() {
        let listings = universe(1, 40).unwrap();
        let lottery = Lottery::new(&listings);
        let mut random = Random::new(5, 0);
        let mut drawn = [0_u32; 40];
        (0..1_000_000).for_each(|_| drawn[lottery.draw(&mut random)] += 1);
        for (listing, &count) in listings.iter().zip(&drawn) {
            let expected = listing.activity * 1e6;
            assert!((f64::from(count) - expected).abs() < 6.0 * expected.sqrt(), "{count} draws, {expected} expected");
        }
    }

    #[test]
    fn day_has_its_count_and_its_shape() {
        let (start, end) = (Time(0), Time(23_400 * Time::SECOND));
        let mut random = Random::new(5, 0);
        let mut tempo = Tempo::new(start, end, 100_000, 0);
        let (mut count, mut thirds) = (0_u32, [0_u32; 10]);
        loop {
            if random.chance(0.7) {
                tempo.next_in_cluster(&mut random)
            } else {
                tempo.next_cluster(&mut random)
            };
            let Some(time) = tempo.time() else { break };
            count += 1;
            thirds[(time.0 * 10 / end.0) as usize] += 1;
        }
        assert!((97_000..103_000).contains(&count), "{count}");
        assert!(thirds[0] as f64 > 1.5 * thirds[4] as f64 && thirds[9] as f64 > 1.5 * thirds[5] as f64, "{thirds:?}");
    }
}
