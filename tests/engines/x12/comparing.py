"""Reading files whole, and saying whether two batches, or two files, hold the same claims."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import polars as pl
from polars.testing import assert_frame_equal

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import Level, fields_of
from claimwright.engines.x12.claims837.read import read_block
from claimwright.engines.x12.claims837.row_index import row_index_of
from claimwright.engines.x12.claims837.transaction import CLAIMS_837, claims_grammar
from claimwright.engines.x12.claims837.write import write_837
from claimwright.engines.x12.syntax.loops import ST, structure_of
from claimwright.engines.x12.syntax.stream import Block, StreamFault, blocks
from claimwright.engines.x12.syntax.tokenizer import Delimiters

# What is written anew: the envelope, and the hierarchy with its numbers.
ENVELOPE = ("ISA", "GS", "ST", "SE", "GE", "IEA", "HL", "BHT")
# Elements that hold an amount or a quantity, which may be written in several ways: 100, 100.00, 0100.
_NUMBERS = {
    "AMT": (2,), "CAS": tuple(range(3, 20)), "CLM": (2,), "CN1": (2, 3, 5), "CR1": (2, 6), "CTP": (4,),
    "DN1": (1, 2),
    "HCP": (2, 3, 5, 7, 12), "PAT": (8,), "QTY": (2,), "SV1": (2, 4), "SV2": (3, 5, 7), "SV3": (2, 6),
    "SVD": (2, 5, 6), "MOA": (1, 2, 8, 9), "MEA": (3,), "SV5": (3, 4, 5), "PS1": (2,), "CR3": (3,),
}  # fmt: skip
_NUMBER = re.compile(r"(-?)0*(\d*)(?:\.(\d*?)0*)?")


def chunked(data: bytes, size: int) -> list[bytes]:
    """The data in pieces of `size` bytes."""
    return [data[at : at + size] for at in range(0, len(data), size)]


def blocks_of(data: bytes | Iterable[bytes], **options: int) -> list[Block]:
    """The blocks of a file."""
    return list(blocks([data] if isinstance(data, bytes) else data, CLAIMS_837, **options))


def read_with_faults(data: bytes | Iterable[bytes], **options: int) -> tuple[ClaimBatch, list[StreamFault]]:
    """All claims of a file as one batch, numbered through, and the faults of the stream."""
    parts: list[ClaimBatch] = []
    faults: list[StreamFault] = []
    claims = transactions = 0
    for block in blocks_of(data, **options):
        segments, structure = block.segments, structure_of(block.segments, claims_grammar())
        starts = (segments.tag == ST) & (structure.loop >= 0)
        open_before = int(starts[: segments.context].sum())
        part = read_block(
            segments,
            row_index_of(segments, structure),
            first_claim=claims + 1,
            first_transaction=transactions + 1 - open_before,
        )
        claims += len(part)
        transactions += int(starts[segments.context :].sum())
        faults += block.faults
        parts.append(part)
    whole = ClaimBatch.concat(parts)
    # A transaction that runs over several blocks comes with each of them.
    once = whole.transactions.unique("transaction", keep="first", maintain_order=True)
    return ClaimBatch.of({**whole.frames(), Level.TRANSACTION: once}), faults


def read(data: bytes | Iterable[bytes], **options: int) -> ClaimBatch:
    """All claims of a file as one batch."""
    return read_with_faults(data, **options)[0]


def written(batch: ClaimBatch, **options: object) -> bytes:
    """The batch as an 837."""
    return b"".join(write_837([batch], **options))  # type: ignore[arg-type]


_KEYS = (
    "transaction", "claim", "line", "other_payer", "adjudication", "position",
    "segment_loop", "segment_name", "segment_occurrence", "segment_place",
)  # fmt: skip


def plain(batch: ClaimBatch) -> dict[Level, pl.DataFrame]:
    """The frames of a batch in one order and with keys that count from 1, so that two can be compared.

    Left out is what says where a claim stood in its file, which a written file says otherwise. Transactions
    without a claim are left out too: there is nothing to write of them.
    """
    claims = batch.claims.select("claim", "transaction")
    number = claims.select("claim", new=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
    used = claims.select("transaction").unique(maintain_order=True)
    runs = used.select("transaction", new=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
    made = {}
    for level, frame in batch.frames().items():
        if "transaction" in frame.columns:
            frame = _renumbered(frame, "transaction", runs, required=level is not Level.SEGMENT)
        if "claim" in frame.columns:
            frame = _renumbered(frame, "claim", number, required=level is not Level.SEGMENT)
        frame = frame.drop("first_segment", "last_segment", "segment_place", strict=False)
        keys = [name for name in _KEYS if name in frame.columns]
        by = [*keys, "segment_text"] if level is Level.SEGMENT else keys
        if level is Level.SEGMENT:
            kept = pl.col("claim").is_not_null() | pl.col("transaction").is_not_null()
            frame = frame.filter(kept)
        made[level] = frame.sort(by, nulls_last=False, maintain_order=True)
    return made


def _renumbered(frame: pl.DataFrame, name: str, numbers: pl.DataFrame, *, required: bool) -> pl.DataFrame:
    how = "inner" if required else "left"
    joined = frame.join(numbers, on=name, how=how, maintain_order="left")  # type: ignore[arg-type]
    return joined.with_columns(pl.col("new").alias(name)).drop("new").select(frame.columns)


def assert_same_claims(one: ClaimBatch, other: ClaimBatch, *, but: Iterable[str] = ()) -> None:
    """Fail where two batches differ, naming the frame and the column."""
    left, right = plain(one), plain(other)
    left[Level.TRANSACTION] = _with_envelope_of(left[Level.TRANSACTION], right[Level.TRANSACTION])
    for level in Level:
        without = [name for name in but if name in left[level].columns]
        assert_frame_equal(left[level].drop(without), right[level].drop(without), check_dtypes=True)


# The envelope of what came without one is made up when it is written.
_MADE_UP = [
    entry.name
    for entry in fields_of(Level.TRANSACTION)
    if (entry.locator("P") or "").startswith(("ISA/", "GS/", "HEADER/"))
]


def _with_envelope_of(frame: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    if frame.height != other.height:
        return frame
    return frame.with_columns(
        frame[name].zip_with(frame[name].is_not_null(), other[name]) for name in _MADE_UP
    )


def normal_file(data: bytes | Iterable[bytes]) -> Counter[str]:
    """The segments of a file's transactions in one way of writing each, apart from envelope and hierarchy.

    A number may have zeros in front and behind, a period of one day is that day, a CAS may hold its
    triplets in one segment or several, HI its composites likewise, and a PER names its channels in any
    order: none of this changes what is said. Nor does it matter how often a billing provider, a
    subscriber or a patient is said for one claim after another: these segments are counted once.
    """
    loops = claims_grammar().loops
    shared: set[str] = set()
    found: Counter[str] = Counter()
    for block in blocks_of(data):
        segments, structure = block.segments, structure_of(block.segments, claims_grammar())
        for row in range(segments.context, len(segments)):
            loop = loops[structure.loop[row]].name if structure.loop[row] >= 0 else "ISA"
            if loop in ("ISA", "GS"):
                continue
            said = _normal_segment(segments.text(row), segments.delimiters)
            if loop.startswith("20"):
                shared.update(said)
            else:
                found.update(said)
    return found + Counter(shared)


def _normal_segment(data: bytes, delimiters: Delimiters) -> list[str]:
    element, component, _, _ = (mark.decode("latin-1") for mark in delimiters.as_bytes())
    elements = data.decode("utf-8", "replace").strip(" \r\n\t").split(element)
    if elements[0] in ENVELOPE:
        return []
    parts = [each.rstrip(component).replace(component, ":") for each in elements]
    for place in _NUMBERS.get(parts[0], ()):
        if place < len(parts):
            parts[place] = _normal(parts[place])
    return _split(parts)


def _normal(value: str) -> str:
    number = _NUMBER.fullmatch(value)
    if number is None or not any(c.isdigit() for c in value):
        return value
    sign, whole, fraction = number.groups(default="")
    return f"{sign}{whole or 0}.{fraction}" if fraction else f"{sign}{whole or 0}"


def _split(parts: list[str]) -> list[str]:
    match parts[0]:
        case "DTP" if parts[2:3] == ["RD8"] and len(parts) > 3 and parts[3][9:] in ("", parts[3][:8]):
            parts = [*parts[:2], "D8", parts[3][:8]]
        case "CAS":
            triplets = [parts[at : at + 3] for at in range(2, len(parts), 3)]
            return ["*".join(parts[:2] + triplet).rstrip("*") for triplet in triplets if any(triplet)]
        case "HI":
            composites = [part.split(":") for part in parts[1:] if part]
            return ["HI*" + ":".join([*each[:4], *map(_normal, each[4:5]), *each[5:]]) for each in composites]
        case "PER":
            pairs = sorted(tuple(parts[at : at + 2]) for at in range(3, len(parts), 2))
            return ["*".join(parts[:3]) + str([pair for pair in pairs if any(pair)])]
    return ["*".join(parts).rstrip("*")]
