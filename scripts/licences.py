"""Holds every crate and every base Python package to the licences, bans and sources of deny.toml."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MANIFESTS = ("Cargo.toml", "fuzz/Cargo.toml")
# Packages state their licence as an expression, a classifier or free text: the names that mean one of the list.
FREE_TEXT = {
    "apache": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "bsd 3-clause": "BSD-3-Clause",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
}


def main() -> int:
    policy = tomllib.loads((ROOT / "deny.toml").read_text(encoding="utf-8"))
    allowed = frozenset(policy["licenses"]["allow"])
    faults = [*crate_faults(policy, allowed), *package_faults(allowed)]
    for fault in faults:
        print(fault)
    return int(bool(faults))


def crate_faults(policy: Mapping[str, Any], allowed: frozenset[str]) -> Iterator[str]:
    banned = {entry["crate"] for entry in policy["bans"]["deny"]}
    registries = {f"registry+{url}" for url in policy["sources"]["allow-registry"]}
    for crate in crates():
        name = f"crate {crate['name']} {crate['version']}"
        if crate["name"] in banned:
            yield f"{name}: banned by deny.toml"
        if crate["source"] is not None and crate["source"] not in registries:
            yield f"{name}: comes from {crate['source']}, only crates.io is allowed"
        if not permits(crate["license"] or "none", allowed):
            yield f"{name}: licence {crate['license']} is not in deny.toml"


def crates() -> Iterator[dict[str, Any]]:
    command = ["cargo", "metadata", "--format-version=1", "--locked", "--all-features", "--quiet"]
    for manifest in MANIFESTS:
        asked = [*command, "--manifest-path", manifest]
        yield from json.loads(subprocess.run(asked, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)["packages"]


def package_faults(allowed: frozenset[str]) -> Iterator[str]:
    for name in locked_packages():
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue  # A marker keeps it from this platform.
        licence = package_licence(found)
        if not permits(licence, allowed):
            yield f"package {name} {found.version}: licence {licence!r} is not in deny.toml"


def locked_packages() -> list[str]:
    lock = (ROOT / "requirements" / "base.lock").read_text(encoding="utf-8")
    return re.findall(r"^([A-Za-z0-9_.-]+)==", lock, flags=re.MULTILINE)


def package_licence(found: Distribution) -> str:
    """Return the licence as an SPDX expression, or what is stated if that can't be told."""
    meta = found.metadata
    classifiers = [line.split(" :: ")[-1] for line in meta.get_all("Classifier", []) if line.startswith("License ::")]
    stated = [meta.get("License-Expression"), *classifiers, meta.get("License")]
    texts = [text.strip().splitlines()[0] for text in stated if text and text.strip()]
    return next((FREE_TEXT.get(text.lower(), text) for text in texts), "none")


def permits(expression: str, allowed: frozenset[str]) -> bool:
    """Decide an SPDX expression: AND needs both sides, OR one; a slash is the old way to write OR."""
    text = expression.replace("/", " OR ")
    words = re.findall(r"\(|\)|[^\s()]+(?:\s+WITH\s+[^\s()]+)?", text)
    terms = [{"AND": "and", "OR": "or"}.get(word, word if word in "()" else str(word in allowed)) for word in words]
    return evaluate(terms)


def evaluate(terms: list[str]) -> bool:
    """Evaluate `True and (False or True)` given as words; OR binds weakest."""
    while "(" in terms:
        start = len(terms) - 1 - terms[::-1].index("(")
        stop = terms.index(")", start)
        terms = [*terms[:start], str(evaluate(terms[start + 1 : stop])), *terms[stop + 1 :]]
    clauses = " ".join(terms).split(" or ")
    return any(all(word == "True" for word in clause.split(" and ")) for clause in clauses)


if __name__ == "__main__":
    sys.exit(main())
