//! What a run leaves, as columns.

use std::sync::{Mutex, PoisonError};

use omni_engine::Engine;
use omni_gateway::ControlServer;
use omni_node::{EquityRow, FillRow, HostState, OrderRow, Outcome, SessionCounts};
use omni_port::Venue;
use omni_types::{Bar, Money, Refusal};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};

use crate::adjustment;

/// How a run ended and what it leaves.
#[pyclass(frozen, module = "omni.engine")]
pub(crate) struct RunResult {
    outcome: Outcome,
    /// The strategies' accounts, and what their sessions sent and got.
    accounts: Vec<(omni_risk::AccountView, SessionCounts)>,
    positions: Vec<(u32, omni_risk::Position)>,
    rules: Vec<(&'static str, String)>,
    /// Who still looks at the run.
    lingering: Mutex<Option<ControlServer>>,
}

impl RunResult {
    pub(crate) fn new<V: Venue>(
        outcome: Outcome,
        engine: &Engine<V>,
        rules: Vec<(&'static str, String)>,
        lingering: Option<ControlServer>,
    ) -> Self {
        let view = |(info, _): &(omni_node::StrategyInfo, HostState)| {
            let counts = outcome.recorder.session(info.session).unwrap_or_default();
            engine.gate().account_now(info.account).map(|view| (view, counts))
        };
        let accounts = outcome.strategies.iter().filter_map(view).collect();
        let held = |(info, _): &(omni_node::StrategyInfo, HostState)| {
            let account = info.account;
            engine.gate().positions(account).map(move |position| (account.0, position)).collect::<Vec<_>>()
        };
        let positions = outcome.strategies.iter().flat_map(held).collect();
        Self { outcome, accounts, positions, rules, lingering: Mutex::new(lingering) }
    }
}

/// Puts one field of all rows into the dict as little-endian bytes of `dtype`.
macro_rules! column {
    ($dict:expr, $rows:expr, $name:literal, $dtype:literal, $get:expr) => {{
        let py = $dict.py();
        let bytes: Vec<u8> = $rows.iter().flat_map(|row| ($get)(row).to_le_bytes()).collect();
        $dict.set_item($name, ($dtype, PyBytes::new(py, &bytes)))?;
    }};
}

/// Money as exact text, a column of it.
fn texts<'py, T>(py: Python<'py>, rows: &[T], get: impl Fn(&T) -> Money) -> PyResult<Bound<'py, PyList>> {
    PyList::new(py, rows.iter().map(|row| get(row).to_string()))
}

#[pymethods]
impl RunResult {
    /// Hang up on who still looks at the run; nothing where nobody does.
    fn hang_up(&self, py: Python<'_>) {
        let server = self.lingering.lock().unwrap_or_else(PoisonError::into_inner).take();
        py.detach(|| drop(server));
    }

    /// The rules that fills came from, as (name, words); none for the embedded exchange.
    #[getter]
    fn rules(&self) -> Vec<(&'static str, String)> {
        self.rules.clone()
    }

    /// The running hash over inputs and events.
    #[getter]
    fn digest(&self) -> String {
        self.outcome.digest.hex()
    }

    /// The hash over everything, state included.
    #[getter]
    fn state_digest(&self) -> String {
        self.outcome.state_digest.hex()
    }

    /// The number of the last input.
    #[getter]
    fn seq(&self) -> u64 {
        self.outcome.seq
    }

    /// Engine time of the end, nanoseconds since the epoch, UTC.
    #[getter]
    fn time(&self) -> i64 {
        self.outcome.time.0
    }

    /// Whether it was stopped before its source ended.
    #[getter]
    fn stopped(&self) -> bool {
        self.outcome.stopped
    }

    /// Inputs at which the node went on after its process had ended.
    #[getter]
    fn recoveries(&self) -> Vec<u64> {
        self.outcome.recorder.recoveries.clone()
    }

    /// Corporate actions: number of the input, time, instrument, kind, (new, old) units, a dividend's exact money per
    /// quantity unit, a new symbol, and the reference price until then in price units or `None`.
    #[getter]
    fn adjustments(&self) -> Vec<adjustment::Row> {
        self.outcome.recorder.adjustments.iter().map(|(seq, adjusted)| adjustment::row(*seq, adjusted)).collect()
    }

