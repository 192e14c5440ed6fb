"""What the page of a claim shows without opening it: place, history, prices, meanings of fields."""

from __future__ import annotations

import pytest
from tests.apps.api.conftest import Doors

WHY = "checking a denial"


def in_review(doors: Doors, headers: dict[str, str]) -> int:
    found = doors.client.get("/api/v1/claims", headers=headers, params={"place": "review"}).json()["items"]
    return int(found[0]["claim_key"])


def history(doors: Doors, key: int, headers: dict[str, str]) -> list[dict[str, object]]:
    return doors.client.get(f"/api/v1/claims/{key}/history", headers=headers).json()


def test_one_claim_is_as_the_list_has_it(doors: Doors) -> None:
    processor = doors.token("claims_processor")
    for claim in doors.client.get("/api/v1/claims", headers=processor).json()["items"][:3]:
        assert doors.client.get(f"/api/v1/claims/{claim['claim_key']}", headers=processor).json() == claim
    assert claim["service_from_on"]
    seen = doors.client.get(f"/api/v1/claims/{claim['claim_key']}", headers=doors.token("viewer")).json()
    assert seen == {**claim, "service_from_on": None}


@pytest.mark.parametrize("part", ["", "/history", "/prices"])
def test_a_claim_of_another_facility_is_as_good_as_none(doors: Doors, part: str) -> None:
    key = in_review(doors, doors.token("claims_processor"))
    for headers in (doors.token("coder", facilities=["FAC009"]), doors.token("coder", tenant="other")):
        assert doors.client.get(f"/api/v1/claims/{key}{part}", headers=headers).status_code == 404


def test_the_history_says_what_happened_who_did_it_and_why(doors: Doors) -> None:
    processor = doors.token("claims_processor")
    key = in_review(doors, processor)
    claim = doors.client.get(f"/api/v1/claims/{key}", headers=processor).json()
    received, routed = history(doors, key, processor)
    assert (received["what"], received["refers_to"], received["reference"]) == (
        "received", "file", claim["file_id"],
    )  # fmt: skip
    assert received["by"]
    assert (routed["what"], routed["refers_to"]) == ("review", "run")
    doors.client.post(
        "/api/v1/review/release", headers=processor, json={"claim_keys": [key], "reason": WHY}
    ).raise_for_status()
    last = history(doors, key, processor)[-1]
    assert (last["what"], last["reason"]) == ("released", WHY)
    assert str(last["by"]).startswith("user:")


def test_openings_are_told_to_those_who_may_read_the_audit_log(doors: Doors) -> None:
    processor, auditor = doors.token("claims_processor"), doors.token("auditor")
    key = in_review(doors, processor)
    doors.client.post(f"/api/v1/claims/{key}/opening", headers=processor, json={"reason": WHY})
    assert "opened" not in {each["what"] for each in history(doors, key, processor)}
    [opened] = [each for each in history(doors, key, auditor) if each["what"] == "opened"]
    assert opened["reason"] == WHY
    assert opened["by"]


def test_prices_are_line_by_line_with_their_basis(doors: Doors) -> None:
    processor = doors.token("claims_processor")
    lines = doors.client.get(f"/api/v1/claims/{in_review(doors, processor)}/prices", headers=processor).json()
    assert [each["line"] for each in lines] == list(range(1, len(lines) + 1))
    assert all(each["basis"] for each in lines)


def test_the_dictionary_says_where_each_field_stands(doors: Doors) -> None:
    fields = {
        each["name"]: each
        for each in doors.client.get("/api/v1/dictionary", headers=doors.token("viewer")).json()
    }
    charge = fields["line_charge"]
    assert (charge["level"], charge["kind"], charge["cms1500"], charge["ub04"]) == (
        "lines", "US dollars", "24F", "47",
    )  # fmt: skip
    assert charge["x12"]["P"] == "2400/SV102"
