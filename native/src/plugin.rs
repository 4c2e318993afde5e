//! Compiled strategies: a shared library as Python sees it.

use std::path::PathBuf;

use omni_plugin::{Declared, Kind as ValueKind, Library, PROJECTS, Value};
use pyo3::prelude::*;

use crate::error::Kind;
use crate::seat::Made;

/// A parameter as Python sees it: name, kind, default, least, most, meaning.
type Row<'py> = (String, &'static str, Bound<'py, PyAny>, Option<f64>, Option<f64>, String);

/// A shared library that is loaded and checked.
#[pyclass(frozen, module = "omni.engine")]
pub(crate) struct PluginLibrary {
    library: Library,
}

impl PluginLibrary {
    /// Returns what makes its strategy with these parameters.
    pub(crate) fn made(&self, parameters: &[(String, Bound<'_, PyAny>)]) -> PyResult<Made> {
        let value = |value: &Bound<'_, PyAny>| match value.extract::<f64>() {
            Ok(number) => Ok(Value::Number(number)),
            Err(_) => value.extract::<String>().map(Value::Text),
        };
        let pairs = parameters.iter().map(|(name, given)| Ok((name.clone(), value(given)?)));
        Ok(Made::Plugin(self.library.clone(), pairs.collect::<PyResult<_>>()?))
    }
}

#[pymethods]
impl PluginLibrary {
    /// Load a shared library; refuses, in words, what is no plugin of this version for this machine.
    #[new]
    fn new(path: PathBuf) -> PyResult<Self> {
        let library = Library::open(&path).map_err(|error| Kind::Config.error(error))?;
        Ok(Self { library })
    }

    /// What the plugin calls itself.
    #[getter]
    fn name(&self) -> &str {
        self.library.name()
    }

    /// The plugin's own version.
    #[getter]
    fn version(&self) -> &str {
        self.library.version()
    }

    /// Its parameters: name, kind (number, whole or text), default, least, most, meaning.
    #[getter]
    fn parameters<'py>(&self, py: Python<'py>) -> PyResult<Vec<Row<'py>>> {
        self.library.parameters().iter().map(|declared| row(py, declared)).collect()
    }

    /// The callbacks that take market data, by name.
    #[getter]
    fn callbacks(&self) -> Vec<&'static str> {
        let feeds = self.library.feeds();
        let named =
            [(feeds.book, "on_book"), (feeds.quote, "on_quote"), (feeds.trade, "on_trade"), (feeds.bar, "on_bar")];
        named.into_iter().filter_map(|(there, name)| there.then_some(name)).collect()
    }
}

/// List the files of the worked examples by their language: path and text.
#[pyfunction]
pub(crate) fn plugin_projects() -> Vec<(&'static str, Vec<(&'static str, &'static str)>)> {
    PROJECTS.iter().map(|(kind, files)| (*kind, files.to_vec())).collect()
}

fn row<'py>(py: Python<'py>, declared: &Declared) -> PyResult<Row<'py>> {
    let kind = match declared.kind {
        ValueKind::Number => "number",
        ValueKind::Whole => "whole",
        ValueKind::Text => "text",
    };
    let default = match &declared.default {
        Value::Number(number) if declared.kind == ValueKind::Whole => (*number as i64).into_pyobject(py)?.into_any(),
        Value::Number(number) => number.into_pyobject(py)?.into_any(),
        Value::Text(text) => text.into_pyobject(py)?.into_any(),
    };
    let bound = |value: f64| (declared.kind != ValueKind::Text && value.is_finite()).then_some(value);
    let (least, most) = declared.bounds;
    Ok((declared.name.clone(), kind, default, bound(least), bound(most), declared.meaning.clone()))
}
