"""Ways around sign-in, second factor and the end of a session: none leads anywhere."""

from __future__ import annotations

import asyncio
import base64
import datetime
import json
import shutil
from pathlib import Path

import pyotp
import pytest
from fastapi import Request
from starlette.websockets import WebSocketDisconnect
from tests.apps.api.conftest import PASSWORD, ROOT, Doors, opened
from tests.apps.api.test_signing_in import SESSION, code_of, sign_in
from tests.database_server import Store

from claimwright.apps.api import live
from claimwright.apps.api.asking import Asker, asker_of
from claimwright.apps.api.live import Hub, live_events
from claimwright.domain.caller import Caller
from claimwright.foundation import clock
from claimwright.platform.access import ROLES
from claimwright.platform.identity import change_account, password_link

COOKIE = "__Host-claimwright"
TOKEN = {"label": "report", "scopes": ["all"], "days": 1}


def with_factor(doors: Doors, name: str, *roles: str) -> list[str]:
    """An account with an authenticator; its recovery codes."""
    doors.account(name, *roles)
    csrf = sign_in(doors, name)
    secret = doors.client.post("/api/v1/own/factor", headers=csrf).json()["secret"]
    code = pyotp.TOTP(secret).now()
    kept = doors.client.post(
        "/api/v1/own/factor/confirmation", headers=csrf, json={"secret": secret, "code": code}
    )
    codes: list[str] = kept.json()["codes"]
    return codes


def test_a_token_is_no_way_around_the_second_factor_of_a_role(doors: Doors) -> None:
    doors.account("root", "administrator")
    csrf = sign_in(doors, "root")
    made = doors.client.post("/api/v1/own/tokens", headers=csrf, json=TOKEN)
    assert (made.status_code, code_of(made)) == (401, "second_factor_needed")
    assert doors.client.get("/api/v1/own/tokens").json()["items"] == []


def test_a_session_from_before_the_factor_issues_no_token(doors: Doors) -> None:
    with_factor(doors, "jlee", "coder")
    csrf = {"X-CSRF-Token": doors.client.get(SESSION).json()["csrf_token"]}
    made = doors.client.post("/api/v1/own/tokens", headers=csrf, json=TOKEN)
    assert (made.status_code, code_of(made)) == (401, "second_factor_needed")


def test_the_websocket_asks_for_the_second_factor_too(doors: Doors) -> None:
    doors.account("root", "administrator")
    sign_in(doors, "root")
    with pytest.raises(WebSocketDisconnect), doors.client.websocket_connect("/api/v1/events/socket"):
        pass


def test_handshakes_of_websockets_count_as_requests(processed: tuple[Store, Path], tmp_path: Path) -> None:
    store, folder = processed
    shutil.copytree(folder / "home", tmp_path / "home")
    with store.copied() as copy, opened(copy, tmp_path, CLAIMWRIGHT_API_REQUESTS_PER_MINUTE="1") as doors:
        headers = doors.token("manager")
        with doors.client.websocket_connect("/api/v1/events/socket", headers=headers):
            pass
        with (
            pytest.raises(WebSocketDisconnect),
            doors.client.websocket_connect("/api/v1/events/socket", headers=headers),
        ):
            pass


@pytest.mark.parametrize("code", ["１２３４５６", "12345é", "\x00", "-"])
def test_a_code_of_any_characters_is_a_wrong_code_and_counts(doors: Doors, code: str) -> None:
    with_factor(doors, "jlee", "coder")
    for _ in range(5):
        wrong = doors.client.post(SESSION, json={"name": "jlee", "password": PASSWORD, "code": code})
        assert (wrong.status_code, code_of(wrong)) == (401, "second_factor_needed")
    assert int(wrong.headers["Retry-After"]) >= 30


@pytest.mark.parametrize("length", [16, 17, 20, 33, 64])
def test_a_secret_of_any_length_is_refused_or_used(doors: Doors, length: int) -> None:
    doors.account("jlee", "coder")
    csrf = sign_in(doors, "jlee")
    wanted = {"secret": "A" * length, "code": "000000"}
    refused = doors.client.post("/api/v1/own/factor/confirmation", headers=csrf, json=wanted)
    assert (refused.status_code, code_of(refused)) == (422, "unusable_input")


def test_a_token_of_endless_brackets_is_no_token(doors: Doors) -> None:
    deep = base64.urlsafe_b64encode(b'{"tenant":' + b"[" * 20_000).decode().rstrip("=")
    for text in (f"e30.{deep}.x", f"{deep}.{deep}.x"):
        refused = doors.client.get("/api/v1/claims", headers={"Authorization": f"Bearer {text}"})
        assert (refused.status_code, code_of(refused)) == (401, "not_signed_in")


