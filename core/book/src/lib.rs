//! Order books of every instrument: order by order ([`Level3`]) and price by price ([`Level2`]).
//!
//! One structure holds all instruments. Orders, levels and ladders live in flat pools of stated capacity, reserved at
//! start and indexed by small integers: adding, reducing and removing never allocates, a snapshot is a walk over flat
//! memory, and a full pool refuses. An order is one cache line, so that a cancel touches the index, the order, its
//! level and at most two neighbours.

mod capacity;
mod feed_books;
mod index;
mod ladder;
mod level2;
mod level3;
mod pool;
mod prefetch;
mod snapshot;

pub use capacity::{Capacity, Full};
pub use feed_books::FeedBooks;
pub use index::{OrderIndex, mix};
pub use level2::Level2;
pub use level3::{Level, Level3, Order, Orders, Slot};
