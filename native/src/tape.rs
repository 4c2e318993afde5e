//! The generated day as a venue would publish it.

use omni_node::{Capacities, FIRST_MEMBER, TapeRow, list, tape};
use omni_sim::flow::{FlowConfig, universe};
use omni_types::{AccountId, SessionId, Time};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::error::Kind;
use crate::instrument::Instrument;

/// Room for a small generated market.
const CAPACITIES: Capacities = Capacities {
    instruments: 0,
    orders: 1 << 17,
    levels: 1 << 16,
    accounts: 1 << 10,
    risk_slots: 1 << 16,
    timers: 16,
    bar_ns: 0,
};

/// Generate a day and return its instruments and what its venue publishes, by column as `(dtype, bytes)`: time,
/// instrument, action (0 add, 2 reduce, 3 delete, 4 execute), side (0 buy, 1 sell), reference, price, quantity.
#[pyfunction]
pub(crate) fn generated_orders<'py>(
    py: Python<'py>,
    seed: u64,
    instruments: usize,
    start_ns: i64,
    end_ns: i64,
    inputs: u64,
) -> PyResult<(Vec<Instrument>, Bound<'py, PyDict>)> {
    let listings = universe(seed, instruments).map_err(|error| Kind::Config.error(error))?;
    let mut config = FlowConfig::day(seed, Time(start_ns), Time(end_ns), instruments);
    config.commands = inputs;
    config.first_session = SessionId(FIRST_MEMBER);
    config.first_account = AccountId(u32::from(FIRST_MEMBER));
    let capacities = Capacities { instruments, ..CAPACITIES };
    let rows = py.detach(|| tape(config, &listings, &capacities)).map_err(|error| Kind::Engine.error(error))?;
    let listed = list(&listings).map_err(|error| Kind::Engine.error(error))?;
    Ok((listed.into_iter().map(Instrument::of).collect(), columns(py, &rows)?))
}

fn columns<'py>(py: Python<'py>, rows: &[TapeRow]) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    let column = |name: &str, dtype: &str, bytes: Vec<u8>| dict.set_item(name, (dtype, PyBytes::new(py, &bytes)));
    column("time", "<i8", rows.iter().flat_map(|row| row.time.0.to_le_bytes()).collect())?;
    column("instrument", "<u4", rows.iter().flat_map(|row| row.instrument.0.to_le_bytes()).collect())?;
    column("action", "u1", rows.iter().map(|row| row.action as u8).collect())?;
    column("side", "u1", rows.iter().map(|row| row.side as u8).collect())?;
    column("reference", "<u8", rows.iter().flat_map(|row| row.reference.to_le_bytes()).collect())?;
    column("price", "<i8", rows.iter().flat_map(|row| row.price.0.to_le_bytes()).collect())?;
    column("quantity", "<u8", rows.iter().flat_map(|row| row.quantity.0.to_le_bytes()).collect())?;
    Ok(dict)
}
