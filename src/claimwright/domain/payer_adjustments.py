"""Adjustments of other payers as people write them: `CO-45 20.00, PR-2 16.00 x2`, one text for a place.

A claim has them as rows, a reason each (2320 CAS and 2430 CAS). A person copies them from an EOB as a list,
and a change replaces the list as a whole: reasons have no number that anybody would name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from .batch import empty_frame
from .dictionary import Field, Kind, Level

# Group and reason, amount, and the units where some were adjusted.
_ONE = re.compile(
    r"(?P<group>CO|PR|OA|PI|CR)-(?P<reason>[A-Z0-9]{1,5})\s+\$?(?P<amount>-?\d{1,13}(?:\.\d{1,2})?)"
    r"(?:\s+X\s?(?P<units>-?\d{1,9}(?:\.\d{1,3})?))?"
)
HOW = "write adjustments as CO-45 20.00, PR-2 16.00."

# What a change may name beside the fields of the dictionary, each at the level of the row that has the list.
LISTS: Mapping[str, Field] = {
    each.name: each
    for each in (
        Field("other_payer_adjustments", Level.OTHER_PAYER, Kind.TEXT,
              "Other payer: adjustments of the whole claim", {"PID": "2320/CAS"}),
        Field("line_adjustments", Level.ADJUDICATION, Kind.TEXT,
              "Line adjudication: adjustments", {"PID": "2430/CAS"}),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One reason with its group, its amount in dollars, and the units adjusted."""

    group: str
    reason: str
    amount: Decimal
    units: Decimal | None = None

    def __str__(self) -> str:
        units = "" if self.units is None else f" x{self.units.normalize():f}"
        return f"{self.group}-{self.reason} {self.amount:.2f}{units}"


def read_adjustments(text: str | None) -> list[Adjustment]:
    """The adjustments of a text, those of a group together, as each CAS has one group.

    Raises:
        ValueError: a part is no adjustment.
    """
    found: dict[str, list[Adjustment]] = {}
    for part in re.split(r"[,;]", (text or "").upper()):
        if not part.strip():
            continue
        one = _ONE.fullmatch(part.strip())
        if one is None:
            raise ValueError(HOW)
        units = Decimal(one["units"]).quantize(Decimal("0.001")) if one["units"] else None
        adjustment = Adjustment(
            one["group"], one["reason"], Decimal(one["amount"]).quantize(Decimal("0.01")), units
        )
        found.setdefault(adjustment.group, []).append(adjustment)
    return [each for group in found.values() for each in group]


def listed(adjustments: Iterable[Adjustment]) -> str | None:
    """The text of adjustments; None of none."""
    return ", ".join(map(str, adjustments)) or None


def replaced(
    adjustments: pl.DataFrame, name: str, place: tuple[int, int | None, int | None], new: Sequence[Adjustment]
) -> tuple[pl.DataFrame, list[Adjustment]]:
    """The adjustments of claims with those of one list replaced, and those that were there.

    `place` is the claim, the line and the number of the payer or of its decision, as a change has it.
    """
    claim, line, number = place
    is_of_payer = LISTS[name].level is Level.OTHER_PAYER
    keys = {
        "claim": claim,
        "line": line,
        "other_payer": number if is_of_payer else None,
        "adjudication": None if is_of_payer else number,
    }
    here = pl.all_horizontal(pl.col(key).eq_missing(pl.lit(value)) for key, value in keys.items())
    old = [
        Adjustment(*row)
        for row in adjustments.filter(here)
        .select("adjustment_group", "adjustment_reason", "adjustment_amount", "adjustment_quantity")
        .iter_rows()
    ]
    own = empty_frame(Level.ADJUSTMENT)
    rows = [
        {
            **keys, "position": position, "adjustment_group": each.group, "adjustment_reason": each.reason,
            "adjustment_amount": each.amount, "adjustment_quantity": each.units,
        }
        for position, each in enumerate(new, 1)
    ]  # fmt: skip
    added = pl.DataFrame(rows, schema=own.schema) if rows else own
    order = [*keys, "position"]
    return pl.concat([adjustments.filter(~here), added]).sort(order, maintain_order=True), old
