"""Writes claims as 837. Reading the result with `read.py` gives the same claims.

Claims of one transaction stay in one transaction; the hierarchy is generated: consecutive claims of the same
billing provider share its level, and so do those of the same subscriber.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.dictionary import Level
from claimwright.engines.x12.syntax.tokenizer import DEFAULT_DELIMITERS, Delimiters
from claimwright.engines.x12.syntax.writing import (
    ELEMENT,
    TERMINATOR,
    Envelope,
    UnwritableError,
    free_delimiters,
    refuse_control_characters,
)

from .headings import ISA, Heading, group_header, interchange_header, transaction_headers
from .layout import GUIDE_OF_FORM, Domain
from .segment_rows import MAX_CLAIMS, MAX_ROWS, SegmentRows, claim_of, key
from .templates import templates

__all__ = ["UnwritableError", "write_837"]

_CLAIMS_AT_ONCE = 20_000
_PARENTS = (Domain.BILLING, Domain.SUBSCRIBER, Domain.PATIENT)
_LEVEL_CODES = {Domain.BILLING: "20", Domain.SUBSCRIBER: "22", Domain.PATIENT: "23"}
_HL_LOOPS = {Domain.BILLING: "2000A", Domain.SUBSCRIBER: "2000B", Domain.PATIENT: "2000C"}
_INTERCHANGE = ("interchange_sender_qualifier", "interchange_sender_id", "interchange_receiver_qualifier",
                "interchange_receiver_id", "interchange_control_number")  # fmt: skip
_GROUP = ("application_sender", "application_receiver", "group_control_number", "guide_version")
_ENVELOPE = (*ISA.values(), *_GROUP, "group_created_at")

Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]


def write_837(
    batches: Iterable[ClaimBatch], *, delimiters: Delimiters = DEFAULT_DELIMITERS, line_breaks: bool = True
) -> Iterator[bytes]:
    """The 837 of these claims, in pieces of one file.

    If a value contains a delimiter, other delimiters are chosen and a new interchange begins.

    Raises:
        UnwritableError: a value contains control characters that represent delimiters here, or claims
            lack mandatory values (a transaction, a form).
    """
    writer = _Writer(Envelope(delimiters, b"\n" if line_breaks else b""))
    for batch in batches:
        for first in range(0, len(batch), _CLAIMS_AT_ONCE):
            part = batch
            if len(batch) > _CLAIMS_AT_ONCE:
                part = batch.select(batch.claims["claim"].slice(first, _CLAIMS_AT_ONCE))
            yield from writer.batch(part)
    yield from writer.envelope.close()


@dataclass(frozen=True)
class _Runs:
    """Consecutive claims of one transaction and form, written as one run."""

    transaction: list[int]
    form: list[str]
    start: Numbers
    """The position of the first claim of each run."""

    @classmethod
    def of(cls, claims: pl.DataFrame) -> _Runs:
        first = pl.struct("transaction", "form").rle_id().diff().fill_null(1) != 0
        rows = claims.with_row_index("at").filter(first).select("at", "transaction", "form")
        return cls(
            rows["transaction"].to_list(), rows["form"].to_list(), rows["at"].to_numpy().astype(np.int64)
        )


@dataclass
class _Writer:
    envelope: Envelope
    levels: int = 0
    left: list[tuple[Any, ...]] = field(default_factory=list)
    """Interchanges that had to be closed because other delimiters were needed."""

    def batch(self, batch: ClaimBatch) -> Iterator[bytes]:
        """The segments of one batch, with the envelope segments that must open for them."""
        _refuse_unwritable(batch)
        runs = _Runs.of(batch.claims)
        headings = {row["transaction"]: row for row in batch.transactions.iter_rows(named=True)}
        if not set(runs.transaction) <= set(headings):
            raise UnwritableError("claims.transaction names a row that batch.transactions does not have")
        tops = {form: transaction_headers(batch, form) for form in sorted(set(runs.form))}
        continues = self.envelope.transaction == (runs.transaction[0], runs.form[0])
        text, bounds, levels = self._body(batch, runs, self.levels if continues else 0)
        if (yield from self._change_delimiters(text, tops, headings)) and continues:
            # The transaction continues in a new interchange, with its levels numbered again from 1.
            text, bounds, levels = self._body(batch, runs, 0)
        for place, (transaction, form) in enumerate(zip(runs.transaction, runs.form, strict=True)):
            if self.envelope.transaction != (transaction, form):
                yield from self._open(headings[transaction], form, tops[form][transaction])
            own = text[int(bounds[place]) : int(bounds[place + 1])]
            self.levels += int(levels[place])
            yield self.envelope.body(own.str.join(TERMINATOR).item() or "", len(own))

    def _change_delimiters(
        self, text: pl.Series, tops: dict[str, dict[int, list[str]]], headings: dict[int, Heading]
    ) -> Generator[bytes, None, bool]:
        """Close what is open if its delimiters can't be used any more; returns whether that is so."""
        around = [segment for top in tops.values() for each in top.values() for segment in each]
        around += [heading[name] or "" for heading in headings.values() for name in _ENVELOPE]
        wanted = free_delimiters(self.envelope.delimiters, text, pl.Series(around, dtype=pl.String))
        if wanted == self.envelope.delimiters:
            return False
        if self.envelope.interchange is not None:
            self.left.append(self.envelope.interchange)
            yield from self.envelope.close()
        self.envelope.delimiters = wanted
        return True

    # The body: hierarchy and claims.

    def _body(self, batch: ClaimBatch, runs: _Runs, before: int) -> tuple[pl.Series, Numbers, Numbers]:
        """The segments of all claims in order; the position where each run begins; its number of HL segments.

        `before` is the number of HL segments that the transaction of the first run already has.
        """
        claims = batch.claims.select("claim", "form").with_row_index("at").cast({"at": pl.UInt64})
        starts = np.zeros(len(batch), dtype=bool)
        starts[runs.start] = True
        made = []
        levels = np.zeros(len(runs.start), dtype=np.int64)
        for form in sorted(set(runs.form)):
            here = claims.filter(pl.col("form") == form).drop("form")
            own = batch if here.height == len(batch) else batch.select(here["claim"])
            place = here["at"].to_numpy().astype(np.int64)
            flags = _openings(own, form, starts[place])
            opening = {domain: here.filter(pl.Series(flags[domain])) for domain in _PARENTS}
            run = np.searchsorted(runs.start, place, side="right") - 1
            hierarchy, count = _hierarchy(form, place, run, flags, before)
            np.add.at(levels, run, count)
            made += [hierarchy, SegmentRows(form, own, here, opening).all()]
        pieces = pl.concat(made)
        keys = pieces["key"].to_numpy()
        order = np.argsort(keys, kind="stable")
        bounds = np.searchsorted(claim_of(keys[order]), runs.start)
        return pieces["text"].gather(pl.Series(order)), np.append(bounds, len(order)), levels

    # The envelope.

    def _open(self, heading: Heading, form: str, top: list[str]) -> Iterator[bytes]:
        interchange = tuple(heading[name] for name in _INTERCHANGE)
        if interchange in self.left:
            # Interchange numbers must be unique: this is far above the numbers that senders use.
            number = int(heading["interchange_control_number"] or 1) + 100_000_007 * len(self.left)
            heading = {**heading, "interchange_control_number": f"{number % 1_000_000_000:09d}"}
            interchange = tuple(heading[name] for name in _INTERCHANGE)
        group = tuple(heading[name] for name in _GROUP)
        yield from self.envelope.enter(
            interchange, interchange_header(heading), group, group_header(heading, form)
        )
        self.levels = 0
        control = heading["transaction_control_number"] or "0001"
        yield self.envelope.begin((heading["transaction"], form), control, top)


