"""The parser of the command line: argparse's, which also says which flag or command was probably meant."""

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import takewhile
from typing import Any


class Parser(ArgumentParser):
    """A parser whose flags are written in full: a shortened one may mean another tomorrow."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401  # argparse's own.
        settings.setdefault("formatter_class", RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **settings)

    def parse_known_args(  # type: ignore[override]  # argparse's stub has it overloaded.
        self, args: Sequence[str] | None = None, namespace: Namespace | None = None
    ) -> tuple[Namespace, list[str]]:
        """Parse, after refusing what is no flag of this parser, whatever else may be missing."""
        words = list(args) if args is not None else []
        for word in takewhile(lambda word: word != "--", words):
            name = word.partition("=")[0]
            if self._subparsers is not None and not word.startswith("-"):
                break  # What follows is another parser's.
            if name.startswith("--") and name not in self._option_string_actions:
                self.error(f"there is no flag {name}{meant(name, self._option_string_actions)}")
        return super().parse_known_args(words, namespace)


def meant(word: str, known: Iterable[str]) -> str:
    """Return what was probably meant, as the end of a sentence."""
    near = get_close_matches(word, list(known), 1)
    return f"; did you mean {near[0]}?" if near else "; --help lists what there is"
