"""A run from its configuration to its report."""

import logging
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from msgspec.structs import replace

from omni.console.listener import listen, port_of
from omni.console.process import ConsoleProcess, start_console
from omni.engine import Instrument, Node, RunResult
from omni.infra.config import Loaded
from omni.infra.log import open_log
from omni.infra.section import Config
from omni.infra.show import fingerprint, placed, show
from omni.model.error import ConfigError, DataError, EngineError, OmniError, RefusedError
from omni.model.exit import Exit
from omni.runtime import build, summary
from omni.runtime.folder import RunFolder, make
from omni.runtime.keep import Kept, Moments, keep, start_record
from omni.runtime.killswitch import KillFile, KillNote, ResumeNote
from omni.runtime.progress import ProgressLine
from omni.runtime.recover import check_journal, note_start, own
from omni.runtime.roster import Seat, check_names, entries, fed, keep_sources, kept, seats
from omni.runtime.seating import seat

if TYPE_CHECKING:
    from omni.data.recording import Recording

#: Ports from the default one up that are tried.
_PORT_TRIES = 20
_TICK_S = 0.05
_LOG = logging.getLogger("omni.runtime")


@dataclass(slots=True)
class Day:
    """A run that has been put together.

    Parameters
    ----------
    config
        The configuration.
    folder
        The run's folder.
    node
        The node, with its source and strategies.
    instruments
        What is listed.
    started_ns
        Real time of the start.
    span
        Event time of the start and the end.
    """

    config: Config
    folder: RunFolder
    node: Node
    instruments: list[Instrument]
    started_ns: int
    span: tuple[int, int]


def run(loaded: Loaded, *, keep_console: bool) -> int:
    """Run a day and write what it leaves; returns the exit code.

    Parameters
    ----------
    loaded
        The configuration.
    keep_console
        Whether the console stays up after the end, until Ctrl-C.

    Raises
    ------
    OmniError
        Where the run can't start.
    """
    config = loaded.config
    if config.run.mode == "live":
        raise RefusedError("live trading isn't in this version: use mode sim or paper")
    crew = seats(config)
    with _listening(loaded, chosen=loaded.provenance["console.port"].kind != "default") as listener:
        return _run(loaded, crew, listener, keep_console=keep_console)


def _run(loaded: Loaded, crew: list[Seat], listener: socket.socket | None, *, keep_console: bool) -> int:
    config = loaded.config
    folder = make(Path(config.run.home))
    with open_log(config.log, folder.path, secrets=(config.store.url,)):
        with _undone(folder):
            day = _prepare(loaded, folder, crew)
            start_record(day.folder, day.config, day.started_ns)
        return _go(day, day.config, listener, keep_console=keep_console)


def go_on(folder: RunFolder, settings: Loaded, without: Collection[str], *, keep_console: bool) -> int:
    """Go on with a run whose process ended before it did; returns the exit code.

    Its journal brings engine, orders, positions and tables to its last good input; strategies are made anew from the
    copies in its folder and called by `on_recover`.

    Parameters
    ----------
    folder
        The run's folder.
    settings
        What pace and console this process has; everything else is the run's own configuration.
    without
        Strategies that are left out: stopped, their orders cancelled.
    keep_console
        As for `run`.

    Raises
    ------
    OmniError
        Where its node still runs, it ended in good order, or it can't go on from what is there.
    """
    check_journal(folder)
    config = own(folder).config
    check_names(config, without)
    # The port in its own file was chosen or found free for the process before.
    chosen = settings.provenance["console.port"].kind == "flag"
    with (
        _listening(settings, chosen=chosen) as listener,
        open_log(config.log, folder.path, secrets=(config.store.url,)),
    ):
        day = _take_up(config, folder, without)
        note_start(folder, config, day.started_ns)
        return _go(day, settings.config, listener, keep_console=keep_console)


def _go(day: Day, settings: Config, listener: socket.socket | None, *, keep_console: bool) -> int:
    speed = None if settings.run.speed == "unlimited" else float(settings.run.speed)
    day.node.pace(speed, settings.watchdog.timeout_ms, build.EQUITY_NS)
    day.node.control(str(day.folder.socket), linger=keep_console and listener is not None)
    console = _console(day, listener)
    try:
        return _trade(day, console, keep_console=keep_console)
    finally:
        if console is not None:
            console.stop()


