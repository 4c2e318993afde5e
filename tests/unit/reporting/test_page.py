"""The report is one well-formed file that needs nothing else and says what the run's data say."""

import re
from decimal import Decimal
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from msgspec import structs

from omni.model.error import DataError
from omni.reporting import page
from omni.reporting.run_data import Account, Instrument, Strategy

VOID = {"meta"}
AMOUNTS = {"account": 10, "name": "a", "currency": "USD"} | dict.fromkeys(
    ("equity", "realised", "unrealised", "fees"), "1"
)


def parse(html):
    """Return the page as a tree: it is XML too, but for its own style and script."""
    plain = re.sub(r"<(style|script)>.*?</\1>", "", html, flags=re.DOTALL)
    return ET.fromstring(plain.removeprefix("<!DOCTYPE html>\n"))


def words(element):
    return " ".join("".join(element.itertext()).split())


def find(tree, name, **attributes):
    """Return the elements of this name, in HTML or SVG, that have these attributes."""
    found = (each for each in tree.iter() if each.tag.rpartition("}")[2] == name)
    return [each for each in found if all(each.get(key) == value for key, value in attributes.items())]


def cells(tree, section):
    """Return a section's first table: rows of words."""
    body = find(find(tree, "section", id=section)[0], "tbody")[0]
    return [[words(cell) for cell in row] for row in body]


class Stack(HTMLParser):
    """Follows the open elements, as a browser does."""

    def __init__(self):
        super().__init__()
        self.open, self.urls = [], []

    def handle_starttag(self, tag, attrs):
        self.urls += [value for name, value in attrs if name in {"href", "src", "srcset", "action", "data"}]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


ENDINGS = [
    ("completed", None),
    ("stopped", "operator: lunch"),
    ("killed", "drill <now> & then"),
    ("failed", "disk is full: /runs\x00\ud800"),
]


@pytest.mark.parametrize(("ending", "message"), ENDINGS)
@pytest.mark.parametrize("kind", ["run_data", "empty"])
def test_every_ending_makes_a_whole_page(sample, kind, ending, message, tmp_path):
    page.write(tmp_path / "report.html", getattr(sample, kind)(ending=ending, message=message))
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    stack = Stack()
    stack.feed(html)
    stack.close()
    assert stack.open == []
    told = find(parse(html), "div", role="status")[0]
    assert told.get("class") == f"ending {ending}"
    assert words(told).lower().startswith(ending)
    if message:
        assert message.split("\x00", maxsplit=1)[0] in words(told)
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]


def test_it_asks_for_nothing_from_elsewhere(sample):
    html = page.render(sample.run_data())
    stack = Stack()
    stack.feed(html)
    assert all(url.startswith("#") for url in stack.urls)
    assert stack.urls, "the marks of fills refer to shapes within the page"
    found = set(re.findall(r"""(?:https?:)?//[\w.][^\s"'<]*""", re.sub(r"^\s*//.*$", "", html, flags=re.MULTILINE)))
    assert found <= {"http://www.w3.org/2000/svg"}
    assert "@import" not in html
    assert "url(" not in html


