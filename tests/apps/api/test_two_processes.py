"""Two processes of the API, each asked by name: events, repeated requests and quotas are one over both."""

from __future__ import annotations

import http.client
import json
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.apps.api.conftest import ROOT, Doors, opened
from tests.apps.api.served import OwnServer, own_server
from tests.apps.api.test_attachments import an_item
from tests.database_server import Store
from websockets.sync.client import ClientConnection, connect

from claimwright.platform.metering import set_quota, this_month, usage_of

PATIENCE = 60.0
pytestmark = pytest.mark.long


def process_of(server: OwnServer, port: int) -> int | None:
    """Which process of a server has accepted the connection from a port of this machine."""
    to = f":{urlsplit(server.address).port or 0:04X}"
    inode = None
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if words[1].endswith(to) and words[2].endswith(f":{port:04X}"):
            inode = words[9]
    for pid in server.children():
        for each in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                if str(each.readlink()) == f"socket:[{inode}]":
                    return pid
    return None


@dataclass
class Two:
    """A server of two processes, and connections to each of them."""

    server: OwnServer
    doors: Doors
    stack: ExitStack

    def one_of_each(self) -> list[http.client.HTTPConnection]:
        """A connection that each process has taken, the smaller process number first."""
        found: dict[int, http.client.HTTPConnection] = {}
        until = time.monotonic() + PATIENCE
        while len(found) < 2 and time.monotonic() < until:
            parts = urlsplit(self.server.address)
            made = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE)
            said(made, "GET", "/health/live")
            pid = process_of(self.server, made.sock.getsockname()[1])
            if pid is None or pid in found:
                made.close()
            else:
                found[pid] = made
                self.stack.callback(made.close)
        assert len(found) == 2, "one process has taken every connection"
        return [found[pid] for pid in sorted(found)]

    def socket_of(self, pid: int, headers: dict[str, str], last: str | None = None) -> ClientConnection:
        """A websocket that a process has taken."""
        address = self.server.address.replace("http", "ws", 1) + "/api/v1/events/socket"
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            made = connect(
                address + (f"?last_event_id={last}" if last else ""), additional_headers=headers, legacy=True
            )
            if process_of(self.server, made.socket.getsockname()[1]) == pid:
                self.stack.callback(made.close)
                return made
            made.close()
        raise AssertionError("the process has taken no websocket")

    def stream_of(
        self, pid: int, headers: dict[str, str], last: str | None = None
    ) -> http.client.HTTPResponse:
        """A stream of server-sent events that a process has taken."""
        parts, until = urlsplit(self.server.address), time.monotonic() + PATIENCE
        sent = headers | ({"Last-Event-ID": last} if last else {})
        while time.monotonic() < until:
            made = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE)
            made.request("GET", "/api/v1/events/stream", headers=sent)
            port = made.sock.getsockname()[1]
            response = made.getresponse()
            if process_of(self.server, port) == pid:
                self.stack.callback(made.close)
                return response
            made.close()
        raise AssertionError("the process has taken no stream")


@pytest.fixture
def two(processed: tuple[Store, Path], tmp_path: Path) -> Iterator[Two]:
    store, folder = processed
    shutil.copytree(folder / "home", tmp_path / "home")
    with (
        store.copied() as copy, opened(copy, tmp_path) as doors,
        own_server(copy, tmp_path, "--api-processes", "2") as server, ExitStack() as stack,
    ):  # fmt: skip
        until = time.monotonic() + PATIENCE
        while len(server.children()) < 2 and time.monotonic() < until:
            time.sleep(0.1)
        yield Two(server, doors, stack)


def said(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    headers: dict[str, str] | None = None,
    body: Any = None,
) -> tuple[int, dict[str, str], Any]:
    content = None if body is None else json.dumps(body)
    sent = (headers or {}) | ({} if body is None else {"Content-Type": "application/json"})
    connection.request(method, path, content, sent)
    answer = connection.getresponse()
    text = answer.read()
    return (
        answer.status,
        {name.lower(): value for name, value in answer.getheaders()},
        json.loads(text or b"null"),
    )


