"""`claimwright denials propose`: rules that the store's own denials suggest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .session import Environment, Tenant, permitted_caller, settings_of, store_of
from .terminal import Exit, ValueTable, dollars, fail, out, wide

if TYPE_CHECKING:
    from collections.abc import Sequence

    from claimwright.features.denials import ProposedRule


def register(app: typer.Typer) -> None:
    """Add the command to `claimwright denials`."""
    app.command("propose")(propose_rules)


def propose_rules(
    form: Annotated[str, typer.Option("--form", help="P professional, I institutional, D dental.")] = "P",
    cause: Annotated[str | None, typer.Option("--cause", help="Denials of this cause only.")] = None,
    category: Annotated[str | None, typer.Option("--category", help="Denials of this category only.")] = None,
    precision: Annotated[
        float, typer.Option("--precision", min=0, max=1, help="Least share of flagged lines that is denied.")
    ] = 0.5,
    flagged: Annotated[
        int, typer.Option("--flagged", min=1, help="Least number of lines that a rule flags.")
    ] = 30,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Maximum number of proposals.")] = 20,
    write: Annotated[
        Path | None, typer.Option("--write", metavar="FOLDER", help="Write each as a draft rule there.")
    ] = None,
    letters: Annotated[str, typer.Option("--letters", help="First letters of the drafts' codes.")] = "OWN",
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Propose rules by which denied lines could have been foreseen, measured on lines held out.

    Nothing is active: a draft never runs in a check. Try one with `claimwright rules test` and `rules
    replay`; it is in force once its file says `lifecycle: stable`.

    Exit status: 0 no proposal, 1 some proposals, 2 unusable options or folder.
    """
    from claimwright.features.denials import propose, write_proposal
    from claimwright.features.rule_workshop import ScaffoldError

    form = form.upper()
    if form not in {"P", "I", "D"}:
        fail("--form: P, I or D.")
    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "denials.list")
    with store_of(settings) as database, database.transaction(caller) as connection:
        found = propose(
            caller, connection, form, root_cause=cause, category=category, least_precision=precision,
            least_flagged=flagged, most=limit,
        )  # fmt: skip
    if not found:
        out.print(
            "No proposal: no condition foresees enough denials. --flagged and --precision ask for less."
        )
        return
    _show(found)
    if write is not None:
        try:
            for each in found:
                path = write_proposal(each, write, letters=letters)
                out.print(f"{path}: a draft of {each.proposal.when}", markup=False, soft_wrap=True)
        except ScaffoldError as problem:
            fail(str(problem))
        except OSError as problem:
            fail(f"{write}: can't be written: {problem.strerror}. Check the folder and its permissions.")
    raise typer.Exit(Exit.FINDINGS)


def _show(found: Sequence[ProposedRule]) -> None:
    table = ValueTable("when", "flagged", "denied", "precision", "at least", "recall", "dollars", "else")
    for each in found:
        later = each.proposal.held_out
        table.add_row(
            each.proposal.when, f"{later.flagged:,}", f"{later.denied:,}", f"{later.precision:.0%}",
            f"{later.precision_at_least:.0%}", f"{later.recall:.0%}", dollars(later.dollars),
            f"{each.proposal.base_rate:.0%}",
        )  # fmt: skip
    wide().print(table)
    out.print("On lines held out; `else` is the share that is denied without any condition.")
