//! A run that was killed, rebuilt from its journal.

use std::path::{Path, PathBuf};

use omni_journal::{Journal, JournalError, Mode, Reader, Recovery};
use omni_node::{LastCall, StrategyInfo, leave_out, recover};
use omni_types::{AccountId, SessionId};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::Kind;
use crate::instrument::Instrument;
use crate::result::RunResult;
use crate::shape::{Shape, with_engine};

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
    /// Event time of the run's start.
    start_ns: i64,
}

/// Cut a torn end off a killed run's journal, rebuild the run's state from it, and close it.
///
/// `strategies` are (session, account, name); equity is sampled as often as the run did. Where the `note` of compiled
/// strategies' calls says that the process ended in one, that strategy is stopped first, and all orders are cancelled.
#[pyfunction]
pub(crate) fn recover_run(
    py: Python<'_>,
    journal: PathBuf,
    engine: &Bound<'_, PyDict>,
    strategies: Vec<(u16, u32, String)>,
    equity_ns: i64,
    note: PathBuf,
) -> PyResult<Recovered> {
    let shape = Shape::new(engine)?;
    let infos = |(session, account, name): &(u16, u32, String)| StrategyInfo {
        session: SessionId(*session),
        account: AccountId(*account),
        name: name.as_str().into(),
    };
    let strategies: Vec<_> = strategies.iter().map(infos).collect();
    let call = LastCall::read(&note);
    let call = call.map_err(|error| Kind::Data.error(format!("{}: {error}", note.display())))?;
    let mending = py.detach(|| mended(&journal, call, &strategies));
    let (mut reader, recovery) = mending.map_err(|error| Kind::Data.error(error))?;
    let first = Reader::open(&journal).and_then(|mut reader| reader.next_input());
    let start_ns = first.map_err(|error| Kind::Data.error(error))?.map_or(0, |input| input.time.0);
    with_engine!(shape, (empty, rules) => {
        let run = py.detach(|| recover(&mut reader, empty, strategies, equity_ns));
        let (engine, outcome) = run.map_err(|error| Kind::Data.error(error))?;
        let listed = engine.instruments().iter().map(|instrument| Py::new(py, Instrument::of(*instrument)));
        Ok(Recovered {
            instruments: listed.collect::<PyResult<_>>()?,
            result: Py::new(py, RunResult::new(outcome, &engine, rules, None))?,
            closed: recovery.closed,
            dropped: recovery.dropped.map(|dropped| dropped.to_string()),
            started_ns: reader.header().created.0,
            start_ns,
        })
    })
}

/// Cuts a torn end off a journal, leaves out the strategy that ended the process, and closes it; returns a reader of
/// what is good.
fn mended(
    journal: &Path,
    call: Option<LastCall>,
    strategies: &[StrategyInfo],
) -> Result<(Reader, Recovery), JournalError> {
    let (mut writer, recovery) = Journal::recover(journal, Mode::Group)?;
    if let Some(call) = call.filter(|_| !recovery.closed) {
        leave_out(&mut writer, &mut Reader::open(journal)?, call, strategies)?;
    }
    writer.close()?;
    Ok((Reader::open(journal)?, recovery))
}
