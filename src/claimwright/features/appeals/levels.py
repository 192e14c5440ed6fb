"""The levels of appeal that a denial can go through, with the cases that there are, their clocks and
states.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from claimwright.store import appeals as rows
from claimwright.store.denial_work import denial_with_id

from .eligibility import LEVELS

if TYPE_CHECKING:
    from claimwright.platform.database import Connection


@dataclass(frozen=True)
class LevelOfAppeal:
    """A level: its case, if it has one. Its clock runs from the decision before it to `due_on`."""

    level: int
    name: str
    case_id: int | None
    state: str | None
    decision_before_on: datetime.date | None
    due_on: datetime.date | None
    sent_on: datetime.date | None
    decided_on: datetime.date | None


def levels_of(connection: Connection, case: rows.AppealCase) -> list[LevelOfAppeal]:
    """Every level of the case's kind of payer, in order."""
    cases: dict[int, rows.AppealCase] = {}
    for each in rows.list_cases(connection, denial_id=case.denial_id):
        known = cases.get(each.level)
        # Of several at a level, such as one that was withdrawn, the newest.
        if known is None or each.case_id > known.case_id:
            cases[each.level] = each
    cases[case.level] = case
    denial = denial_with_id(connection, case.denial_id).to_dicts()
    names = LEVELS.get(case.payer_kind or "other", LEVELS["other"])
    made = []
    before = denial[0]["denied_on"] if denial else None
    for level in range(1, max(len(names), *cases) + 1):
        one = cases.get(level)
        name = (one.level_name if one else None) or (
            names[level - 1] if level <= len(names) else f"level {level}"
        )
        made.append(
            LevelOfAppeal(
                level, name, one.case_id if one else None, one.state if one else None, before,
                one.due_on if one else None,
                one.sent_at.date() if one is not None and one.sent_at is not None else None,
                one.decided_on if one else None,
            )
        )  # fmt: skip
        before = one.decided_on if one is not None else None
    return made
