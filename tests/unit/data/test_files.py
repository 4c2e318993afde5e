"""Files of each format: what they state, and what is said of damaged ones."""

import gzip
import zipfile

import duckdb
import numpy as np
import pytest

import omni
from omni.data.declaration import Declaration
from omni.data.info import describe
from omni.data.recording import read
from omni.data.sample import write
from omni.model.error import ConfigError, DataError

HEAD = "# symbol=ABC, currency=USD, price_unit=0.01, quantity_unit=1, multiplier=1, time_unit=ns\n"


def csv(folder, text):
    path = folder / "trades.csv"
    path.write_text(text)
    return path


def test_a_csv_file_states_its_units(tmp_path):
    path = csv(tmp_path, HEAD + "time,price,quantity\n1,10.01,5\n2,10.02,6\n")
    found = read(path, Declaration())
    (only,) = found.tables
    assert only.columns["price"].tolist() == [1001, 1002]
    assert [one.symbol for one in found.instruments] == ["ABC"]
    assert found.sources[0].rows == 2
    assert len(found.sources[0].fingerprint) == 64
    assert describe(path).missing == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file is empty"),
        (
            HEAD + "time,price,quantity\n1,10.01\n2,10.02,6\n",
            r"trades.csv: line 3 \(byte \d+\) has 2 of 3 columns; 0 rows before it are whole",
        ),
        (HEAD + "time,price,quantity\n1,10.01,5\n2,10.0", "line 4 .* has 2 of 3 columns; 1 rows before it are whole"),
        (HEAD + "time,price,quantity\n1,ten,5\n2,10.02,6\n", "row 1: 'ten' is not a number"),
        (HEAD + "time,price,quantity\n1,,5\n2,10.02,6\n", "row 1: nan is not a number"),
        ("# symbol ABC\ntime,price,quantity\n1,1,1\n", "line 1: expected name=value, found 'symbol ABC'"),
        (HEAD + "time,price,quantity\n", "the data has no rows"),
    ],
)
def test_a_damaged_csv_file_is_refused(tmp_path, text, told):
    with pytest.raises(DataError, match=told):
        read(csv(tmp_path, text), Declaration())


def parquet(path, units="symbol=ABC, currency=USD, price_unit=0.01, quantity_unit=1, multiplier=1"):
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(
            "COPY (SELECT TIMESTAMPTZ '2024-01-02 14:30:00+00' + INTERVAL 1 SECOND * i AS time, "
            "CAST(10 + i / 100.0 AS DECIMAL(10, 2)) AS price, 5 AS quantity FROM range(1000) t(i)) "
            f"TO '{path}' (FORMAT parquet, KV_METADATA {{omni: '{units}'}})"
        )
    return path


def test_a_parquet_file_states_its_units_and_times(tmp_path):
    found = read(parquet(tmp_path / "trades.parquet"), Declaration())
    (only,) = found.tables
    assert only.columns["price"][:2].tolist() == [1000, 1001]
    assert only.time[0] == np.datetime64("2024-01-02T14:30:00", "ns").astype(int)


def test_a_cut_parquet_file_is_refused(tmp_path):
    path = parquet(tmp_path / "trades.parquet")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DataError, match=r"trades\.parquet: the Parquet file is cut or damaged: .* \([\d,]+ bytes\)$"):
        read(path, Declaration())


def lean(folder, name, text):
    path = folder / "file.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, text)
    return path


def test_lean_quotes_carry_the_side_that_stays(tmp_path):
    rows = "34200000,0,0,140200,500,Q,1,0\n34200100,140100,300,0,0,P,1,0\n34200200,140150,200,0,0,P,1,0\n"
    (only,) = read(lean(tmp_path, "20131007_bac_Quote_Tick.csv", rows), Declaration()).tables
    assert only.columns["bid"].tolist() == [0, 140_100, 140_150]
    assert only.columns["bid_quantity"].tolist() == [0, 300, 200]
    assert only.columns["ask"].tolist() == [140_200] * 3
    assert only.time[0] == np.datetime64("2013-10-07T13:30:00", "ns").astype(int)


