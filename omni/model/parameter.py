"""Parameters of strategies: declared on the class, validated when one is made."""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar

from omni.model.error import ConfigError

Value = bool | int | float | str
_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
T = TypeVar("T", bool, int, float, str)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared parameter.

    Parameters
    ----------
    default
        Its value where none is given; also its type.
    text
        What it means, with its unit.
    least, most
        The bounds of a number, both allowed; `None` is no bound.
    choices
        The values that a text may have; empty allows any.
    """

    default: Value
    text: str = ""
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()

    def check(self, name: str, value: object) -> Value:
        """Return the value in the parameter's type.

        Raises
        ------
        ConfigError
            When it has another type or lies outside the bounds.
        """
        converted = self._convert(name, value)
        if isinstance(converted, int | float) and not isinstance(converted, bool):
            self._bound(name, converted)
        if self.choices and converted not in self.choices:
            raise ConfigError(f"parameter {name}: expected one of {', '.join(self.choices)}, found {value!r}")
        return converted

    def _convert(self, name: str, value: object) -> Value:
        kind = type(self.default)
        if type(value) is kind:
            return value
        if kind is float and type(value) is int:
            return float(value)
        if isinstance(value, str) and kind is not str:
            return self._parse(name, value)
        raise ConfigError(f"parameter {name}: expected {_KINDS[kind]}, found {value!r}")

    def _parse(self, name: str, text: str) -> Value:
        """Read a value from the command line."""
        kind = type(self.default)
        if kind is bool and text.lower() in {"true", "false"}:
            return text.lower() == "true"
        try:
            if kind is not bool:
                return kind(text)
        except ValueError:
            pass
        raise ConfigError(f"parameter {name}: expected {_KINDS[kind]}, found {text!r}")

    def _bound(self, name: str, value: float) -> None:
        low = self.least is not None and not value >= self.least
        high = self.most is not None and not value <= self.most
        if low or high:
            least = "" if self.least is None else f" from {self.least:g}"
            most = "" if self.most is None else f" to {self.most:g}"
            raise ConfigError(f"parameter {name}: expected a value{least}{most}, found {value!r}")


def param(
    default: T,
    text: str = "",
    *,
    least: float | None = None,
    most: float | None = None,
    choices: tuple[str, ...] = (),
) -> T:
    """Declare a parameter as a class attribute: `fast: int = omni.param(20, "bars", least=1)`."""
    # The class replaces it by its value in each object, so the annotation on the attribute tells the truth.
    return Parameter(default, text, least, most, choices)  # type: ignore[return-value]


def unknown(strategy: str, name: str, known: list[str]) -> str:
    """Say that a strategy has no such parameter, and which one may be meant."""
    near = get_close_matches(name, known, 1)
    hint = f"; did you mean {near[0]}?" if near else f"; it has {', '.join(known) or 'none'}"
    return f"{strategy} has no parameter {name}{hint}"
