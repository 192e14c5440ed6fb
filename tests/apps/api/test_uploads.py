"""Uploads: streamed, taken once, followed while they are sent, refused if hostile; lists of the newest."""

from __future__ import annotations

import gzip
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.apps.api.conftest import ROOT, Doors
from tests.apps.api.served import served

from claimwright.apps.api.uploads import _unpacked


def test_an_upload_is_streamed_and_taken_once(doors: Doors, samples: Path) -> None:
    headers = doors.token("claims_processor")
    content = (samples / "professional.837").read_bytes()
    path = "/api/v1/files?facility=FAC009"
    first = doors.client.post(path, content=gzip.compress(content), headers=headers)
    again = doors.client.post(path, content=iter([content[:70], content[70:]]), headers=headers)
    assert (first.status_code, first.json()["staged"]) == (201, 40)
    assert again.json() == {
        **dict.fromkeys(again.json(), 0),
        "file_id": None,
        "earlier": first.json()["file_id"],
    }


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (gzip.compress(b"ISA" * 1_000, mtime=0)[:30], 422, "unusable_input"),
        (b"\x1f\x8b" + b"no gzip at all", 422, "unusable_input"),
        (gzip.compress(b"ISA" + b"\0" * 40_000_000, mtime=0), 413, "too_large"),
        (b"hello, this is no claim file", 422, "unusable_input"),
        (b"", 422, "unusable_input"),
    ],
    ids=["cut", "damaged", "bomb", "text", "empty"],
)
def test_a_hostile_upload_is_refused_and_leaves_nothing(
    doors: Doors, content: bytes, status: int, code: str
) -> None:
    headers = doors.token("claims_processor")
    before = doors.client.get("/api/v1/files", headers=headers).json()
    answer = doors.client.post("/api/v1/files", headers=headers, params={"facility": "F"}, content=content)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert doors.client.get("/api/v1/files", headers=headers).json() == before


