"""From the engine's columns to a result."""

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from omni.backtesting.frame import Frame
from omni.backtesting.metric import MONEY, measure, trading
from omni.backtesting.result import Result
from omni.data.recording import Recording
from omni.engine import Instrument, RunResult, __version__
from omni.model.column import CODES, MONEY_COLUMNS
from omni.model.parameter import Value

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

_PRICES = frozenset({"price", "open", "high", "low", "close"})
_QUANTITIES = frozenset({"quantity", "filled", "volume"})
_TIMES = frozenset({"time", "updated"})
#: Numbers of the run that a backtest has only one of, or that mean nothing outside the engine.
_LEFT_OUT = frozenset({"session", "account", "seq", "reason"})


def collect(
    raw: RunResult, recording: Recording, settings: dict[str, Any], ran: tuple[str, dict[str, Value]]
) -> Result:
    """Return the result of a run.

    Parameters
    ----------
    raw
        What the engine left.
    recording
        What it ran on.
    settings
        What it was set to.
    ran
        The strategy's name and parameters.
    """
    instruments = recording.instruments
    # The engine makes its columns anew each time it is asked.
    filled = raw.fills
    equity, orders, fills, bars = (_frame(each, instruments) for each in (raw.equity, raw.orders, filled, raw.bars))
    splits = [(seq, time, at, *ratio) for seq, time, at, kind, ratio, *_ in raw.adjustments if kind == "split"]
    followed = trading(_flow(filled), {one.id: _value(one) for one in instruments}, raw.time, splits)
    cash = float(settings["cash"])
    fees = float(equity["fees"][-1])
    counted = (orders.rows, fills.rows, fees)
    metrics = measure(equity["time"].astype("int64"), equity["equity"], cash, followed, counted)
    return Result(
        strategy=ran[0],
        params=ran[1],
        instruments=instruments,
        equity=equity,
        orders=orders,
        fills=fills,
        positions=_positions(raw, instruments),
        bars=bars,
        metrics=metrics,
        rules=dict(raw.rules),
        options=settings,
        sources=recording.sources,
        span=recording.span,
        counts=dict(raw.counts),
        refusals=dict(raw.refusals),
        seed=settings["seed"],
        digest=raw.digest,
        state_digest=raw.state_digest,
        code_version=__version__,
        fault=next((fault for *_, fault in raw.strategies if fault), None),
        engine=raw,
    )


def _frame(raw: dict[str, Any], instruments: tuple[Instrument, ...]) -> Frame:
    """Turn counts into prices and quantities, codes into words, texts into floats."""
    import numpy as np  # noqa: PLC0415

    columns: dict[str, Array] = {}
    for name, value in raw.items():
        columns[name] = (
            np.array(value, dtype=np.float64) if name in MONEY_COLUMNS else np.frombuffer(value[1], dtype=value[0])
        )
    owner = columns.get("instrument")
    frame = Frame()
    for name, column in columns.items():
        if name in _LEFT_OUT:
            continue
        frame[name] = _readable(name, column, owner, instruments)
        if name == "instrument":
            frame["symbol"] = np.array([one.symbol for one in instruments])[column]
    return frame


def _readable(name: str, column: "Array", owner: "Array | None", instruments: tuple[Instrument, ...]) -> "Array":
    import numpy as np  # noqa: PLC0415

    if name in _TIMES:
        return column.astype("datetime64[ns]")
    if name in CODES:
        return np.array(CODES[name])[column]
    if owner is not None and name in _PRICES | _QUANTITIES:
        text = [one.price_unit if name in _PRICES else one.quantity_unit for one in instruments]
        ratio = [_ratio(each) for each in text]
        up, down = (np.array(part)[owner] for part in zip(*ratio, strict=True))
        return np.asarray(column.astype(np.float64) * up / down)
    return column


def _ratio(unit: str) -> tuple[float, float]:
    """Return a unit as two exact floats, so that a count times the first over the second is rounded once."""
    whole, _, decimals = unit.partition(".")
    return float(int(whole + decimals)), float(10 ** len(decimals))


def _flow(fills: dict[str, Any]) -> Frame:
    """Return the engine's fills as counts."""
    import numpy as np  # noqa: PLC0415

    names = {
        "seq": "seq",
        "time": "time_ns",
        "instrument": "instrument",
        "side": "side",
        "price": "price",
        "quantity": "quantity",
    }
    flow = Frame({ours: np.frombuffer(fills[name][1], dtype=fills[name][0]) for name, ours in names.items()})
    sign = np.where(flow["side"] == CODES["side"].index("buy"), 1, -1)
    return Frame(flow, sign=sign)


def _value(one: Instrument) -> int:
    """Return what a count of price times a count of quantity is worth, in 10^-20 of the currency."""
    return int(Fraction(one.price_unit) * Fraction(one.quantity_unit) * Fraction(one.multiplier) * MONEY)


def _positions(raw: RunResult, instruments: tuple[Instrument, ...]) -> Frame:
    """Return the engine's own positions; an average price is the float nearest to its exact value."""
    import numpy as np  # noqa: PLC0415

    rows = sorted(raw.positions)
    held = [(instruments[at], quantity * Fraction(instruments[at].quantity_unit)) for _, at, quantity, _ in rows]
    costs = [Fraction(cost) for *_, cost in rows]
    averages = [cost / quantity / Fraction(one.multiplier) for (one, quantity), cost in zip(held, costs, strict=True)]
    return Frame(
        instrument=np.array([one.id for one, _ in held], dtype=np.int64),
        symbol=np.array([one.symbol for one, _ in held], dtype=str),
        quantity=np.array([float(quantity) for _, quantity in held], dtype=np.float64),
        average_price=np.array([float(average) for average in averages], dtype=np.float64),
    )
