"""`claimwright remittances`: what was posted, what waits for a person, and the decisions on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from . import remittances_deciding
from .options import Reason
from .remittances_deciding import AnswerId
from .session import Environment, Most, Tenant, permitted_caller, sealer_of, settings_of, store_of
from .terminal import Exit, ValueTable, fail, out, wide

if TYPE_CHECKING:
    from claimwright.features.remittance import ListedAnswer, ListedPayment, ShownAnswer

app = typer.Typer(
    help="Posted remittances (835): list, what waits for a person, and decisions on it.",
    no_args_is_help=True,
)
remittances_deciding.register(app)
payments_app = typer.Typer(help="Payments of payers.", no_args_is_help=True)

Before = Annotated[
    int | None, typer.Option("--before", min=1, metavar="NUMBER", help="Start before this number.")
]


@app.command("list")
def list_all(
    before: Before = None, limit: Most = 100, environment: Environment = None, tenant: Tenant = None
) -> None:
    """List remittances, newest first, with what was posted and what waits.

    Exit status: 0.
    """
    from claimwright.features.remittance import list_remittances
    from claimwright.platform.list_order import after_key

    from .remit_posting import cents_told

    settings = settings_of(environment)
    with (
        store_of(settings) as database,
        database.transaction(permitted_caller(settings, tenant, "remittances.list")[0]) as connection,
    ):
        found = list_remittances(connection, after=after_key(before), limit=limit)
    if not found:
        out.print("No remittances. Post one: claimwright remit FILE --post.", markup=False)
        return
    table = ValueTable(
        "remittance", "source", "received", "by", "payments", "amount", "answers", "posted", "waiting"
    )
    for each in found:
        table.add_row(
            str(each.file_id), each.source, f"{each.received_at:%Y-%m-%d %H:%M}", each.entered_by,
            f"{each.payments:,}", cents_told(each.amount_cents), f"{each.claims:,}", f"{each.posted:,}",
            f"{each.waiting:,}",
        )  # fmt: skip
    wide().print(table)
    if len(found) == limit:
        out.print(f"Next page: --before {found[-1].file_id}", markup=False)


@app.command("waiting")
def waiting(
    reason: Annotated[str | None, typer.Option("--why", help="With this reason only.")] = None,
    before: Before = None,
    limit: Most = 100,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """List answers that wait for a person, by reason, with what each reason means and what to do.

    Exit status: 0 nothing waits, 1 something waits.
    """
    from claimwright.engines.remittance import ANSWER_REASONS, explain_answer
    from claimwright.features.remittance import count_waiting, list_answers

    from .remit_posting import cents_told

    if reason is not None and reason not in ANSWER_REASONS:
        fail(f"--why: one of {', '.join(ANSWER_REASONS)}.")
    settings = settings_of(environment)
    with (
        store_of(settings) as database,
        database.transaction(permitted_caller(settings, tenant, "remittances.list")[0]) as connection,
    ):
        counts = count_waiting(connection)
        found = list_answers(connection, state="waiting", reason=reason, before=before, limit=limit)
    if not counts:
        out.print("No answer waits.")
        return
    table = ValueTable("waiting", "paid", "reason", "which means", "what to do")
    for why, count, cents in counts:
        means, do = explain_answer("waiting", why)
        table.add_row(f"{count:,}", cents_told(cents), why, means, do)
    wide().print(table)
    out.print()
    _print_answers(found)
    if len(found) == limit:
        out.print(f"Next page: --before {found[-1].answer_id}", markup=False)
    if found:
        out.print(f"Next: claimwright remittances candidates {found[0].answer_id}", markup=False)
    raise typer.Exit(Exit.FINDINGS)


@app.command("show")
def show(
    answer_id: AnswerId,
    reason: Reason,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Show one answer with its lines, adjustments, and the names and numbers that it came with.

    The access and its reason are written to the audit log: `claimwright audit search --subject answer:ID`.

    Exit status: 0, or 2 if there is no such answer or the reason is invalid.
    """
    from claimwright.assembly.remittances import answer_decision
    from claimwright.features.remittance import AnswerNotFoundError, shown_answer
    from claimwright.platform.audit import AuditError

    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, "remittances.read")
    with store_of(settings) as database:
        sealer = sealer_of(settings, database)
        try:
            with database.transaction(caller) as connection:
                found = shown_answer(
                    caller, connection, sealer, answer_id, reason=reason,
                    decide=answer_decision(caller, access),
                )  # fmt: skip
        except AnswerNotFoundError as problem:
            fail(f"{problem} `claimwright remittances waiting` lists those that wait.")
        except AuditError as problem:
            fail(f"--reason: {problem}")
    _print_answer(found)


