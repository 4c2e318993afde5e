//! Tells where in a strategy something went wrong.

use core::ffi::c_ulong;

use omni_port::StrategyFault;
use pyo3::prelude::*;

/// Tells a Python error with the line that raised it.
pub(crate) fn of(py: Python<'_>, error: &PyErr) -> StrategyFault {
    let place = error.traceback(py).and_then(|traceback| {
        let mut last = traceback.into_any();
        while let Some(next) = last.getattr("tb_next").ok().filter(|next| !next.is_none()) {
            last = next;
        }
        // The traceback's own line: the frame may have moved on since.
        place(&last.getattr("tb_frame").ok()?, last.getattr("tb_lineno").ok()?.extract().ok()?)
    });
    StrategyFault { message: format!("{error}{}", place.unwrap_or_default()) }
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
