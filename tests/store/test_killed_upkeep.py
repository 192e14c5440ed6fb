"""Backup, mask, key rotation and delivery, killed at several moments: done again they come out whole.

What a kill leaves behind is gone or finished after the next call, and `db verify` finds nothing missing.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.database_server import running_server
from tests.features.pipeline.bench_of_claims import command
from tests.store.test_backup import counts
from tests.store.test_restoring import Home

pytestmark = [pytest.mark.slow, pytest.mark.long]
# Early, in the middle, late; on a slow machine all of them are early, and the tests hold all the same.
# `make upkeep-kills` takes many, from before the command has read its settings to after its end.
KILLS = int(os.environ.get("UPKEEP_KILLS", "0"))
MOMENTS = tuple(0.2 + 4.0 * place / KILLS for place in range(KILLS)) or (1.2, 2.0, 2.8)


@pytest.fixture(scope="module")
def home(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with running_server() as server:
        made = Home(server, tmp_path_factory.mktemp("upkeep"))
        assert (
            "15 claims staged" in made.run("intake", str(samples / "dental.837"), "--facility", "F1").stdout
        )
        assert made.run("run", "--as-of", "2025-09-15", "--workers", "1").returncode == 0
        yield made


def killed(home: Home, *words: str, **more: str) -> None:
    """The command, killed at each of the moments, once each."""
    for seconds in MOMENTS:
        process = subprocess.Popen(
            command(*words), env=home.environment | more, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.wait()


def held(home: Home) -> dict[str, object]:
    """What the store holds, beside the audit log, which says more after each command."""
    return {name: each for name, each in counts(home.server).items() if name != "platform.audit_log"}


def verified(home: Home) -> None:
    done = home.run("db", "verify")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_killed_backup_leaves_no_half_file_under_its_name(home: Home) -> None:
    folder = home.folder / "backups"
    folder.mkdir()
    before = held(home)
    killed(home, "db", "backup", str(folder / "one.backup"))
    if (folder / "one.backup").exists():
        assert home.run("db", "restore", str(folder / "one.backup"), "--replace", "--dry-run").returncode == 0
        (folder / "one.backup").unlink()
    done = home.run("db", "backup", str(folder / "one.backup"))
    assert done.returncode == 0, done.stderr
    assert [each.name for each in folder.iterdir()] == ["one.backup"]
    assert held(home) == before
    verified(home)


def test_a_killed_rotation_goes_on_and_everything_opens(home: Home) -> None:
    killed(home, "phi", "rotate")
    done = home.run("phi", "rotate", "--no-new-key")
    assert done.returncode == 0, done.stdout + done.stderr
    verified(home)
    shown = home.run("claims", "show", "1", "--reason", "after a rotation of keys")
    assert shown.returncode == 0, shown.stderr


def test_a_killed_mask_can_be_made_again_in_the_same_place(home: Home) -> None:
    before = held(home)
    # Where the account of the database server may enter.
    copy = home.server.home / "copy"
    there = {"CLAIMWRIGHT_HOME": str(copy), "CLAIMWRIGHT_DATABASE_HOME": str(copy / "database")}
    killed(home, "db", "mask", str(copy))
    done = home.run("db", "mask", str(copy))
    # The last kill may have come when everything was there.
    assert done.returncode == 0 or "not empty" in done.stderr, done.stderr
    try:
        assert home.run("claims", "list", **there).stdout.count("F1") == 15
    finally:
        home.run("db", "stop", **there)
    assert held(home) == before
    verified(home)


def test_a_killed_delivery_delivers_each_claim_once(home: Home) -> None:
    with psycopg.connect(home.server.address("postgres", "postgres"), autocommit=True) as connection:
        connection.execute("create database target owner claimwright_owner")
    parts = psycopg.conninfo.conninfo_to_dict(home.server.address("claimwright_owner", "target"))
    address = (
        f"postgresql://{parts['user']}:{parts['password']}@/target?host={parts['host']}&port={parts['port']}"
    )
    killed(home, "deliver", CLAIMWRIGHT_PIPELINE_TARGET_URL=address)
    done = home.run("deliver", CLAIMWRIGHT_PIPELINE_TARGET_URL=address)
    assert done.returncode == 0, done.stdout + done.stderr
    again = home.run("deliver", CLAIMWRIGHT_PIPELINE_TARGET_URL=address)
    assert again.stderr.startswith("0 claims delivered")
    mine = home.ask("select count(*), sum(total_charge) from production.claims where route = 'production'")
    schema = home.ask(
        "select table_schema from information_schema.tables where table_name = 'claims'", "target"
    )
    assert schema == [(schema[0][0],)]
    query = "select count(*), sum(total_charge) from {}.claims".format(*schema[0])  # noqa: S608 - a schema of the catalogue
    assert mine == home.ask(query, "target")
    verified(home)
