"""Appeals of denials: drafted, opened, edited, approved by another person, handed off, decided."""

from __future__ import annotations

import datetime
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from claimwright.apps.api.asking import Asker, Asking
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.errors import ApiError
from claimwright.apps.api.pages import Page, Paging
from claimwright.apps.api.resources import Resource
from claimwright.apps.api.scope import BodyDay
from claimwright.assembly.appeals import appeal_means
from claimwright.domain.appeal_case import Case, Draft, Statement
from claimwright.domain.payer_policies import JudgedPolicy
from claimwright.features.appeals import (
    AppealCase,
    AppealSheet,
    LevelOfAppeal,
    OpenedDraft,
    PayerAddress,
    TemplateOutcome,
    Written,
    appeal_sheet,
    approve_appeal,
    confirm_statement,
    edit_appeal,
    list_addresses,
    list_cases,
    one_case,
    send_appeal,
    settle_appeals,
    state_address,
    state_outcome,
    tell_stalled,
    template_outcomes,
    withdraw_appeal,
)
from claimwright.features.claims import alert_of_broken_glass, kinds_shown
from claimwright.features.documents import StoredDocument
from claimwright.foundation import clock
from claimwright.store.appeals import CASE_ORDERS

from .claims import Opening, decision_of

if TYPE_CHECKING:
    from claimwright.features.appeals import Means
    from claimwright.platform.database import Connection

routes = Resource("appeals", "Appeals of denials: letters of which every statement is proven")
State = Literal[
    "in_progress", "failed", "not_eligible", "marked", "ready", "approved", "sent", "won", "partly_won",
    "lost", "withdrawn",
]  # fmt: skip
_REASON = Field(min_length=8, max_length=200, description="About the work, not about the patient.")


class Marked(BaseModel):
    """What the gate says against a statement or a line of the head; `where` is null for the whole letter."""

    where: str | None
    problem: str
    says: str
    words: str
    may_be_confirmed: bool
    is_confirmed: bool


class Resting(BaseModel):
    """A statement that passed, and what it rests on."""

    where: str
    rests_on: list[str]


class StageSeconds(BaseModel):
    """A stage that was done."""

    stage: str
    seconds: float


class LetterInFull(BaseModel):
    """A draft with what the gate says. An edit names `number`, so that nobody's edit is lost."""

    number: int
    draft: Draft
    marked: list[Marked]
    ticks: list[Resting]
    made_by: str
    made_at: datetime.datetime


class DraftedBy(BaseModel):
    """Who drafted the letter first, and why; `own` counts sentences that are no approved ones."""

    by: Literal["rules", "model"]
    drafter: str
    why: str
    tries: list[str]
    prompt: str | None
    own: int
    call_id: int | None


class AppealInFull(BaseModel):
    """A case as a person works on it: facts with their places, the letter, what the gate says."""

    case: AppealCase
    eligibility: str | None
    template_reasons: list[str]
    stages: list[StageSeconds]
    facts: Case | None
    letter: LetterInFull | None
    documents: list[StoredDocument]
    drafted: DraftedBy | None
    levels: list[LevelOfAppeal]
    criteria: list[JudgedPolicy]


class EditedLetter(Body):
    """All statements of the letter as they should be, and the draft that was edited."""

    number: int = Field(ge=1)
    statements: list[Statement] = Field(min_length=1, max_length=300)


class Confirmation(Body):
    """The statement that is confirmed, and why it is true."""

    statement_id: str = Field(max_length=80)
    reason: str = _REASON


class HandOff(Body):
    """How it goes."""

    how: Literal["portal", "fax", "mail"] = "portal"


class Handed(BaseModel):
    """What was handed off: the digest of the letter."""

    case: AppealCase
    sha256: str


class StatedOutcome(Body):
    """What the payer's letter says."""

    outcome: Literal["won", "partly_won", "lost"]
    decided_on: BodyDay
    recovered_cents: int | None = Field(default=None, ge=0)


class Why(Body):
    """Why."""

    reason: str = _REASON


Order = Literal[
    "case_id", "-case_id", "due_on", "-due_on", "amount_cents", "-amount_cents", "expected_cents",
    "-expected_cents",
]  # fmt: skip


class WantedAddress(Body):
    """Where a payer takes appeals of a level (0: any) from a day on; lines are separated by line breaks."""

    payer_id: str = Field(min_length=1, max_length=80)
    level: int = Field(default=0, ge=0, le=5)
    effective_from: datetime.date
    name: str = Field(min_length=1, max_length=200)
    address: str = Field(min_length=1, max_length=300)
    fax: str | None = Field(default=None, max_length=40)
    source: str = Field(min_length=1, max_length=200)


