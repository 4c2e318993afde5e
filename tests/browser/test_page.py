"""The console's page in a real browser, on the gateway's real socket."""

import gzip
import re
import urllib.request

import pytest

from omni.infra.control import ControlClient


def test_the_numbers_are_the_nodes(desk):
    assert desk.text("mode") == "SIM"
    assert desk.text("run-id") == "example"
    desk.wait_for_value("kill-state", "off")
    order = "orders-2-18446744073709551615"  # beyond 2^53 no digit is lost
    assert desk.text(f"{order}-price") == "150.10"
    assert desk.value(f"{order}-leaves") == "60"
    assert desk.text("positions-1-7-average") == "150.2550"
    assert desk.value("latency-strategy-p99_ns") == "980"
    values = desk.values()
    assert values["strategy-2-open_orders"] == "1"
    assert values["strategy-2-fills"] == values["strategy-2-refusals"] == values["summary-fills"]
    assert int(values["strategy-2-orders"]) == int(values["strategy-2-fills"]) + 1
    assert re.fullmatch(r"100\d{3}\.\d\d", values["strategy-2-equity"])
    assert values["summary-equity"] == values["strategy-2-equity"]
    of_account, of_all = desk.texts("strategy-2-equity", "summary-equity")
    assert re.fullmatch(r"100,\d{3}\.\d\d", of_account)
    assert of_account == of_all


def test_it_is_live(desk):
    before = int(desk.value("summary-inputs"))
    desk.page.wait_for_function(
        "before => Number(document.querySelector('[data-testid=summary-inputs]').dataset.value) > before + 10",
        arg=before,
    )
    assert desk.text("link") == "Live"
    # Many views were shown, and the list in the page stays as short as what is in sight.
    assert desk.page.locator("[data-testid^=fills-] .row, [data-testid=fills] [role=row]").count() < 60


MOMENT = """() => [
    Object.fromEntries(
        [...document.querySelectorAll("[data-testid][data-value]")].map(e => [e.dataset.testid, e.dataset.value])
    ),
    [...document.querySelector("[data-testid=fills] .space [role=row]").children].map(e => e.innerText),
]"""


def test_a_new_fill_is_on_top_with_its_exact_numbers(desk):
    desk.page.get_by_test_id("fills").get_by_role("row").nth(1).wait_for()
    # All of one moment: the next fill moves the rows.
    values, top = desk.page.evaluate(MOMENT)
    row = f"fills-{int(values['summary-fills']) - 1}"
    assert (values[f"{row}-price"], values[f"{row}-fee"]) == ("15025", "0.10")
    assert {"150.25", "sell", "taker"} <= set(top)


def test_the_ladder_marks_our_orders_and_follows_the_chosen_instrument(desk):
    assert desk.value("instrument") == "7"
    desk.wait_for_value("depth-bid-0-price", "15019")
    assert desk.text("depth-ask-0-price") == "150.21"
    assert desk.value("depth-bid-0-own") == "100"
    assert "100" in desk.text("depth-bid-0-own")
    assert desk.text("depth-spread") == "spread 0.02"
    desk.page.keyboard.press("/")
    desk.page.keyboard.type("sim3")
    desk.page.keyboard.press("Enter")
    desk.wait_for_value("instrument", "3")
    desk.wait_for_value("depth-bid-0-price", "15019")
    desk.page.keyboard.press("]")
    desk.wait_for_value("instrument", "4")


def test_the_kill_switch_asks_for_a_reason_and_a_second_act(desk, node):
    page = desk.page
    page.keyboard.press("k")
    dialog = page.get_by_test_id("kill-dialog")
    dialog.wait_for()
    confirm = page.get_by_test_id("kill-confirm")
    assert confirm.is_disabled()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    with ControlClient(node) as client:
        assert client.status()["kill"]["on"] is False, "opening the dialog alone does nothing"
        page.get_by_test_id("kill-button").click()
        page.keyboard.type("wrong prices")
        confirm.click()
        page.get_by_test_id("killed-banner").wait_for()
        desk.wait_for_value("kill-state", "on")
        assert client.status()["kill"]["reason"] == "wrong prices"
        assert "wrong prices" in desk.text("kill-reason")
        page.keyboard.press("k")
        page.keyboard.type("prices are right again")
        page.keyboard.press("Enter")
        desk.wait_for_value("kill-state", "off")
        assert client.status()["kill"]["on"] is False


