"""Repairs of claims: proposals, trials, corrections, of one claim or of many with one cause."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Query, Response
from pydantic import BaseModel, Field

from claimwright.apps.api.asking import Asker, Asking
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.errors import ApiError, Detail
from claimwright.apps.api.pages import Page, Paging
from claimwright.apps.api.resources import Resource
from claimwright.apps.api.scope import IfMatch
from claimwright.engines.rules import Confidence
from claimwright.features.claims import Decide
from claimwright.features.repairs import (
    MOST_AT_ONCE,
    NO_MODEL,
    AddsBlockError,
    Bulk,
    BulkWanted,
    ChangeError,
    ClaimChangedError,
    Corrected,
    Edit,
    ModelRepairs,
    NotCorrectableError,
    Opening,
    Proposals,
    ShownTrial,
    StoredCorrection,
    Wanted,
    acceptances,
    confidence_of,
    corrections_before,
    repair_many,
)

from .claims import Opening as WhyOpened
from .claims import decision_of

routes = Resource("repairs", "Repairs and corrections of claims")
_Code = Annotated[str, Field(pattern=r"^[A-Z]{2,4}[0-9]{3}$")]
_MOST_CHANGES = 500


class WantedEdit(Body):
    """A new value for a field; null removes it."""

    field: str = Field(min_length=1, max_length=80, description="A name of the dictionary.")
    value: str | None = Field(default=None, max_length=300, description="Days as 2026-01-31.")
    line: int | None = Field(default=None, ge=1)
    position: int | None = Field(default=None, ge=1)


class WantedChanges(WhyOpened):
    """Repairs to accept, by code of their rule, values by hand, which are set after them, and lines that
    leave at the end.
    """

    rules: list[_Code] = Field(default=[], max_length=_MOST_CHANGES)
    edits: list[WantedEdit] = Field(default=[], max_length=_MOST_CHANGES)
    removed_lines: list[Annotated[int, Field(ge=1)]] = Field(
        default=[],
        max_length=_MOST_CHANGES,
        description="Service lines that leave the claim. The lines after them move up; changes and findings "
        "of the answer name lines by the numbers of now.",
    )

    @property
    def wanted(self) -> Wanted:
        """What is wanted of the claim."""
        edits = [Edit(**each.model_dump()) for each in self.edits]
        return Wanted(self.rules, edits, self.removed_lines)


class WantedCorrection(WantedChanges):
    """A correction to be made."""

    force: bool = Field(
        default=False,
        description="Although it adds a finding that blocks; only by hand, the reason says why.",
    )


class WantedBulk(Body):
    """The repair of one rule for many claims in review."""

    code: _Code
    claim_keys: list[int] | None = Field(
        default=None, min_length=1, max_length=MOST_AT_ONCE,
        description="Null: all in review with a finding of the rule.",
    )  # fmt: skip
    facility: str | None = Field(default=None, max_length=80)
    reason: str = Field(min_length=8, max_length=200, description="About the work, not about the patient.")
    dry_run: bool = Field(default=False, description="Only say what would be done and what refused.")
    after: int = Field(default=0, ge=0, description="Only claims after this key: `after` of the last answer.")


class RepairAcceptance(BaseModel):
    """How often people accepted the repair of a rule, of claims on which they have decided."""

    code: str
    title: str
    confidence: Confidence
    is_faded: bool
    offered: int
    decided: int
    accepted: int
    rate: float | None


@routes.post("/claims/{claim_key}/repairs", action="repairs.read", errors=("reason_needed",))
def propose(asker: Asking, claim_key: int, why: WhyOpened, response: Response) -> Proposals:
    """Show what could be done about the findings of a claim, each with what the rules would say after it.

    It opens the claim, for the stated reason. Its version is the ETag. What is shown counts as offered.
    """
    found = asker.services.repairs.propose(asker.caller, claim_key, _opening(asker, claim_key, why))
    response.headers["ETag"] = f'"{found.etag}"'
    models = asker.services.settings.language_models
    return replace(found, asks_model=models.propose_repairs and bool(models.providers))


@routes.post(
    "/claims/{claim_key}/repairs/model", action="repairs.apply", errors=("reason_needed", "state_conflict")
)
def propose_by_model(asker: Asking, claim_key: int, why: WhyOpened, response: Response) -> ModelRepairs:
    """Ask a language model for repairs of a claim's findings. Off unless `language_models.propose_repairs` is
    on.

    Names, dates and numbers of people do not leave. Each proposal was tried with all rules before it is
    shown. Nothing is stored but the call: a person applies a proposal by sending its `edits` as a correction.
    """
    proposer = asker.services.repair_proposer
    if proposer is None:
        raise ApiError("state_conflict", f"{NO_MODEL[0].upper()}{NO_MODEL[1:]}.")
    found = proposer.propose(asker.caller, claim_key, _opening(asker, claim_key, why))
    response.headers["ETag"] = f'"{found.etag}"'
    return found


@routes.post(
    "/claims/{claim_key}/repairs/trial", action="repairs.read", errors=("reason_needed", "unusable_input")
)
def trial(asker: Asking, claim_key: int, changes: WantedChanges, response: Response) -> ShownTrial:
    """Run the rules over a claim as it would be. Nothing is stored."""
    try:
        tried = asker.services.repairs.trial(
            asker.caller, claim_key, changes.wanted, _opening(asker, claim_key, changes)
        )
    except ChangeError as problem:
        raise _unusable(problem) from problem
    response.headers["ETag"] = f'"{tried.etag}"'
    return tried


@routes.post(
    "/claims/{claim_key}/corrections",
    action="repairs.apply",
    status=201,
    errors=("reason_needed", "unusable_input", "state_conflict", "changed_meanwhile", "version_needed"),
)
def correct(
    asker: Asking, claim_key: int, correction: WantedCorrection, if_match: IfMatch = None
) -> Corrected:
    """Correct a claim: its next version is staged for the next run, and the one before leaves review.

    Needs If-Match. A correction that adds a finding which blocks the claim is refused unless forced by hand.
    If the claim's work item needs an approval, the next version goes to review for another person's.
    """
    if if_match is None:
        raise ApiError("version_needed")
    try:
        return asker.services.repairs.correct(
            asker.caller, claim_key, correction.wanted, _opening(asker, claim_key, correction),
            etag=if_match.removeprefix("W/").strip('"'), force=correction.force,
        )  # fmt: skip
    except ChangeError as problem:
        raise _unusable(problem) from problem
    except ClaimChangedError as problem:
        raise ApiError("changed_meanwhile", str(problem)) from problem
    except AddsBlockError as problem:
        details = [Detail(field=each.field, message=f"{each.code} {each.title}") for each in problem.findings]
        raise ApiError("state_conflict", str(problem), details=details) from problem
    except NotCorrectableError as problem:
        raise ApiError("state_conflict", str(problem)) from problem


@routes.post("/repairs/bulk", action="repairs.apply", errors=("reason_needed", "unusable_input"))
def bulk(asker: Asking, wanted: WantedBulk) -> Bulk:
    """Apply the repair of one rule to many claims in review, each checked alone; refusals have reasons."""
    asked = BulkWanted(
        wanted.code, decision_of(asker, claim_key=None, break_glass=False), wanted.reason, asker.request_id,
        wanted.claim_keys, wanted.facility, asker.facilities, wanted.dry_run, wanted.after,
    )  # fmt: skip
    return repair_many(asker.services.repairs, asker.caller, asked)


@routes.get("/repairs/acceptance", action="repairs.read")
def accepted(asker: Asking) -> list[RepairAcceptance]:
    """How often people accepted the repairs that were offered to them, most offered first."""
    book = asker.services.repairs.bench.checker.rulebook
    with asker.services.database.transaction(asker.caller) as connection:
        found = acceptances(connection)
    shown = []
    for each in found:
        if each.code in book and (repair := book[each.code].repair) is not None:
            confidence, is_faded = confidence_of(repair.confidence, each)
            shown.append(
                RepairAcceptance(
                    code=each.code, title=book[each.code].title, confidence=confidence, is_faded=is_faded,
                    offered=each.offered, decided=each.decided, accepted=each.accepted, rate=each.rate,
                )
            )  # fmt: skip
    return shown


@routes.get("/repairs/history", action="repairs.read")
def history(
    asker: Asking, page: Paging, claim_key: Annotated[int | None, Query(ge=1)] = None
) -> Page[StoredCorrection]:
    """Corrections, newest first, and whether a run has verified them. No values."""
    with asker.services.database.transaction(asker.caller) as connection:
        found = corrections_before(
            connection, before=page.after, claim_key=claim_key, facilities=asker.facilities, limit=page.limit
        )
    return page.page(found, lambda each: each.correction_id)


def _opening(asker: Asker, claim_key: int, why: WhyOpened) -> Opening:
    decide: Decide = decision_of(asker, claim_key=claim_key, break_glass=why.break_glass)
    return Opening(decide, why.reason, asker.request_id, why.break_glass)


def _unusable(problem: ChangeError) -> ApiError:
    return ApiError(
        "unusable_input", str(problem), details=[Detail(field=problem.field, message=problem.what)]
    )