def test_all_references_resolve_and_ids_are_unique(sample):
    tree = parse(page.render(sample.run_data()))
    ids = [each.get("id") for each in tree.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    assert {each.get("href")[1:] for each in find(tree, "use")} <= set(ids)


def test_text_of_others_is_text(sample):
    nasty = '<img src=x onerror="alert(1)">&amp;</script></style>'
    html = page.render(
        sample.run_data(
            run=nasty,
            mode=nasty,
            environment=nasty,
            version=nasty,
            digest=nasty,
            rules=(nasty,),
            configuration=nasty,
            refusals={nasty: 1},
            counts={nasty: 1},
            strategies=(Strategy(1, 10, nasty, nasty, nasty),),
        )
    )
    tree = parse(html)
    assert not find(tree, "img")
    assert html.count("</script>") == 1
    assert html.count("</style>") == 1
    assert words(find(find(tree, "tr", **{"class": "fault"})[0], "pre")[0]) == nasty
    assert words(find(tree, "ul", **{"class": "rules"})[0]) == nasty


def test_the_fault_shows_as_it_was_written(sample):
    tree = parse(page.render(sample.run_data()))
    assert "".join(find(find(tree, "tr", **{"class": "fault"})[0], "pre")[0].itertext()) == sample.FAULT


def test_mode_and_hash_head_the_page(sample):
    for mode in ("sim", "paper", "live"):
        tree = parse(page.render(sample.run_data(mode=mode)))
        header = find(tree, "header")[0]
        assert words(find(header, "span", title="Mode")[0]) == mode.upper()
        assert "ab12ab12ab12" in words(header)
        assert words(find(tree, "title")[0]).startswith(mode.upper())


def test_the_strategies_table_has_the_datas_numbers(sample):
    data = sample.run_data()
    tree = parse(page.render(data))
    rows = [row for row in cells(tree, "strategies") if len(row) > 1]
    assert [row[0] for row in rows] == ["crosssession 1", "takersession 2"]
    assert [row[1:6] for row in rows] == [
        ["finished", "3", "2", "50%", "15,077"],
        ["faulted", "6", "2", "0%", "600.0k"],
    ]
    exact = [each.get("value") for each in find(find(tree, "section", id="strategies")[0], "data")]
    for account in data.accounts:
        for amount in (account.realised, account.unrealised, account.fees, account.equity):
            assert amount in exact
    assert "90.125" in exact, "the net of cross is 95.625 - 1 - 4.5"
    assert str(Decimal("10090.1250") + Decimal("19941.00")) in exact, "the sum of equity"


def test_volume_is_exact(sample):
    values = [each.get("value") for each in find(strategies(sample.run_data()), "data")]
    assert Decimal("100.51") * 100 + Decimal("100.52") * 50 in {Decimal(value) for value in values}
    assert (16_000 * 2 + 16_004) * Decimal("0.25") * 50 in {Decimal(value) for value in values}


def strategies(data):
    return find(parse(page.render(data)), "section", id="strategies")[0]


def test_the_drawdown_is_the_curves(sample):
    falls = sample.run_data().equity
    second = falls["equity"][1::2]
    row = next(row for row in cells(parse(page.render(sample.run_data())), "strategies") if row[0].startswith("taker"))
    assert row[11] == f"{second.max() - second[-1]:.2f}"


def test_the_drawdown_says_what_it_is_of_and_is_no_less_than_at_the_end(sample):
    accounts = [structs.replace(each, peak="20123.45") for each in sample.run_data().accounts if each.name == "taker"]
    data = sample.run_data(accounts=tuple(accounts))
    tree = parse(page.render(data))
    row = next(row for row in cells(tree, "strategies") if row[0].startswith("taker"))
    assert row[11] == "182.45", "its peak, between samples, less its last equity"
    assert "equity sampled every 1 min" in words(strategies(data))
    tile = next(words(each) for each in find(tree, "div") if words(each).startswith("Max drawdown, USD"))
    assert tile == "Max drawdown, USD182.450.907% of the peak, sampled every 1 min"


def test_refusals_are_ranked_and_summed(sample):
    section = find(parse(page.render(sample.run_data())), "section", id="refusals")[0]
    rows = [[words(cell) for cell in row] for row in find(section, "tr")]
    assert rows[1][:3] == ["price is outside the collar", "3", "75.0%"]
    assert rows[2][:3] == ["too many messages in the rate window", "1", "25.0%"]
    assert rows[3][:2] == ["Total", "4"]


def test_latencies_are_the_datas_and_unmeasured_steps_are_left_out(sample):
    rows = cells(parse(page.render(sample.run_data())), "latency")
    assert [row[:7] for row in rows] == [["risk gate", "1,000", "41 ns", "55 ns", "88 ns", "410 ns", "91.0 µs"]]


def test_counts_and_the_way_to_verify(sample):
    tree = parse(page.render(sample.run_data(run="a b; rm")))
    counts = words(find(tree, "section", id="counts")[0])
    assert "Inputs applied123,456" in counts
    assert "their order had ended7" in counts
    assert "Inputs per second of wall time24,691" in counts
    verify = words(find(tree, "section", id="verify")[0])
    assert "omni verify 'a b; rm'" in verify, "a command to be pasted is quoted"
    assert "ab12" * 16 in verify
    assert "cd34" * 16 in verify


def test_fills_are_marked_by_side_with_their_words(sample):
    tree = parse(page.render(sample.run_data()))
    marks = [(each.get("href"), words(each)) for each in find(tree, "use")]
    assert ("#buy3m", "Bought 100 at 14:31:00, price 100.51") in marks
    assert ("#sell3", "Sold 50 at 14:32:00, price 100.52") in marks
    assert ("#buy3", "Bought 2 at 15:00:00, price 4,000.00") in marks
    assert len(marks) == 4


def test_every_chart_has_a_title_and_a_description(sample):
    charts = find(parse(page.render(sample.run_data())), "svg", role="img")
    assert len(charts) == 5, "equity, profit, drawdown, two prices"
    assert all(words(find(each, "title")[0]) and words(find(each, "desc")[0]) for each in charts)


def test_an_empty_run_says_what_there_was_none_of(sample):
    tree = parse(page.render(sample.empty()))
    told = [words(each) for each in find(tree, "p", **{"class": "none"})]
    assert len(told) == 7
    assert not find(tree, "svg", role="img")


def test_two_currencies_are_never_added(sample):
    euro = Account(account=11, name="taker", currency="EUR", equity="1", realised="2", unrealised="0", fees="0")
    data = sample.run_data(accounts=(sample.run_data().accounts[0], euro))
    tree = parse(page.render(data))
    shown = [words(each) for each in find(find(tree, "dl", **{"class": "tiles"})[0], "dt")]
    assert "Net profit, USD" in shown
    assert "Net profit, EUR" in shown
    assert not find(find(tree, "section", id="strategies")[0], "tfoot")


def test_a_strategy_without_its_account_shows_no_money(sample):
    rows = cells(parse(page.render(sample.run_data(accounts=(), equity={}))), "strategies")
    assert rows[0][6:] == ["\N{EN DASH}"] * 7


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"equity": {"time": [1], "account": [1]}}, "equity: column 'equity' is missing"),
        ({"equity": {"time": [1], "account": [1, 2], "equity": [1.0]}}, "one length"),
        ({"equity": {"time": [1], "account": [10], "equity": [float("nan")]}}, "row 0 is nan"),
        ({"equity": {"time": [1], "account": [10], "equity": ["x"]}}, "expected numbers"),
        ({"instruments": (Instrument(0, "AAA", "OMNI", "USD", "0.01"),)}, "instrument 1 has fills"),
        ({"accounts": (Account(**(AMOUNTS | {"equity": "1e"})),)}, "found '1e'"),
    ],
)  # fmt: skip
def test_data_that_do_not_hold_together_are_refused(sample, changes, told):
    with pytest.raises(DataError, match=told):
        page.render(sample.run_data(**changes))


