"""Options that several commands share, and what they are made into."""

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
    typer.Option(
        "--as-of", formats=["%Y-%m-%d"], help="The day on which claims are judged; today by default."
    ),
]
Contracts = Annotated[
    Path | None,
    typer.Option(
        "--contracts", help="YAML file of payer contracts to price by; Medicare's fee schedule by default."
    ),
]
RuleFolders = Annotated[
    list[Path] | None,
    typer.Option("--rules", help="File or folder of rules of your own, beside the rulebook."),
]
Waivers = Annotated[
    Path | None,
    typer.Option("--waivers", help="YAML file of waivers: findings that somebody accepts for a time."),
]


def checker_from(
    as_of: datetime.datetime | None, contracts: Path | None, rules: list[Path] | None, waivers: Path | None
) -> Checker:
    """A checker with what the options name. Ends the command where one of them can't be used."""
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
    """The rulebook with the user's rules; says which of them can't be used, and goes on without these."""
    from claimwright.assembly.checkers import make_rulebook

    try:
        return make_rulebook(paths or (), notify=warn)
    except (OSError, ValueError) as problem:
        fail(str(problem))