def test_small_files_that_are_sent_at_once_get_an_answer_each(doors: Doors, samples: Path) -> None:
    headers = doors.token("claims_processor")
    content = (samples / "dental.837").read_bytes()
    sent = [content.replace(b"CLM*", b"CLM*W%d" % number) for number in range(8)]
    sent += [
        sent[0],
        b"hello, this is no claim file",
        sent[1][: len(content) // 2],
        gzip.compress(content)[:90],
    ]

    def answer(number: int) -> httpx2.Response:
        path = f"/api/v1/files?facility=FAC1{number:02}"
        return doors.client.post(path, content=sent[number], headers=headers)

    with ThreadPoolExecutor(len(sent)) as pool:
        answers = list(pool.map(answer, range(len(sent))))
    assert [each.status_code for each in answers] == [*[201] * 9, 422, 201, 422]
    told = [each.json() for each in answers]
    # Of the two with the same content, whichever comes first is taken.
    first, again = sorted((told[0], told[8]), key=lambda each: each["earlier"] is not None)
    assert (first["staged"], again["earlier"], again["staged"]) == (15, first["file_id"], 0)
    assert [each["staged"] for each in told[1:8]] == [15] * 7
    assert 0 < told[10]["staged"] < 15
    assert told[10]["faults"] > told[1]["faults"]
    assert len({each["file_id"] for each in (first, *told[1:8], told[10])}) == 9


def test_several_gzip_members_are_one_content(doors: Doors, samples: Path) -> None:
    headers = doors.token("claims_processor")
    content = (samples / "professional.837").read_bytes()
    path, half = "/api/v1/files?facility=FAC009", len(content) // 2
    members = gzip.compress(content[:half]) + gzip.compress(content[half:])
    lost = doors.client.post(path, content=members + content[:200], headers=headers)
    assert (lost.status_code, lost.json()["error"]["code"]) == (422, "unusable_input")
    taken = doors.client.post(path, content=members + b"\0" * 512, headers=headers)
    assert (taken.status_code, taken.json()["staged"]) == (201, 40)
    # One byte at a time, as a slow client sends: the beginning of a member is in two pieces.
    assert b"".join(_unpacked(members[at : at + 1] for at in range(len(members)))) == content


def test_an_upload_says_how_far_it_is(doors: Doors, samples: Path) -> None:
    headers = doors.token("claims_processor")
    content = (samples / "professional.837").read_bytes()
    upload, seen = str(uuid.uuid4()), []
    address = f"/api/v1/files/uploads/{upload}"

    def asked() -> Any:
        return doors.client.get(address, headers=headers)

    def slowly() -> Iterator[bytes]:
        # The sender asks while it sends: nothing is staged for others before the end.
        yield content[:5_000]
        until = time.monotonic() + 60
        while asked().status_code == 404 and time.monotonic() < until:
            time.sleep(0.05)
        seen.append(asked().json())
        yield content[5_000:]

    send = {"facility": "FAC009", "upload_id": upload}
    assert asked().status_code == 404
    with served(doors) as server:
        answer = httpx2.post(
            f"{server}/api/v1/files", headers=headers, params=send, content=slowly(), timeout=120
        )
    taken = answer.json()
    assert (seen[0]["state"], seen[0]["file_id"]) == ("in_progress", None)
    done = asked().json()
    assert (done["state"], done["file_id"], done["claims"], done["staged"], done["bytes"]) == (
        "completed", taken["file_id"], 40, 40, len(content),
    )  # fmt: skip
    repeated = doors.client.post("/api/v1/files", headers=headers, params=send, content=content)
    assert repeated.json()["error"]["code"] == "state_conflict"
    # Of others nobody knows.
    elsewhere = doors.token("claims_processor", facilities=["FAC002"])
    assert doors.client.get(address, headers=elsewhere).status_code == 404
    # One that failed says so, and may begin again.
    send["upload_id"] = upload = str(uuid.uuid4())
    address = f"/api/v1/files/uploads/{upload}"
    doors.client.post("/api/v1/files", headers=headers, params=send, content=b"no claims")
    assert (asked().json()["state"], asked().json()["problem"]) == ("failed", "unusable_input")
    doors.client.post("/api/v1/files", headers=headers, params=send, content=content)
    assert (asked().json()["is_earlier"], asked().json()["file_id"]) == (True, taken["file_id"])


def test_lists_with_the_newest_first_are_whole_page_by_page(doors: Doors) -> None:
    headers = doors.token("administrator", "manager")
    with doors.services.database.transaction(ROOT) as connection:
        rows = connection.execute("select claim_key from production.claims where route = 'review' limit 2")
        keys = [row[0] for row in rows.fetchall()]
        connection.execute(
            "insert into pipeline.runs (as_of, state, correlation_id, planned, started_at) "
            "values ('2026-01-01', 'done', gen_random_uuid(), 0, now())"
        )
    for path, key in (("/api/v1/audit", "sequence"), ("/api/v1/runs", "run_id")):
        whole = doors.client.get(path, headers=headers, params={"limit": 1_000}).json()["items"]
        numbers = [each[key] for each in whole]
        assert numbers == sorted(numbers, reverse=True)
        query, found = {"limit": str(max(1, len(whole) // 2))}, []
        while True:
            page = doors.client.get(path, headers=headers, params=query).json()
            found += [each[key] for each in page["items"]]
            if page["next"] is None or len(found) >= len(whole):
                break
            query["cursor"] = page["next"]
        assert len(set(found)) == len(found)
        assert set(found) >= set(numbers)
    # A decision on several says of each why it can't be.
    wanted = {"claim_keys": [*keys, 999_999], "reason": "looked at by both of us"}
    refused = doors.client.post("/api/v1/review/release", headers=headers, json=wanted).json()["error"]
    assert [(each["claim_id"], each["field"]) for each in refused["details"]] == [(999_999, "claim_keys")]
