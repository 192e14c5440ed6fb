"""`claimwright drafting providers | try | sent | spent`: language models, what they are told and cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .appeals_session import demand_shown, means_of, told
from .session import Environment, Tenant, permitted_caller, sealer_of, settings_of, store_of
from .shapes import Shape, ShapeOption, print_json
from .terminal import Exit, ValueTable, fail, out, wide

if TYPE_CHECKING:
    from claimwright.features.appeals import DraftingTrial, ModelCall

Appeal = Annotated[int, typer.Argument(metavar="APPEAL", min=1, help="The appeal.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("providers")(providers)
    app.command("try")(try_)
    app.command("sent")(sent)
    app.command("spent")(spent)


def providers(
    shape: ShapeOption = Shape.TABLE, environment: Environment = None, tenant: Tenant = None
) -> None:
    """List the language models in the order in which they are asked: circuit breaker, calls under way, and
    what the month has used. Asks none of them.

    Exit status: 0, or 1 if a circuit breaker is open.
    """
    from dataclasses import asdict

    from claimwright.assembly.language_models import language_gateway
    from claimwright.features.appeals import provider_states

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "templates.read")
    with store_of(settings) as database:
        gateway = language_gateway(settings, database, sealer_of(settings, database))
        with database.transaction(caller) as connection:
            found = provider_states(caller, connection, gateway)
    if shape is Shape.JSON:
        print_json([asdict(each) for each in found])
    elif not found:
        out.print(
            "No language model is set up (language_models.providers): letters are made from templates.",
            markup=False, soft_wrap=True,
        )  # fmt: skip
    else:
        table = ValueTable(
            "order", "provider", "model", "host", "breaker", "under way", "last answer", "calls", "failed",
            "cached", "tokens in", "tokens out", "dollars",
        )  # fmt: skip
        for each in found:
            why = f" ({each.problem})" if each.problem else ""
            until = f", until {each.retry_at:%H:%M:%S} UTC" if each.retry_at else ""
            table.add_row(
                str(each.place), each.name, each.model, each.host, f"{each.breaker}{why}{until}",
                f"{each.under_way} of {each.concurrent}",
                f"{each.answered_at:%Y-%m-%d %H:%M}" if each.answered_at else "never", f"{each.calls:,}",
                f"{each.failed:,}", f"{each.cached:,}", f"{each.tokens_in:,}", f"{each.tokens_out:,}",
                f"{each.cost:,.2f}" if not each.unpriced else "no price is set",
            )  # fmt: skip
        wide().print(table)
    if any(each.breaker == "open" for each in found):
        raise typer.Exit(Exit.FINDINGS)


def try_(
    provider: Annotated[
        str | None, typer.Argument(metavar="[PROVIDER]", help="Such as anthropic. Default: each in order.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Without the statements.")] = False,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Have a provider draft a synthetic case with the prompt in force. Nobody in it exists. It costs money.

    Exit status: 0, 1 if one gave no usable answer, 2 if there is no such provider.
    """
    from claimwright.features.appeals import prompt_in_force, try_drafting
    from claimwright.foundation import clock

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "templates.change")
    wanted = settings.language_models.providers if provider is None else [provider]
    if not wanted or not set(wanted) <= set(settings.language_models.providers):
        known = ", ".join(settings.language_models.providers) or "none"
        fail(f"language_models.providers names {known}.")
    good = True
    with store_of(settings) as database, told():
        means = means_of(settings, database, sealer_of(settings, database))
        assert means.model is not None
        with database.transaction(caller) as connection:
            prompt = prompt_in_force(connection, means.shelf, clock.today())
        for each in wanted:
            found = try_drafting(caller, means.model.gateway, prompt, each)
            _print_trial(found, quiet=quiet)
            good &= bool(found.statements)
    raise typer.Exit(Exit.CLEAN if good else Exit.FINDINGS)


