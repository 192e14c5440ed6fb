"""A backup restored beside the store, checked there, and put in its place; ids given out stay given out.

Objects, a target and events that have left know claims and files by their ids. A database that counts on from
an older backup would give these ids to others. So its counters are advanced past everything that is known of:
the database that it replaces, object storage and the target.

    IdsUnknownError (StoreError)   the target does not answer, so that nobody knows which ids it has
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from claimwright.foundation.errors import StoreError

from .callers import account_caller

if TYPE_CHECKING:
    from claimwright.platform.database import EmbeddedServer
    from claimwright.platform.settings import Settings

_READ_BYTES = 1 << 20


class IdsUnknownError(StoreError):
    """Which ids were given out can't be known: nothing may go on from an older state."""


@dataclass(frozen=True)
class Restored:
    """What a restore came to.

    `advanced` has, for each counter that had to move, where it stood and stands. `behind` says of each tenant
    whose audit log a checkpoint proves to have been longer, to which record the backup has it and the
    checkpoint proves it.
    """

    claims: int
    replaced: bool
    advanced: Mapping[str, tuple[int, int]]
    behind: Mapping[str, tuple[int, int]]


def contents_of(server: EmbeddedServer, database: str) -> list[str]:
    """What a database holds, in words: for whoever is asked whether it may go."""
    import psycopg

    from claimwright.platform.database import APPLICATION, tenancy
    from claimwright.store.overview import holdings

    lines = []
    with psycopg.connect(server.address(APPLICATION, database), autocommit=True) as connection:
        found = connection.execute("select to_regprocedure('store.tenants()')").fetchone()
        if found is None or found[0] is None:
            return []
        for (tenant,) in connection.execute("select store.tenants()").fetchall():
            with tenancy(connection, account_caller(tenant)):
                held = holdings(connection)
            last = f", last changed {held.changed_at:%Y-%m-%d %H:%M} UTC" if held.changed_at else ""
            lines.append(f"tenant {tenant}: {held.files:,} files with {held.claims:,} claims{last}")
    return lines


@contextmanager
def restoring(settings: Settings, server: EmbeddedServer, file: Path) -> Iterator[Restoring]:
    """A backup restored beside the store, brought to this schema, checked; `switch` puts it in place.

    Raises:
        DatabaseError: the backup is damaged, not ours, of a newer program, or leaves tables unprotected.
    """
    from claimwright.platform.database import DATABASE, OWNER, ServerError, restored_beside, walls_missing
    from claimwright.store.schema import migrate

    server.start(new=True)
    with restored_beside(server, file) as name:
        owner = server.address(OWNER, name)
        migrate(owner)
        if unprotected := walls_missing(owner):
            raise ServerError(
                f"{file}: this backup leaves tables unprotected ({', '.join(unprotected[:3])}): somebody "
                "edited it, or it is none of ours. Nothing was changed."
            )
        yield Restoring(settings, server, file, name, DATABASE)


class Restoring:
    """A database beside the one that is there."""

    def __init__(
        self, settings: Settings, server: EmbeddedServer, file: Path, name: str, replaces: str
    ) -> None:
        self._settings, self._server, self._file, self._name = settings, server, file, name
        self._replaces = replaces

    def contents(self) -> Sequence[str]:
        """What the backup holds, in words."""
        return contents_of(self._server, self._name)

    def switch(self) -> Restored:
        """Put it in the place of the one that is there.

        Raises:
            DatabaseError: somebody holds on to the database.
            ObjectError: object storage can't be asked which ids it knows.
            DeliveryError: the target can't be used.
            IdsUnknownError: the target does not answer.
        """
        import psycopg

        from claimwright.platform.database import OWNER, has_tables, switch
        from claimwright.store.sequences import advance_ids

        from .administration import record_for_all

        replaced = has_tables(self._server)
        given_out = ids_given_out(self._settings)
        if replaced:
            for name, last in self._ids_of(self._replaces).items():
                given_out[name] = max(last, given_out.get(name, 0))
        with psycopg.connect(self._server.address(OWNER, self._name), autocommit=True) as owner:
            advanced = advance_ids(owner, given_out)
        behind = checkpoints_ahead(self._settings, self._server.address(database=self._name))
        switch(self._server, self._name)
        digest = hashlib.sha256()
        with self._file.open("rb") as content:
            while piece := content.read(_READ_BYTES):
                digest.update(piece)
        record_for_all(
            self._server.address(),
            action="store.restored",
            subject="store",
            detail={"sha256": digest.hexdigest(), "bytes": self._file.stat().st_size},
        )
        claims = sum(self._claims())
        return Restored(claims, replaced, advanced, behind)

    def _ids_of(self, database: str) -> dict[str, int]:
        import psycopg

        from claimwright.platform.database import OWNER
        from claimwright.store.sequences import last_ids

        with psycopg.connect(self._server.address(OWNER, database), autocommit=True) as owner:
            return last_ids(owner)

    def _claims(self) -> Iterator[int]:
        import psycopg

        from claimwright.platform.database import tenancy
        from claimwright.store.overview import holdings

        with psycopg.connect(self._server.address(), autocommit=True) as connection:
            for (tenant,) in connection.execute("select store.tenants()").fetchall():
                with tenancy(connection, account_caller(tenant)):
                    yield holdings(connection).claims


def ids_given_out(settings: Settings) -> dict[str, int]:
    """The highest ids that object storage and the target know, by the counter that gave them out.

    Raises:
        ObjectError: object storage can't be read.
        DeliveryError: the target can't be used.
        IdsUnknownError: the target does not answer.
    """
    from claimwright.features.delivery import TRANSIENT, open_target
    from claimwright.platform.objects import open_objects
    from claimwright.store.sequences import CLAIMS, FILES

    files = [int(part) for key in open_objects(settings).keys("files") if (part := _file_of(key)).isdecimal()]
    known = {FILES: max(files, default=0)}
    url = settings.pipeline.target_url
    if url is not None:
        try:
            with open_target(url.get_secret_value()) as target:
                known[CLAIMS] = target.highest_key()
        except TRANSIENT as problem:
            raise IdsUnknownError(
                f"pipeline.target_url: the target does not answer ({type(problem).__name__}). Which keys of "
                "claims were given out has to be known before ids go on from a backup."
            ) from None
    return known


def _file_of(key: str) -> str:
    """The file's number in `files/TENANT/NUMBER/PIECE`."""
    parts = key.split("/")
    return parts[2] if len(parts) > 3 else ""


def checkpoints_ahead(settings: Settings, address: str) -> dict[str, tuple[int, int]]:
    """Tenants whose log ends before a checkpoint of theirs: its last record, and the one that is proven."""
    import psycopg

    from claimwright.platform.audit import AuditError, checkpoints
    from claimwright.platform.database import tenancy
    from claimwright.platform.objects import open_objects

    objects, behind = open_objects(settings), {}
    with psycopg.connect(address, autocommit=True) as connection:
        for (tenant,) in connection.execute("select store.tenants()").fetchall():
            with tenancy(connection, account_caller(tenant)):
                row = connection.execute(
                    "select sequence from platform.audit_heads where tenant = %s", [tenant]
                ).fetchone()
            try:
                signed = [each.sequence for each in checkpoints(objects, tenant=tenant)]
            except AuditError:
                # What is wrong with it, `audit verify` says.
                continue
            last = int(row[0]) if row else 0
            if max(signed, default=0) > last:
                behind[tenant] = (last, max(signed))
    return behind
