"""Many sign-ins at once: the others are served meanwhile, and what is counted is right."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyotp
import pytest
from httpx2 import Response
from psycopg_pool import PoolTimeout
from tests.apps.api.conftest import PASSWORD, Doors, opened
from tests.apps.api.test_sign_in_attacks import with_factor
from tests.apps.api.test_signing_in import SESSION, code_of, sign_in
from tests.database_server import Store

from claimwright.apps.api.connections import Connections, counted_address
from claimwright.apps.api.routes import knowledge, queue
from claimwright.apps.api.routes.knowledge import TriedRule
from claimwright.foundation import clock
from claimwright.platform import outward_requests
from claimwright.platform.identity import (
    OidcClient,
    OidcProvider,
    ProviderUnavailableError,
    passwords,
    provider,
)

UNLIMITED = {"CLAIMWRIGHT_API_SIGN_INS_PER_MINUTE": "1000", "CLAIMWRIGHT_DATABASE_POOL_SIZE": "2"}
KEY = "Idempotency-Key"


def test_guesses_at_one_account_keep_nobody_else_waiting(
    processed: tuple[Store, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Comparing a password is slow on purpose. It takes no connection of the few that there are."""
    store, folder = processed
    shutil.copytree(folder / "home", tmp_path / "home")
    begun, going_on = threading.Semaphore(0), threading.Event()
    right, at_once, most = passwords.matches, Counter[str](), 0

    def slow(password: str, kept: str | None) -> bool:
        nonlocal most
        at_once["now"] += 1
        most = max(most, at_once["now"])
        begun.release()
        going_on.wait(60)
        at_once["now"] -= 1
        return right(password, kept)

    with store.copied() as copy, opened(copy, tmp_path, **UNLIMITED) as doors, ThreadPoolExecutor(50) as many:
        doors.account("jlee", "coder")
        headers = doors.token("manager")
        monkeypatch.setattr(passwords, "matches", slow)
        guess = {"name": "jlee", "password": "not the password at all"}
        guesses = [many.submit(doors.client.post, SESSION, json=guess) for _ in range(45)]
        assert begun.acquire(timeout=60)
        assert begun.acquire(timeout=60)
        others = [
            many.submit(doors.client.get, "/api/v1/claims", headers=headers),
            many.submit(doors.client.post, "/api/v1/own/views", headers=headers, json={}),
        ]
        statuses = [each.result(60).status_code for each in others]
        going_on.set()
        refused = {each.result(60).status_code for each in guesses}
    assert statuses == [200, 422]
    assert (refused, most) == ({401}, 2)


def test_whoever_asks_for_much_at_once_waits_for_oneself(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rules over many claims, and exports: one at a time for each who asks; others have their turn."""
    mine, other = doors.token("manager"), doors.token("coder")
    begun, going_on = threading.Semaphore(0), threading.Event()
    at_once, most = Counter[str](), 0

    def slow(_: object) -> TriedRule:
        nonlocal most
        at_once["now"] += 1
        most = max(most, at_once["now"])
        begun.release()
        going_on.wait(60)
        at_once["now"] -= 1
        return TriedRule(code="NPI001", cases=[], replay=None)

    monkeypatch.setattr(knowledge, "_tried", slow)

    def ask(headers: dict[str, str]) -> int:
        return doors.client.post("/api/v1/rules/trial", headers=headers, json={"code": "NPI001"}).status_code

    with ThreadPoolExecutor(12) as many:
        asked = [many.submit(ask, mine) for _ in range(10)]
        assert begun.acquire(timeout=60)
        asked.append(many.submit(ask, other))
        assert begun.acquire(timeout=60)
        going_on.set()
        assert {each.result(60) for each in asked} == {200}
    assert most == 2


def test_an_export_is_made_before_any_of_it_is_sent(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    """So whoever reads it slowly keeps no connection, and without a free one it is refused, not cut off."""

    def without_connection(*_: object, **__: object) -> Iterator[bytes]:
        yield b"kind,claim"
        raise PoolTimeout

    headers = doors.token("viewer")
    whole = doors.client.get("/api/v1/queue/export", headers=headers)
    assert (whole.status_code, whole.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    monkeypatch.setattr(queue, "export_work", without_connection)
    refused = doors.client.get("/api/v1/queue/export", headers=headers)
    assert (refused.status_code, code_of(refused)) == (503, "unavailable")


def test_of_the_same_code_sent_many_times_at_once_one_is_good(
    processed: tuple[Store, Path], tmp_path: Path
) -> None:
    store, folder = processed
    shutil.copytree(folder / "home", tmp_path / "home")
    with store.copied() as copy, opened(copy, tmp_path, **UNLIMITED) as doors, ThreadPoolExecutor(4) as many:
        codes = with_factor(doors, "jlee", "coder")
        wanted = {"name": "jlee", "password": PASSWORD, "code": codes[0]}
        answers: list[Response] = list(many.map(lambda _: doors.client.post(SESSION, json=wanted), range(4)))
    assert sorted(each.status_code for each in answers) == [201, 401, 401, 401]


def test_a_secret_that_was_shown_is_not_shown_again_to_a_session_without_the_factor(doors: Doors) -> None:
    doors.account("jlee", "coder")
    csrf = sign_in(doors, "jlee")
    new, key = {"label": "report", "scopes": ["read"], "days": 1}, {KEY: "report-of-today"}
    assert doors.client.post("/api/v1/own/tokens", headers=csrf | key, json=new).status_code == 201
    again = doors.client.post("/api/v1/own/tokens", headers=csrf | key, json=new)
    assert again.headers["Idempotent-Replayed"] == "true"
    secret = doors.client.post("/api/v1/own/factor", headers=csrf).json()["secret"]
    confirmed = {"secret": secret, "code": pyotp.TOTP(secret).now()}
    assert doors.client.post(
        "/api/v1/own/factor/confirmation", headers=csrf, json=confirmed
    ).status_code == 200  # fmt: skip
    refused = doors.client.post("/api/v1/own/tokens", headers=csrf | key, json=new)
    assert (refused.status_code, code_of(refused)) == (422, "key_reused")


def test_a_provider_that_is_away_is_not_asked_by_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def away(method: str, address: str, **_: object) -> outward_requests.Answer:
        asked.append(address)
        raise outward_requests.OutwardRequestError("login.example.org: cannot be asked: TimeoutError.")

    monkeypatch.setattr(provider, "send", away)
    now = [1_000.0]
    monkeypatch.setattr(clock, "seconds", lambda: now[0])
    client = OidcClient("https://login.example.org", "us", None, "https://here/sign-in/oidc")
    one = OidcProvider(client)
    for later, count in ((0, 1), (4, 1), (2, 2), (0, 2)):
        now[0] += later
        with pytest.raises(ProviderUnavailableError, match="cannot be asked"):
            one.signed_out("a.b.c")
        assert len(asked) == count


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_an_address_is_counted_with_all_that_one_subscriber_has(address: str, counted: str) -> None:
    assert counted_address(address) == counted


def test_connections_from_one_network_of_ipv6_are_those_of_one_address() -> None:
    class Open:
        def overdue(self, *_: object) -> str | None:
            return None

        def end(self, why: str) -> None:
            raise AssertionError(why)

    async def admitted() -> list[bool]:
        places = Connections(100, 2)
        return [places.admit(Open(), f"2001:db8::{number}") for number in range(3)]

    assert asyncio.run(admitted()) == [True, True, False]
