"""The story of an order of a run."""

from typing import Any

from omni.engine import why
from omni.infra.config import load
from omni.model.error import ConfigError, DataError
from omni.runtime import build
from omni.runtime.folder import RunFolder
from omni.runtime.roster import entries


def story(folder: RunFolder, order: str) -> dict[str, Any]:
    """Tell what caused an order, what the book and the gate were then, and what became of it.

    Parameters
    ----------
    folder
        The run's folder.
    order
        STRATEGY:NUMBER or SESSION:NUMBER, the number being its client order id.

    Raises
    ------
    OmniError
        For an order that isn't written so or isn't in the journal, or where the journal can't be read.
    """
    config = load(folder.config, {}, {}).config
    names = {entry.name: session for session, entry in enumerate(entries(config), 1)}
    who, _, number = order.rpartition(":")
    session = names.get(who, int(who) if who.isdecimal() else None)
    if session is None or not number.isdecimal() or session >= 2**16 or int(number) >= 2**64:
        raise ConfigError(
            f"order {order!r}: write STRATEGY:NUMBER or SESSION:NUMBER, such as {next(iter(names))}:1; "
            f"this run's strategies are {', '.join(names)}"
        )
    told = why(str(folder.journal), build.shape(config, folder), session, int(number))
    if told is None:
        raise DataError(f"run {folder.id} has no order {order}; its orders.parquet lists them (client_order_id)")
    told["strategy"] = next((name for name, known in names.items() if known == session), None)
    return told
