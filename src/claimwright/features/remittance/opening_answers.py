"""One answer of a payer, opened for a stated reason: what identifies the patient, as far as policies allow.

AnswerNotFoundError    there is no such answer
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.engines.remittance import explain_answer
from claimwright.features.prediction import open_claims
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store.remittance_listings import (
    AnswerAdjustment,
    AnswerLine,
    ListedAnswer,
    lines_of_answer,
    list_answers,
)
from claimwright.store.sealed_claims import Opens

from .answer_secrets import secrets_of
from .deciding import AnswerNotFoundError

# For the facility of the claim, and the claim if it is known: which kinds of field are shown, and why not.
DecideAnswer: TypeAlias = "Callable[[str | None, ClaimBatch], tuple[Mapping[str, bool], Mapping[str, str]]]"


@dataclass(frozen=True)
class WithheldKind:
    """Fields that are left out, of one kind, and the reason."""

    kind: str
    reason: str
    fields: list[str]


@dataclass(frozen=True)
class ShownAnswer:
    """An answer; `means` and `do` explain its state. `identity` has the numbers and names that it came
    with.
    """

    answer: ListedAnswer
    means: str
    do: str
    identity: dict[str, str]
    lines: list[AnswerLine]
    adjustments: list[AnswerAdjustment]
    withheld: list[WithheldKind]


def shown_answer(
    caller: Caller,
    connection: Connection,
    opener: Opens,
    answer_id: int,
    *,
    reason: str,
    decide: DecideAnswer,
    facilities: Sequence[str] | None = None,
    correlation_id: str | None = None,
) -> ShownAnswer:
    """Open an answer. The audit log has who and why before anything is shown, if the transaction commits.

    Raises:
        AnswerNotFoundError: there is no such answer, or it is of another facility.
        AuditError: the reason is not acceptable; nothing was opened.
        PhiError: it can't be opened.
    """
    found = list_answers(connection, answer_id=answer_id, facilities=facilities, limit=1)
    if not found:
        raise AnswerNotFoundError(f"there is no answer {answer_id}.")
    [answer] = found
    keys = [] if answer.claim_key is None else [answer.claim_key]
    claim = open_claims(caller, connection, opener, keys) if keys else ClaimBatch()
    shown, why = decide(answer.facility, claim)
    lines, adjustments = lines_of_answer(connection, answer_id)
    known = secrets_of(caller, connection, opener, [answer_id]).get(answer_id, {})
    identity = {name: value for name, value in known.items() if value is not None}
    withheld = []
    if not shown["identity"]:
        withheld.append(WithheldKind("identity", why["identity"], [*identity, "service_from_on"]))
        identity, lines = {}, [replace(each, service_from_on=None) for each in lines]
    if not shown["clinical"]:
        fields = ["procedure", "modifiers", "original_procedure", "revenue_code", "remarks"]
        withheld.append(WithheldKind("clinical", why["clinical"], fields))
        lines = [
            replace(
                each, procedure=None, modifiers=None, original_procedure=None, revenue_code=None, remarks=None
            )
            for each in lines
        ]
    audit.record_phi_access(
        caller,
        connection,
        subject=f"answer:{answer_id}",
        fields=tuple(kind for kind, allowed in shown.items() if allowed),
        reason=reason,
        correlation_id=correlation_id or str(uuid.uuid4()),
    )
    means, do = explain_answer(answer.state, answer.reason)
    return ShownAnswer(answer, means, do, identity, lines, adjustments, withheld)
