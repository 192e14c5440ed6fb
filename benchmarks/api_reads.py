"""Time lists and details of the API over a large store, beside their own SQL through psycopg alone.

    python -m benchmarks.api_reads                       1,000,000 claims: some ten minutes
    python -m benchmarks.api_reads --claims 20000        quickly

Claims are made, taken in and run into a store of their own, which is removed at the end. A manager and a
viewer sign in and ask one request after the other; the same claims are then asked for by the SQL of these
requests, over one connection, without HTTP, identity, decisions and sealing. Prints a table; with 1,000,000
claims and `--record` it is kept in docs/api_reads.md.
"""

from __future__ import annotations

import argparse
import datetime
import http.client
import json
import os
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import psycopg
from fastapi.testclient import TestClient

from benchmarks.served import command, own_store, served
from benchmarks.web_speed import WebSpeed, web_speed
from claimwright.apps.api import create_app
from claimwright.apps.api.services import Services, opened_services
from claimwright.domain.caller import Caller
from claimwright.platform.access import ROLES
from claimwright.platform.audit import record_phi_access
from claimwright.platform.identity import create_account
from claimwright.platform.settings import Settings, load_settings
from claimwright_lab.sampling import SampleOptions, write_sample

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "api_reads.md"
PASSWORD = "seven brown foxes jump"  # noqa: S105 - of a store that lives for minutes
A_FILE = 50_000
ROUNDS = 300
# Statements about claims; those of sessions, audit and metering belong to the API.
_OF_CLAIMS = ("staging.", "production.", "pipeline.", "remittance.", "review.")
OPENING = {"reason": "measuring the API"}


@dataclass(frozen=True)
class Request:
    """A request of the benchmark; `KEY` in its path is a claim's key."""

    name: str
    path: str
    body: dict[str, Any] | None = None


REQUESTS = (
    Request("claims: the first 100", "/claims?limit=100"),
    Request("claims in review: the first 100", "/claims?place=review&limit=100"),
    Request("one claim", "/claims/KEY"),
    Request("findings of a claim", "/claims/KEY/findings"),
    Request("prices of a claim", "/claims/KEY/prices"),
    Request("a claim, opened: decrypted, decided by field, audited", "/claims/KEY/opening", OPENING),
)
OPENED = REQUESTS[-1].name


@dataclass(frozen=True)
class Times:
    """Milliseconds: median and 95th percentile."""

    p50: float
    p95: float


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--claims", type=int, default=1_000_000)
    parser.add_argument("--record", action="store_true", help="write docs/api_reads.md")
    parser.add_argument("--web", action="store_true", help="load and scroll the work queue in Chromium too")
    parser.add_argument(
        "--store", type=Path, help="folder of a store that is kept, and filled if it is empty"
    )
    wanted = parser.parse_args()
    with own_store(wanted.store) as (folder, variables):
        page = _measured(folder, variables, wanted.claims, has_web=wanted.web)
    print(page)
    if wanted.record:
        PAGE.write_text(page, encoding="utf-8")
    return 0


def _measured(folder: Path, variables: dict[str, str], claims: int, *, has_web: bool) -> str:
    settings = load_settings(folder=folder, variables=variables)
    if not (folder / "filled").exists():
        _fill(folder, variables, settings, claims)
    caller = Caller("default", "system:benchmark")
    with opened_services(settings) as services:
        with services.database.transaction(caller) as connection:
            rows = connection.execute("select claim_key from production.claims").fetchall()
        stored = len(rows)
        dice = random.Random(1)  # noqa: S311 - which claims are asked for
        keys = [int(dice.choice(rows)[0]) for _ in range(ROUNDS)]
        statements = _statements(services, settings, keys[0])
        with served(folder, variables) as address:
            manager = _Person(address, "manager")
            asked, alone = {}, {}
            with services.database.transaction(caller) as connection:
                for each in REQUESTS:
                    found = statements[each.name]
                    # In turn, so that whatever else the machine does slows down both.
                    asked[each.name], alone[each.name] = _timed(
                        keys, _asking(manager, each),
                        lambda key, found=found: _ask_alone(connection, found, keys[0], key),
                    )  # fmt: skip

            # The record of an access is durable before anything is shown: its commit waits for the disk.
            def record(_: int) -> None:
                _record_alone(services, manager.actor)

            _, recorded = _timed(keys, _asking(manager, REQUESTS[-1]), record)
            people = [_Person(address, role) for role in ("viewer", "manager")]
            viewer, other = _timed(keys, *(_asking(each, REQUESTS[0]) for each in people))
            seen = {"viewer": viewer, "manager": other}
            web = web_speed(address, "manager", PASSWORD) if has_web else None
    return _page(stored, asked, alone, recorded, seen, web)


