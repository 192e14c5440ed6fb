"""Rules tried, and reference data loaded, over the API."""

from __future__ import annotations

import gzip
from itertools import product
from pathlib import Path

import pytest
from tests.apps.api.conftest import Doors

MUE = "hcpcs_code,mue_units,mue_mai\n36415,2,3\n99213,2,3\n"
LOAD = {"file": "mue.csv", "effective_from": "2026-01-01", "partial": "true"}
RULE = """\
code: OWN001
name: charge-above-limit
title: Total charge is above the limit
severity: warn
snip: 7
lifecycle: draft
level: claim
field: total_charge
authority: Example Health Plan, Provider Manual 2026, section 1
what: The total charge is above 400 dollars.
why: The payer asks for records above it.
fix: Send the records with the claim.
when: total_charge > 400
cases:
  - {name: above, fires: true, claim: {total_charge: 400.01}}
  - {name: at the limit, fires: CASE, claim: {total_charge: 400}}
  - {name: below, fires: false, claim: {total_charge: 399.99}}
"""
GOOD = RULE.replace("CASE", "false")


@pytest.fixture
def reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of loaded editions."""
    monkeypatch.setenv("CLAIMWRIGHT_REFERENCE", str(tmp_path / "reference"))
    return tmp_path / "reference"


def listed(doors: Doors, name: str) -> dict[str, object]:
    answer = doors.client.get(
        "/api/v1/reference", headers=doors.token("viewer"), params={"as_of": "2026-06-01"}
    )
    return {each["dataset"]: each for each in answer.json()}[name]


@pytest.mark.parametrize("packed", [False, True])
def test_an_edition_is_loaded_from_its_file_listed_and_told_in_the_audit_log(
    doors: Doors, reference: Path, packed: bool
) -> None:
    before = listed(doors, "mue_dme")
    assert (before["origin"], before["is_current"]) == ("package", False)
    headers = doors.token("administrator")
    content = gzip.compress(MUE.encode()) if packed else MUE.encode()
    answers = [
        doors.client.post("/api/v1/reference/mue_dme/editions", headers=headers, params=LOAD, content=content)
        for _ in range(2)
    ]
    assert [each.status_code for each in answers] == [201, 201]
    edition = answers[0].json()
    assert (edition["rows"], edition["coverage"], edition["effective_to"]) == (2, "partial", "2026-03-31")
    assert answers[1].json() == edition
    now = listed(doors, "mue_dme")
    assert (now["origin"], now["version"], now["rows"]) == ("store", edition["version"], 2)
    assert (now["is_current"], now["age_days"]) == (False, 151)
    assert [each.name for each in (reference / "mue_dme").iterdir()] == [edition["version"]]
    log = doors.client.get("/api/v1/audit", headers=headers, params={"action": "reference.loaded"}).json()[
        "items"
    ]
    assert [each["content"]["subject"] for each in log] == ["reference:mue_dme"] * 2


def test_a_file_with_a_bad_line_is_refused_whole_with_the_line_and_the_reason(
    doors: Doors, reference: Path
) -> None:
    headers = doors.token("administrator")
    refused = doors.client.post(
        "/api/v1/reference/mue_dme/editions", headers=headers, params=LOAD, content=MUE + "A4206,1"
    )
    assert refused.status_code == 422
    error = refused.json()["error"]
    assert error["code"] == "unusable_input"
    assert error["details"] == [
        {
            "claim_id": None, "field": "line 4",
            "message": "not 3 columns as in the header; the file is cut off there, or a comma is not quoted",
        }
    ]  # fmt: skip
    assert not reference.exists()
    whole = doors.client.post(
        "/api/v1/reference/mue_dme/editions",
        headers=headers,
        params={**LOAD, "partial": "false"},
        content=MUE,
    ).json()["error"]
    assert whole["details"][0]["field"] == "file"
    assert "it is cut off" in whole["details"][0]["message"]
    assert (
        doors.client.get("/api/v1/audit", headers=headers, params={"action": "reference."}).json()["items"]
        == []
    )


def test_reference_data_is_loaded_by_whoever_may_for_all_and_only_into_what_there_is(
    doors: Doors, reference: Path
) -> None:
    path = "/api/v1/reference/mue_dme/editions"
    for header, status in (
        (doors.token("manager"), 403),
        (doors.token("administrator", tenant="other"), 403),
        (doors.token("administrator", scopes=("read",)), 403),
    ):
        assert doors.client.post(path, headers=header, params=LOAD, content=MUE).status_code == status
    headers = doors.token("administrator")
    for name, params, status in (
        ("nothing_like_it", LOAD, 404),
        ("..%2fmue_dme", LOAD, 404),
        ("MUE", LOAD, 422),
        ("mue_dme", {**LOAD, "file": "../mue.csv"}, 422),
        ("mue_dme", {**LOAD, "file": ""}, 422),
        ("mue_dme", {**LOAD, "effective_from": "tomorrow"}, 422),
        ("mue_dme", {**LOAD, "effective_to": "2025-01-01"}, 422),
    ):
        answer = doors.client.post(
            f"/api/v1/reference/{name}/editions", headers=headers, params=params, content=MUE
        )
        assert answer.status_code == status, (name, params)
    assert not reference.exists()


def test_a_body_that_is_no_edition_is_refused_and_is_no_fault_of_ours(doors: Doors, reference: Path) -> None:
    headers = doors.token("administrator")
    bodies = (b"", b"\x00\xff" * 50, b"PK\x03\x04" + b"\x00" * 60, b"PAR1PAR1", b"<a><b>", b"[" * 9_000)
    suffixes = ("csv", "txt", "zip", "xlsx", "parquet", "xml", "json", "pdf")
    for dataset in ("mue_dme", "icd10cm", "physician_fee_schedule", "payers"):
        for suffix, content in product(suffixes, bodies):
            answer = doors.client.post(
                f"/api/v1/reference/{dataset}/editions", headers=headers, content=content,
                params={"file": f"x.{suffix}", "effective_from": "2026-01-01"},
            )  # fmt: skip
            assert answer.status_code == 422, (dataset, suffix, content, answer.text)
            assert answer.json()["error"]["details"]
    assert not reference.exists()


def test_a_rule_is_tried_on_its_cases_and_on_claims_that_are_sent(doors: Doors, samples: Path) -> None:
    headers = doors.token("coder")
    claims = (samples / "professional.837").read_text(encoding="latin-1")
    tried = doors.client.post(
        "/api/v1/rules/trial", headers=headers,
        json={"rule": RULE.replace("CASE", "true"), "claims": claims, "as_of": "2025-09-15"},
    )  # fmt: skip
    assert tried.status_code == 200
    answer = tried.json()
    assert answer["code"] == "OWN001"
    assert [(each["name"], each["passed"]) for each in answer["cases"]] == [
        ("above", True), ("at the limit", False), ("below", True),
    ]  # fmt: skip
    checked = doors.client.post(
        "/api/v1/check", headers=headers, content=(samples / "professional.837").read_bytes()
    ).json()
    above = [each for each in checked["checked"] if float(each["total_charge"]) > 400]
    found = answer["replay"]
    assert (found["claims"], found["claims_found"], found["findings"]) == (40, len(above), len(above))
    assert found["charged"] == checked["charged"]
    assert found["undecided"] is None


def test_a_rule_of_the_rulebook_is_tried_by_its_code(doors: Doors, samples: Path) -> None:
    claims = (samples / "professional.837").read_text(encoding="latin-1")
    answer = doors.client.post(
        "/api/v1/rules/trial", headers=doors.token("coder"),
        json={"code": "REQ023", "claims": claims, "as_of": "2025-09-15"},
    ).json()  # fmt: skip
    assert all(each["passed"] for each in answer["cases"])
    # What the sample plants, as the README shows it: one claim, its four lines.
    assert (answer["replay"]["claims_found"], answer["replay"]["charged_found"]) == (1, "658.00")


def test_a_rule_that_cannot_be_used_is_refused_with_its_line(doors: Doors) -> None:
    headers = doors.token("coder")
    bodies: list[tuple[dict[str, str], int, str | None]] = [
        ({}, 422, "body"),
        ({"code": "REQ023", "rule": GOOD}, 422, "body"),
        ({"code": "ZZZ999"}, 404, None),
        ({"rule": "code: ["}, 422, "rule:1"),
        ({"rule": "- 1"}, 422, "rule:1"),
        ({"rule": "a: &a [*a]"}, 422, "rule:1"),
        ({"rule": "[" * 5_000}, 422, "rule:1"),
        ({"rule": GOOD.replace("total_charge > 400", "read_csv('/etc/passwd')")}, 422, "rule:13"),
        ({"rule": GOOD.replace("OWN001", "REQ023")}, 422, "rule:1"),
        ({"rule": GOOD.replace("total_charge: 400}", "total_charge: 1e999}")}, 422, "rule:16"),
        ({"rule": GOOD.replace("total_charge: 400}", "nothing: 1}")}, 422, "rule:16"),
        ({"rule": GOOD.replace("fires: false", "fires: false, times: 1000000000")}, 422, "rule:16"),
        ({"rule": GOOD.replace("fires: false", "fires: false, as_of: never")}, 422, "rule:16"),
        ({"rule": GOOD.replace("fires: false", "fires: false, lines: [{line: 1e9}]")}, 422, "rule:16"),
    ]
    for body, status, field in bodies:
        answer = doors.client.post("/api/v1/rules/trial", headers=headers, json=body)
        assert answer.status_code == status, (body, answer.text)
        if field:
            assert answer.json()["error"]["details"][0]["field"] == field, body
    half = doors.client.post("/api/v1/rules/trial", headers=headers, content=b'{"rule": "\\ud800"}')
    assert half.status_code == 422


def test_claims_that_are_none_are_found_to_be_none(doors: Doors) -> None:
    headers = doors.token("coder")
    for claims in ("no claims", "ISA*", "\x00" * 100, "CLM*WILSON*1~"):
        answer = doors.client.post(
            "/api/v1/rules/trial", headers=headers, json={"code": "REQ023", "claims": claims}
        )
        assert answer.status_code == 200
        assert answer.json()["replay"]["claims"] == 0
    assert doors.client.post("/api/v1/rules/trial", headers=doors.token("viewer"), json={}).status_code == 403
