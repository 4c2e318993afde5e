"""Writes the pages of docs/reference that are made from the code; `--check` only says which are out of date."""
# ruff: noqa: SLF001  argparse has no public way to walk a parser.

import argparse
import re
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from omni.cli.command import COMMANDS
from omni.engine import indicators
from omni.infra.amount import Amount
from omni.infra.schema import Key, keys, strategy_keys
from omni.infra.secret import Secret
from omni.infra.section import Config
from omni.strategy.registry import BUILT_IN, GROUP, find, names

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
NOTE = "<!-- Written by scripts/reference.py from the code: change it there. -->"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a page is out of date")
    check = parser.parse_args().check
    old = [name for name, page in PAGES.items() if not _is(REFERENCE / name, page())]
    for name in old:
        print(f"docs/reference/{name} is out of date: run python scripts/reference.py" if check else f"wrote {name}")
        if not check:
            (REFERENCE / name).write_text(PAGES[name](), encoding="utf-8")
    return int(check and bool(old))


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", NOTE, *parts]) + "\n"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


# The command line.


def cli() -> str:
    listed = _table(("command", "what it does"), [(f"[`omni {c.name}`](#omni-{c.name})", c.summary) for c in COMMANDS])
    codes = _table(
        ("exit code", "meaning"),
        [
            ("0", "done"),
            ("1", "failed; the message says why"),
            ("2", "wrong usage or configuration, or a data file that isn't there: nothing was done"),
            ("3", "a run or backtest is done and kept, but a strategy faulted in it; `omni run` names it"),
            ("130", "interrupted"),
        ],
    )
    intro = "`omni COMMAND --help` says the same in a terminal. Errors go to standard error, one message each."
    parsers = [(f"omni {c.name}", _parser(c.module, c.function, c.name)) for c in COMMANDS]
    return _page("Command line", intro, listed, codes, *(part for at in parsers for part in _command(*at, level=2)))


def _parser(module: str, function: str, name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"omni {name}")
    getattr(import_module(module), function)(parser)
    return parser


def _command(name: str, parser: argparse.ArgumentParser, *, level: int) -> Iterator[str]:
    actions = [action for action in parser._actions if not isinstance(action, argparse._HelpAction)]
    groups = [action for action in actions if isinstance(action, argparse._SubParsersAction)]
    plain = [action for action in actions if action not in groups]
    yield f"{'#' * level} {name}"
    if parser.description:
        yield parser.description
    if not groups:
        yield f"```text\n{_usage(name, plain)}\n```"
    if plain:
        yield _table(("argument", "meaning"), [(_words(action), _help(action)) for action in plain])
    if parser.epilog:
        yield f"```text\n{parser.epilog.strip()}\n```"
    for group in groups:
        texts = {choice.dest: choice.help or "" for choice in group._choices_actions}
        for word, child in group.choices.items():
            child.description = child.description or f"{texts[word][:1].upper()}{texts[word][1:]}."
            yield from _command(f"{name} {word}", child, level=level + 1)


def _usage(name: str, actions: list[argparse.Action]) -> str:
    words = [name]
    for action in sorted(actions, key=lambda each: not each.option_strings):
        text = " ".join(filter(None, [action.option_strings[-1] if action.option_strings else "", _value(action)]))
        words.append(text if action.required else f"[{text}]")
    return " ".join(words)


def _words(action: argparse.Action) -> str:
    shown = ", ".join(action.option_strings) or _value(action)
    return f"`{shown} {_value(action)}`" if action.option_strings and _value(action) else f"`{shown}`"


