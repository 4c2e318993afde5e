//! The one map from errors of the core to Python's exceptions.

use core::fmt::Display;

use pyo3::prelude::*;
use pyo3::types::PyType;

/// The exceptions of `omni.model.error`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Config,
    Data,
    Engine,
    Refused,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Config => "ConfigError",
            Self::Data => "DataError",
            Self::Engine => "EngineError",
            Self::Refused => "RefusedError",
        }
    }

    /// Builds the exception; what goes wrong in building it is the exception then.
    pub(crate) fn error(self, message: impl Display) -> PyErr {
        let message = message.to_string();
        Python::attach(|py| {
            let class = py.import("omni.model.error").and_then(|module| module.getattr(self.name()));
            match class.and_then(|class| Ok(class.cast_into::<PyType>()?)) {
                Ok(class) => PyErr::from_type(class, message),
                Err(error) => error,
            }
        })
    }
}
