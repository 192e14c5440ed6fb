"""`claimwright rules value`: which findings at submission predicted which denials."""

from __future__ import annotations

from typing import Annotated

import typer

from .session import Environment, Tenant, permitted_caller, settings_of, store_of
from .shapes import Shape, ShapeOption, print_json
from .terminal import ValueTable, dollars, out, wide


def register(app: typer.Typer) -> None:
    """Add the command to `claimwright rules`."""
    app.command("value")(show_value)


def show_value(
    code: Annotated[str | None, typer.Option("--code", help="Rules whose code begins so only.")] = None,
    shape: ShapeOption = Shape.TABLE,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Show what findings came to: answered claims, denials, precision, dollars denied and prevented.

    Prevented dollars are an estimate: what was corrected before it left, times the precision. Exit status: 0.
    """
    from dataclasses import asdict

    from claimwright.features.denials import rule_values

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "denials.list")
    with store_of(settings) as database, database.transaction(caller) as connection:
        found = [
            each for each in rule_values(caller, connection) if each.code.startswith((code or "").upper())
        ]
    if shape is Shape.JSON:
        print_json([asdict(each) for each in found])
        return
    if not found:
        out.print("No findings, and no denials that a rule could have caught.")
        return
    table = ValueTable(
        "code", "findings", "answered", "denied", "precision", "dollars denied", "for its cause", "dollars",
        "missed", "dollars missed", "corrected", "prevented, estimated",
    )  # fmt: skip
    for each in found:
        precision = "" if each.precision is None else f"{each.precision:.0%}"
        table.add_row(
            each.code, f"{each.findings:,}", f"{each.answered:,}", f"{each.denied:,}", precision,
            dollars(each.dollars_denied), f"{each.named:,}", dollars(each.dollars_named), f"{each.missed:,}",
            dollars(each.dollars_missed), f"{each.corrected:,}", dollars(each.dollars_prevented),
        )  # fmt: skip
    wide().print(table)
