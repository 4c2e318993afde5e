//! What `omni bench` measures without Python, on what, and the floors beside it.
//!
//! [`GROUPS`] names the parts; [`measure`] runs one and returns its figures. Every part makes its own input, keeps
//! set-up outside the timed loop, and fails rather than return a figure of wrong work.

mod command;
mod counted;
mod distribution;
mod feed;
mod figure;
mod floor;
mod gate;
mod growth;
mod journal;
mod market;
mod matching;
mod memory;
pub mod plugin;
mod reference;
mod replay;
mod slots;
mod tick;
mod timing;
pub mod workload;

pub use counted::{COUNTED, count};
pub use distribution::Distribution;
pub use figure::{Failure, Figure, GROUPS, Measured, measure};
