"""The work list: open denials in order of what a day of waiting costs, each with its clock and next step.

Order: expected recovery divided by the days that the clock leaves. So what is worth little but ends tomorrow
comes before what is worth more and can wait. Without a clock, and beyond `_FAR` days, a denial counts as one
with `_FAR` days left.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import polars as pl

from claimwright.domain.caller import Caller
from claimwright.engines.deadlines import Override
from claimwright.engines.denials import grouped, load_causes
from claimwright.platform.database import Connection
from claimwright.store.denial_work import denials_at_work
from claimwright.store.sealed_claims import Opens

from .weighing import in_order, rows_of, weighed

_FAR = 90
WorkSort = Literal[
    "amount", "-amount", "due_on", "-due_on", "expected_recovery", "-expected_recovery"
]  # fmt: skip
_SORT_COLUMNS = {name: name for name in ("amount", "due_on", "expected_recovery")}


@dataclass(frozen=True)
class WorkItem:
    """A denial to work on. `rank` is its place by what is worth most per day left, from 1.

    `due_on` is the last day of the clock of the next step, `law` the law that sets it; null if no clock is
    known. `per_day` is the expected recovery divided by the days left. `known` names what the claim said that
    matters, such as `had_authorization`.
    """

    rank: int
    denial_id: int
    claim_key: int | None
    facility: str | None
    line: int | None
    payer_id: str | None
    category: str
    root_cause: str
    stage: str
    group_code: str | None
    carc: str | None
    rarcs: str | None
    denied_on: datetime.date | None
    amount: Decimal | None
    expected_recovery: Decimal | None
    per_day: Decimal | None
    probability: float | None
    probability_from: str
    probability_source: str | None
    next_step: str
    reason: str
    clock: str | None
    law: str | None
    due_on: datetime.date | None
    days_left: int | None
    known: str | None


@dataclass(frozen=True)
class WorkGroup:
    """One cause and one fix: the denials that are worked on together. `fix` says how.

    `preventable`: a check before submission could have prevented it; null if the cause is not known.
    """

    root_cause: str
    next_step: str
    denials: int
    claims: int
    amount: Decimal | None
    expected_recovery: Decimal | None
    first_due_on: datetime.date | None
    name: str
    fix: str
    preventable: bool | None


def work_list(
    caller: Caller,
    connection: Connection,
    as_of: datetime.date,
    opener: Opens | None = None,
    *,
    facilities: Sequence[str] | None = None,
    root_cause: str | None = None,
    next_step: str | None = None,
    denied_from: datetime.date | None = None,
    denied_to: datetime.date | None = None,
    sort: WorkSort | None = None,
    after: int = 0,
    limit: int = 100,
    overrides: Sequence[Override] = (),
) -> list[WorkItem]:
    """Open denials in force, from the place after `after`: in the order of `sort`; without it what is worth
    most per day left first.

    `denied_from`, `denied_to`: the first and the last day.
    `opener` as for `claimwright.features.denials.weighing.weighed`.

    Raises:
        PhiError: a record of a claim can't be opened.
    """
    denials = denials_at_work(connection, facilities=facilities, denied_from=denied_from, denied_to=denied_to)
    rows, _ = weighed(caller, connection, denials, as_of, opener, overrides)
    if root_cause is not None:
        rows = rows.filter(pl.col("root_cause") == root_cause)
    if next_step is not None:
        rows = rows.filter(pl.col("next_step") == next_step)
    days = pl.coalesce(pl.col("days_left").clip(0, _FAR - 1), _FAR - 1) + 1
    cents = (pl.col("expected_recovery") * 100).cast(pl.Int64)
    shown = (
        rows.with_columns(per_day=((cents // days).cast(pl.Decimal(18, 2)) / 100).cast(pl.Decimal(18, 2)))
        .sort("per_day", "denial", descending=[True, False], nulls_last=True)
        .with_row_index("rank", offset=1)
    )
    if sort is not None:
        shown = in_order(shown, sort, _SORT_COLUMNS)
    return [WorkItem(**row) for row in rows_of(shown.slice(after, limit), WorkItem)]


def denial_prospects(
    caller: Caller,
    connection: Connection,
    denial_ids: Sequence[int],
    as_of: datetime.date,
    overrides: Sequence[Override] = (),
) -> pl.DataFrame:
    """`denial`, `due_on` and `chance` of open denials. No claim is opened.

    `due_on` is the last day of the next step's clock, null where none is known; `chance` what that clock
    leaves of the chance to recover the amount.
    """
    denials = denials_at_work(connection, denial_ids=denial_ids)
    rows, _ = weighed(caller, connection, denials, as_of, None, overrides)
    return rows.select("denial", "due_on", chance=pl.col("probability") * pl.col("clock_factor"))


def work_groups(
    caller: Caller,
    connection: Connection,
    as_of: datetime.date,
    opener: Opens | None = None,
    *,
    facilities: Sequence[str] | None = None,
    denied_from: datetime.date | None = None,
    denied_to: datetime.date | None = None,
    overrides: Sequence[Override] = (),
) -> list[WorkGroup]:
    """The same denials by cause and next step, those worth most first; of the days from first to last."""
    denials = denials_at_work(connection, facilities=facilities, denied_from=denied_from, denied_to=denied_to)
    return groups_of(weighed(caller, connection, denials, as_of, opener, overrides)[0])


def groups_of(rows: pl.DataFrame) -> list[WorkGroup]:
    """Weighed denials by cause and next step, those worth most first."""
    causes = load_causes()
    counted = grouped(
        rows.with_columns(payment="answer_id", claim=pl.coalesce("claim_key", -pl.col("denial_id")))
    )
    made = []
    for row in counted.iter_rows(named=True):
        cause = causes.by_code.get(row["root_cause"])
        made.append(
            WorkGroup(
                **row,
                name=cause.name if cause else row["root_cause"],
                fix=cause.fix if cause else "",
                preventable=cause.preventable if cause else None,
            )
        )
    return made
