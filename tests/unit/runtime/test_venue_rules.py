"""How a run filled from recorded data, kept in its folder."""

import msgspec
import pytest
from msgspec.structs import asdict

from omni.infra.section import Rules
from omni.model.error import DataError
from omni.runtime.build import VenueRules


def test_the_rules_come_back(tmp_path):
    rules = VenueRules(fills=("trades",), rules=Rules(queue_units=500))
    rules.write(tmp_path / "venue.json")
    assert VenueRules.read(tmp_path / "venue.json") == rules
    assert VenueRules.read(tmp_path / "nothing.json") is None


def test_a_run_that_is_older_than_a_rule_has_it_by_default(tmp_path):
    older = {name: value for name, value in asdict(Rules(reach="touch")).items() if name != "queue_units"}
    (tmp_path / "venue.json").write_bytes(msgspec.json.encode({"fills": ["quotes"], "rules": older}))
    assert VenueRules.read(tmp_path / "venue.json") == VenueRules(fills=("quotes",), rules=Rules(reach="touch"))


def test_a_damaged_file_is_named(tmp_path):
    (tmp_path / "venue.json").write_text('{"fills": ["quotes"], "rules": {"reach": "far"}}')
    with pytest.raises(DataError, match=r"venue\.json doesn't say how orders filled"):
        VenueRules.read(tmp_path / "venue.json")
