"""`claimwright remittances assign`, `dismiss`, `release`, `retry`, `enter`: decisions and entries by hand."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from .options import Reason
from .session import Environment, Tenant, explained, permitted_caller, sealer_of, settings_of, store_of
from .terminal import Exit, fail, out

AnswerId = Annotated[int, typer.Argument(metavar="ANSWER", help="The answer's number.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `claimwright remittances`."""
    app.command("assign")(assign)
    app.command("dismiss")(dismiss)
    app.command("release")(release)
    app.command("retry")(retry)
    app.command("enter")(enter)


def assign(
    answer_id: AnswerId,
    claim_key: Annotated[int, typer.Argument(metavar="CLAIM", help="The claim's key in the store.")],
    reason: Reason,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Post a waiting answer to the claim that you choose.

    Exit status: 0 posted, 1 it still waits, 2 no such answer waits, no such claim, or an invalid reason.
    """
    from claimwright.assembly.underpayments import make_underpayment_search
    from claimwright.engines.remittance import explain_answer
    from claimwright.features.remittance import AnswerNotFoundError, assign_answer
    from claimwright.platform.audit import AuditError

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "remittances.decide")
    with store_of(settings) as database:
        sealer = sealer_of(settings, database)
        try:
            with database.transaction(caller) as connection:
                state, why = assign_answer(
                    caller,
                    connection,
                    sealer,
                    answer_id,
                    claim_key,
                    search=make_underpayment_search(settings),
                    reason=reason,
                )
        except AnswerNotFoundError as problem:
            fail(str(problem))
        except AuditError as problem:
            fail(f"--reason: {problem}")
    means, do = explain_answer(state, why)
    out.print(f"answer {answer_id}: {state}, {means}. {do}".rstrip(), markup=False, soft_wrap=True)
    raise typer.Exit(Exit.FINDINGS if state == "waiting" else Exit.CLEAN)


def dismiss(
    answer_id: AnswerId, reason: Reason, environment: Environment = None, tenant: Tenant = None
) -> None:
    """Set a waiting answer aside for good. Its money stays unapplied until it is paid back.

    Exit status: 0, or 2 if no such answer waits or the reason is invalid.
    """
    from claimwright.features.remittance import AnswerNotFoundError, dismiss_answer
    from claimwright.platform.audit import AuditError

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "remittances.decide")
    try:
        with store_of(settings) as database, database.transaction(caller) as connection:
            dismiss_answer(caller, connection, answer_id, reason)
    except AnswerNotFoundError as problem:
        fail(str(problem))
    except AuditError as problem:
        fail(f"--reason: {problem}")
    out.print(f"answer {answer_id}: dismissed. Its money stays unapplied.", markup=False)


def release(
    payment_id: Annotated[int, typer.Argument(metavar="PAYMENT", help="The payment's number.")],
    reason: Reason,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Post a held payment all the same.

    Exit status: 0 all its answers are posted, 1 some wait, 2 no such payment is held, it can only be posted
    from a whole file, or an invalid reason.
    """
    from claimwright.assembly.underpayments import make_underpayment_search
    from claimwright.features.remittance import PaymentNotFoundError, PostingRefusedError, release_payment
    from claimwright.platform.audit import AuditError

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "remittances.decide")
    with store_of(settings) as database:
        sealer = sealer_of(settings, database)
        try:
            with database.transaction(caller) as connection:
                counts = release_payment(
                    caller,
                    connection,
                    sealer,
                    payment_id,
                    search=make_underpayment_search(settings),
                    reason=reason,
                )
        except PaymentNotFoundError as problem:
            fail(f"{problem} `claimwright payments list --state held` lists those that are.")
        except PostingRefusedError as problem:
            fail(str(problem))
        except AuditError as problem:
            fail(f"--reason: {problem}")
    out.print(f"payment {payment_id}: posted. Answers: {_counted(counts)}.", markup=False)
    raise typer.Exit(Exit.FINDINGS if counts.get("waiting") else Exit.CLEAN)


def retry(environment: Environment = None, tenant: Tenant = None) -> None:
    """Look again for the claims of answers that wait, such as those that came before their claims.

    Exit status: 0 none waits any more for its claim, 1 some do.
    """
    from claimwright.assembly.underpayments import make_underpayment_search
    from claimwright.features.remittance import reconsider_waiting

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "remittances.decide")
    with store_of(settings) as database:
        sealer = sealer_of(settings, database)
        with database.transaction(caller) as connection:
            counts = reconsider_waiting(caller, connection, sealer, search=make_underpayment_search(settings))
    out.print(f"Answers looked at: {_counted(counts)}.", markup=False)
    raise typer.Exit(Exit.FINDINGS if counts.get("waiting") else Exit.CLEAN)


def enter(
    path: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="YAML or JSON; - for standard input.")
    ] = None,
    template: Annotated[
        bool, typer.Option("--template", help="Print a file to fill in, with its explanations.")
    ] = False,
    facility: Annotated[
        str | None, typer.Option("--facility", help="Match claims of this facility only. Default: all.")
    ] = None,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Enter a paper explanation of benefits: one payment with its claims and lines, matched and posted.

    Entering the same payment again changes nothing. Who entered it is kept.

    Exit status: 0 all posted, 1 something waits or is held, 2 the file can't be used or does not add up.
    """
    from claimwright.assembly.remittances import make_remittance_poster
    from claimwright.features.remittance import TEMPLATE, PaperError, read_paper

    from .remit_posting import show_posted

    if template:
        out.print(TEMPLATE, markup=False, soft_wrap=True, end="")
        return
    if path is None:
        fail("name a file. A file to fill in: claimwright remittances enter --template > eob.yaml")
    name = "standard input" if str(path) == "-" else str(path)
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
        paper = read_paper(text, name)
    except PaperError as problem:
        fail(str(problem))
    except UnicodeDecodeError:
        fail(f"{name}: is not text in UTF-8. Save it as UTF-8.")
    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "remittances.post")
    with store_of(settings) as database:
        with explained():
            poster = make_remittance_poster(settings, database)
        posted = poster.post_frames(
            caller, paper.remittance, source="paper", digest=paper.digest, facility=facility
        )
    show_posted(name, posted)
    is_whole = posted.is_clean or posted.earlier is not None
    raise typer.Exit(Exit.CLEAN if is_whole else Exit.FINDINGS)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {state}" for state, count in counts.items()) or "none"
