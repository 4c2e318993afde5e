"""HTML and SVG, escaped by construction: what isn't `Html` is text."""

import re
from collections.abc import Iterable
from html import escape

# What neither XML nor a UTF-8 file may hold: control characters, halves of surrogate pairs, and two that are none.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Html(str):
    """Markup that is safe to put into a page as it is."""

    __slots__ = ()


Child = str | Iterable["Child"] | None


def text(value: str) -> Html:
    """Return a text for use in an element or an attribute."""
    return Html(escape(_UNPRINTABLE.sub("\ufffd", value)))


def join(*children: Child) -> Html:
    """Return children one after the other; plain strings are escaped, `None` is nothing."""
    parts: list[str] = []
    for child in children:
        if isinstance(child, Html):
            parts.append(child)
        elif isinstance(child, str):
            parts.append(text(child))
        elif child is not None:
            parts.append(join(*child))
    return Html("".join(parts))


def tag(element: str, *children: Child, **attributes: str | float | None) -> Html:
    """Return an element; `class_` stands for `class`, `aria_label` for `aria-label`, `None` leaves one out."""
    pairs = (
        f' {name.rstrip("_").replace("_", "-")}="{text(str(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    head = element + "".join(pairs)
    inner = join(*children)
    return Html(f"<{head}>{inner}</{element}>") if inner or element not in _EMPTY else Html(f"<{head}/>")


_EMPTY = frozenset({"path", "line", "use", "rect", "circle", "meta"})
