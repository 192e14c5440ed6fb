"""`claimwright ledger`: balances, the postings of a claim, and what people post."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from .options import Reason
from .session import Environment, Tenant, permitted_caller, sealer_of, settings_of, store_of
from .terminal import Exit, ValueTable, amount_of, fail, out, wide

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.platform.database import Connection

app = typer.Typer(
    help="The ledger: balances, postings of a claim, payments of patients, refunds, write-offs.",
    no_args_is_help=True,
)
Key = Annotated[int, typer.Argument(metavar="KEY", help="The claim's key in the store.")]
Amount = Annotated[str, typer.Argument(metavar="AMOUNT", help="Dollars and cents, such as 25.00.")]
WriteOffNumber = Annotated[int, typer.Argument(metavar="NUMBER", help="The write-off's number.")]


class To(StrEnum):
    """To whom money is paid back."""

    PAYER = "payer"
    PATIENT = "patient"


class Of(StrEnum):
    """What is written off."""

    DENIED = "denied"
    PAYER = "payer"
    PATIENT = "patient"


@app.command("balance")
def balance(environment: Environment = None, tenant: Tenant = None) -> None:
    """Show the trial balance: every account with its sum, and that debits equal credits.

    Exit status: 0, or 1 if the ledger does not balance.
    """
    from claimwright.engines.remittance import ACCOUNTS, Account
    from claimwright.features.remittance import ledger_totals

    from .remit_posting import cents_told

    settings = settings_of(environment)
    with (
        store_of(settings) as database,
        database.transaction(permitted_caller(settings, tenant, "ledger.read")[0]) as connection,
    ):
        found = ledger_totals(connection)
    table = ValueTable("account", "payer", "debit", "credit", "which is")
    for each in found:
        debit = cents_told(each.amount_cents) if each.amount_cents > 0 else ""
        credit = cents_told(-each.amount_cents) if each.amount_cents < 0 else ""
        table.add_row(each.account, each.turn, debit, credit, ACCOUNTS[Account(each.account)])
    debits = sum(each.amount_cents for each in found if each.amount_cents > 0)
    credits_ = -sum(each.amount_cents for each in found if each.amount_cents < 0)
    table.add_row("total", "", cents_told(debits), cents_told(credits_), "")
    wide().print(table)
    if debits != credits_:
        out.print("Debits and credits differ. Tell us, and post nothing until it is explained.")
        raise typer.Exit(Exit.FINDINGS)


@app.command("claim")
def of_claim(key: Key, environment: Environment = None, tenant: Tenant = None) -> None:
    """Show the postings of a claim with their entries, and the balance of each account after each posting.

    Exit status: 0, or 2 if nothing of the claim is posted.
    """
    from claimwright.features.remittance import account_of_claim, postings_of_account

    from .remit_posting import cents_told

    settings = settings_of(environment)
    with (
        store_of(settings) as database,
        database.transaction(permitted_caller(settings, tenant, "ledger.read")[0]) as connection,
    ):
        account = account_of_claim(connection, key)
        if account is None:
            fail(f"nothing of claim {key} is posted.")
        postings, entries = postings_of_account(connection, account)
    table = ValueTable("posting", "what", "by", "account", "payer", "line", "amount", "reason", "balance")
    balances: dict[tuple[str, str | None], int] = {}
    for posting in postings:
        what = posting.kind
        if posting.undoes_id is not None:
            what = f"undoes {posting.undoes_id}"
        elif posting.undone_by is not None:
            what += f", undone by {posting.undone_by}"
        by = posting.posted_by + (f", approved by {posting.approved_by}" if posting.approved_by else "")
        heads = (str(posting.posting_id), what, by)
        for entry in (each for each in entries if each.posting_id == posting.posting_id):
            place = (entry.account, entry.turn)
            balances[place] = balances.get(place, 0) + entry.amount_cents
            code = "-".join(filter(None, (entry.group_code, entry.carc))) or posting.reason
            table.add_row(
                *heads, entry.account, entry.turn, "" if entry.line is None else str(entry.line),
                cents_told(entry.amount_cents), code, cents_told(balances[place]),
            )  # fmt: skip
            heads = ("", "", "")
    wide().print(table)
    if account != key:
        out.print(f"The postings belong to claim {account}, the first version to the first payer.")
    told = [
        f"{name}{f' ({turn})' if turn else ''} {cents_told(cents)}"
        for (name, turn), cents in balances.items()
        if cents
    ]
    out.print(f"Balances: {', '.join(told) or 'all zero'}.", markup=False, soft_wrap=True)


@app.command("undo")
def undo(
    posting_id: Annotated[int, typer.Argument(metavar="POSTING", help="The posting's number.")],
    reason: Reason,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Undo a posting by another one. An answer whose posting is undone waits for a person.

    Exit status: 0, or 2 if there is no such posting, it is undone already, or the reason is invalid.
    """
    from claimwright.assembly.underpayments import make_underpayment_search
    from claimwright.features.remittance import undo_posting

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "ledger.post")
    with store_of(settings) as database:
        sealer = sealer_of(settings, database)
        with _explained(), database.transaction(caller) as connection:
            made = undo_posting(
                caller,
                connection,
                sealer,
                posting_id,
                search=make_underpayment_search(settings),
                reason=reason,
            )
    out.print(f"posting {posting_id}: undone by posting {made}.", markup=False)


