"""What became of sent appeals: from the payers' later answers by themselves, or as a person states it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from claimwright.domain.caller import Caller
from claimwright.features.denials import decide_denials
from claimwright.foundation import clock
from claimwright.store import appeal_answers
from claimwright.store import appeals as rows

from .audit_events import publish_case, record_case
from .errors import AppealStateError
from .working import one_case

if TYPE_CHECKING:
    from claimwright.platform.database import Connection

OUTCOMES = ("won", "partly_won", "lost")
# 95 %, two-sided.
_Z = 1.96
_MOST = 10_000


@dataclass(frozen=True)
class TemplateOutcome:
    """The record of a template version. The interval is Wilson's, in percent, of decided letters."""

    template_id: str
    version: int
    sent: int
    decided: int
    won: int
    partly_won: int
    overturned_percent: float | None
    low_percent: float | None
    high_percent: float | None
    recovered_cents: int


def settle_appeals(caller: Caller, connection: Connection) -> list[rows.AppealCase]:
    """Set the outcome of sent appeals that the payer has answered. Returns those that were decided now.

    Each is compared by its line, since a payer answers a claim once, however many lines were appealed. More
    paid of its line since it was sent is recovered: no denial left, or all of the amount in dispute, is
    won; less is won in part. A denial that is gone, and what the patient owes instead, is won too. Another
    denial, without more money, is lost; but where the answer pays more of other lines, it may only repeat
    what was said of this one: the appeal stays sent, until the payer's letter says more. Answers that were
    there when it was sent are those of an earlier level.
    """
    decided = []
    for case in rows.list_cases(connection, states=("sent",), limit=_MOST):
        if case.answer_id is None or case.sent_at is None:
            continue
        since = appeal_answers.answered_since(
            connection, case.denial_id, after=case.answered_until or case.answer_id, sent_on=case.as_of,
            paid_before_cents=case.paid_before_cents or 0,
        )  # fmt: skip
        state = _outcome(since, case.amount_cents or 0)
        if state is None:
            continue
        day = since.day or clock.today()
        _decide(caller, connection, case, state, max(since.more_cents, 0), day, "remittance")
        decided.append(one_case(connection, case.case_id))
    return decided


def _outcome(since: appeal_answers.AnsweredSince, disputed_cents: int) -> str | None:
    """What answers make of an appeal; None where they do not decide it."""
    if not since.is_answered:
        return None
    if not since.denies_again:
        # What is paid of a charge is seldom all of it: the rest is by contract.
        return "won" if since.more_cents > 0 or since.is_owed else None
    if since.more_cents > 0:
        return "won" if since.more_cents >= disputed_cents else "partly_won"
    return None if since.more_elsewhere > 0 else "lost"


def state_outcome(
    caller: Caller,
    connection: Connection,
    case_id: int,
    outcome: str,
    *,
    decided_on: datetime.date,
    recovered_cents: int | None = None,
    facilities: Sequence[str] | None = None,
) -> rows.AppealCase:
    """State what the payer wrote, before or without a remittance.

    Raises:
        AppealNotFoundError: there is no such case.
        AppealStateError: the outcome is unknown, or the appeal is not sent.
    """
    one_case(connection, case_id, facilities=facilities)
    case = rows.lock_case(connection, case_id)
    assert case is not None
    if outcome not in OUTCOMES:
        raise AppealStateError(f"the outcome is one of {', '.join(OUTCOMES)}.")
    if case.state not in ("sent", *OUTCOMES):
        raise AppealStateError(f"appeal {case_id} is {case.state}: only a sent one has an outcome.")
    _decide(caller, connection, case, outcome, recovered_cents, decided_on, "person")
    return one_case(connection, case_id)


def template_outcomes(
    connection: Connection, *, facilities: Sequence[str] | None = None
) -> list[TemplateOutcome]:
    """How often letters of each template version overturned the denial, with the interval; of some facilities
    where they are given.
    """
    made = []
    for each in rows.template_records(connection, facilities):
        decided, good = each.won + each.partly_won + each.lost, each.won + each.partly_won
        low, high = wilson(good, decided)
        made.append(
            TemplateOutcome(
                each.template_id, each.template_version, each.sent, decided, each.won, each.partly_won,
                round(100 * good / decided, 1) if decided else None, low, high, each.recovered_cents,
            )
        )  # fmt: skip
    return made


def wilson(good: int, of: int) -> tuple[float | None, float | None]:
    """The 95 % interval of a share, in percent (Wilson 1927); null without cases."""
    if not of:
        return None, None
    share = good / of
    middle = share + _Z**2 / (2 * of)
    half = _Z * sqrt(share * (1 - share) / of + _Z**2 / (4 * of**2))
    scale = 1 + _Z**2 / of
    return round(100 * (middle - half) / scale, 1), round(100 * (middle + half) / scale, 1)


def _decide(
    caller: Caller, connection: Connection, case: rows.AppealCase, state: str, recovered: int | None,
    day: datetime.date, said_by: str,
) -> None:  # fmt: skip
    rows.update_case(
        connection, case.case_id, clock.now(),
        {"state": state, "recovered_cents": recovered, "decided_on": day, "outcome_from": said_by},
    )  # fmt: skip
    publish_case(
        caller, connection, case, "decided", {"state": state, "from": said_by, "recovered_cents": recovered}
    )
    record_case(caller, connection, case, "decided", {"state": state, "amount_cents": recovered})
    denial_state = "won" if state in ("won", "partly_won") else "lost"
    decide_denials(
        caller, connection, [case.denial_id], denial_state, reason=f"appeal {case.case_id}: {state}"
    )
