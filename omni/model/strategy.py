"""The base class of strategies in Python."""

from collections.abc import Callable
from difflib import get_close_matches
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction, signature
from typing import Any, ClassVar

from omni.engine import (
    Adjustment,
    Bar,
    Book,
    ExecutionReport,
    Indicative,
    Indicator,
    Quote,
    Status,
    StrategyBase,
    Timer,
    Trade,
)
from omni.model.batch import LAYOUTS, array
from omni.model.error import ConfigError
from omni.model.parameter import Parameter, Value, unknown

CALLBACKS = (
    "on_start",
    "on_recover",
    "on_stop",
    "on_book",
    "on_quote",
    "on_trade",
    "on_bar",
    "on_timer",
    "on_report",
    "on_status",
    "on_indicative",
    "on_adjust",
)
#: About thirty years.
_BATCH_NS_MAX = 10**18


class Strategy(StrategyBase):
    """A strategy: define the callbacks you want and trade with `buy`, `sell`, `amend`, `cancel`.

    The same class runs in backtest, paper and live. Only callbacks that a subclass defines are called, and only the
    market data they need is delivered. A callback that raises stops this strategy alone: its orders are cancelled and
    the fault is shown with its line.

    Parameters are declared as class attributes with `omni.param` and given by keyword::

        class Cross(omni.Strategy):
            fast: int = omni.param(10, "bars", least=1)

            def on_start(self) -> None:
                self.average = self.indicator("sma", self.fast)
    """

    #: Gathers events over this much event time, in nanoseconds, into one delivery; 0 delivers each input's by itself.
    #: A class that batches may define `on_bars`, `on_quotes` and `on_trades`, which get structured NumPy arrays
    #: (`omni.model.batch`) instead of single events; reports and timers come one by one.
    batch_ns: ClassVar[int] = 0

    _parameters: ClassVar[dict[str, Parameter]] = {}

    def __init_subclass__(cls) -> None:
        """Collect the parameters that the class declares, and refuse callbacks that would never be called."""
        super().__init_subclass__()
        _check_callbacks(cls)
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Parameter)}
        cls._parameters = cls._parameters | own

    def __init__(self, **parameters: Value) -> None:
        wrong = [name for name in parameters if name not in self._parameters]
        if wrong:
            raise ConfigError(unknown(type(self).__name__, wrong[0], list(self._parameters)))
        for name, declared in self._parameters.items():
            setattr(self, name, declared.check(name, parameters.get(name, declared.default)))

    @classmethod
    def parameters(cls) -> dict[str, Parameter]:
        """Return the declared parameters by name."""
        return dict(cls._parameters)

    def callbacks(self) -> dict[str, Callable[..., Any]]:
        """Return the callbacks that this class defines, bound, by name.

        Raises
        ------
        ConfigError
            Where there is none, or one that can't be called or would never run: an async function, a generator.
        """
        defined = (name for name in CALLBACKS if getattr(type(self), name) is not getattr(Strategy, name))
        found = {name: getattr(self, name) for name in defined} | self._batches()
        if not found:
            known = ", ".join((*CALLBACKS, *LAYOUTS))
            raise ConfigError(f"{type(self).__name__} defines no callback, so it would do nothing; there are {known}")
        for name in found:
            _check_call(type(self).__name__, name, getattr(self, name))
        _check_batch(type(self).__name__, self.batch_ns)
        return found

    def _batches(self) -> dict[str, Callable[[bytes], Any]]:
        """Return the batch callbacks, which take the engine's rows."""
        defined = [name for name in LAYOUTS if hasattr(self, name)]
        if defined and not self.batch_ns:
            raise ConfigError(f"{type(self).__name__} defines {defined[0]}, so it needs batch_ns above 0")
        single = [name for name in defined if getattr(type(self), name[:-1]) is not getattr(Strategy, name[:-1])]
        if single:
            raise ConfigError(f"{type(self).__name__} defines both {single[0]} and {single[0][:-1]}; choose one")
        return {name: _on_rows(name, getattr(self, name)) for name in defined}

    def indicator(self, name: str, *parameters: float) -> Indicator:
        """Make a streaming indicator, such as `self.indicator("sma", 20)`; feed it with `update`."""
        return Indicator(name, *parameters)

    def on_start(self) -> None:
        """Prepare: called once before the first event."""

    def on_recover(self) -> None:
        """Go on after a stop and a start, with positions and orders in place; by default as `on_start`."""
        self.on_start()

    def on_stop(self) -> None:
        """Wind up: called once at the end; orders sent here are not taken."""

    def on_book(self, book: Book) -> None:
        """Act on a changed book."""

    def on_quote(self, quote: Quote) -> None:
        """Act on a changed best bid or offer."""

    def on_trade(self, trade: Trade) -> None:
        """Act on a public trade."""

    def on_bar(self, bar: Bar) -> None:
        """Act on a bar that closed."""

    def on_timer(self, timer: Timer) -> None:
        """Act on a timer that is due, set by `set_timer`."""

    def on_report(self, report: ExecutionReport) -> None:
        """Act on an execution report of an own order."""

    def on_status(self, status: Status) -> None:
        """Act on a change of an instrument's trading state."""

    def on_indicative(self, indicative: Indicative) -> None:
        """Act on a change of what an instrument's auction would trade."""

    def on_adjust(self, adjustment: Adjustment) -> None:
        """Act on a corporate action: its orders have ended by reports, positions and prices have followed."""


def _check_callbacks(cls: type[Strategy]) -> None:
    """Refuse a function of the class that is named like a callback and is none."""
    known = (*CALLBACKS, *LAYOUTS)
    for name, value in vars(cls).items():
        if name.startswith("on_") and name not in known and callable(value):
            near = get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}; call a helper otherwise"
            raise ConfigError(f"{cls.__name__}.{name} would never be called; {hint}")


def _check_call(strategy: str, name: str, callback: object) -> None:
    """Refuse a callback that can't be called, or whose body a call would not run."""
    if not callable(callback):
        raise ConfigError(f"{strategy}.{name} is {callback!r}, not a function")
    if iscoroutinefunction(callback) or isasyncgenfunction(callback):
        raise ConfigError(f"{strategy}.{name} is an async function, which would never run; write `def {name}`")
    if isgeneratorfunction(callback):
        raise ConfigError(f"{strategy}.{name} contains yield, so it would never run; act and return instead")
    _check_arguments(strategy, name, callback)


def _check_batch(strategy: str, batch_ns: object) -> None:
    if isinstance(batch_ns, bool) or not isinstance(batch_ns, int) or not 0 <= batch_ns <= _BATCH_NS_MAX:
        expected = f"expected whole nanoseconds from 0 to {_BATCH_NS_MAX}"
        raise ConfigError(f"{strategy}.batch_ns: {expected}, found {batch_ns!r}")


def _check_arguments(strategy: str, name: str, callback: Callable[..., Any]) -> None:
    """Refuse a callback that doesn't take what it is called with."""
    given = () if name in {"on_start", "on_recover", "on_stop"} else (name.removeprefix("on_"),)
    try:
        called = signature(callback)
    except (TypeError, ValueError):
        return  # Some that are compiled have none.
    try:
        called.bind(*given)
    except TypeError:
        form = ", ".join(("self", *given))
        raise ConfigError(f"{strategy}.{name} can't be called as it will be; write `def {name}({form})`") from None


def _on_rows(name: str, callback: Callable[..., Any]) -> Callable[[bytes], Any]:
    return lambda rows: callback(array(name, rows))