@routes.get("/appeals", action="appeals.list")
def every(
    asker: Asking,
    page: Paging,
    state: Annotated[list[State] | None, Query(description="In these states only.")] = None,
    denial_id: Annotated[int | None, Query(ge=1)] = None,
    claim_key: Annotated[int | None, Query(ge=1)] = None,
    sort: Order | None = None,
) -> Page[AppealCase]:
    """Appeals by what they are expected to bring and their clock, or in the order of `sort`. Outcomes from
    remittances are set first.
    """
    after = 0 if sort else page.after or 0
    with asker.services.database.transaction(asker.caller) as connection:
        settle_appeals(asker.caller, connection)
        wanted = asker.services.settings.appeals
        tell_stalled(asker.caller, connection, minutes=wanted.stalled_minutes, targets=wanted.stalled_targets)
        found = list_cases(
            connection, states=state or (), denial_id=denial_id, claim_key=claim_key,
            facilities=asker.facilities, sort=sort, place=page.place if sort else None, after=after,
            limit=page.limit,
        )  # fmt: skip
    if sort is not None:
        return page.page(found, lambda each: CASE_ORDERS.place_of(each, sort))
    return page.page_until(found, after + page.limit if len(found) >= page.limit else None)


@routes.get("/appeals/record", action="appeals.list")
def record(asker: Asking) -> list[TemplateOutcome]:
    """How often letters of each template version overturned the denial, with the 95 % interval."""
    with asker.services.database.transaction(asker.caller) as connection:
        return template_outcomes(connection, facilities=asker.facilities)


@routes.get("/appeals/{case_id}", action="appeals.list")
def one(asker: Asking, case_id: int) -> AppealCase:
    """One appeal: its state, stage and clock; no patient."""
    with asker.services.database.transaction(asker.caller) as connection:
        return one_case(connection, case_id, facilities=asker.facilities)


@routes.post("/appeals/{case_id}/opening", action="appeals.read", errors=("reason_needed",))
def opening(asker: Asking, case_id: int, why: Opening) -> AppealInFull:
    """The case with its facts and letter, for those who may see notes and patients of its claim, by its
    labels.

    A POST: it writes into the audit log.
    """
    means = means_of(asker)
    with asker.services.database.transaction(asker.caller) as connection:
        case = one_case(connection, case_id, facilities=asker.facilities)
        demand_shown(asker, connection, case.claim_key, break_glass=why.break_glass)
        sheet = appeal_sheet(
            asker.caller, connection, means, case_id, reason=why.reason, facilities=asker.facilities
        )
    return _in_full(sheet)


@routes.post(
    "/appeals/{case_id}/letter", action="appeals.work", errors=("state_conflict", "changed_meanwhile")
)
def edit(asker: Asking, case_id: int, letter: EditedLetter) -> LetterInFull:
    """Store the statements as the next draft, and what the gate says of it. The head is not edited."""
    means = means_of(asker)
    with asker.services.database.transaction(asker.caller) as connection:
        case = one_case(connection, case_id, facilities=asker.facilities)
        demand_shown(asker, connection, case.claim_key)
        if case.draft_number != letter.number:
            raise ApiError("changed_meanwhile", f"draft {case.draft_number} is the newest: read it first.")
        made = edit_appeal(
            asker.caller, connection, means, case_id, letter.statements, facilities=asker.facilities
        )
    return _letter(made)


@routes.post(
    "/appeals/{case_id}/confirmations", action="appeals.work", errors=("state_conflict", "reason_needed")
)
def confirm(asker: Asking, case_id: int, wanted: Confirmation) -> LetterInFull:
    """Confirm a statement that no approved sentence says. What contradicts the case can't be confirmed."""
    means = means_of(asker)
    with asker.services.database.transaction(asker.caller) as connection:
        case = one_case(connection, case_id, facilities=asker.facilities)
        demand_shown(asker, connection, case.claim_key)
        made = confirm_statement(
            asker.caller, connection, means, case_id, wanted.statement_id, reason=wanted.reason,
            facilities=asker.facilities,
        )  # fmt: skip
    return _letter(made)


@routes.post("/appeals/{case_id}/approval", action="appeals.approve", errors=("state_conflict",))
def approve(asker: Asking, case_id: int) -> AppealCase:
    """Approve a letter on which nothing is marked, as another person than the one who drafted it."""
    means = means_of(asker)
    with asker.services.database.transaction(asker.caller) as connection:
        case = one_case(connection, case_id, facilities=asker.facilities)
        demand_shown(asker, connection, case.claim_key)
        return approve_appeal(
            asker.caller, connection, means, case_id, as_of=clock.today(), facilities=asker.facilities
        )


@routes.post("/appeals/{case_id}/sending", action="appeals.send", errors=("state_conflict", "unavailable"))
def send(asker: Asking, case_id: int, wanted: HandOff) -> Handed:
    """Hand an approved appeal off to the folder of the setting `appeals.handoff_folder`."""
    folder = asker.services.settings.appeals.handoff_folder
    if folder is None:
        raise ApiError("state_conflict", "no folder is set for hand-offs: appeals.handoff_folder.")
    means = means_of(asker)
    try:
        with asker.services.database.transaction(asker.caller) as connection:
            case = one_case(connection, case_id, facilities=asker.facilities)
            demand_shown(asker, connection, case.claim_key)
            made = send_appeal(
                asker.caller, connection, means, case_id, folder / asker.caller.tenant, how=wanted.how,
                as_of=clock.today(), facilities=asker.facilities,
            )  # fmt: skip
            case = one_case(connection, case_id)
    except OSError:
        raise ApiError("unavailable", "the folder of hand-offs can't be written; nothing was sent.") from None
    return Handed(case=case, sha256=made.digest)


