"""Templates for the segments that are written from fields, created from the layout that is used for reading.

Text is built with control characters as separators (`ELEMENT`, `COMPONENT`); they are replaced by the
delimiters of the interchange at the end, when it is known which delimiters no value contains.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cache

import polars as pl

from claimwright.domain.dictionary import Kind, Level
from claimwright.engines.x12.guides.guide import ElementSpec, SegmentNode
from claimwright.engines.x12.syntax.grammar import qualifier_place
from claimwright.engines.x12.syntax.writing import ELEMENT, composite, value_text

from .layout import CHANNELS, FORMATS, GUIDE_OF_FORM, Domain, FieldPlace, domain_of, layout

# Claims, lines, other payers and line adjudications have one row each in their frames.
_LOOPS_OF_ROWS = ("2300", "2320", "2400", "2430")


@dataclass(frozen=True, slots=True)
class Slot:
    """One field in a segment."""

    name: str
    kind: Kind
    element: int
    component: int
    part: str
    channel: str


@dataclass(frozen=True, slots=True)
class Template:
    """A segment that is written from fields of one level."""

    form: str
    level: Level
    domain: Domain
    loop: str
    node: SegmentNode
    order: int
    """The position of the node in its loop."""
    qualifier: str
    slots: tuple[Slot, ...]
    occurrence: int = 0
    """The repetition of the loop that has it: parties that share a loop have one each."""
    opens: bool = False
    """Whether it opens its loop: then it is written if anything of the loop is."""
    inside: tuple[str, ...] = ()
    """For an opening segment: the fields of the other segments of its loop."""
    continues: bool = False
    """Whether it is a contact's second PER, with the number that does not fit in the first."""

    @property
    def is_each_row(self) -> bool:
        """Whether it begins every row of its frame, even a row without any values."""
        return self.opens and self.loop in _LOOPS_OF_ROWS

    @property
    def names(self) -> list[str]:
        """The fields from which it is written."""
        return [slot.name for slot in self.slots]

    @property
    def label(self) -> pl.Expr:
        """As `segment_name` of a verbatim segment; with a field's value if that is the qualifier."""
        tag = self.node.segment
        at = qualifier_place(tag)[0] - 1
        telling = next((slot.name for slot in self.slots if slot.element == at and not slot.component), None)
        if self.qualifier:
            return pl.lit(f"{tag}[{self.qualifier}]")
        return pl.format("{}[{}]", pl.lit(tag), pl.col(telling)) if telling and at >= 0 else pl.lit(tag)

    def text(self) -> pl.Expr:
        """The segment, without its terminator."""
        filled: dict[int, pl.Expr] = {}
        by_element: dict[int, list[Slot]] = defaultdict(list)
        for slot in self.slots:
            if not slot.channel:
                by_element[slot.element].append(slot)
        for element, slots in by_element.items():
            filled[element] = _element(slots, self.node.elements[element])
        filled.update(self._constants(filled))
        if self.node.segment == "DTP":
            filled[1], filled[2] = _period(self.slots, self.node)
        parts = [pl.lit(self.node.segment)]
        last = max(filled, default=-1)
        parts += [filled[place].fill_null("") if place in filled else pl.lit("") for place in range(last + 1)]
        text = pl.concat_str(parts, separator=ELEMENT)
        text = pl.concat_str([text, *self._channels()])
        return text.str.strip_chars_end(ELEMENT)

    def held(self) -> pl.Expr:
        """Whether a row has a value for this segment, or for the loop that it opens."""
        if self.is_each_row:
            return pl.lit(True)
        if self.continues:
            return self.overflows()
        return pl.any_horizontal(pl.col(name).is_not_null() for name in (*self.names, *self.inside))

    def overflows(self) -> pl.Expr:
        """Whether a contact has more numbers than fit in a PER."""
        if not self.has_every_channel:
            return pl.lit(False)
        return pl.all_horizontal(pl.col(slot.name).is_not_null() for slot in self.slots if slot.channel)

    @property
    def has_every_channel(self) -> bool:
        """Whether it is a PER whose kinds of numbers are all fields."""
        return {slot.channel for slot in self.slots} >= set(CHANNELS)

    def _channels(self) -> list[pl.Expr]:
        """The numbers of a PER, each after its qualifier. An extension follows its telephone number.

        If there are more than fit in a PER, the last one is alone in a second PER.
        """
        said = {
            slot.channel: pl.format(
                "{}{}{}{}", pl.lit(ELEMENT), pl.lit(slot.channel), pl.lit(ELEMENT), pl.col(slot.name)
            ).fill_null("")
            for slot in self.slots
            if slot.channel
        }
        if not said:
            return []
        if self.continues:
            return [pl.lit(ELEMENT), said[CHANNELS[-1]]]
        if self.has_every_channel:
            said[CHANNELS[-1]] = pl.when(self.overflows()).then(pl.lit("")).otherwise(said[CHANNELS[-1]])
        extension = said.get("EX", pl.lit(""))
        is_alone = said.get("TE", pl.lit("")) == ""
        said["EX"] = pl.when(is_alone).then(pl.lit("")).otherwise(extension)
        ordered = [said[channel] for channel in CHANNELS if channel in said]
        # An extension can't be first either: without a telephone number it follows any other number.
        return [*ordered, pl.when(is_alone).then(extension).otherwise(pl.lit(""))]

    def _constants(self, filled: dict[int, pl.Expr]) -> dict[int, pl.Expr]:
        made: dict[int, pl.Expr] = {}
        tells = FORMATS.get(self.node.segment, {})
        for place, spec in enumerate(self.node.elements):
            if place in filled or spec.components or len(spec.codes) != 1 or spec.usage == "N":
                continue
            if self.node.segment == "PER" and place > 0:
                continue
            if place in tells:
                if tells[place] in filled:
                    made[place] = pl.when(filled[tells[place]].is_not_null()).then(pl.lit(spec.codes[0]))
            elif spec.usage == "R":
                made[place] = pl.lit(spec.codes[0])
        if self.qualifier:
            at = qualifier_place(self.node.segment)[0] - 1
            if at not in filled:
                made[at] = pl.lit(self.qualifier)
        return made


