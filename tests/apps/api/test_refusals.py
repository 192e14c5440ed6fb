"""A refused request is in the audit log of whoever sent it; of too many, the first of a minute. So are bad
inputs: a claim that is not theirs, a file that is none, a stale edit, items of a bulk act that were refused.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.apps.api.conftest import Doors, opened
from tests.database_server import Store


def test_refused_requests_are_in_the_audit_log(processed: tuple[Store, Path], tmp_path: Path) -> None:
    store, folder = processed
    shutil.copytree(folder / "home", tmp_path / "home")
    with store.copied() as copy, opened(copy, tmp_path, CLAIMWRIGHT_API_REQUESTS_PER_MINUTE="5") as doors:
        viewer, auditor = doors.token("viewer"), doors.token("auditor")
        # What is read and what is written are counted apart.
        for path in ("/api/v1/claims/7/opening", "/api/v1/rules/trial"):
            assert doors.client.post(path, headers=viewer, json={}).status_code == 403
        own = doors.token("coder", facilities=["FAC009"])
        release = {"claim_keys": [1], "reason": "it is right as it is"}
        assert doors.client.post("/api/v1/review/release", headers=own, json=release).status_code == 403
        statuses = [doors.client.get("/api/v1/runs", headers=viewer).status_code for _ in range(9)]
        assert statuses.count(429) >= 3
        assert doors.client.get("/api/v1/runs").status_code == 401
        assert doors.client.get("/api/v1/claims/999999", headers=own).status_code == 404
        assert refusals(doors, auditor) == [
            ("route:/api/v1/claims/{claim_key}", "GET", 404, "not_found"),
            ("route:/api/v1/runs", "GET", 429, "too_many_requests"),
            ("route:/api/v1/review/release", "POST", 403, "not_permitted"),
            ("route:/api/v1/rules/trial", "POST", 403, "not_permitted"),
            ("route:/api/v1/claims/{claim_key}/opening", "POST", 403, "not_permitted"),
        ]


def test_bad_inputs_are_in_the_audit_log_with_what_they_were_about(doors: Doors) -> None:
    biller, auditor = doors.token("claims_processor"), doors.token("auditor")
    client, why = doors.client, {"reason": "the finding was looked at"}
    # Of another tenant, or of nobody: the same.
    assert client.get("/api/v1/claims/999999", headers=biller).status_code == 404
    upload = client.post("/api/v1/files?facility=FAC001", headers=biller, content=b"%PDF-1.7 no claims")
    assert upload.status_code == 422
    item = client.get("/api/v1/queue?kind=claim_review&limit=1", headers=biller).json()["items"][0]
    edit = {**why, "edits": [{"field": "place_of_service", "value": "22"}]}
    path = f"/api/v1/claims/{item['claim_key']}/corrections"
    assert client.post(path, headers=biller | {"If-Match": '"9.9.9"'}, json=edit).status_code == 412
    stale = {"act": "start", "items": [{"item_id": item["item_id"], "version": 99}]}
    acted = client.post("/api/v1/queue/acts", headers=biller, json=stale).json()
    assert [each["code"] for each in acted["refused"]] == ["changed_meanwhile"]
    assert refusals(doors, auditor) == [
        ("route:/api/v1/claims/{claim_key}/corrections", "POST", 412, "changed_meanwhile"),
        ("route:/api/v1/files", "POST", 422, "unusable_input"),
        ("route:/api/v1/claims/{claim_key}", "GET", 404, "not_found"),
    ]
    log = client.get("/api/v1/audit", headers=auditor, params={"action": "request.refused"}).json()["items"]
    assert [each["content"]["detail"].get("items") for each in log] == [[item["claim_key"]], None, [999999]]
    [left] = client.get("/api/v1/audit", headers=auditor, params={"action": "work.refused"}).json()["items"]
    detail = {"option": "start", "count": 1, "items": [item["item_id"]], "reason_code": ["changed_meanwhile"]}
    assert (left["content"]["subject"], left["content"]["detail"]) == (f"item:{item['item_id']}", detail)


def refusals(doors: Doors, headers: dict[str, str]) -> list[tuple[str, str, int, str]]:
    log = doors.client.get("/api/v1/audit", headers=headers, params={"action": "request.refused"}).json()[
        "items"
    ]
    return [
        (
            each["content"]["subject"],
            *(each["content"]["detail"][name] for name in ("method", "status", "reason_code")),
        )
        for each in log
    ]
