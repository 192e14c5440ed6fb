"""Reads what a receiver answers before adjudication: TA1, 999 and 277CA, into frames.

    answer = read_999(content)
    answer.transactions.filter(pl.col("status") == "R")

    read_ta1       one row per TA1: control_number, date and time of the interchange, status (A, E, R), note
    read_999       groups: kind, control_number, version, status (AK901), stated, received, accepted, errors
                   transactions: group, kind, control_number, version, status (IK501), errors
                   segments: transaction, segment_id, position, loop, error (IK304), claim_id (CTX CLM01)
                   elements: transaction, error_in (row of segments), element, component, repetition, error
    read_277ca     claims: claim_id (TRN02), payer_claim_number (REF 1K), clearinghouse_number (REF D9),
                   bill_type, service_dates, patient, provider, receiver and payer,
                   source_kind (2100A NM101: PR payer, AY clearinghouse)
                   statuses: level (receiver, provider, claim, line), claim (its `segment`), claim_id, line
                   (REF FJ), procedure, category, status, entity, answered_on, action (U rejected, WQ
                   accepted), amount, message; position is that of the status in its segment
    and faults     those of the envelope and the guide

Source: ASC X12.5 (TA1), ASC X12C 005010X231A1 (999), ASC X12N 005010X214 (277CA).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields

import numpy as np
import polars as pl

from claimwright.domain.dictionary import Kind
from claimwright.engines.x12.checks.fault_collector import stream_faults
from claimwright.engines.x12.checks.structure import Progress, SetChecks, begin_check, finish_check
from claimwright.engines.x12.syntax.columns import ValueSpans, array
from claimwright.engines.x12.syntax.grammar import grammar
from claimwright.engines.x12.syntax.loops import Structure, structure_of
from claimwright.engines.x12.syntax.stream import Block, blocks
from claimwright.engines.x12.syntax.tokenizer import Flags, Ints, Segments, code
from claimwright.engines.x12.syntax.transaction_set import TransactionSet
from claimwright.foundation.columns import series_of

from .answer_sets import ACKNOWLEDGEMENT_999, CLAIM_ACKNOWLEDGEMENT_277

_NO_CHECKS = SetChecks(begin=lambda *_: None, finish=lambda *_: None)
_ERRORS = 5
# Of AK1 and of AK2: the group or transaction that is answered.
_NAMED = {"kind": (1, 0, Kind.CODE), "control_number": (2, 0, Kind.TEXT), "version": (3, 0, Kind.TEXT)}


@dataclass(frozen=True)
class ImplementationAnswer:
    """A 999; the module's docstring lists the columns."""

    groups: pl.DataFrame
    transactions: pl.DataFrame
    segments: pl.DataFrame
    elements: pl.DataFrame
    faults: pl.DataFrame


@dataclass(frozen=True)
class ClaimAnswer:
    """A 277CA; the module's docstring lists the columns."""

    claims: pl.DataFrame
    statuses: pl.DataFrame
    faults: pl.DataFrame


def read_ta1(content: bytes | Iterable[bytes]) -> pl.DataFrame:
    """The TA1 segments of a file, whatever else it contains."""
    made = []
    for read, structure in _unchecked(content, ACKNOWLEDGEMENT_999):
        block = _Block(read.segments, structure, stream_faults(()))
        at = block.rows("TA1")
        made.append(
            block.frame(
                at,
                control_number=(1, 0, Kind.TEXT),
                interchange_date=(2, 0, Kind.TEXT),
                interchange_time=(3, 0, Kind.TEXT),
                status=(4, 0, Kind.CODE),
                note=(5, 0, Kind.CODE),
            )
        )
    return pl.concat(made)


def read_999(content: bytes | Iterable[bytes]) -> ImplementationAnswer:
    """A 999 in frames; if it is something else, no rows, and faults that say so."""
    parts = _joined(ImplementationAnswer, map(_of_999, _blocks(content, ACKNOWLEDGEMENT_999)))
    return ImplementationAnswer(**parts)


def read_277ca(content: bytes | Iterable[bytes]) -> ClaimAnswer:
    """A 277CA in frames; if it is something else, no rows, and faults that say so."""
    return ClaimAnswer(**_joined(ClaimAnswer, map(_of_277, _blocks(content, CLAIM_ACKNOWLEDGEMENT_277))))


def _joined(
    kind: type[ImplementationAnswer] | type[ClaimAnswer], parts: Iterator[dict[str, pl.DataFrame]]
) -> dict[str, pl.DataFrame]:
    found = list(parts)
    return {each.name: pl.concat([part[each.name] for part in found]) for each in fields(kind)}


