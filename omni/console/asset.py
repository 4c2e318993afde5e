"""The page's own files, read once: what isn't among them can't be asked for."""

from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).parent / "static"
_TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain",
}
_UNBUILT = (
    b"<!doctype html><title>OMNI Alpha</title><p>The console's page isn't built: "
    b"run <code>npm ci &amp;&amp; npm run build</code> in omni/console/web, or <code>make</code>."
)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of the page."""

    content: bytes
    media_type: str
    cache_control: str


def load_assets(folder: Path = STATIC) -> dict[str, Asset]:
    """Return the page's files by URL path; `/` is the page. Without a build, `/` says how to make one."""
    found = {f"/{path.relative_to(folder).as_posix()}": _read(path) for path in folder.rglob("*") if path.is_file()}
    index = found.pop("/index.html", None)
    found["/"] = index or Asset(_UNBUILT, _TYPES[".html"], "no-store")
    return found


def _read(path: Path) -> Asset:
    named_by_content = path.parent.name == "assets"
    cache = "public, max-age=31536000, immutable" if named_by_content else "no-cache"
    return Asset(path.read_bytes(), _TYPES.get(path.suffix, "application/octet-stream"), cache)
