//! The node's control socket: a Unix socket on which the CLI and the console read the state of a run and command it.
//!
//! The engine's thread holds a [`Hub`]. Once per batch it asks [`Hub::pending`] and [`Hub::view_wanted`], two atomic
//! loads; commands wait in the hub until it takes them, and a [`View`] is filled only when somebody looks. Everything
//! else (sockets, JSON, slow clients) happens on the threads of the [`ControlServer`], none of which the engine waits
//! for. The messages are described in `docs/reference/control-protocol.md`.

mod archive;
mod client;
mod command;
mod error;
mod hub;
mod image;
mod json;
mod publisher;
pub mod request;
mod room;
mod series;
mod server;
mod socket;
mod verb;
mod view;
mod view_json;
mod watch;
mod watched_list;
mod writer;

pub use archive::{ARCHIVE_ROWS_MAX, Archive, Archived};
pub use command::{Command, Reply, Request};
pub use error::ControlError;
pub use hub::Hub;
pub use image::{BARS_MAX, Image, WATCHED_FILLS_MAX};
pub use series::Series;
pub use server::ControlServer;
pub use view::{
    AccountState, AccountView, BarsView, ClockView, Counters, DepthView, EquityPoint, FillView, FillsView, KillView,
    LatencyView, LevelView, OrderView, PositionView, RunState, RunView, View,
};
pub use watch::WATCHED_MAX;

/// Locks a mutex, also one that a panicking thread left behind: every update under our locks is whole.
fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
