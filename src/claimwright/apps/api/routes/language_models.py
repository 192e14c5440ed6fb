"""Language models that draft letters: their state, what they are told for a case, what they cost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from claimwright.apps.api.asking import Asker, Asking
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.errors import ApiError
from claimwright.apps.api.resources import Resource
from claimwright.assembly.language_models import language_gateway
from claimwright.domain.appeal_case import Statement
from claimwright.features.appeals import (
    ModelCall,
    ModelSpending,
    ProviderState,
    SentCall,
    calls_of_case,
    one_case,
    open_call,
    prompt_in_force,
    provider_states,
    spending_of,
    try_drafting,
)
from claimwright.foundation import clock

from .appeals import demand_shown, means_of
from .claims import Opening
from .usage import Month

if TYPE_CHECKING:
    from claimwright.platform.language_models import Gateway

routes = Resource("language models", "Language models that draft letters: state, calls, cost")
_LOOK_SECONDS = 0.7
# A letter that is not there by then is looked at again by a new stream.
_LONGEST_SECONDS = 900


class LanguageModelsInForce(BaseModel):
    """Who drafts letters: `model` and its providers in order, or `rules`."""

    drafter: Literal["model", "rules"]
    providers: list[ProviderState]


class WantedTrial(Body):
    """The provider to try."""

    provider: Literal["bedrock", "anthropic", "openai"]


class TrialOutcome(BaseModel):
    """What a provider made of a synthetic case. `statements` is empty where no answer could be used."""

    provider: str
    tries: list[str]
    own: int = Field(description="Sentences that are no approved ones.")
    statements: list[Statement]
    call: ModelCall | None


class DraftingProgress(BaseModel):
    """How far a letter is. The call is the one under way, or the last; its `parts` are statements begun."""

    state: str
    stage: str | None
    drafter: str | None
    drafter_reason: str | None
    call: ModelCall | None


@routes.get("/language-models", action="templates.read")
def in_force(asker: Asking) -> LanguageModelsInForce:
    """The providers in the order in which they are asked: breaker, calls under way, use of the month."""
    gateway = _gateway(asker)
    with asker.services.database.transaction(asker.caller) as connection:
        found = provider_states(asker.caller, connection, gateway)
    return LanguageModelsInForce(drafter="model" if found else "rules", providers=found)


@routes.get("/language-models/spending", action="usage.read")
def spending(
    asker: Asking,
    by: Annotated[Literal["provider", "subject", "stage", "asked_by"], Query()] = "provider",
    month: Month = None,
) -> list[ModelSpending]:
    """Calls, tokens and dollars of a month, by provider, case, stage or who asked."""
    with asker.services.database.transaction(asker.caller) as connection:
        return spending_of(connection, by, month)


@routes.post("/language-models/trial", action="templates.change", errors=("not_found", "unusable_input"))
def trial(asker: Asking, wanted: WantedTrial) -> TrialOutcome:
    """Have a provider draft a synthetic case with the prompt in force. It costs money."""
    services = asker.services
    means = means_of(asker)
    if means.model is None or wanted.provider not in services.settings.language_models.providers:
        raise ApiError("not_found", f"language_models.providers does not name {wanted.provider}.")
    with services.database.transaction(asker.caller) as connection:
        prompt = prompt_in_force(connection, means.shelf, clock.today())
    found = try_drafting(asker.caller, means.model.gateway, prompt, wanted.provider)
    return TrialOutcome(
        provider=found.provider, tries=list(found.tries), own=found.own, statements=list(found.statements),
        call=found.call,
    )  # fmt: skip


@routes.get("/appeals/{case_id}/model-calls", action="appeals.list")
def calls(asker: Asking, case_id: int) -> list[ModelCall]:
    """What language models were asked for an appeal, newest first: what came of it, no content."""
    with asker.services.database.transaction(asker.caller) as connection:
        return calls_of_case(connection, case_id, facilities=asker.facilities)


@routes.post(
    "/appeals/{case_id}/model-calls/{call_id}/opening", action="appeals.read", errors=("reason_needed",)
)
def call_opening(asker: Asking, case_id: int, call_id: int, why: Opening) -> SentCall:
    """What was sent in one call, to the byte, and what was answered. A POST: it writes into the audit log."""
    with asker.services.database.transaction(asker.caller) as connection:
        case = one_case(connection, case_id, facilities=asker.facilities)
        demand_shown(asker, connection, case.claim_key, break_glass=why.break_glass)
        return open_call(
            asker.caller, connection, asker.services.sealer, case_id, call_id, reason=why.reason,
            facilities=asker.facilities,
        )  # fmt: skip


@routes.get("/appeals/{case_id}/drafting", action="appeals.list")
def progress(asker: Asking, case_id: int) -> DraftingProgress:
    """How far the letter is: the stage, and how much of a model's answer is there."""
    return _progress(asker, case_id)


@routes.get("/appeals/{case_id}/drafting/stream", action="appeals.list", response_class=StreamingResponse)
def stream(request: Request, asker: Asking, case_id: int) -> StreamingResponse:
    """The same as server-sent events while the letter is drafted: `progress`, and `done` at the end."""
    first = _progress(asker, case_id)

    async def texts() -> AsyncIterator[str]:
        found, last, waited = first, "", 0.0
        while waited < _LONGEST_SECONDS and not request.app.state.hub.is_stopping:
            told = json.dumps(found.model_dump(mode="json"), separators=(",", ":"))
            if found.state != "in_progress":
                yield f"event: done\ndata: {told}\n\n"
                return
            if told != last:
                last = told
                yield f"event: progress\ndata: {told}\n\n"
            if await request.is_disconnected():
                return
            await asyncio.sleep(_LOOK_SECONDS)
            waited += _LOOK_SECONDS
            found = await run_in_threadpool(_progress, asker, case_id)

    return StreamingResponse(texts(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


def _progress(asker: Asker, case_id: int) -> DraftingProgress:
    with asker.services.database.transaction(asker.caller) as connection:
        case = one_case(connection, case_id, facilities=asker.facilities)
        found = calls_of_case(connection, case_id, facilities=asker.facilities)
    return DraftingProgress(
        state=case.state, stage=case.stage, drafter=case.drafter, drafter_reason=case.drafter_reason,
        call=found[0] if found else None,
    )  # fmt: skip


def _gateway(asker: Asker) -> Gateway | None:
    services = asker.services
    return language_gateway(services.settings, services.database, services.sealer)
