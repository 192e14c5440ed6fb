"""A restore changes everything or nothing, runs nothing, and gives no id to another claim or file.

Each test works on the store that the one before it has left.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.database_server import running_server
from tests.features.pipeline.bench_of_claims import called, command
from tests.store.test_backup import counts

from claimwright.platform.database import OWNER, EmbeddedServer, backup


class Home:
    """A store of one's own, with claims in it, and the commands that work on it."""

    def __init__(self, server: EmbeddedServer, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.environment = os.environ | {
            "CLAIMWRIGHT_HOME": str(folder / "home"), "CLAIMWRIGHT_DATABASE_HOME": str(server.home),
            "CLAIMWRIGHT_SETTINGS": str(folder), "NO_COLOR": "1", "COLUMNS": "200",
        }  # fmt: skip

    def run(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return called(words, self.environment | more)

    def ask(self, query: str, database: str = "claimwright") -> list[tuple[object, ...]]:
        with psycopg.connect(self.server.address("postgres", database)) as connection:
            return connection.execute(query.encode()).fetchall()


@pytest.fixture(scope="module")
def home(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("restoring")
    with running_server() as server:
        made = Home(server, folder)
        staged = made.run("intake", str(samples / "dental.837"), "--facility", "FAC001")
        assert "15 of 15 claims staged" in staged.stdout, staged.stdout + staged.stderr
        backup(server, folder / "older.backup")
        staged = made.run("intake", str(samples / "professional.837"), "--facility", "FAC001")
        assert "staged" in staged.stdout, staged.stdout + staged.stderr
        yield made


def databases(home: Home) -> set[object]:
    return {row[0] for row in home.ask("select datname from pg_database where datname like 'claim%'")}


def test_half_a_backup_changes_nothing_and_says_so(home: Home) -> None:
    before = counts(home.server)
    content = (home.folder / "older.backup").read_bytes()
    for end in (len(content) // 2, 4_000):
        half = home.folder / "half.backup"
        half.write_bytes(content[:end])
        said = home.run("db", "restore", str(half), "--replace", "--yes")
        assert said.returncode == 2, said.stdout
        assert "Nothing was changed" in said.stderr
        assert counts(home.server) == before
    assert databases(home) == {"claimwright"}


def test_a_restore_says_what_goes_and_asks_first(home: Home) -> None:
    before = counts(home.server)
    asked = home.run("db", "restore", str(home.folder / "older.backup"), "--replace")
    assert asked.returncode == 2
    assert "tenant default: 2 files" in asked.stderr
    assert "--yes" in asked.stderr
    tried = home.run("db", "restore", str(home.folder / "older.backup"), "--dry-run")
    assert tried.returncode == 0
    assert "tenant default: 1 files with 15 claims" in tried.stdout
    assert counts(home.server) == before
    assert databases(home) == {"claimwright"}


def test_a_restore_that_is_killed_anywhere_leaves_the_database_as_it_was(home: Home) -> None:
    before = counts(home.server)
    words = ["db", "restore", str(home.folder / "older.backup"), "--replace", "--dry-run"]
    for seconds in (3, 6):
        process = subprocess.Popen(
            command(*words), env=home.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert counts(home.server) == before
    assert home.run(*words).returncode == 0
    assert databases(home) == {"claimwright"}


def test_what_a_backup_says_is_not_done_as_superuser(home: Home) -> None:
    """A view that is filled while it is restored runs its function as whoever restores."""
    kept = home.folder / "kept.backup"
    backup(home.server, kept)
    proof = home.server.home / "proof"
    with psycopg.connect(home.server.address("postgres"), autocommit=True) as connection:
        connection.execute(
            "create function public.run() returns int language plpgsql as $$ begin "
            f"execute 'copy (select 1) to program ''touch {proof}'''; return 1; exception when "
            "insufficient_privilege then return 0; end $$".encode()
        )
        connection.execute("create materialized view public.trap as select public.run() as ran with no data")
        connection.execute(f"alter materialized view public.trap owner to {OWNER}".encode())
        connection.execute(f"alter function public.run() owner to {OWNER}".encode())
        connection.execute("refresh materialized view public.trap")
    assert not proof.exists()
    backup(home.server, home.folder / "trap.backup")
    done = home.run("db", "restore", str(home.folder / "trap.backup"), "--replace", "--yes")
    assert done.returncode == 0, done.stderr
    assert not proof.exists()
    assert home.ask("select ran from public.trap") == [(0,)]
    with psycopg.connect(home.server.address("postgres"), autocommit=True) as connection:
        connection.execute("drop materialized view public.trap")
        connection.execute("create table public.of_another (x int)")
    # What only a superuser could make does not come back at all.
    backup(home.server, home.folder / "foreign.backup")
    before = counts(home.server)
    refused = home.run("db", "restore", str(home.folder / "foreign.backup"), "--replace", "--yes")
    assert (refused.returncode, "Nothing was changed" in refused.stderr) == (2, True)
    assert counts(home.server) == before
    assert home.run("db", "restore", str(kept), "--replace", "--yes").returncode == 0


def test_ids_that_were_given_out_after_the_backup_are_not_given_out_again(home: Home, samples: Path) -> None:
    kept = home.folder / "newer.backup"
    backup(home.server, kept)
    taken = {row[0] for row in home.ask("select claim_key from staging.claim_keys")}
    objects = home.folder / "home" / "objects" / "files" / "default"
    contents = {each: each.read_bytes() for each in objects.rglob("*") if each.is_file()}
    done = home.run("db", "restore", str(home.folder / "older.backup"), "--replace", "--yes")
    assert done.returncode == 0, done.stderr
    assert "were assigned" in done.stdout
    again = home.run("intake", str(samples / "professional.837"), "--facility", "FAC001")
    assert "staged" in again.stdout, again.stdout + again.stderr
    fresh = {row[0] for row in home.ask("select claim_key from staging.claim_keys where file_id > 1")}
    assert fresh
    assert not fresh & taken
    assert {each: each.read_bytes() for each in contents} == contents
    assert home.run("db", "restore", str(kept), "--replace", "--yes").returncode == 0


def test_administrative_acts_are_records_of_the_log(home: Home) -> None:
    kept = str(home.folder / "audited.backup")
    assert home.run("db", "backup", kept).returncode == 0
    assert home.run("db", "restore", kept, "--replace", "--yes").returncode == 0
    assert home.run("db", "backup", str(home.folder / "again.backup")).returncode == 0
    assert home.run("audit", "export", "--out", str(home.folder / "audit.jsonl")).returncode == 0
    acts = {row[0] for row in home.ask("select action from platform.audit_log where tenant = 'default'")}
    assert {"store.backed_up", "store.restored", "audit.exported"} <= acts


def test_going_back_says_what_goes_and_asks_first(home: Home) -> None:
    before = counts(home.server)
    asked = home.run("db", "migrate", "--to", "0004")
    assert asked.returncode == 2
    assert "nothing was changed" in asked.stderr
    assert "table platform.audit_log: " in asked.stderr
    tried = home.run("db", "migrate", "--to", "base", "--dry-run")
    assert tried.returncode == 0
    assert "table staging.claim_keys: " in tried.stdout
    assert "staging.claim_keys: 0 rows" not in tried.stdout
    assert counts(home.server) == before
    assert home.run("db", "migrate", "--to", "0080", "--yes").returncode == 0
    reverted = home.ask("select count(*) from platform.audit_log where action = 'schema.reverting'")
    assert reverted == [(1,)]
    gone = home.run("db", "migrate", "--to", "base", "--yes")
    assert gone.returncode == 0, gone.stderr
    assert home.ask("select to_regclass('production.claims')") == [(None,)]


def test_without_the_database_before_ids_go_on_after_those_of_object_storage(
    home: Home, samples: Path
) -> None:
    """As after the loss of a disk: of what came since the backup only the stored files are left."""
    objects = home.folder / "home" / "objects" / "files" / "default"
    (objects / "41").mkdir()
    (objects / "41" / "000000").write_bytes(b"sealed")
    home.server.stop()
    shutil.rmtree(home.server.data)
    lost = home.run("intake", str(samples / "professional.837"), "--facility", "FAC001")
    assert (lost.returncode, "db restore" in lost.stderr) == (2, True)
    done = home.run("db", "restore", str(home.folder / "older.backup"))
    assert done.returncode == 0, done.stderr
    home.run("intake", str(samples / "professional.837"), "--facility", "FAC001")
    assert home.ask("select max(file_id) from staging.files") == [(42,)]
    assert (objects / "41" / "000000").read_bytes() == b"sealed"
