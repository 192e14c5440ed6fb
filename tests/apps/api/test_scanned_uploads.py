"""With a virus scanner in the settings, nothing that is sent is read or stored before it is called clean."""

from __future__ import annotations

import gzip
import shutil
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.routing import APIRoute
from tests.apps.api.conftest import Doors, opened
from tests.apps.api.served import served
from tests.apps.api.test_attachments import PDF, an_item
from tests.assembly.test_doctor import told, words
from tests.database_server import Store
from tests.scanner_daemon import EICAR, Manner, ScannerDaemon, missing_clamd, real_clamd, scanner_daemon

from claimwright.apps.api.application import RESOURCES
from claimwright.apps.api.connections import Paces
from claimwright.apps.api.selection import route_parameters
from claimwright.assembly.doctor import Level

ROLES = ("administrator", "manager", "claims_processor", "appeals_specialist", "clinician")
FORMS = {"application/x-www-form-urlencoded"}


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[ScannerDaemon]:
    with scanner_daemon(tmp_path) as made:
        yield made


@pytest.fixture
def doors(processed: tuple[Store, Path], tmp_path: Path, daemon: ScannerDaemon) -> Iterator[Doors]:
    store, folder = processed
    shutil.copytree(folder / "home", tmp_path / "home")
    settings = {
        "CLAIMWRIGHT_SCANNER_URL": daemon.url, "CLAIMWRIGHT_SCANNER_TIMEOUT_SECONDS": "20",
        "CLAIMWRIGHT_SCANNER_LARGEST_BYTES": "1000000",
    }  # fmt: skip
    with store.copied() as copy, opened(copy, tmp_path, **settings) as made:
        yield made


def refusals(doors: Doors) -> list[dict[str, Any]]:
    log = doors.client.get(
        "/api/v1/audit", headers=doors.token("auditor"), params={"action": "request.refused"}
    )
    return [
        {"subject": each["content"]["subject"], **each["content"]["detail"]} for each in log.json()["items"]
    ]


def raw_routes() -> list[APIRoute]:
    """The routes that take a body as it is: it has no model."""
    found = []
    for resource in RESOURCES:
        for route in resource.routes:
            if not isinstance(route, APIRoute):
                continue
            kinds = set((route.openapi_extra or {}).get("requestBody", {}).get("content", {}))
            if kinds - FORMS:
                found.append(route)
    return found


def test_every_route_that_takes_a_file_has_it_scanned_first(doors: Doors, daemon: ScannerDaemon) -> None:
    headers = {**doors.token(*ROLES), "X-File-Name": "a.txt"}
    known = {"facility": "FAC009", "file": "codes.txt"}
    routes = raw_routes()
    assert len(routes) >= 10
    daemon.manner = "refuses_all"
    for number, route in enumerate(routes, start=1):
        path = route.path.replace("{dataset}", "place_of_service")
        path = "/".join("1" if part.startswith("{") else part for part in path.split("/"))
        params = {name: value for name, value in known.items() if name in route_parameters(route)}
        for kind in ("application/octet-stream", "application/json"):
            sent = headers | {"Content-Type": kind}
            answer = doors.client.post(path, headers=sent, params=params, content=b"whatever it is")
            assert answer.json()["error"]["code"] == "virus_found", (path, answer.text)
            assert answer.status_code == 422
        assert len(daemon.scanned) == 2 * number, path
    assert set(daemon.scanned) == {b"whatever it is"}
    told_of = refusals(doors)
    assert len(told_of) == 2 * len(routes)
    assert {each["signature"] for each in told_of} == {"Test.All"}
    assert not any("whatever" in str(each) for each in told_of)


def test_a_file_is_taken_once_the_scanner_calls_it_clean(
    doors: Doors, daemon: ScannerDaemon, samples: Path
) -> None:
    headers = doors.token("claims_processor")
    content = (samples / "professional.837").read_bytes()
    path, upload = "/api/v1/files?facility=FAC009", str(uuid.uuid4())
    # What is stored is what was scanned: unpacked.
    packed = gzip.compress(content)
    first = doors.client.post(f"{path}&upload_id={upload}", content=packed, headers=headers)
    assert (first.status_code, first.json()["staged"]) == (201, 40)
    assert daemon.scanned == [content]
    # Without a length, it comes in pieces.
    again = doors.client.post(path, content=iter([content[:70], content[70:]]), headers=headers)
    assert again.json()["earlier"] == first.json()["file_id"]
    assert daemon.scanned == [content, content]
    done = doors.client.get(f"/api/v1/files/uploads/{upload}", headers=headers).json()
    assert (done["state"], done["claims"]) == ("completed", 40)


