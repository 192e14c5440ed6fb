"""Files attached to work items: sealed with their names, opened for a reason, withheld like notes."""

from __future__ import annotations

from typing import Any

import pytest
from tests.apps.api.conftest import Doors

PDF = b"%PDF-1.7 of JANE ROE"
WHY = {"reason": "needed to work the item"}


def an_item(doors: Doors, headers: dict[str, str], *, labels: bool = False) -> dict[str, Any]:
    """A work item about a claim with sensitivity labels, or without."""
    for item in doors.client.get("/api/v1/queue", headers=headers).json()["items"]:
        opening = f"/api/v1/claims/{item['claim_key']}/opening"
        opened = doors.client.post(opening, headers=headers, json=WHY).json()
        if bool(set(opened["labels"]) - {"minor"}) == labels:
            found: dict[str, Any] = item
            return found
    raise AssertionError("no such item")


def test_a_file_is_attached_sealed_listed_and_opened(doors: Doors) -> None:
    client = doors.client
    processor, boss, viewer = doors.token("claims_processor"), doors.token("manager"), doors.token("viewer")
    item = an_item(doors, processor)
    path = f"/api/v1/queue/{item['item_id']}/attachments"
    named = {"X-File-Name": "ROE%20JANE%20r%C3%A9sum%C3%A9.pdf"}
    made = client.post(path, headers=processor | named, content=PDF)
    assert made.status_code == 201, made.text
    said = made.json()
    assert (said["name"], said["kind"], said["bytes"]) == ("ROE JANE résumé.pdf", "pdf", len(PDF))
    [listed] = client.get(path, headers=processor).json()["items"]
    assert listed == made.json()
    # A manager works with money: notes and attachments are withheld, with the reason.
    seen = client.get(path, headers=boss).json()
    assert ([each["name"] for each in seen["items"]], list(seen["withheld"])) == ([None], ["name"])
    opening = f"{path}/{listed['attachment_id']}/opening"
    assert client.post(opening, headers=boss, json=WHY).status_code == 403
    assert client.post(opening, headers=viewer, json=WHY).status_code == 403
    assert client.post(opening, headers=processor, json={"reason": "no"}).status_code == 422
    assert client.post(opening, headers=boss, json={**WHY, "break_glass": True}).content == PDF
    # Whoever may not break the glass may not do so for what would be shown anyway.
    assert client.post(opening, headers=processor, json={**WHY, "break_glass": True}).status_code == 403
    opened = client.post(opening, headers=processor, json=WHY)
    assert (opened.status_code, opened.content) == (200, PDF)
    assert "attachment" in opened.headers["content-disposition"]
    elsewhere = ["FAC002" if item["facility"] == "FAC001" else "FAC001"]
    other = doors.token("claims_processor", facilities=elsewhere)
    assert client.get(path, headers=other).status_code == 404
    assert client.post(opening, headers=other, json=WHY).status_code == 404
    assert client.post(path, headers=viewer | named, content=PDF).status_code == 403
    with doors.store.open() as database, database.pool.connection() as connection:
        owner = connection.execute("select count(*) from work.attachments").fetchone()
        assert owner == (0,), "without a tenant no row is seen"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.exe", b"MZ\x90\x00"), ("a.html", b"<script>alert(1)</script>"), ("a.txt", b""),
        ("remit.bat", b"@echo off"), ("a.pdf", b"a text"), ("a.docx", b"PK\x03\x04"), ("a.png", b"%PDF-1"),
        ("..%2Fa.txt", b"text"), ("%00.txt", b"text"), ("a.sh", b"#!/bin/sh"), ("a.txt", b"\x00\x01\xff"),
    ],
)  # fmt: skip
def test_what_is_no_document_is_refused(doors: Doors, name: str, content: bytes) -> None:
    processor = doors.token("claims_processor")
    path = f"/api/v1/queue/{an_item(doors, processor)['item_id']}/attachments"
    answer = doors.client.post(path, headers=processor | {"X-File-Name": name}, content=content)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "unusable_input")
    assert doors.client.get(path, headers=processor).json()["items"] == []
