"""Claims to 837. What `read.py` reads of what is written here is the same claims.

Claims of one transaction stay in one; the hierarchy is made anew: consecutive claims of the same
billing provider share its level, and so do those of the same subscriber.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from claimwright.domain.batch import ClaimBatch

from .grammar import grammar
from .layout import GUIDE_OF_FORM, Domain
from .pieces import MAX_CLAIMS, Pieces, key
from .templates import COMPONENT, ELEMENT, REPETITION, heading_templates, templates
from .tokenizer import DEFAULT_DELIMITERS, Delimiters

# Tried in this order where a value holds one of the usual delimiters.
_ELEMENTS, _COMPONENTS, _REPETITIONS, _TERMINATORS = b"*|+\x1d", b":>\\<\x1f", b"^!`\x1e", b"~'\x1c\n"
_CLAIMS_AT_ONCE = 20_000
_PARENTS = (Domain.BILLING, Domain.SUBSCRIBER, Domain.PATIENT)
_LEVEL_CODES = {Domain.BILLING: "20", Domain.SUBSCRIBER: "22", Domain.PATIENT: "23"}
_HL_LOOPS = {Domain.BILLING: "2000A", Domain.SUBSCRIBER: "2000B", Domain.PATIENT: "2000C"}
_INTERCHANGE = ("interchange_sender_qualifier", "interchange_sender_id", "interchange_receiver_qualifier",
                "interchange_receiver_id", "interchange_control_number")  # fmt: skip
_GROUP = ("application_sender", "application_receiver", "group_control_number", "guide_version")


class UnwritableError(ValueError):
    """Claims that can't be written as an 837; says which column, never a value."""


def write_837(
    batches: Iterable[ClaimBatch], *, delimiters: Delimiters = DEFAULT_DELIMITERS, line_breaks: bool = True
) -> Iterator[bytes]:
    """The 837 of these claims, in pieces that together are one file.

    Where a value holds one of the delimiters, others are chosen and a new interchange begins.

    Raises:
        UnwritableError: a value holds control characters that stand for delimiters here, or claims
            lack what an 837 can't do without (a transaction, a form).
    """
    writer = _Writer(delimiters, b"\n" if line_breaks else b"")
    for batch in batches:
        for first in range(0, len(batch), _CLAIMS_AT_ONCE):
            part = (
                batch
                if len(batch) <= _CLAIMS_AT_ONCE
                else batch.select(batch.claims["claim"].slice(first, _CLAIMS_AT_ONCE))
            )
            yield from writer.batch(part)
    yield from writer.close()