def _refuse_unwritable(batch: ClaimBatch) -> None:
    claims = batch.claims
    if claims["form"].null_count() or not set(claims["form"].unique()) <= set(GUIDE_OF_FORM):
        raise UnwritableError("claims.form must be P, I or D for every claim")
    if claims.height > MAX_CLAIMS:
        raise UnwritableError(f"more than {MAX_CLAIMS:,} claims at once")
    for level, frame in batch.frames().items():
        numbered = [pl.col(name) > MAX_ROWS for name in ("line", "other_payer") if name in frame.columns]
        if numbered and frame.select(pl.any_horizontal(numbered).any()).item():
            raise UnwritableError(f"{level.value}: a claim has more than {MAX_ROWS:,} lines or other payers")
        if level is not Level.SEGMENT:
            refuse_control_characters(level.value, frame)


def _hierarchy(
    form: str, place: Numbers, run: Numbers, flags: dict[Domain, Flags], before: int
) -> tuple[pl.DataFrame, Numbers]:
    """The HL segments of the claims at these positions, numbered from 1 in each run; their number per claim.

    The first run continues after `before`.
    """
    count = len(place)
    events = np.stack([flags[domain] for domain in _PARENTS], axis=1)
    passed = np.cumsum(events.ravel()).reshape(count, 3)
    first = np.searchsorted(run, run)
    base = np.where(first > 0, passed[first - 1, 2], 0) - np.where(run == 0, before, 0)
    number = passed - base[:, None]
    last = {
        domain: np.maximum.accumulate(np.where(flags[domain], np.arange(count), 0)) for domain in _PARENTS
    }
    group = np.cumsum(flags[Domain.SUBSCRIBER])
    has_patient = np.bincount(group, weights=flags[Domain.PATIENT], minlength=count + 1) > 0
    child = {
        Domain.BILLING: np.ones(count, dtype=bool),
        Domain.SUBSCRIBER: has_patient[group],
        Domain.PATIENT: np.zeros(count, dtype=bool),
    }
    parent = {Domain.SUBSCRIBER: Domain.BILLING, Domain.PATIENT: Domain.SUBSCRIBER}
    made = []
    for column, domain in enumerate(_PARENTS):
        rows = np.flatnonzero(flags[domain])
        above = pl.lit("")
        if domain in parent:
            outer = number[last[parent[domain]][rows], column - 1]
            above = pl.lit(pl.Series(outer)).cast(pl.String)
        frame = pl.DataFrame(
            {
                "at": place[rows].astype(np.uint64),
                "id": number[rows, column],
                "child": child[domain][rows].astype(np.int8),
            }
        ).with_columns(above=above)
        text = pl.concat_str(
            [pl.lit("HL"), pl.col("id").cast(pl.String), pl.col("above"), pl.lit(_LEVEL_CODES[domain]),
             pl.col("child").cast(pl.String)],
            separator=ELEMENT,
        )  # fmt: skip
        made.append(frame.select(key(form, _HL_LOOPS[domain], 0), text.alias("text")))
    return pl.concat(made).cast({"key": pl.UInt64}), events.sum(axis=1)


