"""What people did about a denial: its state, with the reason. It moves no money.

DenialStateError   the state is unknown, or nothing was written off
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from claimwright.domain.caller import Caller
from claimwright.domain.denial_states import DENIAL_STATES
from claimwright.foundation.errors import InputError
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store.denial_work import denial_with_id
from claimwright.store.denials import set_denial_state
from claimwright.store.remittance_listings import was_written_off

from .weighing import DenialNotFoundError


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
        AuditError: the reason is not acceptable.
    """
    reason = audit.stated_reason(reason, "the state of the denial changes")
    if state not in DENIAL_STATES:
        raise DenialStateError(f"a denial's state is one of {', '.join(DENIAL_STATES)}.")
    found = denial_with_id(connection, denial_id, facilities=facilities).to_dicts()
    if not found:
        raise DenialNotFoundError(f"there is no denial {denial_id}.")
    answer_id, claim_key = found[0]["answer_id"], found[0]["claim_key"]
    if state == "written_off" and (answer_id is None or not was_written_off(connection, answer_id)):
        raise DenialStateError(
            "nothing of the claim was written off. Propose it, and have another person approve it: "
            f"claimwright ledger write-off {claim_key or 'KEY'} AMOUNT, then ledger approve."
        )
    set_denial_state(connection, denial_id, state, reason)
    audit.append(
        caller,
        connection,
        action="denial.decided",
        subject=f"denial:{denial_id}",
        detail={"reason": reason, "state": state},
        correlation_id=str(uuid.uuid4()),
    )
