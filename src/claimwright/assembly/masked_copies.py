"""Makes a masked copy of the store: a separate home folder, with its own database and keys.

CopyRefusedError (ConfigurationError)   the place of the copy is not empty
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from claimwright.foundation.errors import ConfigurationError

from .stores import open_sealer

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.features.masked_copies import Copied
    from claimwright.platform.database import Database, Place
    from claimwright.platform.phi import Sealer
    from claimwright.platform.settings import Settings

# Marker file in the home of a copy until it is complete; identifies the remains of a killed copy.
UNFINISHED = ".unfinished-copy"


class CopyRefusedError(ConfigurationError):
    """A copy can't be made in this place."""


def make_masked_copy(
    callers: Sequence[Caller],
    settings: Settings,
    database: Database,
    home: Path,
    *,
    url: str | None = None,
    file: Path | None = None,
    notify: Callable[[str], None] = lambda _: None,
) -> Copied:
    """Copy the store of the callers' tenants, with all patient identifiers masked. Recorded in each tenant's
    log.

    Args:
        callers: one for each tenant that is copied.
        settings: of the store.
        database: the store.
        home: a new or empty folder, or the remains of a killed copy, which are removed first.
        url: an empty PostgreSQL database; by default an embedded one in `home`.
        file: if given, the masked claims are also written to this file as an 837.
        notify: called for each tenant.

    Raises:
        CopyRefusedError: the folder or the database is not empty.
        MaskError, PhiError, DatabaseError: the copy can't be made.
        OSError: the folder or the file can't be written.
    """
    from claimwright.features.conversion import write_837_file
    from claimwright.features.masked_copies import copy_masked, masked_claims
    from claimwright.foundation import clock
    from claimwright.platform.audit import append

    year, opener = clock.today().year, open_sealer(settings, database)
    _empty(home)
    with _copy_in(home, url) as (where, sealer):
        done = copy_masked(
            callers[0], database, opener, where.owner, sealer,
            tenants=[each.tenant for each in callers], year=year, say=notify,
        )  # fmt: skip
        if file is not None:
            claims = (
                each for caller in callers for each in masked_claims(caller, database, opener, year=year)
            )
            write_837_file(claims, file)
    for caller in callers:
        with database.transaction(caller) as connection:
            append(
                caller, connection, action="copy.masked", subject=f"tenant:{caller.tenant}",
                detail={"claims": done.by_tenant[caller.tenant]}, correlation_id="",
            )  # fmt: skip
    (home / UNFINISHED).unlink()
    return done


def _empty(home: Path) -> None:
    """An empty folder with the marker of an unfinished copy; the remains of a killed copy are removed."""
    from claimwright.platform.database import EmbeddedServer

    if home.is_symlink() or (home.exists() and not home.is_dir()):
        raise CopyRefusedError(f"{home}: name a folder that is new or empty, not a symbolic link.")
    if home.is_dir() and any(home.iterdir()):
        if not (home / UNFINISHED).is_file():
            raise CopyRefusedError(
                f"{home}: name a folder that is new or empty: a copy must not be mixed with other files."
            )
        # Its server may still be running.
        EmbeddedServer(home / "database").stop()
        shutil.rmtree(home)
    # As root, the account of the copy's server must be able to reach its folder; it can read nothing else.
    mode = 0o711 if os.geteuid() == 0 else 0o700
    home.mkdir(parents=True, exist_ok=True, mode=mode)
    home.chmod(mode)
    (home / UNFINISHED).write_text("A masked copy is being made here, or was killed.\n", encoding="utf-8")


@contextmanager
def _copy_in(home: Path, url: str | None) -> Iterator[tuple[Place, Sealer]]:
    """The empty database of the copy with its schema, and a sealer with its keys."""
    from claimwright.platform.database import Limits, place
    from claimwright.platform.settings import load_settings
    from claimwright.store.schema import migrate, open_database

    variables = {"CLAIMWRIGHT_HOME": str(home.absolute())}
    if url is not None:
        variables["CLAIMWRIGHT_DATABASE_URL"] = url
    settings = load_settings(folder=home, variables=variables)
    where = place(url, settings.database.home)
    try:
        migrate(where.owner)
        limits = Limits(pool_max=settings.database.pool_size)
        with open_database(where.address, limits) as database:
            with database.pool.connection() as connection:
                if connection.execute("select 1 from platform.data_keys limit 1").fetchone():
                    raise CopyRefusedError("--url: this database is not empty. Name a new one for the copy.")
            yield where, open_sealer(settings, database)
    finally:
        if where.server is not None:
            where.server.stop()