@contextmanager
def _undone(folder: RunFolder) -> Iterator[None]:
    """Remove the folder of a run that doesn't come to start; SIGTERM is taken like Ctrl-C meanwhile."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except BaseException:
        shutil.rmtree(folder.path, ignore_errors=True)
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


def _prepare(loaded: Loaded, folder: RunFolder, crew: list[Seat]) -> Day:
    started_ns = time.time_ns()
    config, recording = loaded.config, None
    if config.day.data:
        recording = build.read(config)
        crew = fed(crew, recording, chosen=bool(config.strategy))
        # Which of the examples the data can feed is part of what this run is, for whoever goes on with it.
        config = replace(config, strategy=tuple(each.entry for each in crew))
    folder.config.write_text(show(replace(loaded, config=placed(config))))
    keep_sources(folder, entries(config))
    node = build.empty(config, folder.id, started_ns)
    node.journal(str(folder.journal), config.journal.mode, config.journal.segment_mib * 2**20)
    return _put_together(node, config, folder, crew, started_ns, recording=recording)


def _take_up(config: Config, folder: RunFolder, without: Collection[str]) -> Day:
    node = build.empty(config, folder.id, 0)
    try:
        started_ns, gone, dropped = node.go_on(folder.journal, config.journal.mode, folder.call)
    except DataError as error:
        raise DataError(f"run {folder.id} can't go on: {error}") from None
    # It has the journal's lock, so the socket is a dead process's, and so is the note of its calls, which was read.
    folder.socket.unlink(missing_ok=True)
    folder.call.unlink(missing_ok=True)
    if dropped is not None:
        print(f"journal: {dropped}", file=sys.stderr)
        _LOG.warning("the journal's end was cut off", extra={"run": folder.id, "cut": dropped})
    resumed = ResumeNote(folder.path).reason()
    if resumed is not None:
        node.resume_at_start(resumed)
    chosen = entries(config)
    names = {entry.name for session, entry in enumerate(chosen, 1) if session in gone}
    node.leave_out([session for session, entry in enumerate(chosen, 1) if entry.name in {*without} - names])
    for name in sorted(names):
        print(f"strategy {name} ended a process of this run, or hung; it goes on without it", file=sys.stderr)
    try:
        crew = seats(kept(folder, config), {*without, *names})
    except ConfigError as error:
        raise ConfigError(f"{error}\n--without NAME goes on without a strategy") from error
    return _put_together(node, config, folder, crew, started_ns)


def _put_together(  # noqa: PLR0913  # All that a day is made of.
    node: Node,
    config: Config,
    folder: RunFolder,
    crew: list[Seat],
    started_ns: int,
    *,
    recording: "Recording | None" = None,
) -> Day:
    if config.day.data:
        instruments, span = build.recorded(node, config, folder, recording or build.read(config))
    else:
        instruments, span = build.generate(node, config, started_ns), build.session(config, started_ns)
    _tell_absent(seat(node, config, crew, instruments))
    node.note_calls(str(folder.call))
    reason = KillFile(Path(config.run.home)).reason()
    if reason is not None:
        node.kill_at_start(reason)
        print(f"the kill switch is still on ({reason}); `omni resume --reason …` ends it", file=sys.stderr)
    _LOG.info(
        "run starts",
        extra={"run": folder.id, "mode": config.run.mode, "seed": config.run.seed, "config": fingerprint(config)},
    )
    return Day(config, folder, node, instruments, started_ns, span)


def _tell_absent(restricted: list[str]) -> None:
    if restricted:
        print(f"omni: restricted, and not in this run: {', '.join(restricted)}", file=sys.stderr)
        _LOG.warning("restricted instruments aren't in this run", extra={"symbols": restricted})


@contextmanager
def _listening(loaded: Loaded, *, chosen: bool) -> Iterator[socket.socket | None]:
    """Open the console's port before anything is made, if there is to be a console.

    Raises
    ------
    ConfigError
        Where it is in use, and a person chose it: only the default one gives way to the next that is free.
    """
    console, source = loaded.config.console, loaded.provenance["console.port"]
    if not console.enabled:
        yield None
        return
    try:
        listener = listen(console.port, tries=1 if chosen else _PORT_TRIES)
    except ConfigError as error:
        raise ConfigError(f"console.port ({source}): {error}; --no-console runs without the console") from None
    with listener:
        if console.port not in {0, port_of(listener)}:
            print(f"port {console.port} is in use; the console takes {port_of(listener)}", file=sys.stderr)
        yield listener


def _console(day: Day, listener: socket.socket | None) -> ConsoleProcess | None:
    if listener is None:
        return None
    console = start_console(day.folder.path, listener=listener)
    # The token is for a terminal only: a log or a pipe gets the address without it.
    shown = console.link if sys.stderr.isatty() else f"{console.address} (token in {day.folder.path}/console.token)"
    print(f"console: {shown}", file=sys.stderr, flush=True)
    _LOG.info("console started", extra={"address": console.address})
    return console


def _trade(day: Day, console: ConsoleProcess | None, *, keep_console: bool) -> int:
    outcome: list[RunResult | BaseException] = []

    def work() -> None:
        try:
            outcome.append(day.node.run())
        except BaseException as error:  # noqa: BLE001  # Whatever ended the thread is told on the main thread.
            outcome.append(error)

    thread = threading.Thread(target=work, name="engine")
    with _stopping(day.node):
        thread.start()
        _watch(day, thread)
        thread.join()
        day.folder.call.unlink(missing_ok=True)
        result = outcome[0]
        if isinstance(result, BaseException):
            _LOG.error("run failed", extra={"run": day.folder.id, "fault": str(result)})
            raise result if isinstance(result, OmniError) else EngineError(str(result)) from result
        kept = keep(day.folder, day.config, result, day.instruments, Moments(day.started_ns, day.span[0]))
        _tell(day.folder, kept)
    record = kept.record
    _LOG.info(
        "run ended", extra={"run": day.folder.id, "state": record.state, "hash": record.digest, "fault": record.fault}
    )
    if keep_console and console is not None and record.state == "finished":
        _wait_for_interrupt(console)
    result.hang_up()
    return _exit(kept)


def _exit(kept: Kept) -> Exit:
    """Return the exit code; a script has to see a fault, though the run goes on without the strategy."""
    if kept.record.state == "failed" or kept.problems:
        return Exit.FAILED
    faulted = [one.name for one in kept.record.strategies if one.state == "faulted"]
    if not faulted:
        return Exit.DONE
    until = "" if kept.record.state == "finished" else " until it was stopped"
    print(f"omni: faulted: {', '.join(faulted)}; the rest of the run went on{until}", file=sys.stderr, flush=True)
    return Exit.FAULTED


def _tell(folder: RunFolder, kept: Kept) -> None:
    print("\n".join(summary.lines(kept.record)), flush=True)
    if folder.report.exists():
        print(f"report: {folder.report}", flush=True)
    for problem in kept.problems:
        print(f"omni: {problem}", file=sys.stderr, flush=True)


@contextmanager
def _stopping(node: Node) -> Iterator[None]:
    """End the run cleanly on Ctrl-C and SIGTERM: a second signal finds it already ending, and loses nothing."""
    asked = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            print("omni: the run is ending and its report being written", file=sys.stderr, flush=True)
        asked = True
        node.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _watch(day: Day, thread: threading.Thread) -> None:
    """Show progress and keep the note of the kill switch while the run goes."""
    line = ProgressLine(day.config.run.mode, *day.span)
    note = KillNote(KillFile(Path(day.config.run.home)), day.folder.id)
    while thread.is_alive():
        thread.join(_TICK_S)
        time_ns, seq, killed = day.node.progress
        line.show(time_ns, seq, killed=killed is not None)
        if seq > 0:
            # By now the journal says what the note of a resume did.
            ResumeNote(day.folder.path).remove()
            note.follow(killed)
    line.clear()
    _, seq, killed = day.node.progress
    if seq > 0:
        note.follow(killed)


def _wait_for_interrupt(console: ConsoleProcess) -> None:
    print(f"console stays up at {console.address} until Ctrl-C", file=sys.stderr, flush=True)
    ended = threading.Event()
    before = {number: signal.signal(number, lambda *_: ended.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    while not ended.wait(0.2) and console.process.poll() is None:
        pass
    for number, handler in before.items():
        signal.signal(number, handler)
