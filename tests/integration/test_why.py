"""`omni why`: an order's story, against what the run recorded of it."""

import json
from decimal import Decimal

import pytest
from harness import TAKER, Place

#: Sends two where its account may send one.
LIMITED = TAKER.replace("class Taker", "class Limited").replace(", 1)", ", 2)")


@pytest.fixture
def record(place: Place):
    limit = "\n[strategy.limits]\norder_quantity_max = 1\n"
    config = place.strategies(("taker", TAKER), ("limited", LIMITED))
    config.write_text(config.read_text() + limit)
    return place.run("--config", config)


def test_the_story_of_a_filled_order(place: Place, record) -> None:
    orders = record.table("orders")
    at = next(
        i
        for i, (who, status) in enumerate(zip(orders["session"], orders["status"], strict=True))
        if (who, status) == (1, "filled")
    )
    number = orders["client_order_id"][at]
    told = json.loads(place.omni("why", record.folder, f"taker:{number}", "--json").stdout)
    assert (told["seq"], told["time"]) == (orders["seq"][at], orders["time"][at])
    assert told["side"] == orders["side"][at]
    assert told["cause"]["seq"] < told["seq"]
    assert told["cause"]["time"] <= told["time"]
    assert told["bids"]
    assert told["asks"]
    assert [check["passed"] for check in told["checks"]] == [True] * len(told["checks"])
    kinds = [report["exec_type"] for report in told["reports"]]
    assert kinds[0] == "new"
    assert kinds[-1] == "trade"
    assert told["reports"][-1]["status"] == "filled"
    best = (told["asks"] if told["side"] == "buy" else told["bids"])[0][0]
    assert told["reports"][1]["last_price"] == best, "it took the best price of the book that is shown"
    assert told == json.loads(place.omni("why", record.folder, f"1:{number}", "--json").stdout)
    said = place.omni("why", record.folder, f"taker:{number}").stdout
    assert f"taker sent order 1:{number}: {told['side']} 1 {told['instrument']} at market" in said
    assert "order notional" in said


def test_the_story_of_a_refused_order_names_the_check(place: Place, record) -> None:
    orders = record.table("orders")
    refused = [i for i, status in enumerate(orders["status"]) if status == "rejected" and orders["session"][i] == 2]
    assert refused, "more than the limit was sent"
    told = json.loads(
        place.omni("why", record.folder, f"limited:{orders['client_order_id'][refused[0]]}", "--json").stdout
    )
    (failed,) = [check for check in told["checks"] if not check["passed"]]
    assert (failed["check"], failed["value"], failed["limit"]) == ("order quantity", "2", "1")
    assert [report["reason"] for report in told["reports"]] == ["order quantity is above the account's limit"]


def test_the_story_of_an_amended_order_tells_each_change(place: Place) -> None:
    code = """
import omni


class Amending(omni.Strategy):
    def on_start(self):
        self.order = None

    def on_bar(self, bar):
        if self.order is None:
            self.low = bar.instrument.round_price(bar.close * 0.97, "down")
            self.order = self.buy(bar.instrument, 5, self.low, time_in_force="gtc")
        elif self.orders:
            self.amend(self.order, quantity=3)
            self.amend(self.order, price=self.low - 1)
            self.amend(self.order, price=self.low - 2, quantity=9_000_000)
            self.cancel(self.order)
"""
    record = place.run("--config", place.strategies(("amending", code)))
    told = json.loads(place.omni("why", record.folder, "amending:1", "--json").stdout)
    amended = [report for report in told["reports"] if "new_price" in report][:3]
    assert [report["exec_type"] for report in amended] == ["replaced", "replaced", "cancel_rejected"]
    asked = [(report["new_quantity"], Decimal(report["new_price"])) for report in amended]
    first = Decimal(told["price"])
    assert asked == [("3", first), ("5", first - 1), ("9000000", first - 2)]
    assert not {"new_price", "new_quantity"} & set(told["reports"][0])
    said = place.omni("why", record.folder, "amending:1").stdout
    assert f"replaced; asked for 3 in all at {told['price']}; now new, 0 filled, 3 open" in said


def test_orders_that_are_not_there(place: Place, record) -> None:
    assert "has no order taker:999999" in place.omni("why", record.folder, "taker:999999", code=1).stderr
    said = place.omni("why", record.folder, "nosuch:1", code=2).stderr
    assert "STRATEGY:NUMBER" in said
    assert "taker, limited" in said
