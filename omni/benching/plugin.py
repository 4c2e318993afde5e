"""Compiled strategies: what an event costs through the binary interface, in each language, where its compiler is."""

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from omni.engine import bench_plugin
from omni.model.error import EngineError
from omni.model.plugin import Plugin
from omni.strategy.project import write

_NAME = "empty"
_C = """\
#include "omni_plugin.h"
static int empty;
static void *create(omni_desk *desk, const omni_parameter *values, uint64_t count) {
    (void)desk; (void)values; (void)count;
    return &empty;
}
static void destroy(void *self) { (void)self; }
static int32_t on_quote(void *self, omni_desk *desk, const omni_quote *quote) {
    (void)self; (void)desk; (void)quote;
    return 0;
}
static const omni_plugin plugin = {
    .header = OMNI_HEADER(omni_plugin), .name = "empty", .version = "1",
    .create = create, .destroy = destroy, .on_quote = on_quote,
};
const omni_plugin *omni_plugin_entry(void) { return &plugin; }
"""
_RUST = """\
use core::ffi::CStr;
use omni_plugin::{Desk, Fault, Trader, Values, Wants};

struct Empty;

impl Trader for Empty {
    const NAME: &'static CStr = c"empty";
    const VERSION: &'static CStr = c"1";
    const WANTS: Wants = Wants { quote: true, ..Wants::NOTHING };

    fn create(_: &Desk<'_>, _: &Values<'_>) -> Result<Self, Fault> {
        Ok(Self)
    }
}

omni_plugin::export_plugin!(Empty);
"""
_CYTHON = """\
from libc.stdint cimport int32_t, uint64_t
from libc.string cimport memset
from omni_plugin cimport *

cdef int empty
cdef omni_plugin table

cdef void *create(omni_desk *desk, const omni_parameter *values, uint64_t count) noexcept nogil:
    return &empty

cdef void destroy(void *this) noexcept nogil:
    pass

cdef int32_t on_quote(void *this, omni_desk *desk, const omni_quote *quote) noexcept nogil:
    return 0

cdef public const omni_plugin *omni_plugin_entry() noexcept nogil:
    return &table

memset(&table, 0, sizeof(table))
table.header.magic = OMNI_MAGIC
table.header.abi_major = OMNI_ABI_MAJOR
table.header.abi_minor = OMNI_ABI_MINOR
table.header.size = sizeof(omni_plugin)
table.name = "empty"
table.version = "1"
table.create = create
table.destroy = destroy
table.on_quote = on_quote
"""
#: Of each language its source's place, the source, the library, and what must be there to build it.
_KINDS: dict[str, tuple[str, str, str, Callable[[], list[str]]]] = {
    "rust": ("src/lib.rs", _RUST, f"lib{_NAME}.so", lambda: _missing("make", "cargo")),
    "c": (f"{_NAME}.c", _C, f"lib{_NAME}.so", lambda: _missing("make", "cc")),
    "cython": (
        f"{_NAME}.pyx",
        _CYTHON,
        f"{_NAME}{sysconfig.get_config_var('EXT_SUFFIX')}",
        lambda: _missing("make", "cc") + ([] if find_spec("Cython") else ["cython"]),
    ),
}


def measure(kind: str) -> dict[str, float]:
    """Measure an empty callback in a language; without its compiler, say so and measure nothing."""
    place, source, library, missing = _KINDS[kind]
    lacking = missing()
    if lacking:
        print(f"omni: plugin.{kind}.event_ns is skipped: no {', '.join(lacking)} here", file=sys.stderr)
        return {}
    with TemporaryDirectory(prefix="omni-bench-") as folder:
        write(kind, _NAME, Path(folder))
        project = Path(folder) / _NAME
        (project / place).write_text(source, encoding="utf-8")
        _build(project)
        # A module of Python is imported first, as where a strategy is run.
        path = Plugin(project / library)
        _ = path.library
        figures = {f"plugin.{kind}.event_ns": bench_plugin(str(path.path))}
    return figures | {"floor.plugin.event_ns": bench_plugin(None)}


def _missing(*commands: str) -> list[str]:
    return [command for command in commands if shutil.which(command) is None]


def _build(project: Path) -> None:
    command = ["make", "--silent", "-C", str(project), f"PYTHON={sys.executable}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise EngineError(f"the measured plugin can't be built: {done.stderr.strip()}")
