from pathlib import Path

import pytest

from omni.model.error import ConfigError
from omni.strategy.moving_average import MovingAverage
from omni.strategy.registry import BuiltIn, Source, find, names

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


@pytest.mark.parametrize(
    ("text", "file", "name"),
    [
        ("moving-average", None, "moving-average"),
        ("mine.py", "mine.py", ""),
        ("folder/mine.py:First", "folder/mine.py", "First"),
        ("a:b/mine.py:First", "a:b/mine.py", "First"),
        ("odd.pyx:First", None, "odd.pyx:First"),
    ],
)
def test_a_source_is_a_file_and_its_class_or_a_name(text: str, file: str | None, name: str) -> None:
    source = Source.read(text)
    assert (source.file, source.name) == (None if file is None else Path(file), name)
    assert str(source) == text


def test_a_built_in_strategys_parameters_are_numbers_also_as_text() -> None:
    assert BuiltIn("maker").numbers({"size": "5", "size_max": 7, "skew": 0.5}) == [
        ("size", 5.0),
        ("size_max", 7.0),
        ("skew", 0.5),
    ]
    for wrong in ("big", True, None):
        with pytest.raises(ConfigError, match=r"parameter size: expected a number, found"):
            BuiltIn("maker").numbers({"size": wrong})  # type: ignore[dict-item]
