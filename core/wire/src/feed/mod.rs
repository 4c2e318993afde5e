//! Recorded feeds as changes of the engine's books.
//!
//! [`ItchFeed`] takes ITCH messages, [`MboFeed`] DBN market-by-order records; both hand out [`Change`]s in the
//! instrument's own units. A book that applies every [`Change::Book`] is the venue's book; the rest tells what traded.
//!
//! # Each execution exactly once
//! Two kinds of readers count executions, and each finds every one once:
//!
//! - **Public trades** (volume, bars, last price) are each [`Change::Trade`] and each [`BookAction::Execute`], the latter
//!   at the resting order's own price.
//! - **Executions of resting orders** (queue position, the historical simulator's fills) are each
//!   [`BookAction::Execute`] and each [`BookAction::Trade`]. A trade action names the order, price and quantity, takes
//!   nothing off the book, and the order's own reduction follows within the same event.
//!
//! | source | changes |
//! | --- | --- |
//! | ITCH `A`, `F` | add |
//! | ITCH `E` | execute |
//! | ITCH `C` | a public trade at the print's price where printable, trade action at that price, reduce |
//! | ITCH `X` / `D` | reduce / delete |
//! | ITCH `U` | delete of the old number, add of the new one (behind the queue), same side |
//! | ITCH `P`, `Q` | a public trade without a known aggressor |
//! | ITCH `H` | a trading state |
//! | DBN `A` / `M` / `C` / `R` | add / modify / reduce (an order leaves at nothing) / clear |
//! | DBN `T` | a public trade with its aggressor |
//! | DBN `F` | trade action of the resting order; none for the aggressor's own fill |
//!
//! DBN's `F` of an order whose number the event's `T` carries is the aggressor's side of the trade (it rested, was
//! repriced through the spread and traded on arrival): it isn't an execution of a resting order and is left out. At an
//! auction `T` has no aggressor and both sides' orders are executed, so these sum to twice the volume. A few of an
//! auction's fills name orders that never rested; a reader ignores an execution of an order that it doesn't have.
//!
//! [`BookAction::Execute`]: omni_types::BookAction::Execute
//! [`BookAction::Trade`]: omni_types::BookAction::Trade

mod change;
mod itch;
mod mbo;
mod resting;
mod scale;

pub use change::{Change, Stamp};
pub use itch::ItchFeed;
pub use mbo::MboFeed;
pub use scale::{Listing, Scale};
