//! What a node reserves at start.

use omni_node::Capacities;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::Kind;

/// Reads capacities from a dict, by their names in the configuration.
pub(crate) fn capacities(engine: &Bound<'_, PyDict>) -> PyResult<Capacities> {
    let number = |name: &str| -> PyResult<i64> {
        let value = engine.get_item(name)?.ok_or_else(|| Kind::Config.error(format!("engine.{name} is missing")))?;
        value.extract()
    };
    Ok(Capacities {
        instruments: number("instruments")? as usize,
        orders: number("orders")? as usize,
        levels: number("levels")? as usize,
        accounts: number("accounts")? as u32,
        risk_slots: number("risk_slots")? as u32,
        timers: number("timers")? as usize,
        bar_ns: number("bar_ns")?,
    })
}
