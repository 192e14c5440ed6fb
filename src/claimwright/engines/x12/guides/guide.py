"""The implementation guides as data: segments, repetitions, elements, codes.

There is one text file per guide in `guides/`. Its lines, after `#` comments:
    guide 837P transaction=837 versions=005010X222,... writes=005010X222A2
    codes claim-filing = 11,12,13
    loop 2010AA parent=2000A usage=R max=1
      0350 REF[EI,SY] R 1 : 128 R =EI,SY | 127 R 1-50

- `writes` is the version that we write; the others are read as well.
- A loop names its parents, its usage under each (one letter if all agree: R required, S
  situational), and how often it may repeat (`*`: without limit). `at=` is its position in the parent,
  given only for the hierarchical loops, for which the standard restarts from zero.
- A segment line is one *node*: position in the standard, segment id, the qualifier values that
  distinguish it from its siblings, usage, maximum uses in one loop, then its elements. Order is checked
  between positions and not within one, because the standard gives none there.
- An element is `number usage [min-max] [=codes or =@named codes] [*repeats]`; `-` is an element
  that the guide does not use; `12 x ...` means twelve equal elements; `C023 R ( ... )` is a composite.
  Lengths and type come from `guides/elements.tsv` unless narrowed.
- After `;` come relational conditions in the standard's own notation: `P0809` is paired or
  multiple, `R` at least one, `E` at most one, `C` if the first then all, `L` if the first then one.

`guides/segments.tsv` has the number of elements that the standard defines for each segment or composite, and
the element that contains a segment's qualifier.

Facts come from the ASC X12N 005010X222, X223, X224 implementation guides and the 005010 standard.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Literal

from claimwright.foundation.errors import CatalogError

Usage = Literal["R", "S", "N"]

UNBOUNDED = 2**31 - 1
"""The `max` of loops and segments that may repeat without limit."""

_ENVELOPE = "envelope"


class GuideError(CatalogError, ValueError):
    """A guide file can't be parsed; the message names file and line."""


@dataclass(frozen=True, slots=True)
class ElementSpec:
    """One element, component or composite of a segment.

    `number` is the data element's number (`782`), or the composite's (`C023`), whose parts are then
    in `components`. `type` is AN, ID, N0, R, DT, TM, or C for a composite. Lengths count
    characters, without sign and decimal point for numbers. An empty `codes` accepts any value.
    """

    number: str
    usage: Usage
    type: str
    min_length: int
    max_length: int
    codes: tuple[str, ...] = ()
    repeats: int = 1
    components: tuple[ElementSpec, ...] = ()


NOT_USED = ElementSpec(number="-", usage="N", type="AN", min_length=0, max_length=0)


@dataclass(frozen=True, slots=True)
class SyntaxNote:
    """A relational condition between the elements of a segment: kind P, R, E, C or L, 1-based positions."""

    kind: str
    positions: tuple[int, ...]

    def __str__(self) -> str:
        return self.kind + "".join(f"{position:02d}" for position in self.positions)