def test_a_report_that_fails_leaves_the_old_one(sample, tmp_path):
    path = tmp_path / "report.html"
    path.write_text("old")
    with pytest.raises(DataError):
        page.write(path, sample.run_data(equity={"time": [1]}))
    assert path.read_text() == "old"


def test_a_large_day_stays_small(sample):
    rng = np.random.default_rng(1)
    minutes, instruments, fills = 390, 100, 100_000
    closes = 10_000 + np.cumsum(rng.integers(-5, 6, (minutes, instruments)), axis=0).ravel()
    times = np.repeat(sample.START + sample.MINUTE * np.arange(1, minutes + 1), instruments)
    html = page.render(
        sample.run_data(
            instruments=tuple(Instrument(each, f"GEN{each}", "OMNI", "USD", "0.01") for each in range(instruments)),
            bars={
                "time": times,
                "instrument": np.tile(np.arange(instruments), minutes),
                "open": closes,
                "high": closes + 4,
                "low": closes - 4,
                "close": closes,
                "volume": np.full(len(times), 100),
            },
            fills={
                "time": sample.START + rng.integers(0, minutes * sample.MINUTE, fills),
                "session": rng.integers(1, 3, fills),
                "instrument": rng.integers(0, instruments, fills),
                "side": rng.integers(0, 2, fills),
                "price": 10_000 + rng.integers(-50, 50, fills),
                "quantity": rng.integers(1, 500, fills),
                "liquidity": rng.integers(1, 3, fills),
            },
        )
    )
    assert len(html.encode()) < 1_000_000
    tree = parse(html)
    assert len(find(tree, "details")) == 8, "six charts, the table of instruments, the configuration"
    assert all(path.get("d", "").count("L") < 1_500 for path in find(tree, "path"))
    assert page.render(sample.empty()) == page.render(sample.empty()), "the same data give the same page"
