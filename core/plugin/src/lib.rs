//! Compiled strategies: the stable C ABI, in `omni_plugin.h` and [`abi`], and both of its sides.
//!
//! The engine's side loads a shared library ([`Library`]) and runs its strategies where the core expects one
//! ([`PluginStrategy`]). An author's side in Rust is [`Trader`] and [`export_plugin!`](crate::export_plugin), without
//! the feature `host` and so without a dependency.
//!
//! Unsafe code stands here since it speaks to code that no compiler has seen together with ours; every block says what
//! makes it sound. Plugins are trusted code: a plugin that breaks the contract of the header can break the process.
#![allow(unsafe_code)]

pub mod abi;
mod author;
#[cfg(feature = "host")]
mod error;
#[cfg(feature = "host")]
mod event;
#[cfg(feature = "host")]
mod host;
#[cfg(feature = "host")]
mod image;
#[cfg(feature = "host")]
mod library;
#[cfg(feature = "host")]
mod parameter;
#[cfg(feature = "host")]
mod project;
#[cfg(feature = "host")]
mod strategy;

pub use author::{BookView, Desk, Fault, Trader, Values, Wants, ended, number, table, text, whole};
#[cfg(feature = "host")]
pub use error::PluginError;
#[cfg(feature = "host")]
pub use library::Library;
#[cfg(feature = "host")]
pub use parameter::{Declared, Kind, Value};
#[cfg(feature = "host")]
pub use project::{File, PROJECTS};
#[cfg(feature = "host")]
pub use strategy::PluginStrategy;