def test_a_new_sign_in_ends_the_session_that_the_browser_had(doors: Doors) -> None:
    doors.account("jlee", "coder")
    sign_in(doors, "jlee")
    before = doors.client.cookies[COOKIE]
    sign_in(doors, "jlee")
    doors.client.cookies.clear()
    assert doors.client.get(SESSION, headers={"Cookie": f"{COOKIE}={before}"}).status_code == 401


def test_a_sign_in_that_fails_ends_nothing(doors: Doors) -> None:
    doors.account("jlee", "coder")
    sign_in(doors, "jlee")
    assert doors.client.post(SESSION, json={"name": "jlee", "password": "x"}).status_code == 401
    assert doors.client.get(SESSION).status_code == 200


def test_a_password_that_is_set_ends_every_link_that_is_still_out(doors: Doors) -> None:
    number = doors.account("jlee", "coder")
    with doors.services.database.transaction(ROOT) as connection:
        first, second = (password_link(ROOT, connection, number) for _ in range(2))
    used = {"name": "jlee", "password": "eleven purple owls sing"}
    assert doors.client.post(f"{SESSION}/link", json={**used, "link": str(second)}).status_code == 204
    again = doors.client.post(f"{SESSION}/link", json={**used, "link": str(first)})
    assert (again.status_code, code_of(again)) == (401, "not_signed_in")


def test_the_old_password_is_not_guessed_in_a_session_that_was_left_open(doors: Doors) -> None:
    doors.account("jlee", "coder")
    csrf = sign_in(doors, "jlee")
    new = "eleven purple owls sing"
    for _ in range(5):
        wrong = doors.client.post("/api/v1/own/password", headers=csrf, json={"old": "x", "new": new})
        assert wrong.status_code == 401
    assert int(wrong.headers["Retry-After"]) == 30
    right = doors.client.post("/api/v1/own/password", headers=csrf, json={"old": PASSWORD, "new": new})
    assert (right.status_code, "Retry-After" in right.headers) == (401, True)


def test_one_act_signs_out_everywhere(doors: Doors) -> None:
    doors.account("jlee", "coder")
    sign_in(doors, "jlee")
    elsewhere = doors.client.cookies[COOKIE]
    doors.client.cookies.clear()
    csrf = sign_in(doors, "jlee")
    assert doors.client.delete("/api/v1/own/sessions", headers=csrf).status_code == 204
    here = doors.client.cookies[COOKIE]
    doors.client.cookies.clear()
    for cookie in (elsewhere, here):
        assert doors.client.get(SESSION, headers={"Cookie": f"{COOKIE}={cookie}"}).status_code == 401


def test_a_factor_that_is_taken_off_ends_the_sessions_that_it_began(doors: Doors) -> None:
    number = doors.account("mroe", "coder")
    sign_in(doors, "mroe")
    headers = doors.token("administrator")
    cookie = doors.client.cookies[COOKIE]
    doors.client.cookies.clear()
    assert doors.client.delete(f"/api/v1/accounts/{number}/factor", headers=headers).status_code == 204
    assert doors.client.get(SESSION, headers={"Cookie": f"{COOKIE}={cookie}"}).status_code == 401


def test_ended_sessions_of_somebody_else_are_in_the_audit_log(doors: Doors) -> None:
    number = doors.account("mroe", "coder")
    sign_in(doors, "mroe")
    doors.client.cookies.clear()
    headers = doors.token("administrator")
    assert doors.client.delete(f"/api/v1/accounts/{number}/sessions", headers=headers).status_code == 204
    found = doors.client.get("/api/v1/audit", headers=headers, params={"action": "session.ended"}).json()
    assert [each["content"]["subject"] for each in found["items"]] == [f"account:{number}"]


