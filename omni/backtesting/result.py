"""What a backtest leaves."""

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omni.backtesting.chart import svg
from omni.backtesting.frame import Frame
from omni.backtesting.metric import Metrics
from omni.backtesting.term import terms
from omni.data.recording import Source
from omni.engine import Instrument, RunResult
from omni.model.error import ConfigError
from omni.model.parameter import Value

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PERCENT = {"total_return", "annual_return", "annual_volatility", "max_drawdown", "hit_rate", "exposure"}


@dataclass(frozen=True, slots=True, repr=False)
class Result:
    """What a backtest leaves; the same call on the same data leaves the same, byte for byte.

    Parameters
    ----------
    strategy, params
        What ran, and under which parameters.
    instruments
        What was listed; the position is the number that the tables carry.
    equity
        Samples: time, equity, realised and unrealised profit, fees, in the account's currency.
    orders, fills, positions, bars
        Orders and fills in the order of time; positions at the end; bars that were built from trades.
    metrics
        Measures, each defined in `Metrics`.
    rules
        The rules that fills came from, by name.
    options
        Everything that the run was set to: cash, currency, latency, and the tables limits, fees and rules.
    sources
        The data, with a fingerprint of each piece.
    span
        The data's first and last time, in nanoseconds since 1970 in UTC.
    counts, refusals
        Inputs, orders and trades of the run; how often each reason refused an order.
    seed, digest, state_digest, code_version
        What names the run: its seed, the hash over all inputs and outputs, that with the state at the end, our version.
    fault
        Why the strategy was stopped, with its line; `None` if it wasn't.
    engine
        The engine's own account of the run: exact counts and money.
    """

    strategy: str
    params: dict[str, Value]
    instruments: tuple[Instrument, ...]
    equity: Frame
    orders: Frame
    fills: Frame
    positions: Frame
    bars: Frame
    metrics: Metrics
    rules: dict[str, str]
    options: dict[str, Any]
    sources: tuple[Source, ...]
    span: tuple[int, int]
    counts: dict[str, int]
    refusals: dict[str, int]
    seed: int
    digest: str
    state_digest: str
    code_version: str
    fault: str | None
    engine: RunResult

    def plot(self) -> "Figure":
        """Draw equity and drawdown with matplotlib and return the figure.

        Raises
        ------
        ConfigError
            Where matplotlib isn't installed.
        """
        try:
            from matplotlib.figure import Figure  # noqa: PLC0415
        except ImportError:
            raise ConfigError(
                "matplotlib is not installed; `pip install matplotlib`, or look at the result in a notebook"
            ) from None
        from omni.backtesting.metric import drawdowns  # noqa: PLC0415

        figure = Figure(figsize=(9, 5), layout="constrained")
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        upper.plot(self.equity["time"], self.equity["equity"])
        upper.set(title=self.strategy, ylabel=f"equity, {self.options['currency']}")
        lower.fill_between(self.equity["time"], -100 * drawdowns(self.equity["equity"], self._cash), step="post")
        lower.set(ylabel="drawdown, %", xlabel="time, UTC")
        return figure

    def report(self, path: str | Path) -> Path:
        """Write a self-contained HTML report and return its path."""
        from omni.backtesting.page import write  # noqa: PLC0415

        return write(self, Path(path))

    @property
    def _cash(self) -> float:
        return float(self.options["cash"])

    def lines(self) -> list[str]:
        """Return a summary for a terminal."""
        rows = [("strategy", _called(self.strategy, self.params)), ("data", _sources(self.sources))]
        rows += [("from", _moment(self.span[0])), ("to", _moment(self.span[1]))]
        rows += terms(self.options, self.instruments)
        rows += [(_label(name), _shown(name, value)) for name, value in self.metrics.items()]
        if late := self.counts.get("too_late"):
            rows.append((f"too late {late:,} times", "the order had ended while its cancel or amend was on the way"))
        rows += [(f"refused {count:,} times", reason) for reason, count in self.refusals.items()]
        rows += [(f"rule {name}", words) for name, words in self.rules.items()]
        rows += [("seed", str(self.seed)), ("code version", self.code_version), ("hash", self.digest)]
        if self.fault is not None:
            rows.append(("stopped", self.fault))
        width = max(len(name) for name, _ in rows)
        return [f"{name:<{width}}  {value}" for name, value in rows]

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def _repr_html_(self) -> str:
        measures = "".join(
            f"<tr><th style='text-align:left'>{escape(_label(name))}</th>"
            f"<td style='text-align:right'>{escape(_shown(name, value))}</td></tr>"
            for name, value in self.metrics.items()
        )
        told = [*terms(self.options, self.instruments), *self.rules.items()]
        rules = "".join(f"<li>{escape(name)}: {escape(words)}</li>" for name, words in told)
        fault = f"<p><b>Stopped:</b> {escape(self.fault)}</p>" if self.fault else ""
        picture = svg(self.equity["time"].astype("int64"), self.equity["equity"], self._cash)
        return (
            f"<h4>{escape(_called(self.strategy, self.params))}</h4>{fault}{picture}<table>{measures}</table>"
            f"<details><summary>Rules, seed {self.seed}, hash {self.digest}</summary><ul>{rules}</ul></details>"
        )


def _label(name: str) -> str:
    return name.removesuffix("_ns").replace("_", " ")


def _called(strategy: str, params: dict[str, Value]) -> str:
    return f"{strategy}({', '.join(f'{name}={value}' for name, value in params.items())})"


def _sources(sources: tuple[Source, ...]) -> str:
    return ", ".join(f"{each.name} ({each.rows:,} {each.kind})" for each in sources)


def _moment(time_ns: int) -> str:
    import numpy as np  # noqa: PLC0415

    return f"{np.datetime64(time_ns, 'ns')}"[:23] + " UTC"


def _shown(name: str, value: float | None) -> str:
    if value is None:
        return "none" if name == "hit_rate" else "too few days"
    if name in _PERCENT:
        return f"{value:.4%}"
    if name.endswith("_ns"):
        return f"{value / 86_400e9:,.3f} days"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4f}"
