"""An open database: pooled connections, and transactions that belong to one tenant."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout

from claimwright.domain.caller import Caller
from claimwright.foundation import clock
from claimwright.platform.tenancy import tenancy

from .address import checked_address
from .embedded import EmbeddedServer, Traces
from .errors import DatabaseError
from .migrating import current
from .roles import APPLICATION, OWNER
from .statement_times import TimedCursor

Connection: TypeAlias = psycopg.Connection[TupleRow]
# The oldest PostgreSQL that has everything we use and still gets security fixes.
OLDEST = 15
_UNHEARD = logging.NullHandler()
# A connection that answered so lately is not asked again whether it does.
_CHECKED_SECONDS = 1.0
# Dedicated connections that are kept for the next who needs one: how many, and how long.
_MOST_KEPT = 16
_KEPT_SECONDS = 60.0
_checked: WeakKeyDictionary[Connection, float] = WeakKeyDictionary()


@dataclass(frozen=True)
class Limits:
    """Limits on connections and durations; times in seconds."""

    pool_min: int = 1
    pool_max: int = 8
    pool_timeout: float = 30
    connect_timeout: int = 10
    statement_timeout: float = 300
    lock_timeout: float = 60
    idle_in_transaction_timeout: float = 300


@dataclass(frozen=True)
class Place:
    """The address of a database: from a URL, or of the embedded server in a home folder."""

    address: str
    """For the application."""
    owner: str
    """For migrations."""
    server: EmbeddedServer | None


def place(
    url: str | None,
    home: Path,
    *,
    owner_url: str | None = None,
    start: bool = True,
    traces: Traces = tuple,
) -> Place:
    """The address of the database. Without a URL, of the embedded server, which is started.

    `traces` names what a store has left elsewhere, such as keys: if there is something, no new server is
    created.

    Raises:
        DatabaseError: the URL can't be used, or the server can't be started.
    """
    if url:
        address = checked_address(url)
        return Place(address, checked_address(owner_url) if owner_url else address, None)
    server = EmbeddedServer(home, traces=traces)
    if start:
        server.start()
    return Place(server.address(), server.address(OWNER), server)


class Database:
    """A database, open for the application. Close it, or use it as a context manager.

    `schema` is the migration number that the program needs; a database at a different one is refused.
    """

    def __init__(self, address: str, limits: Limits | None = None, *, schema: str) -> None:
        self._schema = schema
        self.limits = limits = limits or Limits()
        self.address = address
        # Dedicated connections that wait for their next use, and since when.
        self._kept: deque[tuple[float, Connection]] = deque()
        # The pool's failure messages go to the configured log only, not to the terminal.
        logging.getLogger("psycopg.pool").addHandler(_UNHEARD)
        self.pool: ConnectionPool[Connection] = ConnectionPool(
            address,
            min_size=limits.pool_min,
            max_size=limits.pool_max,
            timeout=limits.pool_timeout,
            kwargs=_parameters(limits),
            configure=_as_application,
            check=_check,
            open=False,
            name="claimwright",
        )

    def __enter__(self) -> Database:
        """Open the pool.

        Raises:
            DatabaseError: the server does not answer, is too old, or its schema version does not match.
        """
        self.pool.open()
        try:
            self.pool.wait(self.limits.connect_timeout)
            self._fit()
        except PoolTimeout:
            self.close()
            raise DatabaseError(
                "The database does not answer. Check that it runs and that CLAIMWRIGHT_DATABASE_URL is right."
            ) from None
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections that are not in use."""
        self.pool.close()
        while self._kept:
            self._kept.pop()[1].close()

    @contextmanager
    def transaction(self, caller: Caller) -> Iterator[Connection]:
        """One transaction on the caller's behalf: commits at the end, rolls back on any exception.

        The database knows tenant and actor until the transaction ends. Without a tenant, no row can be seen
        or written; without an actor, nothing can be audited or published.
        """
        with self.pool.connection() as connection, tenancy(connection, caller):
            yield connection

    def tenants(self) -> list[str]:
        """All tenants that have data in the store, by name; each has an audit log."""
        with self.pool.connection() as connection:
            return [row[0] for row in connection.execute("select store.tenants()").fetchall()]

    def connect(self) -> Connection:
        """A dedicated connection, outside the pool, for long uses: a lock, a worker's writes.

        Raises:
            psycopg.OperationalError: the server does not answer.
        """
        connection = psycopg.connect(self.address, **_parameters(self.limits))
        _as_application(connection)
        return connection

    @contextmanager
    def dedicated(self) -> Iterator[Connection]:
        """A dedicated connection that is kept for the next who needs one, unless something went wrong.

        For work that comes often and may last: taking a place of the pool for it could leave none for what it
        asks meanwhile, and a new connection costs as much as the work on a small file.

        Raises:
            psycopg.OperationalError: the server does not answer.
        """
        connection = self._one_kept() or self.connect()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        is_idle = connection.info.transaction_status == TransactionStatus.IDLE
        if is_idle and not self.pool.closed and len(self._kept) < _MOST_KEPT:
            self._kept.append((clock.seconds(), connection))
        else:
            connection.close()

    def _one_kept(self) -> Connection | None:
        while True:
            try:
                since, connection = self._kept.pop()
            except IndexError:
                return None
            try:
                if clock.seconds() - since < _KEPT_SECONDS:
                    _check(connection)
                    return connection
            except psycopg.OperationalError:
                pass
            connection.close()

    def _fit(self) -> None:
        with self.pool.connection() as connection:
            version = connection.info.server_version // 10_000
            role = connection.execute(
                "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"
            ).fetchone()
        if version < OLDEST:
            raise DatabaseError(f"The server is PostgreSQL {version}; {OLDEST} or newer is needed.")
        if role is None or role[0]:
            raise DatabaseError(
                f"The database role can bypass row-level security. Connect as {APPLICATION}, or as a role "
                f"that may become it: grant {APPLICATION} to your role."
            )
        at = current(self.address)
        if at != self._schema:
            raise DatabaseError(
                f"The database is at migration {at or 'none'}, this program needs {self._schema}. "
                "Run: claimwright db migrate."
            )


def _check(connection: Connection) -> None:
    """Go on only with a connection that the server has not ended.

    Raises:
        psycopg.OperationalError: it has; the pool makes another one.
    """
    now = clock.seconds()
    if now - _checked.get(connection, -_CHECKED_SECONDS) < _CHECKED_SECONDS:
        return
    ConnectionPool.check_connection(connection)
    _checked[connection] = now


def _parameters(limits: Limits) -> dict[str, Any]:
    settings = {
        "statement_timeout": limits.statement_timeout,
        "lock_timeout": limits.lock_timeout,
        "idle_in_transaction_session_timeout": limits.idle_in_transaction_timeout,
    }
    options = " ".join(f"-c {name}={int(seconds * 1000)}" for name, seconds in settings.items())
    return {
        "connect_timeout": limits.connect_timeout,
        "application_name": "claimwright",
        "options": options,
        # A lost server is noticed within half a minute, not after the kernel's default of two hours.
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 4,
        "autocommit": True,
        "cursor_factory": TimedCursor,
    }


def _as_application(connection: Connection) -> None:
    """Drop all further rights of the connecting role."""
    if connection.info.user != APPLICATION:
        connection.execute(f"set role {APPLICATION}")
