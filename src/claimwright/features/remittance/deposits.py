"""Deposits of the bank: added once, and payments confirmed by them.

DepositError   a deposit or a payment is not open, or their amounts differ
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from claimwright.domain.caller import Caller
from claimwright.engines.remittance import BankLines
from claimwright.foundation import clock
from claimwright.foundation.errors import InputError
from claimwright.platform import audit
from claimwright.platform.database import Connection
from claimwright.store import remittances
from claimwright.store.deposits import (
    confirm_deposit,
    insert_deposits,
    match_deposits,
    open_deposit_cents,
    open_payment_cents,
)


class DepositError(InputError):
    """Payments that a deposit can't confirm; the message says why."""


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


def assign_deposit(
    caller: Caller, connection: Connection, deposit_id: int, payments: Sequence[int], *, reason: str
) -> None:
    """Let an open deposit confirm the open payments that a person chose, if they add up to its amount: checks
    that were deposited together have no trace number in common.

    Raises:
        DepositError: one of them is not open, or the amounts differ.
        AuditError: the reason is not acceptable.
    """
    reason = audit.stated_reason(reason, "a deposit is assigned")
    remittances.lock_remittances(connection)
    wanted = sorted(set(payments))
    amount = open_deposit_cents(connection, deposit_id)
    if amount is None:
        raise DepositError(f"there is no open deposit {deposit_id}.")
    amounts = open_payment_cents(connection, wanted)
    if missing := [each for each in wanted if each not in amounts]:
        raise DepositError(f"payments that are not open: {', '.join(map(str, missing))}.")
    if not wanted or sum(amounts.values()) != amount:
        raise DepositError(
            f"the payments are {sum(amounts.values())} cents, the deposit is {amount} cents. "
            "They must be equal."
        )
    confirm_deposit(connection, deposit_id, wanted, clock.now())
    audit.append(
        caller, connection, action="deposit.assigned", subject=f"deposit:{deposit_id}",
        detail={"reason": reason, "payments": len(wanted), "amount_cents": amount},
        correlation_id=str(uuid.uuid4()),
    )  # fmt: skip
