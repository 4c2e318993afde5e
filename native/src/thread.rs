//! Threads as Python numbers them.

use core::ffi::c_ulong;

use pyo3::prelude::*;
use pyo3::types::PyType;
use pyo3::{Bound, ffi};

/// Returns Python's number of this thread.
pub(crate) fn number(py: Python<'_>) -> PyResult<c_ulong> {
    py.import("threading")?.call_method0("get_ident")?.extract()
}

/// Raises an exception in a thread at its next instruction of Python; `None` takes back one that waits.
pub(crate) fn raise_in(thread: c_ulong, exception: Option<&Bound<'_, PyType>>) {
    Python::attach(|_py| {
        let exception = exception.map_or(core::ptr::null_mut(), Bound::as_ptr);
        // SAFETY: we hold Python's lock, and whoever lends the type keeps it until then. The number of a thread that
        // has ended meanwhile is not found, which is what the result would tell.
        unsafe { ffi::PyThreadState_SetAsyncExc(thread as _, exception) };
    });
}
