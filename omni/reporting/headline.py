"""The top of the page: which run, in which mode, how it ended, and its main figures."""

from collections.abc import Iterator

from omni.reporting import measure
from omni.reporting.figures import Figures
from omni.reporting.markup import Html, join, tag
from omni.reporting.number import NONE, compact, duration, money, signed, time_element, whole
from omni.reporting.run_data import RunData

_ENDINGS = {
    "completed": ("Completed", "It came to the end of its data."),
    "stopped": ("Stopped", "A person stopped it before its data ended; what is shown is what happened until then."),
    "killed": ("Killed", "The kill switch was on at its end: orders were cancelled and new ones refused."),
    "failed": ("Failed", "It could not go on; what is shown is what happened until then."),
}


def bar(data: RunData) -> Html:
    """Return the bar that stays in sight: mode, run, hash."""
    return tag(
        "header",
        tag("span", data.mode.upper(), class_=f"mode {_known(data.mode)}", title="Mode"),
        tag("span", data.run, class_="run"),
        tag("span", f"digest {data.digest[:12]}", class_="digest", title=f"Digest {data.digest}"),
        class_="top",
    )


def _known(mode: str) -> str:
    return mode if mode in {"sim", "paper", "live"} else "unknown"


def title(data: RunData) -> Html:
    """Return the heading, what the run was, and how it ended."""
    word, meaning = _ENDINGS[data.ending]
    facts = [
        f"{data.environment} environment",
        f"omni {data.version}",
        "no seed" if data.seed is None else f"seed {data.seed}",
    ]
    return tag(
        "section",
        tag("h1", "Report of run ", tag("span", data.run, class_="id")),
        tag("p", " · ".join(facts), " · event time ", _between(data), class_="facts"),
        tag(
            "div",
            tag("strong", word),
            tag("span", meaning),
            tag("pre", data.message) if data.message else None,
            class_=f"ending {data.ending}",
            role="status",
        ),
        class_="title",
    )


def _between(data: RunData) -> Html:
    if data.last_ns <= data.first_ns:
        return join("none")
    return join(time_element(data.first_ns), " to ", time_element(data.last_ns))


def tiles(figures: Figures) -> Html:
    """Return the main figures."""
    shown = [*_results(figures), *_work(figures)]
    cells = (
        tag("div", tag("dt", name), tag("dd", value, tag("small", note) if note else None))
        for name, value, note in shown
    )
    return tag("section", tag("h2", "Summary", class_="hidden"), tag("dl", *cells, class_="tiles"))


def _results(figures: Figures) -> Iterator[tuple[str, Html | str, str]]:
    for currency in figures.currencies:
        equity = figures.sum_of(currency, "equity")
        yield f"Net profit, {currency}", money(figures.profit(currency), currency, change=True), "after fees"
        yield f"Equity, {currency}", money(equity, currency), f"fees {signed(figures.sum_of(currency, 'fees'), 2)}"
        deepest, ratio = figures.fall_of_all(currency), measure.sharpe(figures.total(currency))
        share = f"{100 * deepest.share:.3f}% of the peak" if deepest and deepest.share is not None else ""
        about = ", ".join(each for each in (share, figures.sampled) if each)
        yield f"Max drawdown, {currency}", signed(deepest.money, 2) if deepest else NONE, about
        how = "" if ratio is None else "annualised" if ratio.annualised else "of the run, not annualised"
        yield "Sharpe ratio", NONE if ratio is None else signed(ratio.value, 2), how


def _work(figures: Figures) -> Iterator[tuple[str, Html | str, str]]:
    data = figures.data
    fills, orders = data.counts.get("fills", len(figures.fills.time)), figures.order_counts
    yield "Fills", whole(fills), "" if orders is None else f"of {whole(orders.total())} orders"
    volumes = figures.volume(figures.fills)
    yield "Volume traded", " + ".join(f"{compact(value)} {name}" for name, value in volumes.items()) or NONE, ""
    refused = sum(data.refusals.values())
    yield "Refusals", whole(refused), f"for {len(data.refusals)} reasons" if refused else ""
    wall, event = data.ended_ns - data.started_ns, data.last_ns - data.first_ns
    speed = f"{_times(event / wall)} times real time" if wall > 0 and event > 0 else ""
    yield "Ran for", duration(wall), f"{duration(event)} of events, {speed}" if speed else ""


def _times(ratio: float) -> str:
    return signed(ratio, 0 if ratio >= 9.95 else 2)
