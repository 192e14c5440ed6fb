"""Opens the store and its sealer, as the settings say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .errors import StoreUnavailableError

if TYPE_CHECKING:
    from claimwright.platform.database import Database, Place
    from claimwright.platform.phi import Sealer
    from claimwright.platform.settings import Settings


@contextmanager
def open_store(settings: Settings) -> Iterator[Database]:
    """The store that the settings name. The embedded one is started, and gets its schema if it is new.

    Raises:
        DatabaseError: it can't be reached or started, or its schema version does not match.
        StoreUnavailableError: it refused or went away while it was open.
    """
    import psycopg

    from claimwright.platform.database import Limits, current
    from claimwright.store.schema import migrate, open_database

    wanted = settings.database
    limits = Limits(
        pool_max=wanted.pool_size,
        pool_timeout=wanted.pool_wait_seconds,
        connect_timeout=wanted.connect_timeout_seconds,
        statement_timeout=wanted.statement_timeout_seconds,
        lock_timeout=wanted.lock_timeout_seconds,
        idle_in_transaction_timeout=wanted.idle_transaction_timeout_seconds,
    )
    try:
        where = place_of(settings)
        if where.server is not None and current(where.owner) is None:
            # A newly created database gets its schema automatically.
            migrate(where.owner)
        with open_database(where.address, limits) as database:
            yield database
    except psycopg.Error as problem:
        # The server's message about a statement could show a row.
        raise StoreUnavailableError(
            f"the database refused or went away: {type(problem).__name__}. Try again, or see its log."
        ) from problem


def place_of(settings: Settings, *, as_owner: bool = False, start: bool = True) -> Place:
    """The address of the store; with `as_owner`, that of `owner_url`, for the owner of the tables.

    Raises:
        DatabaseError: the URL can't be used, or the embedded server can't be started; or its folder is
            missing although keys or objects of a store exist.
    """
    from claimwright.platform.database import place
    from claimwright.platform.traces import store_traces

    wanted = settings.database
    owner = (wanted.owner_url or wanted.url) if as_owner else None
    return place(
        wanted.url.get_secret_value() if wanted.url else None,
        wanted.home,
        owner_url=owner.get_secret_value() if owner else None,
        start=start,
        traces=lambda: store_traces(settings),
    )


def open_sealer(settings: Settings, database: Database) -> Sealer:
    """The sealer with the keys of the store.

    Raises:
        PhiError: the keys can't be loaded.
    """
    from claimwright.platform.phi import Sealer, open_keyring

    return Sealer(open_keyring(settings, database.connect))
