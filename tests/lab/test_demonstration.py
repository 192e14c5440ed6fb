"""The demonstration practice: its files are what everybody sends, and end today."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

import claimwright as cw
from claimwright_lab.demonstration import FACILITIES, Practice, make_practice

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
    assert max(sent) == "2026-11"
    assert min(sent) in {"2025-11", "2025-12"}


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


def test_the_same_day_makes_the_same_practice(practice: Practice) -> None:
    assert make_practice(TODAY, world_claims=300, fresh_claims=60) == practice
