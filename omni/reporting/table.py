"""Tables that say what they hold, and scroll by themselves where they are wider than the page."""

from collections.abc import Iterable, Sequence

from omni.reporting.markup import Child, Html, tag


class Column:
    """A table's column: its head, whether it holds numbers, and what its head says on hover."""

    __slots__ = ("about", "head", "numeric")

    def __init__(self, head: str, *, numeric: bool = False, about: str | None = None) -> None:
        self.head, self.numeric, self.about = head, numeric, about

    def cell(self, child: Child) -> Html:
        """Return a cell of its body."""
        return tag("td", child, class_="n" if self.numeric else None)


def text_column(head: str) -> Column:
    """Return a column of text."""
    return Column(head)


def number_column(head: str, about: str | None = None) -> Column:
    """Return a column of numbers, set to the right."""
    return Column(head, numeric=True, about=about)


def head_row(columns: Sequence[Column]) -> Html:
    """Return the row of heads."""
    cells = (
        tag("th", each.head, scope="col", class_="n" if each.numeric else None, title=each.about) for each in columns
    )
    return tag("thead", tag("tr", *cells))


def row(columns: Sequence[Column], cells: Sequence[Child]) -> Html:
    """Return a row; its first cell is its head."""
    first = tag("th", cells[0], scope="row")
    return tag("tr", first, *(column.cell(cell) for column, cell in zip(columns[1:], cells[1:], strict=True)))


def table(caption: str, columns: Sequence[Column], rows: Iterable[Html], foot: Html | None = None) -> Html:
    """Return a table of rows made by `row`; the caption is for those who don't see the heading above it."""
    inner = (
        tag("caption", caption),
        head_row(columns),
        tag("tbody", *rows),
        tag("tfoot", foot) if foot else None,
    )
    return tag("div", tag("table", *inner), class_="scroll", role="region", aria_label=caption, tabindex="0")


def pairs(items: Iterable[tuple[str, Child]]) -> Html:
    """Return a list of names and values."""
    return tag("dl", *(tag("div", tag("dt", name), tag("dd", value)) for name, value in items), class_="pairs")


def bar(share: float) -> Html:
    """Return a bar of a share of its cell, for a column of counts."""
    return tag("span", tag("span", "", style=f"width:{100 * share:.1f}%"), class_="bar", aria_hidden="true")
