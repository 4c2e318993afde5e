"""Where it was made: the price of the most traded instruments with the fills, and all traded instruments."""

from typing import NamedTuple

import numpy as np

from omni.reporting.column import pick
from omni.reporting.figures import Figures, unit
from omni.reporting.markup import Html, join, tag
from omni.reporting.number import compact, decimals_of, signed, whole
from omni.reporting.price_chart import price_chart, traded
from omni.reporting.run_data import Instrument
from omni.reporting.table import number_column, row, table, text_column

_CHARTS_MAX = 6
_ROWS_MAX = 200
_COLUMNS = (
    text_column("Instrument"),
    number_column("Fills"),
    number_column("Bought"),
    number_column("Sold"),
    number_column("Volume"),
    text_column("Currency"),
)


class _Traded(NamedTuple):
    """How much of an instrument was traded."""

    instrument: Instrument
    fills: int
    bought: int
    sold: int
    volume: str


def market(figures: Figures) -> Html:
    """Return a chart for each of the most traded instruments, the first one open, and the table of the others."""
    charted = traded(figures, figures.bars, _CHARTS_MAX)
    heading = tag("h2", "Fills on price")
    if not charted:
        return tag("section", heading, tag("p", "There were no fills, and no bars were recorded.", class_="none"))
    charts = (_foldable(figures, each, index == 0) for index, each in enumerate(charted))
    rows = [_measure(figures, each) for each in traded(figures, figures.bars, _ROWS_MAX)]
    count = len(np.unique(figures.fills.instrument))
    return tag("section", heading, *charts, _table(figures, rows, count) if count else None, id="market")


def _foldable(figures: Figures, instrument: Instrument, is_open: bool) -> Html:
    each = _measure(figures, instrument)
    bought, sold = _quantity(instrument, each.bought), _quantity(instrument, each.sold)
    words = f"{whole(each.fills)} fills · bought {bought} · sold {sold}"
    summary = tag("summary", tag("strong", instrument.name), tag("span", words))
    return tag("details", summary, price_chart(figures, instrument), open="open" if is_open else None)


def _measure(figures: Figures, instrument: Instrument) -> _Traded:
    fills = pick(figures.fills, figures.fills.instrument == instrument.id)
    bought, sold = (int(fills.quantity[fills.side == side].sum()) for side in (0, 1))
    volume = figures.volume(fills)
    shown = compact(volume[instrument.currency]) if volume else "0"
    return _Traded(instrument, len(fills.time), bought, sold, shown)


def _quantity(instrument: Instrument, count: int) -> str:
    return signed(unit(instrument.quantity_unit) * count, decimals_of(instrument.quantity_unit))


def _table(figures: Figures, rows: list[_Traded], count: int) -> Html:
    lines = (
        row(
            _COLUMNS,
            [
                each.instrument.name,
                whole(each.fills),
                _quantity(each.instrument, each.bought),
                _quantity(each.instrument, each.sold),
                each.volume,
                each.instrument.currency,
            ],
        )
        for each in rows
    )
    title = f"{whole(count)} of {whole(len(figures.instruments))} instruments were traded"
    note = tag("p", f"The {len(rows)} with the most fills.", class_="note") if count > len(rows) else None
    inner = join(table("Traded instruments, by fills", _COLUMNS, lines), note)
    return tag("details", tag("summary", tag("strong", title)), inner)
