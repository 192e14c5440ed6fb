"""What the commands can do to the store, the API can: the table of docs/api.md, and the routes of its own."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi.routing import APIRoute
from tests.apps.api.conftest import ROOT, Doors
from tests.apps.cli.test_acts import ACTS, NO_ACTS, commands
from tests.features.denials.test_rejecting import REJECTED_999
from tests.features.pipeline.bench_of_claims import begun, sample, stage

from claimwright.apps.api.application import RESOURCES
from claimwright.platform.audit import read_export, verify

REASON = {"reason": "its records are of a lost key"}


def table(repo_root: Path) -> dict[str, list[str]]:
    """The routes of each command, as docs/api.md has them."""
    page = (repo_root / "docs" / "api.md").read_text(encoding="utf-8")
    section = page.partition("## Commands and routes")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.+`) \| (.+) \|$", section, re.MULTILINE)
    assert all("none: " in routes or re.search(r"`[A-Z]+ /", routes) for _, routes in rows)
    return {
        command: re.findall(r"`((?:GET|POST|PATCH|DELETE) /[^`]*)`", routes)
        for said, routes in rows
        for command in re.findall(r"`([^`]+)`", said)
    }


def test_every_command_that_changes_the_store_has_a_route_or_a_reason(repo_root: Path) -> None:
    told = table(repo_root)
    known = set(commands())
    assert set(told) <= known
    assert {*ACTS, *NO_ACTS} & known - set(told) == set()
    routes = {
        f"{method} {each.path.removeprefix('/api/v1')}"
        for resource in RESOURCES
        for each in resource.routes
        if isinstance(each, APIRoute)
        for method in each.methods
    }
    assert {route for each in told.values() for route in each} - routes == set()


def test_a_chunk_is_given_up_and_a_rejection_and_a_correction_are_kept(doors: Doors, tmp_path: Path) -> None:
    client, manager = doors.client, doors.token("manager")
    database, sealer = doors.services.database, doors.services.sealer
    stage(database, sealer, sample(tmp_path, 15, seed=31).replace(b"CLM*", b"CLM*G"), "FAC001")
    run = begun(database, 20)
    path = f"/api/v1/runs/{run.run_id}/chunks/1/give-up"
    own = doors.token("manager", facilities=["FAC001"])
    assert client.post(path, headers=own, json=REASON).status_code == 403
    assert client.post(path, headers=manager, json={"reason": "short"}).status_code == 422
    given = client.post(path, headers=manager, json=REASON)
    assert (given.status_code, given.json()) == (200, {"claims": 15})
    assert client.post(path, headers=manager, json=REASON).status_code == 404
    # A 999 names no claim of this store: the rejection waits without one.
    rejected = client.post("/api/v1/denials/rejections", headers=manager, content=REJECTED_999).json()
    assert (rejected["kind"], rejected["rejections"], rejected["matched"]) == ("999", 1, 0)
    again = client.post("/api/v1/denials/rejections", headers=manager, content=REJECTED_999).json()
    assert again["earlier"] == rejected["file_id"]
    broken = client.post("/api/v1/denials/rejections", headers=manager, content=b"hello")
    assert broken.json()["error"]["code"] == "unusable_input"
    assert client.post("/api/v1/denials/alerts", headers=manager, json={}).status_code == 200
    assert client.get("/api/v1/denials/proposals", headers=manager).json() == []
    claims = client.get("/api/v1/claims", headers=manager, params={"limit": 5, "place": "production"}).json()
    key = claims["items"][0]["claim_key"]
    wanted = {"claim_key": key, "will_be_denied": True}
    assert client.post("/api/v1/feedback/corrections", headers=manager, json=wanted).status_code == 201
    assert client.get("/api/v1/feedback", headers=manager).json()["corrections"] == 1
    missing = {**wanted, "claim_key": 999_999}
    assert client.post("/api/v1/feedback/corrections", headers=manager, json=missing).status_code == 404


def test_a_rule_is_replayed_over_stored_claims_by_whoever_may_see_patients(doors: Doors) -> None:
    client, coder = doors.client, doors.token("coder")
    answer = client.post("/api/v1/rules/replay", headers=coder, json={"code": "BAL001", "claims": 500})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    with doors.services.database.transaction(ROOT) as connection:
        row = connection.execute("select count(*) from production.claims").fetchone()
    assert row is not None
    assert found["replay"]["claims"] == row[0]
    assert found["denials"]["answered"] == 0
    with doors.services.database.transaction(ROOT) as connection:
        keys = connection.execute(
            "select claim_key from production.claims order by claim_key desc"
        ).fetchall()
        for number, carc in enumerate(("16", None)):
            connection.execute(
                "insert into prediction.outcomes (claim_key, line, carc, charge_cents, paid_cents, "
                "answered_on, evidence, told_by, told_at) "
                "values (%s, 1, %s, 100, 0, '2026-11-01', '', 'user:1', now())",
                [keys[number][0], carc],
            )
    few = client.post("/api/v1/rules/replay", headers=coder, json={"code": "BAL001", "claims": 3}).json()
    assert few["replay"]["claims"] == 3
    assert (few["denials"]["answered"], few["denials"]["base_rate"]) == (2, 0.5)
    auditor = doors.token("auditor")
    refused = client.post("/api/v1/rules/replay", headers=auditor, json={"code": "BAL001"})
    assert refused.status_code == 403
    log = client.get("/api/v1/audit", headers=auditor, params={"action": "rules.replayed"}).json()["items"]
    assert [each["content"]["subject"] for each in log] == ["rule:BAL001"] * 2


def test_tenants_are_created_by_the_installation_and_the_log_leaves_as_it_is(doors: Doors) -> None:
    client, root = doors.client, doors.token("administrator")
    made = client.post("/api/v1/tenants", headers=root, json={"tenant": "midtown"})
    assert made.status_code == 201, made.text
    assert made.json()["has_data"]  # its log has its creation
    again = client.post("/api/v1/tenants", headers=root, json={"tenant": "midtown"})
    assert again.json()["error"]["code"] == "state_conflict"
    assert client.post("/api/v1/tenants", headers=root, json={"tenant": "A b"}).status_code == 422
    assert "midtown" in [each["tenant"] for each in client.get("/api/v1/tenants", headers=root).json()]
    stranger = doors.token("administrator", tenant="midtown")
    assert client.get("/api/v1/tenants", headers=stranger).status_code == 403
    auditor = doors.token("auditor")
    export = client.get("/api/v1/audit/export", headers=auditor)
    assert export.headers["content-type"].startswith("application/x-ndjson")
    tenant, parts = read_export(export.text.splitlines())
    verdict = verify(parts, None, tenant=tenant)
    assert verdict.holds
    last = client.get("/api/v1/audit", headers=auditor, params={"limit": 1}).json()["items"][0]
    assert (last["content"]["action"], last["sequence"]) == ("audit.exported", verdict.last)
    assert client.get("/api/v1/audit/export", headers=doors.token("coder")).status_code == 403
