"""A backtest's HTML report."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import convert

from omni.data.recording import Source
from omni.engine import Instrument, RunResult
from omni.model.parameter import Value

if TYPE_CHECKING:
    from omni.reporting.run_data import RunData


class Ran(Protocol):
    """What a report needs of a result."""

    @property
    def strategy(self) -> str: ...  # noqa: D102
    @property
    def params(self) -> dict[str, Value]: ...  # noqa: D102
    @property
    def instruments(self) -> tuple[Instrument, ...]: ...  # noqa: D102
    @property
    def rules(self) -> dict[str, str]: ...  # noqa: D102
    @property
    def options(self) -> dict[str, Any]: ...  # noqa: D102
    @property
    def sources(self) -> tuple[Source, ...]: ...  # noqa: D102
    @property
    def span(self) -> tuple[int, int]: ...  # noqa: D102
    @property
    def counts(self) -> dict[str, int]: ...  # noqa: D102
    @property
    def refusals(self) -> dict[str, int]: ...  # noqa: D102
    @property
    def seed(self) -> int: ...  # noqa: D102
    @property
    def digest(self) -> str: ...  # noqa: D102
    @property
    def state_digest(self) -> str: ...  # noqa: D102
    @property
    def code_version(self) -> str: ...  # noqa: D102
    @property
    def fault(self) -> str | None: ...  # noqa: D102
    @property
    def engine(self) -> RunResult: ...  # noqa: D102


def write(result: Ran, path: Path) -> Path:
    """Write the report and return its path.

    Raises
    ------
    DataError
        Where the file can't be written.
    """
    from omni.model.error import DataError  # noqa: PLC0415
    from omni.reporting.page import write as write_page  # noqa: PLC0415

    try:
        write_page(path, _run_data(result))
    except OSError as error:
        raise DataError(f"can't write {path}: {error.strerror}") from None
    return path


def _run_data(result: Ran) -> "RunData":
    from omni.reporting import run_data  # noqa: PLC0415

    raw = result.engine
    units = ("symbol", "venue", "currency", "price_unit", "quantity_unit", "multiplier")
    instruments = tuple(
        run_data.Instrument(one.id, **{name: getattr(one, name) for name in units}) for one in result.instruments
    )
    return run_data.RunData(
        run=f"backtest of {result.strategy}",
        mode="sim",
        environment="dev",
        version=result.code_version,
        seed=result.seed,
        # A backtest reads no clock: its report is the same whenever it is written.
        started_ns=result.span[0],
        ended_ns=result.span[1],
        first_ns=result.span[0],
        last_ns=result.span[1],
        digest=result.digest,
        state_digest=result.state_digest,
        ending="failed" if result.fault else "completed",
        message=result.fault,
        rules=tuple(f"{name}: {words}" for name, words in result.rules.items()),
        configuration=_configuration(result),
        counts=result.counts,
        refusals=result.refusals,
        strategies=tuple(run_data.Strategy(*row) for row in raw.strategies),
        accounts=tuple(convert(row, run_data.Account) for row in raw.accounts),
        instruments=instruments,
        equity=_columns(raw.equity),
        orders=_columns(raw.orders),
        fills=_columns(raw.fills),
        bars=_columns(raw.bars),
    )


def _configuration(result: Ran) -> str:
    lines = [f"strategy = {result.strategy!r}"]
    lines += [f"params.{name} = {value!r}" for name, value in result.params.items()]
    lines += [f"{name} = {value!r}" for name, value in result.options.items()]
    lines += [
        f"data = {each.name!r}  # {each.rows:,} {each.kind}, sha256 {each.fingerprint}" for each in result.sources
    ]
    return "\n".join(lines)


def _columns(raw: dict[str, Any]) -> dict[str, Any]:
    import numpy as np  # noqa: PLC0415

    return {
        name: value if isinstance(value, list) else np.frombuffer(value[1], dtype=value[0])
        for name, value in raw.items()
    }