def test_the_run_is_stopped_by_a_second_act(desk, node):
    page = desk.page
    dialog = page.get_by_test_id("stop-dialog")
    page.keyboard.press("s")
    dialog.wait_for()
    page.keyboard.press("Enter")
    dialog.wait_for(state="hidden")
    with ControlClient(node) as client:
        assert client.status()["clock"]["state"] == "running", "the key and Enter alone do nothing"
    page.get_by_test_id("stop-button").click()
    assert "1 working order in SIM mode" in dialog.inner_text()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    dialog.wait_for(state="hidden")
    banner = page.get_by_test_id("over-banner")
    banner.wait_for()
    assert "before its day was over" in banner.inner_text()
    assert desk.text("report") == str(node / "report.html")
    assert desk.text("clock-state") == "done"
    assert page.get_by_test_id("stop-button").is_disabled()
    page.keyboard.press("s")
    assert not dialog.is_visible(), "there is nothing to stop any more"


def test_a_strategy_is_stopped_and_started(desk):
    toggle = desk.page.get_by_test_id("strategy-2-toggle")
    toggle.click()
    desk.page.get_by_test_id("strategy-2-state").get_by_text("stopped").wait_for()
    toggle.click()
    desk.page.get_by_test_id("strategy-2-state").get_by_text("running").wait_for()


def test_the_speed_is_set(desk, node):
    desk.page.get_by_test_id("speed").select_option("60")
    desk.wait_for_value("speed", "60")
    with ControlClient(node) as client:
        assert client.status()["clock"]["speed"] == 60


def test_a_refused_command_is_told(desk, node):
    with ControlClient(node) as client:
        client.kill("by somebody else")
        desk.wait_for_value("kill-state", "on")
        desk.page.keyboard.press("k")
        desk.page.get_by_test_id("kill-reason-input").fill("mine")
        client.resume("by somebody else")
        desk.page.get_by_test_id("kill-confirm").click()
    assert "kill switch is not on" in desk.page.get_by_test_id("kill-error").inner_text()


def test_the_token_leaves_the_address_and_scripts_cant_read_the_cookie(desk, console):
    assert desk.page.url == console.address
    assert desk.page.evaluate("document.cookie") == ""
    assert console.token.text not in desk.page.content()
    kept = desk.page.context.cookies()
    assert [(c["httpOnly"], c["sameSite"]) for c in kept] == [(True, "Strict")]
    desk.page.reload()
    desk.wait()


def test_without_the_token_the_page_shows_nothing_of_the_run(visit, console):
    page = visit(console, link=console.address)
    page.get_by_test_id("sign-in").wait_for()
    assert "example" not in page.content()
    page.get_by_test_id("token-input").fill("0" * 32)
    page.get_by_test_id("token-submit").click()
    assert "not this console's token" in page.get_by_test_id("sign-in-error").inner_text()
    page.get_by_test_id("token-input").fill(console.token.text)
    page.get_by_test_id("token-submit").click()
    page.get_by_test_id("desk").wait_for()


@pytest.mark.parametrize(("scheme", "other"), [("dark", "light"), ("light", "dark")])
def test_it_follows_the_systems_look_until_told_otherwise(visit, console, scheme, other):
    page = visit(console, color_scheme=scheme)
    page.get_by_test_id("desk").wait_for()
    assert page.locator("html").get_attribute("data-theme") == scheme
    page.keyboard.press("t")
    page.locator(f"html[data-theme={other}]").wait_for()
    page.reload()
    page.get_by_test_id("desk").wait_for()
    assert page.locator("html").get_attribute("data-theme") == other


INKS = """names => Object.fromEntries(names.map(name =>
    [name, getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()]))"""
