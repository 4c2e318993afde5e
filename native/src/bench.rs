//! Measurements: the parts that need no Python, and two functions whose whole work is the crossing.

use std::path::PathBuf;

use pyo3::prelude::*;

use crate::error::Kind;

/// Bytes of a record of the common workload: two of them its instrument, from the third on.
const RECORD: usize = 24;

/// List the parts of the suite that are measured without Python, in their order.
#[pyfunction]
pub(crate) fn bench_parts() -> Vec<&'static str> {
    omni_bench::GROUPS.to_vec()
}

/// Figures by name; then by name how many operations were timed one by one, and the shares of them within a time.
type Measured = (Vec<(String, f64)>, Vec<(String, u64, Vec<(f64, u64)>)>);

/// Measure one part; returns its figures by name, and how the times of single operations are spread.
#[pyfunction]
pub(crate) fn bench_part(py: Python<'_>, part: &str) -> PyResult<Measured> {
    let measured = py.detach(|| omni_bench::measure(part)).map_err(|error| Kind::Engine.error(error))?;
    let figures = measured.figures.into_iter().map(|figure| (figure.name, figure.value)).collect();
    let spread = measured.spread.into_iter();
    Ok((figures, spread.map(|each| (each.name.clone(), each.count(), each.curve())).collect()))
}

/// Measure a quote's way to an empty compiled strategy, or to a built-in one, in nanoseconds.
#[pyfunction]
#[pyo3(signature = (path))]
pub(crate) fn bench_plugin(py: Python<'_>, path: Option<PathBuf>) -> PyResult<f64> {
    py.detach(|| omni_bench::plugin::event_ns(path.as_deref())).map_err(|error| Kind::Engine.error(error))
}

/// Take what an order has, and do nothing with it.
#[pyfunction]
pub(crate) fn bench_call(instrument: u32, side: i8, price: i64, quantity: u64) -> i64 {
    i64::from(instrument) ^ i64::from(side) ^ price ^ quantity as i64
}

/// Take a batch of 24-byte records, and read each.
#[pyfunction]
pub(crate) fn bench_batch(records: &[u8]) -> u64 {
    let (records, _) = records.as_chunks::<RECORD>();
    records.iter().fold(0, |sum, record| sum + u64::from(u16::from_le_bytes([record[2], record[3]])))
}
