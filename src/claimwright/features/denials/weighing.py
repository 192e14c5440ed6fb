"""The work list: open denials in order of what a day of waiting costs, each with its clocks and next step.

Order: expected recovery divided by the days that the clock leaves. So what is worth little but ends tomorrow
comes before what is worth more and can wait. Without a clock, and beyond `_FAR` days, a denial counts as one
with `_FAR` days left.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from claimwright.domain.caller import Caller
from claimwright.domain.payer_kinds import COMMERCIAL, PAYER_KINDS_OF_FILING
from claimwright.engines.deadlines import Override, clocks
from claimwright.engines.denials import appeal_model_cases, grouped, load_causes, weigh
from claimwright.engines.denials.model_cases import SOURCE
from claimwright.features.prediction import appeal_outcome_model
from claimwright.features.remittance import DenialNotFoundError
from claimwright.platform.database import Connection
from claimwright.store.denial_work import denials_at_work
from claimwright.store.sealed_claims import Opens

from .facts import deadline_facts, with_claim_facts, with_known_causes

_FAR = 90
# The appeal-outcome model is about reviews that these payers do not have.
_NO_MODEL = sorted(set(PAYER_KINDS_OF_FILING) - set(COMMERCIAL))


@dataclass(frozen=True)
class WorkItem:
    """A denial to work on. `rank` is its place in the list, from 1.

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
    """One cause and one fix: the denials that are worked on together. `fix` says how."""

    root_cause: str
    next_step: str
    denials: int
    claims: int
    amount: Decimal | None
    expected_recovery: Decimal | None
    first_due_on: datetime.date | None
    name: str
    fix: str


@dataclass(frozen=True)
class Clock:
    """A clock of a denial; `days_left` is 0 on the last day. `needs` is what the law asks for beside time."""

    clock: str
    name: str
    kind: str
    level: int | None
    law: str
    starts_with: str
    start_on: datetime.date
    due_on: datetime.date
    days_left: int
    is_lapsed: bool
    minimum_amount: Decimal | None
    is_below_minimum: bool | None
    needs: str | None
    filed: str
    is_contract: bool


def work_list(
    caller: Caller,
    connection: Connection,
    as_of: datetime.date,
    opener: Opens | None = None,
    *,
    facilities: Sequence[str] | None = None,
    root_cause: str | None = None,
    next_step: str | None = None,
    after: int = 0,
    limit: int = 100,
    overrides: Sequence[Override] = (),
) -> list[WorkItem]:
    """Open denials in force, what is worth most per day left first, from the place after `after`.

    Without `opener`, no claim is opened: what a claim said at submission is then not known, and no clock of
    State law runs. A record of a claim is read for yes or no only; none of its values is returned.

    Raises:
        PhiError: a record of a claim can't be opened.
    """
    rows, _ = _weighed(caller, connection, as_of, opener, overrides, facilities=facilities)
    if root_cause is not None:
        rows = rows.filter(pl.col("root_cause") == root_cause)
    if next_step is not None:
        rows = rows.filter(pl.col("next_step").cast(pl.String) == next_step)
    shown = rows.with_row_index("rank", offset=1).slice(after, limit)
    return [WorkItem(**row) for row in _fields(shown, WorkItem).iter_rows(named=True)]


def work_groups(
    caller: Caller,
    connection: Connection,
    as_of: datetime.date,
    opener: Opens | None = None,
    *,
    facilities: Sequence[str] | None = None,
    overrides: Sequence[Override] = (),
) -> list[WorkGroup]:
    """The same denials by cause and next step, those worth most first."""
    rows, _ = _weighed(caller, connection, as_of, opener, overrides, facilities=facilities)
    causes = load_causes()
    counted = grouped(
        rows.with_columns(payment="answer_id", claim=pl.coalesce("claim_key", -pl.col("denial_id")))
    )
    made = []
    for row in counted.iter_rows(named=True):
        cause = causes.by_code.get(row["root_cause"])
        made.append(
            WorkGroup(**row, name=cause.name if cause else row["root_cause"], fix=cause.fix if cause else "")
        )
    return made


def clocks_of(
    caller: Caller,
    connection: Connection,
    denial_id: int,
    as_of: datetime.date,
    opener: Opens | None = None,
    *,
    facilities: Sequence[str] | None = None,
    overrides: Sequence[Override] = (),
) -> list[Clock]:
    """Every clock of a denial, in order of its last day.

    Raises:
        DenialNotFoundError: there is no such denial, or it is no longer in force.
    """
    rows = denials_at_work(connection, denial_id=denial_id, state=None, facilities=facilities)
    if not rows.height:
        raise DenialNotFoundError(f"there is no denial {denial_id} in force.")
    found = running_clocks(with_claim_facts(caller, connection, rows, opener), as_of, overrides)
    return [Clock(**row) for row in found.drop("denial").iter_rows(named=True)]


def running_clocks(
    denials: pl.DataFrame, as_of: datetime.date, overrides: Sequence[Override] = ()
) -> pl.DataFrame:
    """The clocks of denials with their facts, as `claimwright.engines.deadlines.clocks` describes them."""
    found = clocks(deadline_facts(denials), as_of, overrides)
    return found.unique(["denial", "clock", "due_on"], keep="first", maintain_order=True)


def _weighed(
    caller: Caller,
    connection: Connection,
    as_of: datetime.date,
    opener: Opens | None,
    overrides: Sequence[Override],
    *,
    facilities: Sequence[str] | None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The weighed denials in the order of the list, and their clocks."""
    denials = denials_at_work(connection, facilities=facilities)
    denials = with_known_causes(with_claim_facts(caller, connection, denials, opener))
    found = running_clocks(denials, as_of, overrides)
    weighed = weigh(
        denials, found, _probabilities(denials, as_of.year),
        has_next_payer=denials.select("denial", "next_payer"),
    )  # fmt: skip
    laws = found.select("denial", "clock", "law").unique(["denial", "clock"], maintain_order=True)
    days = pl.coalesce(pl.col("days_left").clip(0, _FAR - 1), _FAR - 1) + 1
    cents = (pl.col("expected_recovery") * 100).cast(pl.Int64)
    return (
        weighed.drop("next_payer")
        .join(laws, on=["denial", "clock"], how="left", maintain_order="left")
        .with_columns(
            denial_id="denial",
            group_code="group",
            next_step=pl.col("next_step").cast(pl.String),
            per_day=((cents // days).cast(pl.Decimal(18, 2)) / 100).cast(pl.Decimal(18, 2)),
        )
        .sort("per_day", "denial", descending=[True, False], nulls_last=True),
        found,
    )


def _probabilities(denials: pl.DataFrame, year: int) -> pl.DataFrame:
    """What the appeal-outcome model says of the denials that it is about."""
    asked = denials.filter(pl.col("claim_filing").is_in(_NO_MODEL).fill_null(value=False).not_())
    cases = appeal_model_cases(asked, year=year)
    chance = appeal_outcome_model().probability(cases).tolist() if cases.height else []
    return cases.select("denial", probability=pl.Series(chance, dtype=pl.Float64), source=pl.lit(SOURCE))


def _fields(frame: pl.DataFrame, kind: type[Any]) -> pl.DataFrame:
    return frame.select(list(kind.__dataclass_fields__))
