"""Files that only their owner may read: keys.

PrivateFileError (ValueError)   the file is missing, unreadable, or others may read it
"""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from claimwright.foundation.errors import ConfigurationError


class PrivateFileError(ConfigurationError, ValueError):
    """A key file can't be used; one line that says what to do."""


def write_private(path: Path, content: bytes) -> None:
    """Write a new file with mode 0600; one that is there already, or comes meanwhile, stays as it is.

    The content is on the disk before the name is, so that nobody ever reads half a key.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(file.name, path)
    except FileExistsError:
        return
    finally:
        Path(file.name).unlink()


def read_private(path: Path) -> bytes:
    """What the file holds.

    Raises:
        PrivateFileError: it can't be read, or others than its owner may read it.
    """
    try:
        mode = path.stat().st_mode
        content = path.read_bytes()
    except OSError as problem:
        raise PrivateFileError(
            f"{path}: this key can't be read ({problem.strerror}): restore its backup, or name its place."
        ) from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise PrivateFileError(f"{path}: others than its owner may read this key: chmod 600 it.")
    return content
