"""The folder of the server's socket: the data folder, or a folder of this user with a shorter path.

Anybody can create a name in the shared temporary folder first. So the folder there is used only if this
user owns it, nobody else can write in it, and it is not a symbolic link.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from .errors import ServerError

# A socket's path can have 107 characters (unix(7)), and PostgreSQL appends `/.s.PGSQL.5432.lock`.
LONGEST = 107 - len("/.s.PGSQL.5432.lock")
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
_RUNTIME = "XDG_RUNTIME_DIR"


def socket_folder(data: Path) -> Path:
    """The folder of a data folder's socket. An existing folder is checked; none is created.

    Raises:
        ServerError: the folder belongs to somebody else, or others can write in it.
    """
    # libpq reads a comma as the end of a host name.
    if len(os.fsencode(data)) <= LONGEST and "," not in str(data):
        return data
    folder = _own_folder() / hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    if len(os.fsencode(folder)) > LONGEST:
        raise ServerError(f"{folder} is too long for a socket. Set TMPDIR to a shorter path.")
    for each in (folder.parent, folder):
        _check(each, owners={os.geteuid(), *_owner_of(data)})
    return folder


def make_socket_folder(data: Path) -> Path:
    """The folder of a data folder's socket; created if it is missing.

    Raises:
        ServerError: the folder belongs to somebody else, or others can write in it.
    """
    folder = socket_folder(data)
    if folder == data:
        return folder
    for each in (folder.parent, folder):
        # As root, the server has its own account, which must be able to enter.
        mode = 0o711 if os.geteuid() == 0 and each == folder.parent else 0o700
        try:
            each.mkdir(mode=0o700)
        except FileExistsError:
            continue
        each.chmod(mode)
    # Checked again: somebody may have created it between the first check and now.
    return socket_folder(data)


def _own_folder() -> Path:
    runtime = os.environ.get(_RUNTIME, "")
    if runtime and Path(runtime).is_absolute() and Path(runtime).is_dir():
        return Path(runtime) / "claimwright"
    return Path(tempfile.gettempdir()) / f"claimwright-{os.geteuid()}"


def _owner_of(data: Path) -> set[int]:
    try:
        return {data.stat().st_uid}
    except OSError:
        return set()


def _check(folder: Path, owners: set[int]) -> None:
    try:
        known = folder.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(known.st_mode) or known.st_uid not in owners or known.st_mode & _OTHERS_MAY_WRITE:
        raise ServerError(
            f"{folder} is not private to your account, but it is needed for the database's socket. "
            "Find out who created it, remove it, and try again; or set TMPDIR to a folder of your own."
        )
