"""No text of a CSV file is a formula to a spreadsheet, and every text can be had back."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimwright.features.checking import Checker, ResultWriter
from claimwright.features.conversion import read_tables, write_tables
from claimwright.features.intake import read_837, read_all, sources
from claimwright.foundation.spreadsheets import defused, restored

FORMULAS = ("=", "+", "-", "@", "\t", "\r")


@given(st.text(alphabet="'=+-@\t\rax\n", max_size=6))
def test_a_text_is_no_formula_and_comes_back(text: str) -> None:
    safe = pl.select(defused(pl.lit(text))).item()
    assert not safe.startswith(FORMULAS)
    assert pl.select(restored(pl.lit(safe))).item() == text


@pytest.fixture
def hostile(tmp_path: Path, samples: Path) -> Path:
    """A file whose claim numbers are formulas."""
    text = next(iter(sorted(samples.rglob("*.837")))).read_text()
    path = tmp_path / "hostile.837"
    path.write_text(text.replace("CLM*", "CLM*=1+1"))
    return path


def test_results_of_a_check_hold_no_formula(hostile: Path, tmp_path: Path) -> None:
    with ResultWriter(tmp_path / "results", "csv") as writer:
        for checked in Checker().check_readings(read_all(sources([str(hostile)]))):
            writer.write(checked)
    kept = pl.read_csv(tmp_path / "results" / "claims.csv", infer_schema=False)["claim_id"]
    assert kept.str.starts_with("'=1+1").all()


def test_tables_hold_no_formula_and_are_read_back_as_they_were(hostile: Path, tmp_path: Path) -> None:
    batch = read_837(hostile)
    write_tables([batch], tmp_path / "tables", "csv")
    kept = pl.read_csv(tmp_path / "tables" / "claims.csv", infer_schema=False)["claim_id"]
    assert kept.str.starts_with("'=1+1").all()
    [again] = read_tables(tmp_path / "tables")
    assert again.claims["claim_id"].to_list() == batch.claims["claim_id"].to_list()
