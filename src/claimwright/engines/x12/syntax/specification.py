"""The guides' element rules as flat arrays, so that a whole block is checked by a few lookups.

Every element and component of every node is one row. Rows of a node are consecutive and begin at `first`, so
that element `i` of a segment has the row `first[node] + i`. An index of -1 (a segment that the guide doesn't
have) gives a row that reports no fault.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cache

import numpy as np
import numpy.typing as npt

from claimwright.engines.x12.guides.guide import NOT_USED, ElementSpec, SegmentNode
from claimwright.engines.x12.native.widths import LENGTHS

from .grammar import Grammar, Table
from .tokenizer import Ints, code

_CODES_NAMED = 12
"""At most this many allowed codes are listed in a message."""


class Verdict(IntEnum):
    """The result for a value's length under its row: a fault, or which check of the value must follow."""

    FINE = 0
    MISSING = 1
    TOO_SHORT = 2
    TOO_LONG = 3
    NOT_USED = 4
    TOO_MANY = 5
    LONG = 6
    CODE = 7
    REAL = 8
    WHOLE = 9
    DATE = 10
    TIME = 11
    DATED = 12
    COMPOSITE = 13
    # Depends on the value, not on its length: a simple element that contains the component separator.
    SEPARATED = 14


_BY_TYPE = {"R": Verdict.REAL, "N0": Verdict.WHOLE, "DT": Verdict.DATE, "TM": Verdict.TIME}
# Digits before and after the point of an amount and of a quantity, where the standard has 18 and 15 in total.
# Source: ASC X12N 005010X222, X223, X224, X221: B.1.1.3.1.2, decimal; X12 RFI 1526 and 2072.
_DIGITS = {"782": (8, 2), "380": (8, 3)}
_ANY_DIGITS = (2**31 - 1, 2**31 - 1)
# A quantity of another length than the standard's is a ratio, with as many decimals as it needs: the weight
# of a DRG in an 835 (CLP12, TS216) has four.
_QUANTITY, _QUANTITY_LENGTH = "380", 15
# Elements whose format is in the element before, 1250.
_DATED_ELEMENT = "1251"


def _digits(spec: ElementSpec) -> tuple[int, int]:
    """The digits that a number may have before and after its point."""
    if spec.number == _QUANTITY and spec.max_length != _QUANTITY_LENGTH:
        return _ANY_DIGITS
    return _DIGITS.get(spec.number, _ANY_DIGITS)


@dataclass(frozen=True, eq=False)
class Specification:
    """Element rules of all nodes. Arrays over nodes have one extra entry, for node -1."""

    first: Ints
    """Row of a node's first element."""
    count: Ints
    """How many elements a node defines."""
    last_required: Ints
    """Ordinal from 1 of a node's last required element; 0 if it has none."""
    verdict: npt.NDArray[np.uint8]
    """By row and length, flat: `verdict[row * LENGTHS + min(length, LENGTHS - 1)]`."""
    least: Ints
    most: Ints
    whole: Ints
    """By row of a decimal number: how many digits are allowed before the point, and after it."""
    decimals: Ints
    code_set: Ints
    """By row: the set of allowed codes; -1 for any value."""
    code_key: npt.NDArray[np.uint64]
    """By row: the key to which a code's value is joined for the lookup in `allowed`."""
    code_texts: tuple[str, ...]
    """By set of codes: the allowed codes, in words."""
    repeats: Ints
    part_first: Ints
    """By row of a composite: row of its first component."""
    part_count: Ints
    part_last_required: Ints
    required: npt.NDArray[np.bool_]
    allowed: Table
    """Every code: the key of its set joined to its value."""
    unknown: int
    """The row of an element without a definition."""
    beyond: int
    """The row of an element after the last that is defined."""


@cache
def specification(rules: Grammar) -> Specification:
    """The element rules of the envelope and the guides of a transaction set."""
    return _Builder().build(rules.nodes)


