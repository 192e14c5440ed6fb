"""The demonstration practice: its files are what everybody sends, and end today."""

from __future__ import annotations

import datetime
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import claimwright as cw
from claimwright.foundation import clock
from claimwright_lab.demonstration import FACILITIES, DemoServer, Practice, make_practice, server
from claimwright_lab.demonstration.people import on_day
from claimwright_lab.demonstration.server import ServerError

TODAY = datetime.date(2026, 11, 29)


@pytest.fixture(scope="module")
def practice() -> Practice:
    return make_practice(TODAY, world_claims=300, fresh_claims=60)


def test_claims_of_a_year_end_in_the_week_before_today(practice: Practice, tmp_path: Path) -> None:
    sent = set()
    for facility, name, content in practice.claims:
        (tmp_path / name).write_bytes(content)
        batch = cw.read_837(tmp_path / name)
        last = batch.lines["service_from_on"].max()
        assert isinstance(last, datetime.date)
        assert last <= TODAY
        assert name.startswith(facility.lower())
        sent.add(name[-11:-4])
    assert {facility for facility, _, _ in practice.claims} == set(FACILITIES)
    assert (min(sent), max(sent)) == ("2025-q4", "2026-q4")


def test_remittances_answer_the_claims_that_are_there(practice: Practice, tmp_path: Path) -> None:
    numbers = set()
    for _, name, content in practice.claims:
        (tmp_path / name).write_bytes(content)
        numbers |= set(cw.read_837(tmp_path / name).claims["claim_id"])
    for name, content in practice.remittances:
        (tmp_path / name).write_bytes(content)
        remittance = cw.read_835(tmp_path / name)
        assert set(remittance.claims["claim_id"]) <= numbers
        paid_on = remittance.payments["paid_on"].max()
        assert isinstance(paid_on, datetime.date)
        assert paid_on <= TODAY


def test_most_denials_are_paid_after_some_weeks_and_what_is_newly_denied_can_be_appealed(
    practice: Practice, tmp_path: Path
) -> None:
    paid = set()
    for name, content in practice.later:
        (tmp_path / name).write_bytes(content)
        decided = cw.read_835(tmp_path / name).claims
        reversed_ones = decided.filter(pl.col("claim_status") == "22")
        assert reversed_ones.height * 2 == decided.height
        assert (reversed_ones["charge"] < 0).all()
        paid |= set(decided["claim_id"])
    assert paid == set(practice.paid_later)
    newly = {each.number for each in practice.denied}
    assert newly
    assert not newly & paid


def test_what_people_post_in_the_context_of_a_day_is_posted_on_that_day() -> None:
    day = datetime.date(2026, 3, 4)
    with on_day(day):
        assert clock.now().date() == day
    assert clock.now().date() > day


def test_the_same_day_makes_the_same_practice(practice: Practice) -> None:
    assert make_practice(TODAY, world_claims=300, fresh_claims=60) == practice


# Answers, and takes a second to end.
SLOW_SERVER = """
import http.server, signal, sys, time

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

def end(*_):
    time.sleep(1)
    sys.exit(0)

signal.signal(signal.SIGTERM, end)
served = http.server.HTTPServer(("127.0.0.1", 0), Answer)
print(served.server_address[1], flush=True)
served.serve_forever()
"""


def test_the_server_has_ended_when_stopping_it_returns(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", SLOW_SERVER], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = f"http://127.0.0.1:{int(process.stdout.readline())}"
            noted = json.dumps({"process": process.pid, "address": address})
            (tmp_path / "server.json").write_text(noted, encoding="utf-8")
            assert DemoServer(tmp_path).stop()
            assert process.poll() is not None
        finally:
            process.kill()


def test_a_server_that_does_not_answer_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = tmp_path / "silent"
    silent.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/number\nexec sleep 60\n", encoding="utf-8")
    silent.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(silent))
    monkeypatch.setattr(server, "_PATIENCE_SECONDS", 1)
    with pytest.raises(ServerError, match="did not start"):
        DemoServer(tmp_path).start()
    number = (tmp_path / "number").read_text(encoding="utf-8").strip()
    with pytest.raises(ProcessLookupError):
        os.kill(int(number), 0)
    assert DemoServer(tmp_path).address() is None


def test_without_a_free_port_the_server_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(server, "_FIRST_PORT", taken.getsockname()[1])
        monkeypatch.setattr(server, "_PORTS", 1)
        with pytest.raises(ServerError, match="no port"):
            DemoServer(tmp_path).start()