    /// Why the kill switch is on, or `None`.
    #[getter]
    fn killed(&self) -> Option<&str> {
        self.outcome.killed.as_deref()
    }

    /// What went wrong, or `None`.
    #[getter]
    fn failed(&self) -> Option<String> {
        self.outcome.failed.as_ref().map(ToString::to_string)
    }

    /// Counts over all sessions: inputs, orders, cancels, trades; and of the strategies: fills, and changes that
    /// came after their order's end.
    #[getter]
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (dict, counts) = (PyDict::new(py), &self.outcome.recorder.counts);
        dict.set_item("inputs", counts.inputs)?;
        dict.set_item("orders", counts.orders)?;
        dict.set_item("cancels", counts.cancels)?;
        dict.set_item("trades", counts.trades)?;
        dict.set_item("fills", counts.fills)?;
        dict.set_item("too_late", counts.too_late)?;
        Ok(dict)
    }

    /// How often each reason refused a strategy's command.
    #[getter]
    fn refusals<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        for (refusal, count) in Refusal::ALL.iter().zip(self.outcome.recorder.refusals.iter().copied()) {
            if count > 0 {
                dict.set_item(refusal.text(), count)?;
            }
        }
        Ok(dict)
    }

    /// Latencies: name, count, p50, p90, p99, p99.9 and largest, in nanoseconds.
    #[getter]
    fn latency(&self) -> Vec<(&'static str, u64, u64, u64, u64, u64, u64)> {
        let row = |l: &omni_gateway::LatencyView| (l.name, l.count, l.p50_ns, l.p90_ns, l.p99_ns, l.p999_ns, l.max_ns);
        self.outcome.latency.iter().map(row).collect()
    }

    /// Strategies: session, account, name, state (`running`, `stopped`, `faulted`) and the fault's text.
    #[getter]
    fn strategies(&self) -> Vec<(u16, u32, String, &'static str, Option<String>)> {
        let row = |(info, state): &(omni_node::StrategyInfo, HostState)| {
            let (state, fault) = match state {
                HostState::Running => ("running", None),
                HostState::Stopped => ("stopped", None),
                HostState::LeftOut => ("stopped", Some(HostState::LEFT_OUT.to_owned())),
                HostState::Faulted(_, message) => ("faulted", Some(message.clone())),
            };
            (info.session.0, info.account.0, info.name.to_string(), state, fault)
        };
        self.outcome.strategies.iter().map(row).collect()
    }

    /// The strategies' accounts at the end, and how many commands were refused: a dict each, money as exact text.
    #[getter]
    fn accounts<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let row = |(view, counts): &(omni_risk::AccountView, SessionCounts)| {
            let dict = PyDict::new(py);
            dict.set_item("account", view.account.0)?;
            dict.set_item("name", view.name.as_str())?;
            dict.set_item("currency", view.currency.as_str())?;
            dict.set_item("cash", view.cash.to_string())?;
            dict.set_item("equity", view.equity.to_string())?;
            dict.set_item("realised", view.realised.to_string())?;
            dict.set_item("unrealised", view.unrealised.to_string())?;
            dict.set_item("fees", view.fees.to_string())?;
            dict.set_item("peak", view.peak.to_string())?;
            dict.set_item("open_orders", view.open_orders)?;
            dict.set_item("refusals", counts.refusals)?;
            Ok(dict)
        };
        self.accounts.iter().map(row).collect()
    }

    /// Open positions: account, instrument, signed quantity in quantity units, and its cost as exact text.
    #[getter]
    fn positions(&self) -> Vec<(u32, u32, i64, String)> {
        let row = |(account, held): &(u32, omni_risk::Position)| {
            (*account, held.instrument.0, held.quantity, held.cost.to_string())
        };
        self.positions.iter().filter(|(_, held)| held.quantity != 0).map(row).collect()
    }

    /// Orders by column: `(dtype, bytes)`; prices and quantities in the instrument's units.
    #[getter]
    fn orders<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (dict, rows) = (PyDict::new(py), &self.outcome.recorder.orders);
        column!(dict, rows, "seq", "<u8", |r: &OrderRow| r.seq);
        column!(dict, rows, "time", "<i8", |r: &OrderRow| r.time.0);
        column!(dict, rows, "updated", "<i8", |r: &OrderRow| r.updated.0);
        column!(dict, rows, "session", "<u2", |r: &OrderRow| r.session.0);
        column!(dict, rows, "account", "<u4", |r: &OrderRow| r.account.0);
        column!(dict, rows, "client_order_id", "<u8", |r: &OrderRow| r.client_order_id.0);
        column!(dict, rows, "order_id", "<u8", |r: &OrderRow| r.order_id.0);
        column!(dict, rows, "instrument", "<u4", |r: &OrderRow| r.instrument.0);
        column!(dict, rows, "side", "u1", |r: &OrderRow| r.side as u8);
        column!(dict, rows, "order_type", "u1", |r: &OrderRow| r.order_type as u8);
        column!(dict, rows, "time_in_force", "u1", |r: &OrderRow| r.time_in_force as u8);
        column!(dict, rows, "price", "<i8", |r: &OrderRow| r.price.0);
        column!(dict, rows, "quantity", "<u8", |r: &OrderRow| r.quantity.0);
        column!(dict, rows, "filled", "<u8", |r: &OrderRow| r.filled.0);
        column!(dict, rows, "status", "u1", |r: &OrderRow| r.status as u8);
        column!(dict, rows, "reason", "u1", |r: &OrderRow| r.reason as u8);
        Ok(dict)
    }

    /// Fills by column, as `orders`; fees as exact text.
    #[getter]
    fn fills<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (dict, rows) = (PyDict::new(py), self.outcome.recorder.fills.all());
        column!(dict, rows, "seq", "<u8", |r: &FillRow| r.seq);
        column!(dict, rows, "time", "<i8", |r: &FillRow| r.time.0);
        column!(dict, rows, "session", "<u2", |r: &FillRow| r.session.0);
        column!(dict, rows, "account", "<u4", |r: &FillRow| r.account.0);
        column!(dict, rows, "client_order_id", "<u8", |r: &FillRow| r.client_order_id.0);
        column!(dict, rows, "order_id", "<u8", |r: &FillRow| r.order_id.0);
        column!(dict, rows, "trade_id", "<u8", |r: &FillRow| r.trade_id.0);
        column!(dict, rows, "instrument", "<u4", |r: &FillRow| r.instrument.0);
        column!(dict, rows, "side", "u1", |r: &FillRow| r.side as u8);
        column!(dict, rows, "price", "<i8", |r: &FillRow| r.price.0);
        column!(dict, rows, "quantity", "<u8", |r: &FillRow| r.quantity.0);
        column!(dict, rows, "liquidity", "u1", |r: &FillRow| r.liquidity as u8);
        dict.set_item("fee", texts(py, rows, |r| r.fee)?)?;
        Ok(dict)
    }

    /// Equity samples by column; money as exact text.
    #[getter]
    fn equity<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (dict, rows) = (PyDict::new(py), &self.outcome.recorder.equity);
        column!(dict, rows, "time", "<i8", |r: &EquityRow| r.time.0);
        column!(dict, rows, "account", "<u4", |r: &EquityRow| r.account.0);
        dict.set_item("equity", texts(py, rows, |r| r.equity)?)?;
        dict.set_item("realised", texts(py, rows, |r| r.realised)?)?;
        dict.set_item("unrealised", texts(py, rows, |r| r.unrealised)?)?;
        dict.set_item("fees", texts(py, rows, |r| r.fees)?)?;
        Ok(dict)
    }

    /// Bars by column, as `orders`.
    #[getter]
    fn bars<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (dict, rows) = (PyDict::new(py), self.outcome.recorder.bars.all());
        column!(dict, rows, "time", "<i8", |r: &Bar| r.time.0);
        column!(dict, rows, "instrument", "<u4", |r: &Bar| r.instrument.0);
        column!(dict, rows, "open", "<i8", |r: &Bar| r.open.0);
        column!(dict, rows, "high", "<i8", |r: &Bar| r.high.0);
        column!(dict, rows, "low", "<i8", |r: &Bar| r.low.0);
        column!(dict, rows, "close", "<i8", |r: &Bar| r.close.0);
        column!(dict, rows, "volume", "<u8", |r: &Bar| r.volume.0);
        Ok(dict)
    }
}
