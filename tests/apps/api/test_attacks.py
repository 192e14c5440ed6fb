"""What somebody hostile sends to every route comes to nothing, and others are served meanwhile."""

from __future__ import annotations

import asyncio
import itertools
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.apps.api.conftest import PASSWORD, ROOT, Doors, opened
from tests.database_server import Store

from claimwright.apps.api import live
from claimwright.apps.api.asking import Asker
from claimwright.apps.api.live import Hub, live_events
from claimwright.domain.caller import Caller
from claimwright.platform.access import ROLES
from claimwright.platform.identity import live_token, revoke_token

SQL, HTML, FORMULA = "1' or '1'='1'; drop table x;--", '"><script>alert(1)</script>', '=HYPERLINK("http://x")'
HEADER, PATH, NULL = "a\r\nSet-Cookie: stolen=1", "../../../etc/passwd", "a\x00b"
PAYLOADS = (SQL, HTML, FORMULA, HEADER, PATH, NULL)
# What all tenants use: it has no tenant's ids.
OF_ALL = ("rules", "reference", "dictionary", "codes", "models", "templates", "analytics")
UNLIMITED = {
    "CLAIMWRIGHT_API_REQUESTS_PER_MINUTE": "100000", "CLAIMWRIGHT_API_SIGN_INS_PER_MINUTE": "100000",
}  # fmt: skip


def operations(doors: Doors) -> list[tuple[str, str, dict[str, Any]]]:
    paths = doors.client.get("/openapi.json").json()["paths"]
    return [
        (path, method.upper(), said)
        for path, methods in paths.items()
        for method, said in methods.items()
        if not path.endswith("/events/stream")
    ]


@pytest.fixture(scope="module")
def unlimited(processed: tuple[Store, Path], tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]  # a generator
    store, folder = processed
    own = tmp_path_factory.mktemp("attacked")
    shutil.copytree(folder / "home", own / "home")
    with store.copied() as copy, opened(copy, own, **UNLIMITED) as doors:
        yield doors


def test_what_is_injected_into_parameters_and_paths_comes_to_nothing(unlimited: Doors) -> None:
    doors = unlimited
    headers = doors.token(*ROLES)
    before = doors.client.get("/api/v1/claims", headers=headers).json()
    payloads = itertools.cycle(PAYLOADS)
    sent = 0
    for path, method, said in operations(doors):
        if method != "GET" or not path.startswith("/api/v1"):
            continue
        names = [each["name"] for each in said.get("parameters", ()) if each["in"] == "query"]
        of_path = re.findall(r"\{(\w+)\}", path)
        whole = re.sub(r"\{\w+\}", "1", path)
        for name in names:
            payload = next(payloads)
            answer = doors.client.get(whole, headers=headers, params={name: payload})
            sent += 1
            assert answer.status_code < 500, (path, name, payload)
            assert "stolen" not in answer.headers.get("set-cookie", ""), (path, name)
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == "application/json", (path, name)
                assert payload not in answer.text, (path, name)
        for name in of_path:
            payload = next(payloads)
            quoted = "".join(f"%{byte:02X}" for byte in payload.encode())
            broken = re.sub(r"\{\w+\}", "1", path.replace("{" + name + "}", quoted))
            answer = doors.client.get(broken, headers=headers)
            sent += 1
            assert 400 <= answer.status_code < 500, (path, name, payload)
            assert payload not in answer.text, (path, name)
            assert "root:" not in answer.text, (path, name)
    assert sent > 100
    assert doors.client.get("/api/v1/claims", headers=headers).json() == before


def test_what_is_injected_into_headers_is_not_taken_over(doors: Doors) -> None:
    for payload in (SQL, HTML, PATH, "x" * 500):
        answer = doors.client.get(
            "/health/live",
            headers={"X-Request-Id": payload, "X-Forwarded-For": payload, "X-Forwarded-Host": "evil"},
        )
        assert answer.status_code == 200
        assert payload not in str(answer.headers)
        assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["X-Request-Id"])
    # The address of who asks is that of the connection, whatever a header says.
    guess = {"name": "jlee", "password": "not the password at all"}
    # 20 guesses a minute: of 60, more than 20 fall into one, also where a minute ends meanwhile.
    statuses = (
        doors.client.post(
            "/api/v1/session", json=guess, headers={"X-Forwarded-For": f"10.0.0.{number}"}
        ).status_code
        for number in range(60)
    )
    assert 429 in statuses


