"""The texts of governed files in object storage: read, and compared with the digest that was stored."""

from __future__ import annotations

import hashlib
from typing import Protocol

from claimwright.foundation.errors import InputError
from claimwright.store import governed_files as rows


class Gets(Protocol):
    """Reads objects; see `claimwright.platform.objects`."""

    def get(self, key: str) -> bytes | None:
        """The content of an object; None if there is none."""


class Shelf(Gets, Protocol):
    """Reads and writes objects."""

    def put_new(self, key: str, content: bytes) -> bool:
        """Write an object if there is none; False if there is one."""


class GovernedFileError(InputError):
    """The file can't be used, or the step is not allowed."""


def stored_text(shelf: Gets, version: rows.GovernedVersion) -> str:
    """The text of a version.

    Raises:
        GovernedFileError: object storage has lost it, or has another text than the one that was stored.
        ObjectError: object storage is away.
    """
    content = shelf.get(version.object)
    if content is None:
        raise GovernedFileError(
            f"{version.file_id} version {version.version}: object storage has lost its text."
        )
    if hashlib.sha256(content).hexdigest() != version.digest:
        raise GovernedFileError(
            f"{version.file_id} version {version.version}: its text is not the one that was stored."
        )
    return content.decode()
