"""The embedded server against bad luck and other users: stale numbers, taken and lost folders, odd paths."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from tests.database_server import running_server
from tests.features.pipeline.bench_of_claims import called

from claimwright.platform.database import EmbeddedServer, ServerError
from claimwright.platform.database.socket_folder import make_socket_folder, socket_folder

# A path that leaves no room for a socket's name.
_LONG = "a-folder-with-a-name-that-is-longer-than-a-socket-has-room-for-in-its-path-of-107-characters"


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that the server's account can enter, where tests run as root."""
    folder = Path(tempfile.mkdtemp(prefix="cw-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A common temporary folder of the test's own, as /tmp is."""
    with open_folder() as folder:
        folder.chmod(0o1777)
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
        yield folder


def test_a_stale_process_number_stops_no_other_server_and_hinders_no_start() -> None:
    with running_server() as other, running_server() as ours:
        theirs = other.status().pid
        assert theirs is not None
        # Killed, and after a restart of the container its number is that of another home's server.
        kept = (ours.data / "postmaster.pid").read_text()
        ours.stop()
        (ours.data / "postmaster.pid").write_text("\n".join([str(theirs), *kept.split("\n")[1:]]))
        assert not ours.status().running
        assert ours.stop() is False
        assert other.status().pid == theirs
        ours.start()
        assert ours.status().running
        assert other.status().pid == theirs
        with psycopg.connect(ours.address()) as connection:
            assert connection.execute("select 1").fetchone() == (1,)


def test_a_process_of_another_program_is_not_taken_for_the_server() -> None:
    with running_server() as ours:
        ours.stop()
        # In the very folder, but no PostgreSQL.
        sleeping = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], cwd=ours.data)
        try:
            (ours.data / "postmaster.pid").write_text(f"{sleeping.pid}\n{ours.data}\n")
            assert not ours.status().running
            assert ours.stop() is False
            ours.start()
            assert ours.status().running
            assert sleeping.poll() is None
        finally:
            sleeping.kill()
            sleeping.wait()


def test_a_folder_that_a_server_out_of_sight_uses_is_left_alone() -> None:
    with running_server() as ours:
        kept = (ours.data / "postmaster.pid").read_text()
        # As from another container that shares the folder: the number means nothing here, the socket answers.
        (ours.data / "postmaster.pid").write_text("\n".join(["999999999", *kept.split("\n")[1:]]))
        with pytest.raises(ServerError, match="Another server uses"):
            ours.start()
        (ours.data / "postmaster.pid").write_text(kept)
        assert ours.status().running


@pytest.mark.parametrize("name", ["O'Brien's store", 'a "quoted", $HOME `pwd` store', _LONG])
def test_a_home_may_have_any_name(name: str, temporary: Path) -> None:
    server = EmbeddedServer(temporary / "home" / name)
    try:
        server.start()
        with psycopg.connect(server.address()) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        assert EmbeddedServer(server.home).status().running
    finally:
        assert server.stop()


def test_a_socket_folder_that_somebody_else_made_is_refused(temporary: Path) -> None:
    data = temporary / _LONG
    data.mkdir()
    folder = make_socket_folder(data)
    assert folder.parent.parent == temporary
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.parent.chmod(0o777)
    with pytest.raises(ServerError, match="not private to your account"):
        socket_folder(data)
    shutil.rmtree(folder.parent)
    # A link, by which what is handed to the server's account would be somebody else's folder.
    victim = temporary / "victim"
    victim.mkdir(mode=0o700)
    folder.parent.symlink_to(victim)
    with pytest.raises(ServerError, match="not private to your account"):
        make_socket_folder(data)
    assert list(victim.iterdir()) == []
    folder.parent.unlink()
    folder.parent.mkdir(mode=0o700)
    folder.symlink_to(victim)
    with pytest.raises(ServerError, match="not private to your account"):
        make_socket_folder(data)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder of somebody else's")
def test_a_socket_folder_of_another_user_is_refused(temporary: Path) -> None:
    data = temporary / _LONG
    data.mkdir()
    folder = make_socket_folder(data)
    os.chown(folder.parent, 65_534, 65_534)
    with pytest.raises(ServerError, match="not private to your account"):
        socket_folder(data)


def test_a_password_is_given_to_no_server_that_does_not_know_it(server: EmbeddedServer) -> None:
    assert conninfo_to_dict(server.address())["require_auth"] == "scram-sha-256"


def test_a_missing_database_is_not_replaced_by_an_empty_one_where_its_keys_are_left() -> None:
    with open_folder() as home:
        environment = os.environ | {
            "CLAIMWRIGHT_HOME": str(home), "CLAIMWRIGHT_SETTINGS": str(home), "COLUMNS": "200",
        }  # fmt: skip
        server = EmbeddedServer(home / "database")
        (home / "objects" / "files" / "default" / "1").mkdir(parents=True)
        (home / "objects" / "files" / "default" / "1" / "000000").write_bytes(b"sealed")
        try:
            for words in (["db", "start"], ["runs"], ["db", "migrate"], ["phi", "status"]):
                said = called(words, environment)
                assert said.returncode == 2, said.stdout
                assert "data of an earlier one exists: files/ in" in said.stderr
                assert "db restore" in said.stderr
                assert not server.home.exists()
            shutil.rmtree(home / "objects")
            (home / "keys").mkdir(mode=0o700)
            (home / "keys" / "key-encryption.json").write_text("{}")
            said = called(["db", "start"], environment)
            assert "its key" in said.stderr
            assert not server.home.exists()
            assert called(["db", "start", "--new"], environment).returncode == 0
            assert server.status().running
        finally:
            server.stop()


def test_files_of_a_home_are_for_their_owner_whatever_the_umask() -> None:
    with open_folder() as folder:
        home = folder / "home"
        environment = os.environ | {
            "CLAIMWRIGHT_HOME": str(home), "CLAIMWRIGHT_SETTINGS": str(folder), "COLUMNS": "200",
        }  # fmt: skip
        before = os.umask(0)
        try:
            started = called(["db", "start"], environment)
        finally:
            os.umask(before)
        server = EmbeddedServer(home / "database")
        try:
            assert started.returncode == 0, started.stderr
            # As root the server's account goes through; nobody else can list it, or write in it.
            for each in (home, server.home):
                assert each.stat().st_mode & 0o066 == 0
            assert [
                str(each) for each in (*home.rglob("*"),) if each.is_file() and each.stat().st_mode & 0o077
            ] == []
            limits = Path(f"/proc/{server.status().pid}/limits")
            if limits.exists():
                [core] = [line for line in limits.read_text().splitlines() if line.startswith("Max core")]
                # 1: no core, and none to a program either.
                assert core.split()[4:6] in (["1", "1"], ["0", "0"])
        finally:
            server.stop()