def test_an_id_of_another_tenant_is_as_good_as_none(unlimited: Doors) -> None:
    """Every route with a number in it: one answer for what another tenant has and for what nobody has."""
    doors = unlimited
    doors.token("viewer")  # the first token is somebody else's
    stranger = doors.token(*ROLES, tenant="other")
    walked = 0
    for path, method, _ in operations(doors):
        if "{" not in path or path.split("/")[3] in OF_ALL:
            continue
        body = None if method in ("GET", "DELETE") else {"reason": "about the work of today", "version": 1}
        told = []
        for number in ("1", "999999"):
            whole = re.sub(r"\{session_id\}", "00000000-0000-0000-0000-000000000000", path)
            whole = re.sub(r"\{\w+\}", number, whole)
            answer = doors.client.request(
                method, whole, headers={**stranger, "If-Match": '"1"'}, json=body
            )  # fmt: skip
            if answer.status_code < 300:
                said = answer.text.replace(f'"{number}"', '""')
            else:
                said = answer.json()["error"]["code"]
            told.append((answer.status_code, said))
        assert told[0] == told[1], (method, path)
        walked += 1
    assert walked > 40


def test_a_stale_edit_is_refused_and_one_without_a_version_too(doors: Doors) -> None:
    administrator = doors.token("administrator")
    url = f"/api/v1/accounts/{doors.account('jlee', 'viewer')}"
    tag = doors.client.get(url, headers=administrator).headers["ETag"]
    change = {"roles": ["coder"]}
    assert doors.client.patch(url, headers=administrator, json=change).status_code == 428
    first = doors.client.patch(url, headers={**administrator, "If-Match": tag}, json=change)
    assert first.status_code == 200
    second = doors.client.patch(url, headers={**administrator, "If-Match": tag}, json={"roles": ["auditor"]})
    assert second.status_code == 412
    assert doors.client.get(url, headers=administrator).json()["roles"] == ["coder"]


def test_one_password_for_many_names_and_one_name_from_many_addresses_are_slowed_down(doors: Doors) -> None:
    for name in ("jlee", "mroe"):
        doors.account(name, "coder")
    spray = [
        doors.client.post(
            "/api/v1/session", json={"name": f"name-{number}", "password": "a guess for all"}
        ).status_code
        for number in range(60)
    ]
    # 20 guesses a minute; where a minute ends meanwhile, some more.
    assert set(spray) == {401, 429}
    assert spray.index(429) >= 20
    # From elsewhere, as many addresses see it: the account itself waits.
    with doors.services.database.transaction(ROOT) as connection:
        connection.execute("delete from platform.rate_counts")
    for _ in range(6):
        doors.client.post("/api/v1/session", json={"name": "jlee", "password": "not the password at all"})
    right = doors.client.post("/api/v1/session", json={"name": "jlee", "password": PASSWORD})
    assert right.status_code == 401
    # Nobody else waits for it.
    other = doors.client.post("/api/v1/session", json={"name": "mroe", "password": PASSWORD})
    assert other.status_code == 201


def test_live_events_end_with_the_session_or_the_token(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_QUIET_SECONDS", 0.2)
    headers = doors.token("manager")
    number = int(headers["Authorization"].split(".")[1])
    services, caller = doors.services, Caller("default", "system:test")
    asker = Asker(caller, None, None, None, None, services, "x", "x", token_id=number)
    with services.database.transaction(ROOT) as connection:
        assert live_token(connection, number).token_id == number

    async def hear() -> bool:
        hub = Hub(services.database)
        hub.start()
        stream = live_events(hub, asker, None)
        while await asyncio.wait_for(anext(stream), 30) is not None:
            pass
        with services.database.transaction(ROOT) as connection:
            revoke_token(ROOT, connection, number)
        try:
            async with asyncio.timeout(30):
                async for event in stream:
                    assert event is None or event["type"].startswith("token")
        finally:
            hub.stop()
        return True

    assert asyncio.run(hear())
