"""The configuration: layers, provenance, and what is refused in which words."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omni.infra.amount import Amount
from omni.infra.config import Loaded, load
from omni.infra.schema import keys, strategy_keys
from omni.infra.section import Config
from omni.infra.show import fingerprint, placed, show
from omni.infra.source import Flag, Source
from omni.model.error import ConfigError

STRATEGIES = """\
[risk]
cash = "2500000.50"

[[strategy]]
name = "cross"
source = "examples/cross.py:Cross"
instruments = ["OMN001.XOMN"]
params = { fast = 10, ratio = 0.5, label = "a", on = true }

[[strategy]]
name = "maker"
source = "maker"
  [strategy.limits]
  position_max = 500
  cash = 7
"""


def set_by_flag(**values: object) -> dict[str, Flag]:
    """Return what `--set` gives; two underscores are a key's point."""
    keyed = {name.replace("__", "."): value for name, value in values.items()}
    return {key: Flag(f"--set {key}", value) for key, value in keyed.items()}


def from_text(folder: Path, text: str, environ: dict[str, str] | None = None, **flags: object) -> Loaded:
    file = folder / "omni.toml"
    file.write_text(text, encoding="utf-8")
    return load(file, environ or {}, set_by_flag(**flags))


def faults(folder: Path, text: str, environ: dict[str, str] | None = None, **flags: object) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        from_text(folder, text, environ, **flags)
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def test_without_anything_every_value_is_a_default():
    loaded = load(None, {"HOME": "/root", "OMNI_SHARED": "x", "PATH": ""}, {})
    assert loaded.config == Config()
    assert set(loaded.provenance) == set(keys())
    assert {source.kind for source in loaded.provenance.values()} == {"default"}


def test_every_key_has_a_text_and_a_default():
    assert all(key.text.endswith(".") for key in keys().values())
    assert all(key.default is not msgspec.NODEFAULT for key in keys().values())
    with pytest.raises(AttributeError):
        Config().run.seed = 2  # type: ignore[misc]


def test_a_later_layer_wins_and_provenance_says_so(tmp_path):
    text = '[run]\nseed = 1\nhome = "a"\nspeed = 2\n\n[engine]\n# a comment\norders = 100\n'
    environ = {"OMNI__RUN__SEED": "2", "OMNI__RUN__HOME": "b", "OMNI__CONSOLE__ENABLED": "false"}
    loaded = from_text(tmp_path, text, environ, run__seed=3, console__port="0")
    config, places = loaded.config, loaded.provenance
    assert (config.run.seed, config.run.home, config.run.speed) == (3, "b", 2.0)
    assert (config.engine.orders, config.console.enabled, config.console.port) == (100, False, 0)
    assert places["run.seed"] == Source("flag", "--set run.seed")
    assert places["run.home"] == Source("environment", "OMNI__RUN__HOME")
    assert places["run.speed"] == Source("file", f"{tmp_path}/omni.toml:4")
    assert places["engine.orders"] == Source("file", f"{tmp_path}/omni.toml:8")
    assert places["engine.levels"] == Source("default")


def test_an_unknown_key_says_what_was_probably_meant(tmp_path):
    text = "[run]\nsede = 1\nport = 80\n[consle]\nport = 1\n[log]\nzzz = 1\n"
    assert faults(tmp_path, text, {"OMNI__RUN__SPED": "1"}, run__sed=4) == [
        "run.sede (file omni.toml:2): there is no such key; did you mean run.seed?",
        "run.port (file omni.toml:3): there is no such key; did you mean console.port?",
        "consle (file omni.toml:4): there is no such section; did you mean console?",
        "log.zzz (file omni.toml:7): there is no such key",
        "run.sped (environment OMNI__RUN__SPED): there is no such key; did you mean OMNI__RUN__SPEED?",
        "--set run.sed: there is no such key; did you mean run.seed?",
    ]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (
            '[run]\nseed = "x"',
            'run.seed (file omni.toml:2): expected a whole number from 0 to 9223372036854775807, found the text "x"',
        ),
        ("[run]\nseed = true", "found the truth value true"),
        ("[run]\nseed = 1.0", "found the decimal number 1.0"),
        ("[run]\nseed = -1", "found the whole number -1"),
        ('[run]\nmode = "papr"', 'expected "live", "paper" or "sim", found the text "papr"; did you mean paper?'),
        ("[run]\nexit = 1", "expected true or false, found the whole number 1"),
        ("[run]\nspeed = 0.5", 'expected a number from 1 to 1000000.0 or "unlimited", found the decimal number 0.5'),
        ("[run]\nspeed = nan", "found nan"),
        ('[run]\nhome = ""', "expected a text that isn't empty"),
        ("[day]\nhours = 0", "expected a number above 0 and of 24"),
        ("[day]\nstart = 2024-01-02T09:30:00", "expected a time with its offset from UTC"),
        ('[day]\ndata = "x"', "expected a list, each a text, found the text"),
        ('[risk]\ncurrency = "usd"', "expected a text of the form ^[A-Z]{3}$"),
        (
            "[risk]\ncash = 0.1",
            'a decimal in quotes such as "0.01" (20 decimals at most), found the decimal number 0.1',
        ),
        ('[risk]\ncash = "1e3"', 'found the text "1e3"'),
        ('[risk]\ncash = "-1"', 'found the text "-1"'),
        ("[risk]\ncash = 10000000000000000", "found the whole number 10000000000000000"),
        ('[risk]\ncash = "0.000000000000000000001"', "found the text"),
        ("[run]\nseed = { a = 1 }", "found a table"),
        ("run = 3", "expected a table, [run], found the whole number 3"),
        ("strategy = 3", "expected tables, each [[strategy]]"),
    ],
)
def test_a_wrong_value_says_key_place_expected_and_found(tmp_path, line, fault):
    (found,) = faults(tmp_path, line)
    assert fault in found