def test_a_file_with_a_virus_leaves_nothing_and_the_log_says_so(
    doors: Doors, daemon: ScannerDaemon, samples: Path
) -> None:
    headers = doors.token("claims_processor")
    content = (samples / "professional.837").read_bytes() + EICAR
    before = doors.client.get("/api/v1/files", headers=headers).json()
    upload = str(uuid.uuid4())
    for sent in (content, gzip.compress(content), iter([content[:90], content[90:]])):
        answer = doors.client.post(
            "/api/v1/files", content=sent, headers=headers, params={"facility": "F", "upload_id": upload}
        )
        upload = str(uuid.uuid4())
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "virus_found")
        assert "Eicar" not in answer.text
    assert len(daemon.scanned) == 3
    path = f"/api/v1/queue/{an_item(doors, headers)['item_id']}/attachments"
    attached = doors.client.post(path, headers=headers | {"X-File-Name": "a.txt"}, content=EICAR)
    assert attached.json()["error"]["code"] == "virus_found"
    assert doors.client.get(path, headers=headers).json()["items"] == []
    assert doors.client.get("/api/v1/files", headers=headers).json() == before
    last = refusals(doors)[0]
    del last["items"]
    assert last == {
        "subject": "route:/api/v1/queue/{item_id}/attachments", "method": "POST", "status": 422,
        "reason_code": "virus_found", "signature": "Eicar-Signature",
    }  # fmt: skip


def test_an_upload_that_is_refused_says_so_under_its_id(
    doors: Doors, daemon: ScannerDaemon, samples: Path
) -> None:
    headers = doors.token("claims_processor")
    content = (samples / "professional.837").read_bytes()
    told_by: tuple[tuple[Manner, str], ...] = (
        ("refuses_all", "virus_found"), ("error", "scanner_unavailable"),
    )  # fmt: skip
    for manner, code in told_by:
        daemon.manner = manner
        upload = str(uuid.uuid4())
        send = {"facility": "FAC009", "upload_id": upload}
        doors.client.post("/api/v1/files", headers=headers, params=send, content=content)
        seen = doors.client.get(f"/api/v1/files/uploads/{upload}", headers=headers).json()
        assert (seen["state"], seen["problem"]) == ("failed", code)


def test_while_the_scanner_gives_no_verdict_no_file_is_taken(
    doors: Doors, daemon: ScannerDaemon, samples: Path
) -> None:
    headers = doors.token("claims_processor")
    content = (samples / "professional.837").read_bytes()
    path, key = "/api/v1/files?facility=FAC009", {"Idempotency-Key": "the-same-upload"}
    daemon.manner = "cut_off"
    refused = doors.client.post(path, headers=headers | key, content=content)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "scanner_unavailable")
    assert refused.headers["Retry-After"] == "5"
    remittance = doors.client.post("/api/v1/remittances", headers=headers, content=content)
    assert remittance.json()["error"]["code"] == "scanner_unavailable"
    item = an_item(doors, headers)["item_id"]
    attached = doors.client.post(
        f"/api/v1/queue/{item}/attachments", headers=headers | {"X-File-Name": "a.pdf"}, content=PDF
    )
    assert attached.json()["error"]["code"] == "scanner_unavailable"
    assert refusals(doors)[0]["outcome"] == "cut_off"
    # Everything else is served, and the upload is not remembered as answered.
    assert doors.client.get("/api/v1/claims", headers=headers).status_code == 200
    daemon.manner = "well"
    taken = doors.client.post(path, headers=headers | key, content=content)
    assert (taken.status_code, taken.json()["staged"]) == (201, 40)


