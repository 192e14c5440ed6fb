"""Denials: what to work on first, and which clocks run."""

from __future__ import annotations

import datetime
from typing import Annotated

from fastapi import Query

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
from claimwright.foundation import clock

routes = Resource("denials", "Denials: worth, clocks, next steps")
AsOf = Annotated[datetime.date | None, Query(description="The day to judge by. Default: today.")]


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
