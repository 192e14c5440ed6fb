"""`claimwright deposits`: deposits of the bank, and the payments that they confirm."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .session import Environment, Most, Tenant, permitted_caller, settings_of, store_of
from .terminal import Exit, ValueTable, fail, out, wide

if TYPE_CHECKING:
    from claimwright.features.remittance import StoredDeposit

app = typer.Typer(
    help="Deposits of the bank, compared with the payments of remittances.", no_args_is_help=True
)


@app.command("add")
def add(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE...", help="BAI2 or CSV files of the bank.")],
    date: Annotated[str, typer.Option("--date", help="CSV: the column of the date.")] = "date",
    amount: Annotated[str, typer.Option("--amount", help="CSV: the column of the amount.")] = "amount",
    trace: Annotated[str, typer.Option("--trace", help="CSV: the column of the trace number.")] = "trace",
    dates: Annotated[
        str | None, typer.Option("--dates", help="CSV: how dates are written, such as %d.%m.%Y.")
    ] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Add deposits, and confirm payments with the same trace number and amount.

    Lines that were added before are left out, so that a statement can be added again. Debits are left out.

    Exit status: 0 every deposit confirms a payment, 1 some are open, 2 a file can't be used.
    """
    from claimwright.engines.remittance import BankColumns, BankFileError, read_bank_lines
    from claimwright.features.remittance import add_deposits, list_deposits

    columns = BankColumns(date, amount, trace, dates)
    try:
        files = [(path, read_bank_lines(path.read_bytes(), str(path), columns)) for path in paths]
    except BankFileError as problem:
        fail(str(problem))
    except OSError as problem:
        fail(f"{problem.filename}: cannot be read: {problem.strerror}. Check the path and its permissions.")
    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "remittances.post")
    with store_of(settings) as database:
        for path, lines in files:
            with database.transaction(caller) as connection:
                done = add_deposits(caller, connection, lines)
                is_open = bool(list_deposits(connection, is_open=True, limit=1))
            out.print(
                f"{path}: deposits added: {done.added:,}, known before: {done.known:,}, "
                f"lines that are no deposit: {done.left_out:,}. Payments confirmed: {done.confirmed:,}.",
                markup=False, soft_wrap=True,
            )  # fmt: skip
    if is_open:
        out.print("Next: claimwright deposits list --open", markup=False)
    raise typer.Exit(Exit.FINDINGS if is_open else Exit.CLEAN)


@app.command("assign")
def assign(
    deposit: Annotated[int, typer.Argument(metavar="DEPOSIT", min=1, help="An open deposit, as listed.")],
    payments: Annotated[list[int], typer.Argument(metavar="PAYMENT...", help="The payments in it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, 8 to 200 characters; kept in the audit log.")],
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Let a deposit confirm several payments, such as checks deposited together. They must add up to it.

    Exit status: 0, or 2 if a deposit or payment is not open, or the amounts differ.
    """
    from claimwright.features.remittance import DepositError, assign_deposit
    from claimwright.platform.audit import AuditError

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "remittances.decide")
    try:
        with store_of(settings) as database, database.transaction(caller) as connection:
            assign_deposit(caller, connection, deposit, payments, reason=reason)
    except DepositError as problem:
        fail(str(problem))
    except AuditError as problem:
        fail(f"--reason: {problem}")
    out.print(f"Deposit {deposit} confirms {len(set(payments)):,} payments.", markup=False)


@app.command("list")
def list_all(
    is_open: Annotated[bool, typer.Option("--open", help="Only what is open on either side.")] = False,
    before: Annotated[
        int | None, typer.Option("--before", min=1, metavar="NUMBER", help="Deposits before this number.")
    ] = None,
    limit: Most = 100,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """List deposits with the payments that they confirm, and payments that no deposit confirms.

    Exit status: 0 nothing is open, 1 a deposit or a payment is open.
    """
    from claimwright.features.remittance import list_deposits, unconfirmed_payments

    from .remit_posting import cents_told

    settings = settings_of(environment)
    with (
        store_of(settings) as database,
        database.transaction(permitted_caller(settings, tenant, "remittances.list")[0]) as connection,
    ):
        found = list_deposits(connection, is_open=True if is_open else None, before=before, limit=limit)
        payments = unconfirmed_payments(connection, limit=limit)
    if found:
        table = ValueTable("deposit", "day", "amount", "trace", "payment", "payer")
        for each in found:
            table.add_row(
                str(each.deposit_id), str(each.deposited_on), cents_told(each.amount_cents),
                each.trace_number, _payments(each),
                each.payer_name,
            )  # fmt: skip
        wide().print(table)
    else:
        out.print(
            "No deposits are open." if is_open else "No deposits. Add some: claimwright deposits add FILE."
        )
    if payments:
        out.print("\nPayments without a deposit:")
        table = ValueTable("payment", "day", "payer", "by", "trace", "amount", "why")
        for payment in payments:
            why = "no deposit has its trace number"
            if payment.other_cents is not None:
                why = f"the deposit is {cents_told(payment.other_cents)}"
            table.add_row(
                str(payment.payment_id), str(payment.paid_on or ""), payment.payer_name, payment.method,
                payment.trace_number, cents_told(payment.amount_cents), why,
            )  # fmt: skip
        wide().print(table)
    if len(found) == limit:
        out.print(f"Next page: --before {found[-1].deposit_id}", markup=False)
    if payments or any(each.payment_id is None for each in found):
        raise typer.Exit(Exit.FINDINGS)


def _payments(deposit: StoredDeposit) -> str:
    if deposit.payment_id is None:
        return "open"
    more = deposit.payments - 1
    return f"{deposit.payment_id} and {more} more" if more > 0 else str(deposit.payment_id)
