"""What waits for people and machines: review, dead letters, runs, predictions."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, Field

from claimwright.apps.api.asking import Asker, Asking
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.pages import Page, Paging
from claimwright.apps.api.resources import Resource
from claimwright.apps.api.routes.claims import listed
from claimwright.apps.api.scope import BodyDay
from claimwright.assembly.reviews import gather
from claimwright.features.claims import (
    ChunkView,
    DeadLetter,
    ReviewClaim,
    RunView,
    chunks,
    dead_letters,
    discard,
    give_up_chunk,
    in_review,
    list_claims,
    place_of_letter,
    release,
    retry,
    runs,
    send_back,
    waiting,
)
from claimwright.foundation import clock
from claimwright.foundation.errors import NotFoundError
from claimwright.platform.access import AccessDeniedError

routes = Resource("work", "Review, dead letters, runs, predictions")
_MOST_AT_ONCE = 1_000


class Decision(Body):
    """A decision on claims, with its reason; all of them or none."""

    claim_keys: list[int] = Field(min_length=1, max_length=_MOST_AT_ONCE)
    reason: str = Field(min_length=8, max_length=200, description="About the work, not about the patient.")


class Decided(BaseModel):
    """The claims that a decision was on."""

    claim_keys: list[int]


class RetryWanted(Body):
    """Dead letters to stage again."""

    claim_keys: list[int] = Field(min_length=1, max_length=_MOST_AT_ONCE)


class GivingUp(Body):
    """Why a chunk is given up."""

    reason: str = Field(min_length=8, max_length=200, description="About the work, not about the patient.")


class GivenUp(BaseModel):
    """How many claims became dead letters."""

    claims: int


class PredictionWanted(Body):
    """A prediction of a claim as of a day; the same key is the same request."""

    claim_key: int = Field(ge=1)
    as_of: BodyDay | None = None
    key: str | None = Field(default=None, max_length=100)


class PredictionAsked(BaseModel):
    """By what a prediction is fetched."""

    tracking_id: str


class VisibleRun(BaseModel):
    """A run; its sums are over the claims of all facilities, and null for accounts of some of them."""

    run_id: int
    state: str
    as_of: datetime.date
    started_at: datetime.datetime
    finished_at: datetime.datetime | None
    chunks: int
    chunks_done: int
    planned: int | None
    claims: int | None
    produced: int | None
    review: int | None
    dead: int | None
    charge: Decimal | None


class RunShown(BaseModel):
    """A run and its chunks; `withheld` names the fields that are null since they may not be seen, and why."""

    run: VisibleRun
    chunks: list[ChunkView]
    withheld: dict[str, str] = {}


class Waiting(BaseModel):
    """How much waits where; `withheld` names the counts that are null since they may not be seen, and why."""

    staged: int
    chunks: int | None
    dead_letters: int
    review: int
    withheld: dict[str, str] = {}


# Sums over claims of all facilities.
_SUMS = ("planned", "claims", "produced", "review", "dead", "charge")
_WHY_WITHHELD = "over the claims of all facilities, and your account is of some"


@routes.get("/review", action="review.list")
def waits(
    asker: Asking, page: Paging, facility: str | None = None, why: str | None = None
) -> Page[ReviewClaim]:
    """Claims that wait for a person, in order of key; `why` is a word such as `blocked`."""
    with asker.services.database.transaction(asker.caller) as connection:
        found = in_review(
            asker.caller, connection, facility=facility, facilities=asker.facilities, why=why,
            after=page.after or 0, limit=page.limit,
        )  # fmt: skip
    return listed(asker, page.page(found, lambda each: each.claim_key))


@routes.post(
    "/review/release", action="review.decide", errors=("reason_needed", "not_found", "state_conflict")
)
def release_claims(asker: Asking, decision: Decision) -> Decided:
    """Release claims: they count, and the next delivery takes them. What needs another person's approval is
    released in the queue.
    """
    return _decided(asker, "review.decide", decision, release)


@routes.post("/review/return", action="review.decide", errors=("reason_needed", "not_found"))
def give_back(asker: Asking, decision: Decision) -> Decided:
    """Return claims to their facility: they are neither delivered nor counted."""
    return _decided(asker, "review.decide", decision, send_back)


@routes.get("/dead-letters", action="dead_letters.list")
def dead(asker: Asking, page: Paging) -> Page[DeadLetter]:
    """Claims that could not be processed, and the class of the failure of each; discarded ones last.

    Claims that arrived last come first.
    """
    with asker.services.database.transaction(asker.caller) as connection:
        found = dead_letters(connection, facilities=asker.facilities, after=page.after_pair, limit=page.limit)
    return page.page(found, place_of_letter)


@routes.post("/dead-letters/retry", action="dead_letters.decide")
def again(asker: Asking, wanted: RetryWanted) -> Decided:
    """Stage dead letters again for the next run; the answer has those that were dead."""
    _demand_own(asker, wanted.claim_keys, "dead_letters.decide")
    with asker.services.database.transaction(asker.caller) as connection:
        return Decided(claim_keys=retry(asker.caller, connection, wanted.claim_keys))


@routes.post(
    "/dead-letters/discard", action="dead_letters.decide", errors=("reason_needed", "state_conflict")
)
def discard_claims(asker: Asking, decision: Decision) -> Decided:
    """Discard dead letters for a reason; they stay where they are, marked."""
    return _decided(asker, "dead_letters.decide", decision, discard)


@routes.get("/runs", action="runs.list")
def newest(asker: Asking, page: Paging, sort: Literal["run_id", "-run_id"] = "-run_id") -> Page[VisibleRun]:
    """Runs of the pipeline with their sums, newest first.

    The sums are over the claims of all facilities, and withheld from accounts of some of them.
    """
    with asker.services.database.transaction(asker.caller) as connection:
        found = runs(connection, sort=sort, after=page.place, limit=page.limit)
    shown = page.page([_visible(asker, each) for each in found], lambda each: each.run_id)
    return shown.model_copy(update={"withheld": _withheld_sums(asker)})


def _visible(asker: Asker, run: RunView) -> VisibleRun:
    return VisibleRun(**(dataclasses.asdict(run) | dict.fromkeys(_withheld_sums(asker))))


def _withheld_sums(asker: Asker) -> dict[str, str]:
    return {} if asker.facilities is None else dict.fromkeys(_SUMS, _WHY_WITHHELD)


@routes.get("/runs/waiting", action="runs.list")
def queues(asker: Asking) -> Waiting:
    """How much waits where: claims for a run, chunks for a worker, letters and reviews for a person.

    Claims, letters and reviews of the caller's facilities. A chunk has claims of any: the count of chunks is
    withheld from accounts of some facilities.
    """
    with asker.services.database.transaction(asker.caller) as connection:
        found = waiting(connection, asker.facilities)
    if asker.facilities is None:
        return Waiting.model_validate(found)
    return Waiting.model_validate(found | {"chunks": None, "withheld": {"chunks": _WHY_WITHHELD}})


@routes.get("/runs/{run_id}", action="runs.list")
def one(asker: Asking, run_id: int) -> RunShown:
    """One run, chunk by chunk; its sums are withheld from accounts of some facilities."""
    with asker.services.database.transaction(asker.caller) as connection:
        found = runs(connection, run_id=run_id)
        if not found:
            raise NotFoundError(f"there is no run {run_id}.")
        of_run = chunks(connection, run_id)
    withheld = _withheld_sums(asker)
    if withheld:
        of_run = [
            dataclasses.replace(each, claims=None, produced=None, review=None, dead=None) for each in of_run
        ]
    return RunShown(run=_visible(asker, found[0]), chunks=of_run, withheld=withheld)


@routes.post(
    "/runs/{run_id}/chunks/{chunk}/give-up", action="dead_letters.decide", errors=("reason_needed",)
)  # fmt: skip
def give_up(asker: Asking, run_id: int, chunk: int, why: GivingUp) -> GivenUp:
    """Give up a chunk that keeps failing: its claims become dead letters, and the run goes on."""
    asker.demand_every_facility("a chunk has claims of several facilities")
    with asker.services.database.transaction(asker.caller) as connection:
        return GivenUp(claims=give_up_chunk(asker.caller, connection, run_id, chunk, reason=why.reason))


@routes.post("/predictions", action="predictions.request", status=202, errors=("not_found",))
def ask(asker: Asking, wanted: PredictionWanted) -> PredictionAsked:
    """Ask for a prediction; a worker makes it, and the tracking id fetches it."""
    from claimwright.features.prediction import register_job, submit_prediction
    from claimwright.platform.jobs import Jobs

    _demand_own(asker, [wanted.claim_key], "predictions.request")
    day = wanted.as_of or clock.today()
    database = asker.services.database
    with database.transaction(asker.caller) as connection:
        tracking_id = submit_prediction(
            asker.caller, connection, register_job(Jobs(database.address)), wanted.claim_key,
            key=wanted.key or day.isoformat(), as_of=day,
        )  # fmt: skip
    return PredictionAsked(tracking_id=tracking_id)


@routes.get("/predictions/{tracking_id}", action="predictions.read")
def fetch(
    asker: Asking, tracking_id: Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
) -> dict[str, Any]:
    """How far a prediction is: not_found, in_progress, completed with what it says, or failed and why."""
    from claimwright.assembly.predictions import registry_for
    from claimwright.features.prediction import PredictionJobs, StoredJobs

    services = asker.services
    store = StoredJobs(asker.caller, services.database, services.sealer)
    _refuse_others_prediction(asker, tracking_id)
    registry = registry_for(services.settings, asker.caller.tenant)
    return dict(PredictionJobs(store, registry, store.claim).poll(tracking_id))


def _refuse_others_prediction(asker: Asker, tracking_id: str) -> None:
    """A prediction of a claim of another facility is as good as none: its id follows from the claim."""
    if asker.facilities is None:
        return
    from claimwright.features.prediction import claim_of_prediction

    with asker.services.database.transaction(asker.caller) as connection:
        claim_key = claim_of_prediction(connection, tracking_id)
        keys = [] if claim_key is None else [claim_key]
        if not list_claims(connection, keys=keys, facilities=asker.facilities, limit=1):
            raise NotFoundError("there is no such prediction.")


def _decided(asker: Asker, action: str, decision: Decision, decide: Callable[..., list[int]]) -> Decided:
    """Have a person's decision on claims of their own facilities carried out: on all of them or none."""
    _demand_own(asker, decision.claim_keys, action)
    # Whether a claim needs an approval is known once its work item is there.
    services = asker.services
    gather(asker.caller, services.settings, services.database, subjects=decision.claim_keys, within=0)
    with asker.services.database.transaction(asker.caller) as connection:
        return Decided(
            claim_keys=decide(asker.caller, connection, decision.claim_keys, reason=decision.reason)
        )


def _demand_own(asker: Asker, keys: list[int], action: str) -> None:
    """Go on only where every claim is of a facility of theirs; another one is as good as none."""
    if asker.facilities is None:
        return
    with asker.services.database.transaction(asker.caller) as connection:
        own = list_claims(connection, keys=keys, facilities=asker.facilities, limit=len(keys))
    if {each.claim_key for each in own} != set(keys):
        raise AccessDeniedError(f"not every one of the claims is of a facility of yours ({action}).")
