"""`ClaimBatch`: complete columns, keys that hold, nothing shared that could be changed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from claimwright.domain.batch import ClaimBatch, empty_frame
from claimwright.domain.dictionary import DICTIONARY, Level, schema
from claimwright.features.intake import read_837


@pytest.fixture(scope="module")
def batch(samples: Path) -> ClaimBatch:
    return read_837(samples / "secondary.837")


def test_every_frame_has_every_column_of_its_level_typed_and_in_order(batch: ClaimBatch) -> None:
    for made in (batch, ClaimBatch(), ClaimBatch.of({Level.CLAIM: pl.DataFrame({"claim": [1]})})):
        for level, frame in made.frames().items():
            assert dict(frame.schema) == schema(level), level


def test_the_names_of_the_dictionary_are_unique_over_all_levels() -> None:
    names = [entry.name for entry in DICTIONARY]
    assert len(names) == len(set(names))


def test_a_column_that_the_dictionary_does_not_have_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="claims: no such field in the dictionary: colour"):
        ClaimBatch.of({Level.CLAIM: pl.DataFrame({"claim": [1], "colour": ["red"]})})


def test_a_selection_has_all_rows_of_its_claims_and_no_others(batch: ClaimBatch) -> None:
    wanted = [3, 1]
    part = batch.select(wanted)
    assert part.claims["claim"].to_list() == [1, 3], "in the order of the batch"
    for level, frame in part.frames().items():
        if "claim" in frame.columns and level is not Level.SEGMENT:
            assert frame.equals(batch.frame(level).filter(pl.col("claim").is_in(wanted))), level
    assert set(part.transactions["transaction"]) == set(part.claims["transaction"])
    assert len(batch.select([])) == 0


def test_parts_put_together_are_the_whole(batch: ClaimBatch) -> None:
    numbers = batch.claims["claim"]
    parts = [batch.select(numbers.slice(at, 7)) for at in range(0, len(batch), 7)]
    whole = ClaimBatch.concat(parts)
    for level, frame in batch.frames().items():
        keys = [name for name in ("transaction", "claim") if name in frame.columns]
        ours = whole.frame(level)
        assert ours.sort(keys, maintain_order=True).equals(frame.sort(keys, maintain_order=True)), level
    assert len(ClaimBatch.concat([])) == 0


def test_amounts_are_exact_decimals() -> None:
    charge = pl.Series("total_charge", [Decimal("0.10"), Decimal("0.20")], dtype=pl.Decimal(18, 2))
    made = ClaimBatch.of({Level.CLAIM: pl.DataFrame({"claim": [1, 2]}).with_columns(charge)})
    assert made.claims["total_charge"].sum() == Decimal("0.30")
    assert not [name for level in Level for name, dtype in schema(level).items() if dtype.is_float()]


def test_a_notebook_shows_the_columns_that_hold_anything(batch: ClaimBatch) -> None:
    html = batch._repr_html_()
    assert f"{len(batch)} claims, {batch.lines.height} lines" in html
    assert "<th>claim</th>" in html
    assert "assistant_npi" not in html


def test_an_empty_frame_of_one_batch_is_not_that_of_another() -> None:
    assert ClaimBatch().claims is not ClaimBatch().claims
    assert empty_frame(Level.CLAIM).height == 0
