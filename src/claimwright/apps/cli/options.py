"""Options that several commands share, and what they are made into."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .terminal import err, fail

if TYPE_CHECKING:
    from claimwright.engines.rules import RuleBook, Waiver
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
    from claimwright.engines.pricing import ContractError, Pricer
    from claimwright.engines.rules import RuleBookError, load_waivers
    from claimwright.engines.signals import load_signals
    from claimwright.features.checking import Checker
    from claimwright.features.reference_data import reference_snapshot
    from claimwright.foundation import clock
    from claimwright.reference import ReferenceDataError
    from claimwright.reference.fee_schedules import fee_schedules_of

    day = as_of.date() if as_of else clock.today()
    try:
        known = reference_snapshot(day)
        schedules = fee_schedules_of(known)
        pricer = Pricer.from_contracts(contracts, schedules) if contracts else Pricer.default(schedules)
    except (ContractError, ReferenceDataError) as problem:
        fail(str(problem))
    book = rulebook_from(rules)
    allowed: tuple[Waiver, ...] = ()
    if waivers is not None:
        try:
            keys = {key: signal.code for signal in load_signals() for key in (signal.code, signal.name)}
            allowed = load_waivers(waivers, book, keys)
        except RuleBookError as problem:
            fail(str(problem))
        except OSError as problem:
            fail(f"{waivers}: can't be read: {problem.strerror}. Check the path.")
        except ValueError as problem:
            fail(f"{waivers}: {problem}")
    return Checker(as_of=day, rulebook=book, pricer=pricer, waivers=allowed, reference=known)


def rulebook_from(paths: list[Path] | None) -> RuleBook:
    """The rulebook with the user's rules; says which of them can't be used, and goes on without these."""
    from claimwright.engines.rules import load_rulebook

    try:
        book = load_rulebook(*(paths or []))
    except (OSError, ValueError) as problem:
        fail(str(problem))
    for refused in book.problems:
        err.print(str(refused), markup=False, soft_wrap=True)
    return book
