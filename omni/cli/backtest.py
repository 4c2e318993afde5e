"""`omni backtest`: the researcher's call from a shell."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

_EPILOG = """\
examples:
  omni data sample sample/
  omni backtest moving-average --data sample/bars.csv --param fast=5 --param slow=20
  omni backtest my.py:Cross --data spy.zip --set rules.spread_bps=2 --set fees.taker_ppm=50 --report spy.html
  omni backtest ./libmine.so --data sample/quotes.csv
  omni backtest imbalance --data es.mbo.dbn.zst --set currency=USD --set price_unit=0.25 \\
      --set quantity_unit=1 --set multiplier=50
"""


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
    parser.add_argument("--seed", type=int, default=1, help="seed of everything that is drawn (default: 1)")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write a self-contained HTML report")
    parser.set_defaults(run=_run)


def _run(args: Namespace) -> int:
    from omni.backtesting.run import backtest  # noqa: PLC0415

    settings = _settings(args.set)
    params: dict[str, Any] = dict(_pair(text, "--param") for text in args.param)
    result = backtest(args.strategy, list(args.data), params=params, seed=args.seed, **settings)
    print("\n".join(result.lines()))
    if args.report is not None:
        print(f"report: {result.report(args.report)}")
    return 0 if result.fault is None else 1


def _pair(text: str, flag: str) -> tuple[str, str]:
    from omni.model.error import ConfigError  # noqa: PLC0415

    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ConfigError(f"{flag}: expected NAME=VALUE, found {text!r}")
    return name.strip(), value.strip()


def _settings(texts: list[str]) -> dict[str, Any]:
    """Return the settings, those of a table such as `fees.taker_ppm` gathered."""
    settings: dict[str, Any] = {}
    for text in texts:
        name, value = _pair(text, "--set")
        table, dot, key = name.partition(".")
        if dot:
            settings.setdefault(table, {})[key] = _typed(value)
        else:
            settings[name] = tuple(value.split(",")) if name == "instruments" else _typed(value)
    return settings


def _typed(value: str) -> int | str | bool | None:
    words: dict[str, bool | None] = {"true": True, "false": False, "none": None}
    if value.lower() in words:
        return words[value.lower()]
    return int(value) if value.lstrip("-").isdigit() else value
