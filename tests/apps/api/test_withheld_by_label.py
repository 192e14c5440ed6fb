"""What labels withhold in notes and lists; searches, stored answers and cursors of who sees less."""

from __future__ import annotations

import base64
import datetime
import json
from csv import DictReader
from typing import Any

import pytest
from tests.apps.api.conftest import PASSWORD, Doors
from tests.apps.api.test_attachments import an_item

from claimwright.apps.api.routes import underpayments
from claimwright.domain.batch import ClaimBatch
from claimwright.features.claims import finding_claims
from claimwright.features.remittance import disputes
from claimwright.store.underpayments import Underpayment

API = "/api/v1"
NOW = datetime.datetime(2026, 2, 1, tzinfo=datetime.UTC)
WHY = {"reason": "checking what is withheld"}


def test_notes_about_a_labelled_claim_are_for_their_writer_alone(doors: Doors) -> None:
    client, coder, processor = doors.client, doors.token("coder"), doors.token("claims_processor")
    text = "the patient told of the therapy"
    for labels, seen in ((True, [None]), (False, [text])):
        item = an_item(doors, coder, labels=labels)["item_id"]
        path = f"{API}/queue/{item}"
        assert client.post(f"{path}/notes", headers=coder, json={"text": text}).status_code == 201
        own, others = (client.get(path, headers=each).json() for each in (coder, processor))
        assert [each["text"] for each in own["notes"]] == [text]
        assert [each["text"] for each in others["notes"]] == seen
        assert others["withheld"] == ({"notes": "policy sensitive-narrative"} if labels else {})
    # A token that opens no claims does not learn of which kind one is.
    narrow = doors.token("coder", scopes=("queue",))
    assert client.get(path, headers=narrow).json()["notes"][0]["text"] is None


def test_a_member_s_number_finds_claims_only_for_who_may_see_patients(doors: Doors) -> None:
    client, processor = doors.client, doors.token("claims_processor")
    key = client.get(f"{API}/claims", headers=processor).json()["items"][0]["claim_key"]
    claim = client.post(f"{API}/claims/{key}/opening", headers=processor, json=WHY).json()["content"]
    member = {"number": claim["claims"][0]["subscriber_member_id"]}

    def found(role: str, wanted: dict[str, Any]) -> list[int]:
        answer = client.post(f"{API}/claims/search", headers=doors.token(role), json=wanted)
        return [each["claim_key"] for each in answer.json()]

    assert key in found("coder", member)
    number = {"number": claim["claims"][0]["claim_id"]}
    for role in ("viewer", "auditor", "administrator", "service"):
        assert found(role, member) == []
        assert key in found(role, number)


def test_labels_withhold_what_was_done_in_underpayments_too(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two claims, the first is labelled with substance use, 42 CFR Part 2."""
    client = doors.client
    first, second, *_ = client.get(f"{API}/claims", headers=doors.token("coder")).json()["items"]
    found = [
        Underpayment(
            place, "underpaid", "high", "P", "PAYER", each["facility"], each["claim_key"], 1, 1, 1, "H0020",
            "HF", datetime.date(2026, 1, 2), None, 9, 9, 1, 1, 8, None, "H0020: priced", NOW,
        )
        for place, each in enumerate((first, second), 1)
    ]  # fmt: skip

    def labelled(batch: ClaimBatch) -> dict[int, frozenset[str]]:
        keys = batch.claims["claim"].to_list()
        return {1: frozenset({"substance_use"})} if len(keys) == len(found) else {}

    monkeypatch.setattr(finding_claims, "sensitivity_labels", labelled)
    for module in (underpayments, disputes.store):
        monkeypatch.setattr(module, "list_underpayments", lambda *_, **__: found)
    for role, seen in (("manager", [None, "H0020"]), ("auditor", [None, "H0020"]), ("coder", ["H0020"] * 2)):
        headers = doors.token(role)
        page = client.get(f"{API}/underpayments", headers=headers).json()
        assert [each["procedure"] for each in page["items"]] == seen
        assert [each["basis"] != "" for each in page["items"]] == [each is not None for each in seen]
        said = page["withheld"].get("procedure")
        assert said == (None if role == "coder" else "policy part-2-clinical")
        csv = client.post(f"{API}/underpayments/disputes", headers=headers, json={"payer": "PAYER"}).text
        rows = list(DictReader(csv.splitlines()))
        assert [row["procedure"] or None for row in rows] == seen
        assert ("H0020" in str(rows[0])) is (role == "coder")


def test_a_stored_answer_is_not_given_for_another_purpose(doors: Doors) -> None:
    client = doors.client
    key = an_item(doors, doors.token("coder"), labels=True)["claim_key"]
    doors.account("carol", "clinician")
    again = {"Idempotency-Key": "opened-for-treatment"}
    answers = []
    for purpose in ("treatment", "payment", "treatment"):
        signed = client.post(
            f"{API}/session", json={"name": "carol", "password": PASSWORD, "purpose": purpose}
        )
        assert signed.status_code == 201, signed.text
        headers = again | {"X-CSRF-Token": signed.json()["csrf_token"]}
        answers.append(client.post(f"{API}/claims/{key}/opening", headers=headers, json=WHY))
    first, other, same = answers
    assert (first.status_code, other.json()["error"]["code"]) == (200, "key_reused")
    assert (same.headers["Idempotent-Replayed"], same.json()) == ("true", first.json())
    # It was read again, and the audit log says so.
    records = client.get(
        f"{API}/audit", headers=doors.token("auditor"), params={"action": "request.repeated"}
    ).json()["items"]
    assert [each["content"]["detail"]["items"] for each in records] == [[key]]
    assert records[0]["content"]["subject"] == f"route:{API}/claims/{{claim_key}}/opening"


def test_a_forged_cursor_is_refused(doors: Doors) -> None:
    headers = doors.token("administrator")
    asked = {"limit": "1", "sort": "name"}
    cursor = doors.client.get(f"{API}/accounts", headers=headers, params=asked).json()["next"]
    if cursor is None:
        doors.account("dave", "viewer")
        cursor = doors.client.get(f"{API}/accounts", headers=headers, params=asked).json()["next"]
    known = json.loads(base64.urlsafe_b64decode(cursor + "=="))[1]
    for content in (f'[Infinity,"{known}"]', f'[[1,1e999],"{known}"]', f'[["\\ud800",1],"{known}"]'):
        forged = base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")
        answer = doors.client.get(f"{API}/accounts", headers=headers, params={**asked, "cursor": forged})
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")
