"""Letters of payers about appeals: which were filed to a case, what they say, whether a person applied it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.rows import class_row

from claimwright.platform.database import Connection


@dataclass(frozen=True)
class FiledLetter:
    """A letter of a payer, without its words: those are the document's."""

    entry_id: int
    case_id: int
    document_id: int
    received_on: datetime.date
    says: str
    decided_on: datetime.date | None
    names_claim: bool
    applied_at: datetime.datetime | None
    applied_by: str | None
    filed_by: str
    filed_at: datetime.datetime


_COLUMNS = ", ".join(FiledLetter.__dataclass_fields__)


def insert_letter(
    connection: Connection, entry_id: int, case_id: int, document_id: int, received_on: datetime.date,
    says: str,
    decided_on: datetime.date | None, *, names_claim: bool, now: datetime.datetime,
) -> bool:  # fmt: skip
    """File a letter to a case. False if this document is filed to it already."""
    return bool(
        connection.execute(
            "insert into appeals.correspondence (entry_id, case_id, document_id, received_on, says, "
            "decided_on,"
            " names_claim, filed_at) values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
            [entry_id, case_id, document_id, received_on, says, decided_on, names_claim, now],
        ).rowcount
    )


def letters_of(
    connection: Connection, case_ids: Sequence[int], entry_id: int | None = None
) -> list[FiledLetter]:
    """The letters of cases, in the order in which they were received; with `entry_id`, that one."""
    cursor = connection.cursor(row_factory=class_row(FiledLetter))
    return cursor.execute(
        f"select {_COLUMNS} from appeals.correspondence where case_id = any(%(cases)s)"  # noqa: S608 - names
        " and (%(entry)s::bigint is null or entry_id = %(entry)s) order by received_on, entry_id".encode(),
        {"cases": list(case_ids), "entry": entry_id},
    ).fetchall()


def apply_letter(connection: Connection, entry_id: int, by: str, now: datetime.datetime) -> None:
    """A person made the letter the outcome of its case."""
    connection.execute(
        "update appeals.correspondence set applied_at = %s, applied_by = %s where entry_id = %s",
        [now, by, entry_id],
    )
