"""`omni data`: what a market data file holds, and small files to learn with."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from omni.cli.parser import SEED


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments of `omni data`."""
    parser.description = "Look into market data files, or write small generated ones."
    parser.epilog = "examples:\n  omni data sample sample/\n  omni data info sample/*"
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    info = actions.add_parser(
        "info",
        help="tell format, instruments, times, counts, units, and what has to be declared",
        description="Tell format, instruments, times, counts, units, and what has to be declared.",
        epilog="example:\n  omni data info quotes.csv 20131007_trade.zip es.mbo.dbn.zst",
    )
    info.add_argument("files", nargs="+", type=Path, metavar="FILE", help="CSV, Parquet, LEAN zip, ITCH 5.0 or DBN")
    info.set_defaults(run=_info)
    sample = actions.add_parser(
        "sample",
        help="write small generated files of each format",
        description="Write small generated files of each format.",
        epilog="example:\n  omni data sample sample/ --seed 7",
    )
    sample.add_argument("folder", type=Path, metavar="DIR", help="folder to write into; made where it isn't there")
    sample.add_argument("--seed", type=SEED, default=1, help="seed of the generated market (default: 1)")
    sample.set_defaults(run=_sample)


def _info(args: Namespace) -> int:
    from omni.cli.file import check  # noqa: PLC0415
    from omni.data.info import describe  # noqa: PLC0415

    check(args.files)
    faulty = False
    for at, path in enumerate(args.files):
        told = describe(path)
        faulty |= told.fault is not None
        print(("" if at == 0 else "\n") + "\n".join(told.lines()))
    return 1 if faulty else 0


def _sample(args: Namespace) -> int:
    from omni.data.sample import write  # noqa: PLC0415

    for path, rows in write(args.folder, args.seed):
        print(f"{path}  {rows:,} {'records' if path.suffix in {'.dbn', '.itch50'} else 'rows'}")
    return 0