PAINTED = """([chart, inks]) => {
    const found = new Set();
    for (const canvas of document.querySelectorAll(`[data-testid=${chart}-chart] canvas`)) {
        const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
        copy.drawImage(canvas, 0, 0);
        const dots = new Uint32Array(copy.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
        for (const [name, ink] of Object.entries(inks)) {
            const [r, g, b] = [1, 3, 5].map(at => parseInt(ink.slice(at, at + 2), 16));
            if (dots.includes((255 << 24 | b << 16 | g << 8 | r) >>> 0)) found.add(name);
        }
    }
    return [...found].sort();
}"""
CHART_INKS = {"price": ["accent", "line", "line-strong", "own", "up"], "equity": ["line", "up"]}


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_charts_take_the_colours_of_the_look(visit, console, read_desk, scheme):
    desk = read_desk(visit(console, color_scheme=scheme)).wait()
    _wait_for_chart(desk, arrows=True)
    page = desk.page
    before = {chart: page.evaluate(INKS, names) for chart, names in CHART_INKS.items()}
    for _ in range(2):
        page.keyboard.press("t")
        now = {chart: page.evaluate(INKS, names) for chart, names in CHART_INKS.items()}
        assert now != before
        for chart, names in CHART_INKS.items():
            page.wait_for_function(f"args => ({PAINTED})(args).join() === '{','.join(names)}'", arg=[chart, now[chart]])
            assert page.evaluate(PAINTED, [chart, before[chart]]) == [], f"the {chart} chart keeps no other look's ink"
        before = now


#: Fills the summary with a day's numbers of four accounts, and gives how far it sticks out of its frame.
MILLIONS = """() => {
    const shown = {
        equity: "4,003,238.19", profit: "+3,238.19", unrealised: "+3,247.49", gross: "1,367,249", inputs: "4,021,109",
    };
    for (const [name, text] of Object.entries(shown)) {
        document.querySelector(`[data-testid=summary-${name}]`).textContent = text;
    }
    const summary = document.querySelector("[aria-label=Summary]");
    return summary.scrollWidth - summary.clientWidth;
}"""


@pytest.mark.parametrize(
    ("width", "height"), [(1280, 720), (1280, 800), (1920, 1080), (820, 1180), (390, 844), (320, 568)]
)
def test_nothing_sticks_out_at_any_width(visit, console, node, width, height):
    page = visit(console, viewport={"width": width, "height": height})
    page.get_by_test_id("desk").wait_for()
    wide, tall = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert wide <= width
    if width >= 1280:
        assert tall <= height, "a desk shows all its panels at once"
        with ControlClient(node) as client:
            client.kill("drill")
        page.get_by_test_id("killed-banner").wait_for()
        # Also below a banner, once the frame that shows it has given it its place.
        page.wait_for_function("height => document.documentElement.scrollHeight <= height", arg=height)
    cut = page.evaluate(
        "[...document.querySelectorAll('[data-testid^=summary-],[data-testid^=strategy-],[data-testid=clock],[data-testid=mode]')]"
        ".filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0).map(e => e.dataset.testid)"
    )
    assert cut == [], "no number is cut off"
    assert page.evaluate(MILLIONS) <= 0, "nor is any of the summary, where it is of millions"


def test_everything_is_reached_by_keyboard(desk):
    page = desk.page
    page.keyboard.press("?")
    page.get_by_test_id("help-dialog").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("8")
    assert page.evaluate("document.activeElement.closest('[data-testid]').dataset.testid") == "fills"
    page.locator("body").click(position={"x": 640, "y": 60})
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.dataset.testid ?? ''"))
    assert {
        "speed",
        "theme",
        "help",
        "stop-button",
        "kill-button",
        "instrument",
        "equity-choice",
        "strategy-2-toggle",
        "kill-open",
    } <= reached


def test_a_row_chooses_its_instrument_by_keyboard_and_by_mouse(desk):
    page = desk.page
    _choose(desk, "sim3")
    desk.wait_for_value("instrument", "3")
    page.keyboard.press("7")
    orders = page.get_by_role("grid", name="Working orders")
    assert orders.get_attribute("aria-activedescendant") is None
    page.keyboard.press("ArrowDown")
    active = orders.get_attribute("aria-activedescendant")
    row = page.locator(f"[id='{active}']")
    assert row.get_attribute("aria-selected") == "false"
    page.keyboard.press("Enter")
    desk.wait_for_value("instrument", "7")
    assert row.get_attribute("aria-selected") == "true"
    _choose(desk, "sim3")
    page.keyboard.press("8")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    desk.wait_for_value("instrument", "7")
    _choose(desk, "sim3")
    page.get_by_test_id("positions-1-7-quantity").click()
    desk.wait_for_value("instrument", "7")


