//! The compiled half of the `omni` package: names and conversion only, one file per core crate.
//!
//! `omni/_native.pyi` describes it to Python and is held to it by `mypy.stubtest`.

mod error;
mod instrument;
mod market;
mod number;
mod strategy;

use pyo3::prelude::*;

/// The compiled half of omni; import its names from `omni.engine`.
#[pymodule]
mod _native {
    /// The version of the workspace it was built from.
    #[pymodule_export]
    #[allow(non_upper_case_globals, reason = "Python's name for it")]
    const __version__: &str = env!("CARGO_PKG_VERSION");

    /// How it was compiled: `release` or `debug`.
    #[pymodule_export]
    const PROFILE: &str = if cfg!(debug_assertions) { "debug" } else { "release" };

    #[pymodule_export]
    use crate::instrument::Instrument;
    #[pymodule_export]
    use crate::market::{Bar, Book, ExecutionReport, Quote, Status, Timer, Trade};
    #[pymodule_export]
    use crate::strategy::StrategyBase;
}
