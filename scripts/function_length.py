"""Refuses Python functions longer than a screen; Rust's are clippy's, by too_many_lines."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

LINES_MAX = 70


def main() -> int:
    files = [file for folder in sys.argv[1:] for file in sorted(Path(folder).rglob("*.py"))]
    faults = [fault for file in files if "node_modules" not in file.parts for fault in too_long(file)]
    for fault in faults:
        print(fault)
    return int(bool(faults))


def too_long(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), file)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        if lines > LINES_MAX:
            yield f"{file}:{node.lineno}: {node.name} has {lines} lines, at most {LINES_MAX} are wanted"


if __name__ == "__main__":
    sys.exit(main())
