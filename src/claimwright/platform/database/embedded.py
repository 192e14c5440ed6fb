"""The embedded PostgreSQL: one server per home folder, shared by all processes that use the folder.

It listens on a socket in its own data folder, which only its owner can enter. It still requires a password,
by SCRAM only, so that a fake server learns nothing about the password. It starts when it is first needed and
runs until `claimwright db stop`. For Linux and macOS; on other systems, set the URL of a database.
"""

from __future__ import annotations

import json
import os
import secrets
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import psycopg
from psycopg.conninfo import make_conninfo

from .errors import ServerError
from .roles import APPLICATION, DATABASE, OWNER, SUPERUSER, ensure_database
from .server_account import as_account, hand_over, programs, require_reachable
from .server_process import forget_process, is_listening, names_a_process, postmaster_of
from .socket_folder import make_socket_folder, socket_folder

PORT = 5432
_START_SECONDS = 60
# The first libpq with `require_auth`.
_REQUIRES_SCRAM = 160_000

# Describes what is left of a store apart from its database.
Traces: TypeAlias = Callable[[], Sequence[str]]

# For bulk loads on a machine with two cores: the WAL has room for a run between two checkpoints, and JIT is
# off, because all statements are short. The server's log never contains a statement or a row, because they
# may contain patient data.
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
    """Whether the server is running, and where."""

    running: bool
    pid: int | None
    data: Path
    initialised: bool


