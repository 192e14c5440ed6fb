"""Structural faults in the commands of rules: list, search, show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from .terminal import severity_text

if TYPE_CHECKING:
    from claimwright.engines.x12 import Fault

# The names of a fault's codes in an acknowledgement.
_ANSWERS = {"ik3": "IK304", "ik4": "IK403", "ik5": "IK502", "ak9": "AK905", "ta1": "TA105"}


def faults_beginning(family: str) -> list[Fault]:
    """The structural faults whose codes have this prefix."""
    from claimwright.engines.x12 import BY_CODE

    return [fault for code, fault in BY_CODE.items() if code.startswith(family.upper())]


def faults_with(words: Sequence[str]) -> list[Fault]:
    """The structural faults whose texts contain every word, in any case."""
    wanted = [word.lower() for word in words]
    return [
        fault
        for fault in faults_beginning("")
        if all(word in f"{fault.code} {fault.name} {fault.message} {fault.fix}".lower() for word in wanted)
    ]


def fault_of(key: str) -> Fault | None:
    """The structural fault with this code (in any case) or name, or None."""
    return next(
        (each for each in faults_beginning("") if key in {each.name, each.code, each.code.lower()}), None
    )


def faults_table(faults: Sequence[Fault]) -> Table:
    """A table of structural faults, like that of `rules list`."""
    table = Table(title=f"Structure: {len(faults):,} faults", title_justify="left")
    for name in ("Code", "Severity", "SNIP"):
        table.add_column(name, no_wrap=True)
    table.add_column("Finds", overflow="fold", ratio=1)
    for fault in faults:
        table.add_row(fault.code, severity_text(fault.severity), str(fault.snip), escape(fault.message))
    return table


def about_fault(fault: Fault) -> list[str]:
    """A structural fault with all of its facts, as lines for a person."""
    from claimwright.features.checking import STRUCTURAL_AUTHORITY

    return [
        f"[bold]{fault.code}[/] {fault.name}  {severity_text(fault.severity)}  SNIP {fault.snip}",
        f"[bold]{escape(fault.message)}[/]",
        "",
        f"[bold]Fix[/]  {escape(fault.fix)}",
        f"[bold]Authority[/]  {escape('; '.join(STRUCTURAL_AUTHORITY))}",
        f"[bold]Acknowledged with[/]  {', '.join(_answers(fault)) or 'none: it is about the file itself'}",
    ]


def fault_facts(fault: Fault) -> dict[str, Any]:
    """A structural fault with all of its facts, for a machine."""
    from claimwright.features.checking import STRUCTURAL_AUTHORITY

    return {
        "code": fault.code,
        "name": fault.name,
        "title": fault.message,
        "severity": fault.severity,
        "snip": fault.snip,
        "level": "structure",
        "authority": list(STRUCTURAL_AUTHORITY),
        "fix": fault.fix,
        "answers": {name: getattr(fault, level) for level, name in _ANSWERS.items()},
    }


def _answers(fault: Fault) -> list[str]:
    codes = ((name, getattr(fault, level)) for level, name in _ANSWERS.items())
    return [f"{name} {code}" for name, code in codes if code is not None]
