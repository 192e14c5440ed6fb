"""Denials: what payers refused and why, what to work on first, which clocks run, and what was done."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from claimwright.apps.api.asking import Asking
from claimwright.apps.api.pages import Page, Paging
from claimwright.apps.api.resources import Resource
from claimwright.features.denials import (
    Clock,
    RuleValue,
    WorkGroup,
    WorkItem,
    clocks_of,
    rule_values,
    work_groups,
    work_list,
)
from claimwright.features.remittance import (
    DenialSheet,
    WeighedDenial,
    decide_denial,
    denial_sheet,
    weighed_denials,
)
from claimwright.foundation import clock

routes = Resource("denials", "Denials: worth, clocks, next steps")
State = Literal["open", "resubmitted", "appealed", "won", "lost", "billed_on", "written_off"]
Wanted = Annotated[State | Literal["all"], Query(description="`all` for every one.")]
Word = Annotated[str | None, Query(pattern=r"^[a-z0-9_-]{1,60}$")]
AsOf = Annotated[datetime.date | None, Query(description="The day to judge by. Default: today.")]


class NewState(BaseModel):
    """The new state of a denial, and why."""

    state: State
    reason: str = Field(min_length=8, max_length=200, description="About the work, not the patient.")


@routes.get("/denials", action="denials.list")
def every(
    asker: Asking,
    state: Wanted = "open",
    category: Word = None,
    cause: Word = None,
    claim_key: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    as_of: AsOf = None,
) -> list[WeighedDenial]:
    """Denials in force in any state, those with the highest expected recovery first; amounts are cents."""
    with asker.services.database.transaction(asker.caller) as connection:
        found = weighed_denials(
            connection, as_of or clock.today(), state=None if state == "all" else state, category=category,
            root_cause=cause, claim_key=claim_key, facilities=asker.facilities,
        )  # fmt: skip
    return found[:limit]


@routes.get("/denials/work", action="denials.list")
def work(
    asker: Asking,
    page: Paging,
    cause: str | None = None,
    step: str | None = None,
    as_of: AsOf = None,
) -> Page[WorkItem]:
    """Open denials in the order in which to work them: expected recovery by the day that is left."""
    with asker.services.database.transaction(asker.caller) as connection:
        found = work_list(
            asker.caller, connection, as_of or clock.today(), asker.services.sealer,
            facilities=asker.facilities, root_cause=cause, next_step=step, after=page.after or 0,
            limit=page.limit,
        )  # fmt: skip
    return page.page(found, lambda each: each.rank)


@routes.get("/denials/groups", action="denials.list")
def groups(asker: Asking, as_of: AsOf = None) -> list[WorkGroup]:
    """The same denials by cause and next step: one fix for many claims, those worth most first."""
    with asker.services.database.transaction(asker.caller) as connection:
        return work_groups(
            asker.caller, connection, as_of or clock.today(), asker.services.sealer,
            facilities=asker.facilities,
        )  # fmt: skip


@routes.get("/denials/rule-value", action="denials.list")
def value(asker: Asking) -> list[RuleValue]:
    """Which findings at submission predicted which denials: precision, dollars denied and prevented."""
    with asker.services.database.transaction(asker.caller) as connection:
        return rule_values(asker.caller, connection, facilities=asker.facilities)


@routes.get("/denials/{denial_id}/clocks", action="denials.list", errors=("not_found",))
def clocks(asker: Asking, denial_id: int, as_of: AsOf = None) -> list[Clock]:
    """Every clock of a denial, with its law, its start, its last day and the days left."""
    with asker.services.database.transaction(asker.caller) as connection:
        return clocks_of(
            asker.caller, connection, denial_id, as_of or clock.today(), asker.services.sealer,
            facilities=asker.facilities,
        )  # fmt: skip


@routes.get("/denials/{denial_id}", action="denials.list")
def one(asker: Asking, denial_id: int, as_of: AsOf = None) -> DenialSheet:
    """One denial: its cause in words, its clocks with their law, its worth, the next step."""
    with asker.services.database.transaction(asker.caller) as connection:
        return denial_sheet(connection, denial_id, as_of or clock.today(), facilities=asker.facilities)


@routes.post(
    "/denials/{denial_id}/state", action="denials.decide", errors=("reason_needed", "unusable_input")
)
def decide(asker: Asking, denial_id: int, wanted: NewState) -> DenialSheet:
    """Set the state of a denial. It moves no money: a write-off is posted first, in the ledger."""
    with asker.services.database.transaction(asker.caller) as connection:
        decide_denial(
            asker.caller, connection, denial_id, wanted.state, reason=wanted.reason,
            facilities=asker.facilities,
        )  # fmt: skip
        return denial_sheet(connection, denial_id, clock.today(), facilities=asker.facilities)
