"""Figures of a store: brought up to date before they are read, and what an asker may see of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime

    import polars as pl

    from claimwright.domain.caller import Caller
    from claimwright.features.analytics import Refreshed, SeenFigures
    from claimwright.platform.access import Access
    from claimwright.platform.database import Connection, Database
    from claimwright.platform.settings import Settings


def fresh_figures(
    caller: Caller, settings: Settings, database: Database, *, rebuild: bool = False
) -> Refreshed:
    """Gather work items, then bring the figures of the caller's tenant up to date."""
    from claimwright.features.analytics import refresh

    from .reviews import gather

    gather(caller, settings, database)
    return refresh(caller, database, rebuild=rebuild)


def seen_by(may: Callable[[str], bool], access: Access, caller: Caller) -> SeenFigures:
    """What a caller may see, according to the policies."""
    from claimwright.features.analytics import SeenFigures

    shown = access.shown(caller, ())
    return SeenFigures(may, lambda kind: shown[kind].allowed)


@contextmanager
def reading_figures(caller: Caller, settings: Settings, database: Database) -> Iterator[Connection]:
    """A transaction of the caller in which figures that are up to date are read."""
    from claimwright.features.analytics import is_up_to_date
    from claimwright.features.review import is_gathered

    from .reviews import review_policy

    with database.transaction(caller) as connection:
        # Most requests find everything up to date: one transaction is enough for them.
        is_current = is_gathered(connection, review_policy(settings)) and is_up_to_date(connection)
        if is_current:
            yield connection
    if not is_current:
        fresh_figures(caller, settings, database)
        with database.transaction(caller) as connection:
            yield connection


def kpi(
    name: str,
    *,
    by: str | Sequence[str] = (),
    begins: datetime.date | None = None,
    ends: datetime.date | None = None,
    as_of: datetime.date | None = None,
    interval: str | None = None,
    compare_to: str | None = None,
    where: Mapping[str, str] | None = None,
    environment: str | None = None,
    tenant: str | None = None,
) -> pl.DataFrame:
    """A figure of the store of the settings, as a frame: one row a group and interval.

    Columns: the dimensions of `by` (at most two), `begins`, `ends`, `value` (null with a `reason`),
    `numerator`, `denominator`, `items`, `before`. Amounts are whole cents, shares of 1. By default the last
    30 days as they are known now. It is asked on behalf of the account that runs the process, as a command
    would.

    Raises:
        NoSuchFigureError: there is no such figure.
        FigureError: it can't be asked so; the message says what to ask instead.
        AccessDeniedError: the account's roles do not allow it.
        StoreError: the store can't be used.
    """
    from claimwright.features.analytics import answer, ask, frame_of, named_staff
    from claimwright.platform.access import AccessDeniedError
    from claimwright.platform.settings import load_settings

    from .callers import terminal_access, terminal_caller
    from .stores import open_store

    groups = (by,) if isinstance(by, str) else tuple(by)
    question = ask(
        name,
        begins=begins,
        ends=ends,
        as_of=as_of,
        group_by=groups,
        interval=interval,
        compare_to=compare_to,
        where=list((where or {}).items()),
    )
    settings = load_settings(environment)
    caller = terminal_caller(settings, tenant or settings.tenant)
    access = terminal_access(settings, caller, "analytics.read")
    seen = seen_by(lambda each: access.may(caller, each), access, caller)
    refusal = seen.refusal(question.kpi, [*groups, *(where or {})])
    if refusal:
        raise AccessDeniedError(refusal)
    with open_store(settings) as database, reading_figures(caller, settings, database) as connection:
        return frame_of(named_staff(connection, answer(connection, question, hide_small=seen.hide_small)))