class _Block:
    """A block of an answer, and how its segments lie."""

    def __init__(self, segments: Segments, structure: Structure, faults: pl.DataFrame) -> None:
        self.segments = segments
        self.structure = structure
        self.faults = faults
        self.loops = {loop.name: number for number, loop in enumerate(structure.grammar.loops)}
        self.fresh: Flags = np.arange(len(segments)) >= segments.context

    def rows(self, tag: str, *loops: str, qualifier: str = "", with_context: bool = False) -> Ints:
        """The segments with this tag, in these loops if any are named, and with this qualifier."""
        keep = self.segments.tag == code(tag)
        if loops:
            keep &= np.isin(self.structure.loop, [self.loops[loop] for loop in loops])
        if qualifier:
            keep &= self.structure.qualifier == code(qualifier)
        if not with_context:
            keep &= self.fresh
        return np.flatnonzero(keep).astype(np.int32)

    def values(self, rows: Ints, element: int, component: int, kind: Kind) -> pl.Series:
        """An element, or a component of it, of these segments; -1 and what can't be read are null."""
        known = np.maximum(rows, 0)
        if component:
            start, length = self.segments.component(known, element - 1, component)
        else:
            start, length = self.segments.element(known, element - 1)
        length = np.where(rows < 0, np.int32(0), length).astype(np.int32)
        made, _ = array(kind, "", ValueSpans(start, length), self.segments.data, self.segments.words)
        return series_of(made)

    def frame(self, rows: Ints, **columns: tuple[int, int, Kind]) -> pl.DataFrame:
        """One row per segment: its position in the file, and these elements."""
        number = np.append(self.segments.number, 0)[rows]
        made = {"segment": pl.Series(number, dtype=pl.Int64)}
        return pl.DataFrame(made | {name: self.values(rows, *place) for name, place in columns.items()})

    def within(self, stage: int, rows: Ints) -> Ints:
        """The segment that opened the loop of a stage around each of these."""
        at: Ints = self.structure.stage_opener[stage][rows]
        return at

    def of(self, openers: Ints, stage: int, rows: Ints) -> Ints:
        """For each opener, the first of these segments inside its loop of a stage; -1 for none."""
        first = np.full(len(self.segments) + 1, -1, dtype=np.int32)
        first[self.within(stage, rows)[::-1]] = rows[::-1]
        found: Ints = first[openers]
        return np.where(openers < 0, np.int32(-1), found).astype(np.int32)

    def before(self, rows: Ints, marks: Ints) -> Ints:
        """The last of these marks before each row; -1 for none."""
        at = np.searchsorted(marks, rows) - 1
        found: Ints = np.append(marks, np.int32(-1))[at]
        return found

    def numbers(self, rows: Ints) -> pl.Series:
        """The positions in the file of these segments; null for -1."""
        number = pl.Series(np.append(self.segments.number, 0)[rows], dtype=pl.Int64)
        return number.set(pl.Series(rows < 0), None)


def _blocks(content: bytes | Iterable[bytes], of: TransactionSet) -> Iterator[_Block]:
    progress = Progress()
    for block, structure in _unchecked(content, of):
        begun, progress = begin_check(block.segments, structure, _NO_CHECKS, progress, last=block.last)
        faults = pl.concat([finish_check(begun), stream_faults(block.faults)])
        yield _Block(block.segments, structure, faults.sort("segment", maintain_order=True))


def _unchecked(content: bytes | Iterable[bytes], of: TransactionSet) -> Iterator[tuple[Block, Structure]]:
    chunks = [content] if isinstance(content, bytes) else content
    for block in blocks(chunks, of):
        yield block, structure_of(block.segments, grammar(of))


def _errors(frame: pl.DataFrame) -> pl.DataFrame:
    """The error columns of a segment as one list."""
    names = [f"error_{n}" for n in range(1, _ERRORS + 1)]
    return frame.with_columns(errors=pl.concat_list(names).list.drop_nulls()).drop(names)


def _error_columns(first: int) -> dict[str, tuple[int, int, Kind]]:
    return {f"error_{n}": (first + n - 1, 0, Kind.CODE) for n in range(1, _ERRORS + 1)}


