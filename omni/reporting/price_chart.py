"""An instrument's price, with the strategies' fills on it."""

import numpy as np

from omni.reporting.chart import WIDTH, Chart, Scale, use
from omni.reporting.column import Bars, Fills, Floats, pick
from omni.reporting.downsample import Candles, Marks, candles, marks
from omni.reporting.figures import Figures, unit
from omni.reporting.markup import Html, tag
from omni.reporting.number import decimals_of, duration, moment, signed, whole
from omni.reporting.run_data import Instrument
from omni.reporting.timeline import Timeline

_HEIGHT = 300
_CANDLES_MAX = 240
_MARKS_MAX = 120  # So many are told apart; beyond, those of a side are put together into columns as wide as a mark.
_COLUMNS_FINE, _COLUMNS_COARSE = 500, 90
_VOLUME_SHARE = 0.14
_SIDES = ((0, "buy", "Bought"), (1, "sell", "Sold"))


def price_chart(figures: Figures, instrument: Instrument) -> Html:
    """Return an instrument's candles, volume, and fills by side."""
    fills = pick(figures.fills, figures.fills.instrument == instrument.id)
    bars = candles(pick(figures.bars, figures.bars.instrument == instrument.id), _CANDLES_MAX)
    price = float(unit(instrument.price_unit))
    sides = [(name, verb, _marks(figures.timeline, fills, side)) for side, name, verb in _SIDES]
    shown = [bars.low * price, bars.high * price, *(each.price * price for _, _, each in sides)]
    scale = Scale.over(shown, _HEIGHT)
    chart = Chart(
        f"{instrument.name}: price and fills",
        f"Price in {instrument.currency} over time in UTC. Triangles that point up are buys, down are sells; "
        "hollow ones are mostly passive.",
        figures.timeline,
        scale,
        decimals=decimals_of(instrument.price_unit),
    )
    chart.stretched += _candles(figures.timeline, scale, bars, price)
    for name, verb, each in sides:
        chart.placed.append(tag("g", *_placed(chart, instrument, (name, verb), each), class_=name))
    return tag("figure", tag("figcaption", _caption(bars)), chart.html())


def _marks(timeline: Timeline, fills: Fills, side: int) -> Marks:
    own = pick(fills, fills.side == side)
    columns = _COLUMNS_FINE if len(fills.time) <= _MARKS_MAX else _COLUMNS_COARSE
    return marks(own, timeline.at(own.time), columns)


def _caption(bars: Candles) -> Html:
    words = (
        f"Each candle covers {duration(bars.width_ns)}. " if len(bars.time) else "No bars were recorded: fills only. "
    )
    return tag(
        "span",
        words,
        tag("span", "▲ bought", class_="up"),
        " below, ",
        tag("span", "▼ sold", class_="down"),
        " above their price; hollow is mostly passive, a larger mark is a larger quantity.",
    )


def _candles(timeline: Timeline, scale: Scale, bars: Candles, price: float) -> list[Html]:
    """Draw wicks and bodies, those that rise and those that fall, over the volume."""
    if len(bars.time) == 0:
        return []
    right = timeline.at(bars.time) * WIDTH
    left = np.minimum(timeline.at(bars.time - bars.width_ns) * WIDTH, right - 0.2)
    spread = [scale.y(column * price) for column in (bars.open, bars.high, bars.low, bars.close)]
    rises = bars.close >= bars.open
    parts = [tag("path", d=_volume(left, right, bars, scale.height), class_="volume")]
    for rows, style in ((rises, "rise"), (~rises, "fall")):
        wick, body = _shapes(left[rows], right[rows], [column[rows] for column in spread])
        parts += [tag("path", d=wick, class_=f"wick {style}"), tag("path", d=body, class_=f"body {style}")]
    # Not to be seen: the script reads prices from it.
    middle = np.column_stack([(left + right) / 2, spread[3]]).tolist()
    points = "M" + "L".join(f"{x:.1f} {y:.2f}" for x, y in middle)
    return [*parts, tag("path", d=points, class_="line ghost", data_name="price")]


def _shapes(left: Floats, right: Floats, spread: list[Floats]) -> tuple[str, str]:
    wicks, bodies = [], []
    for l, r, o, h, lo, c in zip(*(each.tolist() for each in (left, right, *spread)), strict=True):  # noqa: E741
        room, top, tall = (r - l) * 0.16, min(o, c), max(abs(o - c), 0.8)
        wicks.append(f"M{(l + r) / 2:.1f} {h:.1f}V{lo:.1f}")
        bodies.append(f"M{l + room:.1f} {top:.1f}H{r - room:.1f}v{tall:.1f}H{l + room:.1f}Z")
    return "".join(wicks), "".join(bodies)


def _volume(left: Floats, right: Floats, bars: Candles, height: int) -> str:
    tall = bars.volume / max(int(bars.volume.max()), 1) * height * _VOLUME_SHARE
    columns = zip(left.tolist(), right.tolist(), tall.tolist(), strict=True)
    return "".join(
        f"M{x:.1f} {height}V{height - up:.1f}H{end - (end - x) * 0.2:.1f}V{height}Z" for x, end, up in columns
    )


def _placed(chart: Chart, instrument: Instrument, side: tuple[str, str], each: Marks) -> list[Html]:
    """Place a mark for each column's fills; its size goes by the square root of the quantity."""
    if len(each.time) == 0:
        return []
    price = float(unit(instrument.price_unit))
    share = np.sqrt(each.quantity / max(int(each.quantity.max()), 1))
    size = np.digitize(share, [0.34, 0.67]) + 1
    hollow = 2 * each.maker > each.count
    rows = zip(
        chart.timeline.at(each.time).tolist(),
        chart.scale.y(each.price * price).tolist(),
        (f"{side[0]}{s}{'m' * h}" for s, h in zip(size.tolist(), hollow.tolist(), strict=True)),
        (_words(instrument, side[1], each, index) for index in range(len(each.time))),
        strict=True,
    )
    return [use(mark, place, y, words) for place, y, mark, words in rows]


def _words(instrument: Instrument, verb: str, each: Marks, index: int) -> str:
    quantity = unit(instrument.quantity_unit) * int(each.quantity[index])
    price = float(each.price[index]) * float(unit(instrument.price_unit))
    count = int(each.count[index])
    average = f"{whole(count)} fills around {moment(int(each.time[index])):%H:%M:%S}, mean " if count > 1 else ""
    when = "" if count > 1 else f" at {moment(int(each.time[index])):%H:%M:%S}"
    shown = signed(quantity, decimals_of(instrument.quantity_unit))
    return f"{verb} {shown}{when}, {average}price {signed(price, decimals_of(instrument.price_unit))}"


def traded(figures: Figures, bars: Bars, count: int) -> list[Instrument]:
    """Return the instruments with the most fills; without any fill, the first with bars."""
    source = figures.fills.instrument if len(figures.fills.time) else bars.instrument[: 1 if len(bars.time) else 0]
    found, counts = np.unique(source, return_counts=True)
    order = np.lexsort((found, -counts))[:count]
    return [figures.instruments[identity] for identity in found[order].tolist()]