def test_the_row_that_the_keyboard_is_on_stays_while_new_ones_come(desk):
    page = desk.page
    page.keyboard.press("8")
    page.keyboard.press("ArrowDown")
    fills = page.get_by_role("grid", name="Fills")
    active = fills.get_attribute("aria-activedescendant")
    before = int(desk.value("summary-fills"))
    page.wait_for_function(
        "before => Number(document.querySelector('[data-testid=summary-fills]').dataset.value) > before + 5", arg=before
    )
    assert fills.get_attribute("aria-activedescendant") == active
    page.keyboard.press("End")
    page.locator("[id='fills-row-0'].active").wait_for()
    assert fills.get_attribute("aria-activedescendant") == "fills-row-0"
    page.keyboard.press("Home")
    page.locator("[data-testid=fills]:not([aria-activedescendant='fills-row-0'])").wait_for()
    newest = int(fills.get_attribute("aria-activedescendant").removeprefix("fills-row-"))
    assert newest > before, "the top row, though newer ones have come since"


def test_the_fills_of_the_chosen_instrument_alone(desk):
    page = desk.page
    only = page.get_by_test_id("fills-only")
    only.click()
    page.locator("[data-testid=fills]:not([data-rows='0'])").wait_for()
    assert only.get_attribute("aria-pressed") == "true"
    _choose(desk, "sim3")
    page.locator("[data-testid=fills][data-rows='0']").wait_for()
    assert "No order of a strategy has traded in SIM3." in desk.text("fills")


def test_a_lost_node_is_told_and_found_again(running_node, open_console, visit, tmp_path):
    with open_console(tmp_path) as console:
        with running_node(tmp_path, crashes=True):
            page = visit(console)
            page.get_by_test_id("desk").wait_for()
        page.get_by_test_id("link").get_by_text("Node lost").wait_for()
        page.get_by_test_id("stale-banner").wait_for()
        with running_node(tmp_path):
            page.get_by_test_id("link").get_by_text("Live").wait_for()
            page.get_by_test_id("stale-banner").wait_for(state="detached")


def test_the_end_of_a_run_is_no_loss_of_its_node(running_node, open_console, visit, read_desk, tmp_path):
    with open_console(tmp_path) as console:
        with running_node(tmp_path):
            desk = read_desk(visit(console)).wait()
        desk.page.get_by_test_id("over-banner").wait_for()
        last = desk.values()
        assert desk.text("link") == "Over"
        assert desk.value("kill-state") == "off"
        assert desk.text("kill-state") == "the run is over"
        assert desk.text("strategy-2-state") == "ended"
        assert "1 of 1 ran until the end" in desk.page.locator("#panel-strategies").inner_text()
        assert not re.search(r"\d", desk.text("inputs-per-s")), "nothing comes in any more"
        assert desk.page.get_by_test_id("stale-banner").count() == 0
        desk.page.keyboard.press("k")
        assert not desk.page.get_by_test_id("kill-dialog").is_visible(), "there is nothing to kill any more"
        late = read_desk(visit(console)).wait().values()
        assert (late["summary-equity"], late["summary-fills"]) == (last["summary-equity"], last["summary-fills"])


def _choose(desk, symbol: str) -> None:
    desk.page.get_by_test_id("instrument").click()
    desk.page.keyboard.type(symbol)
    desk.page.keyboard.press("Enter")


def _wait_for_chart(desk, *, arrows: bool) -> None:
    """Wait until the price chart has candles, and arrows or none."""
    wanted = "not([data-arrows='0'])" if arrows else "is([data-arrows='0'])"
    desk.page.locator(f"[data-testid=price-chart]:not([data-bars='0']):{wanted}").wait_for()


def test_a_page_opened_after_the_end_shows_any_instrument(running_node, open_console, visit, read_desk, tmp_path):
    with running_node(tmp_path, "--linger"), open_console(tmp_path) as console:
        desk = read_desk(visit(console)).wait()
        _wait_for_chart(desk, arrows=True)
        with ControlClient(tmp_path) as client:
            client.stop()
        desk.page.get_by_test_id("over-banner").wait_for()
        late = read_desk(visit(console)).wait()
        late.wait_for_value("instrument", "7")
        _wait_for_chart(late, arrows=True)
        late.wait_for_value("depth-bid-0-price", "15019")
        _choose(late, "sim3")
        late.wait_for_value("instrument", "3")
        _wait_for_chart(late, arrows=False)
        late.wait_for_value("depth-bid-0-price", "15019")
        assert late.page.locator("[data-testid$=-empty]").count() == 0
        late.page.reload()
        late.wait().wait_for_value("instrument", "3")
        _wait_for_chart(late, arrows=False)
        _choose(late, "sim11")
        late.page.get_by_test_id("price-empty").get_by_text("was kept at the run's end").wait_for()
        late.page.get_by_test_id("depth-empty").get_by_text("SIM11.XOMN").wait_for()
        desk.wait_for_value("instrument", "7")
        _wait_for_chart(desk, arrows=True)


