"""Live trading starts only where file and command line say the same; and not yet."""

import pytest

from omni.infra.config import load
from omni.infra.live import admit
from omni.infra.schema import keys
from omni.infra.show import show
from omni.infra.source import Flag
from omni.model.error import ConfigError, RefusedError

LIVE = '[run]\nmode = "live"\naccount = "U123"\n'


def limits() -> str:
    text = show(load(None, {}, {}))
    return text[text.index("[risk]") : text.index("[fees]")]


@pytest.fixture
def loaded(tmp_path):
    def write(text, environ=None, flags=None):
        file = tmp_path / "omni.toml"
        file.write_text(text, encoding="utf-8")
        return load(file, environ or {}, flags or {})

    return write


def test_sim_and_paper_start_but_not_with_a_live_account(loaded):
    for mode in ("sim", "paper"):
        admit(loaded(f'[run]\nmode = "{mode}"\n'), None)
        with pytest.raises(RefusedError, match=f'--live U123 was given, but run.mode is "{mode}"'):
            admit(loaded(f'[run]\nmode = "{mode}"\naccount = "U123"\n'), "U123")


@pytest.mark.parametrize(
    ("text", "environ", "account", "why"),
    [
        (LIVE + limits(), {}, None, "the command line must confirm the account"),
        (LIVE + limits(), {}, "U124", '--live names "U124", the configuration file names "U123"'),
        ('[run]\nmode = "live"\n' + limits(), {}, "U123", "run.account must name the account"),
        (
            '[run]\naccount = "U123"\n' + limits(),
            {"OMNI__RUN__MODE": "live"},
            "U123",
            "must stand in the configuration",
        ),
        (LIVE, {}, "U123", "limits must be explicit.*risk.order_quantity_max"),
        (LIVE + limits(), {"OMNI__RISK__COLLAR_BPS": "5"}, "U123", "aren't: risk.collar_bps$"),
        (LIVE + limits(), {}, "U123", "no venue that trades real money"),
    ],
)
def test_live_is_refused_with_the_reason(loaded, text, environ, account, why):
    with pytest.raises(RefusedError, match=why) as caught:
        admit(loaded(text, environ), account)
    first, *others = str(caught.value).splitlines()
    assert first == "live trading is refused: this version has no venue that trades real money; use sim or paper"
    assert others[:1] == ([] if "no venue" in why else ["with one it would be refused too:"])


def test_the_account_may_only_stand_in_the_file(loaded):
    with pytest.raises(ConfigError, match=r"run.account .environment OMNI__RUN__ACCOUNT.: may only stand in the"):
        loaded(LIVE, {"OMNI__RUN__ACCOUNT": "U999"})
    with pytest.raises(ConfigError, match="may only stand in the configuration file"):
        loaded(LIVE, flags={"run.account": Flag("--set run.account", "U999")})
    assert "run.account" in keys()
