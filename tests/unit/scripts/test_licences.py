"""Licence expressions are judged as SPDX means them."""

import importlib.util

import pytest

from tests.conftest import ROOT

ALLOWED = frozenset({"MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "Unicode-3.0"})


@pytest.fixture(scope="module")
def licences():
    spec = importlib.util.spec_from_file_location("licences", ROOT / "scripts" / "licences.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "expression",
    [
        "MIT",
        "MIT OR GPL-3.0",
        "MIT/Apache-2.0",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
        "MIT AND Apache-2.0 OR GPL-3.0",
    ],
)
def test_permitted(licences, expression):
    assert licences.permits(expression, ALLOWED)


@pytest.mark.parametrize(
    "expression",
    ["GPL-3.0", "none", "MIT AND GPL-3.0", "(MIT OR Apache-2.0) AND GPL-3.0", "MIT WITH Classpath-exception-2.0"],
)
def test_refused(licences, expression):
    assert not licences.permits(expression, ALLOWED)
