//! A run that was killed, rebuilt from its journal.

use std::path::PathBuf;

use omni_journal::{Journal, Mode, Reader};
use omni_node::{StrategyInfo, recover};
use omni_types::{AccountId, SessionId};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::capacity::capacities;
use crate::error::Kind;
use crate::instrument::Instrument;
use crate::result::RunResult;

/// A killed run's state at its last good input, and what was found at the end of its journal.
#[pyclass(frozen, get_all, module = "omni.engine")]
pub(crate) struct Recovered {
    /// How it stands there.
    result: Py<RunResult>,
    /// What was listed.
    instruments: Vec<Py<Instrument>>,
    /// Whether the journal had been closed in good order.
    closed: bool,
    /// What was left out at the end of the journal, or `None`.
    dropped: Option<String>,
    /// Real time of the run's start, nanoseconds since the epoch, UTC.
    started_ns: i64,
}

/// Cut a torn end off a killed run's journal, rebuild the run's state from it, and close it.
///
/// `strategies` are (session, account, name); equity is sampled as often as the run did.
#[pyfunction]
pub(crate) fn recover_run(
    py: Python<'_>,
    journal: PathBuf,
    engine: &Bound<'_, PyDict>,
    strategies: Vec<(u16, u32, String)>,
    equity_ns: i64,
) -> PyResult<Recovered> {
    let capacities = capacities(engine)?;
    let infos = |(session, account, name): &(u16, u32, String)| StrategyInfo {
        session: SessionId(*session),
        account: AccountId(*account),
        name: name.as_str().into(),
    };
    let strategies = strategies.iter().map(infos).collect();
    let data = |error: &dyn core::fmt::Display| Kind::Data.error(error);
    let work = move || -> PyResult<_> {
        let (writer, recovery) = Journal::recover(&journal, Mode::Group).map_err(|error| data(&error))?;
        writer.close().map_err(|error| data(&error))?;
        let mut reader = Reader::open(&journal).map_err(|error| data(&error))?;
        let started_ns = reader.header().created.0;
        let empty = capacities.exchange().map_err(|error| Kind::Config.error(error))?;
        let run = recover(&mut reader, empty, strategies, equity_ns).map_err(|error| data(&error))?;
        Ok((run, recovery, started_ns))
    };
    let ((engine, outcome), recovery, started_ns) = py.detach(work)?;
    let listed = engine.instruments().iter().map(|instrument| Py::new(py, Instrument::of(*instrument)));
    Ok(Recovered {
        instruments: listed.collect::<PyResult<_>>()?,
        result: Py::new(py, RunResult::new(outcome, &engine))?,
        closed: recovery.closed,
        dropped: recovery.dropped.map(|dropped| dropped.to_string()),
        started_ns,
    })
}
