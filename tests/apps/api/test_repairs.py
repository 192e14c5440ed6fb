"""Repairs over the API: proposed, tried, applied with If-Match, in bulk; who may, and what is withheld."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.apps.api.conftest import Doors, opened
from tests.features.pipeline.bench_of_claims import value
from tests.features.repairs.conftest import Clinic, checker, clinic, processed_clinic

from claimwright.features.checking import Checker

__all__ = ["checker", "clinic", "processed_clinic"]
WHY = {"reason": "the finding was looked at"}


@pytest.fixture
def api(clinic: Clinic) -> Iterator[tuple[Doors, Clinic]]:
    with opened(clinic.store, clinic.folder) as doors:
        yield doors, clinic


def test_a_claim_is_proposed_tried_corrected_and_verified(
    api: tuple[Doors, Clinic], checker: Checker
) -> None:
    doors, clinic = api
    biller, key = doors.token("claims_processor"), clinic.keys["state"]
    path = f"/api/v1/claims/{key}"
    answer = doors.client.post(f"{path}/repairs", headers=biller, json=WHY)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert answer.headers["etag"] == f'"{shown["etag"]}"'
    [repair] = shown["repairs"]
    assert (repair["code"], repair["confidence"], repair["acceptance"]["offered"]) == ("ADR005", "high", 1)
    assert [(each["field"], each["old"], each["new"]) for each in repair["changes"]] == [
        ("billing_state", "oh", "OH")
    ]
    tried = doors.client.post(f"{path}/repairs/trial", headers=biller, json={**WHY, "rules": ["ADR005"]})
    assert tried.json()["after"]["blocks"] is False
    wanted = {**WHY, "rules": ["ADR005"]}
    unversioned = doors.client.post(f"{path}/corrections", headers=biller, json=wanted)
    assert (unversioned.status_code, unversioned.json()["error"]["code"]) == (428, "version_needed")
    version = biller | {"If-Match": answer.headers["etag"]}
    done = doors.client.post(f"{path}/corrections", headers=version, json=wanted)
    assert done.status_code == 201, done.text
    again = doors.client.post(f"{path}/corrections", headers=version, json=wanted)
    assert (again.status_code, again.json()["error"]["code"]) == (412, "changed_meanwhile")
    assert f"claim {done.json()['corrected_key']}" in again.json()["error"]["message"]
    clinic.run(checker)
    listed = doors.client.get("/api/v1/repairs/history", headers=biller, params={"claim_key": key}).json()
    assert [each["verification"] for each in listed["items"]] == ["verified"]
    [counted] = doors.client.get("/api/v1/repairs/acceptance", headers=biller).json()
    assert (counted["code"], counted["decided"], counted["accepted"], counted["rate"]) == (
        "ADR005",
        1,
        1,
        1.0,
    )


def test_a_correction_that_blocks_says_what_and_can_be_forced(api: tuple[Doors, Clinic]) -> None:
    doors, clinic = api
    biller = doors.token("claims_processor")
    path = f"/api/v1/claims/{clinic.keys['state']}"
    wanted = {**WHY, "rules": ["ADR005"], "edits": [{"field": "billing_address_1", "value": "PO BOX 9"}]}
    tried = doors.client.post(f"{path}/repairs/trial", headers=biller, json=wanted)
    version = biller | {"If-Match": tried.headers["etag"]}
    refused = doors.client.post(f"{path}/corrections", headers=version, json=wanted)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "state_conflict")
    [detail] = refused.json()["error"]["details"]
    assert detail["message"].startswith("ADR001 ")
    forced = doors.client.post(f"{path}/corrections", headers=version, json={**wanted, "force": True})
    assert forced.status_code == 201
    assert forced.json()["forced"] is True


def test_what_is_withheld_is_not_in_the_answer_and_may_not_be_changed(api: tuple[Doors, Clinic]) -> None:
    doors, clinic = api
    # A coder sees identities; a manager no narratives: so take the labels of a policy's own making, notes.
    manager = doors.token("manager")
    path = f"/api/v1/claims/{clinic.keys['zip']}"
    shown = doors.client.post(f"{path}/repairs", headers=manager, json=WHY).json()
    assert "note" not in {each["field"] for each in shown["editable"]}
    edit = {**WHY, "edits": [{"field": "note", "value": "a new note", "position": 1}]}
    refused = doors.client.post(f"{path}/repairs/trial", headers=manager, json=edit)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "not_permitted")
    bad = {**WHY, "edits": [{"field": "service_from_on", "value": "31/01/2026", "line": 1}]}
    wrong = doors.client.post(f"{path}/repairs/trial", headers=manager, json=bad)
    assert wrong.status_code == 422
    assert wrong.json()["error"]["details"][0]["field"] == "service_from_on"
    assert "31/01" not in wrong.text


def test_many_at_once_over_the_api_and_only_of_own_facilities(api: tuple[Doors, Clinic]) -> None:
    doors, clinic = api
    keys = clinic.keys
    wanted = {**WHY, "code": "ADR005", "claim_keys": [keys["state"], keys["typing error"], keys["fine"]]}
    elsewhere = doors.token("claims_processor", facilities=["FAC002"])
    none = doors.client.post("/api/v1/repairs/bulk", headers=elsewhere, json=wanted).json()
    assert none["done"] == []
    assert {each["why"] for each in none["refused"]} == {"not_there"}
    here = doors.token("coder", facilities=["FAC001"])
    bulk = doors.client.post("/api/v1/repairs/bulk", headers=here, json=wanted).json()
    assert [each["claim_key"] for each in bulk["done"]] == [keys["state"]]
    assert [each["why"] for each in bulk["refused"]] == ["no_repair", "not_in_review"]
    unknown = doors.client.post("/api/v1/repairs/bulk", headers=here, json={**wanted, "code": "ADR001"})
    assert unknown.status_code == 422
    assert doors.client.post(
        f"/api/v1/claims/{keys['zip']}/repairs", headers=elsewhere, json=WHY
    ).status_code in {403, 404}  # fmt: skip


def test_others_may_not_and_another_tenant_finds_nothing(api: tuple[Doors, Clinic]) -> None:
    doors, clinic = api
    path = f"/api/v1/claims/{clinic.keys['state']}/repairs"
    for role in ("viewer", "auditor", "clinician", "service"):
        assert doors.client.post(path, headers=doors.token(role), json=WHY).status_code == 403
    other = doors.token("claims_processor", tenant="other")
    assert doors.client.post(path, headers=other, json=WHY).status_code == 404
    assert value(clinic.store, "select count(*) from production.repair_offers") == 0


def test_a_rule_in_full_has_its_repair(api: tuple[Doors, Clinic]) -> None:
    doors, _ = api
    viewer = doors.token("viewer")
    repair = doors.client.get("/api/v1/rules/ADR005", headers=viewer).json()["repair"]
    assert repair["changes"] == ["billing_state becomes UPPER(TRIM(billing_state))"]
    assert doors.client.get("/api/v1/rules/ADR001", headers=viewer).json()["repair"] is None
