"""The address that is printed: one that a browser can open, also on another machine."""

import ipaddress
import socket

import pytest

from leadline.serving.server import bound


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_called_as_it_was_given(host):
    with bound(host, 0) as place:
        assert place.address == f"http://{host}:{place.socket.getsockname()[1]}/"


def test_all_addresses_are_told_by_the_one_that_the_network_knows(monkeypatch):
    known = "127.0.0.2"  # what the system would choose, were this the way out

    def connect(probe, place):
        assert place == ("192.0.2.1", 9)
        probe.bind((known, 0))

    with monkeypatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        with bound("0.0.0.0", 0) as place:
            assert place.address.startswith(f"http://{known}:")


def test_without_a_network_they_are_told_as_they_were_given(monkeypatch):
    class Probe(socket.socket):
        def connect(self, place):
            raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(socket, "socket", Probe)
    with bound("0.0.0.0", 0) as place:
        assert place.address.startswith("http://0.0.0.0:")


def test_what_the_system_chooses_is_an_address_of_this_machine():
    with bound("0.0.0.0", 0) as place:
        host, port = place.address.removeprefix("http://").rstrip("/").split(":")
        assert ipaddress.ip_address(host)
        with socket.create_connection((host, int(port)), timeout=5):
            pass
