"""The console's door, by a real process on a real port; no node is behind it, which the door doesn't need."""

import http.client
import json
import stat

import pytest

from omni.console.listener import listen, port_of
from omni.console.process import start_console
from omni.model.error import ConfigError

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}
GUARDED = ["/readyz", "/metrics", "/session", "/api/view", "/api/schema/openapi.json", "/api/none", "/none", "/ws"]


@pytest.fixture(scope="module")
def console(tmp_path_factory):
    running = start_console(tmp_path_factory.mktemp("run"), port=0)
    yield running
    running.stop()
    assert running.process.returncode == 0


@pytest.fixture
def ask(console):
    def request(method, path, headers=None, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", console.port, timeout=30)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            return response.status, response.headers, b"" if response.status == 101 else response.read()
        finally:
            connection.close()

    return request


@pytest.fixture
def bearer(console):
    return {"Authorization": f"Bearer {console.token.text}"}


@pytest.fixture
def cookie(console, ask):
    status, headers, _ = ask("POST", "/session", {"Content-Type": "application/json"}, _token(console))
    assert status == 204
    return {"Cookie": headers["Set-Cookie"].partition(";")[0]}


def _token(console):
    return json.dumps({"token": console.token.text})


def test_only_livez_and_the_empty_page_are_open(ask):
    assert ask("GET", "/livez")[0] == 200
    status, headers, page = ask("GET", "/")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"OMNI Alpha" in page


@pytest.mark.parametrize("path", GUARDED)
def test_without_the_token_nothing_else_answers(ask, path):
    status, headers, body = ask("GET", path)
    assert status == 401
    assert headers["WWW-Authenticate"] == "Bearer"
    assert b"token" in body


@pytest.mark.parametrize(
    "path", ["/api/kill", "/api/resume", "/api/stop", "/api/speed", "/api/strategies/2/stop", "/livez", "/"]
)
def test_without_the_token_nothing_acts(ask, path):
    assert ask("POST", path, {"Content-Type": "application/json"}, '{"reason": "x"}')[0] == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"Authorization": "Bearer " + "0" * 32},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic eDp5"},
        {"Cookie": "omni_console_1=x"},
        {"Cookie": "=; ;;"},
    ],
)
def test_a_wrong_token_opens_nothing(ask, wrong):
    assert ask("GET", "/metrics", wrong)[0] == 401


def test_the_bearer_and_the_cookie_open(ask, bearer, cookie):
    for key in (bearer, cookie):
        assert ask("GET", "/session", key)[0] == 204
        assert ask("GET", "/metrics", key)[0] == 200
    # The console is open and says that its node is not there.
    status, _, body = ask("GET", "/readyz", bearer)
    assert status == 503
    assert json.loads(body)["ready"] is False


def test_the_token_is_not_a_cookie_and_the_cookie_is_not_a_token(ask, console):
    name = f"omni_console_{console.port}"
    assert ask("GET", "/session", {"Cookie": f"{name}={console.token.text}"})[0] == 401
    assert ask("GET", "/session", {"Authorization": f"Bearer {console.token.cookie}"})[0] == 401


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(ask, console):
    _, headers, _ = ask("POST", "/session", {"Content-Type": "application/json"}, _token(console))
    flags = {part.strip().lower() for part in headers["Set-Cookie"].split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/"} <= flags
    assert not any(flag.startswith("domain") for flag in flags)
    assert console.token.text not in headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("body", "status"),
    [('{"token": "wrong"}', 401), ("{}", 400), ("", 400), ("nonsense", 400), ('{"token": "x", "more": 1}', 400)],
)
def test_what_is_not_the_token_gives_no_cookie(ask, body, status):
    found, headers, _ = ask("POST", "/session", {"Content-Type": "application/json"}, body)
    assert found == status
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("path", ["/livez", "/", "/metrics", "/ws"])
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.2:{port}", ""]
)
def test_a_foreign_host_is_refused_token_or_not(ask, bearer, console, path, host):
    headers = {**bearer, "Host": host.format(port=console.port)}
    assert ask("GET", path, headers)[0] in {400, 421}


