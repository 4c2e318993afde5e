"""Draws docs/explanation/generated-day-*.svg: generated days beside recorded days of SPY.

Usage: python scripts/plot_generated_day.py [--seeds 20] [--shared ../shared]

Both sides are measured by the same code, core/sim/examples/day.rs. The recorded days are LEAN's samples of SPY in
the shared data; only statistics of them are written. Prints the table of the page.
"""

import argparse
import io
import json
import subprocess
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from svg_chart import Axis, Band, Chart, Line

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "explanation"
OPEN_MS, CLOSE_MS, MINUTE_MS = 34_200_000, 57_600_000, 60_000
DAYS = ("20131004", "20131007", "20131008")
TICK_DAY = "20131007"
INSTRUMENTS = 100

Facts = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="how many days to generate")
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="folder with the recorded days")
    arguments = parser.parse_args()
    generated = [measure("generated", str(INSTRUMENTS), str(seed)) for seed in range(arguments.seeds)]
    recorded = measure("measured", text=recorded_days(arguments.shared / "data/us_equity/equity/usa"))
    for chart in charts(generated, recorded):
        (OUT / f"generated-day-{chart.name}.svg").write_text(chart.svg(), encoding="utf-8")
    for row in table(generated, recorded):
        print(row)


def measure(*arguments: str, text: str = "") -> Facts:
    command = ["cargo", "run", "-q", "--release", "-p", "omni-sim", "--example", "day", "--", *arguments]
    done = subprocess.run(command, cwd=ROOT, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    facts: Facts = json.loads(done.stdout)
    return facts


def recorded_days(folder: Path) -> str:
    """Return SPY's days as the example reads them: mids by minute, and of one day the signs and trades."""
    lines = []
    for day in DAYS:
        lines.append(line("mids", minute_mids(folder / f"minute/spy/{day}_quote.zip")))
        if day == TICK_DAY:
            trades = regular_trades(folder / f"tick/spy/{day}_trade.zip")
            lines.append(line("signs", order_signs(trades, second_mids(folder / f"second/spy/{day}_quote.zip"))))
            minutes = [0] * ((CLOSE_MS - OPEN_MS) // MINUTE_MS)
            for ms, _ in trades:
                minutes[(ms - OPEN_MS) // MINUTE_MS] += 1
            lines.append(line("trades", minutes))
    return "\n".join(lines)


def line(name: str, numbers: Sequence[float]) -> str:
    return " ".join([name, *map(str, numbers)])


def rows(file: Path) -> Iterator[list[str]]:
    """Yield the rows of the one CSV in a LEAN archive whose time is within the regular session."""
    with zipfile.ZipFile(file) as archive, archive.open(archive.namelist()[0]) as raw:
        for text in io.TextIOWrapper(raw, encoding="ascii"):
            row = text.rstrip("\n").split(",")
            if OPEN_MS <= int(row[0]) < CLOSE_MS:
                yield row


def minute_mids(file: Path) -> list[float]:
    """Return the mid at the close of each minute with a quote; prices are in 10^-4 dollars."""
    return [(int(row[4]) + int(row[9])) / 2 for row in rows(file) if row[4] and row[9]]


def second_mids(file: Path) -> dict[int, float]:
    """Return the mid at the close of each second with a quote, by the second's number."""
    return {int(row[0]) // 1000: (int(row[4]) + int(row[9])) / 2 for row in rows(file) if row[4] and row[9]}


def regular_trades(file: Path) -> list[tuple[int, int]]:
    """Return time in milliseconds and price of each trade that isn't marked suspicious."""
    return [(int(row[0]), int(row[1])) for row in rows(file) if row[5] == "0"]


def order_signs(trades: Sequence[tuple[int, int]], mids: dict[int, float]) -> list[int]:
    """Sign trades against the mid of the second before, at the mid by the last change of price (Lee and Ready 1991).

    Trades of one millisecond and one side count as one order.
    """
    signs: list[int] = []
    last: tuple[int, int] | None = None
    mid = tick = price_before = 0.0
    for ms, price in trades:
        mid = mids.get(ms // 1000 - 1, mid)
        if price_before and price != price_before:
            tick = 1 if price > price_before else -1
        price_before = price
        sign = int(tick) if price == mid or not mid else (1 if price > mid else -1)
        if sign and (ms, sign) != last:
            signs.append(sign)
        last = (ms, sign)
    return signs


def charts(generated: list[Facts], recorded: Facts) -> list[Chart]:
    lags = [float(lag) for lag in range(1, 31)]
    sign_lags = [float(lag) for lag in range(1, 201)]
    tails = min(len(facts["tail"]) for facts in generated)
    return [
        Chart(
            "tail",
            "How fat the tails are",
            Axis("size of a one-minute return, in standard deviations", log=True, low=0.5, high=20),
            Axis("share of returns beyond", log=True, low=1e-4, high=1),
            [tail_line(facts["tail"][:tails], "generated", k == 0) for k, facts in enumerate(generated)]
            + [tail_line(recorded["tail"], "recorded")],
        ),
        Chart(
            "memory",
            "How long storms last",
            Axis("lag, in minutes", low=0, high=30),
            Axis("autocorrelation of absolute one-minute returns", low=-0.1, high=0.5),
            [*band(lags, [facts["absolute"] for facts in generated]), Line("recorded", lags, recorded["absolute"])],
        ),
        Chart(
            "signs",
            "Memory of order signs",
            Axis("lag, in orders that trade on arrival", log=True, low=1, high=200),
            Axis("autocorrelation of signs", log=True, low=3e-3, high=1),
            [*band(sign_lags, [facts["signs"] for facts in generated]), Line("recorded", sign_lags, recorded["signs"])],
        ),
        Chart(
            "activity",
            "The day's U shape",
            Axis("minutes since the open", low=0, high=390),
            Axis("trades a minute, beside the day's mean", low=0, high=5),
            [
                *band(*profiles([facts["trades_per_minute"] for facts in generated])),
                Line("recorded", *profile(recorded["trades_per_minute"])),
            ],
        ),
    ]


def tail_line(sizes: Sequence[float], kind: str, named: bool = True) -> Line:
    return Line(kind, list(sizes), [10 ** (-k / 8) for k in range(len(sizes))], named)


def band(xs: list[float], curves: list[list[float]]) -> list[Band | Line]:
    columns = list(zip(*curves, strict=True))
    spread = Band([*xs], [min(column) for column in columns], [max(column) for column in columns])
    return [spread, Line("generated", xs, [fmean(column) for column in columns])]


def profile(minutes: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return the activity of each ten minutes beside the mean."""
    mean = fmean(minutes)
    tens = [fmean(minutes[start : start + 10]) / mean for start in range(0, 390, 10)]
    return [start + 5.0 for start in range(0, 390, 10)], tens


def profiles(days: list[list[float]]) -> tuple[list[float], list[list[float]]]:
    return profile(days[0])[0], [profile(day)[1] for day in days]


def table(generated: list[Facts], recorded: Facts) -> Iterator[str]:
    yield "| statistic | held to | generated: least | mean | most | SPY |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for name, bounds, take, known in STATISTICS:
        values = [take(facts) for facts in generated]
        spy = f"{take(recorded):.3g}" if known else "not in the sample"
        yield f"| {name} | {bounds} | {min(values):.3g} | {fmean(values):.3g} | {max(values):.3g} | {spy} |"


def spread_share(facts: Facts) -> float:
    spreads = facts["spreads"]
    return float(sum(count for ticks, count in spreads.items() if 1 <= int(ticks) <= 5) / sum(spreads.values()))


STATISTICS = (
    ("Hill index of one-minute returns", "2.5 to 5", lambda f: f["hill"], True),
    ("least autocorrelation of absolute returns, lags 1 to 30", "above 0", lambda f: min(f["absolute"]), True),
    ("exponent of the memory of order signs", "0.3 to 0.8", lambda f: f["sign_exponent"], True),
    ("trades at the open beside midday", "1.5 or more", lambda f: f["trades_open"], True),
    ("trades at the close beside midday", "1.5 or more", lambda f: f["trades_close"], True),
    ("orders at the open beside midday", "1.5 or more", lambda f: f["orders_open"], False),
    ("orders at the close beside midday", "1.5 or more", lambda f: f["orders_close"], False),
    ("share of limit orders cancelled", "0.80 to 0.98", lambda f: f["cancel_share"], False),
    ("autocorrelation of returns, lag 1", "near 0", lambda f: f["returns"][0], True),
    ("largest autocorrelation of returns, lags 2 to 30", "near 0", lambda f: max(map(abs, f["returns"][1:])), True),
    ("share of spreads of 1 to 5 ticks", "most", spread_share, False),
)


if __name__ == "__main__":
    main()