@dataclass
class _Writer:
    delimiters: Delimiters
    line_break: bytes
    interchange: tuple[Any, ...] | None = None
    group: tuple[Any, ...] | None = None
    transaction: int | None = None
    heading: dict[str, Any] = field(default_factory=dict)
    groups: int = 0
    transactions: int = 0
    segments: int = 0
    levels: int = 0

    def batch(self, batch: ClaimBatch) -> Iterator[bytes]:
        """The segments of one batch, with whatever envelope has to open for them."""
        claims = batch.claims
        if claims["form"].null_count() or not set(claims["form"].unique()) <= set(GUIDE_OF_FORM):
            raise UnwritableError("claims.form must be P, I or D for every claim")
        headings = {row["transaction"]: row for row in batch.transactions.iter_rows(named=True)}
        runs = claims.with_columns(run=pl.struct("transaction", "form").rle_id())
        for _, members in runs.group_by("run", maintain_order=True):
            transaction, form = members.row(0, named=True)["transaction"], members["form"][0]
            if transaction not in headings:
                raise UnwritableError("claims.transaction names a row that batch.transactions does not have")
            part = batch if members.height == claims.height else batch.select(members["claim"])
            yield from self._run(part, headings[transaction], form)

    def _run(self, batch: ClaimBatch, heading: dict[str, Any], form: str) -> Iterator[bytes]:
        body, count = self._body(batch, form)
        raw = body.encode("utf-8")
        top = self._heading_text(heading, form, batch)
        wanted = self._free_delimiters(raw + "".join(top).encode("utf-8"))
        if wanted != self.delimiters:
            yield from self.close()
            self.delimiters = wanted
        number = heading["transaction"]
        if self.transaction != number:
            yield from self._open(heading, form, top)
            body, count = self._body(batch, form)
            raw = body.encode("utf-8")
        self.segments += count[0]
        self.levels += count[1]
        yield self._finish(raw)

    # The body: hierarchy and claims.

    def _body(self, batch: ClaimBatch, form: str) -> tuple[str, tuple[int, int]]:
        """Segments of the claims joined by terminators; how many there are, and how many are HL."""
        claims = batch.claims.select("claim").with_row_index("at")
        if claims.height > MAX_CLAIMS:
            raise UnwritableError(f"more than {MAX_CLAIMS:,} claims at once")
        at = claims.select("claim", pl.col("at").cast(pl.UInt64))
        flags = _openings(batch, form)
        opening = {domain: at.filter(pl.Series(flags[domain])) for domain in _PARENTS}
        levels = self._levels(form, at, flags)
        pieces = pl.concat([levels, Pieces(form, batch, at, opening).all()])
        order = np.argsort(pieces["key"].to_numpy(), kind="stable")
        text = pieces["text"].gather(pl.Series(order))
        joined = text.str.join("\x1c").item() or ""
        return joined, (pieces.height, levels.height)

    def _levels(
        self, form: str, at: pl.DataFrame, flags: dict[Domain, npt.NDArray[np.bool_]]
    ) -> pl.DataFrame:
        """The HL segments, numbered on from those of the transaction so far."""
        count = at.height
        events = np.stack([flags[domain] for domain in _PARENTS], axis=1)
        number = (np.cumsum(events.ravel()) + self.levels).reshape(count, 3)
        last = {
            domain: np.maximum.accumulate(np.where(flags[domain], number[:, place], 0))
            for place, domain in enumerate(_PARENTS)
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
        for place, domain in enumerate(_PARENTS):
            rows = np.flatnonzero(flags[domain])
            above = pl.Series(last[parent[domain]][rows]).cast(pl.String) if domain in parent else pl.lit("")
            frame = pl.DataFrame(
                {
                    "at": rows.astype(np.uint64),
                    "id": number[rows, place],
                    "child": child[domain][rows].astype(np.int8),
                }
            ).with_columns(above=above)
            text = pl.concat_str(
                [pl.lit("HL"), pl.col("id").cast(pl.String), pl.col("above"), pl.lit(_LEVEL_CODES[domain]),
                 pl.col("child").cast(pl.String)],
                separator=ELEMENT,
            )  # fmt: skip
            made.append(frame.select(key(form, _HL_LOOPS[domain], 0), text.alias("text")))
        return pl.concat(made).cast({"key": pl.UInt64})

    # The envelope.

    def _open(self, heading: dict[str, Any], form: str, top: list[str]) -> Iterator[bytes]:
        interchange = tuple(heading[name] for name in _INTERCHANGE)
        group = tuple(heading[name] for name in _GROUP)
        yield from self._close_transaction()
        if self.group is not None and (group != self.group or interchange != self.interchange):
            yield from self._close_group()
        if self.interchange is not None and interchange != self.interchange:
            yield from self._close_interchange()
        if self.interchange is None:
            self.interchange = interchange
            yield self._isa(heading)
        if self.group is None:
            self.group = group
            yield self._finish(_joined(_gs(heading, form)))
            self.groups += 1
        self.transaction = heading["transaction"]
        self.heading = heading
        self.transactions += 1
        self.segments = len(top)
        self.levels = 0
        yield self._finish("\x1c".join(top).encode("utf-8"))

    def close(self) -> Iterator[bytes]:
        """The trailers of whatever is open."""
        yield from self._close_transaction()
        yield from self._close_group()
        yield from self._close_interchange()

    def _close_transaction(self) -> Iterator[bytes]:
        if self.transaction is not None:
            control = self.heading.get("transaction_control_number") or "0001"
            yield self._finish(_joined(["SE", str(self.segments + 1), control]))
            self.transaction = None

    def _close_group(self) -> Iterator[bytes]:
        if self.group is not None:
            yield self._finish(_joined(["GE", str(self.transactions), self.group[2] or "1"]))
            self.group, self.transactions = None, 0

    def _close_interchange(self) -> Iterator[bytes]:
        if self.interchange is not None:
            control = (self.interchange[4] or "1").rjust(9, "0")
            yield self._finish(_joined(["IEA", str(self.groups), control]))
            self.interchange, self.groups = None, 0

    def _isa(self, heading: dict[str, Any]) -> bytes:
        element, component, repetition, terminator = self.delimiters.as_bytes()
        created = heading["interchange_created_on"]
        parts = [
            "ISA",
            (heading["authorization_qualifier"] or "00").ljust(2),
            (heading["authorization_information"] or "").ljust(10),
            (heading["security_qualifier"] or "00").ljust(2),
            (heading["security_information"] or "").ljust(10),
            (heading["interchange_sender_qualifier"] or "ZZ").ljust(2),
            (heading["interchange_sender_id"] or "").ljust(15),
            (heading["interchange_receiver_qualifier"] or "ZZ").ljust(2),
            (heading["interchange_receiver_id"] or "").ljust(15),
            created.strftime("%y%m%d") if created else "000101",
            heading["interchange_created_at"] or "0000",
            repetition.decode("latin-1"),
            "00501",
            (heading["interchange_control_number"] or "1").rjust(9, "0"),
            heading["acknowledgment_requested"] or "0",
            heading["usage_indicator"] or "T",
        ]
        header = element.join(part.encode("utf-8") for part in parts)
        return header + element + component + terminator + self.line_break

    def _heading_text(self, heading: dict[str, Any], form: str, batch: ClaimBatch) -> list[str]:
        """ST to the receiver's NM1, as segments."""
        version = (
            heading["guide_version"] or grammar().guides[grammar().guide_number(GUIDE_OF_FORM[form])].writes
        )
        created = heading["transaction_created_on"]
        top = [
            ELEMENT.join(["ST", "837", heading["transaction_control_number"] or "0001", version]),
            ELEMENT.join(
                ["BHT", "0019", heading["transaction_purpose"] or "00", heading["batch_reference"] or "1",
                 created.strftime("%Y%m%d") if created else "", heading["transaction_created_at"] or "",
                 heading["transaction_type"] or "CH"]
            ),
        ]  # fmt: skip
        number = heading["transaction"]
        carried = batch.segments.filter((pl.col("transaction") == number) & pl.col("claim").is_null())
        row = pl.DataFrame([heading], schema=batch.transactions.schema)
        for loop in ("HEADER", "1000A", "1000B"):
            kept = carried.filter(pl.col("segment_loop") == loop)
            names = set(kept["segment_name"])
            for template in heading_templates(form):
                label = row.select(template.label).item()
                if template.loop == loop and label not in names and row.select(template.held()).item():
                    top.append(row.select(template.text()).item())
            top += kept.sort("segment_name", "segment_place", maintain_order=True)["segment_text"].to_list()
        return top

    def _free_delimiters(self, body: bytes) -> Delimiters:
        """The present delimiters, or where a value holds one of them, others that none holds."""
        held = set(body)
        d = self.delimiters
        choices = (
            (d.element, _ELEMENTS, ELEMENT),
            (d.component, _COMPONENTS, COMPONENT),
            (d.repetition, _REPETITIONS, REPETITION),
            (d.terminator, _TERMINATORS, "\x1c"),
        )
        chosen: list[int] = []
        for now, others, own in choices:
            free = [
                byte
                for byte in (now, *others)
                if (byte not in held or byte == ord(own)) and byte not in chosen
            ]
            if not free:
                raise UnwritableError("values hold every character that could serve as a delimiter")
            chosen.append(free[0])
        return (
            Delimiters(*chosen)
            if tuple(chosen) != (d.element, d.component, d.repetition, d.terminator)
            else d
        )

    def _finish(self, text: bytes) -> bytes:
        """Put the delimiters in, and a terminator after the last segment."""
        if not text:
            return b""
        element, component, repetition, terminator = self.delimiters.as_bytes()
        table = bytes.maketrans(b"\x1d\x1f\x1e", element + component + repetition)
        ender = terminator + (self.line_break if terminator not in b"\r\n" else b"")
        return text.translate(table).replace(b"\x1c", ender) + ender


def _joined(parts: list[str]) -> bytes:
    return ELEMENT.join(parts).encode("utf-8")


def _gs(heading: dict[str, Any], form: str) -> list[str]:
    created = heading["group_created_on"]
    version = heading["guide_version"] or grammar().guides[grammar().guide_number(GUIDE_OF_FORM[form])].writes
    return [
        "GS",
        "HC",
        heading["application_sender"] or heading["interchange_sender_id"] or "SENDER",
        heading["application_receiver"] or heading["interchange_receiver_id"] or "RECEIVER",
        created.strftime("%Y%m%d") if created else "20000101",
        heading["group_created_at"] or "0000",
        heading["group_control_number"] or "1",
        "X",
        version,
    ]


def _openings(batch: ClaimBatch, form: str) -> dict[Domain, npt.NDArray[np.bool_]]:
    """For each claim whether a billing provider, a subscriber and a patient level open before it."""
    billing, _ = _changes(batch, form, Domain.BILLING)
    subscriber = _changes(batch, form, Domain.SUBSCRIBER)[0] | billing
    patient, held = _changes(batch, form, Domain.PATIENT)
    return {
        Domain.BILLING: billing,
        Domain.SUBSCRIBER: _after_a_patient(subscriber, held),
        Domain.PATIENT: (patient | subscriber) & held,
    }


def _changes(
    batch: ClaimBatch, form: str, domain: Domain
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """For each claim whether its level differs from the claim before, and whether it has any such level."""
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
    carried = _carried_hash(batch, domain)
    if carried is not None:
        values = values ^ carried.to_numpy()
    differs = np.ones(count, dtype=bool)
    differs[1:] = values[1:] != values[:-1]
    return differs, held


def _after_a_patient(
    subscriber: npt.NDArray[np.bool_], patient: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """A claim of the subscriber's own after one of a patient needs the subscriber's level again."""
    again = subscriber.copy()
    again[1:] |= ~patient[1:] & patient[:-1]
    return again


def _carried_hash(batch: ClaimBatch, domain: Domain) -> pl.Series | None:
    letter = {Domain.BILLING: "A", Domain.SUBSCRIBER: "B", Domain.PATIENT: "C"}[domain]
    held = batch.segments.filter(pl.col("segment_loop").str.contains(f"^20[01]0{letter}"))
    if not held.height:
        return None
    each = held.group_by("claim").agg(hash=pl.col("segment_text").sort().str.join("\x1c").hash())
    joined = batch.claims.select("claim").join(each, on="claim", how="left", maintain_order="left")
    return joined["hash"].fill_null(0)
