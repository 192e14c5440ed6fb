"""Options that several commands share, and the objects that are built from them."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .terminal import fail, warn

if TYPE_CHECKING:
    from claimwright.engines.rules import RuleBook
    from claimwright.features.checking import Checker

AsOf = Annotated[
    datetime.datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="Evaluation date. Default: today."),
]
Contracts = Annotated[
    Path | None,
    typer.Option(
        "--contracts", help="YAML file of payer contracts for pricing. Default: the Medicare fee schedule."
    ),
]
_REASON = typer.Option("--reason", help="Reason, 8 to 200 characters; kept in the audit log.")
Reason = Annotated[str, _REASON]
OptionalReason = Annotated[str | None, _REASON]
RuleFolders = Annotated[
    list[Path] | None,
    typer.Option("--rules", help="File or folder of your own rules, added to the rulebook."),
]
Waivers = Annotated[
    Path | None,
    typer.Option("--waivers", help="YAML file of waivers: findings that a named owner accepts for a time."),
]


def checker_from(
    as_of: datetime.datetime | None, contracts: Path | None, rules: list[Path] | None, waivers: Path | None
) -> Checker:
    """A checker with the given options. Ends the command if one of them cannot be used."""
    from claimwright.assembly.checkers import make_checker
    from claimwright.foundation.errors import ClaimwrightError

    try:
        return make_checker(
            as_of.date() if as_of else None,
            contracts=contracts,
            rules=rules or (),
            waivers=waivers,
            notify=warn,
        )
    except (ClaimwrightError, OSError, ValueError) as problem:
        fail(str(problem))


def rulebook_from(paths: list[Path] | None) -> RuleBook:
    """The rulebook with the user's rules. Prints which of them cannot be used; the others load."""
    from claimwright.assembly.checkers import make_rulebook

    try:
        return make_rulebook(paths or (), notify=warn)
    except (OSError, ValueError) as problem:
        fail(str(problem))
