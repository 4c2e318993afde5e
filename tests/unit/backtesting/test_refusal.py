"""Orders that can't be: refused with a report that names them, while the strategy goes on."""

import numpy as np
import pytest

import omni
from omni.engine import Instrument
from omni.model.error import RefusedError

MINUTE = 60 * 10**9
START = 1_704_205_800 * 10**9
UNITS = {
    "symbol": "ABC",
    "currency": "USD",
    "price_unit": "0.01",
    "tick": "0.05",
    "quantity_unit": "1",
    "lot": "10",
    "multiplier": "1",
    "interval": "1m",
    "bar_time": "close",
}
PRICE = "price is off tick or outside the instrument's range"
QUANTITY = "quantity is zero, off the lot size or above the instrument's maximum"
BELOW = "new total quantity is not above the filled quantity"
LARGEST = 2**63 - 1


def bars(rows=20):
    level = np.full(rows, 100.0)
    return {
        "time_ns": START + MINUTE * np.arange(1, rows + 1),
        "open": level,
        "high": level,
        "low": level,
        "close": level,
        "volume": np.full(rows, 10_000),
    }


class Sends(omni.Strategy):
    """Rests an order, does `act` at the third bar, and keeps what it is told."""

    def __init__(self, act):
        super().__init__()
        self.act, self.sent, self.told, self.bars = act, None, [], 0

    def on_bar(self, bar):
        self.bars += 1
        if self.bars == 1:
            self.resting = self.buy(bar.instrument, 10, 90.0, time_in_force="gtc")
        if self.bars == 3:
            self.sent = self.act(self, bar.instrument)

    def on_report(self, report):
        self.told.append((report.order_id, report.exec_type, report.reason))


@pytest.mark.parametrize(
    ("quantity", "price", "reason"),
    [
        (10, 100.03, PRICE),
        (10, 0, PRICE),
        (10, -5.0, PRICE),
        (10, 90_000_000, PRICE),
        (0, None, QUANTITY),
        (15, None, QUANTITY),
        (LARGEST - 7, None, QUANTITY),
        (LARGEST, 100.0, QUANTITY),
    ],
)
@pytest.mark.parametrize("side", ["buy", "sell"])
def test_an_order_is_refused_by_its_number(side, quantity, price, reason):
    strategy = Sends(lambda self, instrument: getattr(self, side)(instrument, quantity, price))
    result = omni.backtest(strategy, bars(), **UNITS)
    assert [told for told in strategy.told if told[0] == strategy.sent] == [(strategy.sent, "rejected", reason)]
    assert strategy.bars == 20, "it went on"
    assert result.orders.rows == 2
    assert result.fills.rows == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"price": 90.03}, PRICE),
        ({"price": 0}, PRICE),
        ({"price": -90.0}, PRICE),
        ({"quantity": 0}, BELOW),
        ({"quantity": 15}, QUANTITY),
        ({"quantity": LARGEST}, QUANTITY),
    ],
)
def test_an_amend_is_refused_and_its_order_stays(change, reason):
    left = []

    def act(self, instrument):
        self.amend(self.resting, **change)
        return self.resting

    class Looks(Sends):
        def on_stop(self):
            left.extend(self.orders)

    strategy = Looks(act)
    omni.backtest(strategy, bars(), **UNITS)
    assert (strategy.resting, "cancel_rejected", reason) in strategy.told
    assert [(order[0], order[3], order[4]) for order in left] == [(strategy.resting, 90.0, 10.0)]


@pytest.mark.parametrize(
    ("quantity", "price", "words"),
    [
        (-10, None, "quantity -10 is negative; use buy or sell"),
        (2**63, None, "quantity"),
        (2**64, None, "too large"),
        (10, 2**63, "too large"),
        (10.5, None, "quantity 10.5 is not a whole multiple of 1"),
        (10, 100.001, "price 100.001 is not a whole multiple of 0.01"),
    ],
)
def test_what_is_no_number_of_units_never_becomes_an_order(quantity, price, words):
    def act(self, instrument):
        with pytest.raises(RefusedError, match=words):
            self.buy(instrument, quantity, price)
        return self.buy(instrument, 10)

    strategy = Sends(act)
    result = omni.backtest(strategy, bars(), **UNITS)
    assert strategy.sent == strategy.resting + 1, "it took no number"
    assert result.fills.rows == 1


def stranger(at, symbol="ABC"):
    """An instrument that no run of ours lists."""
    units = {"currency": "USD", "price_unit": "0.01", "quantity_unit": "1", "multiplier": "1"}
    limits = {"tick": 1, "lot": 1, "price_min": 1, "price_max": 100_000, "quantity_max": 1_000}
    return Instrument(at, symbol, "XOMN", asset_class="equity", **units, **limits)


@pytest.mark.parametrize("instrument", ["NOSUCH", 7, -1, 2**64, None, 0.5, stranger(7), stranger(0, "XYZ")], ids=str)
def test_an_unknown_instrument_is_refused_by_its_name(instrument):
    def act(self, _):
        with pytest.raises(RefusedError) as told:
            self.buy(instrument, 10)
        return str(told.value)

    strategy = Sends(act)
    omni.backtest(strategy, bars(), **UNITS)
    assert strategy.sent == f"no instrument {instrument} is listed in this run"


def test_no_number_is_given_twice():
    numbers = []

    def act(self, instrument):
        numbers.extend(self.buy(instrument, 15) for _ in range(3))
        numbers.extend(self.sell(instrument, 10) for _ in range(3))
        return numbers[-1]

    strategy = Sends(act)
    result = omni.backtest(strategy, bars(), **UNITS)
    assert numbers == list(range(strategy.resting + 1, strategy.resting + 7)), "a refused order's number is spent too"
    assert sorted(result.orders["client_order_id"].tolist()) == [strategy.resting, *numbers]
