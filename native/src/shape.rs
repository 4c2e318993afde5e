//! What an engine is built from: capacities, and how its venue fills.

use omni_node::{Capacities, check_memory};
use omni_sim::historical::{Capacity, Config, Data};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::Kind;
use crate::recorded;

/// How a venue of recorded data fills, and what each instrument fills from.
pub(crate) struct Fills {
    pub(crate) config: Config,
    pub(crate) data: Vec<Data>,
}

impl Fills {
    /// Reads what each instrument fills from and by which rules, for as many `own_orders` at rest.
    pub(crate) fn new(
        fills: &[String],
        rules: &Bound<'_, PyDict>,
        own_orders: usize,
        capacities: &Capacities,
    ) -> PyResult<Self> {
        let data = recorded::fills(fills)?;
        let in_full = data.contains(&Data::Orders);
        if in_full {
            fits(capacities)?;
        }
        let capacity = Capacity {
            instruments: capacities.instruments,
            recorded_orders: if in_full { capacities.orders } else { 1 },
            recorded_levels: if in_full { capacities.levels } else { 1 },
            orders: own_orders,
        };
        let most = data.first().copied().unwrap_or_default();
        Ok(Self { config: recorded::config(rules, capacity, most)?, data })
    }
}

/// Checks that there is memory for books of these capacities.
pub(crate) fn fits(capacities: &Capacities) -> PyResult<()> {
    check_memory(&capacities.book()).map_err(|error| Kind::Config.error(error))
}

/// Capacities, and the fills of recorded data where the venue isn't the embedded exchange.
pub(crate) struct Shape {
    pub(crate) capacities: Capacities,
    pub(crate) fills: Option<Fills>,
}

impl Shape {
    /// Reads a dict: capacities by their names in the configuration, and `venue` as (fills, rules, own orders) or none.
    pub(crate) fn new(engine: &Bound<'_, PyDict>) -> PyResult<Self> {
        let number = |name: &str| -> PyResult<i64> {
            let value =
                engine.get_item(name)?.ok_or_else(|| Kind::Config.error(format!("engine.{name} is missing")))?;
            value.extract()
        };
        let capacities = Capacities {
            instruments: number("instruments")? as usize,
            orders: number("orders")? as usize,
            levels: number("levels")? as usize,
            accounts: number("accounts")? as u32,
            risk_slots: number("risk_slots")? as u32,
            timers: number("timers")? as usize,
            bar_ns: number("bar_ns")?,
        };
        let fills = match engine.get_item("venue")? {
            None => None,
            Some(venue) => {
                let (fills, rules, own_orders) = venue.extract::<(Vec<String>, Bound<'_, PyDict>, usize)>()?;
                Some(Fills::new(&fills, &rules, own_orders, &capacities)?)
            }
        };
        Ok(Self { capacities, fills })
    }
}

/// Does the work with an empty engine of a shape and its venue's rules, whichever venue it is.
macro_rules! with_engine {
    ($shape:expr, ($engine:ident, $rules:ident) => $work:expr) => {{
        let shape: $crate::shape::Shape = $shape;
        let capacity = |error: omni_risk::GateError| $crate::error::Kind::Config.error(error);
        match shape.fills {
            None => {
                let $rules: Vec<(&'static str, String)> = Vec::new();
                $crate::shape::fits(&shape.capacities)?;
                let $engine = shape.capacities.exchange().map_err(capacity)?;
                $work
            }
            Some(fills) => {
                let venue = $crate::recorded::historical(fills.config, &fills.data)?;
                let $rules = venue.rules();
                let $engine = shape.capacities.engine(venue).map_err(capacity)?;
                $work
            }
        }
    }};
}
pub(crate) use with_engine;
