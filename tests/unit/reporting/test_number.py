"""Numbers as they are read."""

from decimal import Decimal

import pytest

from omni.reporting import number
from omni.reporting.markup import Html, join, tag


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0", "0.00"),
        ("-0.001", "0.00"),
        ("1234.565", "1,234.56"),
        ("-1e6", "\N{MINUS SIGN}1,000,000.00"),
        ("5", "+5.00"),
    ],
)
def test_changes_have_a_sign_unless_they_are_zero(value, shown):
    assert number.signed(Decimal(value), 2, plus=value == "5") == shown


def test_money_keeps_its_exact_amount():
    assert number.money(Decimal("12.34567"), "USD") == '<data value="12.34567" title="12.34567 USD">12.35</data>'


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (7, "7 ns"),
        (999, "999 ns"),
        (1_000, "1.00 µs"),
        (99_949, "99.9 µs"),
        (123_456, "123 µs"),
        (2_500_000_000, "2.50 s"),
    ],
)
def test_latencies_have_three_digits(value, shown):
    assert number.latency(value) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.5, "0.50 s"), (58.4, "58 s"), (60, "1 min"), (23_400, "6 h 30 min"), (90_061, "1 d 1 h"), (3_605, "1 h")],
)
def test_durations_have_two_units(seconds, shown):
    assert number.duration(int(seconds * 1e9)) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(12.25, "12.25"), (-1_234, "\N{MINUS SIGN}1,234"), (999_499, "999.5k"), (1_234_567, "1.23M"), (4.03e9, "4.03B")],
)
def test_compact_amounts(value, shown):
    assert number.compact(value) == shown


def test_markup_escapes_all_that_is_not_markup():
    assert tag("p", "<&>", Html("<b/>"), title='"') == '<p title="&quot;">&lt;&amp;&gt;<b/></p>'
    assert join("a\x00", None, ["b", ("c",)]) == "a\ufffdbc"
