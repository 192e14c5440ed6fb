"""Manners that are the same everywhere: errors, pages, repeated requests, limits, uploads, live events."""

from __future__ import annotations

import asyncio
import datetime
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from tests.apps.api.conftest import ROOT, Doors, opened
from tests.apps.api.served import served
from tests.database_server import Store

from claimwright.apps.api.asking import Asker
from claimwright.apps.api.live import Hub, as_text, live_events
from claimwright.apps.api.resources import PUBLIC, Ending, Resource
from claimwright.domain.caller import Caller


def test_an_error_has_one_shape_and_never_the_value_that_was_sent(doors: Doors) -> None:
    headers = doors.token("claims_processor")
    secret = "WILSON-1234"
    for answer in (
        doors.client.get("/api/v1/claims", headers=headers, params={"limit": secret}),
        doors.client.get("/api/v1/claims", headers=headers, params={"place": secret}),
        doors.client.get("/api/v1/claims", headers=headers, params={"cursor": secret}),
        doors.client.post("/api/v1/claims/search", headers=headers, json={"number": [secret]}),
        doors.client.post("/api/v1/claims/search", headers=headers, content=secret),
        doors.client.get(f"/api/v1/{secret}", headers=headers),
        doors.client.put("/api/v1/claims", headers=headers),
        doors.client.post(
            "/api/v1/review/release", headers=headers, json={"claim_keys": [2], "reason": secret}
        ),
    ):
        error = answer.json()["error"]
        assert answer.status_code in {404, 405, 422}
        assert set(error) == {"code", "message", "details", "timestamp", "request_id"}
        assert error["request_id"] == answer.headers["X-Request-Id"]
        assert secret not in answer.text


def test_a_request_keeps_the_id_that_it_came_with_into_the_audit_log(doors: Doors) -> None:
    headers = {**doors.token("claims_processor"), "X-Request-Id": "feed-20261128-1"}
    doors.client.post("/api/v1/claims/1/opening", headers=headers, json={"reason": "checking a denial"})
    found = doors.client.get(
        "/api/v1/audit", headers=doors.token("auditor"), params={"correlation_id": "feed-20261128-1"}
    )
    assert [each["content"]["action"] for each in found.json()["items"]] == ["phi.read"]


def test_pages_are_whole_and_stay_right_while_rows_arrive(doors: Doors, samples: Path) -> None:
    headers = doors.token("claims_processor")
    everything = doors.client.get("/api/v1/claims", headers=headers, params={"limit": 1000}).json()
    assert everything["next"] is None
    keys, cursor = [], None
    while True:
        page = doors.client.get(
            "/api/v1/claims", headers=headers, params={"limit": 25, **({"cursor": cursor} if cursor else {})}
        ).json()
        keys += [each["claim_key"] for each in page["items"]]
        if not keys[25:]:
            content = (samples / "dental.837").read_bytes()
            doors.client.post(
                "/api/v1/files", headers=headers, params={"facility": "FAC003"}, content=content
            )
        cursor = page["next"]
        if cursor is None:
            break
        other = doors.client.get(
            "/api/v1/claims", headers=headers, params={"place": "review", "cursor": cursor}
        )
        assert other.status_code == 422
    assert keys[: len(everything["items"])] == [each["claim_key"] for each in everything["items"]]
    assert len(keys) == len(set(keys)) > len(everything["items"])


def test_a_parameter_that_a_route_has_not_is_refused_with_those_that_there_are(doors: Doors) -> None:
    headers = doors.token("claims_processor")
    answer = doors.client.get("/api/v1/claims", headers=headers, params={"facilty": "FAC001"})
    assert answer.status_code == 422
    (detail,) = answer.json()["error"]["details"]
    assert detail["field"] == "query"
    assert "facility" in detail["message"]
    assert "facilty" not in answer.text
    # Who has not signed in is told nothing of the route.
    assert doors.client.get("/api/v1/claims", params={"facilty": "FAC001"}).status_code == 401


