"""A refused request is in the audit log of whoever sent it; of too many, the first of a minute."""

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
            ("route:/api/v1/runs", "GET", 429, "too_many_requests"),
            ("route:/api/v1/review/release", "POST", 403, "not_permitted"),
            ("route:/api/v1/rules/trial", "POST", 403, "not_permitted"),
            ("route:/api/v1/claims/{claim_key}/opening", "POST", 403, "not_permitted"),
        ]


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
