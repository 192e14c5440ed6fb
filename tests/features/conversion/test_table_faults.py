"""What a spreadsheet did to a table is told by file, column and row, and never by value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from claimwright.domain.batch import ClaimBatch
from claimwright.features.conversion import ConversionError, read_tables, write_tables
from claimwright.features.intake import read_837


@pytest.fixture(scope="module")
def batch(samples: Path) -> ClaimBatch:
    return read_837(samples / "professional.837").select([1, 2, 3])


def cell(path: Path, row: int, column: str, value: str) -> None:
    """Put a value into a row of a CSV, as a spreadsheet counts rows."""
    lines = path.read_text(encoding="utf-8").split("\n")
    cells = lines[row - 1].split(",")
    cells[lines[0].split(",").index(column)] = value
    lines[row - 1] = ",".join(cells)
    path.write_text("\n".join(lines), encoding="utf-8")


CELLS = [
    ("claims", 3, "subscriber_birth_on", "1/2/25", "not a date in the form CCYY-MM-DD"),
    ("claims", 2, "total_charge", "$120.00", "not a plain number"),
    ("claims", 4, "total_charge", '"1,200.00"', "not a plain number"),
    ("lines", 2, "line_charge", "10.125", "more than 2 decimals"),
    ("claims", 3, "subscriber_member_id", "1.23457E+11", "1.23E+11"),
    ("claims", 2, "billing_zip", "2120", "a leading zero is lost"),
    ("lines", 2, "line_place_of_service", "2", "a leading zero is lost"),
]


@pytest.mark.parametrize(("table", "row", "column", "value", "why"), CELLS, ids=str)
def test_a_cell_that_a_spreadsheet_changed_is_told_by_its_place(
    batch: ClaimBatch, tmp_path: Path, table: str, row: int, column: str, value: str, why: str
) -> None:
    lines = batch.lines.with_columns(line_place_of_service=pl.lit("11"))
    filled = replace(batch, lines=lines)
    write_tables([filled], tmp_path, "csv")
    path = tmp_path / f"{table}.csv"
    if value == '"1,200.00"':
        # One cell, although it has the mark that parts cells.
        cell(path, row, column, "1;200.00")
        path.write_text(path.read_text().replace("1;200.00", value))
    else:
        cell(path, row, column, value)
    with pytest.raises(ConversionError) as raised:
        list(read_tables(tmp_path))
    assert f"{path}: " in str(raised.value)
    assert f"row {row}, column {column}: " in str(raised.value)
    assert why in str(raised.value)
    if len(value) > 4:
        assert value.strip('"') not in str(raised.value)


FILES: dict[str, tuple[Callable[[str], bytes], str]] = {
    "semicolons": (lambda text: text.replace(",", ";").encode(), "row 1: semicolons separate"),
    "tabs": (lambda text: text.replace(",", "\t").encode(), "row 1: tabs separate"),
    "its own code page": (lambda text: text.replace("VILLAGE", "VILÄGE").encode("cp1252"), "not UTF-8"),
    "UTF-16": (lambda text: text.encode("utf-16"), "UTF-16"),
    "a column too many": (lambda text: f"{text.rstrip()},,,\n".encode(), "columns, but the header has"),
}


@pytest.mark.parametrize(("made", "why"), FILES.values(), ids=FILES)
def test_a_file_that_a_spreadsheet_saved_otherwise_is_told(
    batch: ClaimBatch, tmp_path: Path, made: Callable[[str], bytes], why: str
) -> None:
    write_tables([batch], tmp_path, "csv")
    path = tmp_path / "claims.csv"
    text = path.read_text(encoding="utf-8")
    city = batch.claims["billing_city"][0]
    path.write_bytes(made(text.replace(city, "VILLAGE")))
    with pytest.raises(ConversionError) as raised:
        list(read_tables(tmp_path))
    assert str(raised.value).startswith(f"{path}: ")
    assert why in str(raised.value)


def test_a_byte_order_mark_is_no_part_of_the_first_column(batch: ClaimBatch, tmp_path: Path) -> None:
    write_tables([batch], tmp_path, "csv")
    path = tmp_path / "claims.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    [back] = read_tables(tmp_path)
    assert back.claims.equals(batch.claims)


def test_lines_of_json_are_told_by_row_too(batch: ClaimBatch, tmp_path: Path) -> None:
    write_tables([batch], tmp_path, "json")
    path = tmp_path / "claims.jsonl"
    charge = f'"total_charge":"{batch.claims["total_charge"][1]}"'
    path.write_text(path.read_text().replace(charge, '"total_charge":"free"'))
    with pytest.raises(ConversionError, match="row 2, column total_charge: not a plain number"):
        list(read_tables(tmp_path))


@pytest.mark.parametrize("value", ["1", "'1", "''1", "12", "1.23E+11", "-1.2E+3", "'-1.2E+3", "=1", "'x"])
def test_what_only_looks_damaged_in_a_table_of_ours_comes_back(
    batch: ClaimBatch, tmp_path: Path, value: str
) -> None:
    claims = batch.claims.with_columns(place_of_service=pl.lit(value), claim_id=pl.lit(value))
    write_tables([replace(batch, claims=claims)], tmp_path, "csv")
    [again] = read_tables(tmp_path)
    assert set(again.claims["place_of_service"]) == set(again.claims["claim_id"]) == {value}
