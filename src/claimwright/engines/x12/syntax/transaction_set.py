"""What is particular to a transaction set, as a value that the set brings: 837, 835, 277CA, 278, ...

`syntax` and `checks` know no set by name. From this description they learn which guides a file may follow,
where a stream may be cut into blocks, and which segments open what is numbered: the unit (a claim) and its
lines. docs/recipes/add_a_transaction_set.md goes through it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Level:
    """A level around the units of a transaction, such as a subscriber: it is repeated for the next block.

    `tag` opens it; `code` is what its qualifier must be (HL03, for one), empty where the tag alone tells.
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
        unit: the segment that opens what is read, counted and cut by: CLM in an 837, CLP in an 835.
        line: the segment that opens a service line inside a unit; empty where there are none.
        levels: the levels around a unit, from the outermost inwards.
    """

    identifier: str
    functional_group: str
    guides: tuple[str, ...]
    unit: str
    line: str = ""
    levels: tuple[Level, ...] = ()
