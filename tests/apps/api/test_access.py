"""Who may do and see what: every route for every role beside a table of its own; fields withheld by label."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from httpx2 import Response
from tests.apps.api.conftest import Doors, opened
from tests.database_server import Store

from claimwright.apps.api.application import RESOURCES
from claimwright.apps.api.errors import CODES
from claimwright.apps.api.resources import PUBLIC
from claimwright.platform.access import ACTIONS, FIELD_KINDS, ROLES, Access, Context

# Written down here a second time, on purpose: a policy that grants more or less than this is noticed.
EVERYBODY = "own.read own.change"
LISTS = (
    "claims.list files.list findings.list denials.list underpayments.list review.list runs.list rules.read"
    " reference.read events.read remittances.list queue.list analytics.read appeals.list templates.read"
)
REPAIRS = " repairs.read repairs.apply"
WORKSHOP = " rules.replay predictions.correct"
TEMPLATES = " templates.change templates.approve"
APPEALS = " appeals.read appeals.work"
CLAIMS = (
    LISTS + " claims.read dead_letters.list predictions.read checks.run rules.try waivers.read"
    " remittances.read ledger.read analytics.respond"
)
MAY = {
    "administrator": CLAIMS
    + " accounts.read accounts.change tokens.issue settings.read audit.read access.read"
    " models.read models.promote reference.load waivers.change usage.read usage.limit alerts.read"
    " alerts.review analytics.staff analytics.export analytics.watch tenants.read tenants.change",
    "claims_processor": CLAIMS
    + REPAIRS
    + WORKSHOP
    + APPEALS
    + " appeals.send"
    + " claims.identity files.upload files.return review.decide dead_letters.decide"
    " predictions.request remittances.post remittances.decide ledger.post denials.decide queue.work",
    "coder": CLAIMS
    + REPAIRS
    + WORKSHOP
    + APPEALS
    + " appeals.approve"
    + " claims.identity review.decide predictions.request denials.decide queue.work",
    "manager": CLAIMS
    + REPAIRS
    + WORKSHOP
    + TEMPLATES
    + " claims.identity claims.break_glass files.return review.decide"
    " dead_letters.decide"
    " predictions.request models.read access.read waivers.change usage.read remittances.post"
    " remittances.decide ledger.post ledger.write_off denials.decide queue.work queue.assign queue.approve"
    " analytics.staff analytics.export analytics.cost analytics.watch",
    "clinician": CLAIMS + " claims.identity claims.break_glass appeals.read",
    "appeals_specialist": CLAIMS
    + REPAIRS
    + WORKSHOP
    + APPEALS
    + TEMPLATES
    + " appeals.approve appeals.send"
    + " claims.identity review.decide predictions.request denials.decide queue.work",
    "auditor": "audit.read accounts.read access.read settings.read models.read claims.list claims.read"
    " files.list findings.list review.list runs.list rules.read reference.read waivers.read"
    " usage.read alerts.read alerts.review remittances.list remittances.read ledger.read denials.list"
    " underpayments.list queue.list analytics.read appeals.list templates.read",
    "viewer": LISTS,
    "service": LISTS + " files.upload checks.run claims.read predictions.request predictions.read"
    " remittances.read remittances.post ledger.read",
}
# By kind of field and label, the roles that see it, for payment.
NOTES = {"claims_processor", "coder", "clinician", "appeals_specialist"}
PEOPLE = NOTES | {"manager"}
CODES_OF = PEOPLE | {"administrator", "auditor", "service"}
SEES = {
    ("billing", ""): set(ROLES),
    ("billing", "substance_use"): set(ROLES),
    ("clinical", ""): CODES_OF,
    ("clinical", "psychiatric"): CODES_OF,
    ("clinical", "substance_use"): NOTES,
    ("identity", ""): PEOPLE,
    ("identity", "hiv"): PEOPLE,
    ("narrative", ""): NOTES,
    ("narrative", "minor"): NOTES,
    ("narrative", "psychiatric"): set(),
    ("narrative", "substance_use"): set(),
    ("narrative", "hiv"): set(),
    ("narrative", "reproductive"): set(),
}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_what_the_table_says(role: str) -> None:
    access = Access()
    allowed = {action for action in ACTIONS if access.decide([role], action).allowed}
    assert allowed == set(f"{MAY[role]} {EVERYBODY}".split())


@pytest.mark.parametrize(("kind", "label"), SEES)
def test_a_kind_of_field_is_seen_by_whom_the_table_says(kind: str, label: str) -> None:
    context = Context(labels=frozenset({label} - {""}))
    access = Access()
    assert {role for role in ROLES if access.decide([role], f"field.{kind}", context).allowed} == SEES[
        kind, label
    ]


def test_without_a_role_nothing_may_be_done_or_seen() -> None:
    access = Access()
    assert not any(access.decide([], action).allowed for action in ACTIONS)
    assert not any(access.decide([], f"field.{kind}").allowed for kind in FIELD_KINDS)


def routes_of(doors: Doors) -> list[APIRoute]:
    found = [each for resource in RESOURCES for each in resource.routes if isinstance(each, APIRoute)]
    # All of those that the API describes: a list that is empty, or too short, would prove nothing.
    described = doors.client.get("/openapi.json").json()["paths"]
    assert {each.path for each in found} == {path for path in described if path.startswith("/api/v1")}
    return found


def test_every_route_has_an_action_a_text_and_its_errors(doors: Doors) -> None:
    described = doors.client.get("/openapi.json").json()["paths"]
    operations = [
        (path, method, said) for path, methods in described.items() for method, said in methods.items()
    ]
    assert len(operations) >= 50
    for path, method, said in operations:
        action = said["x-action"]
        assert action == PUBLIC or action in ACTIONS, path
        assert said["description"].strip(), path
        assert {"401", "403", "429", "503"} <= set(said["responses"]), path
        if method in {"post", "patch", "delete"} and action != PUBLIC and path != "/api/v1/check":
            reads = ACTIONS[action].reads
            # What reads with a body for the sake of what it asks, not for what it changes.
            assert not reads or path.endswith(
                (
                    "/search",
                    "/search/patient",
                    "/opening",
                    "/segments",
                    "/expression",
                    "/trial",
                    "/repairs",
                    "/disputes",
                    "/replay",
                )
            ), path
    assert all(code.do for code in CODES.values())


def test_every_route_refuses_nobody_and_whoever_may_not(
    processed: tuple[Store, Path], tmp_path: Path
) -> None:
    store, folder = processed
    shutil.copytree(folder / "home", tmp_path / "home")
    unlimited = {
        "CLAIMWRIGHT_API_REQUESTS_PER_MINUTE": "100000", "CLAIMWRIGHT_API_SIGN_INS_PER_MINUTE": "100000",
    }  # fmt: skip
    with store.copied() as copy, opened(copy, tmp_path, **unlimited) as doors:
        refused_by_every_route(doors)


def refused_by_every_route(doors: Doors) -> None:
    headers = {role: doors.token(role) for role in ROLES}
    for route in routes_of(doors):
        action = (route.openapi_extra or {})["x-action"]
        if action == PUBLIC:
            continue
        path = re.sub(r"\{session_id\}", "00000000-0000-0000-0000-000000000000", route.path)
        path = re.sub(r"\{\w+\}", "999999", path)
        for method in route.methods:
            assert doors.client.request(method, path).status_code == 401, (method, path)
            if action == "events.read":
                continue
            refused = {
                role
                for role, header in headers.items()
                if doors.client.request(method, path, headers=header).status_code == 403
            }
            allowed = {role for role in ROLES if action in f"{MAY[role]} {EVERYBODY}".split()}
            # Own tokens and the like want a session; a token is refused whoever bears it.
            if action == "analytics.read":
                # A figure may ask for more: what is owed is for those who may read the ledger.
                assert refused >= set(ROLES) - allowed, (method, path)
            elif action != "own.change":
                assert refused == set(ROLES) - allowed, (method, path)


def first_claim(doors: Doors, headers: dict[str, str], **query: str) -> dict[str, object]:
    return doors.client.get("/api/v1/claims", headers=headers, params=query).json()["items"][0]


def opening(doors: Doors, key: object, headers: dict[str, str], **more: object) -> Response:
    body = {"reason": "checking a denial", **more}
    return doors.client.post(f"/api/v1/claims/{key}/opening", headers=headers, json=body)


def test_what_may_not_be_seen_is_absent_and_named_as_withheld(doors: Doors) -> None:
    processor, auditor = doors.token("claims_processor"), doors.token("auditor")
    key = first_claim(doors, processor)["claim_key"]
    whole = opening(doors, key, processor).json()
    part = opening(doors, key, auditor).json()
    assert whole["withheld"] == []
    name = whole["content"]["claims"][0]["subscriber_name"]
    assert name
    assert name not in str(part)
    withheld = {each["kind"]: each for each in part["withheld"]}
    assert "subscriber_name" in withheld["identity"]["fields"]
    assert withheld["identity"]["reason"] == "no policy permits it"
    assert part["content"]["lines"][0]["procedure"] == whole["content"]["lines"][0]["procedure"]
    log = doors.client.get("/api/v1/audit", headers=auditor, params={"action": "phi.read"}).json()["items"]
    assert [each["content"]["detail"]["fields"] for each in log] == [
        ["billing", "clinical"], ["billing", "clinical", "identity", "narrative"],
    ]  # fmt: skip


def test_who_may_not_see_patients_does_not_find_their_claims_by_name(doors: Doors) -> None:
    processor = doors.token("claims_processor")
    first = first_claim(doors, processor)
    patient = opening(doors, first["claim_key"], processor).json()["content"]["claims"][0]
    who = "dependent" if "dependent_name" in patient else "subscriber"
    name = f"{patient[f'{who}_name']}, {patient[f'{who}_first_name']}"

    def search(headers: dict[str, str]) -> Response:
        return doors.client.post("/api/v1/claims/search/patient", headers=headers, json={"name": name})

    assert first["claim_key"] in [each["claim_key"] for each in search(processor).json()]
    assert search(doors.token("coder", facilities=["FAC009"])).json() == []
    assert {search(doors.token(role)).status_code for role in ("auditor", "viewer", "administrator")} == {403}
    log = doors.client.get(
        "/api/v1/audit", headers=doors.token("auditor"), params={"action": "claims.searched"}
    ).json()["items"]
    assert [each["content"]["detail"]["field"] for each in log] == ["patient", "patient"]
    assert patient[f"{who}_name"] not in str(log)


def test_every_row_of_an_opened_claim_says_its_place(doors: Doors) -> None:
    processor = doors.token("claims_processor")
    listed = doors.client.get("/api/v1/claims", headers=processor, params={"limit": 200}).json()["items"]
    shown = [opening(doors, each["claim_key"], processor).json()["content"] for each in listed]
    others = [content["other_payers"] for content in shown if "other_payers" in content]
    assert others
    assert all([row["other_payer"] for row in rows] == [*range(1, len(rows) + 1)] for rows in others)
    for content in shown:
        diagnoses = content.get("diagnoses", [])
        assert [row["position"] for row in diagnoses] == [*range(1, len(diagnoses) + 1)]
        assert [row["line"] for row in content["lines"]] == [*range(1, len(content["lines"]) + 1)]


def test_raw_segments_are_for_those_who_may_see_everything_of_the_claim(doors: Doors) -> None:
    coder, auditor = doors.token("coder"), doors.token("auditor")
    claim = first_claim(doors, coder)
    key = claim["claim_key"]
    path, reason = f"/api/v1/claims/{key}/segments", {"reason": "checking a denial"}
    whole = doors.client.post(path, headers=coder, json=reason).json()
    assert whole["withheld"] == []
    assert whole["segments"][0].startswith("ISA*")
    assert [each[:4] for each in whole["segments"]].count("CLM*") == 1
    opened = opening(doors, key, coder).json()["content"]
    assert f"CLM*{opened['claims'][0]['claim_id']}*" in "\n".join(whole["segments"])
    procedures = [each for each in whole["segments"] if each.startswith("SV1*")]
    assert len(procedures) == len(opened["lines"])
    part = doors.client.post(path, headers=auditor, json=reason).json()
    assert part["segments"] is None
    assert {each["kind"]: each["reason"] for each in part["withheld"]} == {
        "identity": "no policy permits it", "narrative": "no policy permits it",
    }  # fmt: skip
    log = doors.client.get("/api/v1/audit", headers=auditor, params={"action": "phi.read"}).json()["items"]
    shown = [each["content"]["detail"]["fields"] for each in log]
    assert (shown[0], shown[2]) == (["none"], ["segments"])
    assert doors.client.post(path, headers=coder, json={"reason": "short"}).status_code == 422
    assert doors.client.post(path, headers=coder, json={**reason, "break_glass": True}).status_code == 403
    assert doors.client.post("/api/v1/claims/999999/segments", headers=coder, json=reason).status_code == 404
    other = doors.token("coder", facilities=["FAC009"])
    assert doors.client.post(path, headers=other, json=reason).status_code == 404
    stranger = doors.token("coder", tenant="other")
    assert doors.client.post(path, headers=stranger, json=reason).status_code == 404


def test_somebody_of_one_facility_finds_nothing_of_another(doors: Doors) -> None:
    everything, own = doors.token("claims_processor"), doors.token("claims_processor", facilities=["FAC002"])
    other = first_claim(doors, everything, facility="FAC001")["claim_key"]
    listed = doors.client.get("/api/v1/claims", headers=own, params={"limit": 1000}).json()["items"]
    assert {each["facility"] for each in listed} == {"FAC002"}
    assert opening(doors, other, own).status_code == 404
    assert doors.client.get(f"/api/v1/claims/{other}/findings", headers=own).status_code == 404
    assert doors.client.get("/api/v1/files/1", headers=own).status_code == 404
    decision = {"claim_keys": [other], "reason": "it is right as it is"}
    assert doors.client.post("/api/v1/review/release", headers=own, json=decision).status_code == 403
    upload = doors.client.post("/api/v1/files", headers=own, params={"facility": "FAC001"}, content=b"ISA")
    assert upload.status_code == 403
    counts = [doors.client.get("/api/v1/findings/counts", headers=each).json() for each in (everything, own)]
    assert sum(each["findings"] for each in counts[0]) > sum(each["findings"] for each in counts[1])


def test_nobody_reaches_another_tenant(doors: Doors) -> None:
    stranger = doors.token("administrator", "claims_processor", tenant="other")
    assert doors.client.get("/api/v1/claims", headers=stranger).json()["items"] == []
    assert opening(doors, 1, stranger).status_code == 404
    assert doors.client.get("/api/v1/files/1", headers=stranger).status_code == 404
    assert doors.client.get("/api/v1/runs/1", headers=stranger).status_code == 404


def test_glass_is_broken_by_whoever_may_and_an_event_alerts(doors: Doors) -> None:
    coder, manager = doors.token("coder"), doors.token("manager")
    key = first_claim(doors, coder)["claim_key"]
    assert opening(doors, key, coder, break_glass=True).status_code == 403
    assert opening(doors, key, manager, break_glass=True).status_code == 200
    with doors.services.database.pool.connection() as connection:
        connection.execute("select set_config('claimwright.tenant', 'default', false)")
        told = connection.execute("select subject from platform.outbox where type = 'access.glass_broken.v1'")
        assert told.fetchall() == [(f"claim:{key}",)]


def test_a_day_of_service_is_for_those_who_may_see_who_the_patient_is(doors: Doors) -> None:
    for role, sees in (("coder", True), ("viewer", False), ("auditor", False)):
        headers = doors.token(role)
        for path in ("claims", "review"):
            page = doors.client.get(f"/api/v1/{path}", headers=headers).json()
            assert all((each["service_from_on"] is not None) is sees for each in page["items"])
            assert page["withheld"] == ({} if sees else {"service_from_on": "no policy permits it"})
    key = first_claim(doors, doors.token("coder"))["claim_key"]
    assert opening(doors, key, doors.token("auditor")).json()["claim"]["service_from_on"] is None


def test_sums_over_all_facilities_are_withheld_from_accounts_of_some(doors: Doors) -> None:
    whole, part = doors.token("manager"), doors.token("manager", facilities=["FAC001"])
    seen = doors.client.get("/api/v1/runs", headers=whole).json()
    assert (seen["withheld"], seen["items"][0]["claims"]) == ({}, 60)
    shown = doors.client.get("/api/v1/runs", headers=part).json()
    sums = {"planned", "claims", "produced", "review", "dead", "charge"}
    assert set(shown["withheld"]) == sums
    assert all(each[name] is None for each in shown["items"] for name in sums)
    run = doors.client.get(f"/api/v1/runs/{shown['items'][0]['run_id']}", headers=part).json()
    assert set(run["withheld"]) == sums
    assert all(run["run"][name] is None for name in sums)
    assert all(each[name] is None for each in run["chunks"] for name in sums & set(each))
    queues = [doors.client.get("/api/v1/runs/waiting", headers=each).json() for each in (whole, part)]
    assert ([each["chunks"] for each in queues], queues[0]["withheld"]) == ([0, None], {})
    assert list(queues[1]["withheld"]) == ["chunks"]
    waits = [each["review"] for each in queues]
    other = doors.token("manager", facilities=["FAC002"])
    rest = doors.client.get("/api/v1/runs/waiting", headers=other).json()["review"]
    assert waits[0] == waits[1] + rest
    assert min(waits[1], rest) > 0
