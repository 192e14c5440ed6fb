"""The API in several processes: one port, the same limits and sessions, and none is missed where it ends."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from tests.apps.api.conftest import PASSWORD, Doors, opened
from tests.apps.api.served import OwnServer, own_server
from tests.database_server import Store
from tests.features.pipeline.bench_of_claims import sample

PATIENCE = 60.0


@pytest.fixture(scope="module")
def two(
    processed: tuple[Store, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[OwnServer, Doors]]:
    store, folder = processed
    own = tmp_path_factory.mktemp("two")
    shutil.copytree(folder / "home", own / "home")
    with (
        store.copied() as copy,
        opened(copy, own) as doors,
        own_server(copy, own, "--api-processes", "2") as server,
    ):
        yield server, doors


def eventually(what: Callable[[], object], until: float = PATIENCE) -> None:
    end = time.monotonic() + until
    while time.monotonic() < end:
        if what():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come about")


def open_at(pid: int) -> int:
    """How many sockets a process has open."""
    found = 0
    for each in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found += str(each.readlink()).startswith("socket:")
        except FileNotFoundError:
            continue
    return found


@pytest.mark.long
def test_a_session_and_its_limits_are_one_over_both_processes(two: tuple[OwnServer, Doors]) -> None:
    server, doors = two
    doors.account("mary", "manager")
    form = {"name": "mary", "password": PASSWORD}
    signed = httpx.post(f"{server.address}/api/v1/session", json=form, timeout=PATIENCE)
    assert signed.status_code in (200, 201), signed.text
    cookie = {"Cookie": signed.headers["set-cookie"].partition(";")[0]}
    eventually(lambda: len(server.children()) == 2)
    before = {pid: open_at(pid) for pid in server.children()}
    with_cookie = [httpx.Client(base_url=server.address, headers=cookie, timeout=PATIENCE) for _ in range(30)]
    left = []
    for client in with_cookie:
        answer = client.get("/api/v1/claims?limit=1")
        assert answer.status_code == 200
        left.append(int(answer.headers["RateLimit-Remaining"]))
    # Each request is one less of the minute, whichever process has it; a new minute may begin once.
    steps = [earlier - later for earlier, later in itertools.pairwise(left)]
    assert sum(step == 1 for step in steps) >= len(steps) - 1
    served = [pid for pid in server.children() if open_at(pid) > before[pid]]
    assert len(served) == 2, "one process has taken every connection"
    for client in with_cookie:
        client.close()


@pytest.mark.long
def test_where_one_process_is_killed_the_other_serves_and_it_comes_back(two: tuple[OwnServer, Doors]) -> None:
    server, doors = two
    headers = doors.token("manager")
    eventually(lambda: len(server.children()) == 2)
    killed = server.children()[0]
    os.kill(killed, signal.SIGKILL)
    for _ in range(20):
        answer = httpx.get(f"{server.address}/api/v1/claims?limit=1", headers=headers, timeout=PATIENCE)
        assert answer.status_code == 200
    eventually(lambda: killed not in server.children() and len(server.children()) == 2)


@pytest.mark.long
def test_a_request_under_way_is_answered_before_the_processes_end(
    processed: tuple[Store, Path], tmp_path: Path
) -> None:
    store, folder = processed
    shutil.copytree(folder / "home", tmp_path / "home")
    with (
        store.copied() as copy, opened(copy, tmp_path) as doors,
        own_server(copy, tmp_path, "--api-processes", "2") as server,
    ):  # fmt: skip
        headers = doors.token("claims_processor")
        held = psycopg.connect(copy.server.address("postgres", copy.name))
        # The upload waits for the lock of its facility.
        held.execute("select pg_advisory_xact_lock(7837003, hashtext('default/FAC009'))")

        def body() -> Iterator[bytes]:
            yield sample(tmp_path, 10).replace(b"CLM*", b"CLM*Q")
            server.process.send_signal(signal.SIGTERM)
            time.sleep(1)
            held.rollback()

        answer = httpx.post(
            f"{server.address}/api/v1/files?facility=FAC009",
            content=body(),
            headers=headers,
            timeout=PATIENCE,
        )
        assert answer.status_code == 201
        assert answer.json()["staged"] > 0
        assert server.process.wait(PATIENCE) == 0
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{server.address}/health/live", timeout=PATIENCE)
        held.close()
