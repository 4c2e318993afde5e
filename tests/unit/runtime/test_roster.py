import pytest

from omni.infra.section import Config, Day, Strategy
from omni.model.error import ConfigError
from omni.runtime.roster import SEATS_MAX, seats


def _config(*entries: Strategy) -> Config:
    return Config(strategy=entries)


def test_without_configuration_the_four_examples_run() -> None:
    assert [seat.entry.name for seat in seats(Config())] == ["maker", "moving-average", "imbalance", "twap"]
    assert [seat.session for seat in seats(Config())] == [1, 2, 3, 4]


@pytest.mark.parametrize("count", [1, 5, 100])
def test_the_examples_trade_what_there_is(count: int) -> None:
    named = [name for seat in seats(Config(day=Day(instruments=count))) for name in seat.entry.instruments]
    assert all(name == "*" or int(name[1:]) < count for name in named)


def test_two_of_one_name_are_refused() -> None:
    entry = Strategy(name="one", source="moving-average")
    with pytest.raises(ConfigError, match="two strategies are named one"):
        seats(_config(entry, entry))


def test_too_many_are_refused() -> None:
    entries = [Strategy(name=f"s{number}", source="moving-average") for number in range(SEATS_MAX + 1)]
    with pytest.raises(ConfigError, match=f"at most {SEATS_MAX}"):
        seats(_config(*entries))


def test_a_wrong_parameter_names_the_strategy() -> None:
    with pytest.raises(ConfigError, match=r"strategy one: .*did you mean fast"):
        seats(_config(Strategy(name="one", source="moving-average", params={"fasst": 3})))


@pytest.mark.parametrize(("fast", "slow"), [(30, 20), (20, 20)])
def test_averages_that_can_not_cross_are_refused(fast: int, slow: int) -> None:
    entry = Strategy(name="one", source="moving-average", params={"fast": fast, "slow": slow})
    told = f"strategy one: parameter fast: expected less than slow, which is {slow}, found {fast}"
    with pytest.raises(ConfigError, match=told):
        seats(_config(entry))
