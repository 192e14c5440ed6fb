"""`claimwright denials contracts`, `set-contracts` and `end-contract`: contracts' own times."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Reason
from .session import Environment, Tenant, permitted_caller, settings_of, store_of
from .shapes import Shape, ShapeOption, print_json
from .terminal import ValueTable, fail, out, wide


def register(app: typer.Typer) -> None:
    """Add the commands to `claimwright denials`."""
    app.command("contracts")(contracts)
    app.command("set-contracts")(set_contracts)
    app.command("end-contract")(end_contract)


def contracts(
    ended: Annotated[bool, typer.Option("--ended", help="Also those that are over.")] = False,
    shape: ShapeOption = Shape.TABLE,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """List contracts' own times, which replace or add to the clocks of the law.

    Exit status: 0.
    """
    from dataclasses import asdict

    from claimwright.store.contract_clocks import contract_clocks

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "denials.list")
    with store_of(settings) as database, database.transaction(caller) as connection:
        found = contract_clocks(connection, with_ended=ended)
    if shape is Shape.JSON:
        print_json([asdict(each) for each in found])
        return
    if not found:
        out.print("No contract has a time of its own. Set some: claimwright denials set-contracts FILE.")
        return
    table = ValueTable("", "payer", "contract", "days", "what ends", "replaces", "from", "until", "ended")
    for each in found:
        table.add_row(
            str(each.clock_id), each.payer_id, each.source, str(each.days), each.kind, each.clock or "",
            str(each.effective_from or ""), str(each.effective_to or ""),
            f"{each.ended_at:%Y-%m-%d}" if each.ended_at else "",
        )  # fmt: skip
    wide().print(table)


def set_contracts(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="YAML file of times; docs/deadlines.md.")],
    reason: Reason,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Set contracts' own times from a file. They count at once: in lists, in the queue, for alerts.

    Exit status: 0, or 2 if the file or the reason can't be used.
    """
    from claimwright.features.denials import contract_times, set_contract_clocks
    from claimwright.foundation.located_yaml import YamlError
    from claimwright.platform.audit import AuditError

    try:
        times = contract_times(file)
    except YamlError as problem:
        fail(str(problem))
    if not times:
        fail(f"{file}: there is no time in it. docs/deadlines.md shows what it contains.")
    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "denials.decide")
    try:
        with store_of(settings) as database, database.transaction(caller) as connection:
            made = set_contract_clocks(caller, connection, times, reason=reason)
    except AuditError as problem:
        fail(f"--reason: {problem}")
    out.print(f"Set: {', '.join(map(str, made))}.", markup=False)


def end_contract(
    number: Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="As `denials contracts` has it.")],
    reason: Reason,
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """End a contract's own time: the law's counts again.

    Exit status: 0, or 2 if no such time is in force, or the reason can't be used.
    """
    from claimwright.features.denials import ContractClockNotFoundError, end_contract_clock
    from claimwright.platform.audit import AuditError

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "denials.decide")
    try:
        with store_of(settings) as database, database.transaction(caller) as connection:
            end_contract_clock(caller, connection, number, reason=reason)
    except ContractClockNotFoundError as problem:
        fail(str(problem))
    except AuditError as problem:
        fail(f"--reason: {problem}")
    out.print(f"Ended: {number}.", markup=False)
