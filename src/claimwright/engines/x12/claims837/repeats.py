"""Repeating segments and elements, as rows of their own frames.

Diagnoses, procedures and NUBC codes are the composites of HI; adjustments are the triplets of CAS; notes,
attachments, certifications and teeth are one row per segment.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from claimwright.domain.batch import arrow_schema, frame_of
from claimwright.domain.dictionary import Kind, Level, field_named
from claimwright.engines.x12.syntax.columns import ValueSpans, array, whole
from claimwright.engines.x12.syntax.tokenizer import Flags, Ints, Segments, code

from .layout import HI_LEVELS, REPEATING, Domain, Layout
from .row_index import RowIndex, ordinals

Longs = npt.NDArray[np.int64]

HI_FIELDS = {
    Level.DIAGNOSIS: (("diagnosis_qualifier", 1, ""), ("diagnosis", 2, ""), ("poa", 9, "")),
    Level.PROCEDURE: (
        ("surgical_procedure_qualifier", 1, ""),
        ("surgical_procedure", 2, ""),
        ("surgical_procedure_on", 4, ""),
    ),
    Level.INSTITUTIONAL_CODE: (
        ("institutional_code_list", 1, ""),
        ("institutional_code", 2, ""),
        ("institutional_code_from_on", 4, "from"),
        ("institutional_code_to_on", 4, "to"),
        ("institutional_code_amount", 5, ""),
    ),
}
SEGMENT_FIELDS = {
    Level.ATTACHMENT: (
        ("attachment_type", 1, 0),
        ("attachment_transmission", 2, 0),
        ("attachment_id_qualifier", 5, 0),
        ("attachment_control_number", 6, 0),
    ),
    Level.NOTE: (("note_type", 1, 0), ("note", 2, 0)),
    Level.CERTIFICATION: (
        ("certification_category", 1, 0),
        ("certification_applies", 2, 0),
        *((f"certification_condition_{n}", n + 2, 0) for n in range(1, 6)),
    ),
}
TOOTH_OF_LINE = (
    ("tooth_system", 1, 0),
    ("tooth", 2, 0),
    *((f"tooth_surface_{n}", 3, n) for n in range(1, 6)),
)
TOOTH_OF_CLAIM = (("tooth", 1, 0), ("tooth_status", 2, 0), ("tooth_system", 6, 0))
TRIPLETS = 6


class Repeats:
    """The repeating parts of one block, and which of their segments must be kept verbatim."""

    def __init__(
        self, segments: Segments, index: RowIndex, table: Layout, groups: list[Ints], claims: Longs
    ) -> None:
        self.segments = segments
        self.index = index
        self.table = table
        self.groups = groups
        self.claims = claims
        self.verbatim: Flags = np.zeros(len(segments), dtype=bool)

    def frames(self) -> dict[Level, pl.DataFrame]:
        """All the repeating frames."""
        made = self._codes_of_claims()
        for level, fields in SEGMENT_FIELDS.items():
            made[level] = self._by_segment(level, self._members(REPEATING[level]), fields)
        made[Level.ADJUSTMENT] = self._adjustments()
        made[Level.TOOTH] = self._teeth()
        return made

    def _members(self, tag: str) -> Ints:
        """The segments of a tag that are rows, in file order."""
        groups = [self.groups[variant] for variant in self.table.repeating.get(tag, ())]
        return np.sort(np.concatenate(groups)) if groups else np.zeros(0, dtype=np.int32)

    def _codes_of_claims(self) -> dict[Level, pl.DataFrame]:
        s = self.segments
        members = self._members("HI")
        count = np.diff(s.first_element)[members] if len(members) else np.zeros(0, dtype=np.int32)
        segment = np.repeat(members, count)
        element = np.repeat(s.first_element[members], count) + (ordinals(segment) - 1)
        start, length = s.element_start[element], s.element_end[element] - s.element_start[element]
        held = length > 0
        segment, start, length = segment[held], start[held], length[held]
        qualifier = s.codes(*s.part(start, length, 1))
        made = {}
        unknown = np.ones(len(segment), dtype=bool)
        for level, qualifiers in HI_LEVELS.items():
            mine = np.isin(qualifier, np.array([code(each) for each in qualifiers], dtype=np.uint32))
            unknown &= ~mine
            made[level] = self._composites(level, segment[mine], start[mine], length[mine])
        self.verbatim[segment[unknown]] = True
        return made

    def _composites(self, level: Level, segment: Ints, start: Ints, length: Ints) -> pl.DataFrame:
        s = self.segments
        claim = self.index.rows(Domain.CLAIM, segment)
        columns = self._keys(level, claim=claim, position=ordinals(claim))
        first = s.first_cut(start)
        parts = s.first_cut(start + length) - first + 1
        accounted = {component for _, component, _ in HI_FIELDS[level]}
        if level is not Level.DIAGNOSIS:
            # Component 3 is only the format of the date in component 4, which is checked below.
            accounted.add(3)
        for component in range(1, int(parts.max(initial=0)) + 1):
            if component not in accounted:
                _, size = s.part_at(start, length, first, component)
                self.verbatim[segment[size > 0]] = True
        if level is not Level.DIAGNOSIS:
            self.verbatim[segment[self._oddly_dated(start, length, first)]] = True
        for name, component, part_of in HI_FIELDS[level]:
            self._add(
                columns, name, part_of, ValueSpans(*s.part_at(start, length, first, component)), segment
            )
        return frame_of(columns, level, len(segment))

    def _oddly_dated(self, start: Ints, length: Ints, first: Ints) -> Flags:
        """Composites whose component 3 is not the format of component 4: a period in BI, else a day."""
        s = self.segments
        span = s.codes(*s.part_at(start, length, first, 1)) == code("BI")
        told = s.part_at(start, length, first, 3)
        size = s.part_at(start, length, first, 4)[1]
        form = np.where(span, np.uint32(code("RD8")), np.uint32(code("D8")))
        fits = (s.codes(*told) == form) & (size == np.where(span, 17, 8))
        odd: Flags = ~np.where(size > 0, fits, told[1] == 0)
        return odd

    def _by_segment(
        self, level: Level, segment: Ints, fields: tuple[tuple[str, int, int], ...]
    ) -> pl.DataFrame:
        domain = self.table.variant_domain[self.index.structure.variant[segment]]
        on_line = domain == Domain.LINE
        line = np.where(on_line, self.index.rows(Domain.LINE, segment), -1)
        claim = self.index.rows(Domain.CLAIM, segment)
        columns = self._keys(level, claim=claim, line=line, position=ordinals(_group(claim, line)))
        for name, element, component in fields:
            if component:
                values = ValueSpans(*self.segments.component(segment, element - 1, component))
            else:
                values = ValueSpans(*self.segments.element(segment, element - 1))
            self._add(columns, name, "", values, segment)
        return frame_of(columns, level, len(segment))

    def _teeth(self) -> pl.DataFrame:
        lines = self._by_segment(Level.TOOTH, self._members("TOO"), TOOTH_OF_LINE)
        claims = self._by_segment(Level.TOOTH, self._members("DN2"), TOOTH_OF_CLAIM)
        return pl.concat([lines, claims]) if lines.height and claims.height else max(lines, claims, key=len)

    def _adjustments(self) -> pl.DataFrame:
        s, a = self.segments, self.index
        members = self._members("CAS")
        segment = np.repeat(members, TRIPLETS)
        triplet = np.tile(np.arange(TRIPLETS, dtype=np.int32), len(members))
        reason = ValueSpans(*_elements(s, segment, 1 + 3 * triplet))
        amount = ValueSpans(*_elements(s, segment, 2 + 3 * triplet))
        quantity = ValueSpans(*_elements(s, segment, 3 + 3 * triplet))
        held = (reason.length > 0) | (amount.length > 0) | (quantity.length > 0)
        segment = segment[held]
        domain = self.table.variant_domain[a.structure.variant[segment]]
        of_payer = domain == Domain.OTHER_PAYER
        claim = a.rows(Domain.CLAIM, segment)
        payer = np.where(of_payer, a.rows(Domain.OTHER_PAYER, segment), -1)
        adjudication = np.where(of_payer, -1, a.rows(Domain.ADJUDICATION, segment))
        line = np.where(of_payer, -1, a.rows(Domain.LINE, segment))
        order = ordinals(np.where(of_payer, payer, adjudication + len(s)))
        columns = self._keys(
            Level.ADJUSTMENT,
            claim=claim,
            line=line,
            other_payer=payer,
            adjudication=adjudication,
            position=order,
        )
        # A triplet without its reason or its amount can't be written to a segment.
        halved = (reason.length == 0) | (amount.length == 0)
        self.verbatim[segment[halved[held]]] = True
        self._add(columns, "adjustment_group", "", ValueSpans(*s.element(segment, 0)), segment)
        for name, values in (
            ("adjustment_reason", reason),
            ("adjustment_amount", amount),
            ("adjustment_quantity", quantity),
        ):
            self._add(columns, name, "", ValueSpans(values.start[held], values.length[held]), segment)
        return frame_of(columns, Level.ADJUSTMENT, len(segment))

    def _keys(self, level: Level, claim: Ints, **rows: Ints) -> dict[str, pa.Array]:
        """Key columns: block rows become ordinals of their owner; -1 becomes null."""
        a = self.index
        types = arrow_schema(level)
        columns = {"claim": whole(types.field("claim").type, self.claims[claim])}
        for name, row in rows.items():
            kind = types.field(name).type
            if name == "position":
                columns[name] = whole(kind, row)
                continue
            values = ordinals(getattr(a, _OWNERS[name]))
            taken = values[np.maximum(row, 0)] if len(values) else np.zeros(len(row), np.int32)
            columns[name] = whole(kind, taken, row >= 0)
        return columns

    def _add(
        self, columns: dict[str, pa.Array], name: str, part: str, values: ValueSpans, segment: Ints
    ) -> None:
        kind: Kind = field_named(name).kind
        columns[name], bad = array(kind, part, values, self.segments.data, self.segments.words)
        if bad.any():
            self.verbatim[segment[bad]] = True


# Owners whose number within the claim (or line) is a key column.
_OWNERS = {"line": "line_claim", "other_payer": "other_payer_claim", "adjudication": "adjudication_line"}


def _elements(segments: Segments, segment: Ints, ordinal: Ints) -> tuple[Ints, Ints]:
    """Start and length of an element of each segment, with its own ordinal for each."""
    row = segments.first_element[segment] + ordinal
    inside = row < segments.first_element[segment + 1]
    row = np.where(inside, row, 0)
    if not len(segments.element_start):
        return np.zeros(0, np.int32), np.zeros(0, np.int32)
    start = segments.element_start[row]
    return start, np.where(inside, segments.element_end[row] - start, 0)


def _group(claim: Ints, line: Ints) -> Longs:
    """One number for claim and line together; rows of the same claim or line are adjacent."""
    return claim.astype(np.int64) * 100_000 + line + 1
