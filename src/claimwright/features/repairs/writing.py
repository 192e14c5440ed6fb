"""Writes corrected claims as an 837 and reads them back, so that nothing is stored but what was meant.

What the dictionary can't represent stays as it came, a whole segment at a time (see
`engines/x12/claims837/verbatim_segments.py`). A corrected field in such a segment is put into its text.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import polars as pl

from claimwright.domain import findings as found
from claimwright.domain.batch import ClaimBatch
from claimwright.domain.claim_changes import Changed, read_value
from claimwright.domain.dictionary import Level, fields_of
from claimwright.engines.x12 import UnwritableError, cut_claim_blocks, write_837

# A place that is one element, or one component of it; other places are not put into verbatim segments.
_PLACE = re.compile(
    r"(?P<loop>\w+)/(?P<segment>[A-Z][A-Z0-9]*?(?:\[\w+\])?)(?P<element>\d\d)(?:-(?P<component>\d+))?"
)
_DATE = re.compile(r"(?P<loop>\w+)/(?P<segment>DTP\[\w+\])03")
_ELEMENT, _COMPONENT = "\x1d", "\x1f"
# An interchange control number has nine digits (ASC X12.5, I12).
_CONTROL_NUMBERS = 1_000_000_000
_KEYS = ("claim", "line", "other_payer", "adjudication", "position")


@dataclass(frozen=True)
class Written:
    """Claims as they are after writing and reading: their structural findings, and which are not as meant.

    `batch` is what to write; `unwritable` has the ordinals of claims that would come back differently.
    """

    batch: ClaimBatch
    findings: pl.DataFrame
    unwritable: frozenset[int]


def as_837(batch: ClaimBatch, *, control_number: int) -> bytes:
    """The claims, in order, in an interchange of our own with this number; its transactions are numbered."""
    control = f"{control_number % _CONTROL_NUMBERS:09}"
    own = batch.transactions.with_columns(
        interchange_control_number=pl.lit(control),
        transaction_control_number=pl.col("transaction").cast(pl.String).str.zfill(4),
    )
    return b"".join(write_837([replace(batch, transactions=own)]))


def written(batch: ClaimBatch, changed: Mapping[int, Sequence[Changed]]) -> Written:
    """Claims with the changes, by ordinal, that were made in them, as they come back from an 837.

    The claims are numbered from 1 without gaps.
    """
    try:
        again, findings = _read_back(batch)
    except UnwritableError:
        return _one_by_one(batch, changed)
    different = _different(batch, again)
    if different:
        batch = replace(batch, segments=_patched(batch, {each: changed.get(each, ()) for each in different}))
        again, findings = _read_back(batch)
        different = _different(batch, again)
    return Written(batch, findings, frozenset(different))


def _one_by_one(batch: ClaimBatch, changed: Mapping[int, Sequence[Changed]]) -> Written:
    """Which claims can't be written, if one of several can't."""
    if len(batch) == 1:
        return Written(batch, found.empty(), frozenset({1}))
    claims = batch.claims["claim"].to_list()
    parts = [written(renumbered(batch.select([claim]), 1), {1: changed.get(claim, ())}) for claim in claims]
    findings = [
        part.findings.with_columns(claim=pl.lit(claim, pl.Int64))
        for claim, part in zip(claims, parts, strict=True)
    ]
    bad = frozenset(claim for claim, part in zip(claims, parts, strict=True) if part.unwritable)
    return Written(beside(part.batch for part in parts), found.concat(findings), bad)


def renumbered(batch: ClaimBatch, claim: int) -> ClaimBatch:
    """A batch of one claim with another ordinal."""
    frames = {
        level: frame.with_columns(
            claim=pl.when(pl.col("claim").is_not_null()).then(pl.lit(claim, pl.Int64))
        )
        if "claim" in frame.columns else frame
        for level, frame in batch.frames().items()
    }  # fmt: skip
    return ClaimBatch.of(frames)


def beside(batches: Iterable[ClaimBatch]) -> ClaimBatch:
    """Batches of one claim each as one batch, numbered from 1; each claim in a transaction of its own."""
    parts: dict[Level, list[pl.DataFrame]] = {level: [] for level in Level}
    for number, batch in enumerate(batches, start=1):
        for level, frame in renumbered(batch, number).frames().items():
            if "transaction" in frame.columns:
                of_own = pl.when(pl.col("transaction").is_not_null()).then(pl.lit(number, pl.Int64))
                frame = frame.with_columns(transaction=of_own)
            parts[level].append(frame)
    return ClaimBatch.of({level: pl.concat(frames) for level, frames in parts.items() if frames})


def _read_back(batch: ClaimBatch) -> tuple[ClaimBatch, pl.DataFrame]:
    readings = [block.reading() for block in cut_claim_blocks(write_837([batch]))]
    findings = found.concat(
        each.findings.filter(pl.col("claim").is_not_null()).with_columns(segment=pl.lit(None, pl.Int64))
        for each in readings
    )
    return ClaimBatch.concat([each.batch for each in readings]), findings


def _different(meant: ClaimBatch, again: ClaimBatch) -> set[int]:
    """Ordinals of the claims of which some field came back differently."""
    if len(meant) != len(again):
        return set(meant.claims["claim"].to_list())
    different: set[int] = set()
    for level in Level:
        if level in {Level.TRANSACTION, Level.SEGMENT}:
            continue
        names = [entry.name for entry in fields_of(level)]
        keys = [name for name in _KEYS if name in meant.frame(level).columns]
        one, other = (each.frame(level).select(*keys, *names) for each in (meant, again))
        if one.equals(other):
            continue
        counted = pl.concat([one, other]).group_by(pl.all()).len().filter(pl.col("len") % 2 == 1)
        different |= set(counted["claim"].to_list())
    return different


def _patched(batch: ClaimBatch, changed: Mapping[int, Sequence[Changed]]) -> pl.DataFrame:
    """The verbatim segments, with the changed values put into those that hold them."""
    segments = batch.segments
    forms = dict(batch.claims.select("claim", "form").iter_rows())
    texts, replaced = segments["segment_text"].to_list(), set[int]()
    rows = segments.select("claim", "line", "segment_loop", "segment_name").rows()
    for claim, changes in changed.items():
        for each in changes:
            place = each.change.entry.locator(forms[claim])
            if (dated := _DATE.match(place or "")) is not None:
                # A date is all that its segment holds, so that the field can take its place.
                wanted = claim, each.change.line, dated["loop"], dated["segment"]
                replaced.update(row for row, of in enumerate(rows) if of == wanted)
                continue
            held = _PLACE.fullmatch(place) if place else None
            if held is None:
                continue
            wanted = claim, each.change.line, held["loop"], held["segment"]
            at = [row for row, of in enumerate(rows) if of == wanted]
            if len(at) == 1:
                new = read_value(each.change.entry, each.change.new)
                component = int(held["component"]) if held["component"] else None
                texts[at[0]] = _with_element(texts[at[0]], int(held["element"]), component, _x12(new))
    kept = pl.Series([row not in replaced for row in range(segments.height)], dtype=pl.Boolean)
    return segments.with_columns(segment_text=pl.Series(texts, dtype=pl.String)).filter(kept)


def _with_element(text: str, element: int, component: int | None, new: str) -> str:
    parts = text.split(_ELEMENT)
    parts += [""] * (element + 1 - len(parts))
    if component is None:
        parts[element] = new
    else:
        inner = parts[element].split(_COMPONENT)
        inner += [""] * (component - len(inner))
        inner[component - 1] = new
        while len(inner) > 1 and not inner[-1]:
            inner.pop()
        parts[element] = _COMPONENT.join(inner)
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return _ELEMENT.join(parts)


def _x12(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime.date):
        return f"{value:%Y%m%d}"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)
