"""What tenants use is counted once, by whichever way it came; quotas refuse; limits hold over processes."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import psycopg
from fastapi.testclient import TestClient
from tests.apps.api.conftest import PASSWORD, ROOT, Doors
from tests.features.pipeline.bench_of_claims import sample

from claimwright.apps.api.application import create_app
from claimwright.platform.metering import QuotaExceededError, this_month, usage_of


def use(doors: Doors, headers: dict[str, str]) -> dict[str, dict[str, int]]:
    told = doors.client.get("/api/v1/usage", headers=headers).json()
    return {each["identity"]: each for each in told["identities"]}


def upload(doors: Doors, headers: dict[str, str], content: bytes):  # type: ignore[no-untyped-def]  # a response
    return doors.client.post("/api/v1/files", headers=headers, params={"facility": "FAC001"}, content=content)


def test_requests_claims_bytes_and_storage_are_counted_by_identity(doors: Doors, tmp_path: Path) -> None:
    manager, processor = doors.token("manager"), doors.token("claims_processor")
    before = use(doors, manager)
    # What the terminal brought in was counted as well: two files of the store.
    assert before["user:1"]["claims"] == 60
    content = sample(tmp_path, 15, seed=31).replace(b"CLM*", b"CLM*M")
    taken = upload(doors, processor, content).json()
    assert taken["staged"] == 15
    assert upload(doors, processor, content).json()["earlier"] == taken["file_id"]
    after = use(doors, manager)
    own = next(each for name, each in after.items() if name not in before and each["claims"])
    assert (own["requests"], own["claims"]) == (2, 15)
    assert own["bytes_received"] == own["bytes_stored"] == len(content)
    # The manager is account 1, which brought the first files in.
    assert after["user:1"]["requests"] == before["user:1"]["requests"] + 1
    answer = doors.client.get("/api/v1/usage/export", headers=manager)
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {row["month"] for row in rows} == {this_month()}
    assert sum(int(row["claims"]) for row in rows) == 75
    other = doors.token("manager", tenant="other")
    assert [each["claims"] for each in use(doors, other).values()] == [0]
    assert doors.client.get("/api/v1/usage", headers=manager, params={"month": "2026-13"}).status_code == 422


def test_what_is_rolled_back_is_not_counted_and_what_is_removed_is_not_stored(doors: Doors) -> None:
    def sums() -> tuple[int, int]:
        with doors.services.database.transaction(ROOT) as connection:
            found = usage_of(connection, this_month())
        return sum(each.claims for each in found), sum(each.bytes_stored for each in found)

    before = sums()
    copy = (
        "insert into staging.files select tenant, 999, facility, '\\x00', bytes, object, received_at, "
        "received_on, correlation_id, claims, staged, refused, faults from staging.files limit 1"
    )
    with doors.services.database.transaction(ROOT) as connection:
        connection.execute(copy.encode())
        raise psycopg.Rollback
    assert sums() == before
    with psycopg.connect(doors.store.superuser) as owner:
        owner.execute("set claimwright.tenant = 'default'")
        row = owner.execute(
            "update staging.files set object = null where file_id = 1 returning bytes"
        ).fetchone()
    assert row is not None
    assert sums() == (before[0], before[1] - row[0])


def test_a_quota_refuses_with_429_and_leaves_nothing_behind(doors: Doors, tmp_path: Path) -> None:
    administrator, processor = doors.token("administrator"), doors.token("claims_processor")
    path = "/api/v1/usage/quotas"
    wanted = {"tenant": "default", "kind": "claims", "most": 70}
    assert doors.client.post(path, headers=doors.token("manager"), json=wanted).status_code == 403
    stranger = doors.token("administrator", tenant="other")
    assert doors.client.post(path, headers=stranger, json=wanted).status_code == 403
    nowhere = {**wanted, "tenant": "nowhere"}
    assert doors.client.post(path, headers=administrator, json=nowhere).status_code == 404
    assert doors.client.post(path, headers=administrator, json=wanted).status_code == 204
    [quota] = doors.client.get(path, headers=administrator).json()
    assert (quota["kind"], quota["most"], quota["used"]) == ("claims", 70, 60)
    content = sample(tmp_path, 15, seed=32).replace(b"CLM*", b"CLM*N")
    refused = upload(doors, processor, content)
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "quota_exceeded")
    assert int(refused.headers["Retry-After"]) > 0
    assert "70 claims brought in a month" in refused.json()["error"]["message"]
    assert len(doors.client.get("/api/v1/files", headers=processor).json()["items"]) == 2
    assert doors.client.post(path, headers=administrator, json={**wanted, "most": 75}).status_code == 204
    assert upload(doors, processor, content).status_code == 201
    # Used up: refused before anything is read.
    assert upload(doors, processor, content).status_code == 429
    assert doors.client.post(path, headers=administrator, json={**wanted, "most": None}).status_code == 204
    limited = {"tenant": "other", "kind": "requests", "most": 1}
    assert doors.client.post(path, headers=administrator, json=limited).status_code == 204
    assert doors.client.get("/api/v1/claims", headers=stranger).status_code == 429
    # Who is refused can still see why.
    assert doors.client.get(path, headers=stranger).json()[0]["used"] == 1
    assert doors.client.get("/api/v1/own/tokens", headers=stranger).status_code == 200
    assert doors.client.get("/api/v1/claims", headers=processor).status_code == 200


def test_quotas_say_what_was_used_up() -> None:
    assert QuotaExceededError("storage", 5).retry_seconds is None
    assert "5 bytes of claim files stored" in str(QuotaExceededError("storage", 5))


def test_limits_hold_over_several_processes(doors: Doors) -> None:
    settings = doors.services.settings
    few = settings.model_copy(
        update={"api": settings.api.model_copy(update={"requests_per_minute": 6, "sign_ins_per_minute": 5})}
    )
    doors.services.settings = few
    doors.account("kim", "coder")
    coder = doors.token("coder")
    with TestClient(
        create_app(few, doors.services), base_url="https://testserver", raise_server_exceptions=False
    ) as second:
        both = (doors.client, second)
        told = [both[n % 2].get("/api/v1/own/tokens", headers=coder) for n in range(8)]
        if {int(each.headers["RateLimit-Reset"]) > 55 for each in told[-1:]} == {True}:
            # A minute ended in between: count in the new one.
            told = [both[n % 2].get("/api/v1/own/tokens", headers=coder) for n in range(8)]
        assert [each.status_code for each in told].count(429) >= 1
        assert {each.headers["RateLimit-Limit"] for each in told} == {"6"}
        given = {"name": "kim", "password": "wrong " + PASSWORD}
        signed = [both[n % 2].post("/api/v1/session", json=given).status_code for n in range(12)]
    assert set(signed) == {401, 429}
    assert signed.count(401) <= 10
    # The account itself is locked in the database too, whichever process is asked.
    with doors.services.database.transaction(ROOT) as connection:
        row = connection.execute(
            "select failures, locked_until is not null from identity.accounts where name = 'kim'"
        ).fetchone()
    assert row is not None
    assert (row[0] >= 5, row[1]) == (True, True)
