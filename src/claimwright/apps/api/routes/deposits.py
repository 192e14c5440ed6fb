"""Deposits of the bank: added, listed, beside the payments that none confirms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from claimwright.apps.api.asking import Asking
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.pages import Page, Paging
from claimwright.apps.api.resources import Resource
from claimwright.apps.api.uploads import SCANNED, scanned_text
from claimwright.engines.remittance import BankColumns, read_bank_lines
from claimwright.features.remittance import (
    AddedDeposits,
    StoredDeposit,
    UnconfirmedPayment,
    add_deposits,
    assign_deposit,
    list_deposits,
    unconfirmed_payments,
)

routes = Resource("deposits", "Deposits of the bank, which confirm payments; amounts are cents")


class DepositAssigned(Body):
    """The payments that a deposit confirms, and why; they add up to it."""

    payments: list[Annotated[int, Field(ge=1, lt=2**63)]] = Field(min_length=1, max_length=1_000)
    reason: str = Field(min_length=8, max_length=200, description="About the work, not about the patient.")


class DepositsShown(BaseModel):
    """Deposits of the bank, and payments that no deposit confirms."""

    deposits: Page[StoredDeposit]
    payments: list[UnconfirmedPayment]


@routes.get("/deposits", action="remittances.list")
def deposits(
    asker: Asking,
    page: Paging,
    is_open: Annotated[bool | None, Query(description="True: those that confirm no payment.")] = None,
) -> DepositsShown:
    """Deposits of the bank, newest first, and the newest payments that no deposit confirms.

    Accounts of single facilities see payments only, since a deposit is of no facility.
    """
    with asker.services.database.transaction(asker.caller) as connection:
        found: Sequence[StoredDeposit] = []
        if asker.facilities is None:
            found = list_deposits(connection, is_open=is_open, before=page.after, limit=page.limit)
        unconfirmed = unconfirmed_payments(connection, facilities=asker.facilities, limit=page.limit)
    return DepositsShown(deposits=page.page(found, lambda each: each.deposit_id), payments=unconfirmed)


@routes.post(
    "/deposits", action="remittances.post", status=201, errors=("unusable_input", *SCANNED),
    openapi_extra={"requestBody": {"required": True, "content": {
        "text/csv": {"schema": {"type": "string"}}, "text/plain": {"schema": {"type": "string"}},
    }}},
)  # fmt: skip
async def add(
    request: Request,
    asker: Asking,
    date: Annotated[str, Query(max_length=80, description="CSV: the column of the date.")] = "date",
    amount: Annotated[str, Query(max_length=80, description="CSV: the column of the amount.")] = "amount",
    trace: Annotated[str, Query(max_length=80, description="CSV: the column of the trace number.")] = "trace",
    dates: Annotated[
        str | None, Query(max_length=20, description="CSV: how dates are written, such as %m/%d/%Y.")
    ] = None,
) -> AddedDeposits:
    """Add deposits, as BAI2 or CSV in the body, and confirm payments by trace number and amount.

    A line is added once, however often it is sent. Only for accounts of every facility.
    """
    asker.demand_every_facility("deposits are of no facility")
    content = await scanned_text(request)

    def added() -> AddedDeposits:
        lines = read_bank_lines(content, "the body", BankColumns(date, amount, trace, dates))
        with asker.services.database.transaction(asker.caller) as connection:
            return add_deposits(asker.caller, connection, lines)

    return await run_in_threadpool(added)


@routes.post(
    "/deposits/{deposit_id}/payments", action="remittances.decide", status=204,
    errors=("reason_needed", "unusable_input"),
)  # fmt: skip
def assign(asker: Asking, deposit_id: int, wanted: DepositAssigned) -> None:
    """Let an open deposit confirm several open payments, such as checks that were deposited together. Their
    amounts must add up to it. Only for accounts of every facility.
    """
    asker.demand_every_facility("deposits are of no facility")
    with asker.services.database.transaction(asker.caller) as connection:
        assign_deposit(asker.caller, connection, deposit_id, wanted.payments, reason=wanted.reason)