def _fill(folder: Path, variables: dict[str, str], settings: Settings, claims: int) -> None:
    path = folder / "claims.837"
    for number, first in enumerate(range(0, claims, A_FILE)):
        write_sample(path, SampleOptions(claims=min(A_FILE, claims - first), seed=number))
        content = path.read_bytes().replace(b"CLM*", b"CLM*%02d" % number)
        path.write_bytes(content)
        command(variables, "intake", str(path), "--facility", f"FAC{number % 5}")
    path.unlink()
    command(variables, "run")
    caller = Caller("default", "system:benchmark")
    with opened_services(settings) as services, services.database.transaction(caller) as connection:
        for role in ("manager", "viewer"):
            create_account(caller, connection, role, roles=[role], known_roles=ROLES, password=PASSWORD)
    (folder / "filled").touch()


class _Person:
    """Somebody who is signed in, over one connection that stays open."""

    def __init__(self, address: str, name: str) -> None:
        parts = urlsplit(address)
        self.connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
        self.headers = {"Content-Type": "application/json"}
        said = {"name": name, "password": PASSWORD}
        answer, content = self.ask("POST", "/session", said)
        cookie = answer.getheader("Set-Cookie") or ""
        self.actor = f"user:{json.loads(content)['account_id']}"
        self.headers |= {
            "Cookie": cookie.partition(";")[0], "X-CSRF-Token": json.loads(content)["csrf_token"],
        }  # fmt: skip

    def ask(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        self.connection.request(
            method, f"/api/v1{path}", json.dumps(body) if body is not None else None, self.headers
        )
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {content.decode()}")
        return answer, content


def _asking(person: _Person, request: Request) -> Callable[[int], object]:
    method = "GET" if request.body is None else "POST"
    return lambda key: person.ask(method, request.path.replace("KEY", str(key)), request.body)


class _Recorded(psycopg.Cursor[Any]):
    """A cursor that keeps what it is asked."""

    kept: ClassVar[list[tuple[Any, Any]]] = []

    def execute(self, query: Any, params: Any = None, **more: Any) -> Any:
        self.kept.append((query, params))
        return super().execute(query, params, **more)


def _statements(services: Services, settings: Settings, key: int) -> dict[str, list[tuple[Any, Any]]]:
    """The SQL about claims that each request executes."""
    app = create_app(settings, services)
    found = {}
    transaction = services.database.transaction

    @contextmanager
    def recorded(caller: Caller) -> Iterator[Any]:
        with transaction(caller) as connection:
            connection.cursor_factory = _Recorded
            try:
                yield connection
            finally:
                connection.cursor_factory = psycopg.Cursor

    services.database.transaction = recorded  # type: ignore[method-assign]
    with TestClient(app, base_url="https://testserver") as client:
        said = client.post("/api/v1/session", json={"name": "manager", "password": PASSWORD}).json()
        headers = {"X-CSRF-Token": said["csrf_token"]}
        for each in REQUESTS:
            _Recorded.kept.clear()
            path = "/api/v1" + each.path.replace("KEY", str(key))
            method = "GET" if each.body is None else "POST"
            client.request(method, path, json=each.body, headers=headers).raise_for_status()
            found[each.name] = [
                (query, params)
                for query, params in _Recorded.kept
                if str(query).lstrip().lower().startswith(("select", "with"))
                and any(schema in str(query) for schema in _OF_CLAIMS)
            ]
    services.database.transaction = transaction  # type: ignore[method-assign]
    return found


def _ask_alone(connection: Any, statements: list[tuple[Any, Any]], was: int, key: int) -> None:
    for query, params in statements:
        connection.execute(query, _with_key(params, was, key)).fetchall()


def _record_alone(services: Services, actor: str) -> None:
    """Write the record of an access as psycopg alone does, and commit."""
    caller = Caller("default", actor)
    with services.database.transaction(caller) as connection:
        record_phi_access(
            caller, connection, subject="claim:1", fields=("billing",), reason=OPENING["reason"],
            correlation_id="benchmark", broke_glass=False, digest=None,
        )  # fmt: skip


def _with_key(params: Any, was: int, key: int) -> Any:
    if isinstance(params, dict):
        return {name: _with_key(value, was, key) for name, value in params.items()}
    if isinstance(params, list | tuple):
        return type(params)(_with_key(value, was, key) for value in params)
    return key if params == was and not isinstance(params, bool) else params


def _timed(keys: list[int], *acts: Callable[[int], object]) -> list[Times]:
    """The times of each act, done in turn; never with the same key right after one another."""
    spent: list[list[float]] = [[] for _ in acts]
    for at in range(-20, len(keys)):
        for number, act in enumerate(acts):
            key = keys[(at + number * (len(keys) // len(acts))) % len(keys)]
            begun = time.perf_counter()
            act(key)
            if at >= 0:
                spent[number].append((time.perf_counter() - begun) * 1000)
    return [Times(statistics.median(each), sorted(each)[int(len(each) * 0.95)]) for each in spent]


def _page(
    stored: int,
    asked: dict[str, Times],
    alone: dict[str, Times],
    recorded: Times,
    seen: dict[str, Times],
    web: WebSpeed | None,
) -> str:
    rows = "\n".join(
        f"| {name} | {found.p50:.1f} | {found.p95:.1f} | {alone[name].p50:.2f} | {alone[name].p95:.2f} |"
        f" {found.p95 / alone[name].p95:.1f} |"
        for name, found in asked.items()
    )
    opened, sql = asked[OPENED], alone[OPENED]
    p50, p95 = (opened.p50 / (sql.p50 + recorded.p50), opened.p95 / (sql.p95 + recorded.p95))
    share = 1 - seen["manager"].p50 / seen["viewer"].p50
    today = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}"
    return f"""# Lists and details of the API, measured

Written by `make load-reads` on {today}: {stored:,} claims in the store, {os.cpu_count()} processors,
Python {platform.python_version()}, one API process on the embedded database, one request after the other,
{ROUNDS} of each, of claims chosen at random. Milliseconds. Alone: the SQL of the same requests about the
same claims through psycopg, over one connection, without HTTP, identity, decisions, decryption and audit;
asked in turn with the API. Load of the machine meanwhile: {os.getloadavg()[1]:.1f}.

| request | p50 | p95 | alone p50 | alone p95 | p95 as a multiple |
| --- | ---: | ---: | ---: | ---: | ---: |
{rows}

The record of an access, written and committed by psycopg alone: p50 {recorded.p50:.1f}, p95
{recorded.p95:.1f} ms. It is part of opening a claim, and not of the SQL in the table; with it, an opened
claim takes {p95:.1f} times what psycopg alone takes (p95), {p50:.1f} times in the median.

A viewer, from whom the day of service is withheld, waits {seen["viewer"].p50:.1f} ms for a list of 100
claims (median), a manager {seen["manager"].p50:.1f} ms: withholding costs {max(0.0, share):.0%} of the
list's time.
{_in_the_browser(web) if web else ""}"""


def _in_the_browser(web: WebSpeed) -> str:
    return f"""
## The work queue in the browser

Chromium's trace, 1440 by 900 pixels, before the same store. First load with an empty cache, until the first
rows are drawn: {web.main_thread_ms:,.0f} ms of tasks on the main thread, {web.network_ms:,.0f} ms with at
least one request open, the server's work included, {web.kilobytes:,.0f} kB over the wire. Scrolling to row
{web.rows:,}: of {web.tasks:,} tasks on the main thread, {web.late} took more than 50 ms; the longest
{web.longest_ms:.0f} ms.
"""


if __name__ == "__main__":
    sys.exit(main())
