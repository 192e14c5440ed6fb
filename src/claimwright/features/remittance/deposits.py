"""Deposits of the bank: added once, and payments confirmed by them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from claimwright.domain.caller import Caller
from claimwright.engines.remittance import BankLines
from claimwright.foundation import clock
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store import remittances
from claimwright.store.deposits import insert_deposits, match_deposits


@dataclass(frozen=True)
class AddedDeposits:
    """What became of the lines of a file; `confirmed` counts payments that a deposit confirms now."""

    added: int
    known: int
    left_out: int
    confirmed: int


def add_deposits(caller: Caller, connection: Connection, lines: BankLines) -> AddedDeposits:
    """Store the deposits that are not stored yet, and confirm payments by trace number and amount."""
    remittances.lock_remittances(connection)
    now = clock.now()
    added = insert_deposits(connection, lines.deposits, now)
    confirmed = match_deposits(connection, now)
    result = AddedDeposits(added, lines.deposits.height - added, lines.left_out, confirmed)
    if added or confirmed:
        audit.append(
            caller,
            connection,
            action="deposits.added",
            subject=f"tenant:{caller.tenant}",
            detail={
                "count": added, "payments": confirmed,
                "amount_cents": int(lines.deposits["amount_cents"].sum()),
            },
            correlation_id=str(uuid.uuid4()),
        )  # fmt: skip
    return result
