"""Columns of the engine's tables: what their codes mean, and which of them are exact money."""

from collections.abc import Mapping

#: Columns of codes, and what each code means.
CODES: Mapping[str, tuple[str, ...]] = {
    "side": ("buy", "sell"),
    "order_type": ("market", "limit"),
    "time_in_force": ("day", "gtc", "ioc", "fok", "gtd", "at_open", "at_close"),
    "status": ("new", "partially_filled", "filled", "cancelled", "rejected", "expired"),
    "liquidity": ("", "maker", "taker", "auction"),
}
#: Columns of exact money, which come as text.
MONEY_COLUMNS = frozenset({"fee", "fees", "equity", "realised", "unrealised"})
