"""Underpayments as somebody may see them: the day of service is a date of the patient, and what was done is
clinical.

What is withheld is given as kinds of field with their reasons: always, and by claim, as labels have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import polars as pl

from claimwright.store.underpayments import Underpayment

Withheld = Mapping[str, str]
# Columns of a dispute by kind of field.
_COLUMNS = {"identity": ("service_on",), "clinical": ("procedure", "modifiers", "basis")}


def seen_underpayments(
    found: Iterable[Underpayment], always: Withheld, by_claim: Mapping[int, Withheld]
) -> tuple[list[Underpayment], dict[str, str]]:
    """The underpayments without what is withheld, and the fields that are, with their reasons.

    The basis names the procedure.
    """
    items, withheld = [], {}
    for each in found:
        hidden = {**by_claim.get(each.claim_key or 0, {}), **always}
        if why := hidden.get("identity"):
            each = replace(each, service_from_on=None)
            withheld["service_from_on"] = why
        if why := hidden.get("clinical"):
            each = replace(each, procedure=None, modifiers=None, basis="")
            withheld |= dict.fromkeys(("procedure", "modifiers", "basis"), why)
        items.append(each)
    return items, withheld


def seen_dispute(packet: pl.DataFrame, always: Withheld, by_claim: Mapping[int, Withheld]) -> pl.DataFrame:
    """A dispute without columns that are always withheld, and without the values that labels withhold."""
    for kind, names in _COLUMNS.items():
        if kind in always:
            packet = packet.drop(names, strict=False)
            continue
        rows = pl.col("claim_key").is_in([key for key, kinds in by_claim.items() if kind in kinds])
        packet = packet.with_columns(
            pl.when(rows).then(None).otherwise(pl.col(name)).alias(name)
            for name in names if name in packet.columns
        )  # fmt: skip
    return packet
