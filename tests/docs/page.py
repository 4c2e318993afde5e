"""A page of the documentation, as its fenced blocks."""

import re
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^`\n]*)$")
_OTHER_FENCE = re.compile(r"^ *(~~~|````)")
_TITLE = re.compile(r'title="([^"]+)"')


@dataclass(frozen=True)
class Block:
    """One fenced block: where it stands, its language, the file that it is, and its text."""

    page: Path
    line: int
    language: str
    title: str | None
    text: str

    @property
    def place(self):
        return f"{self.page.parent.name}/{self.page.name}:{self.line}"


def blocks(page):
    """Return the fenced blocks of a page, in order."""
    found, opened = [], None
    for number, line in enumerate(page.read_text().splitlines(), 1):
        fence = _FENCE.match(line)
        assert opened or not _OTHER_FENCE.match(line), f"{page}:{number}: fence blocks by three backticks"
        if opened is None and fence:
            opened = (number, fence["indent"], fence["info"], [])
        elif opened is not None and line.strip() == "```":
            found.append(_block(page, *opened))
            opened = None
        elif opened is not None:
            opened[3].append(line.removeprefix(opened[1]))
    assert opened is None, f"{page}:{opened[0]}: the block has no end"
    return found


def _block(page, number, _indent, info, lines):
    title = _TITLE.search(info)
    language = info.split()[0] if info.split() else ""
    return Block(page, number, language, title[1] if title else None, "\n".join(lines) + "\n")
