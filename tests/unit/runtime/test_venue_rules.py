"""How a run filled from recorded data, kept in its folder."""

import msgspec

from omni.backtesting.option import RULES
from omni.runtime.build import VenueRules


def test_the_rules_come_back(tmp_path):
    rules = VenueRules(fills=("trades",), rules={**RULES, "queue_units": 500})
    rules.write(tmp_path / "venue.json")
    assert VenueRules.read(tmp_path / "venue.json") == rules
    assert VenueRules.read(tmp_path / "nothing.json") is None


def test_a_run_that_is_older_than_a_rule_has_it_by_default(tmp_path):
    older = {name: value for name, value in RULES.items() if name != "queue_units"} | {"reach": "touch"}
    (tmp_path / "venue.json").write_bytes(msgspec.json.encode({"fills": ["quotes"], "rules": older}))
    assert VenueRules.read(tmp_path / "venue.json") == VenueRules(fills=("quotes",), rules={**RULES, "reach": "touch"})
