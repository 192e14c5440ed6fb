"""The properties of a transaction set, as a value that the set provides: 837, 835, 277CA, 278, ...

`syntax` and `checks` do not depend on a particular set. They read from this description which guides a file
may follow, where a stream may be split into blocks, and which segments open numbered parts: the unit (a
claim) and its lines. See docs/recipes/add_a_transaction_set.md.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Level:
    """An outer level of the units of a transaction, such as a subscriber: it is repeated for the next block.

    `tag` opens it; `code` is its required qualifier (for example HL03), empty if the tag alone identifies it.
    """

    tag: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class TransactionSet:
    """One transaction set.

    Attributes:
        identifier: ST01, data element 143.
        functional_group: GS01, data element 479.
        guides: the names of its guides in `guides/`, without `.guide`.
        unit: the segment that opens the unit of counting and splitting: CLM in an 837, CLP in an 835.
        line: the segment that opens a service line inside a unit; empty if there are none.
        levels: the outer levels of a unit, from the outermost inwards.
    """

    identifier: str
    functional_group: str
    guides: tuple[str, ...]
    unit: str
    line: str = ""
    levels: tuple[Level, ...] = ()
