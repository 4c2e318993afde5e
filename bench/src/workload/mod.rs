//! The common workload: the message streams on which the peers were measured, made here bit for bit as their generator
//! makes them, so that figures are of the same work.

mod feed;
mod generator;
mod message;
mod random;

pub use message::{Message, Operation};

use generator::Generator;

/// A stream of messages, and what every engine must make of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Workload {
    /// Its name.
    pub name: &'static str,
    /// How many messages.
    pub messages: usize,
    /// How many instruments.
    pub instruments: usize,
    /// How many orders rest at once when it has warmed up.
    pub live: usize,
    /// Seed of its random numbers.
    pub seed: u64,
    /// Trades that every engine must make.
    pub trades: u64,
    /// Quantity that they must trade.
    pub volume: u64,
}

/// One instrument.
pub const W1: Workload = workload("w1", (2_000_000, 1, 5_000), (582_841, 285_915_400));
/// A thousand instruments.
pub const W1000: Workload = workload("w1000", (2_000_000, 1_000, 200_000), (395_914, 191_034_900));
/// Eight thousand instruments.
pub const W8000: Workload = workload("w8000", (4_000_000, 8_000, 800_000), (409_554, 187_458_800));
/// Fifty thousand instruments.
pub const W50K: Workload = workload("w50k", (4_000_000, 50_000, 1_000_000), (343_414, 160_442_500));

const fn workload(name: &'static str, size: (usize, usize, usize), outcome: (u64, u64)) -> Workload {
    let ((messages, instruments, live), (trades, volume)) = (size, outcome);
    Workload { name, messages, instruments, live, seed: 42, trades, volume }
}

impl Workload {
    /// All of them, smallest first.
    pub const ALL: [Self; 4] = [W1, W1000, W8000, W50K];

    /// Makes the messages.
    #[must_use]
    pub fn generate(&self) -> Vec<Message> {
        Generator::new(self, None).run()
    }

    /// Makes the feed that results: ITCH 5.0 messages, each after its length in two bytes.
    #[must_use]
    pub fn generate_itch(&self) -> Vec<u8> {
        let mut feed = Vec::with_capacity(self.messages * 41);
        Generator::new(self, Some(&mut feed)).run();
        feed
    }
}
