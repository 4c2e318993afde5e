"""Whether data would ever call a strategy."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from omni.model.plugin import Compiled
from omni.model.strategy import Strategy
from omni.strategy.registry import BuiltIn

if TYPE_CHECKING:
    from omni.data.recording import Recording

#: The callbacks that each kind of data can lead to; bars are built from trades, and a book isn't.
_GIVES = {
    "bars": {"on_bar", "on_bars"},
    "quotes": {"on_quote", "on_quotes", "on_book"},
    "trades": {"on_trade", "on_trades", "on_bar", "on_bars"},
}


def unfed(strategy: Strategy | Compiled | BuiltIn, recording: "Recording") -> str | None:
    """Return why data would never call a strategy, or `None` where it does, or the strategy waits for no data."""
    takes = set.union(*_GIVES.values()).intersection(_callbacks(strategy))
    if not takes or any(takes & _GIVES[kind] for kind in recording.kinds):
        return None
    has, wants = ", ".join(sorted(recording.kinds)), ", ".join(sorted(takes))
    hint = "; bars are built from trades" if takes & _GIVES["bars"] else ""
    return f"takes {wants}, and data with {has} alone never leads to that{hint}"


def _callbacks(strategy: Strategy | Compiled | BuiltIn) -> Iterable[str]:
    return strategy.callbacks() if isinstance(strategy, Strategy) else strategy.callbacks
