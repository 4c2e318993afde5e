"""An exact amount of money in the configuration."""

import re
from decimal import Decimal

_PLAIN = re.compile(r"\d+(\.\d+)?", re.ASCII)
_DECIMALS_MAX = 20
_BELOW = 10**16


class Amount(Decimal):
    """Zero or more of a currency, exact: at most 20 decimals, below 10^16, as the engine's money holds."""

    __slots__ = ()

    @classmethod
    def parse(cls, value: object) -> "Amount":
        """Read a whole number, a `Decimal`, or a plain decimal in quotes.

        Raises
        ------
        ValueError
            For anything else; a float above all, since it has been rounded before we see it.
        """
        whole = isinstance(value, int) and not isinstance(value, bool)
        text = f"{Decimal(value):f}" if whole or isinstance(value, Decimal) else value  # type: ignore[arg-type]
        if not isinstance(text, str) or not _PLAIN.fullmatch(text):
            raise ValueError(f"{value!r} is not a plain decimal")
        if len(text.partition(".")[2]) > _DECIMALS_MAX or Decimal(text) >= _BELOW:
            raise ValueError(f"{text} has more digits than the engine's money holds")
        return cls(text)

    def __repr__(self) -> str:
        return f"Amount('{self:f}')"
