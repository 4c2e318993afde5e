"""`omni backtest`: the researcher's call from a shell."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from omni.cli.parser import SEED
from omni.model.exit import Exit

_EPILOG = """\
examples:
  omni data sample sample/
  omni backtest moving-average --data sample/bars.csv --param fast=5 --param slow=20
  omni backtest my.py:Cross --data spy.zip --set rules.spread_bps=2 --set fees.taker_ppm=50 --report spy.html
  omni backtest moving-average --data ticks.csv --set rules.spread_units=1 --set rules.queue_units=500
  omni backtest ./libmine.so --data sample/quotes.csv
  omni backtest imbalance --data es.mbo.dbn.zst --set currency=USD --set price_unit=0.25 \\
      --set quantity_unit=1 --set multiplier=50
"""


#: What has a place of its own.
_FLAGS = {"strategy": "STRATEGY", "data": "--data FILE", "params": "--param K=V", "seed": "--seed N"}


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments of `omni backtest`."""
    parser.description = (
        "Run a strategy on recorded data and print what came of it. The strategy is an installed one's name, "
        "FILE.py:CLASS or a compiled one's shared library; the data is CSV, Parquet, LEAN zip, ITCH 5.0 or DBN."
    )
    parser.epilog = _EPILOG
    parser.add_argument(
        "strategy", metavar="STRATEGY", help="an installed strategy's name, FILE.py:CLASS, or LIBRARY.so"
    )
    parser.add_argument("--data", nargs="+", required=True, metavar="FILE", help="files, merged by time")
    parser.add_argument("--param", action="append", default=[], metavar="K=V", help="a parameter of the strategy")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="K=V",
        help="units of the data (currency, price_unit, bar_time…) or a setting of the run "
        "(cash, latency_ns, fees.taker_ppm, limits.position_max, rules.spread_bps…)",
    )
    parser.add_argument("--seed", type=SEED, default=1, help="seed of everything that is drawn (default: 1)")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write a self-contained HTML report")
    parser.set_defaults(run=_run)


def _run(args: Namespace) -> int:
    from omni.backtesting.run import backtest  # noqa: PLC0415
    from omni.cli.file import check  # noqa: PLC0415
    from omni.data.declaration import UndeclaredError  # noqa: PLC0415
    from omni.model.error import ConfigError  # noqa: PLC0415

    if args.report is not None and not args.report.absolute().parent.is_dir():
        raise ConfigError(f"--report {args.report}: there is no folder {args.report.absolute().parent}")
    check(args.data)
    settings = _settings(args.set)
    params: dict[str, Any] = dict(_pair(text, "--param") for text in args.param)
    try:
        result = backtest(args.strategy, list(args.data), params=params, seed=args.seed, **settings)
    except UndeclaredError as error:
        raise ConfigError(error.told(lambda name, value: f"--set {name}={value}")) from None
    print("\n".join(result.lines()))
    if args.report is not None:
        print(f"report: {result.report(args.report)}")
    if result.fault is None:
        return Exit.DONE
    print("omni: the strategy faulted; what it did until then is above", file=sys.stderr)
    return Exit.FAULTED


def _pair(text: str, flag: str) -> tuple[str, str]:
    from omni.model.error import ConfigError  # noqa: PLC0415

    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ConfigError(f"{flag}: expected NAME=VALUE, found {text!r}")
    return name.strip(), value.strip()


def _settings(texts: list[str]) -> dict[str, Any]:
    """Return the settings, those of a table such as `fees.taker_ppm` gathered; what declares the data stays text."""
    from omni.backtesting.option import read  # noqa: PLC0415
    from omni.model.error import ConfigError  # noqa: PLC0415

    settings: dict[str, Any] = {}
    for text in texts:
        name, value = _pair(text, "--set")
        table, dot, key = name.partition(".")
        place, last = (settings.setdefault(table, {}), key) if dot else (settings, name)
        if not isinstance(place, dict):
            raise ConfigError(f"--set {text}: {table} is no table; it was set to {place!r}")
        if table in _FLAGS:
            raise ConfigError(f"--set {text}: that is said by {_FLAGS[table]}")
        place[last] = read(name, value)
    return settings
