from pathlib import Path

import pytest

from omni.model.error import ConfigError
from omni.strategy.moving_average import MovingAverage
from omni.strategy.registry import BuiltIn, find, names

SOURCE = """
import omni

class First(omni.Strategy):
    pass
"""


def test_entry_points_and_built_in_names() -> None:
    assert find("moving-average") is MovingAverage
    assert find("maker") == BuiltIn("maker")
    assert {"imbalance", "maker", "moving-average", "twap"} <= set(names())


def test_a_file_with_one_strategy_needs_no_class(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(SOURCE)
    assert find(str(path)).__name__ == "First"
    assert find(f"{path}:First").__name__ == "First"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("moving-averag", "did you mean moving-average?"),
        ("nothing-like-it", "there are imbalance, maker"),
        ("absent.py:Thing", "no strategy file absent.py"),
    ],
)
def test_what_is_not_there_says_what_is(source: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        find(source)


def test_a_wrong_class_or_a_broken_file_says_where(tmp_path: Path) -> None:
    path = tmp_path / "two.py"
    path.write_text(SOURCE + "\nclass Second(omni.Strategy):\n    pass\n")
    with pytest.raises(ConfigError, match="the file has First, Second"):
        find(f"{path}:Third")
    with pytest.raises(ConfigError, match=r"say FILE\.py:CLASS"):
        find(str(path))
    path.write_text("def broken(:\n")
    with pytest.raises(ConfigError, match="line 1"):
        find(f"{path}:First")
