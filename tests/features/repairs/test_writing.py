"""Corrected claims come back from an 837 as meant, also beside segments that are kept as they came."""

from __future__ import annotations

import datetime
import random
from pathlib import Path

import polars as pl
import pytest
from tests.features.repairs.conftest import clean_professional_claim

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.claim_changes import Change, ChangeError, with_changes
from claimwright.domain.dictionary import Kind, Level
from claimwright.engines.x12 import write_837
from claimwright.features.intake import read_837
from claimwright.features.repairs.periods import with_last_days
from claimwright.features.repairs.views import editable_fields
from claimwright.features.repairs.writing import as_837, beside, renumbered, written

EVERY = dict.fromkeys(("billing", "clinical", "identity", "narrative"), True)


@pytest.fixture(scope="module")
def claim(tmp_path_factory: pytest.TempPathFactory) -> ClaimBatch:
    return renumbered(clean_professional_claim(tmp_path_factory.mktemp("writing")), 1)


def with_surplus(claim: ClaimBatch, folder: Path) -> ClaimBatch:
    """The claim with an element in its SV1 that the dictionary has no field for."""
    text = b"".join(write_837([claim])).decode()
    [line] = [each for each in text.splitlines() if each.startswith("SV1*")]
    elements = line.rstrip("~").split("*")
    elements += [""] * (20 - len(elements)) + ["7"]
    path = folder / "surplus.837"
    path.write_text(text.replace(line, "*".join(elements) + "~"))
    return renumbered(read_837(path), 1)


def test_a_field_in_a_segment_that_is_kept_as_it_came_is_put_into_it(
    claim: ClaimBatch, tmp_path: Path
) -> None:
    held = with_surplus(claim, tmp_path)
    kept = held.segments.filter(pl.col("segment_name") == "SV1")
    assert kept.height == 1
    after, changed = with_changes(held, [Change(1, "procedure", "93307", 1), Change(1, "units", "2", 1)])
    result = written(after, {1: changed})
    assert result.unwritable == frozenset()
    path = tmp_path / "corrected.837"
    path.write_bytes(as_837(result.batch, control_number=5))
    again = read_837(path)
    assert again.lines.select("procedure", "units").rows() == [("93307", 2)]
    # What has no field is still there.
    [text] = again.segments.filter(pl.col("segment_name") == "SV1")["segment_text"]
    assert text.split("\x1d")[20] == "7"


def test_a_claim_that_can_not_be_written_leaves_the_changes_of_others_in_place(
    claim: ClaimBatch, tmp_path: Path
) -> None:
    held = with_surplus(claim, tmp_path)
    after, changed = with_changes(held, [Change(1, "procedure", "93307", 1)])
    # A control character that separates can not be written in a text.
    bad = renumbered(claim, 1)
    bad = ClaimBatch.of(
        bad.frames() | {Level.CLAIM: bad.claims.with_columns(billing_address_1=pl.lit("A\x1dB"))}
    )
    result = written(beside([bad, after]), {2: changed})
    assert result.unwritable == {1}
    path = tmp_path / "corrected.837"
    path.write_bytes(as_837(renumbered(result.batch.select([2]), 1), control_number=5))
    assert read_837(path).lines["procedure"].to_list() == ["93307"]


def test_a_date_that_could_not_be_read_is_replaced(claim: ClaimBatch, tmp_path: Path) -> None:
    text = b"".join(write_837([claim])).decode()
    [line] = [each for each in text.splitlines() if each.startswith("DTP*472")]
    path = tmp_path / "date.837"
    path.write_text(text.replace(line, "DTP*472*D8*2025-08-15~"))
    held = renumbered(read_837(path), 1)
    assert held.lines["service_from_on"].to_list() == [None]
    # A single day is both ends of its period.
    alone, some = with_changes(held, [Change(1, "service_from_on", "2025-08-15", 1)])
    assert written(alone, {1: some}).unwritable == {1}
    edits = with_last_days(held, [Change(1, "service_from_on", "2025-08-15", 1)])
    after, changed = with_changes(held, edits)
    result = written(after, {1: changed})
    assert result.unwritable == frozenset()
    path.write_bytes(as_837(result.batch, control_number=5))
    assert read_837(path).lines["service_from_on"].to_list() == [datetime.date(2025, 8, 15)]


def test_every_editable_field_comes_back_or_is_told(claim: ClaimBatch) -> None:
    values = {
        Kind.TEXT.value: "SOMETHING", Kind.CODE.value: "1", Kind.DATE.value: "2025-08-14",
        Kind.TIME.value: "1030", Kind.AMOUNT.value: "12.50", Kind.QUANTITY.value: "3",
        Kind.INTEGER.value: "1", Kind.RATIO.value: "1.5",
    }  # fmt: skip
    fields = [each for each in editable_fields("P", EVERY) if each.level in {"claims", "lines"}]
    variants, names = [], []
    for each in random.Random(4).sample(fields, 80):
        line = 1 if each.level == "lines" else None
        try:
            after, changed = with_changes(claim, [Change(1, each.field, values[each.kind], line)])
        except ChangeError:
            continue
        variants.append((after, changed))
        names.append(each.field)
    batch = beside(after for after, _ in variants)
    result = written(batch, {at: changed for at, (_, changed) in enumerate(variants, start=1)})
    fine = [name for at, name in enumerate(names, start=1) if at not in result.unwritable]
    assert len(fine) > len(names) * 0.6, sorted(set(names) - set(fine))


def test_claims_stay_apart_and_in_order(claim: ClaimBatch) -> None:
    claims = [with_changes(claim, [Change(1, "claim_id", f"N{number}")])[0] for number in range(5)]
    batch = beside(claims)
    assert batch.claims["claim_id"].to_list() == ["N0", "N1", "N2", "N3", "N4"]
    content = as_837(batch, control_number=12)
    assert content.count(b"ST*837*") == 5
    assert content.count(b"*000000012*") == 1
    assert written(batch, {}).unwritable == frozenset()