def test_what_the_scanner_would_not_read_whole_is_too_large(doors: Doors, daemon: ScannerDaemon) -> None:
    headers = doors.token("claims_processor")
    path = "/api/v1/files?facility=FAC009"
    unpacked = b"ISA" + b"x" * 1_200_000
    # As sent, unpacked, and behind the scanner's own limit.
    for sent in (unpacked, gzip.compress(unpacked)):
        answer = doors.client.post(path, headers=headers, content=sent)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    daemon.stream_max_length = 10_000
    answer = doors.client.post(path, headers=headers, content=b"ISA" + b"x" * 500_000)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    assert daemon.scanned == []


def test_a_slow_scanner_holds_up_nobody_else(doors: Doors, daemon: ScannerDaemon, samples: Path) -> None:
    headers = doors.token("claims_processor")
    content = (samples / "professional.837").read_bytes()
    daemon.holds = threading.Event()
    answers: list[httpx2.Response] = []
    # All who send share an interpreter with the server: on a busy machine they are slower than it allows.
    with served(doors, paces=Paces(head_seconds=120.0, body_seconds=120.0)) as address:

        def send(number: int) -> None:
            # Small files and large ones wait alike.
            more = b"\n" * (number if number % 2 else 200_000 + number)
            path = f"{address}/api/v1/files?facility=FAC{number:03}"
            answers.append(httpx2.post(path, headers=headers, content=content + more, timeout=120))

        # More than there are threads for requests.
        senders = [threading.Thread(target=send, args=[number]) for number in range(60)]
        for each in senders:
            each.start()
        until = time.monotonic() + 60
        while daemon.busy < 4 and time.monotonic() < until:
            time.sleep(0.05)
        for _ in range(5):
            listed = httpx2.get(f"{address}/api/v1/claims?limit=1", headers=headers, timeout=15)
            assert listed.status_code == 200
        assert (daemon.busy, len(answers)) == (4, 0)
        daemon.holds.set()
        for each in senders:
            each.join(120)
    assert [each.text for each in answers if each.status_code != 201] == []
    assert (len(answers), daemon.most_busy) == (60, 4)


def test_the_doctor_says_whether_files_are_scanned(tmp_path: Path) -> None:
    assert "Uploaded files are not scanned for viruses." in words(told(tmp_path), Level.NOTE)
    with scanner_daemon(tmp_path) as daemon:
        address = {"CLAIMWRIGHT_SCANNER_URL": daemon.url}
        daemon.version = "ClamAV 1.4.3/27000/Mon Jan  1 08:24:07 2024"
        assert "The signatures of clamd are" in words(told(tmp_path, **address), Level.WARNING)
        daemon.version = "ClamAV 1.4.3"
        assert "clamd has no signatures of ClamAV" in words(told(tmp_path, **address), Level.WARNING)
    assert "(connection): no upload is taken" in words(told(tmp_path, **address), Level.PROBLEM)


@pytest.mark.long
@pytest.mark.skipif(missing_clamd() is not None, reason=missing_clamd() or "")
def test_a_real_clamd_refuses_an_attachment_and_lets_a_file_in(
    processed: tuple[Store, Path], tmp_path: Path, samples: Path
) -> None:
    store, folder = processed
    shutil.copytree(folder / "home", tmp_path / "home")
    (tmp_path / "clamd").mkdir()
    with (
        real_clamd(tmp_path / "clamd") as url, store.copied() as copy,
        opened(copy, tmp_path, CLAIMWRIGHT_SCANNER_URL=url) as doors,
    ):  # fmt: skip
        headers = doors.token("claims_processor")
        item = an_item(doors, headers)["item_id"]
        attached = doors.client.post(
            f"/api/v1/queue/{item}/attachments", headers=headers | {"X-File-Name": "a.txt"}, content=EICAR
        )
        assert (attached.status_code, attached.json()["error"]["code"]) == (422, "virus_found")
        assert refusals(doors)[0]["signature"].startswith("Test.Eicar")
        content = (samples / "professional.837").read_bytes()
        taken = doors.client.post("/api/v1/files?facility=FAC009", headers=headers, content=content)
        assert (taken.status_code, taken.json()["staged"]) == (201, 40)
