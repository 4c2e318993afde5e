import pytest

import omni
from omni.model.error import ConfigError


class Sample(omni.Strategy):
    length: int = omni.param(10, "bars", least=1, most=100)
    ratio: float = omni.param(0.5, least=0.0, most=1.0)
    side: str = omni.param("buy", choices=("buy", "sell"))
    active: bool = omni.param(True)


class Wider(Sample):
    extra: int = omni.param(1)


def test_defaults_and_given_values() -> None:
    assert (Sample().length, Sample().ratio, Sample().side, Sample().active) == (10, 0.5, "buy", True)
    given = Sample(length=20, ratio=1, side="sell", active=False)
    assert (given.length, given.ratio, given.side, given.active) == (20, 1.0, "sell", False)


def test_a_subclass_has_its_base_s_parameters_too() -> None:
    assert list(Wider.parameters()) == ["length", "ratio", "side", "active", "extra"]
    assert Wider(length=3, extra=4).extra == 4


def test_words_of_the_command_line_are_read() -> None:
    given = Sample(length="7", ratio="0.25", active="false")
    assert (given.length, given.ratio, given.active) == (7, 0.25, False)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"length": 0}, "from 1 to 100, found 0"),
        ({"length": 101}, "from 1 to 100"),
        ({"length": 1.5}, "expected a whole number, found 1.5"),
        ({"length": "many"}, "expected a whole number, found 'many'"),
        ({"length": True}, "expected a whole number"),
        ({"ratio": float("nan")}, "from 0 to 1"),
        ({"side": "both"}, "one of buy, sell"),
        ({"active": "yes"}, "expected true or false"),
        ({"lenght": 5}, "did you mean length?"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name(given: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigError, match=says) as refused:
        Sample(**given)
    assert next(iter(given)) in str(refused.value)


def test_only_defined_callbacks_are_called() -> None:
    class Quiet(omni.Strategy):
        def on_bar(self, bar: object) -> None:
            """Do nothing."""

    assert list(Quiet().callbacks()) == ["on_bar"]


def test_orders_are_refused_outside_a_run() -> None:
    with pytest.raises(omni.RefusedError, match="no instrument"):
        Sample().buy("AAPL", 1)
