"""`leadline serve`: a real process that is asked over its socket, and what it refuses."""

import re
import signal
import socket
import urllib.error
import urllib.request

import pytest
from tests.serving.making import brightness
from tests.serving.processes import started

pytest.importorskip("onnx")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return str(brightness(tmp_path_factory.mktemp("model") / "two.onnx"))


def get(address, **headers):
    with urllib.request.urlopen(
        urllib.request.Request(address, headers=headers), timeout=20
    ) as said:
        return said.status, said.read()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_stop(model, number, tmp_path):
    with started(model, cwd=tmp_path) as (process, address):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address)
        assert get(f"{address}api/v1/healthz")[0] == 200
        assert b"leadline" in get(address)[1]
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
        assert process.returncode == 0, said
        assert said.splitlines()[0] == f"leadline serves at {address}  (Ctrl-C ends it)"
        assert said.splitlines()[-1] == "stopped"
        assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == [], "nothing is stored"


def test_where_others_can_reach_it_a_token_is_made_up(model):
    with started(model, "--host", "0.0.0.0") as (_, address):
        found = re.fullmatch(r"(http://[\d.]+:\d+/)#token=([\w-]{32})", address)
        assert found, address
        here = f"{found[1]}api/v1/models"
        with pytest.raises(urllib.error.HTTPError) as refused:
            get(here)
        assert refused.value.code == 401
        assert get(here, Authorization=f"Bearer {found[2]}")[0] == 200


def test_a_port_that_is_taken_is_one_line(leadline, model):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = leadline("serve", model, "--port", str(port))
    said.is_one_line(f"port {port} of 127.0.0.1 is in use", "--port")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--host", "no.such.host.invalid"), "not an address of this machine"),
        (("--host", "192.0.2.1"), "cannot listen there"),
        (("--token", "short"), "--token has 5 characters; give at least 16"),
        (("--token", "a token with spaces"), "--token contains a space"),
        (("--token", "žluťoučký-kůň-pěl-ódy"), "--token contains a space or a non-ASCII"),
        (("--runs", "nowhere"), "--runs nowhere: no such folder"),
        (("--port", "70000"), "less than or equal to 65535"),
        (("--rate", "-1"), "greater than or equal to 0"),
        (("--lang", "de"), "choose one of en, fr"),
        (("no-such-model",), "no such run, model file"),
    ],
)
def test_what_cannot_be_is_one_line(leadline, here, model, arguments, part):
    leadline("serve", model, "--port", "0", *arguments).is_one_line(part)
