"""Who may ask, from where, how often; and what every answer says."""

import pytest
from starlette.testclient import TestClient
from tests.serving.asking import PNG, PREDICT, png, served

from leadline.serving.security import CSP, cookie_value, same
from leadline.serving.server_settings import Settings, is_loopback

TOKEN = "a-token-of-some-length"
OURS = "http://127.0.0.1:8420"
TWO = {"model": "brightness"}


@pytest.fixture(scope="module")
def guarded(two, tmp_path_factory):
    """A server that others can reach."""
    runs = tmp_path_factory.mktemp("runs")
    with served(two, host="192.168.0.7", token=TOKEN, runs=runs) as client:
        yield client


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True), ("127.1.2.3", True), ("::1", True), ("[::1]", True),
        ("localhost", True), ("LocalHost", True), ("0.0.0.0", False), ("::", False),
        ("192.168.0.1", False), ("localhost.evil.com", False), ("", False),
        ("127.0.0.1.evil.com", False),
    ],
)  # fmt: skip
def test_what_is_this_machine(host, expected):
    assert is_loopback(host) is expected
    assert Settings(host=host).is_local is expected


@pytest.mark.parametrize("path", ["/", "/docs", "/static/app.js", "/api/v1/models", "/nowhere"])
def test_every_answer_says_how_it_may_be_used(client, path):
    said = client.get(path).headers
    assert said["content-security-policy"] == CSP
    assert said["x-content-type-options"] == "nosniff"
    assert said["referrer-policy"] == "no-referrer"
    assert said["cross-origin-opener-policy"] == "same-origin"
    assert said["cross-origin-resource-policy"] == "same-origin"
    assert said["cache-control"] == ("no-store" if "api" in path or "no" in path else "no-cache")
    assert "access-control-allow-origin" not in said
    assert "server" not in said


def test_the_policy_runs_nothing_inline():
    assert "unsafe" not in CSP
    assert CSP.startswith("default-src 'none'; ")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8420", 200), ("localhost", 200), ("[::1]:8420", 200),
        ("evil.example", 403), ("evil.example:8420", 403), ("127.0.0.1.evil.example", 403),
        ("", 403), ("[::2]:80", 403),
    ],
)  # fmt: skip
def test_another_name_for_this_machine_is_refused(client, host, status):
    answer = client.get("/api/v1/models", headers={"Host": host})
    assert answer.status_code == status
    if status == 403:
        assert "is not this machine" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": OURS}, 200),
        ({"Origin": OURS, "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "https://films.example", "Sec-Fetch-Site": "same-origin"}, 200),  # a proxy
        ({"Origin": OURS, "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": OURS, "Sec-Fetch-Site": ""}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:9999"}, 403),
        ({"Origin": OURS.replace("http", "https")}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
def test_pages_elsewhere_may_send_nothing(client, headers, status):
    answer = client.post(PREDICT, content=png(), headers={**PNG, **headers}, params=TWO)
    assert answer.status_code == status


@pytest.mark.parametrize(
    "headers",
    [
        {}, {"Authorization": ""}, {"Authorization": "Bearer"}, {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {TOKEN}"}, {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"}, {"Cookie": f"leadline={cookie_value(TOKEN)}"},
        {"Authorization": "Bearer \xe9".encode("latin-1")},
    ],
)  # fmt: skip
def test_without_the_token_there_is_no_answer(guarded, headers):
    for answer in (
        guarded.get("/api/v1/models", headers=headers),
        guarded.get("/api/v1/metrics", headers=headers),
        guarded.post(PREDICT, content=png(), headers={**PNG, **headers}),
        guarded.post("/api/v1/session", headers=headers),
    ):
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert TOKEN not in answer.text


def test_with_the_token_there_is(guarded):
    shown = {"Authorization": f"bearer  {TOKEN}"}
    assert guarded.get("/api/v1/models", headers=shown).status_code == 200
    answer = guarded.post(PREDICT, content=png(), headers={**PNG, **shown})
    assert answer.status_code == 200


def test_what_holds_no_secret_is_open(guarded):
    for path in ("/", "/static/app.js", "/docs", "/openapi.json", "/api/v1/healthz"):
        answer = guarded.get(path)
        assert answer.status_code == 200
        assert TOKEN not in answer.text
    assert guarded.get("/openapi.json").json()["security"] == [{"token": []}]


def test_reports_are_opened_by_a_cookie_that_does_not_tell_the_token(guarded):
    assert guarded.get("/runs/x/report.html").status_code == 401
    answer = guarded.post("/api/v1/session", headers={"Authorization": f"Bearer {TOKEN}"})
    said = answer.headers["set-cookie"]
    assert answer.status_code == 204
    assert TOKEN not in said
    for part in ("HttpOnly", "SameSite=strict", "Path=/runs/"):
        assert part in said
    cookie = {"Cookie": said.partition(";")[0]}
    assert guarded.get("/runs/x/report.html", headers=cookie).status_code == 404
    assert guarded.get("/runs/x/report.html", headers={"Cookie": "leadline=x"}).status_code == 401


def test_texts_are_compared_whole():
    assert same("é", "é")
    assert not same("", "a")
    assert not same("a", "ab")


def test_a_client_that_asks_too_much_is_slowed(two):
    with served(two, requests_per_s=0.001, burst_s=3000) as client:
        statuses = [
            client.get(
                "/api/v1/healthz",  # what it says of itself does not count
                headers={"X-Forwarded-For": f"10.0.0.{n}", "Forwarded": f"for=10.0.0.{n}"},
            ).status_code
            for n in range(5)
        ]
        refused = client.get("/api/v1/healthz")
    assert statuses == [200, 200, 200, 429, 429]
    assert int(refused.headers["retry-after"]) > 100
    assert "requests a second" in refused.json()["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/static/../settings.py", "/static/..%2fsettings.py", "/static/%2e%2e/settings.py",
        "/static/index.html.j2", "/static/", "/static/app.js/", "/static/app.js%00", "/etc/passwd",
        "/runs/../../etc/passwd", "/runs/%2e%2e/%2e%2e/etc/passwd", "/runs//etc/passwd",
        "/runs/..%5c..%5cetc",
    ],
)  # fmt: skip
def test_no_path_leads_out(client: TestClient, path):
    answer = client.get(path, follow_redirects=False)
    assert answer.status_code in (404, 307), path
    assert b"root:" not in answer.content
    assert b"import" not in answer.content


def test_files_of_the_page_are_asked_for_again_only_when_they_change(client):
    first = client.get("/static/page.css")
    again = client.get("/static/page.css", headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert first.headers["content-type"] == "text/css; charset=utf-8"