def _element(slots: list[Slot], spec: ElementSpec) -> pl.Expr:
    if slots[0].component:
        parts = {slot.component: value_text(slot.name, slot.kind) for slot in slots}
        for number, component in enumerate(spec.components, 1):
            if number not in parts and component.usage == "R" and len(component.codes) == 1:
                parts[number] = pl.lit(component.codes[0])
        return composite(parts)
    return value_text(slots[0].name, slots[0].kind)


def _period(slots: tuple[Slot, ...], node: SegmentNode) -> tuple[pl.Expr, pl.Expr]:
    """Format and value of a DTP: a day, a period, a day with its time, or a time."""
    by_part = {slot.part: slot for slot in slots}
    allowed = node.elements[1].codes
    start = by_part.get("from") or by_part.get("day") or by_part.get("")
    timed = by_part.get("time") or by_part.get("hour")
    time = pl.col(timed.name) if timed else pl.lit(None, dtype=pl.String)
    if start is None:
        return pl.lit("TM"), time
    day = value_text(start.name, Kind.DATE)
    if "to" in by_part:
        last = value_text(by_part["to"].name, Kind.DATE)
        single = (last.is_null() | (last == day)) if "D8" in allowed else pl.lit(False)
        end = pl.coalesce(last, day)
        period = pl.concat_str([pl.coalesce(day, last), end], separator="-")
        return pl.when(single).then(pl.lit("D8")).otherwise(pl.lit("RD8")), pl.when(single).then(
            day
        ).otherwise(period)
    with_time = pl.concat_str([day, time])
    return (
        pl.when(time.is_not_null()).then(pl.lit("DT")).otherwise(pl.lit("D8")),
        pl.coalesce(with_time, day),
    )


@cache
def templates(form: str) -> tuple[Template, ...]:
    """Every segment that is written from fields of claims, lines, other payers and line adjudications."""
    return tuple(template for template in _all_templates(form) if template.level is not Level.TRANSACTION)


@cache
def heading_templates(form: str) -> tuple[Template, ...]:
    """The submitter's and the receiver's segments, in order."""
    found = [template for template in _all_templates(form) if template.loop in ("1000A", "1000B")]
    return tuple(sorted(found, key=lambda template: (template.loop, template.order)))


_Where = tuple[Level, str, str, str, tuple[str, ...]]


def _all_templates(form: str) -> tuple[Template, ...]:
    table = layout()
    groups: dict[_Where, list[tuple[str, Kind, FieldPlace]]] = defaultdict(list)
    for level, entries in table.places.items():
        for entry, places in entries:
            for place in places:
                if place.form == form and place.domain > Domain.GROUP:
                    at = place.locator
                    where = (level, at.loop, at.party, at.tag, at.qualifiers)
                    groups[where].append((entry.name, entry.kind, place))
    made = []
    for (level, loop, party, _, qualifiers), members in groups.items():
        variant = members[0][2].variants[0]
        number, qualifier = table.grammar.variants[variant]
        node = table.grammar.nodes[number]
        slots = tuple(
            Slot(
                name, kind, place.element, place.locator.component, place.locator.part, place.locator.channel
            )
            for name, kind, place in members
        )
        one = qualifier if len(qualifiers) <= 1 else ""
        order, occurrence = node_order(node, form), _party_order(form, loop, party)
        inside = [
            name
            for other, fields in groups.items()
            if other[:3] == (level, loop, party)
            for name, _, _ in fields
        ]
        opens = order == 0
        made.append(
            Template(
                form, level, domain_of(loop), loop, node, order, one, slots, occurrence, opens,
                tuple(dict.fromkeys(inside)) if opens else (),
            )
        )  # fmt: skip
        if made[-1].has_every_channel and node.max_use != 1:
            numbers = tuple(slot for slot in slots if slot.channel)
            made.append(replace(made[-1], slots=numbers, continues=True))
    return tuple(made)


def _party_order(form: str, loop: str, party: str) -> int:
    """The position of a party among those that share a loop."""
    guide = layout().grammar.guides[layout().grammar.guide_number(GUIDE_OF_FORM[form])]
    return guide.loop(loop).opener.qualifiers.index(party) if party else 0


@cache
def labels_of(form: str, loop: str) -> dict[str, int]:
    """The position in the loop by `segment_name`, for all variants of a loop."""
    rules = layout().grammar
    number = rules.loop_number(GUIDE_OF_FORM[form], loop)
    found = {}
    for node_number, qualifier in rules.variants:
        if rules.node_loop[node_number] == number:
            node = rules.nodes[node_number]
            found[f"{node.segment}[{qualifier}]" if qualifier else node.segment] = node_order(node, form)
    return found


def node_order(node: SegmentNode, form: str) -> int:
    """The position of a node among the segments of its loop."""
    guide = layout().grammar.guides[layout().grammar.guide_number(GUIDE_OF_FORM[form])]
    return guide.loop(node.loop).nodes.index(node)
