"""What only a process of its own can tell: memory, the time of an import, a whole run's memory."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from omni.model.error import EngineError

_IMPORTS = 9
#: When the run's memory is looked at.
_SETTLED_S = 60.0
_END_S = 60.0
_PART = "import json, sys; from omni.engine import bench_part; print(json.dumps(bench_part(sys.argv[1])[0]))"
_IMPORT = "import time; start = time.perf_counter(); import omni; print(time.perf_counter() - start)"
_START = "import time; print(time.monotonic())"


def part(name: str) -> dict[str, float]:
    """Measure a part of the compiled half in a fresh process."""
    return dict(json.loads(_child(_PART, name)))


def imports() -> dict[str, float]:
    """Measure `import omni` in fresh processes, the best; beside it how long Python itself takes to start."""
    best = min(float(_child(_IMPORT)) for _ in range(_IMPORTS))
    return {"import.s": best, "floor.python.s": min(_start() for _ in range(_IMPORTS))}


def _start() -> float:
    before = time.monotonic()
    return float(_child(_START)) - before


def _child(code: str, *arguments: str) -> str:
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise EngineError(f"a measuring process failed: {done.stderr.strip() or done.returncode}")
    return done.stdout


def run_memory() -> dict[str, float]:
    """Measure a paper run with its console after a minute: the proportional memory of all its processes.

    The floor is as many interpreters that have imported nothing.
    """
    with TemporaryDirectory(prefix="omni-bench-") as home:
        command = [sys.executable, "-P", "-m", "omni", "run", "--exit", "--home", home]
        environment = os.environ | {"OMNI__RUN__MODE": "paper"}
        log = Path(home) / "bench.log"
        with log.open("w") as output:
            run = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            _wait(run, log)
            family = _family(run.pid)
            used = sum(_pss_mb(pid) for pid in family)
            return {"run.pss_mb": used, "floor.run.pss_mb": _interpreters_mb(len(family))}
        finally:
            _end(run)


def _interpreters_mb(count: int) -> float:
    """Return the proportional memory of so many interpreters that do nothing, side by side."""
    command = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()"]
    idle = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(count)]
    try:
        for each in idle:
            if each.stdout is None or not each.stdout.readline():
                raise EngineError("an interpreter that was to do nothing ended")
        return sum(_pss_mb(each.pid) for each in idle)
    finally:
        for each in idle:
            each.communicate()


def _wait(run: subprocess.Popen[bytes], log: Path) -> None:
    try:
        run.wait(_SETTLED_S)
    except subprocess.TimeoutExpired:
        return
    raise EngineError(f"the paper run ended early: {log.read_text().strip()}")


def _end(run: subprocess.Popen[bytes]) -> None:
    run.send_signal(signal.SIGTERM)
    try:
        run.wait(_END_S)
    except subprocess.TimeoutExpired:
        run.kill()
        run.wait()


def _family(parent: int) -> list[int]:
    """Return a process and all that come from it."""
    children = [
        int(pid) for task in Path(f"/proc/{parent}/task").iterdir() for pid in (task / "children").read_text().split()
    ]
    return [parent, *(pid for child in children for pid in _family(child))]


def _pss_mb(pid: int) -> float:
    """Return a process's memory, what it shares divided among the sharers, in megabytes of a million bytes."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    kilobytes = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes * 1024 / 1e6
