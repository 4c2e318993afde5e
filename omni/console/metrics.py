"""The node's and the console's state as Prometheus reads it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

MEDIA_TYPE = "text/plain; version=0.0.4"
_QUANTILES = (("0.5", "p50_ns"), ("0.9", "p90_ns"), ("0.99", "p99_ns"), ("0.999", "p999_ns"), ("1", "max_ns"))
_COUNTERS = {
    "inputs": "Inputs that the engine took",
    "orders": "Orders of everybody, the generated flow included",
    "fills": "Fills of strategies",
    "cancels": "Cancels of everybody",
    "trades": "Trades on all instruments",
    "too_late": "Cancels and amends of strategies that came after their order's end",
}
_ACCOUNT_MONEY = {
    "equity": "Cash and the value of positions",
    "realised": "Realised profit before fees",
    "unrealised": "Unrealised profit",
    "fees": "Fees paid",
    "drawdown": "Fall of equity from its peak",
    "gross_exposure": "Sum of the absolute values of positions and open orders",
}
_ACCOUNT_COUNTERS = {
    "orders": "Orders that its strategy sent, refused ones included",
    "fills": "Its fills",
    "refusals": "Refused orders, cancels and amends of its strategy",
}


def exposition(view: dict[str, Any] | None, *, connected: bool, node_pid: int | None) -> bytes:
    """Return everything as Prometheus text; without a view, only what the console knows of itself."""
    registry = CollectorRegistry()
    registry.register(_View(view, connected=connected, node_pid=node_pid))
    return generate_latest(registry)


class _View(Collector):
    def __init__(self, view: dict[str, Any] | None, *, connected: bool, node_pid: int | None) -> None:
        self._view = view
        self._connected = connected
        self._node_pid = node_pid

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("omni_node_up", "Whether the console reaches the node", value=int(self._connected))
        yield from _memory({"console": os.getpid(), "node": self._node_pid})
        if self._view is not None:
            yield from _engine(self._view)
            yield from _accounts(self._view["accounts"])
            yield from _latencies(self._view["latency"])


def _engine(view: dict[str, Any]) -> Iterator[Metric]:
    run, clock = view["run"], view["clock"]
    labels = {key: str(run[key]) for key in ("id", "mode", "environment", "version")}
    yield InfoMetricFamily("omni_run", "The run", value=labels)
    for name, text in _COUNTERS.items():
        yield CounterMetricFamily(f"omni_{name}", text, value=view["counters"][name])
    refusals = CounterMetricFamily("omni_refusals", "Refused commands of strategies by reason", labels=["reason"])
    for reason, times in view["refusals"].items():
        refusals.add_metric([reason], times)
    yield refusals
    yield GaugeMetricFamily("omni_kill_switch", "Whether the kill switch is on", value=int(view["kill"]["on"]))
    yield GaugeMetricFamily("omni_engine_seq", "Place in the engine's input stream", value=clock["seq"])
    yield GaugeMetricFamily("omni_inputs_per_second", "Inputs over the last second", value=clock["inputs_per_s"])
    yield GaugeMetricFamily(
        "omni_engine_time_seconds", "Engine time since 1970, UTC", value=int(clock["time_ns"]) / 1e9
    )
    if clock["progress"] is not None:
        yield GaugeMetricFamily("omni_day_progress_ratio", "How much of the day is over", value=clock["progress"])
    state = GaugeMetricFamily("omni_engine_state", "1 for the state that the engine is in", labels=["state"])
    state.add_metric([clock["state"]], 1)
    yield state
    yield GaugeMetricFamily("omni_working_orders", "Working orders of strategies", value=len(view["orders"]))


def _accounts(accounts: list[dict[str, Any]]) -> Iterator[Metric]:
    """Give money as floats, as Prometheus has nothing else; the exact texts are in /api/view."""
    for field, text in _ACCOUNT_MONEY.items():
        family = GaugeMetricFamily(f"omni_account_{field}", text, labels=["account", "name", "currency"])
        for row in accounts:
            family.add_metric([str(row["account"]), row["name"], row["currency"]], float(row[field]))
        yield family
    orders = GaugeMetricFamily("omni_account_open_orders", "Open orders", labels=["account", "name"])
    counters = {
        name: CounterMetricFamily(f"omni_account_{name}", text, labels=["account", "name"])
        for name, text in _ACCOUNT_COUNTERS.items()
    }
    running = GaugeMetricFamily("omni_strategy_running", "Whether a strategy runs", labels=["session", "name", "state"])
    for row in accounts:
        orders.add_metric([str(row["account"]), row["name"]], row["open_orders"])
        for name, counter in counters.items():
            counter.add_metric([str(row["account"]), row["name"]], row[name])
        session = "" if row["session"] is None else str(row["session"])
        running.add_metric([session, row["name"], row["state"]], int(row["state"] == "running"))
    yield orders
    yield from counters.values()
    yield running


def _latencies(latency: dict[str, dict[str, int]]) -> Iterator[Metric]:
    family = SummaryMetricFamily("omni_latency_seconds", "Latency percentiles by what is measured", labels=["path"])
    for path, found in latency.items():
        for quantile, key in _QUANTILES:
            labels = {"path": path, "quantile": quantile}
            family.add_sample("omni_latency_seconds", labels, found[key] / 1e9)
        family.add_sample("omni_latency_seconds_count", {"path": path}, found["count"])
    yield family


def _memory(processes: dict[str, int | None]) -> Iterator[Metric]:
    family = GaugeMetricFamily("omni_process_resident_memory_bytes", "Resident memory", labels=["process"])
    for name, pid in processes.items():
        resident = _resident_bytes(pid)
        if resident is not None:
            family.add_metric([name], resident)
    yield family


def _resident_bytes(pid: int | None) -> int | None:
    """Return a process's resident memory, or None where it is gone or the system doesn't say."""
    if pid is None:
        return None
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return None
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