def heard(socket: ClientConnection, wanted: str) -> dict[str, Any]:
    """The next event of a kind."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        event: dict[str, Any] = json.loads(socket.recv(timeout=PATIENCE))
        if event["kind"] == wanted:
            return event
    raise AssertionError("no such event came")


def streamed(response: http.client.HTTPResponse, wanted: str) -> str:
    """The id of the next server-sent event of a kind."""
    last = ""
    while line := response.readline():
        name, _, value = line.decode().strip().partition(": ")
        if name == "id":
            last = value
        if name == "event" and value == wanted:
            return last
    raise AssertionError("the stream has ended")


def in_review(doors: Doors, headers: dict[str, str]) -> list[int]:
    found = doors.client.get("/api/v1/review", headers=headers).json()["items"]
    return [each["claim_key"] for each in found]


def test_an_event_of_one_process_arrives_at_the_sockets_of_the_other_and_is_resumed_there(two: Two) -> None:
    headers = two.doors.token("manager")
    here, there = two.one_of_each()
    first, second = (process_of(two.server, each.sock.getsockname()[1]) or 0 for each in (here, there))
    keys = in_review(two.doors, headers)
    assert len(keys) >= 3
    # What was before is not told to whoever names no event.
    socket = two.socket_of(second, headers)
    stream = two.stream_of(second, headers)

    def give_back(connection: http.client.HTTPConnection, key: int) -> None:
        decision = {"claim_keys": [key], "reason": "it is for the facility"}
        status, _, answer = said(connection, "POST", "/api/v1/review/return", headers, decision)
        assert status == 200, answer

    give_back(here, keys[0])
    event = heard(socket, "claim_resolved")
    assert streamed(stream, "claim_resolved")
    socket.close()
    # While nobody listens, both processes go on; then the listener comes back to the other process.
    give_back(there, keys[1])
    give_back(here, keys[2])
    resumed = two.socket_of(first, headers, event["id"])
    later = [heard(resumed, "claim_resolved")["id"] for _ in range(2)]
    again = two.stream_of(second, headers, event["id"])
    assert [streamed(again, "claim_resolved") for _ in range(2)] == later
    assert event["id"] not in later


def test_one_key_sent_to_both_processes_at_once_works_once(two: Two) -> None:
    headers = two.doors.token("manager")
    item = an_item(two.doors, headers)["item_id"]
    connections = two.one_of_each()
    for number in range(8):
        ready = threading.Barrier(2)

        def add(
            connection: http.client.HTTPConnection, number: int = number, ready: threading.Barrier = ready
        ) -> tuple[int, dict[str, str], Any]:
            ready.wait(PATIENCE)
            key = headers | {"Idempotency-Key": f"one-note-{number:03}"}
            return said(
                connection, "POST", f"/api/v1/queue/{item}/notes", key, {"text": f"called them, {number}"}
            )

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(add, connections))
        statuses = sorted(status for status, _, _ in answers)
        # The second one is told that the first is under way, or is given its answer.
        assert statuses in ([201, 201], [201, 409]), answers
        if statuses == [201, 201]:
            assert sorted("idempotent-replayed" in found for _, found, _ in answers) == [False, True]
            assert answers[0][2] == answers[1][2]
        else:
            assert {found["error"]["code"] for status, _, found in answers if status == 409} == {"conflict"}
        # Asked again, either process has the answer.
        for each in connections:
            key = headers | {"Idempotency-Key": f"one-note-{number:03}"}
            status, found, _ = said(
                each, "POST", f"/api/v1/queue/{item}/notes", key, {"text": f"called them, {number}"}
            )
            assert (status, found["idempotent-replayed"]) == (201, "true")
    _, _, shown = said(connections[0], "GET", f"/api/v1/queue/{item}", headers)
    assert len(shown["notes"]) == 8


def test_limits_and_quotas_count_the_requests_of_both(two: Two) -> None:
    headers = two.doors.token("manager")
    connections = two.one_of_each()

    def ask(connection: http.client.HTTPConnection) -> list[tuple[int, dict[str, str]]]:
        return [said(connection, "GET", "/api/v1/claims?limit=1", headers)[:2] for _ in range(20)]

    with ThreadPoolExecutor(2) as pool:
        answers = [each for some in pool.map(ask, connections) for each in some]
    assert {status for status, _ in answers} == {200}
    # Both ask at once: no two requests are the same one of the minute; a new minute may begin once.
    left = [int(found["ratelimit-remaining"]) for _, found in answers]
    assert len(left) - len(set(left)) <= 20
    minutes = sum(int(found["ratelimit-remaining"]) == 599 for _, found in answers)
    assert minutes <= 2
    if minutes <= 1:
        assert len(set(left)) == len(left) == 40
    with two.doors.services.database.transaction(ROOT) as connection:
        used = sum(each.requests for each in usage_of(connection, this_month()))
        set_quota(ROOT, connection, "requests", used + 10)
    with ThreadPoolExecutor(2) as pool:
        answers = [each for some in pool.map(ask, connections) for each in some]
    statuses = [status for status, _ in answers]
    assert (statuses.count(200), statuses.count(429)) == (10, 30)
    # Either process refuses.
    for each in connections:
        status, _, found = said(each, "GET", "/api/v1/claims?limit=1", headers)
        assert (status, found["error"]["code"]) == (429, "quota_exceeded")
