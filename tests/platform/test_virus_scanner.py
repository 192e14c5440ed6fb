"""A file is clean where the scanner says so, after all of it; everything else is a refusal or no verdict."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.scanner_daemon import EICAR, Manner, ScannerDaemon, missing_clamd, real_clamd, scanner_daemon

from claimwright.platform.settings import SettingsError, load_settings
from claimwright.platform.spool import Spool, SpoolError
from claimwright.platform.virus_scanner import (
    ScannerState,
    ScannerUnavailableError,
    UnscannableError,
    VirusFoundError,
    VirusScanner,
)


@pytest.fixture(params=["tcp", "unix"])
def daemon(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ScannerDaemon]:
    with scanner_daemon(tmp_path if request.param == "unix" else None) as made:
        yield made


def test_the_scanner_gets_every_byte_and_its_word_counts(daemon: ScannerDaemon) -> None:
    scanner = VirusScanner(daemon.url)
    pieces = [b"ISA*00*", b"", b"x" * 200_000, b"~"]
    scanner.scan(pieces)
    scanner.scan([])
    assert daemon.scanned == [b"".join(pieces), b""]
    with pytest.raises(VirusFoundError) as found:
        scanner.scan([b"before", EICAR[:30], EICAR[30:], b"after"])
    assert found.value.signature == "Eicar-Signature"
    assert "EICAR" not in str(found.value).upper()


@pytest.mark.parametrize(
    ("manner", "why"),
    [
        ("silent", "time"),
        ("drips", "time"),
        ("cut_off", "cut_off"),
        ("error", "error"),
        ("odd", "answer"),
        ("endless", "answer"),
        ("early", "early"),
    ],
)
def test_what_is_no_verdict_is_no_clean_file(daemon: ScannerDaemon, manner: Manner, why: str) -> None:
    daemon.manner = manner
    with pytest.raises(ScannerUnavailableError) as problem:
        VirusScanner(daemon.url, timeout_seconds=0.5).scan(_after_the_answer(daemon))
    assert problem.value.why == why


def _after_the_answer(daemon: ScannerDaemon) -> Iterator[bytes]:
    """A file whose end comes when an answer that is too early has arrived: it is sent at the beginning."""
    yield b"content"
    if daemon.manner == "early":
        threading.Event().wait(0.1)


def test_a_scanner_that_is_away_gives_no_verdict(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for url in (f"tcp://127.0.0.1:{port}", f"unix:{tmp_path}/none.ctl"):
        with pytest.raises(ScannerUnavailableError) as problem:
            VirusScanner(url, timeout_seconds=5).scan([b"content"])
        assert problem.value.why == "connection"
        with pytest.raises(ScannerUnavailableError):
            VirusScanner(url, timeout_seconds=5).state()


def test_what_the_scanner_does_not_read_to_its_end_is_refused(daemon: ScannerDaemon) -> None:
    daemon.stream_max_length = 100_000
    with pytest.raises(UnscannableError):
        VirusScanner(daemon.url).scan(b"x" * 50_000 for _ in range(200))
    with pytest.raises(UnscannableError):
        VirusScanner(daemon.url, largest_bytes=1_000).scan([b"x" * 1_001])
    VirusScanner(daemon.url, largest_bytes=1_000).scan([b"x" * 1_000])
    daemon.manner = "limits"
    with pytest.raises(UnscannableError):
        VirusScanner(daemon.url).scan([b"small, but an archive"])


def test_the_scanner_says_how_old_its_signatures_are(daemon: ScannerDaemon) -> None:
    scanner = VirusScanner(daemon.url)
    assert scanner.state() == ScannerState(27840, datetime(2026, 11, 30, 8, 24, 7, tzinfo=UTC))
    daemon.version = "ClamAV 1.4.3"
    assert scanner.state() == ScannerState(None, None)
    daemon.version = "SomethingElse 3"
    with pytest.raises(ScannerUnavailableError):
        scanner.state()


@pytest.mark.parametrize(
    "url",
    ["tcp://scanner.example.org:3310", "tcp://127.0.0.1", "http://127.0.0.1:3310", "unix:clamd.ctl", "clamd"],
)
def test_content_crosses_no_network_in_the_clear(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError):
        load_settings(folder=tmp_path, variables={"CLAIMWRIGHT_SCANNER_URL": url})


def test_what_is_set_aside_comes_back_and_is_not_readable_on_the_disk() -> None:
    content = [bytes([number]) * 700_000 for number in range(1, 5)]
    with Spool() as spool:
        for each in content:
            if spool.add(each):
                spool.put_aside()
        for _ in range(2):
            assert b"".join(spool.chunks()) == b"".join(content)
        file = spool._file
        assert file is not None
        file.seek(0)
        assert b"\1" * 16 not in file.read()
        file.seek(5)
        file.write(b"changed")
        with pytest.raises(SpoolError):
            list(spool.chunks())


@pytest.mark.long
@pytest.mark.skipif(missing_clamd() is not None, reason=missing_clamd() or "")
def test_a_real_clamd_finds_the_test_string(tmp_path: Path) -> None:
    with real_clamd(tmp_path) as url:
        scanner = VirusScanner(url)
        assert scanner.state() == ScannerState(None, None)
        scanner.scan([b"ISA*00*" + b"x" * 500_000])
        scanner.scan([])
        for content in ([EICAR], [b"x" * 70_000, EICAR, b"x" * 70_000]):
            with pytest.raises(VirusFoundError) as found:
                scanner.scan(content)
            assert found.value.signature.startswith("Test.Eicar")
        with pytest.raises(UnscannableError):
            scanner.scan(b"x" * 65_536 for _ in range(200))
        scanner.scan([b"and it goes on"])
