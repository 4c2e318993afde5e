"""The parser of the command line: argparse's, which also says which flag or command was probably meant."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter, _SubParsersAction
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from itertools import takewhile
from typing import Any


class Parser(ArgumentParser):
    """A parser whose flags are written in full: a shortened one may mean another tomorrow."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401  # argparse's own.
        settings.setdefault("formatter_class", RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **settings)
        # For its own types argparse says "invalid int value", and nothing of what it expects.
        self.register("type", int, _whole)
        self.register("type", float, _decimal)

    def parse_known_args(  # type: ignore[override]  # argparse's stub has it overloaded.
        self, args: Sequence[str] | None = None, namespace: Namespace | None = None
    ) -> tuple[Namespace, list[str]]:
        """Parse, after refusing what is no flag of this parser, whatever else may be missing."""
        words = list(args) if args is not None else []
        actions = self._actions_by_name()
        for word in takewhile(lambda word: word != "--", words):
            name = word.partition("=")[0]
            if name.startswith("--") and name not in self._option_string_actions:
                self.error(f"there is no flag {name}{meant(name, self._option_string_actions)}")
            if actions and not word.startswith("-"):
                # What follows is the action's own to parse.
                if word not in actions:
                    self.error(f"there is no {word} among {', '.join(actions)}{meant(word, actions)}")
                break
        found, rest = super().parse_known_args(words, namespace)
        if rest:
            self.error(f"{rest[0]} is one word too many; --help shows what there is")
        return found, rest

    def _actions_by_name(self) -> list[str]:
        groups = (action for action in self._actions if isinstance(action, _SubParsersAction))
        return [name for group in groups for name in group.choices]


def whole(least: int, most: int) -> Callable[[str], int]:
    """Return what reads a whole number within bounds."""

    def read(text: str) -> int:
        number = _whole(text)
        if not least <= number <= most:
            raise ArgumentTypeError(f"expected a whole number from {least} to {most}, found {text!r}")
        return number

    return read


#: Reads what everything that is drawn starts from.
SEED = whole(0, 2**63 - 1)


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ArgumentTypeError(f"expected a whole number, found {text!r}") from None


def _decimal(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ArgumentTypeError(f"expected a number, found {text!r}") from None


def meant(word: str, known: Iterable[str]) -> str:
    """Return what was probably meant, as the end of a sentence."""
    near = get_close_matches(word, list(known), 1)
    return f"; did you mean {near[0]}?" if near else "; --help shows what there is"
