"""The starter pack, made anew from published files where they are at hand, and compared."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from claimwright.features.reference_data import load_files
from claimwright.reference import Snapshot


@pytest.fixture(scope="module")
def build(repo_root: Path) -> ModuleType:
    """The script that builds the pack."""
    path = repo_root / "scripts" / "build_reference.py"
    spec = importlib.util.spec_from_file_location("build_reference", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["build_reference"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["hcpcs", "mue_practitioner", "mue_outpatient", "mue_dme", "add_on"])
def test_a_published_table_of_the_pack_is_what_the_loader_makes(
    build: ModuleType, published: Path, known: Snapshot, name: str
) -> None:
    entry = next(entry for entry in build.PUBLISHED if entry.dataset == name)
    rows = load_files(name, [published / entry.file], effective_from=entry.first).rows
    for column in entry.columns:
        chosen = pl.col(column).is_in(build.commonest()) | pl.col(column).str.contains("^[A-V][0-9]{4}$")
        rows = rows.filter(chosen)
    on = entry.first or known.as_of
    assert_frame_equal(known.table(name, on).collect(), rows, check_row_order=False)


def test_the_taxonomy_is_that_of_the_published_file(published: Path, known: Snapshot) -> None:
    rows = load_files("taxonomy", [published / "codes" / "nucc_taxonomy_240.csv"]).rows
    assert set(known.table("taxonomy").collect()["code"]) == set(rows["code"])


def test_every_common_procedure_was_a_code(build: ModuleType, known: Snapshot) -> None:
    listed = pl.concat(
        known.table("physician_fee_schedule", on=version.effective_from).collect()["procedure"]
        for version in known.versions("physician_fee_schedule")
    )
    assert set(build.commonest()) <= set(listed)


def test_spans_that_follow_each_other_and_say_the_same_become_one(build: ModuleType) -> None:
    from datetime import date

    rows = [
        ("A", date(2020, 1, 1), date(2020, 12, 31), "x"),
        ("A", date(2021, 1, 1), date(2021, 12, 31), "x"),
        ("A", date(2022, 1, 1), date(2027, 3, 31), "y"),
        ("B", date(2020, 1, 1), date(2020, 6, 30), "x"),
        ("B", date(2020, 8, 1), date(2027, 3, 31), "x"),
    ]
    master = pl.DataFrame(rows, schema=["code", "first", "last", "flag"], orient="row")
    assert build.spans(master, date(2027, 3, 31), ["flag"]).rows() == [
        ("A", "x", date(2020, 1, 1), date(2021, 12, 31)),
        ("A", "y", date(2022, 1, 1), None),
        ("B", "x", date(2020, 1, 1), date(2020, 6, 30)),
        ("B", "x", date(2020, 8, 1), None),
    ]
