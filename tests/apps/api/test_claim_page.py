"""What the page of a claim shows without opening it: place, history, prices, meanings of fields."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.apps.api.conftest import Doors, opened
from tests.database_server import Store

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
    [event] = [each for each in history(doors, key, auditor) if each["what"] == "opened"]
    assert event["reason"] == WHY
    assert event["by"]


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


def test_a_code_that_is_no_rule_has_its_meaning_too(doors: Doors) -> None:
    viewer = doors.token("viewer")
    told = doors.client.get("/api/v1/rules/SYN080", headers=viewer).json()
    assert told["title"]
    assert told["fix"]
    assert told["when"] == ""
    assert doors.client.get("/api/v1/rules/SYN999", headers=viewer).status_code == 404


def test_a_file_is_returned_for_a_reason_that_the_audit_log_keeps(
    processed: tuple[Store, Path], tmp_path: Path
) -> None:
    store, folder = processed
    shutil.copytree(folder / "home", tmp_path / "home")
    with (
        store.copied() as copy,
        opened(copy, tmp_path, CLAIMWRIGHT_DATABASE_OWNER_URL=copy.owner) as doors,
    ):
        processor = doors.token("claims_processor")
        file_id = doors.client.get("/api/v1/files", headers=processor).json()["items"][0]["file_id"]
        path = f"/api/v1/files/{file_id}/return"
        assert doors.client.post(path, headers=processor, json={"reason": "short"}).status_code == 422
        doors.client.post(path, headers=processor, json={"reason": WHY}).raise_for_status()
        log = doors.client.get(
            "/api/v1/audit", headers=doors.token("auditor"), params={"action": "file.returned"}
        )
        assert [each["content"]["detail"]["reason"] for each in log.json()["items"]] == [WHY]
