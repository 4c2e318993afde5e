"""The run store: what goes in comes out exactly; what can't be done says why."""

import sqlite3
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from omni.infra import table
from omni.infra.run import Account, End, Run, Strategy
from omni.infra.secret import Secret
from omni.infra.store import FILE, RunStore, open_store
from omni.model.error import DataError

RUN = Run(
    id="20240102-093000-a1",
    started_ns=1_704_205_800_000_000_001,
    mode="sim",
    environment="dev",
    seed=2**63 - 1,
    code_version="0.1.0+abc",
    config_hash="c" * 64,
    folder="runs/20240102-093000-a1",
)
ACCOUNT = Account(
    name="cross",
    currency="USD",
    equity=Decimal("1000000.00000000000000000001"),
    realised=Decimal("-0.10"),
    fees=Decimal(0),
    orders=3,
    fills=2,
    refusals=1,
)
END = End(
    ended_ns=RUN.started_ns + 60,
    state="finished",
    engine_hash="e" * 32,
    accounts=(replace(ACCOUNT, name="maker"), ACCOUNT),
    strategies=(Strategy(name="cross", source="cross.py:Cross", account="cross", state="failed", fault="line 3"),),
    metrics={"inputs_per_s": 1e6, "p99_ns": 42.5},
)


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "runs") as opened:
        yield opened


def test_a_run_comes_back_exactly(store):
    store.insert(RUN)
    assert store.runs() == [RUN]
    assert store.show(RUN.id).accounts == ()
    store.finish(RUN.id, END)
    summary = store.show(RUN.id)
    assert summary.run == replace(RUN, ended_ns=END.ended_ns, state="finished", engine_hash="e" * 32)
    assert summary.accounts == (ACCOUNT, replace(ACCOUNT, name="maker"))
    assert str(summary.accounts[0].equity) == "1000000.00000000000000000001"
    assert summary.strategies == END.strategies
    assert summary.metrics == END.metrics


def test_finishing_again_replaces_what_was_noted(store):
    store.insert(RUN)
    store.finish(RUN.id, END)
    again = End(ended_ns=RUN.started_ns + 90, state="failed", fault="disk full", accounts=(ACCOUNT,))
    store.finish(RUN.id, again)
    summary = store.show(RUN.id)
    assert (summary.run.state, summary.run.fault, summary.run.engine_hash) == ("failed", "disk full", None)
    assert (summary.accounts, summary.strategies, summary.metrics) == ((ACCOUNT,), (), {})


def test_runs_are_listed_newest_first_and_found_by_a_beginning(store):
    for i, name in enumerate(["a_1", "a_2", "b"]):
        store.insert(replace(RUN, id=name, started_ns=i))
    assert [run.id for run in store.runs()] == ["b", "a_2", "a_1"]
    assert [run.id for run in store.runs(limit=1)] == ["b"]
    assert store.show("a_1").run.id == "a_1"
    assert store.show("b").run.id == "b"
    with pytest.raises(DataError, match="more than one run begins with a"):
        store.show("a")
    for missing in ("c", "", "%", "a%1"):
        with pytest.raises(DataError, match="there is no run"):
            store.show(missing)


def test_removing_a_run_removes_all_of_it(store, tmp_path):
    store.insert(RUN)
    store.insert(replace(RUN, id="other"))
    store.finish(RUN.id, END)
    assert store.remove(RUN.id[:10]).folder == RUN.folder
    assert [run.id for run in store.runs()] == ["other"]
    with sqlite3.connect(tmp_path / "runs" / FILE) as raw:
        for name in ("account", "strategy", "metric"):
            assert raw.execute(f"SELECT count(*) FROM {name}").fetchone() == (0,)
    raw.close()
    with pytest.raises(DataError, match="there is no run"):
        store.remove(RUN.id)


def test_the_same_id_twice_and_an_unknown_end_are_refused(store):
    store.insert(RUN)
    with pytest.raises(DataError, match=f"there is already a run {RUN.id}"):
        store.insert(RUN)
    with pytest.raises(DataError, match="there is no run nobody"):
        store.finish("nobody", END)


def test_a_failed_end_leaves_nothing_half_written(store):
    store.insert(RUN)
    with pytest.raises(DataError, match=r"the run store .* fails"):
        store.finish(RUN.id, replace(END, accounts=(ACCOUNT, ACCOUNT)))
    summary = store.show(RUN.id)
    assert (summary.run, summary.accounts) == (RUN, ())


def test_readers_and_a_writer_share_it(tmp_path):
    with open_store(tmp_path) as node, open_store(tmp_path) as console:
        node.insert(RUN)
        assert console.runs() == [RUN]
        node.finish(RUN.id, END)
        assert console.show(RUN.id).run.state == "finished"
        with sqlite3.connect(tmp_path / FILE) as raw:
            assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        raw.close()


def test_a_newer_schema_is_refused(tmp_path):
    open_store(tmp_path).close()
    with sqlite3.connect(tmp_path / FILE) as raw:
        raw.execute("UPDATE omni_schema SET version = 99")
    raw.close()
    with pytest.raises(DataError, match="has schema 99, this version reads 1"):
        open_store(tmp_path)


def test_a_place_that_cannot_be_used_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="can't make the runs' folder"):
        open_store(tmp_path / "file" / "runs")
    (tmp_path / FILE).write_bytes(b"not a database at all" * 100)
    with pytest.raises(DataError, match="file is not a database"):
        open_store(tmp_path)
    with pytest.raises(DataError, match="unable to open database file"):
        RunStore(f"sqlite:///{tmp_path}/none/x.sqlite")
    with pytest.raises(DataError) as caught:
        open_store(tmp_path, Secret("nosuch://me:hush@host/omni"))
    assert "hush" not in str(caught.value)


def test_the_schema_is_also_postgresqls():
    for each in table.metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(each).compile(dialect=postgresql.dialect()))


@given(st.decimals(-(10**16), 10**16, places=20))
def test_money_is_kept_to_the_last_digit(amount):
    with RunStore("sqlite://") as store:
        store.insert(RUN)
        store.finish(RUN.id, replace(END, accounts=(replace(ACCOUNT, equity=amount),)))
        assert store.show(RUN.id).accounts[0].equity == amount