@dataclass(frozen=True, slots=True)
class SegmentNode:
    """One segment variant of one loop. `index` counts over the whole guide, in the guide's order.

    `qualifiers` is empty if the segment id alone identifies the node; else element `qualifier_element`
    contains one of them (component `qualifier_component`, 0 if it isn't a composite).
    """

    index: int
    loop: str
    segment: str
    qualifiers: tuple[str, ...]
    qualifier_element: int
    qualifier_component: int
    usage: Usage
    max_use: int
    position: int
    elements: tuple[ElementSpec, ...]
    notes: tuple[SyntaxNote, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop: its parents with the usage under each, repetition, position in the parent, segments."""

    index: int
    name: str
    parents: tuple[str, ...]
    usages: tuple[Usage, ...]
    max_repeat: int
    position: int
    nodes: tuple[SegmentNode, ...]

    @property
    def opener(self) -> SegmentNode:
        """The segment that opens the loop."""
        return self.nodes[0]


@dataclass(frozen=True, slots=True)
class Guide:
    """One implementation guide. `nodes` are all segments of all loops, `nodes[i].index == i`."""

    name: str
    transaction: str
    versions: tuple[str, ...]
    writes: str
    loops: tuple[Loop, ...]
    nodes: tuple[SegmentNode, ...]
    _by_name: dict[str, Loop] = field(repr=False, compare=False)

    def loop(self, name: str) -> Loop:
        """The loop with that name; KeyError if the guide has none."""
        return self._by_name[name]

    def children(self, name: str) -> tuple[Loop, ...]:
        """The loops that may be directly inside loop `name`, in order."""
        return tuple(loop for loop in self.loops if name in loop.parents)


@cache
def load_guide(name: str) -> Guide:
    """Read a guide by name, such as 837P. Raises GuideError if its file is malformed."""
    file = f"{name}.guide"
    return parse_guide(_text(file), file)


@cache
def envelope_guide(functional_group: str) -> Guide:
    """The guide of interchange and group, whose GS01 is the one of a transaction set."""
    file = f"{_ENVELOPE}.guide"
    return parse_guide(_text(file).replace("=@functional-group", f"={functional_group}"), file)


def parse_guide(text: str, file: str) -> Guide:
    """Parse the text of a guide file. `file` is only used in the message of a GuideError."""
    reader = _Reader(file)
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.split("#", 1)[0].strip()
        if stripped:
            try:
                reader.take(stripped)
            except (GuideError, KeyError, ValueError, IndexError) as problem:
                raise GuideError(f"{file}, line {number}: {problem}") from problem
    return reader.finish()


@cache
def all_guides() -> tuple[Guide, ...]:
    """The guides of all transaction sets, in the order of their names."""
    files = sorted(file.name for file in resources.files(__package__).iterdir())
    names = [name.removesuffix(".guide") for name in files if name.endswith(".guide")]
    return tuple(load_guide(name) for name in names if name != _ENVELOPE)


def guide_for_version(version: str) -> Guide | None:
    """The guide of any transaction set that a version such as 005010X222A1 names, or None."""
    return next((guide for guide in all_guides() if version in guide.versions), None)


@cache
def element_types() -> dict[str, tuple[str, int, int]]:
    """Data element number -> type, minimum and maximum length in characters, for release 005010."""
    rows = (line.split("\t") for line in _text("elements.tsv").splitlines()[1:])
    return {number: (kind, int(least), int(most)) for number, kind, least, most in rows}


@cache
def qualifier_positions() -> dict[str, tuple[int, int]]:
    """Segment id -> (element, component) of its qualifier; component 0: a simple element."""
    found = {}
    for segment, _, place in _segments():
        if place != "-":
            element, _, component = place.partition("-")
            found[segment] = (int(element), int(component or 0))
    return found


@cache
def element_counts() -> dict[str, int]:
    """Segment id, or composite's number -> number of elements, or components, in release 005010."""
    return {segment: int(count) for segment, count, _ in _segments()}


def _segments() -> list[list[str]]:
    return [line.split("\t") for line in _text("segments.tsv").splitlines()[1:]]


def _text(file: str) -> str:
    return (resources.files(__package__) / file).read_text(encoding="ascii")


_LOOP = re.compile(r"loop (\S+) parent=(\S+) usage=([RS](?:,[RS])*) max=(\d+|\*)(?: at=(\d+))?$")
_NODE = re.compile(r"(\d{4}) ([A-Z][A-Z0-9]{1,2})(?:\[([^\]]+)\])? ([RS]) (\d+|\*) : (.+)$")
_ELEMENT = re.compile(r"(\S+) ([RSN])(?: (\d+)-(\d+))?(?: =(\S+))?(?: \*(\d+))?$")
_COMPOSITE = re.compile(r"(C\d{3}) ([RSN])(?: \*(\d+))? \( (.+) \)$")
_TIMES = re.compile(r"(\d+) x (.+)$")
_NOTE = re.compile(r"([PRECL])((?:\d\d){2,})$")


class _Reader:
    """Collects the lines of one guide file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.head: dict[str, str] = {}
        self.codes: dict[str, tuple[str, ...]] = {}
        self.loops: list[tuple[re.Match[str], list[SegmentNode]]] = []
        self.count = 0
        self.specs: dict[str, ElementSpec] = {"-": NOT_USED}

    def take(self, line: str) -> None:
        word = line.split(" ", 1)[0]
        if word == "guide":
            _, name, *pairs = line.split()
            self.head = {"name": name, **dict(pair.split("=", 1) for pair in pairs)}
        elif word == "codes":
            name, _, values = line.removeprefix("codes ").partition(" = ")
            self.codes[name] = tuple(values.split(","))
        elif word == "loop":
            self.loops.append((_match(_LOOP, line, "a loop"), []))
        elif not self.loops:
            raise GuideError("a segment is before the first loop")
        else:
            self.loops[-1][1].append(self.node(_match(_NODE, line, "a segment"), self.loops[-1][0].group(1)))

    def node(self, found: re.Match[str], loop: str) -> SegmentNode:
        position, segment, qualifiers, usage, most, rest = found.groups()
        body, _, notes = rest.partition(" ; ")
        element, component = qualifier_positions()[segment] if qualifiers else (0, 0)
        self.count += 1
        return SegmentNode(
            index=self.count - 1,
            loop=loop,
            segment=segment,
            qualifiers=tuple(qualifiers.split(",")) if qualifiers else (),
            qualifier_element=element,
            qualifier_component=component,
            usage=_usage(usage),
            max_use=_most(most),
            position=int(position),
            elements=_to_standard(segment, tuple(self.elements(body))),
            notes=tuple(_note(note) for note in notes.split()),
        )

    def elements(self, body: str) -> Iterator[ElementSpec]:
        for part in _split(body):
            times = _TIMES.match(part)
            yield from [self.element(times.group(2))] * int(times.group(1)) if times else [self.element(part)]

    def element(self, text: str) -> ElementSpec:
        spec = self.specs.get(text)
        if spec is None:
            spec = self.specs[text] = self.composite(text) if "(" in text else self.simple(text)
        return spec

    def composite(self, text: str) -> ElementSpec:
        number, usage, repeats, body = _match(_COMPOSITE, text, "a composite").groups()
        parts = _to_standard(number, tuple(self.elements(body)))
        return ElementSpec(number, _usage(usage), "C", 0, 0, (), int(repeats or 1), parts)

    def simple(self, text: str) -> ElementSpec:
        number, usage, least, most, codes, repeats = _match(_ELEMENT, text, "an element").groups()
        if number not in element_types():
            raise GuideError(f"data element {number} is not in elements.tsv")
        kind, low, high = element_types()[number]
        values: tuple[str, ...] = ()
        if codes:
            values = self.codes[codes[1:]] if codes.startswith("@") else tuple(codes.split(","))
        return ElementSpec(
            number, _usage(usage), kind, int(least or low), int(most or high), values, int(repeats or 1)
        )

    def finish(self) -> Guide:
        if not self.head or not self.loops:
            raise GuideError(f"{self.file}: there is no guide line, or no loop")
        loops = tuple(self.loop(index, *entry) for index, entry in enumerate(self.loops))
        names = {loop.name: loop for loop in loops}
        if len(names) != len(loops):
            raise GuideError(f"{self.file}: a loop is defined twice")
        for loop in loops:
            unknown = [parent for parent in loop.parents if parent not in names]
            if unknown:
                raise GuideError(f"{self.file}: loop {loop.name} has an unknown parent {unknown[0]}")
        return Guide(
            name=self.head["name"],
            transaction=self.head["transaction"],
            versions=tuple(self.head["versions"].split(",")),
            writes=self.head["writes"],
            loops=loops,
            nodes=tuple(node for loop in loops for node in loop.nodes),
            _by_name=names,
        )

    def loop(self, index: int, found: re.Match[str], nodes: list[SegmentNode]) -> Loop:
        name, parents, usages, most, place = found.groups()
        if not nodes:
            raise GuideError(f"{self.file}: loop {name} has no segment")
        above = () if parents == "-" else tuple(parents.split(","))
        given = tuple(_usage(usage) for usage in usages.split(","))
        return Loop(
            index=index,
            name=name,
            parents=above,
            usages=given if len(given) > 1 else given * max(1, len(above)),
            max_repeat=_most(most),
            position=int(place) if place else nodes[0].position,
            nodes=tuple(nodes),
        )


def _split(body: str) -> list[str]:
    """Split at the bars outside parentheses."""
    if "(" not in body:
        return body.split(" | ")
    parts: list[str] = []
    depth = 0
    for piece in body.split(" | "):
        if depth:
            parts[-1] += " | " + piece
        else:
            parts.append(piece)
        depth += piece.count("(") - piece.count(")")
    return parts


def _match(pattern: re.Pattern[str], line: str, what: str) -> re.Match[str]:
    found = pattern.match(line)
    if found is None:
        raise GuideError(f"this is not {what}: {line[:60]}")
    return found


def _to_standard(name: str, given: tuple[ElementSpec, ...]) -> tuple[ElementSpec, ...]:
    """The elements, followed by the remaining ones of the standard, which the guide doesn't use."""
    return given + (NOT_USED,) * (element_counts()[name] - len(given))


def _usage(letter: str) -> Usage:
    return "R" if letter == "R" else "S" if letter == "S" else "N"


def _most(text: str) -> int:
    return UNBOUNDED if text == "*" else int(text)


def _note(text: str) -> SyntaxNote:
    kind, digits = _match(_NOTE, text, "a relational condition").groups()
    return SyntaxNote(kind, tuple(int(digits[at : at + 2]) for at in range(0, len(digits), 2)))
