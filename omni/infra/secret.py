"""A text that must not be printed."""

MASK = "***"


class Secret:
    """A password, key or address with one in it: shown masked, read by `reveal`.

    Parameters
    ----------
    text
        The secret; empty where there is none.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text, for the one place that needs it."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return f"Secret({str(self)!r})"

    def __str__(self) -> str:
        return MASK if self._text else ""

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a secret isn't copied into files or other processes")
