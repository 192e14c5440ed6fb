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
    items = doors.client.get(f"{BASE}/queue?limit=1000", headers=manager).json()["items"]
    later = items[0]["item_id"]
    act = {"act": "snooze", "items": [{"item_id": later}], "until": "2099-01-01"}
    snoozed = doors.client.post(f"{BASE}/queue/acts", headers=manager, json=act)
    assert snoozed.json().get("done") == [later], snoozed.text
    body = doors.client.get(f"{BASE}/overview", headers=manager).json()
    summary = doors.client.get(f"{BASE}/queue/summary", headers=manager).json()
    assert figures(body)["Waiting for us"]["basis"] == f"{len(items) - 1:,} open items, 1 more snoozed"
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


def test_one_facility_and_a_period_limit_the_overview_and_every_list(doors: Doors) -> None:
    manager = doors.token("manager")
    names = doors.client.get(f"{BASE}/facilities", headers=manager).json()
    assert names == sorted(names)
    assert "FAC002" in names
    part = figures(doors.client.get(f"{BASE}/overview?facility=FAC002", headers=manager).json())
    own = figures(
        doors.client.get(f"{BASE}/overview", headers=doors.token("manager", facilities=["FAC002"])).json()
    )
    assert part["Clean-claim rate"] == own["Clean-claim rate"]
    claims = doors.client.get(f"{BASE}/claims?limit=1000", headers=manager).json()["items"]
    day = sorted(each["service_from_on"] for each in claims)[len(claims) // 2]
    until = doors.client.get(f"{BASE}/claims?limit=1000&service_to={day}", headers=manager).json()["items"]
    after = doors.client.get(f"{BASE}/claims?limit=1000&service_from={day}", headers=manager).json()["items"]
    assert [each["claim_key"] for each in until] == [
        each["claim_key"] for each in claims if each["service_from_on"] <= day
    ]
    assert [each["claim_key"] for each in after] == [
        each["claim_key"] for each in claims if each["service_from_on"] >= day
    ]


def test_a_period_of_the_overview_has_its_own_days_and_an_end_after_its_beginning(doors: Doors) -> None:
    manager = doors.token("manager")
    body = doors.client.get(f"{BASE}/overview?from_on=2020-01-01&to_on=2020-01-07", headers=manager).json()
    assert [each["day"] for each in body["days"]][::6] == ["2020-01-01", "2020-01-07"]
    assert figures(body)["Clean-claim rate"]["basis"] == "0 of 0 claims"
    for days in ("from_on=2020-01-08&to_on=2020-01-07", "from_on=2010-01-01&to_on=2020-01-07"):
        assert doors.client.get(f"{BASE}/overview?{days}", headers=manager).status_code == 422


def test_no_facility_of_others_is_named_or_listed(doors: Doors) -> None:
    one = doors.token("manager", facilities=["FAC002"])
    assert doors.client.get(f"{BASE}/facilities", headers=one).json() == ["FAC002"]
    for path in ("claims", "files", "remittances", "payments", "denials", "denials/work", "underpayments"):
        assert doors.client.get(f"{BASE}/{path}?facility=FAC001", headers=one).json()["items"] == [], path


def test_whose_days_of_service_are_withheld_cannot_filter_by_them(doors: Doors) -> None:
    viewer = doors.token("viewer")
    assert doors.client.get(f"{BASE}/claims", headers=viewer).json()["withheld"]
    refused = doors.client.get(f"{BASE}/claims?service_from=2020-01-01", headers=viewer)
    assert refused.status_code == 403
    assert "days of service are withheld" in refused.text
