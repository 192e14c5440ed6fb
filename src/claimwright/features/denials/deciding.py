"""What people did about denials: their state, with the reason. It moves no money.

DenialStateError      the state is unknown, or nothing was written off
ApprovalNeededError   (features.claims) another person has to approve in the queue that it is sent again
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from claimwright.domain.caller import Caller
from claimwright.domain.denial_states import DENIAL_STATES
from claimwright.features.claims import demand_approval
from claimwright.foundation.errors import InputError
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store.denial_work import denial_with_id
from claimwright.store.denials import lock_open_denials, set_denial_states
from claimwright.store.remittance_listings import denials_written_off

from .weighing import DenialNotFoundError

NOT_WRITTEN_OFF = (
    "nothing of the claim was written off. Propose it, and have another person approve it: "
    "claimwright ledger write-off KEY AMOUNT, then ledger approve."
)


class DenialStateError(InputError):
    """The state is unknown, or does not fit."""


def decide_denial(
    caller: Caller,
    connection: Connection,
    denial_id: int,
    state: str,
    *,
    reason: str,
    facilities: Sequence[str] | None = None,
) -> None:
    """Set the state of a denial. It moves no money.

    Raises:
        DenialNotFoundError: there is none, or it is of another facility.
        DenialStateError: the state is unknown; or it is `written_off`, and nothing of the claim was.
        ApprovalNeededError: it is `resubmitted`, and its work item needs an approval.
        AuditError: the reason is not acceptable.
    """
    reason = audit.stated_reason(reason, "the state of the denial changes")
    if state not in DENIAL_STATES:
        raise DenialStateError(f"a denial's state is one of {', '.join(DENIAL_STATES)}.")
    found = denial_with_id(connection, denial_id, facilities=facilities).to_dicts()
    if not found:
        raise DenialNotFoundError(f"there is no denial {denial_id}.")
    if state == "written_off" and not denials_written_off(connection, [denial_id]):
        raise DenialStateError(NOT_WRITTEN_OFF.replace("KEY", str(found[0]["claim_key"] or "KEY")))
    decide_denials(caller, connection, [denial_id], state, reason=reason)


def lock_undecided_denials(
    connection: Connection, denial_ids: Sequence[int], state: str | None
) -> tuple[set[int], set[int]]:
    """Those of the denials that are open, locked until the transaction ends; and those of them that can be
    set to a state.
    """
    found = lock_open_denials(connection, denial_ids)
    able = denials_written_off(connection, found) if state == "written_off" and found else found
    return set(found), set(able)


def decide_denials(
    caller: Caller, connection: Connection, denial_ids: Sequence[int], state: str, *, reason: str
) -> None:
    """Set the state of denials that can have it, and record each. From then on the end of the audit log is
    locked: call it last.

    Raises:
        ApprovalNeededError: it is `resubmitted`, and a work item needs an approval; none was set.
    """
    if state == "resubmitted":
        for kind in ("denial", "rejection"):
            demand_approval(connection, kind, denial_ids)
    set_denial_states(connection, denial_ids, state, reason)
    correlation = str(uuid.uuid4())
    for denial_id in denial_ids:
        audit.append(
            caller,
            connection,
            action="denial.decided",
            subject=f"denial:{denial_id}",
            detail={"reason": reason, "state": state},
            correlation_id=correlation,
        )
