"""How far an upload is: noted outside of its transaction, so that others see it while it goes on.

UploadIdError (InputError)   an upload with this id is under way or done
"""

from __future__ import annotations

import datetime
import uuid
from dataclasses import replace

from claimwright.domain.caller import Caller
from claimwright.foundation import clock
from claimwright.foundation.errors import InputError
from claimwright.platform.database import Connection, Database
from claimwright.store import uploads
from claimwright.store.uploads import UploadProgress

from .staging import Staged

# How often the counts are written at most, and after which silence an upload counts as interrupted.
_WRITE_SECONDS = 1.0
_SILENT_MINUTES = 15
INTERRUPTED = "interrupted"


class UploadIdError(InputError):
    """An upload with this id is under way or done."""


class UploadReport:
    """Notes how far one upload is."""

    def __init__(self, caller: Caller, database: Database, upload_id: uuid.UUID, facility: str) -> None:
        """Note that it begins. One that failed or was interrupted may begin again.

        Raises:
            UploadIdError: an upload with this id is under way or done.
        """
        self._caller, self._database, self._id = caller, database, upload_id
        self._written_at = clock.seconds()
        self._bytes = 0
        with database.transaction(caller) as connection:
            if not uploads.begin_upload(connection, upload_id, facility, silent_minutes=_SILENT_MINUTES):
                raise UploadIdError("an upload with this id is under way or done. Choose another id.")

    def __call__(self, size: int, claims: int, staged: int) -> None:
        """Note the counts, about once a second."""
        self._bytes = size
        now = clock.seconds()
        if now - self._written_at >= _WRITE_SECONDS:
            self._written_at = now
            self._note(claims, staged)

    def completed(self, done: Staged) -> None:
        """Note that the file is staged, or was before."""
        self._note(done.claims, done.staged)
        is_earlier = done.earlier is not None
        with self._database.transaction(self._caller) as connection:
            uploads.end_upload(
                connection, self._id, file_id=done.earlier or done.file_id, is_earlier=is_earlier
            )

    def failed(self, problem: str) -> None:
        """Note the code of the error that ended it."""
        with self._database.transaction(self._caller) as connection:
            uploads.end_upload(connection, self._id, problem=problem)

    def _note(self, claims: int, staged: int) -> None:
        with self._database.transaction(self._caller) as connection:
            uploads.note_upload(connection, self._id, size=self._bytes, claims=claims, staged=staged)


def upload_progress(connection: Connection, upload_id: uuid.UUID) -> UploadProgress | None:
    """How far an upload of the tenant is; None if there is none with this id."""
    found = uploads.read_upload(connection, upload_id)
    if found is None:
        return None
    silent_since = clock.now() - datetime.timedelta(minutes=_SILENT_MINUTES)
    if found.state == "in_progress" and found.changed_at < silent_since:
        return replace(found, state="failed", problem=INTERRUPTED)
    return found
