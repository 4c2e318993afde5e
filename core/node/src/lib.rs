//! Wires sources, engine, strategies and observers.
//!
//! [`Lockstep`] is the loop of simulated time: it merges the source's inputs, the strategies' commands and the
//! engine's own deadlines by event time, and waits for every strategy. Nothing in it depends on how fast it runs.

mod courier;
mod host;
mod inflight;
mod lockstep;
mod record;
mod routes;
mod source;

pub use courier::{Crossing, CrossingCourier, Current, Parcel};
pub use host::{Courier, Delivery, Host, HostState, Reply, call};
pub use inflight::Latency;
pub use lockstep::{Lockstep, NodeError, Observer, Progress, StrategySpec};
pub use record::{Counts, EquityRow, FillRow, OrderRow, Recorder};
pub use source::{Next, Source, Tops};
