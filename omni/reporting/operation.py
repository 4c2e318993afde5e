"""How it ran: latencies, refusals, counts."""

import math

from omni.reporting import tick
from omni.reporting.figures import Figures
from omni.reporting.markup import Html, join, tag
from omni.reporting.number import latency, whole
from omni.reporting.run_data import Latency, RunData
from omni.reporting.table import bar, number_column, pairs, row, table, text_column

_REFUSALS = (text_column("Reason"), number_column("Times"), number_column("Share"), text_column(""))
_NAMES = {
    "inputs": "inputs applied",
    "orders": "orders accepted",
    "cancels": "orders cancelled or expired",
    "trades": "trades of all sessions",
    "fills": "fills of the strategies",
    "too_late": "cancels and amends too late: their order had ended",
}


def operation(figures: Figures) -> Html:
    """Return the latencies; refusals and counts side by side."""
    data = figures.data
    return join(
        tag("section", tag("h2", "Latency"), _latencies(data.latency), id="latency"),
        tag(
            "div",
            tag("section", tag("h2", "Refusals by reason"), _refusals(data), id="refusals"),
            tag("section", tag("h2", "Counts"), _counts(data), id="counts"),
            class_="pair",
        ),
    )


def _latencies(rows: tuple[Latency, ...]) -> Html:
    measured = [each for each in rows if each.count]
    if not measured:
        return tag("p", "No latency was measured.", class_="none")
    ticks = tick.decades(min(max(each.p50_ns, 1) for each in measured), max(max(each.max_ns, 1) for each in measured))
    scale = f"{latency(int(ticks[0]))} to {latency(int(ticks[-1]))}, log scale"
    heads = ("Count", "p50", "p90", "p99", "p99.9", "max")
    columns = (text_column("Step"), *(number_column(head) for head in heads), text_column(scale))
    lines = (row(columns, [*_cells(each), _span(each, ticks)]) for each in measured)
    note = "The thick bar spans p50 to p99, the tick is p99.9, the thin line ends at the largest."
    return join(table("Latency percentiles", columns, lines), tag("p", note, class_="note"))


def _cells(each: Latency) -> list[Html | str]:
    times = (each.p50_ns, each.p90_ns, each.p99_ns, each.p999_ns, each.max_ns)
    shown = (tag("data", latency(time), value=time, title=f"{time:,} ns") for time in times)
    return [each.name, whole(each.count), *shown]


def _span(each: Latency, ticks: list[float]) -> Html:
    """Draw the percentiles on the scale that all rows share, with a line at each power of ten."""

    def at(time_ns: float) -> float:
        low, high = math.log10(ticks[0]), math.log10(ticks[-1])
        return 100 * (math.log10(max(time_ns, 1)) - low) / (high - low)

    def line(first: float, last: float, style: str) -> Html:
        return tag("line", x1=f"{at(first):.1f}%", x2=f"{at(last):.1f}%", y1="9", y2="9", class_=style)

    grid = (tag("line", x1=f"{at(t):.1f}%", x2=f"{at(t):.1f}%", y1="0", y2="18", class_="grid") for t in ticks)
    mark = f"{at(each.p999_ns):.1f}%"
    parts = (
        *grid,
        line(each.p50_ns, each.max_ns, "thin"),
        line(each.p50_ns, each.p99_ns, "thick"),
        tag("line", x1=mark, x2=mark, y1="4", y2="14", class_="mark"),
    )
    return tag("svg", *parts, class_="span", height="18", aria_hidden="true", xmlns="http://www.w3.org/2000/svg")


def _refusals(data: RunData) -> Html:
    if not data.refusals:
        return tag("p", "No command was refused.", class_="none")
    total, most = sum(data.refusals.values()), max(data.refusals.values())
    ranked = sorted(data.refusals.items(), key=lambda item: (-item[1], item[0]))
    lines = (
        row(_REFUSALS, [reason, whole(count), f"{100 * count / max(total, 1):.1f}%", bar(count / max(most, 1))])
        for reason, count in ranked
    )
    foot = row(_REFUSALS, ["Total", whole(total), "", ""]) if len(ranked) > 1 else None
    return table("Refusals by reason", _REFUSALS, lines, foot)


def _counts(data: RunData) -> Html:
    seconds = (data.ended_ns - data.started_ns) / 1e9
    items = [(_NAMES.get(name, name).capitalize(), whole(count)) for name, count in data.counts.items()]
    if seconds > 0 and "inputs" in data.counts:
        items.append(("Inputs per second of wall time", whole(round(data.counts["inputs"] / seconds))))
    return pairs(items) if items else tag("p", "Nothing was counted.", class_="none")
