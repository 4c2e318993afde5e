//! Tells where in a strategy something went wrong.

use core::ffi::c_ulong;

use omni_port::StrategyFault;
use pyo3::prelude::*;

/// Tells a Python error with the line that raised it.
pub(crate) fn of(py: Python<'_>, error: &PyErr) -> StrategyFault {
    let place = error.traceback(py).and_then(|traceback| {
        let last = own(traceback.into_any());
        // The traceback's own line: the frame may have moved on since.
        place(&last.getattr("tb_frame").ok()?, last.getattr("tb_lineno").ok()?.extract().ok()?)
    });
    let what = error.to_string();
    StrategyFault { message: format!("{}{}", what.trim_end_matches(": "), place.unwrap_or_default()) }
}

/// Returns the innermost entry that a person wrote: the base class only passes on what it was asked wrongly.
fn own(outermost: Bound<'_, PyAny>) -> Bound<'_, PyAny> {
    let (mut own, mut at) = (outermost.clone(), Some(outermost));
    while let Some(entry) = at {
        at = entry.getattr("tb_next").ok().filter(|next| !next.is_none());
        if !is_ours(&entry).unwrap_or(false) {
            own = entry;
        }
    }
    own
}

fn is_ours(entry: &Bound<'_, PyAny>) -> PyResult<bool> {
    let module: String = entry.getattr("tb_frame")?.getattr("f_globals")?.get_item("__name__")?.extract()?;
    Ok(module.starts_with("omni.model."))
}

/// Tells the line that a thread executes now.
pub(crate) fn place_in(py: Python<'_>, thread: c_ulong) -> Option<String> {
    let frames = py.import("sys").ok()?.call_method0("_current_frames").ok()?;
    let frame = frames.get_item(thread).ok()?;
    place(&frame, frame.getattr("f_lineno").ok()?.extract().ok()?)
}

fn place(frame: &Bound<'_, PyAny>, line: u32) -> Option<String> {
    let code = frame.getattr("f_code").ok()?;
    let file: String = code.getattr("co_filename").ok()?.extract().ok()?;
    let function: String = code.getattr("co_name").ok()?.extract().ok()?;
    Some(format!(" (in {function}, {file}, line {line})"))
}