@app.command("patient-payment")
def patient_payment(
    key: Key,
    amount: Amount,
    reason: Annotated[
        str, typer.Option("--reason", help="What the payment is; kept in the audit log.")
    ] = "payment of the patient",
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Post what a patient paid for a claim.

    Exit status: 0, or 2 if the patient owes less or nothing of the claim is posted.
    """
    from claimwright.features.remittance import post_patient_payment

    with _posting(environment, tenant) as (caller, connection):
        made = post_patient_payment(caller, connection, key, amount_of(amount, "AMOUNT"), reason=reason)
    out.print(f"posting {made}: {amount} of the patient, claim {key}.", markup=False)


@app.command("refund")
def refund(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[KEY] AMOUNT", help="The claim's key, unless --payment is used; dollars and cents."
        ),
    ],
    reason: Reason,
    payment: Annotated[
        int | None, typer.Option("--payment", metavar="ID", help="Pay back unapplied money of this payment.")
    ] = None,
    to: Annotated[To, typer.Option("--to", help="Who had paid too much of the claim.")] = To.PAYER,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Post what was paid back: a credit of the payer or patient on a claim, or unapplied money of a payment.

    Exit status: 0, or 2 if less is in credit or unapplied.
    """
    from claimwright.features.remittance import post_refund_of_claim, post_refund_of_payment

    if len(words) != (1 if payment is not None else 2):
        fail("give a claim's key and an amount, or --payment ID and an amount.")
    amount = words[-1]
    if payment is None and not words[0].isdecimal():
        fail("KEY: the claim's key in the store, a number.")
    with _posting(environment, tenant) as (caller, connection):
        if payment is not None:
            made = post_refund_of_payment(
                caller, connection, payment, amount_of(amount, "AMOUNT"), reason=reason
            )
        else:
            made = post_refund_of_claim(
                caller, connection, int(words[0]), amount_of(amount, "AMOUNT"), to.value, reason=reason
            )
    of = f"payment {payment}" if payment is not None else f"claim {words[0]}, to the {to.value}"
    out.print(f"posting {made}: {amount} paid back of {of}.", markup=False)


@app.command("write-off")
def write_off(
    key: Key,
    amount: Amount,
    reason: Reason,
    of: Annotated[Of, typer.Option("--of", help="What is written off.")] = Of.DENIED,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Propose to write off a denied amount, or what a payer or patient owes. Another person approves it.

    Exit status: 0, or 2 if less is open.
    """
    from claimwright.features.remittance import propose_write_off

    with _posting(environment, tenant) as (caller, connection):
        made = propose_write_off(
            caller, connection, key, amount_of(amount, "AMOUNT"), reason=reason, of=of.value
        )
    out.print(
        f"write-off {made.write_off_id}: {amount} of claim {key}, not posted yet. Another person "
        f"approves it: claimwright ledger approve {made.write_off_id}.",
        markup=False, soft_wrap=True,
    )  # fmt: skip


@app.command("write-offs")
def write_offs(
    all_of_them: Annotated[
        bool, typer.Option("--all", help="Also those that are approved or refused.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1_000, help="At most this many.")] = 100,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """List the write-offs that wait for another person's approval, newest first.

    Exit status: 0.
    """
    from claimwright.features.remittance import list_write_offs

    from .remit_posting import cents_told

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "ledger.read")
    with store_of(settings) as database, database.transaction(caller) as connection:
        found = list_write_offs(connection, state=None if all_of_them else "waiting", limit=limit)
    table = ValueTable(
        "write-off", "claim", "amount", "of", "reason", "proposed by", "state", "by", "posting"
    )
    for each in found:
        table.add_row(
            str(each.write_off_id), str(each.claim_key), cents_told(each.amount_cents), each.source,
            each.reason, each.proposed_by, each.state, each.decided_by,
            None if each.posting_id is None else str(each.posting_id),
        )  # fmt: skip
    wide().print(table)


@app.command("approve")
def approve(number: WriteOffNumber, environment: Environment = None, tenant: Tenant = None) -> None:
    """Approve a write-off that somebody else proposed, and post it.

    Exit status: 0, or 2 if there is none that waits, it is your own, or less is open by now.
    """
    from claimwright.features.remittance import approve_write_off

    with _posting(environment, tenant, "ledger.write_off") as (caller, connection):
        made = approve_write_off(caller, connection, number)
    out.print(f"write-off {number}: approved, posting {made}.", markup=False)


@app.command("refuse")
def refuse(
    number: WriteOffNumber, reason: Reason, environment: Environment = None, tenant: Tenant = None
) -> None:
    """Refuse a write-off, or withdraw your own: it is not posted.

    Exit status: 0, or 2 if there is none that waits.
    """
    from claimwright.features.remittance import refuse_write_off

    with _posting(environment, tenant) as (caller, connection):
        refuse_write_off(caller, connection, number, reason=reason)
    out.print(f"write-off {number}: refused.", markup=False)


@contextmanager
def _posting(
    environment: str | None, tenant: str | None, action: str = "ledger.post"
) -> Iterator[tuple[Caller, Connection]]:
    """A transaction in which something is posted. Ends the command in one line if it makes no sense."""
    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, action)
    with _explained(), store_of(settings) as database, database.transaction(caller) as connection:
        yield caller, connection


@contextmanager
def _explained() -> Iterator[None]:
    from claimwright.features.remittance import NothingPostedError, PostingRefusedError
    from claimwright.platform.audit import AuditError

    try:
        yield
    except AuditError as problem:
        fail(f"--reason: {problem}")
    except (NothingPostedError, PostingRefusedError) as problem:
        fail(str(problem))
