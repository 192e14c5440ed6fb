"""The rows of uploads: how far each is, for whoever asks while it goes on."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass
from typing import Literal

from claimwright.platform.database import Connection

_KEPT_HOURS = 24


@dataclass(frozen=True)
class UploadProgress:
    """How far an upload is.

    Attributes:
        upload_id: chosen by the sender.
        facility: whose claims they are.
        state: `failed` also where its process has ended; then nothing of it is staged.
        bytes: read so far, unpacked.
        claims: read so far.
        staged: of these, without those that repeat one of before; final once it is completed.
        file_id: of the file, once it is completed.
        is_earlier: whether that is an earlier file with the same content.
        problem: the code of the error, where it failed.
        begun_at: when it began.
        changed_at: when this was noted.
    """

    upload_id: uuid.UUID
    facility: str
    state: Literal["in_progress", "completed", "failed"]
    bytes: int
    claims: int
    staged: int
    file_id: int | None
    is_earlier: bool
    problem: str | None
    begun_at: datetime.datetime
    changed_at: datetime.datetime


_COLUMNS = ", ".join(UploadProgress.__dataclass_fields__)


def begin_upload(connection: Connection, upload_id: uuid.UUID, facility: str, *, silent_minutes: int) -> bool:
    """Note that an upload begins; False if one with this id is under way or done.

    Those of the day before are deleted. One that has noted nothing for `silent_minutes` is not under way.
    """
    connection.execute(
        "delete from staging.uploads where begun_at < clock_timestamp() - make_interval(hours => %s) "
        "or upload_id = %s and (state = 'failed' or state = 'in_progress' "
        "and changed_at < clock_timestamp() - make_interval(mins => %s))",
        [_KEPT_HOURS, upload_id, silent_minutes],
    )
    made = connection.execute(
        "insert into staging.uploads (upload_id, facility) values (%s, %s) on conflict do nothing",
        [upload_id, facility],
    )
    return made.rowcount == 1


def note_upload(connection: Connection, upload_id: uuid.UUID, *, size: int, claims: int, staged: int) -> None:
    """Note how many bytes were read, and how many claims were read and staged."""
    connection.execute(
        "update staging.uploads set bytes = %s, claims = %s, staged = %s, changed_at = clock_timestamp() "
        "where upload_id = %s and state = 'in_progress'",
        [size, claims, staged, upload_id],
    )


def end_upload(
    connection: Connection,
    upload_id: uuid.UUID,
    *,
    file_id: int | None = None,
    is_earlier: bool = False,
    problem: str | None = None,
) -> None:
    """Note that an upload has ended: with its file, or with the code of an error."""
    connection.execute(
        "update staging.uploads set state = %s, file_id = %s, is_earlier = %s, problem = %s, "
        "changed_at = clock_timestamp() where upload_id = %s",
        ["completed" if problem is None else "failed", file_id, is_earlier, problem, upload_id],
    )


def read_upload(connection: Connection, upload_id: uuid.UUID) -> UploadProgress | None:
    """An upload; None if there is none with this id."""
    row = connection.execute(
        f"select {_COLUMNS} from staging.uploads where upload_id = %s".encode(),  # noqa: S608 - constants
        [upload_id],
    ).fetchone()
    return None if row is None else UploadProgress(*row)
