"""What a terminal is told of a run that ended."""

import pytest

from omni.runtime.summary import RunSummary, lines


def _summary(count: int) -> RunSummary:
    counts = dict.fromkeys(("inputs", "orders", "cancels", "trades"), 9) | {"too_late": count}
    return RunSummary(
        id="one",
        mode="sim",
        environment="dev",
        version="1",
        seed=1,
        config_hash="",
        started_ns=0,
        ended_ns=1,
        start_ns=0,
        time_ns=1,
        state="finished",
        fault=None,
        killed=None,
        seq=9,
        digest="",
        state_digest="",
        rules=(),
        counts=counts,
        refusals={"no reason": count},
        latency=(),
        strategies=(),
        accounts=(),
        instruments=(),
    )


@pytest.mark.parametrize(("count", "said"), [(1, "1 time:"), (2, "2 times:"), (1_000, "1,000 times:")])
def test_what_is_counted_is_said_in_words(count: int, said: str) -> None:
    told = list(lines(_summary(count)))
    assert any(line.startswith(f"too late {said}") for line in told)
    assert f"refused {said} no reason" in told
