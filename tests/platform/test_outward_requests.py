"""Requests to addresses that another party may have chosen: none of them reaches an inner network."""

from __future__ import annotations

import http.server
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from claimwright.platform import outward_requests
from claimwright.platform.outward_requests import OutwardRequestError, checked_address, is_inward, send

HERE = frozenset({"127.0.0.1"})


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "/secret")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(40 if self.path == "/drip" else 1):
                self.wfile.write(b"x" * (5_000 if self.path == "/large" else 1))
                self.wfile.flush()
                time.sleep(0.1 if self.path == "/drip" else 0)
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as made:
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{made.server_port}"
        made.shutdown()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104
        "::1", "::", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::",
        "2001:0:a00:1::", "224.0.0.1", "ff02::1",
    ],
)  # fmt: skip
def test_an_address_of_an_inner_network_is_recognised_in_every_form(address: str) -> None:
    assert is_inward(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_an_address_of_the_internet_is_not_inward(address: str) -> None:
    assert not is_inward(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "ftp://example.org/", "file:///etc/passwd", "https://user:x@example.org/",
        "https:///x", "https://example.org/\r\nX: y", "https://example.org/#x", "http://127.0.0.1/", "",
        "https://[::1", "https://example.org:99999/",
    ],
)  # fmt: skip
def test_an_address_that_is_not_https_or_hides_something_is_refused(url: str) -> None:
    with pytest.raises(OutwardRequestError):
        checked_address(url, ())


def test_a_name_that_points_inward_is_refused_unless_it_is_allowed(server: str) -> None:
    with pytest.raises(OutwardRequestError, match="inner network"):
        send("GET", server.replace("http:", "https:"))
    assert send("GET", server, inward_hosts=HERE).status == 200


def test_a_name_with_one_inner_address_among_others_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def both(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", (each, 443)) for each in ("8.8.8.8", "10.0.0.1")]

    monkeypatch.setattr(outward_requests.socket, "getaddrinfo", both)
    with pytest.raises(OutwardRequestError, match="inner network"):
        send("GET", "https://rebinding.example.org/")


def test_the_name_is_looked_up_once_and_what_was_checked_is_connected_to(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    port = int(server.rpartition(":")[2])

    def once(host: object, *_: object, **__: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    connected: list[object] = []
    connect = socket.create_connection

    def recorded(address: tuple[str, int], *rest: Any, **more: Any) -> socket.socket:
        connected.append(address)
        monkeypatch.undo()
        return connect(address, *rest, **more)

    monkeypatch.setattr(outward_requests.socket, "getaddrinfo", once)
    monkeypatch.setattr(outward_requests.socket, "create_connection", recorded)
    assert send("GET", f"http://localhost:{port}/", inward_hosts={"localhost"}).status == 200
    assert (asked, connected) == (["localhost"], [("127.0.0.1", port)])


def test_a_redirect_is_not_followed(server: str) -> None:
    assert send("GET", f"{server}/redirect", inward_hosts=HERE).status == 302


def test_an_answer_that_is_too_large_or_drips_for_ever_is_cut_off(server: str) -> None:
    with pytest.raises(OutwardRequestError, match="larger"):
        send("GET", f"{server}/large", inward_hosts=HERE, most_bytes=1_000)
    with pytest.raises(OutwardRequestError, match="TimeoutError"):
        send("GET", f"{server}/drip", inward_hosts=HERE, timeout_seconds=0.5)


def test_a_name_that_does_not_exist_and_a_port_where_nobody_listens_are_told(server: str) -> None:
    with pytest.raises(OutwardRequestError, match="no such name"):
        send("GET", "https://nowhere.invalid/")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(OutwardRequestError, match="ConnectionRefusedError"):
            send("GET", f"http://127.0.0.1:{free.getsockname()[1]}/", inward_hosts=HERE)
