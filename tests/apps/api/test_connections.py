"""Slow clients, half-open connections and too many of them: each is ended, others are served meanwhile."""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from tests.apps.api.conftest import Doors, opened
from tests.apps.api.served import own_server, served
from tests.database_server import Store

from claimwright.apps.api.connections import Paces

QUICK = Paces(head_seconds=0.6, body_seconds=0.6, body_bytes=4_096, answer_seconds=1.0, sweep_seconds=0.1)
HEAD = b"POST /api/v1/check HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
# So long the tests wait for what takes a second at most, on a machine with other work.
PATIENCE = 30.0
MANY = 10_000


def connected(address: str, source: str = "127.0.0.1") -> socket.socket:
    parts = urlsplit(address)
    return socket.create_connection(
        (parts.hostname or "", parts.port or 0), timeout=PATIENCE, source_address=(source, 0)
    )


def last_words(connection: socket.socket) -> bytes:
    """All that comes until the other side ends the connection."""
    heard = b""
    try:
        while more := connection.recv(65_536):
            heard += more
    except ConnectionResetError:
        pass
    return heard


@pytest.fixture
def quick(doors: Doors) -> Iterator[str]:
    with served(doors, paces=QUICK) as address:
        yield address


def is_served(address: str) -> bool:
    return httpx.get(f"{address}/health/live", timeout=PATIENCE).status_code == 200


def test_whoever_says_nothing_or_half_a_head_is_ended(quick: str) -> None:
    with connected(quick) as silent, connected(quick) as half:
        half.sendall(HEAD)
        assert is_served(quick)
        for each in (silent, half):
            assert last_words(each).startswith(b"HTTP/1.1 408 ")
    assert is_served(quick)


def test_a_head_that_drips_is_ended(quick: str) -> None:
    with connected(quick) as slow, pytest.raises(OSError):  # noqa: PT011, PT012 - reset or broken pipe
        for byte in HEAD * 50:
            slow.sendall(bytes([byte]))
            time.sleep(0.05)
            assert is_served(quick) or byte


def test_a_body_that_drips_is_refused_and_stores_nothing(doors: Doors, quick: str) -> None:
    token = doors.token("claims_processor")["Authorization"]
    with connected(quick) as slow:
        slow.sendall(
            b"POST /api/v1/files?facility=SLOW HTTP/1.1\r\nHost: here\r\nContent-Length: 100000\r\n"
            + f"Authorization: {token}\r\n\r\nISA*00*".encode()
        )
        begun = time.monotonic()
        with pytest.raises(OSError):  # noqa: PT011, PT012 - reset or broken pipe
            while time.monotonic() - begun < PATIENCE:
                slow.sendall(b" ")
                time.sleep(0.1)
    assert is_served(quick)
    files = httpx.get(f"{quick}/api/v1/files", headers={"Authorization": token}).json()
    assert not [each for each in files["items"] if each["facility"] == "SLOW"]


def test_whoever_does_not_read_the_answer_is_ended(quick: str) -> None:
    parts = urlsplit(quick)
    with socket.socket() as lazy:
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        lazy.settimeout(PATIENCE)
        lazy.connect((parts.hostname, parts.port))
        # Far more than the buffers of both sides hold.
        lazy.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: here\r\n\r\n" * 20)
        time.sleep(4 * QUICK.answer_seconds)
        assert is_served(quick)
        with pytest.raises(OSError):  # noqa: PT011, PT012 - the connection was reset
            while True:
                lazy.sendall(b"GET /health/live HTTP/1.1\r\nHost: here\r\n\r\n")
                time.sleep(0.1)


def test_an_address_has_so_many_connections_and_the_longest_waiting_makes_room(
    processed: tuple[Store, Path], tmp_path: Path, doors: Doors
) -> None:
    settings = doors.services.settings
    few = settings.model_copy(
        update={"api": settings.api.model_copy(update={"connections": 12, "connections_per_address": 5})}
    )
    with served(doors, few) as address, ExitStack() as stack:
        own = [stack.enter_context(connected(address, "127.0.0.2")) for _ in range(5)]
        assert last_words(stack.enter_context(connected(address, "127.0.0.2"))).startswith(b"HTTP/1.1 503 ")
        assert is_served(address)
        for last in range(3, 13):
            stack.enter_context(connected(address, f"127.0.0.{last}"))
        # Twelve places, fifteen connections: the first ones went.
        assert last_words(own[0]) == b""
        assert is_served(address)


@pytest.mark.long
def test_ten_thousand_connections_keep_nobody_from_being_served(
    processed: tuple[Store, Path], tmp_path: Path
) -> None:
    """A server of its own, as it is started, with the limits that it has by itself."""
    store, folder = processed
    shutil.copytree(folder / "home", tmp_path / "home")
    with store.copied() as copy, opened(copy, tmp_path) as doors, ExitStack() as stack:
        headers = doors.token("manager")
        address = stack.enter_context(own_server(copy, tmp_path)).address
        kept = []
        slowest = 0.0
        for number in range(MANY):
            each = connected(address, f"127.0.{1 + number // 2_500}.{1 + number % 50}")
            stack.callback(each.close)
            kept.append(each)
            if number % 2:
                each.sendall(HEAD)
            if number % 500 == 499:
                begun = time.monotonic()
                answer = httpx.get(f"{address}/api/v1/claims?limit=5", headers=headers, timeout=PATIENCE)
                assert answer.status_code == 200
                slowest = max(slowest, time.monotonic() - begun)
        # Ten seconds later all of them are ended, and the places are free.
        ended = sum(len(last_words(each)) >= 0 for each in kept)
        assert ended == MANY
        assert is_served(address)
        assert slowest < PATIENCE
