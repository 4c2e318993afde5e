"""The generated sample files: each loads by itself and tells the same market."""

import pytest

import omni
from omni.data.declaration import Declaration
from omni.data.info import describe
from omni.data.recording import read
from omni.data.sample import write

ITCH = {"currency": "USD", "multiplier": "1", "date": "2024-01-02"}


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    return {path.name if path.suffix != ".zip" else "lean.zip": (path, rows) for path, rows in write(folder, 7)}


def test_every_file_is_whole_and_says_its_units(sample):
    assert len(sample) == 8
    for name, (path, rows) in sample.items():
        told = describe(path)
        assert told.fault is None, name
        assert rows > 0
        if path.suffix in {".dbn", ".itch50"}:
            counts = dict(told.facts)["records"].replace(",", "").split()
            assert rows == sum(int(count) for count in counts if count.isdecimal())
        if path.suffix in {".csv", ".parquet", ".zip"}:
            assert told.missing == ()
            assert len(read(path, Declaration()).tables[0].time) == rows


def test_the_same_seed_gives_the_same_bytes(sample, tmp_path):
    again = {path.name: path for path, _ in write(tmp_path / "again", 7)}
    for path, _ in sample.values():
        assert again[path.name].read_bytes() == path.read_bytes(), path.name
    other = {path.name: path for path, _ in write(tmp_path / "other", 8)}
    assert other["trades.csv"].read_bytes() != sample["trades.csv"][0].read_bytes()


class Watch(omni.Strategy):
    def on_start(self):
        self.tops, self.volume, self.closes = [], 0.0, []

    def on_quote(self, quote):
        if quote.instrument.id == self.first:
            self.tops.append((quote.bid, quote.bid_quantity, quote.ask, quote.ask_quantity))

    def on_trade(self, trade):
        if trade.instrument.id == self.first:
            self.volume += trade.quantity

    @property
    def first(self):
        return self.instrument(self.symbol).id


def watched(symbol, data, **keywords):
    seen = Watch()
    seen.symbol = symbol
    omni.backtest(seen, data, **keywords)
    return seen


def test_itch_and_dbn_tell_the_book_that_the_quotes_do(sample):
    quotes = read(sample["quotes.csv"][0], Declaration())
    symbol = quotes.instruments[0].symbol
    dbn = watched(symbol, [sample["orders.mbo.dbn"][0], sample["definitions.dbn"][0]])
    itch = watched(symbol, sample["orders.itch50"][0], **ITCH)
    table = watched(symbol, [sample["quotes.csv"][0], sample["trades.csv"][0]])
    trades = read(sample["trades.csv"][0], Declaration()).tables[0]
    assert dbn.volume == itch.volume == table.volume == trades.columns["quantity"].sum()
    assert dbn.tops == itch.tops
    assert dbn.tops[-1000:] == table.tops[-1000:]


def test_the_lean_file_has_the_bars_of_the_csv_file(sample):
    (lean,), (csv,) = (read(sample[name][0], Declaration()).tables for name in ("lean.zip", "bars.csv"))
    assert lean.time.tolist() == csv.time.tolist()
    assert lean.columns["close"].tolist() == (100 * csv.columns["close"]).tolist()
    assert lean.columns["volume"].tolist() == csv.columns["volume"].tolist()
