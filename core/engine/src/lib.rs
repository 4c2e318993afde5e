//! The single writer: one totally ordered stream of inputs in, events out.
//!
//! [`Engine`] owns all trading state: the venue's books, the gate with accounts and positions, timers and bars. It
//! reads no clock, file, socket or random source; the same inputs give the same events, and a running [`Digest`] over
//! every input and event proves it.
//!
//! [`Digest`]: omni_types::Digest

mod bars;
mod command;
mod engine;
mod error;
mod operate;
mod snapshot;
mod tap;
mod timers;

pub use engine::{Capacity, Engine};
pub use error::EngineError;
