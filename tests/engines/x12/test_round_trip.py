"""What is read and written back is the same claims: every published file, every sample, other delimiters."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pytest

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.x12.claims837.write import write_837
from claimwright.engines.x12.syntax.tokenizer import Delimiters
from claimwright_lab.sampling import SampleOptions, sample_batches

from .comparing import assert_same_claims, normal_file, read, written

# Files whose own form can't come back: it is the form that is wrong, and the claims are the same.
FORM_MENDED = {
    "837P-validation-issues.txt": "text between the segments is no segment of the guide's",
    "x12_many_claims.txt": "the same billing provider's level stands once instead of for each claim",
    "x12_missing_required_loops_mult_repeats.txt": "subscribers without a claim are not claims",
    "005010x223-example-1a-institutional-claim.edi": "RD8 with one day is written as a period",
}


def published(shared: Path) -> list[Path]:
    with (shared / "x12" / "INDEX.tsv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if "837" in row["transaction"]]
    return [shared / "x12" / row["file"] for row in rows]


@dataclass(frozen=True)
class RoundTrip:
    """A published file with claims, read and written."""

    path: Path
    data: bytes
    batch: ClaimBatch
    again: bytes


@pytest.fixture(scope="module")
def round_trips(shared_data: Path) -> list[RoundTrip]:
    made = []
    for path in published(shared_data):
        data = path.read_bytes()
        batch = read(data)
        if len(batch):
            made.append(RoundTrip(path, data, batch, written(batch)))
    assert len(made) > 80
    return made


def test_every_published_file_comes_back_as_the_same_claims(round_trips: list[RoundTrip]) -> None:
    for each in round_trips:
        assert_same_claims(each.batch, read(each.again))


def test_every_published_file_comes_back_with_the_same_segments(round_trips: list[RoundTrip]) -> None:
    different = []
    for each in round_trips:
        if each.path.name not in FORM_MENDED:
            before, after = normal_file(each.data), normal_file(each.again)
            if before != after:
                different.append((each.path.name, list((before - after).items())[:3]))
    assert different == []


@pytest.mark.parametrize("name", ["professional", "institutional", "dental", "secondary"])
def test_every_sample_comes_back_whatever_the_delimiters(samples: Path, name: str) -> None:
    batch = read((samples / f"{name}.837").read_bytes())
    other = Delimiters(ord("|"), ord("<"), ord("`"), ord("\n"))
    for delimiters in (Delimiters(ord("*"), ord(":"), ord("^"), ord("~")), other):
        for line_breaks in (True, False):
            data = b"".join(write_837([batch], delimiters=delimiters, line_breaks=line_breaks))
            assert_same_claims(batch, read(data))


def test_no_segment_is_followed_by_two_line_breaks(samples: Path) -> None:
    delimiters = Delimiters(ord("*"), ord(":"), ord("^"), ord("\n"))
    batch = read((samples / "professional.837").read_bytes())
    assert b"\n\n" not in b"".join(write_837([batch], delimiters=delimiters))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_generated_claims_come_back(seed: int) -> None:
    options = SampleOptions(claims=300, seed=seed, forms={"P": 1, "I": 1, "D": 1}, defect_rate=0.0)
    for batch, _ in sample_batches(options):
        assert_same_claims(batch, read(b"".join(write_837([batch]))))


def test_values_that_hold_the_usual_delimiters_are_written_with_others(samples: Path) -> None:
    data = (samples / "professional.837").read_bytes().translate(bytes.maketrans(b"*:~", b"|<\n"))
    data = data.replace(b"FICTION COURT", b"FICTION*COURT:~^")
    batch = read(data)
    again = read(b"".join(write_837([batch])))
    assert "FICTION*COURT:~^" in str(again.claims["billing_address_1"].to_list())
    assert_same_claims(batch, again)


@pytest.mark.parametrize("name", ["interchange_created_at", "group_created_at"])
def test_an_envelope_value_that_holds_a_usual_delimiter_is_written_with_others(
    samples: Path, name: str
) -> None:
    batch = read((samples / "professional.837").read_bytes())
    starred = replace(batch, transactions=batch.transactions.with_columns(pl.lit("00*1").alias(name)))
    again = read(b"".join(write_837([starred])))
    assert set(again.transactions[name]) == {"00*1"}
