"""Restores a backup into a second database, checks it and switches to it; assigned ids are never assigned
again.

Objects in storage, a delivery target and published events refer to claims and files by their ids. A database
that continues counting from an older backup would assign these ids again. So its counters are advanced beyond
all known
ids: those in the database that it replaces, in object storage and in the target.

    IdsUnknownError (StoreError)   the target does not respond, so the ids that it has are unknown
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
    """The assigned ids are unknown, so an older state must not be used."""


@dataclass(frozen=True)
class Restored:
    """The result of a restore.

    `advanced` has the old and the new value of each counter that was advanced. `behind` has an entry for each
    tenant whose audit log was longer according to a checkpoint: the last record in the backup, and the record
    that the checkpoint proves.
    """

    claims: int
    replaced: bool
    advanced: Mapping[str, tuple[int, int]]
    behind: Mapping[str, tuple[int, int]]


def contents_of(server: EmbeddedServer, database: str) -> list[str]:
    """The content of a database in words, for the person who confirms that it may be replaced."""
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
    """Restore a backup into a second database, migrate and check it; `switch` puts it in place.

    Raises:
        DatabaseError: the backup is damaged, foreign, of a newer program, or has unprotected tables.
    """
    from claimwright.platform.database import DATABASE, OWNER, ServerError, restored_beside, walls_missing
    from claimwright.store.schema import migrate

    server.start(new=True)
    with restored_beside(server, file) as name:
        owner = server.address(OWNER, name)
        migrate(owner)
        if unprotected := walls_missing(owner):
            raise ServerError(
                f"{file}: this backup has unprotected tables ({', '.join(unprotected[:3])}): it was edited, "
                "or `claimwright db backup` did not write it. Nothing was changed."
            )
        yield Restoring(settings, server, file, name, DATABASE)


class Restoring:
    """A restored database that has not replaced the present one yet."""

    def __init__(
        self, settings: Settings, server: EmbeddedServer, file: Path, name: str, replaces: str
    ) -> None:
        self._settings, self._server, self._file, self._name = settings, server, file, name
        self._replaces = replaces

    def contents(self) -> Sequence[str]:
        """The content of the backup, in words."""
        return contents_of(self._server, self._name)

    def switch(self) -> Restored:
        """Replace the present database by the restored one.

        Raises:
            DatabaseError: the database stays in use.
            ObjectError: object storage can't be read for the ids that it has.
            DeliveryError: the target can't be used.
            IdsUnknownError: the target does not respond.
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
    """The highest ids in object storage and in the target, by the counter that assigned them.

    Raises:
        ObjectError: object storage can't be read.
        DeliveryError: the target can't be used.
        IdsUnknownError: the target does not respond.
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
                f"pipeline.target_url: the target does not respond ({type(problem).__name__}). Its claim "
                "keys must be known before a backup can be used, so that no key is assigned twice."
            ) from None
    return known


def _file_of(key: str) -> str:
    """The file's number in `files/TENANT/NUMBER/PIECE`."""
    parts = key.split("/")
    return parts[2] if len(parts) > 3 else ""


def checkpoints_ahead(settings: Settings, address: str) -> dict[str, tuple[int, int]]:
    """Tenants whose log ends before one of its checkpoints: the last record, and the proven one."""
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
                # `audit verify` reports what is wrong with it.
                continue
            last = int(row[0]) if row else 0
            if max(signed, default=0) > last:
                behind[tenant] = (last, max(signed))
    return behind