class _Builder:
    """Builds the rows: elements node by node, then the components of all composites."""

    def __init__(self) -> None:
        self.specs: list[ElementSpec] = []
        self.settled: list[bool] = []

    def add(self, specs: tuple[ElementSpec, ...], settled: int) -> int:
        """Append rows; `settled` is the ordinal of the element whose code is already checked, or 0."""
        first = len(self.specs)
        self.specs += specs
        self.settled += [ordinal == settled for ordinal in range(1, len(specs) + 1)]
        return first

    def build(self, nodes: tuple[SegmentNode, ...]) -> Specification:
        first, composites = [], []
        for node in nodes:
            first.append(self.add(node.elements, 0 if node.qualifier_component else node.qualifier_element))
            for ordinal, spec in enumerate(node.elements, 1):
                if spec.components:
                    # The component that identifies the node already has one of its codes.
                    settled = node.qualifier_component if ordinal == node.qualifier_element else 0
                    composites.append((first[-1] + ordinal - 1, spec.components, settled))
        part_first = {row: self.add(components, settled) for row, components, settled in composites}
        unknown = self.add((_ANYTHING, NOT_USED), 0)
        return self.arrays(nodes, [*first, unknown], part_first, unknown)

    def arrays(
        self, nodes: tuple[SegmentNode, ...], first: list[int], part_first: dict[int, int], unknown: int
    ) -> Specification:
        # Equal specs are one object: their rows are computed once, and copied.
        keys = [(id(spec), settled) for spec, settled in zip(self.specs, self.settled, strict=True)]
        alike = dict(zip(keys, self.specs, strict=True))
        number = {key: place for place, key in enumerate(alike)}
        row = np.array([number[key] for key in keys])
        specs = alike.values()
        sets: dict[tuple[str, ...], int] = {}
        for spec in specs:
            if spec.codes:
                sets.setdefault(spec.codes, len(sets))
        code_set = _ints([sets.get(spec.codes, -1) for spec in specs])[row]
        verdicts = b"".join(_verdicts(spec, settled) for (_, settled), spec in alike.items())
        verdict = np.frombuffer(verdicts, dtype=np.uint8).reshape(-1, LENGTHS)[row]
        verdict[unknown + 1, 1:] = Verdict.TOO_MANY
        return Specification(
            first=_ints(first),
            count=_ints([*(len(node.elements) for node in nodes), 0]),
            last_required=_ints([*(_last_required(node.elements) for node in nodes), 0]),
            verdict=verdict.reshape(-1),
            least=_ints([spec.min_length for spec in specs])[row],
            most=_ints([spec.max_length for spec in specs])[row],
            whole=_ints([_digits(spec)[0] for spec in specs])[row],
            decimals=_ints([_digits(spec)[1] for spec in specs])[row],
            code_set=code_set,
            code_key=(code_set + 1).astype(np.uint64) << np.uint64(32),
            code_texts=tuple(_wording(values) for values in sets),
            repeats=_ints([spec.repeats for spec in specs])[row],
            part_first=_ints([part_first.get(place, unknown) for place in range(len(row))]),
            part_count=_ints([len(spec.components) for spec in specs])[row],
            part_last_required=_ints([_last_required(spec.components) for spec in specs])[row],
            required=np.array([spec.usage == "R" for spec in specs], dtype=np.bool_)[row],
            allowed=Table({(n + 1) << 32 | code(value): 1 for values, n in sets.items() for value in values}),
            unknown=unknown,
            beyond=unknown + 1,
        )


_ANYTHING = ElementSpec(number="-", usage="S", type="AN", min_length=0, max_length=2**31 - 1)


def _verdicts(spec: ElementSpec, settled: bool) -> bytes:
    """The verdict for each length of a value, one byte each."""
    if spec is _ANYTHING:
        return _run(Verdict.FINE, LENGTHS)
    if spec.usage == "N":
        return _run(Verdict.FINE, 1) + _run(Verdict.NOT_USED, LENGTHS - 1)
    empty = _run(Verdict.MISSING if spec.usage == "R" else Verdict.FINE, 1)
    if spec.components:
        return empty + _run(Verdict.COMPOSITE, LENGTHS - 1)
    look = _BY_TYPE.get(spec.type, Verdict.FINE)
    if spec.codes and max(map(len, spec.codes)) <= 4:
        look = Verdict.FINE if settled else Verdict.CODE
    elif spec.number == _DATED_ELEMENT:
        look = Verdict.DATED
    # A sign and a decimal point don't count towards a number's length.
    most = spec.max_length + {Verdict.REAL: 2, Verdict.WHOLE: 1}.get(look, 0)
    beyond = Verdict.TOO_LONG if most < LENGTHS - 1 else Verdict.LONG
    return (
        empty
        + _run(Verdict.TOO_SHORT, spec.min_length - 1)
        + _run(look, min(most, LENGTHS - 2) - max(spec.min_length, 1) + 1)
        + _run(Verdict.TOO_LONG, LENGTHS - 2 - min(most, LENGTHS - 2))
        + _run(beyond, 1)
    )


def _run(verdict: Verdict, lengths: int) -> bytes:
    return bytes([verdict]) * lengths


def _wording(values: tuple[str, ...]) -> str:
    if len(values) > _CODES_NAMED:
        return f"not among the guide's {len(values)} codes"
    return f"not {' or '.join(values)}"


def _last_required(specs: tuple[ElementSpec, ...]) -> int:
    return max((ordinal for ordinal, spec in enumerate(specs, 1) if spec.usage == "R"), default=0)


def _ints(values: list[int]) -> Ints:
    return np.array(values, dtype=np.int32)
