"""The callbacks that a class defines."""

import pytest

import omni
from omni.model.error import ConfigError


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("on_baar", "did you mean on_bar?"),
        ("on_qoutes", "did you mean on_quotes?"),
        ("on_order_book", "did you mean on_book?"),
        ("on_zzzzzzzz", "there are on_start"),
    ],
)
def test_a_misspelled_callback_is_refused_where_the_class_is_made(name, told):
    with pytest.raises(ConfigError) as caught:
        type("Typo", (omni.Strategy,), {name: lambda self, event: None})
    assert f"Typo.{name} would never be called" in str(caught.value)
    assert told in str(caught.value)


def test_values_and_private_helpers_may_be_called_what_they_like():
    class Fine(omni.Strategy):
        on_off: bool = omni.param(True)
        on_rate = 0.5

        def _on_cross(self):
            pass

        def on_bar(self, bar):
            pass

    assert list(Fine().callbacks()) == ["on_bar"]


def test_a_strategy_without_a_callback_is_refused():
    class Idle(omni.Strategy):
        size: int = omni.param(1)

        def trade(self):
            pass

    with pytest.raises(ConfigError, match="Idle defines no callback, so it would do nothing; there are on_start"):
        Idle().callbacks()


def test_a_callback_is_something_to_call():
    class Wrong(omni.Strategy):
        on_bar = 5

    with pytest.raises(ConfigError, match=r"Wrong.on_bar is 5, not a function"):
        Wrong().callbacks()


class Async(omni.Strategy):
    async def on_bar(self, bar):
        self.buy(bar.instrument, 1)


class Generator(omni.Strategy):
    def on_start(self):
        yield


class AsyncGenerator(omni.Strategy):
    async def on_report(self, report):
        yield report


class Batch(omni.Strategy):
    batch_ns = 1

    async def on_quotes(self, quotes):
        self.buy(0, 1)


class Inherited(Generator):
    def on_bar(self, bar):
        pass


@pytest.mark.parametrize(
    ("strategy", "told"),
    [
        (Async, r"Async.on_bar is an async function, which would never run; write `def on_bar`"),
        (Generator, r"Generator.on_start contains yield, so it would never run"),
        (AsyncGenerator, r"AsyncGenerator.on_report is an async function"),
        (Batch, r"Batch.on_quotes is an async function"),
        (Inherited, r"Inherited.on_start contains yield"),
    ],
)
def test_a_callback_whose_body_would_never_run_is_refused(strategy, told):
    with pytest.raises(ConfigError, match=told):
        strategy().callbacks()
    bars = {"time": [1, 2], "open": [1.0, 1.0], "high": [1.0, 1.0], "low": [1.0, 1.0], "close": [1.0, 1.0]}
    with pytest.raises(ConfigError, match=told):
        omni.backtest(
            strategy, bars | {"volume": [1, 1]}, symbol="X", currency="USD", price_unit="0.01", quantity_unit="1"
        )


@pytest.mark.parametrize("batch_ns", ["1s", 1.5, -1, True, None, 10**30])
def test_a_batch_is_whole_nanoseconds(batch_ns):
    strategy = type("Batched", (omni.Strategy,), {"batch_ns": batch_ns, "on_bar": lambda self, bar: None})()
    with pytest.raises(ConfigError, match=r"Batched.batch_ns: expected whole nanoseconds from 0 to .*, found"):
        strategy.callbacks()


@pytest.mark.parametrize(
    ("name", "callback", "told"),
    [
        ("on_bar", lambda self: None, "def on_bar(self, bar)"),
        ("on_start", lambda self, first: None, "def on_start(self)"),
        ("on_report", lambda self, report, more: None, "def on_report(self, report)"),
        ("on_quotes", lambda self: None, "def on_quotes(self, quotes)"),
    ],
)
def test_a_callback_takes_what_it_is_called_with(name, callback, told):
    strategy = type("Wrong", (omni.Strategy,), {"batch_ns": 1, name: callback})()
    with pytest.raises(ConfigError) as caught:
        strategy.callbacks()
    assert f"Wrong.{name} can't be called as it will be; write `{told}`" in str(caught.value)


def test_a_callback_may_take_more_than_it_needs():
    class Loose(omni.Strategy):
        def on_bar(self, *events):
            pass

        def on_quote(self, quote, depth=3):
            pass

        @staticmethod
        def on_trade(trade):
            pass

    assert set(Loose().callbacks()) == {"on_bar", "on_quote", "on_trade"}
