"""Builds a checker from an evaluation date, contracts, rules and waivers."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import WaiversUnreadableError

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.engines.rules import RuleBook, Waiver
    from claimwright.features.checking import Checker
    from claimwright.platform.database import Database


def make_checker(
    as_of: datetime.date | None = None,
    *,
    contracts: Path | None = None,
    rules: Sequence[Path] = (),
    waivers: Path | None = None,
    stored: Iterable[Waiver] = (),
    notify: Callable[[str], None] = lambda _: None,
) -> Checker:
    """A checker for an evaluation date.

    Args:
        as_of: the evaluation date; by default today.
        contracts: YAML file of payer contracts; Medicare's fee schedule by default.
        rules: files and folders of rules, in addition to the rulebook.
        waivers: YAML file of waivers.
        stored: waivers of the store, applied after those of the file.
        notify: called for each rule that can't be used; all other rules are used.

    Raises:
        ContractError: the contracts can't be used.
        ReferenceDataError: the reference data can't be read.
        RuleBookError, OSError, ValueError: a folder of rules can't be read.
        WaiversUnreadableError: the waivers can't be used.
    """
    from claimwright.engines.pricing import Pricer
    from claimwright.features.checking import Checker
    from claimwright.features.reference_data import reference_snapshot
    from claimwright.foundation import clock
    from claimwright.reference.loaded_schedules import fee_schedules_of

    day = as_of or clock.today()
    known = reference_snapshot(day)
    schedules = fee_schedules_of(known)
    pricer = Pricer.from_contracts(contracts, schedules) if contracts else Pricer.default(schedules)
    book = make_rulebook(rules, notify=notify)
    allowed = _waivers(waivers, book) if waivers is not None else ()
    return Checker(as_of=day, rulebook=book, pricer=pricer, waivers=(*allowed, *stored), reference=known)


def stored_waivers(caller: Caller, database: Database, day: datetime.date) -> tuple[Waiver, ...]:
    """The waivers of the caller's tenant that checks of a day apply."""
    from claimwright.features.claims import waivers_in_force

    with database.transaction(caller) as connection:
        return waivers_in_force(connection, day)


def make_rulebook(paths: Sequence[Path] = (), *, notify: Callable[[str], None] = lambda _: None) -> RuleBook:
    """The rulebook with additional rules; `notify` is called for each rule that can't be used.

    Raises:
        RuleBookError, OSError, ValueError: a file or folder can't be read.
    """
    from claimwright.engines.rules import load_rulebook

    book = load_rulebook(*paths)
    for refused in book.problems:
        notify(str(refused))
    return book


def read_waivers(path: Path) -> tuple[tuple[Waiver, ...], RuleBook]:
    """The waivers of a file, and the rulebook that they refer to.

    Raises:
        WaiversUnreadableError: the waivers can't be used.
    """
    book = make_rulebook()
    return _waivers(path, book), book


def _waivers(path: Path, book: RuleBook) -> tuple[Waiver, ...]:
    from claimwright.engines.rules import RuleBookError, load_waivers
    from claimwright.engines.signals import load_signals

    try:
        keys = {key: signal.code for signal in load_signals() for key in (signal.code, signal.name)}
        return load_waivers(path, book, keys)
    except RuleBookError as problem:
        raise WaiversUnreadableError(str(problem)) from problem
    except OSError as problem:
        raise WaiversUnreadableError(
            f"{path}: can't be read: {problem.strerror}. Check the path."
        ) from problem
    except ValueError as problem:
        raise WaiversUnreadableError(f"{path}: {problem}") from problem
