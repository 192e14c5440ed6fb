"""Who may see which figures, whatever way they are asked: one place for the API, the commands and the
library.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from claimwright.engines.kpis.definition import Kpi
from claimwright.platform.database import Connection
from claimwright.platform.identity import list_accounts

from .answering import KpiAnswer
from .packed_sums import PackedSums

_ACTION_OF = {"ledger": "ledger.read", "staff": "analytics.staff"}
_CLINICAL = ("diagnosis_group", "procedure_group")
StaffNames = dict[str, str]


@dataclass(frozen=True)
class SeenFigures:
    """What an asker may see.

    `may` says whether an action is permitted; `shows` whether a kind of field is (`clinical`, `identity`).
    """

    may: Callable[[str], bool]
    shows: Callable[[str], bool]

    def refusal(self, kpi: Kpi, dimensions: Sequence[str] = ()) -> str | None:
        """Why a figure is not for them; None if it is."""
        action = _ACTION_OF.get(kpi.needs)
        if action and not self.may(action):
            return f"{kpi.name} is for those who may {action}."
        if "staff" in dimensions and not self.may("analytics.staff"):
            return "figures of people are for those who may analytics.staff."
        if set(dimensions) & set(_CLINICAL) and not self.shows("clinical"):
            return "groups of diagnoses and procedures are for those who may see what was done."
        return None

    @property
    def hide_small(self) -> bool:
        """Whether small counts are hidden: from those who may not see who the patients are."""
        return not self.shows("identity")


def dimension_values(connection: Connection, dimension: str, facilities: Sequence[str] | None) -> list[str]:
    """The values that a dimension has."""
    return PackedSums(connection).values(dimension, facilities)


def named_staff(connection: Connection, figure: KpiAnswer) -> KpiAnswer:
    """The figure with the names of accounts in place of their numbers."""
    if "staff" not in figure.group_by:
        return figure
    names = {each.actor: each.name for each in list_accounts(connection, limit=10_000)}
    rows = [
        replace(each, group={**each.group, "staff": names.get(each.group["staff"], each.group["staff"])})
        for each in figure.rows
    ]
    return replace(figure, rows=rows)
