"""What language models were asked, answered and cost: for the case's people, and for who pays."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from claimwright.domain.caller import Caller
from claimwright.engines.drafting import Prompt
from claimwright.features.governance import Gets, active_prompt
from claimwright.foundation import clock
from claimwright.platform import audit
from claimwright.platform.language_models import (
    BYS,
    By,
    ModelCall,
    ModelSpending,
    NoModelAnswerError,
    Note,
    SentCall,
    calls_under_way,
    last_answers,
    model_calls,
    model_spending,
    sent_call,
)
from claimwright.platform.phi import Sealer

from .errors import AppealNotFoundError
from .model_drafting import PROMPT_ID, ask_for_draft
from .samples import sample_question
from .working import one_case

if TYPE_CHECKING:
    from claimwright.domain.appeal_case import Statement
    from claimwright.platform.database import Connection
    from claimwright.platform.language_models import Gateway, Provider

TRIAL = "trial"

__all__ = ["BYS", "TRIAL", "By", "ModelCall", "ModelSpending", "NoModelAnswerError", "SentCall"]


@dataclass(frozen=True)
class ProviderState:
    """A provider in its place of the order. `problem` is the kind of the last failure; `cost` is in dollars.

    Numbers are those of the tenant in the month under way (UTC); `unpriced` calls had no price set.
    """

    place: int
    name: str
    model: str
    host: str
    breaker: str
    problem: str | None
    retry_at: datetime.datetime | None
    under_way: int
    concurrent: int
    answered_at: datetime.datetime | None
    calls: int
    answered: int
    failed: int
    cached: int
    tokens_in: int
    tokens_out: int
    cost: Decimal
    unpriced: int


@dataclass(frozen=True)
class DraftingTrial:
    """What a provider made of the synthetic case; `statements` is empty where it gave no usable answer."""

    provider: str
    tries: tuple[str, ...]
    model: str | None
    call: ModelCall | None
    own: int
    statements: tuple[Statement, ...]


def provider_states(caller: Caller, connection: Connection, gateway: Gateway | None) -> list[ProviderState]:
    """The providers in their order; none where no language model is set up."""
    if gateway is None:
        return []
    spent = {each.name: each for each in model_spending(connection, "provider", since=month_began())}
    answered = last_answers(connection, [each.name for each in gateway.providers])
    made = []
    for place, each in enumerate(gateway.providers, 1):
        used = spent.get(each.name) or ModelSpending(each.name, 0, 0, 0, 0, 0, 0, Decimal(0), 0)
        made.append(_state(caller, connection, gateway, place, each, used, answered.get(each.name)))
    return made


def _state(
    caller: Caller, connection: Connection, gateway: Gateway, place: int, provider: Provider,
    used: ModelSpending, answered_at: datetime.datetime | None,
) -> ProviderState:  # fmt: skip
    breaker = gateway.breaker_of(caller, provider.name)
    lost = clock.now() - datetime.timedelta(seconds=gateway.limits.timeout_seconds * 2)
    return ProviderState(
        place, provider.name, provider.wire.model, provider.host, breaker.state.value, breaker.problem,
        breaker.retry_at, calls_under_way(connection, provider.name, lost), provider.concurrent, answered_at,
        used.calls, used.answered, used.failed, used.cached, used.tokens_in, used.tokens_out, used.cost,
        used.unpriced,
    )  # fmt: skip


def spending_of(
    connection: Connection, by: By, month: str | None = None, *, subject: str | None = None
) -> list[ModelSpending]:
    """What a month's calls cost, by provider, case, stage or who asked; the month under way by default.

    `month` is a year and a number, such as 2026-11.
    """
    first = month_began()
    if month is not None:
        first = datetime.datetime.fromisoformat(f"{month}-01").replace(tzinfo=datetime.UTC)
    following = (first + datetime.timedelta(days=31)).replace(day=1)
    return model_spending(connection, by, since=first, until=following, subject=subject)


def calls_of_case(
    connection: Connection, case_id: int, *, facilities: Sequence[str] | None = None
) -> list[ModelCall]:
    """What language models were asked for a case, newest first: no content.

    Raises:
        AppealNotFoundError: there is no such case, or it is of another facility.
    """
    one_case(connection, case_id, facilities=facilities)
    return model_calls(connection, subject=f"appeal:{case_id}")


def open_call(
    caller: Caller, connection: Connection, sealer: Sealer, case_id: int, call_id: int, *, reason: str,
    facilities: Sequence[str] | None = None,
) -> SentCall:  # fmt: skip
    """What was sent for a case in one call, and answered, for a stated reason, which the audit log keeps.

    Raises:
        AppealNotFoundError: there is no such case or call.
        AuditError: the reason is not acceptable; nothing was opened.
        PhiError: the record can't be opened.
    """
    case = one_case(connection, case_id, facilities=facilities)
    found = [each for each in calls_of_case(connection, case_id) if each.call_id == call_id]
    if not found:
        raise AppealNotFoundError(f"there is no call {call_id} of a language model for appeal {case_id}.")
    audit.record_phi_access(
        caller, connection, subject=f"appeal:{case_id}", fields=("model_call",), reason=reason,
        correlation_id=str(case.correlation_id),
    )  # fmt: skip
    return sent_call(caller, connection, sealer, found[0])


def try_drafting(caller: Caller, gateway: Gateway, prompt: Prompt, provider: str) -> DraftingTrial:
    """Have a provider draft the synthetic case, in which nobody exists. It is kept and counted as any call.

    It waits for the network: call it outside of a transaction.
    """
    question = sample_question(prompt)
    with gateway.database.transaction(caller) as connection:
        audit.append(
            caller, connection, action="drafting.tried", subject=f"language_model:{provider}", detail={},
            correlation_id=str(uuid.uuid4()),
        )  # fmt: skip
    try:
        found = ask_for_draft(
            gateway, caller, question, subject=TRIAL, stage=TRIAL, only=(provider,), use_cache=False
        )
    except NoModelAnswerError as problem:
        return DraftingTrial(provider, _tries(problem.notes), None, None, 0, ())
    with gateway.database.transaction(caller) as connection:
        [call] = [each for each in model_calls(connection, subject=TRIAL) if each.call_id == found.call_id]
    own = sum(each.statement_id.startswith("written-") for each in found.value.statements)
    return DraftingTrial(provider, _tries(found.notes), found.model, call, own, found.value.statements)


def prompt_in_force(connection: Connection, shelf: Gets, day: datetime.date) -> Prompt:
    """The prompt that drafts letters on a day.

    Raises:
        GovernedFileError, PromptError: it can't be used.
    """
    return active_prompt(connection, shelf, PROMPT_ID, day)


def month_began() -> datetime.datetime:
    """When the month under way began (UTC)."""
    return clock.now().astimezone(datetime.UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _tries(notes: Sequence[Note]) -> tuple[str, ...]:
    return tuple(each.says for each in notes)
