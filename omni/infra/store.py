"""The run store: what ran, under which configuration, and how each account ended.

Orders and fills are in the run's folder, as Parquet; the journal is the truth, and this can be rebuilt. The module
loads SQLAlchemy, so import it where it is used.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self, TypeVar

from msgspec import Struct, convert
from msgspec.structs import asdict
from sqlalchemy import Connection, Row, Table, create_engine, delete, event, insert, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.schema import CreateIndex, CreateTable

from omni.infra import table
from omni.infra.run import Account, End, Run, Strategy, Summary
from omni.infra.secret import Secret
from omni.model.error import DataError

FILE = "runs.sqlite"
_Record = TypeVar("_Record", bound=Struct)


def open_store(home: Path, url: Secret | None = None) -> "RunStore":
    """Open the store, and make its tables where they aren't.

    Parameters
    ----------
    home
        The runs' folder, which holds the SQLite file; made if need be.
    url
        A SQLAlchemy address to use instead, if it isn't empty.

    Raises
    ------
    DataError
        Where it can't be opened, or was made by a newer version.
    """
    if url:
        return RunStore(url.reveal())
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"can't make the runs' folder {home}: {error.strerror}") from None
    return RunStore(f"sqlite:///{home / FILE}")


class RunStore:
    """An open store; close it, or use it as a context.

    Parameters
    ----------
    url
        SQLAlchemy's address.
    """

    def __init__(self, url: str) -> None:
        try:
            place = make_url(url)
            file = place.database if place.get_backend_name() == "sqlite" else None
            self._place = file or place.render_as_string(hide_password=True)
            self._engine = create_engine(url)
        except (SQLAlchemyError, ImportError) as error:
            # The address is left out: it may be the part with the password that can't be read.
            why = "its driver isn't installed" if isinstance(error, ImportError) else "it isn't an address"
            raise DataError(
                f"store.url can't be used: {why}; expected one such as postgresql+psycopg://user:password@host/runs, "
                "or none for SQLite beside the runs"
            ) from None
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _set_up_sqlite)
        try:
            self._prepare()
        except DataError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    def insert(self, run: Run) -> None:
        """Note a run that starts.

        Raises
        ------
        DataError
            Where there is a run of that id, or the store can't be written.
        """
        with self._write() as connection:
            if connection.execute(select(table.run.c.id).where(table.run.c.id == run.id)).first() is not None:
                raise DataError(f"there is already a run {run.id} in {self._place}")
            connection.execute(insert(table.run).values(asdict(run)))

    def finish(self, run: str, end: End) -> None:
        """Note how a run ended, over what was noted of its end before.

        Raises
        ------
        DataError
            Where there is no such run, or the store can't be written.
        """
        values = {name: getattr(end, name) for name in ("ended_ns", "state", "engine_hash", "fault")}
        children: dict[Table, list[dict[str, object]]] = {
            table.account: [asdict(account) for account in end.accounts],
            table.strategy: [asdict(strategy) for strategy in end.strategies],
            table.metric: [{"name": name, "value": value} for name, value in end.metrics.items()],
        }
        with self._write() as connection:
            if connection.execute(update(table.run).where(table.run.c.id == run).values(values)).rowcount == 0:
                raise DataError(f"there is no run {run} in {self._place}")
            for child, rows in children.items():
                connection.execute(delete(child).where(child.c.run == run))
                if rows:
                    connection.execute(insert(child), [{"run": run, **row} for row in rows])

    def has(self, run: str) -> bool:
        """Return whether there is a run of this id."""
        with self._read() as connection:
            return connection.execute(select(table.run.c.id).where(table.run.c.id == run)).first() is not None

    def runs(self, limit: int = 1_000) -> list[Run]:
        """Return the newest runs, at most `limit`, the newest first."""
        newest = select(table.run).order_by(table.run.c.started_ns.desc(), table.run.c.id.desc()).limit(limit)
        with self._read() as connection:
            return [_record(Run, row) for row in connection.execute(newest)]

    def show(self, name: str) -> Summary:
        """Return a run by its id, or by a beginning of it that no other id has.

        Raises
        ------
        DataError
            Where there is none, or more than one.
        """
        with self._read() as connection:
            run = self._find(connection, name)
            metrics = _children(connection, table.metric, run.id)
            return Summary(
                run=run,
                accounts=tuple(_record(Account, row) for row in _children(connection, table.account, run.id)),
                strategies=tuple(_record(Strategy, row) for row in _children(connection, table.strategy, run.id)),
                metrics={row.name: row.value for row in metrics},
            )

    def remove(self, name: str) -> Run:
        """Forget a run, found as in `show`, and return it; its folder is left to the caller.

        Raises
        ------
        DataError
            Where there is none, more than one, or the store can't be written.
        """
        with self._write() as connection:
            run = self._find(connection, name)
            connection.execute(delete(table.run).where(table.run.c.id == run.id))
            return run

    def _find(self, connection: Connection, name: str) -> Run:
        ids = table.run.c.id
        found = connection.execute(select(table.run).where(ids == name)).all()
        if not found:
            found = connection.execute(select(table.run).where(ids.startswith(name, autoescape=True)).limit(2)).all()
        if not found or not name:
            raise DataError(f"there is no run {name} in {self._place}; `omni runs ls` lists them")
        if len(found) > 1:
            raise DataError(f"more than one run begins with {name}; give more of its id")
        return _record(Run, found[0])

    def _prepare(self) -> None:
        with self._write() as connection:
            for each in table.metadata.sorted_tables:
                connection.execute(CreateTable(each, if_not_exists=True))
                for index in each.indexes:
                    connection.execute(CreateIndex(index, if_not_exists=True))
            version = connection.execute(select(table.schema.c.version)).scalar()
        if version is None:
            version = self._stamp()
        if version != table.SCHEMA_VERSION:
            raise DataError(
                f"{self._place} has schema {version}, this version reads {table.SCHEMA_VERSION}: use the version of "
                "omni that made it, or another run.home"
            )

    def _stamp(self) -> int:
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(table.schema).values(version=table.SCHEMA_VERSION))
        except IntegrityError:
            pass  # Another process was first, with the same number.
        return table.SCHEMA_VERSION

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with _mended(self._place), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with _mended(self._place), self._engine.begin() as connection:
            yield connection


@contextmanager
def _mended(place: str) -> Iterator[None]:
    """Turn SQLAlchemy's errors into ours, without the statement and its values."""
    try:
        yield
    except SQLAlchemyError as error:
        why = getattr(error, "orig", None) or error
        raise DataError(f"the run store {place} fails: {why}; mend it, or put it aside for a new one") from error


def _set_up_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    # Readers (console, CLI) never wait for the node's writes, and it waits for another's for at most five seconds.
    for pragma in ("busy_timeout = 5000", "journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _children(connection: Connection, child: Table, run: str) -> list[Row[tuple[object, ...]]]:
    return list(connection.execute(select(child).where(child.c.run == run).order_by(child.c.name)).all())


def _record(kind: type[_Record], row: Row[tuple[object, ...]]) -> _Record:
    names = kind.__struct_fields__
    return convert({name: row._mapping[name] for name in names}, kind)  # noqa: SLF001  # SQLAlchemy's public name.