def test_text_from_outside_spells_numbers_lists_and_amounts():
    environ = {
        "OMNI__RUN__SPEED": "unlimited",
        "OMNI__DAY__HOURS": "1.5",
        "OMNI__DAY__DATA": "a.csv, b.csv",
        "OMNI__RISK__CASH": "12.50",
        "OMNI__DAY__START": "2024-03-04T10:00:00+01:00",
    }
    config = load(None, environ, set_by_flag(run__exit=True)).config
    assert config.run.speed == "unlimited"
    assert config.run.exit is True
    assert config.day.hours == 1.5
    assert config.day.data == ("a.csv", "b.csv")
    assert config.risk.cash == Decimal("12.50")
    assert config.day.start == datetime(2024, 3, 4, 9, tzinfo=UTC)
    with pytest.raises(ConfigError, match="expected a whole number"):
        load(None, {"OMNI__RUN__SEED": "1.5"}, {})
    with pytest.raises(ConfigError, match="found the text"):
        load(None, {}, set_by_flag(console__port="eighty"))
    for wrong in ("0", "-1.5"):
        with pytest.raises(ConfigError, match=rf'"unlimited", found {wrong}$'):
            load(None, {}, set_by_flag(run__speed=wrong))
    with pytest.raises(ConfigError, match=r"found true$"):
        load(None, {"OMNI__RUN__SEED": "true"}, {})


@pytest.mark.parametrize("way", ["environment", "flag"])
@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("risk.restricted", ("A", "B.C")),
        ("rates.pairs", ("EURUSD=1.0842", "GBPUSD=1.25")),
        ("day.data", ("a, b.csv", "[c].parquet")),
        ("risk.restricted", ()),
    ],
)
def test_a_list_is_read_as_show_prints_it(way, key, values):
    section, _, name = key.partition(".")
    written = "[" + ", ".join(f'"{value}"' for value in values) + "]"
    environ = {f"OMNI__{section.upper()}__{name.upper()}": written} if way == "environment" else {}
    flags = {key: Flag(f"--set {key}", written)} if way == "flag" else {}
    loaded = load(None, environ, flags)
    assert getattr(getattr(loaded.config, section), name) == values
    assert f"{name} = {written}  # {way}" in show(loaded)


@pytest.mark.parametrize("text", ["[A,B]", '["A"', '["A"]\nseed = 1', '["A"] "B"'])
def test_what_begins_like_an_array_and_is_none_is_refused(text):
    with pytest.raises(ConfigError) as caught:
        load(None, {}, {"risk.restricted": Flag("--set risk.restricted", text)})
    said = str(caught.value)
    assert said == f'--set risk.restricted: expected a list, each a text, written A,B or ["A", "B"], found {text}'


def test_a_file_that_cannot_be_read_says_why(tmp_path):
    with pytest.raises(ConfigError, match="No such file"):
        load(tmp_path / "none.toml", {}, {})
    with pytest.raises(ConfigError, match=r"not TOML.*line 2"):
        from_text(tmp_path, "[run]\nseed = \n")
    (tmp_path / "bad.toml").write_bytes(b'[run]\nhome = "\xff"')
    with pytest.raises(ConfigError, match="not UTF-8 text: byte 14"):
        load(tmp_path / "bad.toml", {}, {})
    with pytest.raises(ConfigError, match="Is a directory"):
        load(tmp_path, {}, {})


