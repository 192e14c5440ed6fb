"""Balances of an 835: what the guide of single segments can't say.

    line         charge - adjustments of the line = paid                 SVC02 - CAS = SVC03
    claim        charge - adjustments of the claim and its lines = paid  CLP03 - CAS = CLP04
    claim        charge = sum of the charges of its lines                CLP03 = SVC02
    transaction  payment = paid claims - provider adjustments            BPR02 = CLP04 - PLB

A reversal (CLP02 is 22) balances with its signs. An amount that can't be read is a fault of its own; what
contains it is not balanced. A transaction without its trailer is truncated and not balanced either.

Source: ASC X12N 005010X221A1, section 1.10.2 (balancing), and the notes on CLP05.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from claimwright.domain.dictionary import Kind
from claimwright.engines.x12.checks.fault_collector import BlockPosition, FaultCollector
from claimwright.engines.x12.checks.placement import Rows
from claimwright.engines.x12.checks.structure import SetChecks
from claimwright.engines.x12.syntax.columns import array, nothing
from claimwright.engines.x12.syntax.loops import SE, ST, Structure
from claimwright.engines.x12.syntax.tokenizer import Flags, Ints, Segments, code

from .gathering import Found, gather
from .layout import ADJUSTMENT_TRIPLETS, BATCH, CLAIM, LINE, PROVIDER_ADJUSTMENT_PAIRS, TRANSACTION

Longs = npt.NDArray[np.int64]

_BPR, _LX, _CLP, _SVC, _CAS, _PLB = (code(tag) for tag in ("BPR", "LX", "CLP", "SVC", "CAS", "PLB"))
_DEBIT, _PATIENT, _REVERSAL = code("D"), code("PR"), code("22")
# Amounts of at most this many cents are added: a million claims of them fit in 64 bits.
_LARGEST = 10**12


@dataclass(frozen=True)
class OpenPayment:
    """A transaction that continues in the next block: its sums in cents, and the place of its BPR."""

    paid: int = 0
    adjusted: int = 0
    is_readable: bool = True
    bpr_number: int = 0
    lacks_batch: bool = False
    """Whether a claim outside loop 2000 was reported: once is enough."""


@dataclass(frozen=True)
class _Cents:
    """Amounts of segments in cents, 0 if empty; and whether they can be read."""

    value: Longs
    is_readable: Flags


def _cents(segments: Segments, found: Found, element: int) -> _Cents:
    rows = len(found.rows)
    if not found.has(element):
        return _Cents(np.zeros(rows, np.int64), np.ones(rows, np.bool_))
    spans = gather(segments, found, None, (element, 0), nothing(rows))
    column, bad = array(Kind.AMOUNT, "", spans, segments.data, segments.words)
    # A decimal of Arrow has 16 bytes, of which the first eight hold these amounts.
    value = np.frombuffer(column.buffers()[1], dtype=np.int64, count=2 * rows)[::2]
    bad = (bad if len(bad) else np.zeros(rows, np.bool_)) | (np.abs(value) > _LARGEST)
    return _Cents(np.where(bad | (spans.length == 0), 0, value), ~bad)


def _sum(rows: int, owner: Ints, cents: _Cents) -> tuple[Longs, Flags]:
    """Sums by owner, and whether all parts can be read. An owner of -1 is none."""
    total, readable = np.zeros(rows + 1, dtype=np.int64), np.ones(rows + 1, dtype=np.bool_)
    np.add.at(total, owner, cents.value)
    readable[owner[~cents.is_readable]] = False
    return total[:rows], readable[:rows]


def _row_of(segments: Segments, openers: Ints) -> Ints:
    """For each segment, and one after the last, its place among these openers; -1 for none."""
    row = np.full(len(segments) + 1, -1, dtype=np.int32)
    row[openers] = np.arange(len(openers), dtype=np.int32)
    return row


def _opened(segments: Segments, structure: Structure, tag: int) -> Ints:
    """The segments that open a claim or a line of the guide."""
    found = np.flatnonzero((segments.tag == tag) & structure.opens & (structure.loop >= 0))
    return found.astype(np.int32)


# --- claims and lines -----------------------------------------------------------------------------------


def _finish(place: BlockPosition, _: Rows, faults: FaultCollector) -> None:
    segments, structure = place.segments, place.structure
    claims, lines = _opened(segments, structure, _CLP), _opened(segments, structure, _SVC)
    if not len(claims):
        return
    adjusting = np.flatnonzero(segments.tag == _CAS).astype(np.int32)
    adjustments = Found.of(segments, adjusting)
    of_claim = _row_of(segments, claims)[structure.stage_opener[CLAIM]]
    of_line = _row_of(segments, lines)[structure.stage_opener[LINE]]
    claim_total, line_total = np.zeros(len(claims), np.int64), np.zeros(len(lines), np.int64)
    claim_readable, line_readable = np.ones(len(claims), np.bool_), np.ones(len(lines), np.bool_)
    responsibility = np.zeros(len(claims), np.int64)
    is_patient = segments.codes(*segments.element_at(adjustments.base, adjustments.count, 0)) == _PATIENT
    for triplet in range(ADJUSTMENT_TRIPLETS):
        if not adjustments.has(3 + 3 * triplet):
            continue
        cents = _cents(segments, adjustments, 3 + 3 * triplet)
        total, readable = _sum(len(claims), of_claim[adjusting], cents)
        claim_total += total
        claim_readable &= readable
        total, readable = _sum(len(lines), of_line[adjusting], cents)
        line_total += total
        line_readable &= readable
        mine = _Cents(cents.value * is_patient, cents.is_readable)
        responsibility += _sum(len(claims), of_claim[adjusting], mine)[0]
    found = Found.of(segments, lines)
    charge, paid = _cents(segments, found, 2), _cents(segments, found, 3)
    off = paid.value - (charge.value - line_total)
    known = charge.is_readable & paid.is_readable & line_readable
    _add(faults, "SYN100", lines, np.where(known, off, 0), 3)

    owner = of_claim[lines]
    charges, charges_readable = _sum(len(claims), owner, charge)
    has_lines = np.zeros(len(claims) + 1, dtype=np.bool_)
    has_lines[owner] = True
    found = Found.of(segments, claims)
    charge, paid = _cents(segments, found, 3), _cents(segments, found, 4)
    known = charge.is_readable & paid.is_readable & claim_readable
    off = paid.value - (charge.value - claim_total)
    _add(faults, "SYN101", claims, np.where(known, off, 0), 4)
    known = charge.is_readable & charges_readable & has_lines[:-1]
    _add(faults, "SYN103", claims, np.where(known, charge.value - charges, 0), 3)

    owed = _cents(segments, found, 5)
    stated = segments.element(claims, 4)[1] > 0
    known = owed.is_readable & claim_readable & stated
    # A reversal takes everything back, and states no amount of the patient.
    known &= segments.codes(*segments.element(claims, 1)) != _REVERSAL
    _add(faults, "SYN104", claims, np.where(known, owed.value - responsibility, 0), 5)


def _add(faults: FaultCollector, fault: str, rows: Ints, off: Longs, element: int) -> None:
    wrong = np.flatnonzero(off)
    faults.add(fault, rows[wrong], element=element, detail=[_by(cents) for cents in off[wrong].tolist()])


def _by(cents: int) -> str:
    """By how much an amount differs from its parts."""
    return f"{abs(cents) // 100:,}.{abs(cents) % 100:02d} {'more' if cents > 0 else 'less'} than its parts"


# --- transactions ---------------------------------------------------------------------------------------


def _begin(
    segments: Segments, structure: Structure, before: OpenPayment | None, faults: FaultCollector, last: bool
) -> OpenPayment:
    """Add up the claims and provider adjustments of each payment, and compare those that end here."""
    del last
    before = before or OpenPayment()
    starts = np.flatnonzero((segments.tag == ST) & (structure.loop >= 0)).astype(np.int32)
    if not len(starts):
        return OpenPayment()
    count = len(starts)
    owner = _row_of(segments, starts)[structure.stage_opener[TRANSACTION]]
    fresh = np.arange(len(segments)) >= segments.context

    claims = np.flatnonzero((segments.tag == _CLP) & structure.opens & fresh).astype(np.int32)
    is_told = before.lacks_batch and bool(starts[0] < segments.context)
    without = _lacking_batch(segments, structure, claims, owner, 0 if is_told else -1, faults)
    paid, readable = _sum(count, owner[claims], _cents(segments, Found.of(segments, claims), 4))
    summary = np.flatnonzero((segments.tag == _PLB) & (structure.node >= 0) & fresh).astype(np.int32)
    adjustments = Found.of(segments, summary)
    adjusted = np.zeros(count, dtype=np.int64)
    for pair in range(PROVIDER_ADJUSTMENT_PAIRS):
        total, good = _sum(count, owner[summary], _cents(segments, adjustments, 4 + 2 * pair))
        adjusted += total
        readable &= good

    bpr = np.full(count + 1, -1, dtype=np.int32)
    found = np.flatnonzero((segments.tag == _BPR) & (structure.node >= 0)).astype(np.int32)[::-1]
    bpr[owner[found]] = found
    number = np.where(bpr >= 0, segments.number[bpr], 0)
    if starts[0] < segments.context:
        paid[0] += before.paid
        adjusted[0] += before.adjusted
        readable[0] &= before.is_readable
        number[0] = before.bpr_number
    ended = np.zeros(count + 1, dtype=np.bool_)
    ended[owner[np.flatnonzero((segments.tag == SE) & fresh)]] = True
    whole = np.flatnonzero(ended[:count] & readable & (bpr[:count] >= 0))
    rows = bpr[whole]
    stated = _cents(segments, Found.of(segments, rows), 2)
    is_debit = segments.codes(*segments.element(rows, 2)) == _DEBIT
    amount = np.where(is_debit, -stated.value, stated.value)
    off = np.where(stated.is_readable, amount - (paid - adjusted)[whole], 0)
    wrong = np.flatnonzero(off)
    detail = [_by(cents) for cents in off[wrong].tolist()]
    faults.add("SYN102", rows[wrong], element=2, detail=detail, number=number[whole[wrong]])
    if ended[count - 1]:
        return OpenPayment()
    lacks_batch = count - 1 in without or (is_told and count == 1)
    return OpenPayment(
        int(paid[-1]), int(adjusted[-1]), bool(readable[-1]), int(number[count - 1]), lacks_batch
    )


def _lacking_batch(
    segments: Segments, structure: Structure, claims: Ints, owner: Ints, known: int, faults: FaultCollector
) -> Longs:
    """Report the first claim of each payment that is in no loop 2000, but not again in payment `known`.

    Some payers send claims without any LX. They are read all the same. Returns the payments that have such
    claims.
    """
    bare = claims[segments.tag[structure.stage_opener[BATCH][claims]] != _LX]
    payments, first = np.unique(owner[bare], return_index=True)
    loop = structure.grammar.loop_number("835", "2000")
    told = bare[first][payments != known]
    faults.add("SYN046", told, tag=_LX, loop=loop, detail="required around the claims")
    return payments


REMITTANCE_CHECKS = SetChecks(begin=_begin, finish=_finish)
