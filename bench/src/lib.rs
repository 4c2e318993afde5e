//! What the benchmarks work on.

pub mod workload;