def _value(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    name = action.metavar or ("|".join(map(str, action.choices)) if action.choices else action.dest.upper())
    return f"{name}…" if action.nargs in {"+", "*"} else str(name)


def _help(action: argparse.Action) -> str:
    return (action.help or "").replace("%%", "%").replace("%(default)s", str(action.default))


# The configuration.


def configuration() -> str:
    parts = [
        "A configuration is TOML. Layers, each over the one before: the defaults below, the file of `--config`, the "
        "environment's `OMNI__SECTION__KEY`, the command line: its flags, and `omni run --set section.key=value` for "
        "any key. On the command line and in the environment a list is written `A,B`, or as in the file: "
        '`["A", "B"]`. `omni config show` prints every key with its value and where it comes from. An unknown key or a '
        "wrong value is an error that says what was expected.",
    ]
    for section in dict.fromkeys(name.partition(".")[0] for name in keys()):
        kind = type(getattr(Config(), section))
        own = [key for name, key in keys().items() if name.startswith(f"{section}.")]
        parts += [f"## [{section}]", kind.__doc__ or "", _keys(own, drop=f"{section}.")]
    parts += [
        "## [[strategy]]",
        "One strategy of the run; the table may stand any number of times. Without one, `omni run` seats the four "
        "examples; on recorded data those that it can feed. Limits that are left out are those of `[risk]`.",
        _keys([key for key in strategy_keys().values() if key.name != "limits"], drop=""),
    ]
    return _page("Configuration", *parts)


def _keys(found: list[Key], *, drop: str) -> str:
    rows = [(f"`{key.name.removeprefix(drop)}`", key.expected, _default(key), _meaning(key)) for key in found]
    return _table(("key", "expects", "default", "meaning"), rows)


def _meaning(key: Key) -> str:
    """Say what a key means; a strategy's own limit means what that of [risk] does."""
    return key.text or keys()[key.name.replace("limits.", "risk.")].text


def _default(key: Key) -> str:  # noqa: PLR0911  # One line per kind of value.
    match key.default:
        case bool():
            return f"`{str(key.default).lower()}`"
        case Amount():
            return f"`{key.default:f}`"
        case Secret() | "":
            return "empty"
        case tuple():
            return f"`{list(key.default)}`".replace("'", '"') if key.default else "`[]`"
        case int() | float():
            return f"`{key.default}`"
        case str() if key.name in {"name", "source"}:
            return "needed"
        case str():
            return f'`"{key.default}"`'
    if hasattr(key.default, "isoformat"):
        return f"`{key.default.isoformat()}`"
    return {"params": "none"}.get(key.name, "as `[risk]`" if key.default is None else "needed")


# Refusals and checks.


def refusals() -> str:
    source = (ROOT / "core/types/src/refusal.rs").read_text(encoding="utf-8")
    variants = re.search(r"pub const ALL: \[Self; \d+\] = \[(.*?)\];", source, re.DOTALL)
    order = re.findall(r"Self::(\w+)", variants[1] if variants else "")
    texts = dict(re.findall(r'Self::(\w+) => "([^"]+)"', source))
    meant = dict(re.findall(r"/// ([^\n]+)\n(?:    #\[default\]\n)?    (\w+)(?: = 0)?,", source))
    said = {name: text for text, name in meant.items()}
    rows = [(str(code), texts[name], said[name].removeprefix("Gate: ")) for code, name in enumerate(order)]
    rows = [(code, words, when[:1].upper() + when[1:]) for code, words, when in rows]
    checks = re.findall(r'    /// ([^\n]+)\n    (\w+), "([^"]+)", (\w+), (\w+);', _source("core/risk/src/check.rs"))
    gate = [(str(at), name, text, texts[refusal]) for at, (text, _, name, _, refusal) in enumerate(checks, 1)]
    return _page(
        "Refusals and checks",
        "A refused order, amend or cancel is a normal execution report with a reason. It changes nothing.",
        "## Reasons",
        "The code stands in the column `reason` of `orders.parquet`; the words stand in reports, in `run.json`, in the "
        "console and in `ExecutionReport.reason`.",
        "A cancel or an amend that crosses the end of its order on the way is too late (FIX 102 = 0) rather than "
        "refused: its report has code 4 too, but it is counted apart, as `too_late`. Code 4 is counted where no such "
        "order ever was.",
        _table(("code", "words", "when"), rows),
        "## The gate's checks",
        "Every order and every amend passes them, in this order; the first that fails is the reason. A cancel counts "
        "against the message rate and is never held back by it.",
        _table(("", "check", "passes when, or what it measures", "reason where it fails"), gate),
    )


def _source(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


# Indicators and strategies.


def library() -> str:
    rows = [
        (f"`{name}`", title, ", ".join(_parameter(*each) for each in parameters), ", ".join(ins), ", ".join(outs))
        for name, title, parameters, ins, outs in indicators()
    ]
    parts = [
        "## Indicators",
        '`self.indicator("sma", 20)` makes one in a strategy. `update` takes one row of inputs in the order given here '
        "and returns the value, a tuple where there are several outputs, or `None` until it is warm.",
        _table(("name", "what it is", "parameters", "inputs", "outputs"), rows),
        "## Strategies",
        f"They are found by name through the entry points of `{GROUP}`; a package of yours adds its own the same way. "
        f"Built into the engine, in Rust: {', '.join(f'`{name}`' for name in BUILT_IN)}.",
    ]
    for name in names():
        parts += list(_OF_THE_CORE[name]() if name in BUILT_IN else _strategy(name))
    return _page("Indicators and strategies", *parts)


def _parameter(name: str, default: float | None) -> str:
    return name if default is None else f"{name} = {default:g}"


def _maker() -> Iterator[str]:
    """Read the table that the maker is made from."""
    row = re.compile(r'^    (?:Whole|Real) (\w+), \(([^,]+), [^)]*\), "([^"]+)",\s+"([^"]+)";', re.MULTILINE)
    found = row.findall(_source("core/quoting/src/params.rs"))
    yield "### maker"
    yield "Quotes both sides: fair value, spread from volatility, inventory skew. In Rust, `core/quoting`."
    rows = [(f"`{name}`", f"`{float(value.replace('_', '')):g}`", unit, text) for name, value, unit, text in found]
    yield _table(("parameter", "default", "unit", "meaning"), rows)


def _taker() -> Iterator[str]:
    """Read the table that the taker is made from."""
    row = re.compile(r'^    \("(\w+)", ([^,]+), [^,]+, [^,]+, (?:true|false), "([^"]+)"\),', re.MULTILINE)
    yield "### taker"
    yield "The logic of `imbalance` in Rust, `core/quoting`; also the worked example of compiled strategies."
    rows = [
        (f"`{name}`", f"`{value}`", text) for name, value, text in row.findall(_source("core/quoting/src/taker.rs"))
    ]
    yield _table(("parameter", "default", "meaning"), rows)


_OF_THE_CORE = {"maker": _maker, "taker": _taker}


def _strategy(name: str) -> Iterator[str]:
    kind = find(name)
    yield f"### {name}"
    yield " ".join((kind.__doc__ or "").split("\n\n")[0].split())
    rows = [(f"`{each}`", f"`{own.default}`", own.text) for each, own in kind.parameters().items()]
    yield _table(("parameter", "default", "meaning"), rows)


PAGES: dict[str, Callable[[], str]] = {
    "cli.md": cli,
    "configuration.md": configuration,
    "refusals.md": refusals,
    "library.md": library,
}

if __name__ == "__main__":
    sys.exit(main())