def test_a_reload_keeps_the_chosen_instrument(desk, visit, console, read_desk):
    _choose(desk, "sim5")
    desk.wait_for_value("instrument", "5")
    desk.wait_for_value("depth-bid-0-price", "15019")
    desk.page.reload()
    desk.wait().wait_for_value("instrument", "5")
    _wait_for_chart(desk, arrows=False)
    other = read_desk(visit(console)).wait()
    other.wait_for_value("instrument", "7")


def test_limits_in_use_are_shown(desk):
    exposure = desk.page.get_by_test_id("risk-1-gross_exposure")
    assert desk.value("risk-1-gross_exposure") == "2500.00"
    assert exposure.get_attribute("title") == "2,500 of 10,000, 25%"
    assert desk.page.get_by_test_id("risk-1-open_orders").get_attribute("title") == "1 of 4, 25%"
    assert desk.page.get_by_test_id("risk-1-drawdown").get_attribute("title") == "0 of 5,000, 0.0%; deepest 0"


#: Gives, for each of so many frames as they are painted, the summary's equity and the texts on the chart's scale.
FRAMES = """frames => new Promise(resolve => {
    const chart = document.querySelector("[data-testid=equity-chart]");
    const pen = CanvasRenderingContext2D.prototype, fillText = pen.fillText, written = new Map(), seen = [];
    let frame = 0;
    pen.fillText = function (text, ...rest) {
        if (chart.contains(this.canvas)) {
            if (written.get(this.canvas)?.frame !== frame) written.set(this.canvas, { frame, texts: [] });
            written.get(this.canvas).texts.push(text);
        }
        return fillText.call(this, text, ...rest);
    };
    const probe = document.body.appendChild(document.createElement("i"));
    probe.style.position = "fixed";
    const next = () => requestAnimationFrame(() => (probe.style.width = `${++frame % 2 + 1}px`));
    // The observer is called once a frame's callbacks are through, before it is painted.
    const observer = new ResizeObserver(() => {
        const texts = [...written.values()].flatMap(({ texts }) => texts);
        seen.push([document.querySelector("[data-testid=summary-equity]").textContent.trim(), texts]);
        if (seen.length < frames) return next();
        observer.disconnect();
        pen.fillText = fillText;
        probe.remove();
        resolve(seen);
    });
    observer.observe(probe);
})"""


def test_the_equity_charts_label_is_the_summarys_sum_in_every_frame(desk):
    seen = [(equity, texts) for equity, texts in desk.page.evaluate(FRAMES, 120) if texts]
    assert len({equity for equity, _ in seen}) > 10, "the sum moves"
    assert [(equity, texts) for equity, texts in seen if equity not in texts] == []


def test_a_lost_console_is_told(open_console, visit, node):
    with open_console(node) as console:
        page = visit(console)
        page.get_by_test_id("desk").wait_for()
    page.get_by_test_id("link").get_by_text("Offline").wait_for()


def test_an_engine_that_hangs_is_told_and_the_kill_switch_waits_in_the_node(
    running_node, open_console, visit, tmp_path
):
    with running_node(tmp_path, "--busy"), open_console(tmp_path) as console:
        page = visit(console)
        page.get_by_test_id("desk").wait_for()
        page.get_by_test_id("link").get_by_text("Stale").wait_for()
        page.keyboard.press("k")
        page.keyboard.type("it hangs")
        page.keyboard.press("Enter")
        error = page.get_by_test_id("kill-error")
        error.wait_for()
        assert "still counts" in error.inner_text()


def test_the_first_load_is_small(visit, console):
    page = visit(console)
    page.get_by_test_id("desk").wait_for()
    paths = page.evaluate("performance.getEntriesByType('resource').map(e => new URL(e.name).pathname)")
    files = {path for path in [*paths, "/"] if path == "/" or path.startswith("/assets/") or path == "/icon.svg"}
    size = 0
    for path in files:
        with urllib.request.urlopen(f"{console.address.rstrip('/')}{path}") as response:
            size += len(gzip.compress(response.read()))
    assert len(files) >= 4
    assert size < 150_000
