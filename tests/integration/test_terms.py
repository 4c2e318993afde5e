"""What an account is allowed and how its orders fill: set by people, held by the gate, kept for a replay."""

from pathlib import Path

import pytest
from harness import FAST, TAKER, Place

RESTRICTED = "instrument is on the account's restricted list"


def test_a_restricted_instrument_is_refused_and_the_others_trade(place: Place) -> None:
    listed = place.run("--config", place.strategies(("taker", TAKER))).summary["instruments"]
    first, second = (one["symbol"] for one in listed[:2])
    config = place.strategies(
        ("taker", TAKER),
        extra=f'[risk]\nrestricted = ["{first}", "NOSUCH"]\n',
    )
    config.write_text(config.read_text() + f'[strategy.limits]\nrestricted = ["{second}"]\n')
    record = place.run("--config", config)
    orders = record.table("orders")
    refused = {one for one, status in zip(orders["instrument"], orders["status"], strict=True) if status == "rejected"}
    assert refused == {0, 1}
    assert set(record.table("fills")["instrument"]) == {2, 3, 4}
    assert set(record.summary["refusals"]) == {RESTRICTED}
    assert "NOSUCH" in "".join(path.read_text() for path in record.folder.glob("*.log*"))
    assert "EQUAL" in place.omni("verify", record.folder).stdout


def test_restricted_symbols_that_are_not_in_the_run_are_said_once(place: Place) -> None:
    config = place.strategies(("one", TAKER), ("two", TAKER))
    config.write_text(config.read_text() + '[strategy.limits]\nrestricted = ["ELSE"]\n')
    said = place.run("--config", config, "--set", 'risk.restricted=["NOSUCH", "#0", "OTHER"]').said
    assert [line for line in said.splitlines() if "not in this run" in line] == [
        "omni: restricted, and not in this run: NOSUCH, OTHER, ELSE"
    ]


def test_an_account_in_another_currency_is_converted_at_its_rate(place: Place) -> None:
    wide = '[risk]\ncurrency = "{}"\ndrawdown_max = 1000000\n{}'
    record = {}
    for currency, rates in (("USD", ""), ("EUR", '[rates]\npairs = ["USDEUR=0.5"]\n')):
        record[currency] = place.run("--config", place.strategies(("taker", TAKER), extra=wide.format(currency, rates)))
    dollars, euros = (record[each].summary["accounts"][0] for each in ("USD", "EUR"))
    assert (dollars["currency"], euros["currency"]) == ("USD", "EUR")
    assert float(dollars["realised"]) != 0
    for name in ("realised", "unrealised"):
        assert float(euros[name]) == pytest.approx(float(dollars[name]) / 2, rel=1e-12)
    assert float(euros["equity"]) == pytest.approx(1e6 + float(euros["realised"]) + float(euros["unrealised"]))
    assert record["USD"].table("fills")["price"] == record["EUR"].table("fills")["price"]
    assert "EQUAL" in place.omni("verify", record["EUR"].folder).stdout


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        ("", 'rates.pairs = ["USDEUR=…"]'),
        ('["EURUSD=2"]', 'rates.pairs = ["USDEUR=…"]'),
        ('["USDEUR=0.5", "USDEUR=0.6"]', "twice"),
        ('["USDUSD=1", "USDEUR=0.5"]', "one currency"),
        ('["USDEUR=0"]', "rate USDEUR: expected above 0"),
        ('["USDEUR=99999999"]', "rate USDEUR: expected above 0"),
        ('["USDEUR=1e3"]', "rates.pairs"),
    ],
)
def test_a_rate_that_misses_or_is_wrong_is_told_before_the_start(place: Place, rates: str, said: str) -> None:
    pairs = f"[rates]\npairs = {rates}\n" if rates else ""
    config = place.strategies(("taker", TAKER), extra=f'[risk]\ncurrency = "EUR"\n{pairs}')
    done = place.omni("run", *FAST, "--home", place.home, "--config", config, code=2)
    assert said in done.stderr
    assert not place.runs()


def test_the_rules_of_recorded_data_are_set_by_people(place: Place) -> None:
    bars = _bars(place)
    equity = {}
    for spread in (0, 200):
        words = ("--config", place.strategies(("taker", TAKER)), "--data", bars, "--set", f"rules.spread_bps={spread}")
        record = place.run(*words)
        equity[spread] = float(record.summary["accounts"][0]["equity"])
        assert any(f"{spread} basis points" in rule or spread == 0 for rule in record.summary["rules"])
        assert "EQUAL" in place.omni("verify", record.folder).stdout
    assert equity[200] < equity[0]


def _bars(place: Place) -> Path:
    place.omni("data", "sample", place.path / "sample")
    return place.path / "sample" / "bars.csv"
