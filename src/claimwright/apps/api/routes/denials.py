"""Denials: what payers refused and why, what to work on first, which clocks run, and what was done."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Annotated, Literal

from fastapi import Query, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from claimwright.apps.api.asking import Asker, Asking
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.pages import Page, Paging
from claimwright.apps.api.resources import Resource
from claimwright.apps.api.scope import Day, OneFacility
from claimwright.apps.api.uploads import SCANNED, scanned_text
from claimwright.assembly.reviews import gather
from claimwright.domain.denial_states import DenialState
from claimwright.features.denials import (
    THRESHOLDS,
    AppealOdds,
    Clock,
    ContractTime,
    DenialSheet,
    DenialSort,
    PostedRejections,
    ProposedRule,
    RuleValue,
    WeighedDenial,
    WorkGroup,
    WorkItem,
    WorkSort,
    appeal_odds,
    clocks_of,
    decide_denial,
    denial_sheet,
    end_contract_clock,
    give_alerts,
    list_denials,
    post_rejections,
    propose,
    rule_values,
    set_contract_clocks,
    without_days_of_service,
    without_values,
    work_groups,
    work_list,
)
from claimwright.foundation import clock
from claimwright.platform.database import Connection
from claimwright.store.contract_clocks import ContractClock, contract_clocks

routes = Resource("denials", "Denials: worth, clocks, next steps")
Wanted = Annotated[DenialState | Literal["all"], Query(description="`all` for every one.")]
Word = Annotated[str | None, Query(pattern=r"^[a-z0-9_-]{1,60}$")]
AsOf = Annotated[Day | None, Query(description="The day to judge by. Default: today.")]


class NewState(Body):
    """The new state of a denial, and why."""

    state: DenialState
    reason: str = Field(min_length=8, max_length=200, description="About the work, not the patient.")


class AlertsWanted(Body):
    """The days left at which to alert; none: 30, 14, 7, 1."""

    days: list[Annotated[int, Field(ge=0, le=10_000)]] | None = Field(default=None, max_length=20)


class AlertsGiven(BaseModel):
    """How many events were published."""

    alerts: int


class ContractTimesWanted(Body):
    """Contracts' times to set, and why."""

    clocks: list[ContractTime] = Field(min_length=1, max_length=200)
    reason: str = Field(min_length=8, max_length=200)


class ContractTimeEnd(Body):
    """Why a contract's time is ended."""

    reason: str = Field(min_length=8, max_length=200)


class ContractTimesSet(BaseModel):
    """The numbers of contracts' times that were set or ended."""

    clock_ids: list[int]


@routes.get("/denials", action="denials.list")
def every(
    asker: Asking,
    page: Paging,
    state: Wanted = "open",
    category: Word = None,
    cause: Word = None,
    claim_key: Annotated[int | None, Query(ge=1)] = None,
    facility: OneFacility = None,
    denied_from: Day | None = None,
    denied_to: Day | None = None,
    as_of: AsOf = None,
    sort: DenialSort | None = None,
) -> Page[WeighedDenial]:
    """Denials in force in any state, those with the highest expected recovery first, or in the order of
    `sort`; amounts are cents.

    Of more than 20,000, those of the highest amounts.
    """
    after = page.after or 0
    with asker.services.database.transaction(asker.caller) as connection:
        found = list_denials(
            asker.caller, connection, as_of or clock.today(), asker.services.sealer,
            state=None if state == "all" else state, category=category, root_cause=cause,
            claim_key=claim_key, facilities=asker.within(facility), denied_from=denied_from,
            denied_to=denied_to, sort=sort, after=after, limit=page.limit,
        ).denials  # fmt: skip
    return page.page_until(found, after + page.limit if len(found) >= page.limit else None)


@routes.get("/denials/work", action="denials.list")
def work(
    asker: Asking,
    page: Paging,
    cause: str | None = None,
    step: str | None = None,
    facility: OneFacility = None,
    denied_from: Day | None = None,
    denied_to: Day | None = None,
    as_of: AsOf = None,
    sort: WorkSort | None = None,
) -> Page[WorkItem]:
    """Open denials in the order in which to work them, expected recovery by the day that is left, or in the
    order of `sort`.
    """
    after = page.after or 0
    with asker.services.database.transaction(asker.caller) as connection:
        found = work_list(
            asker.caller, connection, as_of or clock.today(), asker.services.sealer,
            facilities=asker.within(facility), root_cause=cause, next_step=step,
            denied_from=denied_from, denied_to=denied_to, sort=sort, after=after, limit=page.limit,
        )  # fmt: skip
    return page.page_until(found, after + page.limit if len(found) >= page.limit else None)


