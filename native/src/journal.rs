//! Journals, looked into.

use std::path::{Path, PathBuf};

use omni_journal::snapshot;
use omni_journal::{Files, Inspection, Reader, SegmentView, inspect};
use omni_node::{NodeError, prove_snapshots};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::Kind;
use crate::shape::{Shape, with_engine};
use crate::story::Teller;

/// Look at every record of a journal: its segments, its snapshots, and what is wrong at which byte.
#[pyfunction]
pub(crate) fn inspect_journal(py: Python<'_>, journal: PathBuf) -> PyResult<Bound<'_, PyDict>> {
    let found = py.detach(|| inspect(&Files, &journal)).map_err(|error| Kind::Data.error(error))?;
    let snapshots = snapshot::list(&Files, &journal).map_err(|error| Kind::Data.error(error))?;
    let dict = PyDict::new(py);
    dict.set_item("run", found.run.as_ref().map(|run| run.run_id.as_str()))?;
    dict.set_item("code_version", found.run.as_ref().map(|run| run.code_version.as_str()))?;
    dict.set_item("segments", found.segments.iter().map(|one| segment(py, one)).collect::<PyResult<Vec<_>>>()?)?;
    dict.set_item("snapshots", snapshots)?;
    dict.set_item("findings", findings(py, &found)?)?;
    Ok(dict)
}

fn segment<'py>(py: Python<'py>, view: &SegmentView) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("number", view.number)?;
    dict.set_item("file", name(&view.path))?;
    dict.set_item("bytes", view.bytes)?;
    dict.set_item("inputs", view.inputs)?;
    dict.set_item("first", view.first.map(|(seq, time)| (seq, time.0)))?;
    dict.set_item("last", view.last.map(|(seq, time)| (seq, time.0)))?;
    dict.set_item("mode", view.mode.map(|mode| mode.to_string()))?;
    dict.set_item("state", view.state.to_string())?;
    Ok(dict)
}

fn findings<'py>(py: Python<'py>, found: &Inspection) -> PyResult<Vec<Bound<'py, PyDict>>> {
    let tell = |finding: &omni_journal::Finding| {
        let dict = PyDict::new(py);
        dict.set_item("file", name(&finding.path))?;
        dict.set_item("byte", finding.offset)?;
        dict.set_item("text", &finding.text)?;
        dict.set_item("damage", finding.damage)?;
        Ok(dict)
    };
    found.findings.iter().map(tell).collect()
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// Return a journal's inputs with numbers from `first` to `last`, each as (number, time, cause, what it says).
#[pyfunction]
pub(crate) fn journal_inputs(
    py: Python<'_>,
    journal: PathBuf,
    first: u64,
    last: u64,
) -> PyResult<Vec<(u64, i64, u64, String)>> {
    let data = |error: omni_journal::JournalError| Kind::Data.error(error);
    let teller = Teller::of(py, &mut Reader::open(&journal).map_err(data)?)?;
    let mut reader = Reader::open_after(&journal, first.saturating_sub(1)).map_err(data)?;
    let mut inputs = Vec::new();
    while let Some(input) = reader.next_to(last).map_err(data)? {
        inputs.push((input.seq, input.time.0, input.cause, teller.what(&input.body)));
    }
    Ok(inputs)
}

/// Replay a journal and compare its snapshots with what it leads to; returns (number, what is wrong or `None`) of each.
#[pyfunction]
pub(crate) fn prove_journal_snapshots(
    py: Python<'_>,
    journal: PathBuf,
    engine: &Bound<'_, PyDict>,
) -> PyResult<Vec<(u64, Option<String>)>> {
    let shape = Shape::new(engine)?;
    let proofs = with_engine!(shape, (empty, _rules) => py.detach(|| prove_snapshots(&journal, empty)));
    let proofs = proofs.map_err(|error: NodeError| Kind::Data.error(error))?;
    Ok(proofs.into_iter().map(|proof| (proof.seq, proof.wrong)).collect())
}
