//! What the tests share: the recorded files, and a naive order-by-order book.
#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses its part; helpers may panic")]

pub mod image;
pub mod walk;

use std::collections::BTreeMap;
use std::path::PathBuf;

use omni_types::{BookAction, BookDelta, Price, Qty, Side};

/// Returns a file of the shared data, or `None` after saying so; its absence is a failure where `CI` is `true`.
pub fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("OMNI_SHARED")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")), PathBuf::from);
    let file = root.join("data").join(path);
    if file.exists() {
        return Some(file);
    }
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI needs {}", file.display());
    println!("SKIPPED: {} is not there; set OMNI_SHARED", file.display());
    None
}

/// Returns the uncompressed bytes of a shared file.
pub fn bytes(path: &str) -> Option<Vec<u8>> {
    Some(omni_wire::file::open(&shared(path)?).unwrap().whole().unwrap())
}

/// A book in ordered maps, as plain as can be.
#[derive(Default)]
pub struct NaiveBook {
    orders: BTreeMap<u64, (Side, Price, u64)>,
    levels: [BTreeMap<Price, u64>; 2],
    /// Quantity executed against resting orders that the book has, by execute and trade actions.
    pub executed: u64,
    /// Executions of orders that the book doesn't have.
    pub strangers: u64,
}

impl NaiveBook {
    pub fn apply(&mut self, delta: &BookDelta) {
        let Qty(quantity) = delta.quantity;
        match delta.action {
            BookAction::Add => self.set(delta.reference, delta.side, delta.price, quantity),
            BookAction::Modify => {
                self.take(delta.reference, u64::MAX);
                self.set(delta.reference, delta.side, delta.price, quantity);
            }
            BookAction::Reduce => self.take(delta.reference, quantity),
            BookAction::Delete => self.take(delta.reference, u64::MAX),
            BookAction::Execute => {
                self.executed += quantity;
                self.take(delta.reference, quantity);
            }
            BookAction::Trade if self.orders.contains_key(&delta.reference) => self.executed += quantity,
            BookAction::Trade => self.strangers += 1,
            BookAction::Clear => *self = Self::default(),
        }
    }

    fn set(&mut self, reference: u64, side: Side, price: Price, quantity: u64) {
        assert!(self.orders.insert(reference, (side, price, quantity)).is_none(), "order {reference} twice");
        *self.levels[side.index()].entry(price).or_default() += quantity;
    }

    fn take(&mut self, reference: u64, quantity: u64) {
        let Some((side, price, left)) = self.orders.remove(&reference) else { return };
        let taken = quantity.min(left);
        let level = self.levels[side.index()].get_mut(&price).unwrap();
        *level -= taken;
        if *level == 0 {
            self.levels[side.index()].remove(&price);
        }
        if taken < left {
            self.orders.insert(reference, (side, price, left - taken));
        }
    }

    pub fn orders(&self) -> usize {
        self.orders.len()
    }

    /// Bid and ask levels.
    pub fn levels(&self) -> [usize; 2] {
        [self.levels[0].len(), self.levels[1].len()]
    }

    pub fn bid(&self) -> Option<(Price, u64)> {
        self.levels[0].last_key_value().map(|(p, q)| (*p, *q))
    }

    pub fn ask(&self) -> Option<(Price, u64)> {
        self.levels[1].first_key_value().map(|(p, q)| (*p, *q))
    }
}