def _openings(batch: ClaimBatch, form: str, starts: Flags) -> dict[Domain, Flags]:
    """For each claim, whether a billing provider, a subscriber and a patient level open before it.

    All of them open again if a claim starts a run.
    """
    billing = _changes(batch, form, Domain.BILLING)[0] | starts
    subscriber = _changes(batch, form, Domain.SUBSCRIBER)[0] | billing
    patient, held = _changes(batch, form, Domain.PATIENT)
    return {
        Domain.BILLING: billing,
        Domain.SUBSCRIBER: _after_a_patient(subscriber, held),
        Domain.PATIENT: (patient | subscriber) & held,
    }


def _changes(batch: ClaimBatch, form: str, domain: Domain) -> tuple[Flags, Flags]:
    """For each claim, whether its level differs from the previous claim's, and whether it has one."""
    count = len(batch)
    names = list(
        dict.fromkeys(name for each in templates(form) if each.domain is domain for name in each.names)
    )
    used = [name for name in names if batch.claims[name].null_count() < count]
    values = np.zeros(count, dtype=np.uint64)
    held = np.zeros(count, dtype=bool)
    if used:
        values = batch.claims.select(pl.struct(used).hash()).to_series().to_numpy()
        held = batch.claims.select(pl.any_horizontal(pl.col(used).is_not_null())).to_series().to_numpy()
    verbatim = _verbatim_hash(batch, domain)
    if verbatim is not None:
        values = values ^ verbatim.fill_null(0).to_numpy()
        held = held | verbatim.is_not_null().to_numpy()
    differs = np.ones(count, dtype=bool)
    differs[1:] = values[1:] != values[:-1]
    return differs, held


def _after_a_patient(subscriber: Flags, patient: Flags) -> Flags:
    """A subscriber's own claim after a patient's claim needs the subscriber's level again."""
    again = subscriber.copy()
    again[1:] |= ~patient[1:] & patient[:-1]
    return again


def _verbatim_hash(batch: ClaimBatch, domain: Domain) -> pl.Series | None:
    letter = {Domain.BILLING: "A", Domain.SUBSCRIBER: "B", Domain.PATIENT: "C"}[domain]
    held = batch.segments.filter(pl.col("segment_loop").str.contains(f"^20[01]0{letter}"))
    if not held.height:
        return None
    each = held.group_by("claim").agg(hash=pl.col("segment_text").sort().str.join("\x1c").hash())
    joined = batch.claims.select("claim").join(each, on="claim", how="left", maintain_order="left")
    return joined["hash"]
