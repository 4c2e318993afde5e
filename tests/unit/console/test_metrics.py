import os

from prometheus_client.parser import text_string_to_metric_families

from omni.console.metrics import exposition

VIEW = {
    "run": {"id": "r1", "mode": "sim", "environment": "dev", "version": "0.1.0", "seed": "1", "started_ns": "0"},
    "clock": {"time_ns": "1748871000500000000", "seq": 7, "inputs_per_s": 65_000, "progress": 0.25, "state": "running"},
    "kill": {"on": True, "reason": 'a "quoted"\nreason', "since_ns": "1"},
    "accounts": [
        {
            "account": 1, "session": 2, "name": "ma_cross", "currency": "USD", "equity": "100125.50",
            "realised": "100.50", "unrealised": "25.00", "fees": "3.20", "drawdown": "74.50",
            "gross_exposure": "1150.00", "open_orders": 2, "orders": 61, "fills": 44, "refusals": 4, "state": "faulted",
        }
    ],
    "orders": [{}, {}],
    "refusals": {"kill switch is on": 3, 'so "quoted"': 1},
    "latency": {
        "tick_to_order": {"count": 9, "p50_ns": 240, "p90_ns": 410, "p99_ns": 980, "p999_ns": 2_100, "max_ns": 18_000}
    },
    "counters": {
        "inputs": 120_345, "orders": 51_234, "fills": 8_123, "cancels": 41_210, "trades": 4_061, "too_late": 12,
    },
}  # fmt: skip


def _samples(view, *, connected=True, node_pid=None):
    text = exposition(view, connected=connected, node_pid=node_pid).decode()
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_scraper_reads_the_view():
    found = _samples(VIEW)
    assert found["omni_inputs_total",] == 120_345
    assert found["omni_fills_total",] == 8_123
    assert found["omni_too_late_total",] == 12
    assert found["omni_kill_switch",] == 1
    assert found["omni_working_orders",] == 2
    assert found["omni_refusals_total", ("reason", "kill switch is on")] == 3
    assert found["omni_refusals_total", ("reason", 'so "quoted"')] == 1
    assert found["omni_latency_seconds", ("path", "tick_to_order"), ("quantile", "0.99")] == 980e-9
    assert found["omni_latency_seconds_count", ("path", "tick_to_order")] == 9
    assert found["omni_account_equity", ("account", "1"), ("currency", "USD"), ("name", "ma_cross")] == 100_125.5
    assert found["omni_strategy_running", ("name", "ma_cross"), ("session", "2"), ("state", "faulted")] == 0
    assert found["omni_account_orders_total", ("account", "1"), ("name", "ma_cross")] == 61
    assert found["omni_account_refusals_total", ("account", "1"), ("name", "ma_cross")] == 4
    run = (("environment", "dev"), ("id", "r1"), ("mode", "sim"), ("version", "0.1.0"))
    assert found[("omni_run_info", *run)] == 1


def test_without_a_view_it_says_that_the_node_is_down():
    found = _samples(None, connected=False)
    assert found["omni_node_up",] == 0
    assert not any(name.startswith("omni_inputs") for name, *_ in found)


def test_memory_is_of_both_processes_while_they_live():
    found = _samples(None, node_pid=os.getpid())
    assert found["omni_process_resident_memory_bytes", ("process", "console")] > 1e6
    assert found["omni_process_resident_memory_bytes", ("process", "node")] > 1e6
    assert ("omni_process_resident_memory_bytes", ("process", "node")) not in _samples(None, node_pid=2**22 + 1)
