"""The id counters of the store. An id must never be assigned twice.

Objects in storage, delivery targets and published events refer to claims and files by these ids. A database
restored from an older backup would continue counting from there, and assign ids that are already in use to
other claims.
"""

from __future__ import annotations

from collections.abc import Mapping

from psycopg import sql

from claimwright.platform.database import Connection

FILES = "staging.file_ids"
CLAIMS = "staging.claim_keys_ids"


def last_ids(owner: Connection) -> dict[str, int]:
    """The last id that each counter has assigned; 0 if it has assigned none. Runs as the owner."""
    rows = owner.execute(
        "select schemaname || '.' || sequencename, coalesce(last_value, 0) from pg_sequences "
        "where schemaname !~ '^pg_|^information_schema$|^public$' order by 1"
    ).fetchall()
    return {name: int(last) for name, last in rows}


def advance_ids(owner: Connection, at_least: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Advance each counter that is below the given value. Returns old and new value of each. Runs as the
    owner.

    Counters that this database does not have are left out.
    """
    moved = {}
    with owner.transaction():
        for name, last in last_ids(owner).items():
            wanted = at_least.get(name, 0)
            if last < wanted:
                owner.execute(sql.SQL("select setval({}, {})").format(sql.Literal(name), sql.Literal(wanted)))
                moved[name] = (last, wanted)
    return moved
