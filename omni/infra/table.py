"""The run store's tables, one schema for SQLite and PostgreSQL."""

from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

SCHEMA_VERSION = 1

metadata = MetaData()


class Exact(TypeDecorator[Decimal]):
    """A decimal kept as its digits: SQLite would make a float of a number."""

    impl = String(64)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return the digits to store."""
        return None if value is None else f"{value:f}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """Return the decimal that was stored."""
        return None if value is None else Decimal(value)


def _of_run() -> "Column[str]":
    return Column("run", ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)


schema = Table("omni_schema", metadata, Column("version", Integer, primary_key=True, autoincrement=False))

run = Table(
    "run",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("started_ns", BigInteger, nullable=False, index=True),
    Column("ended_ns", BigInteger),
    Column("mode", String(16), nullable=False),
    Column("environment", String(16), nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("code_version", String(64), nullable=False),
    Column("config_hash", String(64), nullable=False),
    Column("engine_hash", String(64)),
    Column("state", String(16), nullable=False),
    Column("fault", Text),
    Column("folder", Text, nullable=False),
)

account = Table(
    "account",
    metadata,
    _of_run(),
    Column("name", String(64), primary_key=True),
    Column("currency", String(3), nullable=False),
    Column("equity", Exact, nullable=False),
    Column("realised", Exact, nullable=False),
    Column("fees", Exact, nullable=False),
    Column("orders", BigInteger, nullable=False),
    Column("fills", BigInteger, nullable=False),
    Column("refusals", BigInteger, nullable=False),
)

strategy = Table(
    "strategy",
    metadata,
    _of_run(),
    Column("name", String(64), primary_key=True),
    Column("source", Text, nullable=False),
    Column("account", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("fault", Text),
)

metric = Table(
    "metric",
    metadata,
    _of_run(),
    Column("name", String(64), primary_key=True),
    Column("value", Float, nullable=False),
)
