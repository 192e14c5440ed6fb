"""A claim's own record, cut out of a file, reads as the claim in the file does."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import Level
from claimwright.engines.x12.claims837.read import read_block
from claimwright.engines.x12.claims837.records import RecordError, Records, cut_records, read_records
from claimwright.engines.x12.claims837.row_index import row_index_of
from claimwright.engines.x12.claims837.transaction import CLAIMS_837, claims_grammar
from claimwright.engines.x12.syntax.loops import structure_of
from claimwright.engines.x12.syntax.stream import blocks
from claimwright.features.intake import sources

SAMPLES = ["dental", "institutional", "professional", "secondary", "structural"]
# Where something stood in the file, which a record no longer knows.
PLACES = {"transaction", "first_segment", "last_segment", "segment_place"}


def both(content: bytes, block_bytes: int) -> tuple[ClaimBatch, Records]:
    """The claims of a file, and the record of each."""
    batches, records, claims, transactions = [], Records(), 0, 0
    for block in blocks([content], CLAIMS_837, block_bytes=block_bytes):
        anchors = row_index_of(block.segments, structure_of(block.segments, claims_grammar()))
        batch = read_block(
            block.segments, anchors, first_claim=claims + 1, first_transaction=transactions + 1
        )
        cut = cut_records(block.segments, anchors)
        assert len(cut) == len(batch)
        claims += len(batch)
        transactions += batch.transactions.height
        batches.append(batch)
        for name in ("texts", "heading_bytes", "provider_bytes", "own_bytes"):
            getattr(records, name).extend(getattr(cut, name))
    return ClaimBatch.concat(batches), records


def same(one: ClaimBatch, other: ClaimBatch) -> None:
    for level in Level:
        if level is Level.TRANSACTION:
            continue
        frames = []
        for batch in (one, other):
            frame = batch.frame(level)
            if level is Level.SEGMENT:
                frame = frame.filter(pl.col("claim").is_not_null())
            frames.append(frame.drop(name for name in frame.columns if name in PLACES))
        assert frames[0].equals(frames[1]), level


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("block_bytes", [2_000, 1 << 20])
def test_records_read_as_the_claims_of_their_file(samples: Path, name: str, block_bytes: int) -> None:
    content = (samples / f"{name}.837").read_bytes()
    batch, records = both(content, block_bytes)
    same(batch, read_records(records))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_record_reads_as_its_claim_alone(samples: Path, name: str) -> None:
    batch, records = both((samples / f"{name}.837").read_bytes(), 1 << 20)
    for at in range(len(records)):
        alone = read_records(records.part(at, at + 1), first_claim=at + 1)
        same(batch.select([at + 1]), alone)


def test_records_of_interchanges_with_other_delimiters_read_together(samples: Path) -> None:
    content = (samples / "professional.837").read_bytes()
    others = content.replace(b"*", b"|").replace(b"~\n", b"\n")
    batch, records = both(content + b"\n" + others, 1 << 20)
    assert len(batch) == 80
    same(batch, read_records(records))


def test_a_record_keeps_what_stands_between_its_segments(samples: Path) -> None:
    content = (samples / "professional.837").read_bytes()
    [source] = sources([samples / "professional.837"])
    assert b"".join(source.chunks()) == content
    _, records = both(content, 1 << 20)
    for text, own in zip(records.texts, records.own_bytes, strict=True):
        assert text[-own:] in content


def test_a_damaged_record_is_told_and_not_skipped(samples: Path) -> None:
    _, records = both((samples / "professional.837").read_bytes(), 1 << 20)
    records.texts[3] = records.texts[3].replace(b"CLM*", b"XXX*")
    with pytest.raises(RecordError, match="40 records contain 39 claims"):
        read_records(records)