@app.command("candidates")
def candidates(answer_id: AnswerId, environment: Environment = None, tenant: Tenant = None) -> None:
    """List the claims that a waiting answer may be about, best first, with what is equal.

    Exit status: 0, 1 if there is no candidate, 2 if no such answer waits.
    """
    from claimwright.features.remittance import AnswerNotFoundError, candidates_for

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "remittances.list")
    with store_of(settings) as database:
        sealer = sealer_of(settings, database)
        try:
            with database.transaction(caller) as connection:
                found = candidates_for(caller, connection, sealer, answer_id)
        except AnswerNotFoundError as problem:
            fail(str(problem))
    if not found.height:
        out.print("No claim is similar. If it is still to be processed: claimwright remittances retry.")
        raise typer.Exit(Exit.FINDINGS)
    table = ValueTable("claim", "points", "equal")
    for row in found.iter_rows(named=True):
        table.add_row(str(row["claim_key"]), str(row["score"]), row["score_reasons"])
    wide().print(table)
    out.print(
        f'Next: claimwright remittances assign {answer_id} {found["claim_key"][0]} --reason "..."',
        markup=False, soft_wrap=True,
    )  # fmt: skip


@payments_app.command("list")
def list_of_payments(
    state: Annotated[str | None, typer.Option("--state", help="posted, held or duplicate.")] = None,
    file_id: Annotated[
        int | None, typer.Option("--remittance", help="Payments of this remittance only.")
    ] = None,
    before: Before = None,
    limit: Most = 100,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """List payments, newest first: what is not applied to claims, and whether the bank confirms them.

    Exit status: 0, or 2 if the state is unknown.
    """
    from claimwright.engines.remittance import PAYMENT_STATES
    from claimwright.features.remittance import list_payments
    from claimwright.platform.list_order import after_key

    if state is not None and state not in PAYMENT_STATES:
        fail(f"--state: one of {', '.join(PAYMENT_STATES)}.")
    settings = settings_of(environment)
    with (
        store_of(settings) as database,
        database.transaction(permitted_caller(settings, tenant, "remittances.list")[0]) as connection,
    ):
        found = list_payments(connection, file_id=file_id, state=state, after=after_key(before), limit=limit)
    if not found:
        out.print("No payments.")
        return
    _print_payments(found)
    if len(found) == limit:
        out.print(f"Next page: --before {found[-1].payment_id}", markup=False)


def _print_payments(payments: Sequence[ListedPayment]) -> None:
    from claimwright.engines.remittance import explain_payment

    from .remit_posting import cents_told

    table = ValueTable(
        "payment", "remittance", "date", "payer", "trace", "amount", "unapplied", "claims", "waiting",
        "deposit", "state", "why",
    )  # fmt: skip
    for each in payments:
        means, do = explain_payment(each.state, each.reason)
        table.add_row(
            str(each.payment_id), str(each.file_id), str(each.paid_on or ""),
            each.payer_name or each.payer_id, each.trace_number, cents_told(each.amount_cents),
            cents_told(each.unapplied_cents),
            f"{each.claims:,}", f"{each.waiting:,}", "yes" if each.reconciled_at else "", each.state,
            "" if each.state == "posted" else f"{means}. {do}".rstrip(),
        )  # fmt: skip
    wide().print(table)


def _print_answers(answers: Sequence[ListedAnswer]) -> None:
    from .remit_posting import cents_told

    table = ValueTable(
        "answer", "payment", "date", "payer", "charge", "paid", "state", "reason", "claim", "points", "equal"
    )
    for each in answers:
        table.add_row(
            str(each.answer_id), str(each.payment_id), str(each.paid_on or ""),
            each.payer_name or each.payer_id, cents_told(each.charge_cents), cents_told(each.paid_cents),
            each.state, each.reason, "" if each.claim_key is None else str(each.claim_key),
            "" if each.score is None else str(each.score), each.score_reasons,
        )  # fmt: skip
    wide().print(table)


def _print_answer(found: ShownAnswer) -> None:
    from .remit_posting import cents_told

    answer = found.answer
    claim = "no claim" if answer.claim_key is None else f"claim {answer.claim_key}"
    out.print(
        f"answer {answer.answer_id}: {answer.state}, {found.means}; {claim}; payment {answer.payment_id}; "
        f"charge {cents_told(answer.charge_cents)}, paid {cents_told(answer.paid_cents)}",
        markup=False, soft_wrap=True,
    )  # fmt: skip
    if found.do:
        out.print(found.do, markup=False, soft_wrap=True)
    for name, value in found.identity.items():
        out.print(f"{name}: {value}", markup=False)
    for each in found.withheld:
        out.print(f"withheld, {each.kind} ({each.reason}): {', '.join(each.fields)}", markup=False)
    said = {
        position: ", ".join(
            f"{a.group_code}-{a.carc} {cents_told(a.amount_cents)}"
            for a in found.adjustments
            if a.position == position
        )
        for position in {None, *(line.position for line in found.lines)}
    }
    if said[None]:
        out.print(f"claim: {said[None]}", markup=False)
    table = ValueTable(
        "line", "of claim", "procedure", "submitted", "day", "charge", "paid", "adjusted", "remarks"
    )
    for line in found.lines:
        procedure = " ".join(filter(None, (line.procedure or line.revenue_code, line.modifiers)))
        table.add_row(
            str(line.position), "" if line.line is None else str(line.line), procedure,
            line.original_procedure, str(line.service_from_on or ""), cents_told(line.charge_cents),
            cents_told(line.paid_cents), said[line.position], line.remarks,
        )  # fmt: skip
    wide().print(table)