def test_an_answer_has_the_fields_that_are_asked_for(doors: Doors) -> None:
    headers = doors.token("claims_processor")

    def asked(path: str, fields: str) -> Any:
        return doors.client.get(f"/api/v1/{path}", headers=headers, params={"fields": fields, "limit": 3})

    page = asked("claims", "claim_key,place").json()
    whole = doors.client.get("/api/v1/claims", headers=headers, params={"limit": 3}).json()
    assert page["items"] == [
        {"claim_key": each["claim_key"], "place": each["place"]} for each in whole["items"]
    ]
    # It is the same list: its cursor goes on with other fields, or with all.
    onward = {"cursor": page["next"], "limit": 3}
    assert doors.client.get("/api/v1/claims", headers=headers, params=onward).status_code == 200
    for fields in ("claim_key,nothing", "claim_key.deeper", "claim_key,", "../x", ""):
        refused = asked("claims", fields)
        assert refused.status_code == 422
        assert refused.json()["error"]["details"][0]["field"] == "query.fields"
    one = doors.client.get("/api/v1/claims/1", headers=headers, params={"fields": "status"})
    assert set(one.json()) == {"status"}
    nested = doors.client.get("/api/v1/overview", headers=headers, params={"fields": "figures.name"}).json()
    assert set(nested) == {"figures"}
    assert {frozenset(each) for each in nested["figures"]} == {frozenset({"name"})}


@pytest.mark.parametrize("sort", ["-claim_key", "service_from_on", "-total_charge", "total_charge"])
def test_a_list_in_another_order_is_whole_page_by_page(doors: Doors, sort: str) -> None:
    headers = doors.token("claims_processor")
    found: list[dict[str, Any]] = []
    asked: dict[str, Any] = {"sort": sort, "limit": 7}
    while True:
        page = doors.client.get("/api/v1/claims", headers=headers, params=asked).json()
        found += page["items"]
        if page["next"] is None:
            break
        asked["cursor"] = page["next"]
    everything = doors.client.get("/api/v1/claims", headers=headers, params={"limit": 1000}).json()["items"]
    name = sort.removeprefix("-")

    def place(claim: dict[str, Any]) -> tuple[Any, int]:
        value = float(claim[name] or 0) if name == "total_charge" else claim[name] or "1970-01-01"
        return value, claim["claim_key"]

    assert found == sorted(everything, key=place, reverse=sort.startswith("-"))


def test_a_route_that_ends_says_when_and_what_takes_its_place() -> None:
    routes = Resource("ending", "Routes of a test")
    ending = Ending(datetime.date(2026, 12, 1), datetime.date(2027, 6, 30), instead="/api/v1/new")

    @routes.get("/old", action=PUBLIC, ending=ending)
    def old() -> dict[str, str]:
        return {}

    app = FastAPI()
    app.include_router(routes)
    (route,) = routes.routes
    assert isinstance(route, APIRoute)
    app.dependency_overrides = {
        each.dependency: lambda: None for each in route.dependencies[:1] if each.dependency is not None
    }
    answer = TestClient(app).get("/api/v1/old")
    assert answer.headers["Sunset"] == "Wed, 30 Jun 2027 23:59:59 GMT"
    assert answer.headers["Deprecation"] == "@1796083200"
    assert answer.headers["Link"] == '</api/v1/new>; rel="successor-version"'
    assert app.openapi()["paths"]["/api/v1/old"]["get"]["deprecated"] is True


