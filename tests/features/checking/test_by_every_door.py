"""The same claims get the same findings, whichever way they come in."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

import claimwright as cw
from claimwright.domain.batch import ClaimBatch
from claimwright.features.checking import Checker
from claimwright.features.checking.as_written import structural_of
from claimwright.features.conversion import read_tables, write_tables
from claimwright.features.intake import cut_sources, sources

DAY = datetime.date(2025, 9, 15)
PLACE = ["claim", "line", "code", "element"]


@pytest.fixture(scope="module")
def file(samples: Path) -> Path:
    return samples / "structural.837"


@pytest.fixture(scope="module")
def batch(file: Path) -> ClaimBatch:
    return cw.read_837(file)


def structural(findings: pl.DataFrame) -> pl.DataFrame:
    found = findings.filter(pl.col("code").str.starts_with("SYN"), pl.col("claim").is_not_null())
    return found.select(PLACE).sort(PLACE)


def test_a_notebook_is_told_what_the_command_tells(file: Path, batch: ClaimBatch) -> None:
    checker = Checker(as_of=DAY)
    by_command = [checked.findings for checked in checker.check_blocks(cut_sources(sources([file])))]
    result = cw.check(batch, as_of=DAY)
    told = result.findings.filter(pl.col("code").str.starts_with("SYN"))
    assert told.height
    expected = pl.concat(by_command).filter(pl.col("code").str.starts_with("SYN"))
    assert told.select(PLACE).sort(PLACE).equals(expected.select(PLACE).sort(PLACE))
    assert result.summary.by_status["block"] > 0


def test_claims_that_were_never_an_837_are_checked_as_the_one_that_they_would_be(batch: ClaimBatch) -> None:
    made = structural_of(replace(batch, structural=None))
    assert batch.structural is not None
    assert structural(made).equals(structural(batch.structural))
    assert made["segment"].null_count() == made.height


def test_tables_of_a_spreadsheet_get_the_findings_of_the_file(batch: ClaimBatch, tmp_path: Path) -> None:
    write_tables([batch], tmp_path, "csv")
    back = ClaimBatch.concat(read_tables(tmp_path))
    assert back.structural is None
    assert batch.structural is not None
    assert structural(structural_of(back)).equals(structural(batch.structural))


def test_claims_made_by_hand_need_no_transaction(samples: Path) -> None:
    clean = cw.read_837(samples / "professional.837").select([1, 2])
    by_hand = ClaimBatch(
        claims=clean.claims.with_columns(
            transaction=pl.lit(None, pl.Int64), billing_npi=pl.lit(None, pl.String)
        ),
        lines=clean.lines,
        diagnoses=clean.diagnoses,
    )
    found = structural_of(by_hand)
    assert set(found["claim"]) <= {1, 2}
    assert "NM109" in set(found["element"])


def test_a_part_of_a_batch_has_the_findings_of_its_claims(batch: ClaimBatch) -> None:
    assert batch.structural is not None
    claim = batch.structural["claim"].drop_nulls()[0]
    part = batch.select([claim])
    assert part.structural is not None
    assert set(part.structural["claim"]) == {claim}