def sent(
    appeal: Appeal,
    call: Annotated[
        int | None, typer.Option("--call", min=1, help="Show what was sent and answered in this call.")
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", help="Why it is opened; kept in the audit log.")
    ] = None,
    shape: ShapeOption = Shape.TABLE,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """List what language models were asked for an appeal, and show what was sent, to the byte.

    Exit status: 0, or 2 if there is no such appeal or call, or the reason is missing.
    """
    from dataclasses import asdict

    from claimwright.features.appeals import calls_of_case, one_case, open_call

    settings = settings_of(environment)
    caller, access = permitted_caller(settings, tenant, "appeals.read" if call else "appeals.list")
    with store_of(settings) as database, told(), database.transaction(caller) as connection:
        if call is None:
            found = calls_of_case(connection, appeal)
        else:
            sealer = sealer_of(settings, database)
            demand_shown(caller, access, connection, sealer, one_case(connection, appeal).claim_key)
            opened = open_call(caller, connection, sealer, appeal, call, reason=reason or "")
    if call is not None:
        if shape is Shape.JSON:
            print_json(asdict(opened))
        else:
            out.file.write(f"{opened.request}\n\n{opened.answer or '(no answer came)'}\n")
    elif shape is Shape.JSON:
        print_json([asdict(each) for each in found])
    else:
        _print_calls(found)


def spent(
    by: Annotated[
        Literal["provider", "subject", "stage", "asked_by"],
        typer.Option("--by", help="provider, subject (the case), stage, or asked_by (who)."),
    ] = "provider",
    month: Annotated[
        str | None, typer.Option("--month", help="Such as 2026-11 (UTC). Default: this month.")
    ] = None,
    shape: ShapeOption = Shape.TABLE,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Show calls, tokens and dollars of a month. Exit status: 0, or 2 if the month is invalid."""
    from dataclasses import asdict

    from claimwright.features.appeals import spending_of

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "usage.read")
    if month is not None and not _is_month(month):
        fail("--month: a month is a year and a number, such as 2026-11.")
    with store_of(settings) as database, database.transaction(caller) as connection:
        found = spending_of(connection, by, month)
    if shape is Shape.JSON:
        print_json([asdict(each) for each in found])
        return
    table = ValueTable(by, "calls", "answered", "failed", "cached", "tokens in", "tokens out", "dollars")
    for each in found:
        unpriced = f" and {each.unpriced:,} calls without a price" if each.unpriced else ""
        table.add_row(
            each.name, f"{each.calls:,}", f"{each.answered:,}", f"{each.failed:,}", f"{each.cached:,}",
            f"{each.tokens_in:,}", f"{each.tokens_out:,}", f"{each.cost:,.4f}{unpriced}",
        )  # fmt: skip
    wide().print(table)


def _is_month(month: str) -> bool:
    import re

    return bool(re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", month))


def _print_trial(found: DraftingTrial, *, quiet: bool) -> None:
    out.print(f"{found.provider}: {', '.join(found.tries)}", markup=False, soft_wrap=True)
    for each in () if quiet else found.statements:
        out.print(f"  {each.statement_id}: {each.text}", markup=False, soft_wrap=True)
    if found.call is not None:
        cost = "no price is set" if found.call.cost is None else f"${found.call.cost:,.4f}"
        out.print(
            f"{len(found.statements)} statements, {found.own} of its own; {found.call.tokens_in:,} tokens "
            f"in, {found.call.tokens_out:,} out, {cost}",
            markup=False, soft_wrap=True,
        )  # fmt: skip


def _print_calls(found: list[ModelCall]) -> None:
    table = ValueTable(
        "call", "asked", "stage", "prompt", "provider", "model", "state", "why", "tokens in", "tokens out",
        "dollars",
    )  # fmt: skip
    for each in found:
        kept = f" of call {each.answer_of}" if each.answer_of else ""
        repair = ", repair" if each.is_repair else ""
        table.add_row(
            str(each.call_id), f"{each.started_at:%Y-%m-%d %H:%M:%S}", each.stage, each.prompt, each.provider,
            each.model, f"{each.state}{kept}{repair}", each.word or "", f"{each.tokens_in:,}",
            f"{each.tokens_out:,}", "" if each.cost is None else f"{each.cost:,.4f}",
        )  # fmt: skip
    wide().print(table)