def test_a_repeated_request_is_done_once_and_answered_as_before(doors: Doors) -> None:
    headers = {**doors.token("claims_processor"), "Idempotency-Key": "release-0001"}
    waiting = doors.client.get("/api/v1/review", headers=headers).json()["items"]
    body = {"claim_keys": [waiting[0]["claim_key"]], "reason": "documents were checked"}
    first = doors.client.post("/api/v1/review/release", headers=headers, json=body)
    again = doors.client.post("/api/v1/review/release", headers=headers, json=body)
    assert (first.status_code, again.status_code, first.json()) == (200, 200, again.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    other = doors.client.post(
        "/api/v1/review/release", headers=headers, json={**body, "reason": "another one"}
    )
    assert other.json()["error"]["code"] == "key_reused"
    # Another person's key of the same text is another key.
    stranger = {**doors.token("claims_processor"), "Idempotency-Key": "release-0001"}
    assert doors.client.post("/api/v1/review/release", headers=stranger, json=body).status_code == 404


def test_a_stored_answer_is_given_to_who_still_may_and_counts(doors: Doors) -> None:
    client, headers = doors.client, {**doors.token("manager"), "Idempotency-Key": "look-again-1"}
    path = "/api/v1/remittances/answers/retry"
    first, again = client.post(path, headers=headers), client.post(path, headers=headers)
    assert (first.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert "RateLimit-Remaining" in again.headers
    with doors.services.database.transaction(ROOT) as connection:
        rows = connection.execute("select sum(requests) from platform.usage").fetchall()
        connection.execute("update identity.accounts set roles = '{viewer}' where name like 'manager-%'")
    # Each was metered once, also the one whose answer was stored.
    assert rows == [(2,)]
    assert client.post(path, headers=headers).status_code == 403


def test_sign_ins_are_counted_by_address_whatever_else_is_sent(
    processed: tuple[Store, Path], tmp_path: Path
) -> None:
    store, folder = processed
    (tmp_path / "home").symlink_to(folder / "home")
    with store.copied() as copy, opened(copy, tmp_path, CLAIMWRIGHT_API_SIGN_INS_PER_MINUTE="2") as doors:
        headers, wrong = doors.token("viewer"), {"name": "nobody", "password": "wrong horse"}
        # A minute may end in between; of six in a row more than two are of one.
        answers = [doors.client.post("/api/v1/session", headers=headers, json=wrong) for _ in range(6)]
        assert 429 in [each.status_code for each in answers]


def test_a_remittance_may_be_as_large_as_an_upload(processed: tuple[Store, Path], tmp_path: Path) -> None:
    store, folder = processed
    (tmp_path / "home").symlink_to(folder / "home")
    with store.copied() as copy, opened(copy, tmp_path, CLAIMWRIGHT_API_BODY_BYTES="1000") as doors:
        headers = doors.token("manager")
        for path, status in (("", 422), ("/paper", 413)):
            answer = doors.client.post(f"/api/v1/remittances{path}", headers=headers, content=b"x" * 2_000)
            assert answer.status_code == status


def test_headers_that_are_too_large_or_do_not_end_are_refused(doors: Doors) -> None:
    with served(doors) as address:
        host, _, port = address.removeprefix("http://").rpartition(":")
        large = b"".join(b"X-%d: %s\r\n" % (number, b"y" * 1_000) for number in range(80)) + b"\r\n"
        for headers in (large, b"X-Endless: " + b"y" * 1_000_000):
            with socket.create_connection((host, int(port)), timeout=20) as connection:
                with suppress(ConnectionError):
                    connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n" + headers)
                with suppress(ConnectionError):
                    assert connection.recv(1_000)[:12] in {b"HTTP/1.1 400", b""}
                    while connection.recv(1_000):
                        pass
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            head = b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            connection.sendall(head + b"X-Cookie: " + b"y" * 20_000 + b"\r\n\r\n")
            assert connection.recv(1_000).startswith(b"HTTP/1.1 200")


def test_whoever_asks_too_often_is_told_when_to_come_back(
    processed: tuple[Store, Path], tmp_path: Path
) -> None:
    store, folder = processed
    (tmp_path / "home").symlink_to(folder / "home")
    with store.copied() as copy, opened(copy, tmp_path, CLAIMWRIGHT_API_REQUESTS_PER_MINUTE="3") as doors:
        headers, other = doors.token("viewer"), doors.token("viewer")
        # A minute may end in between; of eight in a row more than three are of one.
        answers = [doors.client.get("/api/v1/runs", headers=headers) for _ in range(8)]
        refused = [each for each in answers if each.status_code == 429]
        assert refused
        assert 0 < int(refused[0].headers["Retry-After"]) <= 61
        assert refused[0].headers["RateLimit-Remaining"] == "0"
        assert doors.client.get("/api/v1/runs", headers=other).status_code == 200


def test_a_body_larger_than_allowed_is_refused_also_without_a_length(
    processed: tuple[Store, Path], tmp_path: Path
) -> None:
    store, folder = processed
    (tmp_path / "home").symlink_to(folder / "home")
    with store.copied() as copy, opened(copy, tmp_path, CLAIMWRIGHT_API_BODY_BYTES="1000") as doors:
        headers = doors.token("viewer")
        for content in (b"x" * 2_000, iter([b"x" * 600, b"x" * 600])):
            answer = doors.client.post("/api/v1/claims/search", headers=headers, content=content)
            assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


def test_a_check_stores_nothing_and_says_what_the_command_says(doors: Doors, samples: Path) -> None:
    headers = doors.token("claims_processor")
    before = doors.client.get("/api/v1/files", headers=headers).json()
    content = (samples / "professional.837").read_bytes()
    answer = doors.client.post("/api/v1/check", headers=headers, content=content).json()
    assert answer["claims"] == len(answer["checked"]) == 40
    assert answer["clean"] == sum(each["status"] is None for each in answer["checked"])
    assert all(isinstance(each["total_charge"], str) for each in answer["checked"])
    assert answer["file_findings"] == []
    assert doors.client.get("/api/v1/files", headers=headers).json() == before


def test_a_check_of_a_file_without_a_claim_says_what_is_wrong_with_it(doors: Doors, samples: Path) -> None:
    begin = (samples / "professional.837").read_bytes()[:106]
    empty = b"GS*HC*A*B*20250101*1200*1*X*005010X222A1~ST*837*0001*005010X222A1~SE*2*0001~GE*1*1~IEA*1*1~"
    headers = doors.token("claims_processor")
    answer = doors.client.post("/api/v1/check", headers=headers, content=begin + empty).json()
    assert answer["claims"] == 0
    codes = [each["code"] for each in answer["file_findings"]]
    assert {"SYN003", "SYN044", "SYN046"} <= set(codes)
    assert all(each.get("claim") is None for each in answer["file_findings"])


def test_live_events_resume_after_the_last_one_seen_and_are_the_tenants_own(doors: Doors) -> None:
    database = doors.services.database
    caller = Caller("default", "system:test")

    def asker(tenant: str) -> Asker:
        mine = Caller(tenant, "system:test", frozenset({"manager"}))
        return Asker(mine, None, None, None, None, doors.services, "x", "x")

    with database.transaction(caller) as connection:
        ids = [
            row[0]
            for row in connection.execute("select id::text from platform.outbox order by position").fetchall()
        ]
    assert len(ids) >= 3

    async def hear() -> list[str]:
        hub = Hub(database)
        hub.start()
        stream = live_events(hub, asker("default"), ids[0])
        heard = [await anext(stream) for _ in ids[1:]]
        with database.transaction(caller) as connection:
            connection.execute(
                "insert into platform.outbox (tenant, type, subject, correlation_id, data) "
                "values ('default', 'run.finished.v1', 'run:1', 'x', '{}')"
            )
            connection.execute(
                'select pg_notify(\'claimwright_events\', \'{"tenant":"default","type":"t","id":"1"}\')'
            )
        heard.append(await asyncio.wait_for(anext(stream), 30))
        hub.stop()
        await stream.aclose()  # type: ignore[attr-defined]  # an async generator
        return [each["id"] if each else "" for each in heard]

    heard = asyncio.run(hear())
    assert heard[:-1] == ids[1:]
    assert len(set(heard)) == len(ids)
    assert as_text({"id": "1", "kind": "k", "data": {}}).startswith("id: 1\nevent: k\ndata: {")


def test_the_pages_of_the_api_load_nothing_from_elsewhere(doors: Doors) -> None:
    for path in ("/docs", "/docs/docs.js", "/docs/docs.css", "/setup", "/docs/setup.js"):
        answer = doors.client.get(path)
        assert answer.status_code == 200
        assert "://" not in answer.text.replace("http://www.w3.org", "")
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_claims_come_in_as_json_exactly_or_not_at_all(doors: Doors) -> None:
    headers = doors.token("claims_processor")
    claim = {
        "form": "P", "claim_id": "JSON-1", "total_charge": "120.10", "billing_npi": "1234567893",
        "payer_id": "P1", "lines": [{"procedure": "99213", "line_charge": "120.10", "units": "1"}],
    }  # fmt: skip
    send = {"headers": headers, "params": {"facility": "FAC009"}}
    wrong = doors.client.post(
        "/api/v1/claims/batch", json={"claims": [claim, {**claim, "total_charge": 1.234}]}, **send
    )  # type: ignore[arg-type]  # plain
    assert wrong.status_code == 422
    assert [(each["claim_id"], each["field"]) for each in wrong.json()["error"]["details"]] == [
        (2, "total_charge")
    ]
    right = doors.client.post("/api/v1/claims/batch", json={"claims": [claim]}, **send)  # type: ignore[arg-type]  # plain
    assert (right.status_code, right.json()["staged"]) == (201, 1)
    listed = doors.client.get("/api/v1/claims", headers=headers, params={"facility": "FAC009"}).json()[
        "items"
    ]
    assert [each["total_charge"] for each in listed] == ["120.10"]
    checked = doors.client.post("/api/v1/check", headers=headers, json={"claims": [claim]}).json()
    assert checked["charged"] == "120.10"
    assert any(each["code"].startswith("SYN") for each in checked["checked"][0]["findings"])
    assert "lines" in doors.client.get("/api/v1/claims/batch/schema", headers=headers).text


def test_a_key_of_another_upload_is_refused_and_that_of_the_same_one_answered(
    doors: Doors, samples: Path
) -> None:
    headers = {**doors.token("claims_processor"), "Idempotency-Key": "upload-0001"}
    content = (samples / "dental.837").read_bytes()
    answers = [
        doors.client.post("/api/v1/files?facility=FAC009", headers=headers, content=each)
        for each in (content, content, content.replace(b"CLM*", b"CLM*Z"))
    ]
    assert [each.status_code for each in answers] == [201, 201, 422]
    assert answers[1].json() == answers[0].json()
    assert answers[2].json()["error"]["code"] == "key_reused"


LINK = f"cwl_nowhere.0.{'x' * 43}"


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


@pytest.mark.parametrize(
    ("method", "path", "more", "status"),
    [
        ("GET", "claims", {"headers": {"Cookie": f"__Host-claimwright=cws_default.abc.{'x' * 43}"}}, 401),
        ("GET", "claims", {"headers": bearer(f"cwp_default.{'9' * 30}.{'x' * 43}")}, 401),
        ("GET", "claims", {"headers": bearer("e30.eyJ0ZW5hbnQiOiAiTk8gVEVOQU5UIn0.e30")}, 401),
        ("GET", "claims", {"headers": bearer("e30.eyJ0ZW5hbnQiOiAibm93aGVyZSJ9.e30")}, 401),
        ("POST", "session", {"json": {"tenant": "nowhere", "name": "x", "password": "y"}}, 401),
        ("POST", "session", {"json": {"name": "a\u0000b", "password": "y"}}, 422),
        ("POST", "session/link", {"json": {"link": LINK, "name": "x", "password": "y"}}, 401),
        ("GET", "claims/99999999999999999999/findings", {"role": "coder"}, 422),
        ("GET", "claims?facility=%00", {"role": "coder"}, 422),
        ("GET", "claims?file_id=99999999999999999999", {"role": "coder"}, 422),
        ("GET", "oauth/keys?tenant=NO", {}, 422),
    ],
)  # fmt: skip
def test_what_no_row_can_have_is_refused_and_is_no_fault_of_ours(
    doors: Doors, method: str, path: str, more: dict[str, Any], status: int
) -> None:
    if role := more.pop("role", None):
        more["headers"] = doors.token(role)
    assert doors.client.request(method, f"/api/v1/{path}", **more).status_code == status
