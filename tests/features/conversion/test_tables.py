"""Folders of tables: whole or not at all, and refused by name where they can't be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from claimwright.domain.batch import ClaimBatch
from claimwright.features.conversion import (
    ConversionError,
    is_table_folder,
    read_tables,
    write_837_file,
    write_tables,
)
from claimwright.features.intake import read_837

each_format = pytest.mark.parametrize("form", ["parquet", "csv", "json"])


@pytest.fixture(scope="module")
def batch(samples: Path) -> ClaimBatch:
    return read_837(samples / "secondary.837")


def broken(batch: ClaimBatch) -> Iterator[ClaimBatch]:
    yield batch
    raise OSError(28, "No space left on device")


@each_format
def test_the_rows_that_are_told_are_the_rows_that_are_there(
    batch: ClaimBatch, tmp_path: Path, form: str
) -> None:
    counts = write_tables([batch], tmp_path, form)
    assert counts["claims"] == len(batch)
    assert counts["lines"] == batch.lines.height
    [back] = read_tables(tmp_path)
    for level, frame in batch.frames().items():
        assert back.frame(level).equals(frame), level


@each_format
def test_a_write_that_fails_leaves_what_was_there(batch: ClaimBatch, tmp_path: Path, form: str) -> None:
    write_tables([batch.select([1])], tmp_path, form)
    with pytest.raises(OSError, match="No space"):
        write_tables(broken(batch), tmp_path, form)
    [back] = read_tables(tmp_path)
    assert back.claims["claim"].to_list() == [1]
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_another_format_takes_the_place_of_the_one_before(batch: ClaimBatch, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    write_tables([batch], tmp_path, "csv")
    write_tables([batch.select([1, 2])], tmp_path, "parquet")
    assert not list(tmp_path.glob("*.csv"))
    assert (tmp_path / "letter.txt").read_text() == "mine"
    assert sum(map(len, read_tables(tmp_path))) == 2


def test_amounts_in_text_tables_are_exact_decimals(batch: ClaimBatch, tmp_path: Path) -> None:
    write_tables([batch], tmp_path, "json")
    told = pl.read_ndjson(tmp_path / "claims.jsonl")["total_charge"]
    assert told.dtype == pl.String
    assert told.to_list() == [str(charge) for charge in batch.claims["total_charge"]]


def test_a_folder_is_one_of_tables_where_it_has_claims(batch: ClaimBatch, tmp_path: Path) -> None:
    assert not is_table_folder(tmp_path)
    assert not is_table_folder(tmp_path / "nowhere")
    write_tables([batch], tmp_path, "csv")
    assert is_table_folder(tmp_path)
    (tmp_path / "claims.csv").unlink()
    assert not is_table_folder(tmp_path)
    with pytest.raises(ConversionError, match="no claims table"):
        list(read_tables(tmp_path))


@pytest.mark.parametrize(
    ("form", "old", "new"),
    [("csv", ".", ",x"), ("csv", "claim_id", "claim_nr"), ("json", '"claim"', '"clam"')],
)
def test_a_damaged_table_is_named(batch: ClaimBatch, tmp_path: Path, form: str, old: str, new: str) -> None:
    write_tables([batch], tmp_path, form)
    path = next(tmp_path.glob("claims.*"))
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ConversionError, match=str(tmp_path)):
        list(read_tables(tmp_path))


def test_a_parquet_file_that_is_none_is_named(batch: ClaimBatch, tmp_path: Path) -> None:
    write_tables([batch], tmp_path, "parquet")
    (tmp_path / "lines.parquet").write_bytes(b"PAR1 and nothing more")
    with pytest.raises(ConversionError, match=r"lines\.parquet"):
        list(read_tables(tmp_path))


def test_an_837_appears_only_when_it_is_whole(batch: ClaimBatch, tmp_path: Path) -> None:
    path = tmp_path / "claims.837"
    path.write_bytes(b"what was there")
    with pytest.raises(OSError, match="No space"):
        write_837_file(broken(batch), path)
    assert path.read_bytes() == b"what was there"
    assert list(tmp_path.iterdir()) == [path]


def test_an_837_is_packed_where_its_name_says_so(batch: ClaimBatch, tmp_path: Path) -> None:
    size = write_837_file([batch], tmp_path / "claims.837.gz")
    assert (tmp_path / "claims.837.gz").stat().st_size < size / 3
    assert len(read_837(tmp_path / "claims.837.gz")) == len(batch)
    again = tmp_path / "again.837.gz"
    write_837_file([batch], again)
    assert again.read_bytes() == (tmp_path / "claims.837.gz").read_bytes(), "no clock in it"
