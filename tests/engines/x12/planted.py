"""Reads `planted_faults.txt`: interchanges with one thing wrong, and what must be found in each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from .interchanges import claims, recounted

_HEAD = re.compile(r"(.+) \(([PID])\)$")
_EDIT = re.compile(r"(swap|after|keep) (.+?)( 2nd)? =>(.*)$")
_REPEAT = re.compile(r"\{(\d+) \* (TAB|BLANK|.)\}")
_CHARACTERS = {"TAB": "\t", "BLANK": " "}


@dataclass(frozen=True)
class Planted:
    """One case: its edits, and the faults expected as code, segment id and element."""

    name: str
    form: str
    edits: list[str] = field(default_factory=list)
    expected: list[tuple[str, str, str | None]] = field(default_factory=list)

    def segments(self) -> list[str]:
        """The segments of the interchange, edited."""
        made = claims(self.form)
        for edit in self.edits:
            made = edited(made, edit)
        return made


def edited(segments: list[str], edit: str) -> list[str]:
    """Segments after one edit, in the notation of `planted_faults.txt`."""
    kind, _, number = edit.partition(" ")
    match kind:
        case "lines":
            return _with_lines(segments, int(number))
        case "transactions":
            return _with_transactions(segments, int(number))
        case "interchanges":
            return segments * int(number)
    found = _EDIT.match(edit)
    assert found is not None, edit
    kind, beginning, second, text = found.groups()
    new = [_unfolded(part) for part in text.strip().split(" ~ ")] if text.strip() else []
    at = [number for number, each in enumerate(segments) if each.startswith(beginning)][1 if second else 0]
    if kind == "after":
        return recounted([*segments[: at + 1], *new, *segments[at + 1 :]])
    swapped = [*segments[:at], *new, *segments[at + 1 :]]
    return swapped if kind == "keep" else recounted(swapped)


def _unfolded(text: str) -> str:
    return _REPEAT.sub(lambda found: int(found[1]) * _CHARACTERS.get(found[2], found[2]), text)


def _with_lines(segments: list[str], count: int) -> list[str]:
    first, second = (
        next(at for at, text in enumerate(segments) if text.startswith(tag)) for tag in ("LX*", "HL*3")
    )
    line = ["SV1*HC:99213*100*UN*1***1", "DTP*472*D8*20260115"]
    made = [text for number in range(1, count + 1) for text in (f"LX*{number}", *line)]
    return recounted([*segments[:first], *made, *segments[second:]])


def _with_transactions(segments: list[str], count: int) -> list[str]:
    start, end = (
        next(at for at, text in enumerate(segments) if text.startswith(tag)) for tag in ("ST*", "GE*")
    )
    return [*segments[:start], *segments[start:end] * count, f"GE*{count}*17", segments[-1]]


def read_cases() -> list[Planted]:
    """All cases, in the file's order."""
    text = Path(__file__).with_name("planted_faults.txt").read_text(encoding="utf-8")
    cases: list[Planted] = []
    for line in text.splitlines():
        if line.startswith("  finds "):
            code, segment, *element = line.removeprefix("  finds ").split()
            cases[-1].expected.append((code, segment, element[0] if element else None))
        elif line.startswith("  "):
            cases[-1].edits.append(line.strip())
        elif line and not line.startswith("#"):
            found = _HEAD.match(line)
            assert found is not None, line
            cases.append(Planted(found[1], found[2]))
    return cases
