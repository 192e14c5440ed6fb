"""Replaying and timing a rule asks the reference data that somebody loaded, as a check does."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.rules import RuleBook
from claimwright.features.intake import read_837
from claimwright.features.reference_data import load
from claimwright.features.rule_workshop import blocks, profile, replay

DAY = date(2025, 9, 15)

# A schedule of one row, in which Medicare does not cover the commonest visit (status N).
_SCHEDULE = (
    "HCPCS,MOD,DESCRIPTION,STATUS CODE,NOT USED,WORK RVU,NON-FAC PE RVU,NON-FAC NA INDICATOR,FACILITY PE RVU,"
    "FACILITY NA INDICATOR,MP RVU,NON-FACILITY TOTAL,FACILITY TOTAL,PCTC IND,GLOB DAYS,PRE OP,INTRA OP,"
    "POST OP,MULT PROC,BILAT SURG,ASST SURG,CO- SURG,TEAM SURG,ENDO BASE,CONV FACTOR,SUPERVISION,FLAG,FAMILY,"
    "NON-FACILITY PE USED FOR OPPS PAYMENT AMOUNT,FACILITY PE USED FOR OPPS PAYMENT AMOUNT,"
    "MP USED FOR OPPS PAYMENT AMOUNT\n"
    "99213,,words,N,,1.30,1.00,,0.50,,0.10,2.40,1.90,0,XXX,0.00,0.00,0.00,"
    "0,0,0,0,0,,32.3465,09,0,99,0.00,0.00,0.00\n"
)


@pytest.fixture
def claims_file(samples: Path) -> Path:
    return samples / "professional.837"


@pytest.fixture
def visits(claims_file: Path) -> int:
    """Lines of Medicare's claims that a schedule without that visit would find."""
    batch = read_837(claims_file)
    medicare = batch.claims.filter(pl.col("claim_filing_code") == "MB").select("claim")
    return batch.lines.join(medicare, on="claim").filter(pl.col("procedure") == "99213").height


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The schedule in a store that is the user's."""
    path = tmp_path / "PPRRVU25_OCT.csv"
    path.write_text(_SCHEDULE, encoding="utf-8")
    now = datetime(2026, 11, 22, tzinfo=UTC)
    load("physician_fee_schedule", [path], store=tmp_path / "store", now=now, partial=True)
    monkeypatch.setenv("CLAIMWRIGHT_REFERENCE", str(tmp_path / "store"))


def found(claims_file: Path, rulebook: RuleBook) -> int:
    [rule] = replay([rulebook["HCP005"]], blocks([str(claims_file)]), rulebook, as_of=DAY).rules
    return rule.findings


def test_a_replay_is_judged_by_what_is_loaded(
    claims_file: Path, rulebook: RuleBook, visits: int, request: pytest.FixtureRequest
) -> None:
    assert found(claims_file, rulebook) == 0
    request.getfixturevalue("loaded")
    assert found(claims_file, rulebook) == visits > 0


@pytest.mark.usefixtures("loaded")
def test_a_profile_is_measured_on_what_is_loaded(claims_file: Path, rulebook: RuleBook, visits: int) -> None:
    batch: ClaimBatch = read_837(claims_file)
    [time] = profile(batch, [rulebook["HCP005"]], as_of=DAY, runs=1).times
    assert time.fired == visits > 0
