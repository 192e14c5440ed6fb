"""Settings to an open store and to what seals and opens its records."""

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
    """The store that the settings name; the embedded one is started, and gets its schema where it is new.

    Raises:
        DatabaseError: it can't be reached or started, or its schema is not this program's.
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
            # A database that was made just now gets its schema without being asked for.
            migrate(where.owner)
        with open_database(where.address, limits) as database:
            yield database
    except psycopg.Error as problem:
        # What the server says of a statement may show the row that it failed on.
        raise StoreUnavailableError(
            f"the database refused or went away: {type(problem).__name__}. Try again, or see its log."
        ) from problem


def place_of(settings: Settings, *, as_owner: bool = False, start: bool = True) -> Place:
    """Where the store is; `as_owner` with the address of `owner_url` for the owner of its tables.

    Raises:
        DatabaseError: the URL can't be used, or the embedded server can't be started; or its folder is
            missing where keys or objects of a store are left.
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
    """What seals and opens with the keys of the store.

    Raises:
        PhiError: the keys can't be had.
    """
    from claimwright.platform.phi import Sealer, open_keyring

    return Sealer(open_keyring(settings, database.connect))
