"""The overview beside what the lists say of the same store."""

from __future__ import annotations

from tests.apps.api.conftest import Doors

BASE = "/api/v1"


def figures(body: dict[str, object]) -> dict[str, dict[str, object]]:
    found = body["figures"]
    assert isinstance(found, list)
    return {each["name"]: each for each in found}


def test_the_clean_claim_rate_is_that_of_the_list(doors: Doors) -> None:
    manager = doors.token("manager")
    claims = doors.client.get(f"{BASE}/claims?limit=1000", headers=manager).json()["items"]
    processed = [each for each in claims if each["place"] in {"production", "review"}]
    clean = [each for each in processed if each["severity"] in {None, "note"}]
    found = figures(doors.client.get(f"{BASE}/overview", headers=manager).json())["Clean-claim rate"]
    assert len(processed) > 20
    assert found["value"] == len(clean) / len(processed)
    assert found["basis"] == f"{len(clean):,} of {len(processed):,} claims"
    assert found["definition"]


def test_what_waits_is_what_the_queue_has(doors: Doors) -> None:
    manager = doors.token("manager")
    body = doors.client.get(f"{BASE}/overview", headers=manager).json()
    summary = doors.client.get(f"{BASE}/queue/summary?snoozed=all", headers=manager).json()
    kinds = {each["name"]: (each["items"], each["stake_cents"]) for each in summary["kinds"]}
    assert {each["kind"]: (each["items"], each["cents"]) for each in body["needs"]} == kinds
    assert kinds
    assert figures(body)["Waiting for us"]["value"] == sum(stake for _, stake in kinds.values())


def test_a_store_without_answers_has_no_denial_rate_and_a_month_of_empty_days(doors: Doors) -> None:
    body = doors.client.get(f"{BASE}/overview", headers=doors.token("manager")).json()
    assert figures(body)["Initial denial rate"]["value"] is None
    assert len(body["days"]) == 30
    assert {each["answers"] for each in body["days"]} == {0}


def test_facilities_of_others_do_not_count(doors: Doors) -> None:
    whole = doors.client.get(f"{BASE}/overview", headers=doors.token("manager")).json()
    part = doors.client.get(f"{BASE}/overview", headers=doors.token("manager", facilities=["FAC002"])).json()
    none = doors.client.get(f"{BASE}/overview", headers=doors.token("manager", facilities=["NONE"])).json()
    counted = [figures(each)["Clean-claim rate"]["basis"] for each in (whole, part, none)]
    assert len(set(counted)) == 3
    assert counted[2] == "0 of 0 claims"
    assert none["needs"] == []


def test_who_may_not_read_the_ledger_sees_no_balance_of_it(doors: Doors) -> None:
    manager = figures(doors.client.get(f"{BASE}/overview", headers=doors.token("manager")).json())
    viewer = figures(doors.client.get(f"{BASE}/overview", headers=doors.token("viewer")).json())
    assert set(manager) - set(viewer) == {"Days in A/R"}