def test_a_stream_tells_nothing_more_once_its_account_may_hear_less(doors: Doors) -> None:
    """The first event after the change is judged by the facilities of now, not by those of the beginning."""
    headers = doors.token("manager")
    number = int(headers["Authorization"].split(".")[1])
    services = doors.services
    [account] = doors._made
    caller = Caller("default", f"user:{account}", frozenset({"manager"}))
    asker = Asker(caller, None, frozenset({"all"}), None, None, services, "x", "x", token_id=number)

    async def hear() -> list[str]:
        hub = Hub(services.database)
        stream = live_events(hub, asker, None)
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0.5)
        with services.database.transaction(ROOT) as connection:
            change_account(ROOT, connection, account, known_roles=ROLES, facilities=["FAC002"])
            for facility in ("FAC001", "FAC002"):
                said = {"count": 1, "item_ids": [1], "facility": facility, "kind": "dead_letter"}
                connection.execute(
                    "insert into platform.outbox (tenant, type, subject, correlation_id, data) "
                    "values ('default', 'work.opened.v1', 'tenant:default', 'x', %s::jsonb)",
                    [json.dumps(said)],
                )
        hub._loop = asyncio.get_running_loop()
        hub._wake("default")
        first = await asyncio.wait_for(waiting, 30)
        with services.database.transaction(ROOT) as connection:
            change_account(ROOT, connection, account, known_roles=ROLES, roles=["auditor"])
            connection.execute(
                "insert into platform.outbox (tenant, type, subject, correlation_id, data) "
                "values ('default', 'work.opened.v1', 'tenant:default', 'x', %s::jsonb)",
                [json.dumps(said)],
            )
        hub._wake("default")
        rest = [each async for each in stream]
        return [each["data"]["facility"] for each in (first, *rest) if each]

    assert asyncio.run(asyncio.wait_for(hear(), 60)) == ["FAC002"]


def test_alerts_of_unusual_access_are_heard_by_those_who_may_see_them(doors: Doors) -> None:
    coder = doors.token("coder")
    doors.client.post(
        "/api/v1/claims/1/opening", headers=doors.token("manager"),
        json={"reason": "an emergency of the night", "break_glass": True},
    )  # fmt: skip

    def heard(role: str) -> set[str]:
        caller = Caller("default", "system:test", frozenset({role}))
        asker = Asker(caller, None, None, None, None, doors.services, "x", "x")
        with doors.services.database.transaction(ROOT) as connection:
            row = connection.execute("select id::text from platform.outbox order by position").fetchone()

        async def hear() -> set[str]:
            hub = Hub(doors.services.database)
            types = set()
            async for event in live_events(hub, asker, row[0] if row else None):
                if event is None or event["type"] == "claimwright.marker.v1":
                    break
                types.add(event["type"])
            return types

        return asyncio.run(asyncio.wait_for(hear(), 60))

    assert coder
    with doors.services.database.transaction(ROOT) as connection:
        connection.execute(
            "insert into platform.outbox (tenant, type, subject, correlation_id, data) "
            "values ('default', 'marker.v1', 'tenant:default', 'x', '{}'::jsonb)"
        )
    assert "claimwright.access.glass_broken.v1" in heard("administrator")
    assert "claimwright.access.glass_broken.v1" not in heard("coder")


def test_a_stream_ends_with_its_access_token(doors: Doors) -> None:
    """An access token is for ten minutes, also where it opened a stream; its credentials go on."""
    caller = Caller("default", "client:feed", frozenset({"manager"}))
    ended, going_on = (
        Asker(
            caller, None, None, None, None, doors.services, "x", "x",
            ends_at=clock.now() + datetime.timedelta(minutes=minutes),
        )
        for minutes in (-1, 9)
    )  # fmt: skip
    with doors.services.database.transaction(ROOT) as connection:
        assert ended.of_now(connection) is None
        assert going_on.of_now(connection) == going_on


def test_an_access_token_says_when_it_ends(doors: Doors) -> None:
    made = doors.client.post(
        "/api/v1/tokens", headers=doors.token("administrator"),
        json={"name": "emr", "label": "feed", "scopes": ["events"]},
    )  # fmt: skip
    wanted = {"grant_type": "client_credentials", "client_secret": made.json()["secret"]}
    text = doors.client.post("/api/v1/oauth/token", data=wanted).json()["access_token"]
    scope = {
        "type": "http", "method": "GET", "path": "/", "query_string": b"", "app": doors.client.app,
        "headers": [(b"authorization", f"Bearer {text}".encode())], "state": {"request_id": "x"},
    }  # fmt: skip
    ends_at = asker_of(Request(scope)).ends_at
    assert ends_at is not None
    assert 0 < (ends_at - clock.now()).total_seconds() <= 600


def test_one_account_has_so_many_streams_and_no_more(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "STREAMS_OF_ONE", 1)
    mine, other = doors.token("manager"), doors.token("coder")
    with doors.client.websocket_connect("/api/v1/events/socket?last_event_id=%00", headers=mine) as first:
        with (
            pytest.raises(WebSocketDisconnect),
            doors.client.websocket_connect("/api/v1/events/socket", headers=mine),
        ):
            pass
        refused = doors.client.get("/api/v1/events/stream", headers=mine)
        assert (refused.status_code, code_of(refused)) == (429, "too_many_requests")
        with doors.client.websocket_connect("/api/v1/events/socket", headers=other):
            pass
        first.close()
