//! The parts of the suite and what each returns.

use core::fmt;
use std::panic::catch_unwind;

use crate::distribution::Distribution;
use crate::workload::{W1, W50K, W1000, W8000};
use crate::{command, feed, floor, gate, growth, journal, matching, memory, replay, tick};

/// A measured number by its lasting name, whose end is its unit.
#[derive(Clone, PartialEq, Debug)]
pub struct Figure {
    /// The name.
    pub name: String,
    /// The number.
    pub value: f64,
}

impl Figure {
    pub(crate) fn new(name: impl Into<String>, value: f64) -> Self {
        Self { name: name.into(), value }
    }
}

/// Says why there is no figure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure(pub String);

impl Failure {
    /// Wraps an error of the work measured.
    pub(crate) fn of(error: impl fmt::Display) -> Self {
        Self(error.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

pub(crate) type Figures = Result<Vec<Figure>, Failure>;
pub(crate) type Spread = Result<Vec<Distribution>, Failure>;

/// What a part came to.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Measured {
    /// The numbers, percentiles among them.
    pub figures: Vec<Figure>,
    /// How the times of single operations are spread, where the part times these.
    pub spread: Vec<Distribution>,
}

/// How a part measures: work as a whole, or its operations one by one.
#[derive(Clone, Copy)]
enum Part {
    Whole(fn() -> Figures),
    Single(fn() -> Spread),
}

impl Part {
    fn run(self) -> Result<Measured, Failure> {
        match self {
            Self::Whole(measure) => Ok(Measured { figures: measure()?, spread: Vec::new() }),
            Self::Single(measure) => {
                let spread = measure()?;
                Ok(Measured { figures: spread.iter().flat_map(Distribution::figures).collect(), spread })
            }
        }
    }
}

use Part::{Single, Whole};

const PARTS: [(&str, Part); 21] = [
    ("floor", Single(floor::measure)),
    ("match.w1", Whole(|| matching::measure(&W1))),
    ("match.w1.single", Single(matching::single)),
    ("match.w1000", Whole(|| matching::measure(&W1000))),
    ("match.w8000", Whole(|| matching::measure(&W8000))),
    ("match.w50k", Whole(|| matching::measure(&W50K))),
    ("command.w1", Whole(|| command::measure(&W1))),
    ("command.w1000", Whole(|| command::measure(&W1000))),
    ("command.orders", Whole(growth::orders)),
    ("command.positions", Whole(growth::positions)),
    ("command.instruments", Whole(growth::instruments)),
    ("risk.gate", Whole(gate::measure)),
    ("itch.decode", Whole(feed::decode)),
    ("itch.book.w1", Whole(|| feed::book(&W1))),
    ("itch.book.w1000", Whole(|| feed::book(&W1000))),
    ("itch.book.w8000", Whole(|| feed::book(&W8000))),
    ("tick_to_order", Single(tick::measure)),
    ("backtest.l3", Whole(replay::measure)),
    ("memory.books50k.empty", Whole(|| memory::measure(0))),
    ("memory.books50k.orders20", Whole(|| memory::measure(10))),
    ("journal", Whole(journal::measure)),
];

/// The parts, in the order in which they are run.
pub const GROUPS: [&str; PARTS.len()] = {
    let mut names = [""; PARTS.len()];
    let mut at = 0;
    while at < PARTS.len() {
        names[at] = PARTS[at].0;
        at += 1;
    }
    names
};

/// Measures one part.
///
/// # Errors
/// [`Failure`] for an unknown part, and where the work came out wrong or panicked.
pub fn measure(group: &str) -> Result<Measured, Failure> {
    let part = PARTS.iter().find(|(name, _)| *name == group);
    let (name, part) =
        part.ok_or_else(|| Failure(format!("no part {group:?}; the parts are {}", GROUPS.join(", "))))?;
    caught(name, *part)
}

/// Runs a part. Each makes what it measures, so that one which panics leaves nothing half done to the next.
fn caught(name: &str, part: Part) -> Result<Measured, Failure> {
    catch_unwind(|| part.run()).unwrap_or_else(|_| Err(Failure(format!("{name} panicked, as was said above"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_panics_has_no_figures() {
        let failure = caught("match.w1", Whole(|| panic!("Invariant: never reached"))).unwrap_err();
        assert!(failure.0.starts_with("match.w1 panicked"));
        assert_eq!(caught("match.w1", Whole(|| Ok(Vec::new()))), Ok(Measured::default()));
    }
}