def test_lean_bars_close_at_their_end(tmp_path):
    rows = "34200000,1674100,1674100,1672500,1672700,3197\n"
    (only,) = read(lean(tmp_path, "20131007_spy_minute_trade.csv", rows), Declaration()).tables
    assert only.time[0] == np.datetime64("2013-10-07T13:31:00", "ns").astype(int)
    assert only.interval_ns == 60 * 10**9


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("20131007_bac_Trade_Tick.csv", "", "the file in it is empty"),
        ("20131007_bac_Trade_Tick.csv", "34200000,x,100,P,1,0\n", "'x'.* at row 0"),
        ("20131007_bac_Trade_Tick.csv", "34200000,140200,-5,P,1,0\n", "row 1: -5 is negative"),
        ("20140501_eurusd_tick_quote.csv", "292,1.38676,1.38686\n", "not the columns of a US equity"),
        ("20140501_eurusd_tick_trade.csv", "292,13867,1\n295,1.38676,1\n", "row 2: price 1.38676 is no whole number"),
        ("eurusd.csv", "20140501 00:00,1.38,1.39,1.37,1.38,0\n", "no whole number of 1/10000 dollars.* as CSV"),
        ("strange.txt", "1,2,3", "expected a LEAN file"),
    ],
)
def test_a_damaged_lean_file_is_refused(tmp_path, name, text, told):
    with pytest.raises(DataError, match=told):
        read(lean(tmp_path, name, text), Declaration())


def test_a_zip_file_of_several_contracts_is_refused(tmp_path):
    path = lean(tmp_path, "20131007_es_minute_trade_201312.csv", "0,1676.5,1676.5,1676.5,1676.5,9\n")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("20131007_es_minute_trade_201403.csv", "0,1670.5,1670.5,1670.5,1670.5,9\n")
    with pytest.raises(DataError, match=r"found 2: 20131007_es_minute_trade_201312.csv, .*give one as CSV"):
        read(path, Declaration())


def test_a_cut_zip_file_is_refused(tmp_path):
    path = lean(tmp_path, "20131007_bac_Trade_Tick.csv", "34200000,140200,100,P,1,0\n" * 1000)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DataError, match="cut or damaged"):
        read(path, Declaration())


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "the file is empty"), (b"not market data at all", "neither ITCH 5.0 nor DBN; .*its name: .csv")],
)
def test_a_file_of_no_feed_is_refused(tmp_path, content, told):
    path = tmp_path / "feed.bin"
    path.write_bytes(content)
    with pytest.raises(DataError, match=told):
        read(path, Declaration())


def test_an_itch_file_needs_its_day(shared):
    path = shared / "data" / "itch" / "esh4_20231225_transcoded.itch50.gz"
    with pytest.raises(ConfigError, match=r"doesn't say its date, currency and multiplier, .*: add\n  date="):
        read(path, Declaration())
    with pytest.raises(ConfigError, match="add date="):
        read(path, Declaration(currency="USD", multiplier="50"))


def test_everything_that_a_feed_does_not_say_is_asked_for_at_once(shared):
    path = shared / "data" / "l3_mbo" / "esh4-glbx-mdp3-20231225.mbo.dbn.zst"
    with pytest.raises(ConfigError) as caught:
        read(path, Declaration())
    told = str(caught.value)
    assert "doesn't say its currency, price_unit, quantity_unit and multiplier" in told
    assert 'price_unit="0.25" for the ES future' in told
    assert 'multiplier="50" for the ES future' in told


def test_a_file_of_definitions_shows_its_symbols(tmp_path):
    written = [path for path, _ in write(tmp_path, 1)]
    assert tmp_path / "definitions.dbn" in written
    facts = dict(describe(tmp_path / "definitions.dbn").facts)
    assert all(facts.values())
    for symbol in facts["symbols"].split(", "):
        assert "currency=USD" in facts[f"states of {symbol}"]


def test_a_cut_feed_says_where_and_what_was_read(shared, tmp_path):
    path = tmp_path / "cut.itch"
    path.write_bytes(
        gzip.decompress((shared / "data" / "itch" / "esh4_20231225_transcoded.itch50.gz").read_bytes())[:100_000]
    )
    told = describe(path)
    assert told.fault is not None
    assert "at byte 99" in told.fault
    assert "messages" in told.fault


def test_a_run_on_a_cut_feed_ends_there_and_says_so(shared, tmp_path):
    path = tmp_path / "cut.itch"
    whole = gzip.decompress((shared / "data" / "itch" / "esh4_20231225_transcoded.itch50.gz").read_bytes())
    path.write_bytes(whole[:100_000])
    units = {"currency": "USD", "multiplier": 50, "price_unit": "0.25", "date": "2023-12-25", "timezone": "UTC"}
    with pytest.raises(
        DataError, match=r"cut\.itch: the data ends inside a message: .*\(at byte 99\d{3}, after \d+ messages\)"
    ):
        omni.backtest("imbalance", path, **units)