def test_both_names_of_this_machine_are_ours(ask, bearer, console):
    for name in ("127.0.0.1", "localhost"):
        assert ask("GET", "/session", {**bearer, "Host": f"{name}:{console.port}"})[0] == 204


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1:{port}"])
def test_a_foreign_origin_is_refused_token_or_not(ask, bearer, console, origin):
    headers = {**bearer, "Origin": origin.format(port=console.port)}
    assert ask("GET", "/metrics", headers)[0] == 403
    assert ask("POST", "/api/kill", {**headers, "Content-Type": "application/json"}, '{"reason": "x"}')[0] == 403
    assert ask("POST", "/api/stop", headers)[0] == 403
    assert ask("GET", "/ws", {**headers, **UPGRADE})[0] == 403


def test_a_cookie_acts_only_with_its_own_origin(ask, cookie, console):
    act = {**cookie, "Content-Type": "application/json"}
    assert ask("POST", "/api/kill", act, '{"reason": "x"}')[0] == 403
    assert ask("GET", "/ws", {**cookie, **UPGRADE})[0] == 403
    assert ask("POST", "/api/stop", cookie)[0] == 403
    own = {"Origin": f"http://127.0.0.1:{console.port}"}
    assert ask("POST", "/api/stop", {**cookie, **own})[0] == 503, "through the door; no node is there"
    assert ask("POST", "/api/kill", {**act, **own}, '{"reason": "x"}')[0] == 503, "through the door; no node is there"
    assert ask("GET", "/ws", {**cookie, **own, **UPGRADE})[0] == 101


def test_the_websocket_needs_the_token(ask, bearer):
    assert ask("GET", "/ws", UPGRADE)[0] == 401
    assert ask("GET", "/ws", {**UPGRADE, "Host": "evil.example", **bearer})[0] == 421
    assert ask("GET", "/ws", {**UPGRADE, **bearer})[0] == 101


def test_a_refused_websocket_is_no_error_of_the_console(tmp_path, capfd):
    console = start_console(tmp_path, port=0)
    try:
        for headers, status in (({}, 401), ({"Origin": "http://evil.example"}, 403), ({"Host": "evil.example"}, 421)):
            connection = http.client.HTTPConnection("127.0.0.1", console.port, timeout=30)
            connection.request("GET", "/ws", headers=UPGRADE | headers)
            response = connection.getresponse()
            assert (response.status, response.read() != b"") == (status, True)
            connection.close()
    finally:
        console.stop()
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("path", ["/", "/livez", "/metrics"])
def test_every_answer_is_guarded_in_the_browser(ask, path):
    _, headers, _ = ask("GET", path)
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Server" not in headers


@pytest.mark.parametrize("path", ["/../access.py", "/%2e%2e/access.py", "/assets/../../access.py", "//etc/passwd"])
def test_no_file_outside_the_page_is_served(ask, bearer, path):
    assert ask("GET", path, bearer)[0] == 404


def test_a_body_that_is_wrong_says_how(ask, bearer):
    post = {**bearer, "Content-Type": "application/json"}
    for body, words in (
        ('{"reason": ""}', "length >= 1"),
        ("{}", "reason"),
        ('{"reason": "x", "y": 1}', "unknown field"),
    ):
        status, _, answer = ask("POST", "/api/kill", post, body)
        assert (status, words in json.loads(answer)["detail"]) == (400, True), answer
    assert ask("POST", "/api/speed", post, '{"multiple": 0}')[0] == 400
    assert ask("POST", "/api/strategies/2/explode", post, "{}")[0] == 400
    assert ask("POST", "/api/kill", post, b"x" * 20_000)[0] == 413


def test_the_api_describes_itself(ask, bearer):
    schema = json.loads(ask("GET", "/api/schema/openapi.json", bearer)[2])
    assert schema["openapi"].startswith("3.")
    assert {"/api/view", "/api/kill", "/api/resume", "/api/stop", "/api/speed", "/metrics", "/readyz", "/livez"} <= set(
        schema["paths"]
    )


def test_the_token_file_is_private_and_the_port_is_said_when_taken(console, tmp_path):
    assert console.token.text not in console.address
    assert console.link == f"{console.address}#token={console.token.text}"
    with listen(0) as taken, pytest.raises(ConfigError, match=rf"port {port_of(taken)} .*in use"):
        start_console(tmp_path, port=port_of(taken))
    assert stat.S_IMODE((tmp_path / "console.token").stat().st_mode) == 0o600
