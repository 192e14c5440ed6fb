"""837 files made from the guides themselves: every loop, segment, element and code that a guide allows.

What is drawn is legal by the guide, and means nothing: it is for readers and writers, not for rules. A file
is drawn by a seed and a few knobs, so that Hypothesis can find one and say which it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from claimwright.engines.x12.guides.guide import ElementSpec, Guide, Loop, SegmentNode, SyntaxNote, load_guide
from claimwright.engines.x12.syntax.tokenizer import DEFAULT_DELIMITERS, Delimiters

GUIDES = {"P": "837P", "I": "837I", "D": "837D"}
# Letters and marks of the basic and extended character sets, less the usual delimiters.
PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 !\"&'()+,-./;?=%@[]_{}\\|<>#$"
# What other delimiters leave free, and what only UTF-8 can write.
WILD = PLAIN + "*:^~`ÄéßŁ名字€"
Composite = list[str]
Segment = list["str | Composite"]


@dataclass(frozen=True)
class Knobs:
    """How much of what a guide allows is drawn, and from which characters."""

    likelihood: float = 0.3
    alphabet: str = PLAIN
    billing: int = 2
    claims: int = 2
    lines: int = 3


knobs = st.builds(
    Knobs,
    likelihood=st.sampled_from([0.0, 0.1, 0.3, 0.6, 0.95]),
    billing=st.integers(1, 3),
    claims=st.integers(1, 3),
    lines=st.integers(1, 4),
)
seeds = st.integers(0, 2**32 - 1)
forms = st.sampled_from("PID")


class Maker:
    """Draws the segments of one file."""

    def __init__(self, seed: int, knobs: Knobs) -> None:
        self.random = np.random.Generator(np.random.PCG64(seed))
        self.knobs = knobs
        self.level = 0
        self.line = 0
        self.drawn: list[Segment] = []

    # Dice.

    def likely(self) -> bool:
        return bool(self.random.random() < self.knobs.likelihood)

    def upto(self, most: int) -> int:
        return int(self.random.integers(1, most + 1))

    def one_of(self, choices: str | tuple[str, ...]) -> str:
        return str(choices[int(self.random.integers(len(choices)))])

    def of(self, characters: str, count: int) -> str:
        return "".join(characters[at] for at in self.random.integers(len(characters), size=count))

    # The file.

    def file(self, forms: str) -> list[Segment]:
        """An interchange with a group for each form, in each of them one or two transactions."""
        stamp = ["20261122", "0101"]
        out: list[Segment] = []
        for group, form in enumerate(forms, 1):
            guide = load_guide(GUIDES[form])
            out.append(["GS", "HC", "SENDER", "RECEIVER", *stamp, str(group), "X", guide.writes])
            count = self.upto(2)
            for number in range(1, count + 1):
                out += self.transaction(guide, f"{number:04d}")
            out.append(["GE", str(count), str(group)])
        isa: Segment = [
            "ISA",
            "00",
            " " * 10,
            "00",
            " " * 10,
            "ZZ",
            f"{'SENDER':15}",
            "ZZ",
            f"{'RECEIVER':15}",
        ]
        isa += ["261122", "0101", "^", "00501", "000000017", "0", "T", ":"]
        return [isa, *out, ["IEA", str(len(forms)), "000000017"]]

    def transaction(self, guide: Guide, control: str) -> list[Segment]:
        """ST to SE."""
        self.drawn = [["ST", "837", control, guide.writes]]
        self.level = 0
        header = guide.loop("HEADER")
        self.segment(next(node for node in header.nodes if node.segment == "BHT"))
        for name in ("1000A", "1000B"):
            self.loop(guide, guide.loop(name))
        for _ in range(self.upto(self.knobs.billing)):
            self.billing(guide)
        self.drawn.append(["SE", str(len(self.drawn) + 1), control])
        return self.drawn

    def billing(self, guide: Guide) -> None:
        number = self.hl("", "20")
        self.drawn[number][4] = "1"
        self.own_segments(guide.loop("2000A"))
        self.parties(guide, "2000A")
        above = str(self.level)
        for _ in range(self.upto(2)):
            self.subscriber(guide, above)

    def subscriber(self, guide: Guide, above: str) -> None:
        is_patient = self.random.random() < 0.5
        at = self.hl(above, "22")
        above = str(self.level)
        self.own_segments(guide.loop("2000B"))
        sbr = next(segment for segment in self.drawn[at:] if segment[0] == "SBR")
        sbr[2:3] = ["18" if is_patient else ""]
        _trim(sbr)
        self.parties(guide, "2000B", whole=is_patient)
        if is_patient:
            self.claims(guide)
            return
        self.drawn[at][4] = "1"
        for _ in range(self.upto(2)):
            self.hl(above, "23")
            self.own_segments(guide.loop("2000C"))
            self.parties(guide, "2000C")
            self.claims(guide)

    def hl(self, above: str, code: str) -> int:
        self.level += 1
        self.drawn.append(["HL", str(self.level), above, code, "0"])
        return len(self.drawn) - 1

    def claims(self, guide: Guide) -> None:
        for _ in range(self.upto(self.knobs.claims)):
            self.line = 0
            self.loop(guide, guide.loop("2300"))

    # Loops and segments.

    def parties(self, guide: Guide, name: str, *, whole: bool = False) -> None:
        """The loops directly inside a level of the hierarchy, but for levels and claims."""
        for loop in guide.children(name):
            if loop.opener.segment == "NM1":
                for _ in range(self.times(loop.usages[loop.parents.index(name)], loop.max_repeat)):
                    # A subscriber who is the patient has an address, a birth date and a sex.
                    self.loop(guide, loop, whole=whole and loop.name == "2010BA")

    def loop(self, guide: Guide, loop: Loop, *, whole: bool = False) -> None:
        self.own_segments(loop, whole=whole)
        for child in guide.children(loop.name):
            if child.opener.segment == "HL":
                continue
            for _ in range(self.times(child.usages[child.parents.index(loop.name)], child.max_repeat)):
                self.loop(guide, child)

    def own_segments(self, loop: Loop, *, whole: bool = False) -> None:
        for node in loop.nodes:
            if node.segment in ("HL", "ST", "SE"):
                continue
            usage = "R" if whole and node.segment in ("N3", "N4", "DMG") else node.usage
            for _ in range(self.times(usage, node.max_use)):
                self.segment(node)

    def times(self, usage: str, most: int) -> int:
        if usage == "N" or (usage == "S" and not self.likely()):
            return 0
        return self.upto(min(most, self.knobs.lines if most > 20 else 3)) if most > 1 else 1

    def segment(self, node: SegmentNode) -> None:
        filled = self.presence(node.elements, node.notes)
        made: Segment = [node.segment]
        for place, spec in enumerate(node.elements):
            made.append(self.element(node, spec, made) if filled[place] else "")
        self.adapt(node, made)
        _trim(made)
        self.drawn.append(made)

    def presence(self, specs: tuple[ElementSpec, ...], notes: tuple[SyntaxNote, ...] = ()) -> list[bool]:
        """Which elements are there: the required, some of the others, and what belongs together."""
        filled = [spec.usage == "R" or (spec.usage == "S" and self.likely()) for spec in specs]
        # What repeats side by side is filled from the left, as a list is.
        for place in range(1, len(specs)):
            if specs[place] == specs[place - 1] and specs[place].usage == "S":
                filled[place] &= filled[place - 1]
        if not any(filled):
            # A segment, or a composite, without anything in it is none.
            filled[next(place for place, spec in enumerate(specs) if spec.usage != "N")] = True
        for _ in range(len(specs)):
            for note in notes:
                _satisfy(note, filled, specs)
        return filled

    def element(self, node: SegmentNode, spec: ElementSpec, so_far: Segment) -> str | Composite:
        if spec.components:
            filled = self.presence(spec.components)
            parts: Composite = []
            for place, component in enumerate(spec.components):
                parts.append(self.value(component, parts[-1] if parts else "") if filled[place] else "")
            while parts and not parts[-1]:
                parts.pop()
            return parts
        before = so_far[-1] if len(so_far) > 1 else ""
        return self.value(spec, before if isinstance(before, str) else "")

    def value(self, spec: ElementSpec, before: str) -> str:
        """A value of an element; `before` is the one in front of it, which may say how it is written."""
        if spec.number == "1251":
            return self.moment(before)
        if spec.codes:
            return self.one_of(spec.codes)
        match spec.type:
            case "R" | "N0":
                whole = self.upto(min(spec.max_length, 6))
                number = str(int(self.of("123456789", whole)))
                is_whole = spec.type == "N0" or spec.max_length < whole + 2 or self.likely()
                return number if is_whole else f"{number}.{self.of('0123456789', self.upto(2))}"
            case "DT":
                return self.day() if spec.max_length >= 8 else self.day()[2:]
            case "TM":
                return self.time()
            case "ID":
                return self.of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", self.length(spec))
        text = self.of(self.knobs.alphabet, self.length(spec)).strip()
        return text.ljust(spec.min_length, "X") if text else "X" * max(spec.min_length, 1)

    def length(self, spec: ElementSpec) -> int:
        most = min(spec.max_length, max(spec.min_length, 24))
        return int(self.random.integers(max(spec.min_length, 1), most + 1))

    def day(self) -> str:
        return str(np.datetime64("1930-01-01") + int(self.random.integers(0, 35_000))).replace("-", "")

    def time(self) -> str:
        return f"{self.random.integers(24):02d}{self.random.integers(60):02d}"

    def moment(self, kind: str) -> str:
        match kind:
            case "RD8":
                first, last = sorted((self.day(), self.day()))
                return f"{first}-{last}"
            case "DT":
                return self.day() + self.time()
            case "TM":
                return self.time()
        return self.day()

    def adapt(self, node: SegmentNode, made: Segment) -> None:
        """What no single element can know of the others."""
        match made[0]:
            case "NM1" if made[1:3] == ["IL", "1"] and not made[8]:
                # A subscriber who is a person has a number; an employer need not.
                made[8], made[9] = (self.value(spec, "") for spec in node.elements[7:9])
            case "LX":
                self.line += 1
                made[1] = str(self.line)
            case "CLM":
                # Only an original: a replacement has to name what it replaces.
                assert isinstance(made[5], list)
                made[5][2] = "1"
            case "N4":
                # A place in the United States: state and postal code, no country.
                made[2:5] = ["MD", "212011234", ""]
                if len(made) > 7:
                    made[7] = ""


def _satisfy(note: SyntaxNote, filled: list[bool], specs: tuple[ElementSpec, ...]) -> None:
    places = [position - 1 for position in note.positions if position <= len(specs)]
    held = [place for place in places if filled[place]]
    usable = [place for place in places if specs[place].usage != "N"]
    match note.kind:
        case "P" if held and len(held) < len(places):
            for place in places:
                filled[place] = True
        case "R" if not held:
            filled[usable[0]] = True
        case "E" if len(held) > 1:
            for place in held[1:]:
                filled[place] = specs[place].usage == "R"
        case "C" if filled[places[0]]:
            for place in places[1:]:
                filled[place] = True
        case "L" if filled[places[0]] and len(held) == 1:
            filled[next(place for place in usable if place != places[0])] = True


def _trim(segment: Segment) -> None:
    while len(segment) > 1 and not segment[-1]:
        segment.pop()


def encode(
    segments: list[Segment], delimiters: Delimiters = DEFAULT_DELIMITERS, between: str = "\n"
) -> bytes:
    """The segments as a file."""
    element, component, repetition, terminator = (mark.decode() for mark in delimiters.as_bytes())
    lines = []
    for segment in segments:
        if segment[0] == "ISA":
            segment = [*segment[:11], repetition, *segment[12:16], component]
        parts = [component.join(part) if isinstance(part, list) else part for part in segment]
        lines.append(element.join(parts) + terminator + between)
    return "".join(lines).encode()


def made(seed: int, knobs: Knobs, forms: str) -> list[Segment]:
    """The segments of the file of this seed."""
    return Maker(seed, knobs).file(forms)
