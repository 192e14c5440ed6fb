"""Where the server's socket lies: in the data folder, or in a folder of this user's with a shorter path.

A name in the common temporary folder can be taken by anybody first. So the folder in it is this user's own,
and used only where nobody else owns it, can write in it, or has put a link in its place.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from .errors import ServerError

# A socket's path has room for 107 characters (unix(7)), and PostgreSQL appends `/.s.PGSQL.5432.lock`.
LONGEST = 107 - len("/.s.PGSQL.5432.lock")
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
_RUNTIME = "XDG_RUNTIME_DIR"


def socket_folder(data: Path) -> Path:
    """The folder of a data folder's socket. What stands there is checked, and nothing is made.

    Raises:
        ServerError: the folder is somebody else's, or others may write in it.
    """
    # libpq takes a comma for the end of a host's name.
    if len(os.fsencode(data)) <= LONGEST and "," not in str(data):
        return data
    folder = _own_folder() / hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    if len(os.fsencode(folder)) > LONGEST:
        raise ServerError(f"{folder} is too long for a socket. Set TMPDIR to a shorter path.")
    for each in (folder.parent, folder):
        _check(each, owners={os.geteuid(), *_owner_of(data)})
    return folder


def make_socket_folder(data: Path) -> Path:
    """The folder of a data folder's socket, made where it is missing.

    Raises:
        ServerError: the folder is somebody else's, or others may write in it.
    """
    folder = socket_folder(data)
    if folder == data:
        return folder
    for each in (folder.parent, folder):
        # As root the server has an account of its own, which must be able to go through.
        mode = 0o711 if os.geteuid() == 0 and each == folder.parent else 0o700
        try:
            each.mkdir(mode=0o700)
        except FileExistsError:
            continue
        each.chmod(mode)
    # Checked again: between the first look and the making somebody may have been faster.
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
            f"{folder} is not a folder of ours alone, and the database's socket belongs there. "
            "Find out who made it, remove it, and try again; or set TMPDIR to a folder of your own."
        )
