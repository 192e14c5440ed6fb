"""The rows of a block: the claim, line, other payer or adjudication of each segment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from claimwright.engines.x12.syntax.loops import (
    GE,
    GS,
    HL,
    IEA,
    ISA,
    SE,
    ST,
    Structure,
)
from claimwright.engines.x12.syntax.tokenizer import Flags, Ints, Segments

from .layout import Domain, domain_of
from .transaction import HL_BILLING, HL_PATIENT, HL_SUBSCRIBER, claims_grammar


@dataclass(frozen=True)
class RowIndex:
    """The rows of every domain, by the segment that opens them, and the links between them.

    `opener[d]` are the segments that open the rows of domain `d`, in order; `row_at` is the row that a
    segment opens, and `domain_at` its domain, -1 for other segments. The links (`claim_billing` and so on)
    are row numbers of the outer domain, -1 if there is none.
    """

    opener: dict[Domain, Ints]
    row_at: Ints
    domain_at: npt.NDArray[np.int8]
    claim_transaction: Ints
    claim_billing: Ints
    claim_subscriber: Ints
    claim_patient: Ints
    claim_end: Ints
    """One past the last segment of each claim."""
    transaction_interchange: Ints
    transaction_group: Ints
    other_payer_claim: Ints
    line_claim: Ints
    adjudication_line: Ints
    structure: Structure

    def rows(self, domain: Domain, segments: Ints) -> Ints:
        """The row of a domain for each of these segments; -1 for none."""
        stage = STAGE_OF[domain]
        if domain in (Domain.INTERCHANGE, Domain.GROUP):
            return np.searchsorted(self.opener[domain], segments, side="right").astype(np.int32) - 1
        at = self.structure.stage_opener[stage][segments]
        opened = (at >= 0) & (self.domain_at[at] == domain)
        return np.where(opened, self.row_at[at], np.int32(-1))


STAGE_OF = {
    Domain.INTERCHANGE: 0,
    Domain.GROUP: 0,
    Domain.TRANSACTION: 0,
    Domain.BILLING: 1,
    Domain.SUBSCRIBER: 1,
    Domain.PATIENT: 1,
    Domain.CLAIM: 2,
    Domain.OTHER_PAYER: 3,
    Domain.LINE: 3,
    Domain.ADJUDICATION: 4,
}
_ROW_LOOPS = {
    "2300": Domain.CLAIM,
    "2320": Domain.OTHER_PAYER,
    "2400": Domain.LINE,
    "2430": Domain.ADJUDICATION,
}


def row_index_of(segments: Segments, structure: Structure) -> RowIndex:
    """Find the rows of a block."""
    tag = segments.tag
    count = len(segments)
    levels = _where(tag == HL)
    level = structure.qualifier[levels] * (structure.loop[levels] >= 0)
    # Only segments in a transaction with a known guide form rows.
    known = structure.loop >= 0
    opener = {
        Domain.INTERCHANGE: _where(tag == ISA),
        Domain.GROUP: _where(tag == GS),
        Domain.TRANSACTION: _where((tag == ST) & known),
        Domain.BILLING: levels[level == HL_BILLING],
        Domain.SUBSCRIBER: levels[level == HL_SUBSCRIBER],
        Domain.PATIENT: levels[level == HL_PATIENT],
    }
    at = _where((structure.opener == np.arange(count, dtype=np.int32)) & known)
    opened = _opened_domain().take(structure.loop[at])
    for domain in _ROW_LOOPS.values():
        opener[domain] = at[opened == domain]
    row_at, domain_at = np.full(count, -1, dtype=np.int32), np.full(count, -1, dtype=np.int8)
    for domain, rows in opener.items():
        row_at[rows] = np.arange(len(rows), dtype=np.int32)
        domain_at[rows] = domain

    claims = opener[Domain.CLAIM]
    transaction = _last_before(opener[Domain.TRANSACTION], claims)
    billing = _last_before(opener[Domain.BILLING], claims)
    subscriber = _last_before(opener[Domain.SUBSCRIBER], claims)
    patient = _last_before(opener[Domain.PATIENT], claims)
    start = _position(opener[Domain.TRANSACTION], transaction)
    billing_at = _position(opener[Domain.BILLING], billing)
    subscriber_at = _position(opener[Domain.SUBSCRIBER], subscriber)
    patient_at = _position(opener[Domain.PATIENT], patient)
    opens = _where(structure.opens)
    ending = _is_outer()[structure.loop[opens]] | np.isin(tag.take(opens), _TRAILERS)
    ends = np.sort(np.concatenate([opens[ending], levels]))
    after = np.searchsorted(ends, claims, side="right")
    transactions = opener[Domain.TRANSACTION]
    return RowIndex(
        opener=opener,
        row_at=row_at,
        domain_at=domain_at,
        claim_transaction=transaction,
        claim_billing=np.where(billing_at > start, billing, -1),
        claim_subscriber=np.where((subscriber_at > billing_at) & (subscriber_at > start), subscriber, -1),
        claim_patient=np.where((patient_at > subscriber_at) & (patient_at > start), patient, -1),
        claim_end=np.append(ends, np.int32(count))[after],
        transaction_interchange=_last_before(opener[Domain.INTERCHANGE], transactions),
        transaction_group=_last_before(opener[Domain.GROUP], transactions),
        other_payer_claim=_last_before(claims, opener[Domain.OTHER_PAYER]),
        line_claim=_last_before(claims, opener[Domain.LINE]),
        adjudication_line=_last_before(opener[Domain.LINE], opener[Domain.ADJUDICATION]),
        structure=structure,
    )


_TRAILERS = np.array([SE, GE, IEA, ISA, GS, ST], dtype=np.uint32)


@cache
def _is_outer() -> Flags:
    """By loop, whether its opening ends a claim: the opening of another claim, or of an outer level."""
    around = (Domain.TRANSACTION, Domain.BILLING, Domain.SUBSCRIBER, Domain.PATIENT)
    loops = claims_grammar().loops
    # The last entry is for loop -1.
    outer = [loop.name == "2300" or domain_of(loop.name) in around for loop in loops]
    return np.array([*outer, False], dtype=np.bool_)


@cache
def _opened_domain() -> Ints:
    """By loop, the domain whose rows it opens; -1 for none."""
    return np.array([_ROW_LOOPS.get(loop.name, -1) for loop in claims_grammar().loops], dtype=np.int32)


def ordinals(group: npt.NDArray[np.integer[Any]]) -> Ints:
    """For rows sorted by group, the position of each within its group, from 1."""
    if not len(group):
        return np.zeros(0, dtype=np.int32)
    position = np.arange(len(group), dtype=np.int32)
    new = np.ones(len(group), dtype=bool)
    new[1:] = group[1:] != group[:-1]
    return position - np.maximum.accumulate(np.where(new, position, 0)) + 1


def _where(flags: Flags) -> Ints:
    return np.flatnonzero(flags).astype(np.int32)


def _last_before(outer: Ints, inner: Ints) -> Ints:
    """For each inner opener, the row of the last outer opener before it; -1 for none."""
    return np.searchsorted(outer, inner, side="right").astype(np.int32) - 1


def _position(openers: Ints, rows: Ints) -> Ints:
    """The segment that opens each row; -1 for row -1."""
    if not len(openers):
        return np.full(len(rows), -1, dtype=np.int32)
    return np.where(rows >= 0, openers[rows], -1)
