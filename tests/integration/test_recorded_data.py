"""Recorded data of every kind: loads whole, and runs a backtest of an example from the command line."""

import re
import subprocess
import sys

import pytest

from omni.data.declaration import Declaration
from omni.data.recording import read

ES = {"currency": "USD", "price_unit": "0.25", "quantity_unit": "1", "multiplier": "50"}


@pytest.mark.parametrize(
    ("name", "kind", "rows"),
    [
        ("tick/spy/20131007_trade.zip", "trades", 250_601),
        ("tick/bac/20131007_quote.zip", "quotes", 476_855),
        ("tick/bac/20131007_trade.zip", "trades", 88_172),
        ("tick/ibm/20131007_quote.zip", "quotes", 109_067),
        ("tick/ibm/20131007_trade.zip", "trades", 24_293),
        ("daily/spy.zip", "bars", 5_849),
        ("daily/bac.zip", "bars", 5_849),
        ("hour/spy.zip", "bars", 40_832),
    ],
)
def test_lean_files_load_whole(shared, name, kind, rows):
    (only,) = read(shared / "data" / "us_equity" / "equity" / "usa" / name, Declaration()).tables
    assert (only.kind, len(only.time)) == (kind, rows)


@pytest.mark.parametrize("resolution", ["second", "minute"])
@pytest.mark.parametrize(("what", "kind"), [("trade", "bars"), ("quote", "quotes")])
def test_lean_bars_of_a_day_load(shared, resolution, what, kind):
    path = shared / "data" / "us_equity" / "equity" / "usa" / resolution / "spy" / f"20131007_{what}.zip"
    (only,) = read(path, Declaration()).tables
    assert only.kind == kind
    assert (only.time[1:] >= only.time[:-1]).all()


def run(*words):
    command = [sys.executable, "-m", "omni", "backtest", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("kind", ["orders", "transcode", "quotes", "trades", "bars"])
def test_each_kind_runs_an_example_from_the_command_line(shared, kind):
    ticks = shared / "data" / "us_equity" / "equity" / "usa" / "tick" / "bac"
    units = [f"--set={name}={value}" for name, value in ES.items()]
    itch = [*(unit for unit in units if "quantity_unit" not in unit), "--set=date=2023-12-25", "--set=timezone=UTC"]
    session = shared / "data" / "l3_mbo" / "esh4-glbx-mdp3-20231225.mbo.dbn.zst"
    words = {
        "orders": ["imbalance", "--data", session, *units],
        "transcode": ["imbalance", "--data", shared / "data" / "itch" / "esh4_20231225_transcoded.itch50.gz", *itch],
        "quotes": ["imbalance", "--data", ticks / "20131007_quote.zip", ticks / "20131007_trade.zip"],
        "trades": [
            *("moving-average", "--data", ticks.parent / "spy" / "20131007_trade.zip"),
            *("--set=rules.spread_bps=1", "--set=rules.queue_units=500"),
        ],
        "bars": ["moving-average", "--data", shared / "data" / "us_equity" / "equity" / "usa" / "daily" / "spy.zip"],
    }[kind]
    size = ["--param", "quantity=1"] if kind in {"orders", "transcode"} else []
    first, second = run(*words, *size), run(*words, *size)
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout
    lines = dict(line.split("  ", 1) for line in first.stdout.splitlines())
    assert int(lines["fills"].strip().replace(",", "")) > 20
    named = {"orders": "orders.queue", "transcode": "orders.queue", "quotes": "quotes.queue", "trades": "trades.limit"}
    assert f"rule {named.get(kind, 'bars.market')}" in lines


def test_what_has_to_be_declared_is_said(shared):
    told = run("imbalance", "--data", shared / "data" / "l3_mbo" / "esh4-glbx-mdp3-20231225.mbo.dbn.zst")
    assert told.returncode != 0
    assert "doesn't say its currency, price_unit, quantity_unit and multiplier" in told.stderr
    assert "--set currency=USD" in told.stderr


@pytest.mark.parametrize(
    ("file", "seated"),
    [
        ("bars.csv", ["moving-average"]),
        ("trades.csv", ["moving-average"]),
        ("quotes.csv", ["maker", "imbalance", "twap"]),
        ("orders.mbo.dbn", ["maker", "moving-average", "imbalance", "twap"]),
    ],
)
def test_the_examples_that_the_data_can_feed_are_seated(place, file, seated):
    place.omni("data", "sample", "sample")
    files = [f"sample/{file}", *(["sample/definitions.dbn"] if file.endswith(".dbn") else [])]
    record = place.run("--data", *files, *[f"--set=rules.{rule}" for rule in ("spread_bps=1", "queue_units=500")])
    assert [one["name"] for one in record.summary["strategies"]] == seated
    left_out = {"maker", "moving-average", "imbalance", "twap"} - {*seated}
    assert {name for name in left_out if f"the example {name} is left out: it takes on_" in record.said} == left_out
    assert record.said.count("is left out") == len(left_out)
    assert "EQUAL" in place.omni("verify", record.folder).stdout


@pytest.mark.parametrize(("name", "file", "takes"), [("imbalance", "trades", "on_book"), ("maker", "bars", "on_quote")])
def test_a_chosen_strategy_that_the_data_never_calls_is_refused(place, name, file, takes):
    place.omni("data", "sample", "sample")
    data = ("--data", f"sample/{file}.csv")
    (place.path / "node.toml").write_text(f'[[strategy]]\nname = "mine"\nsource = "{name}"\n')
    why = f"takes {takes}, and data with {file} alone never leads to that"
    assert f"strategy mine {why}" in place.omni("run", "--no-console", "--config", "node.toml", *data, code=2).stderr
    assert not place.runs()
    assert why in place.omni("backtest", name, *data, code=2).stderr


def test_definitions_of_other_instruments_are_told(place):
    for seed in ("1", "2"):
        place.omni("data", "sample", seed, "--seed", seed)
    said = place.omni("backtest", "twap", "--data", "1/orders.mbo.dbn", "2/definitions.dbn", code=2).stderr
    assert re.search(r"1/orders.mbo.dbn \(it has \w+, and the definitions are of \w+, \w+\) doesn't say its", said), (
        said
    )


@pytest.mark.parametrize("words", [("run", "--no-console"), ("backtest", "twap")])
def test_a_file_that_is_not_there_is_wrong_usage(place, words):
    assert place.omni(*words, "--data", "nosuch.csv", code=2).stderr == "omni: there is no file nosuch.csv\n"
    assert place.omni("data", "info", "nosuch.csv", code=2).stderr == "omni: there is no file nosuch.csv\n"
