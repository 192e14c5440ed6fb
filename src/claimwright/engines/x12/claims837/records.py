"""Extracts each claim's text from a block, and reads many such texts as one block again.

A record is an 837 with one claim: the heading of its interchange, group and transaction, the levels of its
billing provider, subscriber and patient, and its own segments. Trailers are left out: they are not needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.x12.syntax.headers import announced, headerless
from claimwright.engines.x12.syntax.loops import GE, GS, HL, IEA, ISA, SE, ST, structure_of
from claimwright.engines.x12.syntax.tokenizer import DEFAULT_DELIMITERS, Delimiters, Ints, Segments, tokenize
from claimwright.foundation.errors import InputError

from .layout import Domain
from .read import read_block
from .row_index import RowIndex, row_index_of
from .transaction import CLAIMS_837, CLM, claims_grammar

_BOUNDS = np.array([HL, CLM, ISA, GS, ST, SE, GE, IEA], dtype=np.uint32)


class RecordError(InputError):
    """Records that do not contain the expected claims; the message has the number of records and claims."""


@dataclass
class Records:
    """The texts of claims, in the order of the batch that is read from the same block.

    The first `heading_bytes` of a text are its interchange, group and transaction heading, the next
    `provider_bytes` the level of its billing provider: many claims share both.
    """

    texts: list[bytes] = field(default_factory=list)
    heading_bytes: list[int] = field(default_factory=list)
    provider_bytes: list[int] = field(default_factory=list)
    own_bytes: list[int] = field(default_factory=list)
    """The size in bytes of the claim's own segments, at the end of a text; known after extraction."""

    def __len__(self) -> int:
        return len(self.texts)

    def part(self, first: int, last: int) -> Records:
        """The records from `first` up to but excluding `last`."""
        return Records(
            self.texts[first:last],
            self.heading_bytes[first:last],
            self.provider_bytes[first:last],
            self.own_bytes[first:last],
        )


def cut_records(segments: Segments, index: RowIndex) -> Records:
    """The record of each claim of a block."""
    claims = index.opener[Domain.CLAIM]
    if not len(claims):
        return Records()
    raw = segments.data[: segments.size].tobytes()
    bounds = np.flatnonzero(np.isin(segments.tag, _BOUNDS)).astype(np.int32)
    stops = np.append(bounds, np.int32(len(segments)))
    headings = _headings(segments, index, raw, stops)
    terminator = bytes([segments.delimiters.terminator])

    def level(domain: Domain, rows: Ints) -> list[bytes]:
        """The text of the level of each claim; empty if it has none. Each level is extracted once."""
        openers = index.opener[domain]
        last = stops[np.searchsorted(stops, openers, side="right")] - 1
        begins, ends = segments.start[openers].tolist(), (segments.end[last] + 1).tolist()
        texts = [_ended(raw[begin:end], terminator) for begin, end in zip(begins, ends, strict=True)]
        texts.append(b"")
        return [texts[row] for row in rows.tolist()]

    records = Records()
    ends = np.minimum(segments.end[index.claim_end - 1] + 1, segments.size).tolist()
    for transaction, provider, subscriber, patient, begin, end in zip(
        index.claim_transaction.tolist(),
        level(Domain.BILLING, index.claim_billing),
        level(Domain.SUBSCRIBER, index.claim_subscriber),
        level(Domain.PATIENT, index.claim_patient),
        segments.start[claims].tolist(),
        ends,
        strict=True,
    ):
        heading = headings[transaction]
        own = _ended(raw[begin:end], terminator)
        records.texts.append(b"".join((heading, provider, subscriber, patient, own)))
        records.own_bytes.append(len(own))
        records.heading_bytes.append(len(heading))
        records.provider_bytes.append(len(provider))
    return records


