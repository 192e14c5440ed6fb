"""One claim's record as rows, read value by value: for a person who opens a single claim.

The column-wise reader takes as long for one claim as for hundreds. Structure, layout and what counts as
covered by a field are the same here. Whatever is unusual (a repeated segment, content without a field,
an unreadable value) is left to the column-wise reader, so there is one definition of it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from claimwright.domain.dictionary import Kind, Level, field_named, schema
from claimwright.engines.x12.syntax.loops import structure_of
from claimwright.engines.x12.syntax.tokenizer import Segments, code, tokenize

from . import verbatim_segments
from .layout import CHANNEL_PAIRS, CHANNELS, HI_LEVELS, REPEATING, Domain, layout
from .read import is_of_header
from .records import Records, delimiters_of, read_records
from .repeats import HI_FIELDS, SEGMENT_FIELDS, TOOTH_OF_CLAIM, TOOTH_OF_LINE, TRIPLETS
from .row_index import STAGE_OF, RowIndex, row_index_of
from .single_values import DAY_LETTERS, PERIOD_LETTERS, UnusualRecordError, value_of
from .transaction import claims_grammar

# By level, rows of their values; a value that is absent has no entry.
Rows: TypeAlias = "dict[Level, list[dict[str, Any]]]"

# What numbers rows of a batch; within one claim these have no meaning.
_OF_BATCH = ("claim", "transaction", "first_segment", "last_segment")
_OUTER = (Domain.BILLING, Domain.SUBSCRIBER, Domain.PATIENT)
_MARKS = re.compile(rb"[\x1c-\x1f]")


class _Slot(NamedTuple):
    """A field in a segment."""

    name: str
    kind: Kind
    part: str
    element: int
    component: int
    is_padded: bool


class _Plan(NamedTuple):
    """What a variant's segment holds, for one party."""

    slots: tuple[_Slot, ...]
    channels: Mapping[str, str]


def read_one_claim(records: Records) -> Rows:
    """The claim of one record: for each level its rows, with their values and the number of their owner.

    Raises:
        RecordError: there is more than one claim in it, or none.
    """
    try:
        return _Claim(records).rows()
    except UnusualRecordError:
        return rows_of_batch(records)


def rows_of_batch(records: Records) -> Rows:
    """The same, by the column-wise reader."""
    found: Rows = {}
    for level, frame in read_records(records).frames().items():
        dropped = _OF_BATCH[:1] if level is Level.SEGMENT else _OF_BATCH
        kept = frame.drop([name for name in dropped if name in frame.columns])
        if frame.height:
            found[level] = [_held(row) for row in kept.iter_rows(named=True)]
    return found


