"""`omni backtest`: what a shell says becomes what the call takes, or is refused in the shell's words."""

import pytest

from omni.cli.main import main
from omni.data.sample import write
from omni.model.exit import Exit

DECLARED = ["currency=USD", "price_unit=0.01", "quantity_unit=1", "multiplier=1", "interval=1m", "bar_time=close"]


@pytest.fixture
def told(tmp_path, monkeypatch, capsys):
    """Return what runs `omni backtest` on a bare file with settings, and returns its exit code and words."""
    monkeypatch.chdir(tmp_path)
    rows = "\n".join(f"{60_000_000_000 * row},10,10,10,10,500" for row in range(1, 40))
    (tmp_path / "bare.csv").write_text(f"time_ns,open,high,low,close,volume\n{rows}\n")

    def run(*settings, strategy="moving-average", data="bare.csv", more=()):
        flags = [word for setting in settings for word in ("--set", setting)]
        code = main(["backtest", strategy, "--data", data, *flags, *more])
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.mark.parametrize("symbol", ["0700", "TRUE", "NONE", "1e5", "false"])
def test_a_symbol_stays_as_it_is_written(told, symbol):
    code, out, _ = told(*DECLARED, f"symbol={symbol}")
    assert code == 0
    assert f"{symbol}.XXXX, price unit 0.01 USD" in out


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("rules.spread_bps=abc", 'rules.spread_bps: expected a whole number from 0 to 1000000, found the text "abc"'),
        ("rules.spread_bps=-5", "rules.spread_bps: expected a whole number from 0"),
        ("rules.touch_fills=maybe", "rules.touch_fills: expected true or false"),
        ("rules.raech=touch", "rules: raech, which is unknown; did you mean reach?"),
        ("latency_ns=abc", "latency_ns: expected a whole number from 0"),
        ("latency_ns=-5", "latency_ns: expected a whole number from 0"),
        ("orders=x", "orders: expected a whole number from 1"),
        ("orders=0", "orders: expected a whole number from 1"),
        ("orders=99999999999", "orders: expected a whole number from 1 to 2147483647"),
        ("fees=5", 'fees: expected a dict of maker_ppm, taker_ppm, unit_fee, found the text "5"'),
        ("limits.collar_bps=0", "limits.collar_bps: expected a whole number from 1"),
        ("fees.unit_fee=-1", "fees.unit_fee: expected an amount"),
        ("cash=lots", "cash: expected an amount"),
        ("bar_interval=7", "bar_interval: expected a number and ns, us, ms, s, m, h or d, such as 1m, found '7'"),
        ("equity_interval=x", "equity_interval: expected a number and ns,"),
        ("timezone=Mars", "timezone: there is no 'Mars'; write UTC or a name such as America/New_York"),
        ("date=2024-13-01", "date: expected a day such as 2024-01-02, found '2024-13-01'"),
        ("bar_time=Open", "bar_time: expected open or close, found 'Open'; did you mean open?"),
        ("kind=foo", "kind: expected bars, quotes or trades, found 'foo'"),
        ("time_unit=foo", "time_unit: expected ns, us, ms or s, found 'foo'"),
        ("currency=usd", "currency: expected the three capitals of ISO 4217"),
        ("currency=DOLLARS!", "currency: expected the three capitals of ISO 4217"),
        ("curency=USD", "keyword curency, which is unknown; did you mean currency?"),
        ("seed=5", "that is said by --seed N"),
        ("data=5", "that is said by --data FILE"),
        ("params.fast=5", "that is said by --param K=V"),
    ],
)
def test_a_wrong_setting_is_refused_in_words(told, setting, words):
    code, out, err = told(*DECLARED, "symbol=ABC", setting)
    assert (code, out) == (2, "")
    assert words in err


@pytest.mark.parametrize("seed", ["-1", str(10**23)])
def test_a_seed_beyond_its_range_is_refused_in_words(told, capsys, seed):
    with pytest.raises(SystemExit) as stop:
        told(*DECLARED, "symbol=ABC", more=["--seed", seed])
    assert stop.value.code == Exit.USAGE
    assert "argument --seed: expected a whole number from 0 to 9223372036854775807" in capsys.readouterr().err


def test_settings_come_through_with_their_types(told):
    terms = ("latency_ns=5000000", "rules.touch_fills=true", "rules.volume_share_ppm=none", "fees.unit_fee=0.005")
    code, out, _ = told(*DECLARED, "symbol=ABC", *terms, "fees.taker_ppm=-50", "instruments=ABC")
    assert code == 0
    assert "5 ms from an event" in out
    assert "when the bar touches them" in out
    assert "not bounded by the bar's volume" in out
    assert "taker -0.005% of value, 0.005 USD a unit" in out


def test_all_that_is_missing_is_told_at_once_in_the_shells_words(told):
    code, _, err = told("interval=1m", "bar_time=close")
    assert code == 2
    assert "bare.csv doesn't say its symbol, currency, price_unit, quantity_unit and multiplier" in err
    for line in ("--set symbol=SPY", "--set price_unit=0.01 for US shares, or --set price_unit=0.25 for the ES future"):
        assert f"\n  {line}" in err


def test_capacities_without_memory_are_refused_before_they_are_taken(told, tmp_path):
    assert list(write(tmp_path, 1))
    code, out, err = told(
        "orders=2147483647",
        "levels=2147483647",
        data="orders.mbo.dbn",
        more=["--data", "orders.mbo.dbn", "definitions.dbn"],
    )
    assert (code, out) == (2, "")
    assert "there is no memory for orders=2147483647 and levels=2147483647: they take" in err


def test_a_fault_has_an_exit_code_of_its_own(told, tmp_path):
    (tmp_path / "broken.py").write_text(
        "import omni\n\n\nclass Broken(omni.Strategy):\n    def on_bar(self, bar):\n        1 / 0\n"
    )
    code, out, err = told(*DECLARED, "symbol=ABC", strategy=f"{tmp_path / 'broken.py'}:Broken")
    assert code == Exit.FAULTED
    assert "ZeroDivisionError: division by zero" in out
    assert "broken.py, line 6" in out
    assert "omni: the strategy faulted" in err


def test_a_report_without_a_folder_is_refused_before_the_backtest(told):
    code, out, err = told(*DECLARED, "symbol=ABC", more=["--report", "nosuch/report.html"])
    assert (code, out) == (Exit.USAGE, "")
    assert "--report nosuch/report.html: there is no folder " in err
