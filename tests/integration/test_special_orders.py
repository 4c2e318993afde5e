"""Orders with special terms, from Python to the embedded exchange and back."""

import json

from harness import Place

#: Sends one order of each kind on the first bar, and checks what the venue said of each by the last one.
SPECIAL = """
import omni


class Special(omni.Strategy):
    def on_start(self):
        self.sent = {}
        self.told = {}
        self.states = []
        self.indicatives = []

    def on_status(self, status):
        if status.instrument.id == 0:
            self.states.append(status.state)

    def on_indicative(self, indicative):
        self.indicatives.append(indicative)

    def on_bar(self, bar):
        if self.sent or bar.instrument.id != 0:
            return
        each, price = bar.instrument, bar.close
        low, high = (each.round_price(price * share, "down") for share in (0.98, 1.02))
        expire = self.time + 60 * 10**9
        self.sent = {
            "stop": self.buy(each, 1, stop=low),
            "waiting": self.buy(each, 1, stop=high),
            "trail": self.sell(each, 1, trail=each.round_price(price * 0.02, "down")),
            "iceberg": self.buy(each, 50, low, display=10),
            "hidden": self.buy(each, 1, low, hidden=True),
            "pegged": self.buy(each, 1, peg="primary", offset=-0.05),
            "minimum": self.buy(each, 10, high, minimum=5, time_in_force="ioc"),
            "whole": self.sell(each, 5, high, all_or_none=True),
            "to_limit": self.buy(each, 3, to_limit=True),
            "dated": self.buy(each, 1, low, expire=expire),
            "closing": self.sell(each, 1, time_in_force="at_close"),
            "opening": self.sell(each, 1, time_in_force="at_open"),
            "crooked": self.buy(each, 5, low, display=10),
        }

    def on_report(self, report):
        self.told.setdefault(report.order_id, []).append(report)

    def on_stop(self):
        of = {name: self.told[number] for name, number in self.sent.items()}
        kinds = {name: [report.exec_type for report in reports] for name, reports in of.items()}
        assert kinds["stop"][:2] == ["new", "triggered"], kinds["stop"]
        assert kinds["stop"][-1] == "trade"
        assert "trade" in kinds["minimum"]
        assert of["minimum"][1].last_quantity + of["minimum"][-1].filled >= 5
        assert kinds["to_limit"][:2] == ["new", "restated"]
        assert of["to_limit"][1].price is not None
        assert kinds["dated"] in (["new", "expired"], ["new", "trade"])
        assert kinds["closing"][0] == "new"
        assert [report.reason for report in of["opening"]] == ["the instrument is not trading now"]
        assert "don't go together" in of["crooked"][0].reason
        assert of["closing"][-1].liquidity == ("auction" if kinds["closing"][-1] == "trade" else "")
        assert not self.orders, "the close ended what waited"
        assert kinds["iceberg"][-1] in ("expired", "trade")
        assert self.states == ["pre_open", "open", "closing", "closed"], self.states
        prices = [each.price for each in self.indicatives if each.price is not None]
        assert prices, "auctions would trade"
        assert all(each.quantity > 0 for each in self.indicatives if each.price is not None)
"""

#: Says what can't be said.
WRONG = """
import omni


class Wrong(omni.Strategy):
    def on_bar(self, bar):
        told = []
        for terms in (
            {"stops": 1}, {"stop": 1, "trail": 1}, {"peg": "best"}, {"offset": 1}, {"display": 1, "minimum": 1},
            {"stop": 0.001}, {"time_in_force": "forever"},
        ):
            try:
                self.buy(bar.instrument, 10, 1, **terms)
            except omni.RefusedError as error:
                told.append(str(error))
        raise AssertionError(" | ".join(told))
"""


def test_each_kind_of_order_does_what_it_says_and_the_run_verifies(place: Place) -> None:
    record = place.run("--config", place.strategies(("special", SPECIAL)))
    assert record.strategy("special")["fault"] is None
    assert "EQUAL" in place.omni("verify", record.folder).stdout
    told = json.loads(place.omni("why", record.folder, "special:4", "--json").stdout)
    assert told["terms"] == ["display 10"]
    said = place.omni("why", record.folder, "special:2").stdout
    assert "stop " in said
    assert "(market, day, stop" in said


def test_what_no_order_can_ask_is_refused_by_its_keyword(place: Place) -> None:
    record = place.run("--config", place.strategies(("wrong", WRONG)), code=3)
    fault = record.strategy("wrong")["fault"]
    for part in (
        "an order has no stops; beside price and time_in_force there are stop, trail",
        "an order has a stop or a trail, not both",
        "peg: expected primary, market or midpoint, found",
        "offset: give peg too",
        "an order has a display or a minimum, not both",
        "stop 0.001 is not a whole multiple of 0.01",
        "time_in_force: expected one of day, gtc, ioc, fok, gtd, at_open, at_close, found",
    ):
        assert part in fault, fault
