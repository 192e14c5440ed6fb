"""The typed client against a server: credentials, pages, uploads, errors, events."""

from __future__ import annotations

import itertools
import socket
import threading
from pathlib import Path

import pytest
from tests.apps.api.conftest import ROOT, Doors
from tests.apps.api.served import served
from tests.features.pipeline.bench_of_claims import sample

from claimwright.client import Client, RequestRefusedError, UnreachableError
from claimwright.platform.access import ROLES, SCOPES
from claimwright.platform.identity import issue_token


def test_the_client_does_what_an_integration_needs(doors: Doors, tmp_path: Path) -> None:
    with doors.services.database.transaction(ROOT) as connection:
        _, bearer = issue_token(
            ROOT, connection, label="feed", scopes=["all"], known_scopes=SCOPES, days=1,
            client_name="feed", roles=["service"], known_roles=ROLES,
        )  # fmt: skip
    token = doors.token("manager")["Authorization"].removeprefix("Bearer ")
    specialist = doors.token("appeals_specialist")["Authorization"].removeprefix("Bearer ")
    content = sample(tmp_path, 12, seed=41).replace(b"CLM*", b"CLM*C")
    with served(doors) as address:
        feed, manager = Client(address, secret=str(bearer)), Client(address, token=token)
        appeals = Client(address, token=specialist)
        assert len(list(feed.every(feed.list_claims, limit=25))) == 60
        taken = feed.create_file(content, facility="FAC001", idempotency_key="file-of-today")
        assert taken["staged"] == 12
        again = feed.create_file(iter([content]), facility="FAC001")
        assert again["earlier"] == taken["file_id"]
        assert [each["facility"] for each in feed.list_claims(place="staged")["items"]] == ["FAC001"] * 12
        assert feed.post_check(content, limit=3)["claims"] == 12
        assert feed.get_rule("NPI002")["severity"] == "block"
        new = {
            "waiver_id": "W-11", "rules": ["DAT001"], "valid_from": "2026-01-01",
            "valid_to": "2026-06-30", "owner": "a.jones", "reason": "accepted until the enrollment",
        }  # fmt: skip
        with pytest.raises(RequestRefusedError) as refused:
            feed.create_waiver(new)  # type: ignore[arg-type]  # as a program without types sends it
        assert (refused.value.status, refused.value.code) == (403, "not_permitted")
        assert refused.value.request_id
        assert manager.create_waiver(new)["created_by"].startswith("user:")  # type: ignore[arg-type]
        assert b"tenant,month,identity" in manager.get_usage_export()
        assert {each["name"] for each in manager.list_analytics_kpis()} >= {"claim_volume"}
        assert manager.list_templates(kind="template")
        assert manager.list_appeals()["items"] == []
        added = appeals.create_claim_document(1, b"Seen in the office.", x_file_name="note.txt")
        number = added["document_id"]
        opened = appeals.post_document_opening(number, {"reason": "preparing an appeal"})
        assert "Seen in the office." in str(opened["pages"])
        with pytest.raises(RequestRefusedError, match="not_found") as missing:
            manager.get_file(999)
        assert missing.value.retry_seconds is None
        begun = manager.events(after="00000000-0000-0000-0000-000000000000")
        assert list(itertools.islice(begun, 0)) == []
        with pytest.raises(RequestRefusedError, match="not_signed_in"):
            Client(address).list_claims()
    with pytest.raises(UnreachableError):
        manager.list_claims()


@pytest.mark.parametrize(
    "answer", [b"this is no HTTP\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n[1]"]
)
def test_what_is_no_answer_or_part_of_one_is_an_error_of_the_client(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as bound:

        def serve() -> None:
            connection, _ = bound.accept()
            with connection:
                connection.recv(10_000)
                connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with pytest.raises(UnreachableError):
            Client(f"http://127.0.0.1:{bound.getsockname()[1]}").list_claims()
        thread.join(20)


def test_an_answer_that_is_too_large_is_refused_and_not_cut(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("claimwright.client.connection._MOST_BYTES", 10)
    token = doors.token("manager")["Authorization"].removeprefix("Bearer ")
    with served(doors) as address, pytest.raises(UnreachableError, match="more than 10 bytes"):
        Client(address, token=token).get_usage_export()


def test_what_can_not_be_an_address_or_two_credentials_are_refused_at_once() -> None:
    for address in (
        "claims.example.org",
        "ftp://claims.example.org",
        "https://",
        "http://claims.example.org",
    ):
        with pytest.raises(ValueError, match="https"):
            Client(address)
    with pytest.raises(ValueError, match="a token, a secret"):
        Client("https://claims.example.org", token="one", secret="two")