def _headings(segments: Segments, index: RowIndex, raw: bytes, stops: Ints) -> list[bytes]:
    """The heading of each transaction: its ISA, its GS, and from its ST to the first level."""
    headings = []
    for opener, interchange, group in zip(
        index.opener[Domain.TRANSACTION].tolist(),
        index.transaction_interchange.tolist(),
        index.transaction_group.tolist(),
        strict=True,
    ):
        around = [
            int(index.opener[domain][row])
            for domain, row in ((Domain.INTERCHANGE, interchange), (Domain.GROUP, group))
            if row >= 0
        ]
        stop = int(stops[np.searchsorted(stops, opener, side="right")])
        parts = [_text(segments, raw, segment, segment + 1) for segment in around]
        headings.append(b"".join([*parts, _text(segments, raw, opener, stop)]))
    # Segments outside a transaction have no heading.
    headings.append(b"")
    return headings


def _text(segments: Segments, raw: bytes, first: int, last: int) -> bytes:
    """The bytes of segments `first` up to `last`, with the terminator of the last one."""
    text = raw[int(segments.start[first]) : int(segments.end[last - 1]) + 1]
    return _ended(text, bytes([segments.delimiters.terminator]))


def _ended(text: bytes, terminator: bytes) -> bytes:
    return text if text.endswith(terminator) else text + terminator


def read_records(
    records: Records, *, first_claim: int = 1, first_transaction: int = 1, verbatim: bool = True
) -> ClaimBatch:
    """The claims of records, in order. Their structure was checked on intake; it is not checked again.

    Without `verbatim` the batch has no `segments`: it can be checked, but not written back completely.

    Raises:
        RecordError: the number of claims in the records differs from the number of records.
    """
    batches = []
    claims, transactions = first_claim, first_transaction
    for delimiters, count, parts in _runs(records):
        segments = tokenize(b"".join(parts), delimiters)
        structure = structure_of(segments, claims_grammar())
        batch = read_block(
            segments,
            row_index_of(segments, structure),
            first_claim=claims,
            first_transaction=transactions,
            verbatim=verbatim,
        )
        if len(batch) != count:
            raise RecordError(f"{count:,} records contain {len(batch):,} claims")
        batches.append(batch)
        claims += len(batch)
        transactions += batch.transactions.height
    return batches[0] if len(batches) == 1 else ClaimBatch.concat(batches)


def segments_of(records: Records) -> list[list[str]]:
    """The segments of each record as they came, in order, without their terminators. Bytes as Latin-1."""
    found = []
    for text in records.texts:
        segments = tokenize(text, delimiters_of(text))
        places = zip(segments.start.tolist(), segments.end.tolist(), strict=True)
        found.append([text[start:end].decode("latin-1") for start, end in places])
    return found


def delimiters_of(text: bytes) -> Delimiters:
    """The delimiters of a record: those that it announces, else the usual ones."""
    return _delimiters_of(text) or DEFAULT_DELIMITERS


def _delimiters_of(text: bytes) -> Delimiters | None:
    if text.startswith(b"ISA"):
        return announced(text, 0)
    return headerless(text, CLAIMS_837.identifier, CLAIMS_837.functional_group)


def _runs(records: Records) -> Iterator[tuple[Delimiters, int, list[bytes]]]:
    """Consecutive records with the same delimiters: their number, and the parts that form one 837.

    The heading and the provider level that a record shares with the previous one are included once.
    """
    parts: list[bytes] = []
    delimiters, count, size, more = DEFAULT_DELIMITERS, 0, 0, 0
    heading = shared = b""
    for text, heading_bytes, provider_bytes in zip(
        records.texts, records.heading_bytes, records.provider_bytes, strict=True
    ):
        if heading_bytes == size and provider_bytes == more and more and text.startswith(shared):
            parts.append(text[size + more :])
        elif size and heading_bytes == size and text.startswith(heading):
            more = provider_bytes
            shared = text[: size + more]
            parts.append(text[size:])
        else:
            size, more = heading_bytes, provider_bytes
            heading, shared = text[:size], text[: size + more]
            own = _delimiters_of(text)
            if parts and (own or DEFAULT_DELIMITERS) != delimiters:
                yield delimiters, count, parts
                parts, count = [], 0
            delimiters = own or DEFAULT_DELIMITERS
            parts.append(text)
        count += 1
    if parts:
        yield delimiters, count, parts
