"""The `omni` command: groups, exit codes, words."""

import os
import subprocess
import sys
from argparse import ArgumentParser
from types import SimpleNamespace

import pytest

from omni.cli import main as cli
from omni.cli.command import COMMANDS
from omni.engine import __version__
from omni.model.error import ConfigError, DataError
from omni.model.exit import Exit


def _group(run):
    """Return a command group that does what `run` does."""

    def configure(parser: ArgumentParser) -> None:
        parser.set_defaults(run=run)

    return SimpleNamespace(configure=configure)


def _raising(error):
    def run(_):
        raise error

    return run


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_has_help_with_an_example(command, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main([command.name, "--help"])
    assert stop.value.code == 0
    assert f"omni {command.name}" in capsys.readouterr().out.split("example", 1)[1]


@pytest.mark.parametrize("words", [("runs", "ls"), ("runs", "show"), ("runs", "rm"), ("config", "show")], ids=" ".join)
def test_every_action_has_help_with_an_example(words, capsys):
    with pytest.raises(SystemExit):
        cli.main([*words, "--help"])
    assert f"omni {' '.join(words)}" in capsys.readouterr().out.split("example", 1)[1]


def test_help_lists_every_command(capsys):
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    out = capsys.readouterr().out
    assert all(command.name in out and command.summary.split(",")[0] in out for command in COMMANDS)


def test_version_is_the_engines(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"omni {__version__}\n"
    assert cli.main(["version"]) == 0
    assert __version__ in capsys.readouterr().out


@pytest.mark.parametrize("words", [[], ["nonesuch"], ["doctor", "--nonesuch"]])
def test_wrong_usage_exits_2(words, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(words)
    assert stop.value.code == Exit.USAGE
    assert "usage: omni" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("run --sped 5", "there is no flag --sped; did you mean --speed?"),
        ("run --spee 5", "there is no flag --spee; did you mean --speed?"),
        ("run --instrument=5", "there is no flag --instrument; did you mean --instruments?"),
        ("backtest maker --dat x.csv", "there is no flag --dat; did you mean --data?"),
        ("kill --reasn x", "there is no flag --reasn; did you mean --reason?"),
        ("resume --reson x", "there is no flag --reson; did you mean --reason?"),
        ("runs ls --hom x", "there is no flag --hom; did you mean --home?"),
        ("runs --hom x ls", "there is no flag --hom; "),
        ("config show --sead 1", "there is no flag --sead; did you mean --seed?"),
        ("data sample x --sed 1", "there is no flag --sed; did you mean --seed?"),
        ("replay x --midnigth y", "there is no flag --midnigth; did you mean --midnight?"),
        ("--verison", "there is no flag --verison; did you mean --version?"),
        ("run --zzzzz", "there is no flag --zzzzz; --help shows what there is"),
        ("bcktest", "version; did you mean backtest?"),
        ("zzzzz", "there is no zzzzz among run, backtest, "),
        ("config shw", "there is no shw among show; did you mean show?"),
        ("runs list", "there is no list among ls, show, rm; did you mean ls?"),
        ("run node.toml", "omni run: error: node.toml is one word too many; --help shows what there is"),
        ("version extra", "omni version: error: extra is one word too many"),
        ("runs ls --limit 0", "argument --limit: expected a whole number from 1 to 1000000, found '0'"),
    ],
)
def test_a_mistyped_flag_or_command_is_told_with_its_nearest(words, told, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(words.split())
    assert stop.value.code == Exit.USAGE
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_refuses_a_flag_that_it_does_not_have(command, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main([command.name, "--hlep"])
    assert stop.value.code == Exit.USAGE
    assert "there is no flag --hlep; did you mean --help?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("replay x --orders abc", "argument --orders: expected a whole number, found 'abc'"),
        ("replay x --levels 0", "argument --levels: expected a whole number from 1 to 268435456, found '0'"),
        ("run --seed abc", "argument --seed: expected a whole number, found 'abc'"),
        ("run --hours long", "argument --hours: expected a number, found 'long'"),
        ("runs ls --limit few", "argument --limit: expected a whole number, found 'few'"),
    ],
)
def test_a_number_that_is_none_is_told_with_what_is_expected(words, told, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(words.split())
    assert stop.value.code == Exit.USAGE
    assert told in capsys.readouterr().err


def test_what_recorded_data_needs_is_told_in_the_words_of_where_it_can_be_said(capsys, tmp_path):
    data, file, home = tmp_path / "bare.csv", tmp_path / "node.toml", tmp_path / "runs"
    data.write_text("time_ns,open,high,low,close,volume\n60000000000,10,10,10,10,5\n120000000000,10,10,10,10,5\n")
    assert cli.main(["run", "--data", str(data), "--home", str(home)]) == Exit.USAGE
    assert "\n  --set data.currency=USD\n" in capsys.readouterr().err
    file.write_text(f'[run]\nhome = "{home}"\n[day]\ndata = ["{data}"]\n')
    assert cli.main(["run", "--config", str(file)]) == Exit.USAGE
    assert '\n  [data] currency = "USD"\n' in capsys.readouterr().err
    assert cli.main(["run", "--config", str(file), "--set", "data.currency=usd"]) == Exit.USAGE
    assert "data.currency: expected the three capitals of ISO 4217" in capsys.readouterr().err
    assert not list(home.glob("*")), "nothing is left of a run that didn't start"


@pytest.mark.parametrize(
    ("words", "environ", "told"),
    [
        ("--speed 0.5", {}, "omni: --speed: expected"),
        ("--instruments 0", {}, "omni: --instruments: expected a whole number from 1 to 50000, found"),
        ("--port 99999", {}, "omni: --port: expected"),
        ("--set run.speed=slow", {}, "omni: --set run.speed: expected"),
        ("--set run.sped=2", {}, "omni: --set run.sped: there is no such key; did you mean run.speed?"),
        ("--set =2", {}, "omni: --set =2: expected KEY=VALUE"),
        ("", {"OMNI__RUN__SPEED": "slow"}, "omni: run.speed (environment OMNI__RUN__SPEED): expected"),
        ("--config {}", {}, "omni: run.speed (file {}:2): expected"),
    ],
)
def test_a_wrong_value_is_told_by_where_it_was_written(words, environ, told, capsys, monkeypatch, tmp_path):
    file = tmp_path / "node.toml"
    file.write_text('[run]\nspeed = "slow"\n')
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    for command in (["run"], ["config", "show"]):
        assert cli.main([*command, *words.format(file).split()]) == Exit.USAGE
        assert told.format(file) in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (DataError("es.dbn: ends at byte 17"), 1, "omni: es.dbn: ends at byte 17\n"),
        (ConfigError("unknown key"), 2, "omni: unknown key\n"),
        (KeyboardInterrupt(), 130, "omni: interrupted\n"),
    ],
)
def test_errors_become_words_and_exit_codes(error, code, words, capsys, monkeypatch):
    monkeypatch.setattr(cli, "import_module", lambda _: _group(_raising(error)))
    assert cli.main(["doctor"]) == code
    assert capsys.readouterr().err == words


def test_a_fault_of_ours_keeps_its_traceback(monkeypatch):
    monkeypatch.setattr(cli, "import_module", lambda _: _group(_raising(ZeroDivisionError())))
    with pytest.raises(ZeroDivisionError):
        cli.main(["doctor"])


def test_a_closed_pipe_is_no_error():
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as out:
        done = subprocess.run(
            [sys.executable, "-m", "omni", "version"], stdout=out, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (0, b"")


def test_what_only_asks_for_runs_makes_no_folder(capsys, tmp_path):
    home = tmp_path / "runs"
    for words in ("runs ls", "runs show x", "runs rm x", "verify x", "replay x", "recover x", "why x y:1", "status"):
        cli.main([*words.split(), "--home", str(home)])
        assert not home.exists(), words
    assert "there are no runs in" in capsys.readouterr().err