def test_strategies_have_their_own_parameters_limits_and_places(tmp_path):
    loaded = from_text(tmp_path, STRATEGIES)
    cross, maker = loaded.config.strategy
    assert cross.params == {"fast": 10, "ratio": 0.5, "label": "a", "on": True}
    assert cross.risk(loaded.config.risk) == loaded.config.risk
    own = maker.risk(loaded.config.risk)
    assert (own.position_max, own.cash, own.open_orders_max) == (500, 7, loaded.config.risk.open_orders_max)
    assert loaded.provenance["strategy.cross.params"].place.endswith("omni.toml:8")
    assert loaded.provenance["strategy.maker.limits.cash"].place.endswith("omni.toml:15")


def test_a_wrong_strategy_is_refused(tmp_path):
    text = (
        '[[strategy]]\nname = "a"\nsource = "x"\nparms = {}\n'
        '[[strategy]]\nsource = "y"\n'
        '[[strategy]]\nname = "b"\nsource = "z"\nparams = { deep = { x = 1 } }\nlimits = { cash = 0.5, cush = 1 }\n'
    )
    assert [fault.partition(", found")[0] for fault in faults(tmp_path, text)] == [
        "strategy.a.parms (file omni.toml:4): there is no such key; did you mean params?",
        "strategy.1 (file omni.toml:5): needs its key name",
        "strategy.b.params (file omni.toml:10): expected a table of numbers, texts and truth values",
        "strategy.b.limits.cash (file omni.toml): " + f"expected {strategy_keys()['limits.cash'].expected}",
        "strategy.b.limits.cush (file omni.toml): there is no such key; did you mean limits.cash?",
    ]
    twice = '[[strategy]]\nname = "a"\nsource = "x"\n' * 2
    assert faults(tmp_path, twice)[0].endswith('more than one strategy is called "a"')
    with pytest.raises(ConfigError, match="strategies are set in the file only"):
        load(None, {"OMNI__STRATEGY__A__NAME": "x"}, {})


def test_show_says_where_each_value_comes_from_and_loads_again(tmp_path):
    loaded = from_text(tmp_path, STRATEGIES, {"OMNI__RUN__SEED": "5"}, run__speed="unlimited")
    text = show(loaded)
    assert "seed = 5  # environment OMNI__RUN__SEED" in text
    assert 'speed = "unlimited"  # flag --set run.speed' in text
    assert f'cash = "2500000.50"  # file {tmp_path}/omni.toml:2' in text
    assert "hours = 6.5  # default" in text
    again = from_text(tmp_path, text)
    assert again.config == loaded.config
    assert fingerprint(again.config) == fingerprint(loaded.config)


def test_the_fingerprint_changes_with_a_value_and_not_with_its_spelling(tmp_path):
    one = from_text(tmp_path, '[risk]\ncash = "7.0"\n[day]\nstart = 2024-01-02T14:30:00Z\n').config
    two = from_text(tmp_path, "[risk]\ncash = 7\n[day]\nstart = 2024-01-02T09:30:00-05:00\n").config
    assert fingerprint(one) == fingerprint(two)
    assert fingerprint(one) != fingerprint(Config())


def test_data_is_placed_and_still_the_same(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = from_text(tmp_path, '[day]\ndata = ["sample/a.csv", "/b.csv"]\n').config
    assert placed(config).day.data == (f"{tmp_path}/sample/a.csv", "/b.csv")
    assert fingerprint(placed(config)) == fingerprint(config)
    assert fingerprint(from_text(tmp_path, '[day]\ndata = ["sample/c.csv", "/b.csv"]\n').config) != fingerprint(config)


def test_secrets_are_masked_wherever_they_are_printed(tmp_path):
    loaded = from_text(tmp_path, '[store]\nurl = "postgresql://me:hush@host/omni"\n')
    for text in (show(loaded), repr(loaded), str(loaded.config.store.url), fingerprint(loaded.config)):
        assert "hush" not in text
    assert loaded.config.store.url.reveal() == "postgresql://me:hush@host/omni"
    assert 'url = "***"' in show(loaded)
    with pytest.raises(TypeError):
        msgspec.json.encode(loaded.config.store)


@given(st.integers(0, 2**63 - 1), st.text(min_size=1), st.decimals(0, 10**12, places=4), st.integers(-14, 14))
def test_any_values_survive_being_shown(tmp_path_factory, seed, home, cash, hours):
    start = datetime(2024, 1, 2, 9, 30, tzinfo=timezone(timedelta(hours=hours)))
    loaded = load(None, {}, set_by_flag(run__seed=seed, run__home=home, risk__cash=f"{cash:f}", day__start=start))
    assert from_text(tmp_path_factory.mktemp("show"), show(loaded)).config == loaded.config


@given(st.integers(0, 10**16 - 1), st.integers(0, 20), st.integers(0, 10**20 - 1))
def test_amounts_are_exact(whole, places, fraction):
    text = f"{whole}.{fraction:020d}"[: len(str(whole)) + 1 + places].rstrip(".")
    assert f"{Amount.parse(text):f}" == text
