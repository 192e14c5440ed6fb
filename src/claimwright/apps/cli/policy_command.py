"""`claimwright policy`: who may do and see what, and by which policy; tests a folder of policies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .session import Environment, settings_of
from .terminal import Exit, ValueTable, fail, out, wide

if TYPE_CHECKING:
    from claimwright.platform.access import Access

app = typer.Typer(
    help="Access policies: list them, evaluate them, test a folder of them.", no_args_is_help=True
)


def _access(folder: Path | None) -> Access:
    from claimwright.platform.access import Access, AccessPolicyError

    try:
        return Access(folder)
    except AccessPolicyError as problem:
        fail(str(problem))


@app.command("list")
def list_all(environment: Environment = None) -> None:
    """List the policies, with version, effective day and approver.

    Exit status: 0, or 2 if a file cannot be used.
    """
    table = ValueTable("policy", "version", "effective", "approver", "file")
    for each in _access(settings_of(environment).api.policies).policies:
        file = each.file.rpartition("/")[2]
        table.add_row(each.id, each.version, str(each.effective_on), each.approver, file)
    wide().print(table)


@app.command("ask")
def ask(
    roles: Annotated[list[str], typer.Option("--role", help="A role; can be repeated.")],
    action: Annotated[
        str,
        typer.Option("--action", help="An action or a kind of field, such as claims.read, field.narrative."),
    ],
    labels: Annotated[
        list[str] | None, typer.Option("--label", help="A sensitivity label of the claim, such as hiv.")
    ] = None,
    purpose: Annotated[str, typer.Option("--purpose", help="treatment, payment or operations.")] = "payment",
    break_glass: Annotated[bool, typer.Option("--break-glass", help="With emergency access.")] = False,
    environment: Environment = None,
) -> None:
    """Evaluate whether roles may do or see something, and which policy decides it.

    Exit status: 0 allowed, 1 not allowed, 2 there is no such role, action or label.
    """
    from claimwright.domain.caller import Purpose
    from claimwright.platform.access import ACTIONS, FIELD_KINDS, LABELS, ROLES, Context

    known = {*ACTIONS, *(f"field.{kind}" for kind in FIELD_KINDS)}
    for option, given, there_are in (
        ("--role", roles, set(ROLES)), ("--action", [action], known), ("--label", labels or [], set(LABELS)),
        ("--purpose", [purpose], set(Purpose)),
    ):  # fmt: skip
        if not set(given) <= there_are:
            fail(f"{option}: one of {', '.join(sorted(there_are))}.")
    access = _access(settings_of(environment).api.policies)
    context = Context(Purpose(purpose), frozenset(labels or []), break_glass=break_glass)
    answer = access.decide(roles, action, context)
    out.print(f"{'yes' if answer.allowed else 'no'}: {answer.reason}", markup=False)
    raise typer.Exit(Exit.CLEAN if answer.allowed else Exit.FINDINGS)


@app.command("test")
def test(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The new policies.")],
) -> None:
    """Show how a folder of policies would change what each role may do and see.

    Exit status: 0 no changes, 1 some changes, 2 a file cannot be used.
    """
    from claimwright.platform.access import ACTIONS, FIELD_KINDS, LABELS, ROLES, Context

    before, after = _access(None), _access(folder)
    changes = []
    for role in ROLES:
        for action in (*ACTIONS, *(f"field.{kind}" for kind in FIELD_KINDS)):
            for label in ("", *LABELS) if action.startswith("field.") else ("",):
                context = Context(labels=frozenset({label} - {""}))
                now, then = (each.decide([role], action, context).allowed for each in (before, after))
                if now != then:
                    changes.append((role, action, label, "allowed" if then else "refused"))
    if not changes:
        out.print("Nothing changes for any role.")
        return
    table = ValueTable("role", "action", "label", "would be")
    for change in changes:
        table.add_row(*change)
    wide().print(table)
    raise typer.Exit(Exit.FINDINGS)