def _held(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


class _Claim:
    """The state of reading one record."""

    def __init__(self, records: Records) -> None:
        if len(records) != 1:
            raise UnusualRecordError
        [text], delimiters = records.texts, delimiters_of(records.texts[0])
        marks = (delimiters.terminator, delimiters.element, delimiters.component)
        if len(set(marks)) != len(marks) or _MARKS.search(text):
            raise UnusualRecordError
        self.segments = tokenize(text, delimiters)
        self.element, self.component = chr(delimiters.element), chr(delimiters.component)
        try:
            self.texts = [
                text[start:end].decode().split(self.element)
                for start, end in zip(
                    self.segments.start.tolist(), self.segments.end.tolist(), strict=True
                )
            ]  # fmt: skip
        except UnicodeDecodeError:
            raise UnusualRecordError from None
        structure = structure_of(self.segments, claims_grammar())
        self.index = row_index_of(self.segments, structure)
        self.variant = structure.variant.tolist()
        self.opener = structure.opener.tolist()
        self.qualifier = structure.qualifier.tolist()
        self.stages = [each.tolist() for each in structure.stage_opener]
        self.row_at, self.domain_at = self.index.row_at.tolist(), self.index.domain_at.tolist()
        _demand_one_of_each(self.index)
        _demand_covered(self.segments, self.index)
        self.made: Rows = {}
        self.seen: set[tuple[int, int, int]] = set()

    def rows(self) -> Rows:
        """All rows; UnusualRecordError where the column-wise reader has to decide."""
        self._open()
        plans, parties, domains = _plans(), layout().parties, _variant_domains()
        repeating, openers = _repeating(), _party_openers()
        members: dict[str, list[int]] = defaultdict(list)
        for at, variant in enumerate(self.variant):
            if (tag := repeating.get(variant)) is not None:
                members[tag].append(at)
            if variant in openers:
                self._demand_first(variant, -1, self._row(domains[variant], at))
            of_variant = plans.get(variant)
            if of_variant is None:
                continue
            row = self._row(domains[variant], at)
            party = self.qualifier[self.opener[at]] if variant in parties else 0
            if party not in of_variant and party:
                raise UnusualRecordError
            for of_party in {0, party} & of_variant.keys():
                self._demand_first(variant, of_party, row)
                self._fill(self._target(domains[variant], row), self.texts[at], of_variant[of_party])
        self._codes(members["HI"])
        for level, fields in SEGMENT_FIELDS.items():
            self._by_segment(level, members[REPEATING[level]], fields)
        self._adjustments(members["CAS"])
        self._by_segment(Level.TOOTH, members["TOO"], TOOTH_OF_LINE)
        self._by_segment(Level.TOOTH, members["DN2"], TOOTH_OF_CLAIM)
        order = _order()
        return {
            level: [dict(sorted(row.items(), key=lambda item: order[item[0]])) for row in self.made[level]]
            for level in Level
            if self.made.get(level)
        }

    def _open(self) -> None:
        index, opener = self.index, self.index.opener
        self.made[Level.TRANSACTION] = [{}]
        guide = claims_grammar().loop_guide[index.structure.loop[opener[Domain.CLAIM][0]]]
        self.made[Level.CLAIM] = [{"form": "-PID"[int(guide)]}]
        lines = len(opener[Domain.LINE])
        self.made[Level.LINE] = [{"line": at + 1} for at in range(lines)]
        payers = len(opener[Domain.OTHER_PAYER])
        self.made[Level.OTHER_PAYER] = [{"other_payer": at + 1} for at in range(payers)]
        counts: dict[int, int] = defaultdict(int)
        adjudications = self.made[Level.ADJUDICATION] = []
        for line in index.adjudication_line.tolist():
            if line < 0:
                raise UnusualRecordError
            counts[line] += 1
            adjudications.append({"line": line + 1, "adjudication": counts[line]})

    def _row(self, domain: Domain, at: int) -> int:
        """The row of its domain to which a segment belongs."""
        if domain in (Domain.INTERCHANGE, Domain.GROUP):
            row = 0 if at >= self.index.opener[domain][0] else -1
        else:
            opened = self.stages[STAGE_OF[domain]][at]
            row = self.row_at[opened] if opened >= 0 and self.domain_at[opened] == domain else -1
        if row < 0:
            raise UnusualRecordError
        return int(row)

    def _demand_first(self, variant: int, party: int, row: int) -> None:
        """Go on only with the first segment of a variant in a row."""
        key = (variant, party, row)
        if key in self.seen:
            raise UnusualRecordError
        self.seen.add(key)

    def _target(self, domain: Domain, row: int) -> dict[str, Any]:
        return self.made[_LEVEL_OF[domain]][row if domain in _OF_ROWS else 0]

    def _fill(self, target: dict[str, Any], text: list[str], plan: _Plan) -> None:
        size = len(text) - 1
        for slot in plan.slots:
            if slot.element >= size:
                continue
            given = text[slot.element + 1]
            if slot.component and given:
                parts = given.split(self.component)
                given = parts[slot.component - 1] if slot.component <= len(parts) else ""
            if slot.is_padded:
                given = given.rstrip(" ")
            if given:
                self._put(target, slot.name, slot.kind, slot.part, given)
        if plan.channels:
            self._numbers(target, text, plan.channels)

    def _numbers(self, target: dict[str, Any], text: list[str], channels: Mapping[str, str]) -> None:
        """The numbers of a PER, each under its qualifier."""
        found: set[str] = set()
        for named, given in CHANNEL_PAIRS:
            what = text[named + 1] if named + 1 < len(text) else ""
            number = text[given + 1] if given + 1 < len(text) else ""
            if not what and not number:
                continue
            if not what or not number or what not in CHANNELS or what in found:
                raise UnusualRecordError
            found.add(what)
            if what in channels:
                name = channels[what]
                self._put(target, name, field_named(name).kind, "", number)

    def _put(self, target: dict[str, Any], name: str, kind: Kind, part: str, text: str) -> None:
        if name in target:
            raise UnusualRecordError
        value = value_of(kind, part, text)
        if value is not None:
            target[name] = value

    def _codes(self, members: Sequence[int]) -> None:
        """Diagnoses, procedures and NUBC codes: the composites of HI."""
        for at in members:
            self._row(Domain.CLAIM, at)
            for composite in filter(None, self.texts[at][1:]):
                parts = composite.split(self.component)
                level = _code_levels().get(parts[0])
                if level is None:
                    raise UnusualRecordError
                fields = HI_FIELDS[level]
                held = {component for _, component, _ in fields}
                if level is not Level.DIAGNOSIS:
                    held.add(3)
                    _demand_dated(parts)
                if any(part and place not in held for place, part in enumerate(parts, 1)):
                    raise UnusualRecordError
                rows = self.made.setdefault(level, [])
                row: dict[str, Any] = {"position": len(rows) + 1}
                for name, component, part in fields:
                    if component <= len(parts) and parts[component - 1]:
                        self._put(row, name, field_named(name).kind, part, parts[component - 1])
                rows.append(row)

    def _by_segment(
        self, level: Level, members: Sequence[int], fields: Sequence[tuple[str, int, int]]
    ) -> None:
        """Segments that are rows by themselves."""
        last, position = None, 0
        for at in members:
            self._row(Domain.CLAIM, at)
            on_line = _variant_domains()[self.variant[at]] is Domain.LINE
            line = self._row(Domain.LINE, at) + 1 if on_line else None
            position = position + 1 if last == (line,) else 1
            last = (line,)
            row: dict[str, Any] = {"position": position}
            if line is not None:
                row["line"] = line
            text = self.texts[at]
            for name, element, component in fields:
                given = text[element] if element < len(text) else ""
                if component and given:
                    parts = given.split(self.component)
                    given = parts[component - 1] if component <= len(parts) else ""
                if given:
                    self._put(row, name, field_named(name).kind, "", given)
            self.made.setdefault(level, []).append(row)

    def _adjustments(self, members: Sequence[int]) -> None:
        """The triplets of CAS."""
        last, position = None, 0
        for at in members:
            self._row(Domain.CLAIM, at)
            keys: dict[str, Any]
            if _variant_domains()[self.variant[at]] is Domain.OTHER_PAYER:
                keys = {"other_payer": self._row(Domain.OTHER_PAYER, at) + 1}
            else:
                adjudication = self._row(Domain.ADJUDICATION, at)
                keys = self.made[Level.ADJUDICATION][adjudication]
                keys = {"line": keys["line"], "adjudication": keys["adjudication"]}
            text = self.texts[at]
            for triplet in range(TRIPLETS):
                reason, amount, quantity = (
                    text[place] if place < len(text) else ""
                    for place in range(2 + 3 * triplet, 5 + 3 * triplet)
                )
                if not (reason or amount or quantity):
                    continue
                if not reason or not amount:
                    raise UnusualRecordError
                position = position + 1 if last == keys else 1
                last = keys
                row = {**keys, "position": position}
                for name, given in (
                    ("adjustment_group", text[1]), ("adjustment_reason", reason),
                    ("adjustment_amount", amount), ("adjustment_quantity", quantity),
                ):  # fmt: skip
                    if given:
                        self._put(row, name, field_named(name).kind, "", given)
                self.made.setdefault(Level.ADJUSTMENT, []).append(row)


def _demand_one_of_each(index: RowIndex) -> None:
    """Go on only with one claim, and one of each level around it, in order."""
    opener = index.opener
    fits = len(opener[Domain.CLAIM]) == len(opener[Domain.TRANSACTION]) == 1
    fits &= all(len(opener[each]) <= 1 for each in (Domain.INTERCHANGE, Domain.GROUP, *_OUTER))
    if not fits or (index.structure.loop < 0).any():
        raise UnusualRecordError
    links = (
        (Domain.INTERCHANGE, index.transaction_interchange), (Domain.GROUP, index.transaction_group),
        (Domain.TRANSACTION, index.claim_transaction), (Domain.BILLING, index.claim_billing),
        (Domain.SUBSCRIBER, index.claim_subscriber), (Domain.PATIENT, index.claim_patient),
    )  # fmt: skip
    owned = (index.line_claim, index.other_payer_claim)
    if any(link[0] != len(opener[domain]) - 1 for domain, link in links) or any(each.any() for each in owned):
        raise UnusualRecordError


def _demand_covered(segments: Segments, index: RowIndex) -> None:
    """Go on only if fields hold everything, so that no segment would be kept verbatim for itself."""
    structure = index.structure
    if verbatim_segments.uncovered(segments, structure, layout()).any() or len(
        verbatim_segments.other_versions(segments, index)
    ):
        raise UnusualRecordError


def _demand_dated(parts: Sequence[str]) -> None:
    """Component 3 is the format of component 4: a period in BI, else a day."""
    form, value = (parts[at] if at < len(parts) else "" for at in (2, 3))
    if not value:
        fits = not form
    elif parts[0] == "BI":
        fits = form == "RD8" and len(value) == PERIOD_LETTERS
    else:
        fits = form == "D8" and len(value) == DAY_LETTERS
    if not fits:
        raise UnusualRecordError


_LEVEL_OF = {
    Domain.INTERCHANGE: Level.TRANSACTION, Domain.GROUP: Level.TRANSACTION,
    Domain.TRANSACTION: Level.TRANSACTION, Domain.BILLING: Level.CLAIM, Domain.SUBSCRIBER: Level.CLAIM,
    Domain.PATIENT: Level.CLAIM, Domain.CLAIM: Level.CLAIM, Domain.OTHER_PAYER: Level.OTHER_PAYER,
    Domain.LINE: Level.LINE, Domain.ADJUDICATION: Level.ADJUDICATION,
}  # fmt: skip
_OF_ROWS = frozenset({Domain.OTHER_PAYER, Domain.LINE, Domain.ADJUDICATION})
_ROW_KEYS = ("line", "other_payer", "adjudication", "position")


@cache
def _plans() -> dict[int, dict[int, _Plan]]:
    """By variant and party (0 for none), what its segment holds."""
    slots: dict[tuple[int, int], list[_Slot]] = defaultdict(list)
    channels: dict[tuple[int, int], dict[str, str]] = defaultdict(dict)
    for entries in layout().places.values():
        for entry, places in entries:
            is_padded = is_of_header(entry)
            for place in places:
                locator = place.locator
                part = "short" if is_padded and entry.kind is Kind.DATE else locator.part
                for variant in place.variants:
                    key = variant, code(locator.party) if locator.party else 0
                    if locator.channel:
                        channels[key][locator.channel] = entry.name
                    else:
                        slots[key].append(
                            _Slot(entry.name, entry.kind, part, place.element, locator.component, is_padded)
                        )
    plans: dict[int, dict[int, _Plan]] = defaultdict(dict)
    for variant, party in {*slots, *channels}:
        key = variant, party
        plans[variant][party] = _Plan(tuple(slots.get(key, ())), channels.get(key, {}))
    return dict(plans)


@cache
def _variant_domains() -> list[Domain]:
    return [Domain(each) for each in layout().variant_domain[:-1].tolist()]


@cache
def _repeating() -> dict[int, str]:
    """By variant, the tag of segments that are rows by themselves."""
    return {variant: tag for tag, variants in layout().repeating.items() for variant in variants}


@cache
def _party_openers() -> frozenset[int]:
    table = layout()
    return frozenset(
        each for each in range(len(table.grammar.variants)) if verbatim_segments.opens_a_party(table, each)
    )


@cache
def _code_levels() -> dict[str, Level]:
    return {each: level for level, qualifiers in HI_LEVELS.items() for each in qualifiers}


@cache
def _order() -> dict[str, int]:
    """The place of each key and field in a row: that of the dictionary."""
    names = [*_ROW_KEYS, *(name for level in Level for name in schema(level))]
    return {name: at for at, name in enumerate(dict.fromkeys(names))}
