//! The compiled half of the `omni` package: names and conversion only, one file per core crate.
//!
//! `omni/_native.pyi` describes it to Python and is held to it by `mypy.stubtest`.

#![allow(unsafe_code, reason = "one call of Python's C API, in thread.rs")]

mod adjustment;
mod batch;
mod bench;
mod error;
mod fault;
mod go_on;
mod host;
mod indicator;
mod instrument;
mod journal;
mod market;
mod node;
mod number;
mod plugin;
mod recorded;
mod recover;
mod replay;
mod result;
mod seat;
mod shape;
mod story;
mod strategy;
mod tape;
mod terms;
mod thirty_second;
mod thread;
mod watchdog;

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
    use crate::adjustment::Adjustment;
    #[pymodule_export]
    use crate::bench::{bench_batch, bench_call, bench_part, bench_parts, bench_plugin};
    #[pymodule_export]
    use crate::indicator::{Indicator, indicators};
    #[pymodule_export]
    use crate::instrument::Instrument;
    #[pymodule_export]
    use crate::journal::{inspect_journal, journal_inputs, prove_journal_snapshots};
    #[pymodule_export]
    use crate::market::{Bar, Book, ExecutionReport, Indicative, Quote, Status, Timer, Trade};
    #[pymodule_export]
    use crate::node::Node;
    #[pymodule_export]
    use crate::plugin::{PluginLibrary, plugin_projects};
    #[pymodule_export]
    use crate::recorded::MarketFile;
    #[pymodule_export]
    use crate::recover::{Recovered, recover_run};
    #[pymodule_export]
    use crate::replay::{BookReplay, rebuild_run};
    #[pymodule_export]
    use crate::result::RunResult;
    #[pymodule_export]
    use crate::story::why;
    #[pymodule_export]
    use crate::strategy::StrategyBase;
    #[pymodule_export]
    use crate::tape::generated_orders;
}