@routes.get("/denials/groups", action="denials.list")
def groups(
    asker: Asking,
    facility: OneFacility = None,
    denied_from: Day | None = None,
    denied_to: Day | None = None,
    as_of: AsOf = None,
) -> list[WorkGroup]:
    """The same denials by cause and next step: one fix for many claims, those worth most first."""
    with asker.services.database.transaction(asker.caller) as connection:
        return work_groups(
            asker.caller, connection, as_of or clock.today(), asker.services.sealer,
            facilities=asker.within(facility), denied_from=denied_from, denied_to=denied_to,
        )  # fmt: skip


@routes.get("/denials/rule-value", action="denials.list")
def value(asker: Asking) -> list[RuleValue]:
    """Which findings at submission predicted which denials: precision, dollars denied and prevented."""
    with asker.services.database.transaction(asker.caller) as connection:
        return rule_values(asker.caller, connection, facilities=asker.facilities)


@routes.get("/denials/proposals", action="denials.list")
def proposals(
    asker: Asking,
    form: Literal["P", "I", "D"] = "P",
    cause: Word = None,
    category: Word = None,
    precision: Annotated[float, Query(ge=0, le=1, description="Least share of flagged lines denied.")] = 0.5,
    flagged: Annotated[int, Query(ge=1, description="Least number of lines that a rule flags.")] = 30,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> list[ProposedRule]:
    """Rules by which denied lines could have been foreseen, measured on lines held out. Nothing is active:
    write one as a draft, try it, then decide.
    """
    with asker.services.database.transaction(asker.caller) as connection:
        return propose(
            asker.caller, connection, form, root_cause=cause, category=category, facilities=asker.facilities,
            least_precision=precision, least_flagged=flagged, most=limit,
        )  # fmt: skip


@routes.get("/denials/contracts", action="denials.list")
def contracts(asker: Asking, page: Paging, ended: bool = False) -> Page[ContractClock]:
    """Contracts' own times, which replace or add to the clocks of the law.

    `ended`: also those that are over.
    """
    with asker.services.database.transaction(asker.caller) as connection:
        found = contract_clocks(connection, with_ended=ended, after=page.after or 0, limit=page.limit)
    return page.page(found, lambda each: each.clock_id)


@routes.post(
    "/denials/contracts", action="denials.decide", status=201, errors=("reason_needed", "unusable_input")
)
def set_contracts(asker: Asking, wanted: ContractTimesWanted) -> ContractTimesSet:
    """Set contracts' own times. They count at once, in every list of denials, in the queue and for alerts.

    Only for accounts of every facility.
    """
    asker.demand_every_facility("contracts are of all facilities")
    with asker.services.database.transaction(asker.caller) as connection:
        made = set_contract_clocks(asker.caller, connection, wanted.clocks, reason=wanted.reason)
    return ContractTimesSet(clock_ids=made)


@routes.post(
    "/denials/contracts/{clock_id}/end", action="denials.decide", errors=("not_found", "reason_needed")
)
def end_contract(asker: Asking, clock_id: int, wanted: ContractTimeEnd) -> ContractTimesSet:
    """End a contract's own time: the law's counts again. Only for accounts of every facility."""
    asker.demand_every_facility("contracts are of all facilities")
    with asker.services.database.transaction(asker.caller) as connection:
        end_contract_clock(asker.caller, connection, clock_id, reason=wanted.reason)
    return ContractTimesSet(clock_ids=[clock_id])


@routes.post("/denials/alerts", action="denials.decide")
def alert(asker: Asking, wanted: AlertsWanted) -> AlertsGiven:
    """Publish an event for each clock of an open denial that is near its end: once per clock and threshold.

    Only for accounts of every facility.
    """
    asker.demand_every_facility("alerts are of all denials")
    with asker.services.database.transaction(asker.caller) as connection:
        given = give_alerts(
            asker.caller, connection, clock.today(), asker.services.sealer,
            thresholds=wanted.days or THRESHOLDS,
        )  # fmt: skip
    return AlertsGiven(alerts=given)


@routes.post(
    "/denials/rejections", action="remittances.post", status=201, errors=("unusable_input", *SCANNED),
    openapi_extra={"requestBody": {"required": True, "content": {
        "application/edi-x12": {"schema": {"type": "string"}},
    }}},
)  # fmt: skip
async def reject(request: Request, asker: Asking, facility: OneFacility = None) -> PostedRejections:
    """Post rejections before adjudication, as a 277CA, a 999 or a TA1 in the body: each rejected claim
    becomes a denial to correct and send again; what a 277CA accepts is stored as proof of filing. `whole`
    says which interchanges and transactions were rejected as a whole. The same file again adds nothing.
    """
    if facility is None:
        asker.demand_every_facility("without a facility, claims of any are looked for")
    else:
        asker.demand("remittances.post", facility)
    content = await scanned_text(request)

    def posted() -> PostedRejections:
        with asker.services.database.transaction(asker.caller) as connection:
            return post_rejections(
                asker.caller, connection, asker.services.sealer, content, "the body", facility=facility
            )

    return await run_in_threadpool(posted)


@routes.get("/denials/{denial_id}/clocks", action="denials.list", errors=("not_found",))
def clocks(asker: Asking, denial_id: int, as_of: AsOf = None) -> list[Clock]:
    """Every clock of a denial, with its law, its start, its last day and the days left.

    A start that is a day of service is null for those who may not see who the patients are. The last day is
    shown to all who work with denials; with the law, the day of service can be worked out from it.
    """
    with asker.services.database.transaction(asker.caller) as connection:
        found = clocks_of(
            asker.caller, connection, denial_id, as_of or clock.today(), asker.services.sealer,
            facilities=asker.facilities,
        )  # fmt: skip
    return _visible(asker, found)


@routes.get("/denials/{denial_id}/appeal-odds", action="denials.list", errors=("not_found",))
def odds(asker: Asking, denial_id: int, as_of: AsOf = None) -> AppealOdds:
    """How likely an independent reviewer overturns a denial, from published decisions of California.

    `refused` says why there is no answer: another State, a public program, a cause without a medical
    question, or a day too long after the newest decision.
    """
    with asker.services.database.transaction(asker.caller) as connection:
        found = appeal_odds(
            asker.caller, connection, denial_id, as_of or clock.today(), asker.services.sealer,
            facilities=asker.facilities,
        )  # fmt: skip
    return without_values(found) if asker.withheld_kind("clinical") else found


@routes.get("/denials/{denial_id}", action="denials.list")
def one(asker: Asking, denial_id: int, as_of: AsOf = None) -> DenialSheet:
    """One denial: its cause in words, its clocks with their law, its worth, the next step."""
    with asker.services.database.transaction(asker.caller) as connection:
        return _sheet(asker, connection, denial_id, as_of or clock.today())


@routes.post(
    "/denials/{denial_id}/state", action="denials.decide",
    errors=("reason_needed", "state_conflict", "unusable_input"),
)  # fmt: skip
def decide(asker: Asking, denial_id: int, wanted: NewState) -> DenialSheet:
    """Set the state of a denial. It moves no money: a write-off is posted first, in the ledger. What needs
    another person's approval is resubmitted in the queue.
    """
    # Whether a denial needs an approval is known once its work item is there.
    gather(asker.caller, asker.services.settings, asker.services.database, subjects=[denial_id], within=0)
    with asker.services.database.transaction(asker.caller) as connection:
        decide_denial(
            asker.caller, connection, denial_id, wanted.state, reason=wanted.reason,
            facilities=asker.facilities,
        )  # fmt: skip
        return _sheet(asker, connection, denial_id, clock.today())


def _sheet(asker: Asker, connection: Connection, denial_id: int, as_of: datetime.date) -> DenialSheet:
    found = denial_sheet(
        asker.caller, connection, denial_id, as_of, asker.services.sealer, facilities=asker.facilities
    )
    return replace(found, clocks=_visible(asker, found.clocks))


def _visible(asker: Asker, found: list[Clock]) -> list[Clock]:
    """The clocks as the asker may see them: a day of service is a date of the patient."""
    return without_days_of_service(found) if asker.withheld_kind("identity") else found
