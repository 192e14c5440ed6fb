"""Files that only their owner can read: keys, backups, masked copies.

PrivateFileError (ValueError)   the file is missing, unreadable, or readable by others
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from claimwright.foundation.errors import ConfigurationError

# Linux's folder of a process's open files.
_OPEN_FILES = Path("/proc/self/fd")


class PrivateFileError(ConfigurationError, ValueError):
    """A key file can't be used. One line that says what to do."""


def write_private(path: Path, content: bytes) -> None:
    """Write a new file with mode 0600. An existing file, or one created in the meantime, stays unchanged.

    The content is on disk before the name, so that nobody ever reads a partial key.
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
    """The content of the file.

    Raises:
        PrivateFileError: it can't be read, others can read it, or it belongs to another account.
    """
    try:
        known = path.stat()
        content = path.read_bytes()
    except OSError as problem:
        raise PrivateFileError(
            f"{path}: this key can't be read ({problem.strerror}): restore its backup, or correct its path."
        ) from None
    if os.name == "posix" and known.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise PrivateFileError(f"{path}: accounts other than its owner can read this key: chmod 600 it.")
    if os.name == "posix" and known.st_uid not in {os.geteuid(), 0}:
        raise PrivateFileError(f"{path}: this key belongs to another account. Use your own, or chown it.")
    return content


@contextmanager
def new_private_file(path: Path) -> Iterator[BinaryIO]:
    """A file with mode 0600 that gets its name when it is complete; an existing file is replaced.

    If the file system supports it, the file has no name until then, so a killed process leaves nothing. A
    symbolic link in its place is replaced, never followed.

    Raises:
        OSError: it can't be written.
    """
    descriptor, part = _nameless(path.parent), None
    if descriptor is None:
        part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            if part is None:
                part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
                _name(file.fileno(), part)
        part.replace(path)
    except BaseException:
        if part is not None:
            part.unlink(missing_ok=True)
        raise


def _nameless(folder: Path) -> int | None:
    """A new file without a name; None if this system or file system does not support it."""
    flag = getattr(os, "O_TMPFILE", 0)
    if not flag or not _OPEN_FILES.is_dir():
        return None
    try:
        return os.open(folder, flag | os.O_RDWR, 0o600)
    except OSError as problem:
        if problem.errno in {errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL} and folder.is_dir():
            return None
        raise


def _name(descriptor: int, path: Path) -> None:
    folder = os.open(_OPEN_FILES, os.O_RDONLY)
    try:
        # With a folder's descriptor, Python makes the system follow the link, to the unnamed file.
        os.link(str(descriptor), path, src_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)
