"""Write-offs: one person proposes one, another one approves it in a session of their own; then it is posted.

The database refuses a posting of a write-off that nobody else has approved (migration 0173).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from claimwright.domain.caller import Caller
from claimwright.engines.remittance import Account
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store import ledger, remittances
from claimwright.store.write_offs import (
    StoredWriteOff,
    decide_write_off,
    insert_write_off,
    list_write_offs,
)

from .manual_postings import (
    NothingPostedError,
    PostingRefusedError,
    cents_of,
    dollars,
    locked_account,
    post_by_hand,
    tell_of_ledger,
)

WrittenOffFrom = Literal["denied", "payer", "patient"]
_OPEN = {"denied": "denied", "payer": "owed by a payer", "patient": "owed by the patient"}


def propose_write_off(
    caller: Caller,
    connection: Connection,
    claim_key: int,
    amount: Decimal,
    *,
    reason: str,
    of: WrittenOffFrom = "denied",
    facilities: Sequence[str] | None = None,
) -> StoredWriteOff:
    """Propose to write off an amount of a claim that is denied, or owed by a payer or the patient.

    Nothing is posted yet.

    Raises:
        NothingPostedError: nothing of the claim is posted.
        PostingRefusedError: less is open.
        AuditError: the reason is not acceptable.
    """
    cents = cents_of(amount)
    reason = audit.stated_reason(reason, "it is proposed")
    account = locked_account(connection, claim_key, facilities)
    _open_turn(connection, claim_key, account, cents, of)
    made = insert_write_off(connection, claim_key, account, cents, of, reason)
    _tell(caller, connection, "proposed", made, reason)
    return made


def approve_write_off(
    caller: Caller, connection: Connection, write_off_id: int, *, facilities: Sequence[str] | None = None
) -> int:
    """Approve and post a write-off. Returns the posting: posted by who proposed it, approved by the caller.

    Raises:
        NothingPostedError: there is no such write-off at these facilities.
        PostingRefusedError: it is decided, less is open by now, or the caller proposed it or is no person.
    """
    found = _waiting(connection, write_off_id, facilities)
    if not caller.is_person:
        raise PostingRefusedError("a write-off is approved by a person, not by a service.")
    if found.proposed_by == caller.actor:
        raise PostingRefusedError("a write-off is approved by another person than the one who proposed it.")
    turn = _open_turn(connection, found.claim_key, found.account_key, found.amount_cents, found.source)
    source = Account(found.source)
    posting = post_by_hand(
        caller, connection, "write_off",
        {Account.WRITTEN_OFF: found.amount_cents, source: -found.amount_cents}, found.amount_cents,
        found.reason, account_key=found.account_key, proposed_by=found.proposed_by, turns={source: turn},
    )  # fmt: skip
    decide_write_off(connection, write_off_id, "approved", posting)
    return posting


def refuse_write_off(
    caller: Caller,
    connection: Connection,
    write_off_id: int,
    *,
    reason: str,
    facilities: Sequence[str] | None = None,
) -> StoredWriteOff:
    """Refuse a write-off, or withdraw one's own: it will not be posted.

    Raises:
        NothingPostedError: there is no such write-off at these facilities.
        PostingRefusedError: it is decided.
        AuditError: the reason is not acceptable.
    """
    reason = audit.stated_reason(reason, "it is refused")
    _waiting(connection, write_off_id, facilities)
    decided = decide_write_off(connection, write_off_id, "refused")
    _tell(caller, connection, "refused", decided, reason)
    return decided


def _waiting(connection: Connection, write_off_id: int, facilities: Sequence[str] | None) -> StoredWriteOff:
    """One that waits, which nobody else decides until the transaction ends."""
    remittances.lock_remittances(connection)
    found = list_write_offs(connection, write_off_id=write_off_id, facilities=facilities, limit=1)
    if not found:
        raise NothingPostedError(
            f"there is no write-off {write_off_id}. `claimwright ledger write-offs` lists them."
        )
    if found[0].state != "waiting":
        raise PostingRefusedError(f"write-off {write_off_id} is {found[0].state} already.")
    return found[0]


def _open_turn(
    connection: Connection, claim_key: int, account: int, cents: int, of: WrittenOffFrom
) -> str | None:
    """The payer's turn of whose balance an amount is written off; null where there is none."""
    turns = {
        each.turn: each.amount_cents
        for each in ledger.balances_of(connection, [account]).get(account, [])
        if each.account == Account(of) and each.amount_cents > 0
    }
    most = max(turns.values(), default=0)
    if cents > most:
        raise PostingRefusedError(
            f"{dollars(most)} of claim {claim_key} is {_OPEN[of]}. Write off at most that."
        )
    return next(turn for turn, open_cents in turns.items() if open_cents >= cents)


def _tell(caller: Caller, connection: Connection, what: str, of: StoredWriteOff, reason: str) -> None:
    detail = {"reason": reason, "amount_cents": of.amount_cents, "claim_key": of.claim_key}
    tell_of_ledger(caller, connection, f"ledger.write_off_{what}", f"write_off:{of.write_off_id}", detail)
