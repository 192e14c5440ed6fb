"""Appeals, documents and templates by the API: who may see letters, the same steps as the commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.features.appeals.conftest import NOTE, PEOPLE, Office

API = "/api/v1"
WHY = {"reason": "working on the appeal"}


def test_a_letter_is_drafted_edited_approved_and_handed_off_by_the_api(
    office: Office, tmp_path: Path
) -> None:
    client, doors = office.doors.client, office.doors
    writer, approver = doors.token("appeals_specialist"), doors.token("appeals_specialist")
    manager, other = doors.token("manager"), doors.token("appeals_specialist", facilities=["FAC009"])
    denial = office.denied("A600", "CO-50")
    key = office.clinic.key_of("A600")

    def post(path: str, headers: dict[str, str], body: Any = None, status: int = 200) -> Any:
        answer = client.post(f"{API}{path}", headers=headers, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    wanted = {"denial_id": denial, "anyway": True, "as_of": "2026-03-01"}
    post("/appeals", other, wanted, 404)
    case = post("/appeals", writer, wanted, 202)
    number = case["case_id"]
    assert case["state"] == "marked"
    added = client.post(
        f"{API}/claims/{key}/documents", headers={**writer, "X-File-Name": "note.txt"},
        content=NOTE.format(**PEOPLE["A600"]).encode(),
    )  # fmt: skip
    assert added.status_code == 201, added.text
    document = added.json()["document_id"]
    # Its day is a date of the patient and its type is clinical; its ETag would tell both to who guesses.
    for headers, held in (
        (doors.token("viewer"), {"dated_on", "type"}),
        (doors.token("auditor"), {"dated_on"}),
    ):
        page = client.get(f"{API}/documents", headers=headers).json()
        one = client.get(f"{API}/documents/{document}", headers=headers)
        assert set(page["withheld"]) == held
        for said in (*page["items"], one.json()):
            assert not any(said[name] for name in held)
        assert "etag" not in one.headers
    whole = client.get(f"{API}/documents/{document}", headers=writer)
    assert (whole.json()["dated_on"], "etag" in whole.headers) == (added.json()["dated_on"], True)
    # A manager sees no notes: neither document nor letter, though that there is one.
    post(f"/documents/{document}/opening", manager, WHY, 403)
    post(f"/appeals/{number}/opening", manager, WHY, 403)
    assert client.get(f"{API}/appeals/{number}", headers=manager).json()["state"] == "marked"
    # Breaking the glass is for those who may: for others it would lift what a label forbids.
    post(f"/documents/{document}/opening", writer, {**WHY, "break_glass": True}, 403)
    post(f"/appeals/{number}/opening", writer, {**WHY, "break_glass": True}, 403)
    read = post(f"/documents/{document}/opening", writer, WHY)
    usable = [each["ordinal"] for each in read["findings"] if each["is_usable"]]
    family = [each for each in read["findings"] if each["clinical"]["subject"] == "family"]
    assert [each["clinical"]["concept"] for each in family] == ["breast cancer"]
    assert family[0]["ordinal"] not in usable
    assert post(f"/documents/{document}/findings", writer, {"accepted": usable})["accepted"] == len(usable)
    case = post(f"/appeals/{number}/refresh", writer, status=202)
    assert case["state"] in {"ready", "not_eligible"}
    shown = post(f"/appeals/{number}/opening", writer, WHY)
    letter = shown["letter"]
    assert letter["marked"] == []
    ids = {each["fact_id"] for each in shown["facts"]["facts"]}
    assert all(set(each["facts"]) <= ids for each in letter["draft"]["statements"])
    statements = letter["draft"]["statements"]
    statements[0]["text"] = statements[0]["text"].replace("$60.00", "$600.00")
    post(f"/appeals/{number}/letter", writer, {"number": 99, "statements": statements}, 412)
    edited = post(f"/appeals/{number}/letter", writer, {"number": letter["number"], "statements": statements})
    assert [(each["where"], each["problem"]) for each in edited["marked"]] == [("request", "amount")]
    post(f"/appeals/{number}/approval", approver, status=409)
    statements[0]["text"] = statements[0]["text"].replace("$600.00", "$60.00")
    post(f"/appeals/{number}/letter", writer, {"number": edited["number"], "statements": statements})
    post(f"/appeals/{number}/approval", writer, status=409)
    packet = client.post(f"{API}/appeals/{number}/packet/opening", headers=writer, json=WHY)
    assert packet.content.startswith(b"%PDF-")
    listed = client.get(f"{API}/appeals", headers=manager, params={"denial_id": denial}).json()["items"]
    assert [each["case_id"] for each in listed] == [number]
    assert PEOPLE["A600"]["member"] not in json.dumps(listed)


def test_a_template_is_added_approved_by_another_person_and_rolled_back(office: Office) -> None:
    client, doors = office.doors.client, office.doors
    writer, approver = doors.token("manager"), doors.token("manager")
    path = f"{API}/templates"
    shipped = client.get(f"{path}/template/records-group-plan-1/1", headers=writer).json()["text"]

    def add(text: str) -> Any:
        return client.post(path, headers=writer, json={"text": text})

    assert add(shipped).status_code == 422
    for wrong in ("{claim.shoe_size}", "{% for x in y %}", "{{claim.number}}", "[[cfr-99-1]]"):
        refused = add(shipped.replace("version: 1", "version: 2").replace("{claim.number}", wrong, 1))
        assert refused.status_code == 422, wrong
    twin = shipped.replace("id: records-group-plan-1", "id: records-group-plan-9")
    assert "almost the same" in add(twin).json()["error"]["message"]
    made = add(shipped.replace("version: 1", "version: 2").replace("We ask for payment", "Please pay"))
    assert (made.status_code, made.json()["state"]) == (201, "draft")
    step = f"{path}/template/records-group-plan-1"
    assert client.post(f"{step}/2/activation", headers=writer).status_code == 422
    assert client.post(f"{step}/2/approval", headers=writer).status_code == 422
    assert client.post(f"{step}/2/approval", headers=approver).status_code == 200

    def active() -> list[int]:
        rows = client.get(path, headers=writer).json()
        return [
            each["version"]
            for each in rows
            if each["file_id"] == "records-group-plan-1" and each["state"] == "active"
        ]

    assert active() == [1]
    assert client.post(f"{step}/2/activation", headers=writer).status_code == 200
    assert active() == [2]
    assert client.post(f"{step}/1/activation", headers=writer, params={"roll_back": True}).status_code == 200
    assert active() == [1]