def _of_999(block: _Block) -> dict[str, pl.DataFrame]:
    heads = block.rows("AK1", "HEADER", with_context=True)
    ends = block.rows("AK9", "AK9")
    # A group is answered by its AK9, which comes last; the transaction's header is context by then.
    head = block.before(ends, heads)
    groups = pl.concat(
        [
            block.frame(head, **_NAMED),
            _errors(
                block.frame(
                    ends,
                    status=(1, 0, Kind.CODE),
                    stated=(2, 0, Kind.INTEGER),
                    received=(3, 0, Kind.INTEGER),
                    accepted=(4, 0, Kind.INTEGER),
                    **_error_columns(5),
                )
            ).drop("segment"),
        ],
        how="horizontal",
    ).with_columns(segment=block.numbers(ends))
    opened = block.rows("AK2", "2000")
    verdict = block.of(opened, 1, block.rows("IK5", "IK5"))
    transactions = pl.concat(
        [
            block.frame(opened, **_NAMED),
            _errors(block.frame(verdict, status=(1, 0, Kind.CODE), **_error_columns(2)).drop("segment")),
        ],
        how="horizontal",
    ).with_columns(group=block.values(block.before(opened, heads), 2, 0, Kind.TEXT))
    wrong = block.rows("IK3", "2100")
    contexts = block.rows("CTX", "2100")
    names_claim = (block.values(contexts, 1, 1, Kind.TEXT) == "CLM01").fill_null(value=False)
    of_claim = contexts[names_claim.to_numpy()]
    segments = block.frame(
        wrong,
        segment_id=(1, 0, Kind.CODE),
        position=(2, 0, Kind.INTEGER),
        loop=(3, 0, Kind.CODE),
        error=(4, 0, Kind.CODE),
    ).with_columns(
        transaction=block.values(block.within(1, wrong), 2, 0, Kind.TEXT),
        claim_id=block.values(block.of(wrong, 2, of_claim), 1, 2, Kind.TEXT),
    )
    parts = block.rows("IK4", "2110")
    elements = block.frame(
        parts,
        element=(1, 1, Kind.INTEGER),
        component=(1, 2, Kind.INTEGER),
        repetition=(1, 3, Kind.INTEGER),
        data_element=(2, 0, Kind.TEXT),
        error=(3, 0, Kind.CODE),
    ).with_columns(
        transaction=block.values(block.within(1, parts), 2, 0, Kind.TEXT),
        error_in=block.numbers(block.within(2, parts)),
    )
    return {
        "groups": groups,
        "transactions": transactions,
        "segments": segments,
        "elements": elements,
        "faults": block.faults,
    }


_LEVELS = {"2200B": "receiver", "2200C": "provider", "2200D": "claim", "2220D": "line"}


def _of_277(block: _Block) -> dict[str, pl.DataFrame]:
    levels = {letter: block.rows("HL", f"2000{letter}", with_context=True) for letter in "ABCD"}
    parties = {letter: block.rows("NM1", f"2100{letter}", with_context=True) for letter in "ABCD"}
    opened = block.rows("TRN", "2200D")

    def party(letter: str) -> Ints:
        """The party of the last level of this kind before each claim."""
        return block.of(block.before(opened, levels[letter]), 1, parties[letter])

    def reference(qualifier: str) -> pl.Series:
        own = block.of(opened, 2, block.rows("REF", "2200D", qualifier=qualifier))
        return block.values(own, 2, 0, Kind.TEXT)

    patient, provider, receiver, payer = (party(letter) for letter in "DCBA")
    dates = block.of(opened, 2, block.rows("DTP", "2200D", qualifier="472"))
    claims = block.frame(opened, claim_id=(2, 0, Kind.TEXT)).with_columns(
        payer_claim_number=reference("1K"),
        clearinghouse_number=reference("D9"),
        bill_type=reference("BLT"),
        service_dates=block.values(dates, 3, 0, Kind.TEXT),
        patient_last_name=block.values(patient, 3, 0, Kind.TEXT),
        patient_first_name=block.values(patient, 4, 0, Kind.TEXT),
        patient_id=block.values(patient, 9, 0, Kind.TEXT),
        provider_name=block.values(provider, 3, 0, Kind.TEXT),
        provider_id=block.values(provider, 9, 0, Kind.TEXT),
        receiver_id=block.values(receiver, 9, 0, Kind.TEXT),
        source_kind=block.values(payer, 1, 0, Kind.CODE),
        payer_name=block.values(payer, 3, 0, Kind.TEXT),
        payer_id=block.values(payer, 9, 0, Kind.TEXT),
    )
    controls = block.rows("REF", "2220D", qualifier="FJ")
    said = block.rows("STC", *_LEVELS)
    parts = []
    for position, element in enumerate((1, 10, 11), 1):
        held = said[block.segments.element(said, element - 1)[1] > 0]
        names = [block.structure.grammar.loops[loop].name for loop in block.structure.loop[held].tolist()]
        claim, line = block.within(2, held), block.within(3, held)
        of_claim = np.array([_LEVELS[name] in ("claim", "line") for name in names], dtype=np.bool_)
        claim = np.where(of_claim, claim, np.int32(-1)).astype(np.int32)
        parts.append(
            block.frame(
                held,
                category=(element, 1, Kind.CODE),
                status=(element, 2, Kind.CODE),
                entity=(element, 3, Kind.CODE),
                answered_on=(2, 0, Kind.DATE),
                action=(3, 0, Kind.CODE),
                amount=(4, 0, Kind.AMOUNT),
                message=(12, 0, Kind.TEXT),
            ).with_columns(
                level=pl.Series([_LEVELS[name] for name in names], dtype=pl.String),
                position=pl.lit(position, pl.Int32),
                claim=block.numbers(claim),
                claim_id=block.values(claim, 2, 0, Kind.TEXT),
                line=block.values(block.of(line, 3, controls), 2, 0, Kind.TEXT),
                procedure=block.values(line, 1, 2, Kind.CODE),
            )
        )
    statuses = pl.concat(parts).sort("segment", "position")
    return {"claims": claims, "statuses": statuses, "faults": block.faults}
