//! Streaming indicators by name.

use omni_signals::catalogue;
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyTuple};

use crate::error::Kind;

/// A streaming indicator: `update` it with each new value.
#[pyclass(module = "omni.engine")]
pub(crate) struct Indicator {
    inner: omni_signals::Indicator,
    value: Option<omni_signals::Output>,
}

fn to_python(py: Python<'_>, value: Option<omni_signals::Output>) -> PyResult<Py<PyAny>> {
    match value.as_ref().map(omni_signals::Output::as_slice) {
        None => Ok(py.None()),
        Some([one]) => Ok(one.into_pyobject(py)?.into_any().unbind()),
        Some(many) => Ok(PyTuple::new(py, many)?.into_any().unbind()),
    }
}

#[pymethods]
impl Indicator {
    /// Make an indicator, such as `Indicator("sma", 20)`.
    #[new]
    #[pyo3(signature = (name, *parameters))]
    fn new(name: &str, parameters: Vec<f64>) -> PyResult<Self> {
        let inner = omni_signals::Indicator::new(name, &parameters).map_err(|error| Kind::Config.error(error))?;
        Ok(Self { inner, value: None })
    }

    /// Take the next input (one number, or high, low, close and so on) and return the new value, `None` until warm.
    #[pyo3(signature = (first, second = None, third = None, fourth = None, /))]
    fn update(
        &mut self,
        py: Python<'_>,
        first: f64,
        second: Option<f64>,
        third: Option<f64>,
        fourth: Option<f64>,
    ) -> PyResult<Py<PyAny>> {
        let given = [Some(first), second, third, fourth];
        let count = given.iter().take_while(|value| value.is_some()).count();
        let inputs = given.map(Option::unwrap_or_default);
        self.value = self.inner.update(&inputs[..count]).map_err(|error| Kind::Config.error(error))?;
        to_python(py, self.value)
    }

    /// The last value: a number, a tuple where there are several, or `None` until warm.
    #[getter]
    fn value(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        to_python(py, self.value)
    }

    /// Forget everything.
    fn reset(&mut self) {
        self.inner.reset();
        self.value = None;
    }
}

/// List the indicators: name, title, parameters as (name, default or `None`), inputs and outputs.
#[pyfunction]
#[allow(clippy::type_complexity, reason = "a table for Python")]
pub(crate) fn indicators() -> Vec<(String, String, Vec<(String, Option<f64>)>, Vec<String>, Vec<String>)> {
    let names = |list: &[&str]| list.iter().map(ToString::to_string).collect();
    let row = |entry: &omni_signals::Entry| {
        let parameters = entry.parameters.iter().map(|p| (p.name.to_string(), p.default)).collect();
        (entry.name.to_string(), entry.title.to_string(), parameters, names(entry.inputs), names(entry.outputs))
    };
    catalogue().iter().map(row).collect()
}