@routes.post("/appeals/{case_id}/outcome", action="appeals.send", errors=("state_conflict",))
def outcome(asker: Asking, case_id: int, stated: StatedOutcome) -> AppealCase:
    """State the outcome that the payer's letter gives. A remittance sets it by itself."""
    with asker.services.database.transaction(asker.caller) as connection:
        return state_outcome(
            asker.caller, connection, case_id, stated.outcome, decided_on=stated.decided_on,
            recovered_cents=stated.recovered_cents, facilities=asker.facilities,
        )  # fmt: skip


@routes.post(
    "/appeals/{case_id}/withdrawal", action="appeals.work", errors=("state_conflict", "reason_needed")
)
def withdraw(asker: Asking, case_id: int, why: Why) -> AppealCase:
    """Give up an appeal that is not sent."""
    with asker.services.database.transaction(asker.caller) as connection:
        withdraw_appeal(asker.caller, connection, case_id, reason=why.reason, facilities=asker.facilities)
        return one_case(connection, case_id)


@routes.get("/payer-addresses", action="appeals.list")
def addresses(asker: Asking) -> list[PayerAddress]:
    """Where payers take appeals, with the source of each address."""
    with asker.services.database.transaction(asker.caller) as connection:
        return list_addresses(connection)


@routes.post("/payer-addresses", action="appeals.work", status=201, errors=("unusable_input",))
def add_address(asker: Asking, wanted: WantedAddress) -> list[PayerAddress]:
    """State where a payer takes appeals. Gives back every address. For accounts of every facility: letters of
    all of them go there.
    """
    asker.demand_every_facility("letters of all of them go to the address")
    with asker.services.database.transaction(asker.caller) as connection:
        state_address(
            asker.caller, connection, wanted.payer_id, name=wanted.name, address=wanted.address,
            source=wanted.source, effective_from=wanted.effective_from, level=wanted.level, fax=wanted.fax,
        )  # fmt: skip
        return list_addresses(connection)


def demand_shown(
    asker: Asker, connection: Connection, claim_key: int | None, *, break_glass: bool = False
) -> None:
    """Refuse letters and documents of a claim to those who may not see its notes, codes and patient.

    Where the glass is broken, the alert is published in the same transaction.

    Raises:
        ApiError: they are withheld; the message says why.
    """
    if claim_key is None:
        why = asker.withheld_kind("narrative") or asker.withheld_kind("identity")
    else:
        shown, whys = kinds_shown(
            asker.caller, connection, asker.services.sealer, claim_key,
            decision_of(asker, claim_key=claim_key, break_glass=break_glass),
        )  # fmt: skip
        why = next((whys[kind] for kind in ("narrative", "identity", "clinical") if not shown[kind]), None)
    if why is not None:
        raise ApiError("not_permitted", f"letters and documents of this claim are withheld: {why}.")
    if break_glass and claim_key is not None:
        alert_of_broken_glass(asker.caller, connection, claim_key, asker.request_id)


def means_of(asker: Asker) -> Means:
    """What appeals of this installation are made with."""
    services = asker.services
    return appeal_means(services.settings, services.database, services.sealer)


def _in_full(sheet: AppealSheet) -> AppealInFull:
    return AppealInFull(
        case=sheet.case, eligibility=sheet.eligibility, template_reasons=list(sheet.template_reasons),
        stages=[StageSeconds(stage=stage, seconds=seconds) for stage, seconds in sheet.stages],
        facts=sheet.facts, letter=None if sheet.draft is None else _letter(sheet.draft),
        documents=list(sheet.documents), drafted=None if sheet.written is None else _drafted(sheet.written),
        levels=list(sheet.levels), criteria=list(sheet.criteria),
    )  # fmt: skip


def _drafted(written: Written) -> DraftedBy:
    return DraftedBy(
        by="model" if written.by == "model" else "rules", drafter=written.drafter, why=written.why,
        tries=list(written.tries), prompt=written.prompt, own=written.own, call_id=written.call_id,
    )  # fmt: skip


def _letter(opened: OpenedDraft) -> LetterInFull:
    return LetterInFull(
        number=opened.number, draft=opened.draft, made_by=opened.made_by, made_at=opened.made_at,
        marked=[
            Marked(
                where=each.where, problem=each.problem.value, says=each.says, words=each.words,
                may_be_confirmed=each.may_be_confirmed,
                is_confirmed=each.may_be_confirmed and each.where in opened.confirmed,
            )
            for each in opened.findings
        ],
        ticks=[Resting(**asdict(each) | {"rests_on": list(each.rests_on)}) for each in opened.ticks],
    )  # fmt: skip
