//! The parts of the suite and what each returns.

use core::fmt;
use std::panic::catch_unwind;

use crate::workload::{W1, W50K, W1000, W8000};
use crate::{command, feed, floor, gate, journal, matching, memory, replay, tick};

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

type Part = (&'static str, fn() -> Figures);

const PARTS: [Part; 18] = [
    ("floor", floor::measure),
    ("match.w1", || matching::measure(&W1)),
    ("match.w1.single", matching::single),
    ("match.w1000", || matching::measure(&W1000)),
    ("match.w8000", || matching::measure(&W8000)),
    ("match.w50k", || matching::measure(&W50K)),
    ("command.w1", || command::measure(&W1)),
    ("command.w1000", || command::measure(&W1000)),
    ("risk.gate", gate::measure),
    ("itch.decode", feed::decode),
    ("itch.book.w1", || feed::book(&W1)),
    ("itch.book.w1000", || feed::book(&W1000)),
    ("itch.book.w8000", || feed::book(&W8000)),
    ("tick_to_order", tick::measure),
    ("backtest.l3", replay::measure),
    ("memory.books50k.empty", || memory::measure(0)),
    ("memory.books50k.orders20", || memory::measure(10)),
    ("journal", journal::measure),
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
pub fn measure(group: &str) -> Result<Vec<Figure>, Failure> {
    let part = PARTS.iter().find(|(name, _)| *name == group);
    let (name, run) = part.ok_or_else(|| Failure(format!("no part {group:?}; the parts are {}", GROUPS.join(", "))))?;
    caught(name, *run)
}

/// Runs a part. Each makes what it measures, so that one which panics leaves nothing half done to the next.
fn caught(name: &str, run: fn() -> Figures) -> Figures {
    catch_unwind(run).unwrap_or_else(|_| Err(Failure(format!("{name} panicked, as was said above"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_panics_has_no_figures() {
        let failure = caught("match.w1", || panic!("Invariant: never reached")).unwrap_err();
        assert!(failure.0.starts_with("match.w1 panicked"));
        assert_eq!(caught("match.w1", || Ok(Vec::new())), Ok(Vec::new()));
    }
}