class EmbeddedServer:
    """The server of one home folder. Nothing happens before `start`.

    `traces` names what a store has left elsewhere, such as keys and stored files. If there is something but
    no data folder, the data folder was lost, and a new, empty one would hide that.
    """

    def __init__(self, home: Path, *, traces: Traces = tuple) -> None:
        self.home = home.expanduser().absolute()
        self.data = self.home / "postgres"
        self._passwords = self.home / "postgres.passwords.json"
        self._half_made = self.home / "postgres.new"
        self._traces = traces

    def start(self, *, new: bool = False) -> None:
        """Create the data folder if there is none, and start the server if it is not running.

        `new`: create the folder even if there are traces of a store; used by a restore.

        Raises:
            ServerError: it can't be created or started; the message says what to do.
        """
        if self._answers():
            return
        if not self._is_initialised():
            self._refuse_traces(new=new)
            self._make_home()
        with self._alone():
            if not self._is_initialised():
                self._initialise()
            if postmaster_of(self.data) is None:
                self._start()
            self._provide()

    def stop(self) -> bool:
        """Stop the server; open transactions are rolled back. False if it was not running.

        Raises:
            ServerError: it did not stop.
        """
        if postmaster_of(self.data) is None:
            return False
        with self._alone():
            if postmaster_of(self.data) is None:
                return False
            self._run("pg_ctl", "-D", ".", "-m", "fast", "-w", "stop", folder=self.data)
        return True

    def status(self) -> ServerStatus:
        """Whether a server process uses this data folder."""
        pid = postmaster_of(self.data)
        return ServerStatus(pid is not None, pid, self.data, self._is_initialised())

    def address(self, role: str = APPLICATION, database: str = DATABASE) -> str:
        """The connection string for one of the roles, with its password.

        Raises:
            ServerError: the server has never been started.
        """
        scram = {"require_auth": "scram-sha-256"} if psycopg.pq.version() >= _REQUIRES_SCRAM else {}
        return make_conninfo(
            host=str(socket_folder(self.data)),
            port=PORT,
            user=role,
            password=self.passwords()[role],
            dbname=database,
            **scram,
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
        return [str(programs() / name), *map(str, arguments)]

    # Creation and start.

    def _answers(self) -> bool:
        """Whether a server is running and accepts the application's connections."""
        if postmaster_of(self.data) is None or not self._passwords.exists():
            return False
        try:
            psycopg.connect(self.address(), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _is_initialised(self) -> bool:
        return (self.data / "PG_VERSION").exists()

    def _refuse_traces(self, *, new: bool) -> None:
        # The passwords are written first, also when the creation of the server was killed.
        of_server = self._passwords.exists() and not self._half_made.exists()
        if new or not (left := ["its passwords"] if of_server else self._traces()):
            return
        raise ServerError(
            f"The database in {self.home} is missing, but data of an earlier one exists: {', '.join(left)}. "
            "Put the folder back, or restore a backup: claimwright db restore FILE. For a new, empty "
            "database: claimwright db start --new."
        )

    def _make_home(self) -> None:
        """The home folder: only for its owner; as root, the server's account can pass through it."""
        mode = 0o711 if os.geteuid() == 0 else 0o700
        missing = [each for each in (self.home, *self.home.parents) if not each.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=0o700, exist_ok=True)
            folder.chmod(mode)

    def _initialise(self) -> None:
        """Create the data folder completely or not at all: a partial one would look like a damaged one."""
        require_reachable(self.data)
        made = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, OWNER, APPLICATION)}
        half = self._half_made
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        hand_over(half)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "password"
            file.write_text(made[SUPERUSER], encoding="utf-8")
            hand_over(Path(folder), file)
            self._run(
                "initdb", "-D", ".", "-U", SUPERUSER, "--auth=scram-sha-256", f"--pwfile={file}",
                "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
                "--data-checksums", folder=half,
            )  # fmt: skip
        with (half / "postgresql.conf").open("a", encoding="utf-8") as configuration:
            configuration.write(_CONFIGURATION)
        self._passwords.unlink(missing_ok=True)
        descriptor = os.open(self._passwords, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as kept:
            json.dump(made, kept)
        shutil.rmtree(self.data, ignore_errors=True)
        half.rename(self.data)

    def _start(self) -> None:
        """Raise ServerError if another machine or container uses the folder: two servers would destroy the
        data.
        """
        require_reachable(self.data)
        folder = make_socket_folder(self.data)
        if folder != self.data:
            hand_over(folder)
        if names_a_process(self.data):
            if is_listening(folder / f".s.PGSQL.{PORT}"):
                raise ServerError(
                    f"Another server uses {self.data}: perhaps in another container. Stop that one first."
                )
            forget_process(self.data)
        # pg_ctl passes its arguments to a shell, so the data folder's path is not one of them. PostgreSQL
        # accepts a list of socket folders, in which a quoted name can contain any character.
        sockets = "." if folder == self.data else '"' + str(folder).replace('"', '""') + '"'
        self._run(
            "pg_ctl", "-D", ".", "-l", "server.log", "-w", "-t", str(_START_SECONDS),
            "-o", f"-k {shlex.quote(sockets)} -p {PORT}", "start", folder=self.data,
        )  # fmt: skip

    def _provide(self) -> None:
        """Create the roles and the database if they are missing."""
        with psycopg.connect(self.address(SUPERUSER, "postgres"), autocommit=True) as connection:
            ensure_database(connection, self.passwords())

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Lock: no other process of this home folder starts or stops the server meanwhile."""
        import fcntl

        lock = self.home / "postgres.lock"
        # Nobody else can own it, or put a link in its place.
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w") as file:
            os.fchmod(descriptor, 0o600)
            # Released when the file is closed, also if the process is killed.
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _run(self, name: str, *arguments: str | Path, folder: Path) -> None:
        """Run one of PostgreSQL's programs in a folder; as root, under the server's account.

        Raises:
            ServerError: it failed; the message contains the last line of its output.
        """
        # The server would inherit a pipe and never close it, so the output goes to a file.
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(  # noqa: S603 - the package's own program, no shell
                self.tool(name, *arguments),
                stdin=subprocess.DEVNULL, stdout=said, stderr=said, check=False, cwd=folder,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}, umask=0o077,
                **as_account(),
            )  # fmt: skip
            said.seek(0)
            words = [line for line in said.read().decode("utf-8", "replace").splitlines() if line.strip()]
        if done.returncode:
            last = words[-1].strip() if words else f"status {done.returncode}"
            raise ServerError(f"{name} failed on {folder}: {last} See {self.data}/server.log.")
