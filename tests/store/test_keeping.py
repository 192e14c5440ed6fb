"""Source files after intake: they expire, are sealed again, and what a killed intake left is swept."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psycopg
import pytest
from tests.database_server import Store
from tests.features.pipeline.bench_of_claims import (
    called,
    command,
    environment_of,
    rows,
    sample,
    sealer_of,
    value,
)

Call = Callable[..., str]


@pytest.fixture
def environment(store: Store, tmp_path: Path) -> dict[str, str]:
    return environment_of(
        store, tmp_path, CLAIMWRIGHT_DATABASE_OWNER_URL=store.owner, CLAIMWRIGHT_RETENTION_ORPHAN_HOURS="0"
    )


@pytest.fixture
def call(environment: dict[str, str]) -> Call:
    def calling(*words: object, **more: str) -> str:
        done = called(list(map(str, words)), environment | more)
        assert done.returncode in {0, 1}, done.stderr
        return done.stdout

    return calling


def pieces(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "home" / "objects" / "files").rglob("*") if path.is_file())


def opened(store: Store, folder: Path) -> bytes:
    """The content of all files, in order."""
    sealer, root = sealer_of(store, folder), folder / "home" / "objects"
    found = pieces(folder)
    contexts = [str(path.relative_to(root)).encode() for path in found]
    return b"".join(sealer.open([path.read_bytes() for path in found], contexts))


def age(store: Store, days: int) -> None:
    with psycopg.connect(store.superuser) as connection:
        connection.execute("update staging.files set received_at = now() - make_interval(days => %s)", [days])


@pytest.mark.slow
def test_files_are_sealed_again_swept_and_expire(
    store: Store, tmp_path: Path, samples: Path, call: Call
) -> None:
    file = samples / "dental.837"
    call("intake", file, "--facility", "FAC001")
    assert opened(store, tmp_path) == file.read_bytes()
    [before] = [path.read_bytes() for path in pieces(tmp_path)]
    assert "15 records and 1 file parts of tenant default re-encrypted" in call("phi", "rotate")
    [after] = [path.read_bytes() for path in pieces(tmp_path)]
    assert after[:5] != before[:5]
    assert opened(store, tmp_path) == file.read_bytes()
    assert "0 records and 0 file parts" in call("phi", "rotate", "--no-new-key")

    orphan = tmp_path / "home" / "objects" / "files" / "default" / "77" / "000000"
    orphan.parent.mkdir()
    orphan.write_bytes(b"left by a process that was killed")
    # A day passes before anybody touches what may be under way.
    assert "0 parts of unfinished intakes" in call("db", "retain", CLAIMWRIGHT_RETENTION_ORPHAN_HOURS="24")
    assert orphan.exists()
    assert "0 files, and 1 parts" in call("db", "retain")
    assert not orphan.exists()
    assert len(pieces(tmp_path)) == 1

    age(store, 100)
    short = {"CLAIMWRIGHT_RETENTION_FILES_DAYS": "90", "CLAIMWRIGHT_RETENTION_CLAIMS_DAYS": "3000"}
    assert "1 files, and 0 parts" in call("db", "retain", **short)
    assert pieces(tmp_path) == []
    # Its claims stay, and their numbers stay taken, until claims expire.
    assert "refused" in call("intake", file, "--facility", "FAC001")
    with psycopg.connect(store.superuser) as connection:
        connection.execute("update staging.services set seen_on = seen_on - 100")
    assert value(store, "select count(*) from staging.services") == 15
    call("db", "retain", **(short | {"CLAIMWRIGHT_RETENTION_CLAIMS_DAYS": "95"}))
    assert value(store, "select count(*) from staging.services") == 0
    assert value(store, "select count(*) from staging.claim_keys") == 0
    assert value(store, "select count(*) from staging.files") == 0
    assert "15 of 15 claims staged" in call("intake", file, "--facility", "FAC001")


@pytest.mark.slow
def test_what_an_operator_does_for_all_tenants_is_done_for_each_and_only_for_its_own(
    store: Store, samples: Path, call: Call, environment: dict[str, str]
) -> None:
    for tenant in ("north", "south"):
        call("intake", samples / "dental.837", "--facility", "FAC001", "--tenant", tenant)
    rotated = call("phi", "rotate", "--all-tenants")
    for tenant in ("north", "south"):
        assert f"15 records and 1 file parts of tenant {tenant} re-encrypted" in rotated
    assert value(store, "select count(distinct substring(sealed for 5)) from staging.records") == 1
    signed = call("audit", "checkpoint", "--all-tenants")
    assert re.findall(r"of tenant (\w+) is signed", signed) == ["north", "south"]
    call("db", "retain", "--all-tenants")
    applied = rows(
        store,
        "select tenant, count(*) from platform.audit_log where action = 'retention.applied' group by 1",
    )
    assert sorted(map(str, applied)) == ["('north', 1)", "('south', 1)"]
    for tenant in ("north", "south"):
        assert "are intact; checkpoints prove" in call("audit", "verify", "--tenant", tenant)
    both = called(["audit", "checkpoint", "--all-tenants", "--tenant", "north"], environment)
    assert (both.returncode, both.stderr.count("\n")) == (2, 1)


_STAGED = "select position, facility, version, form, payer_id, total_charge, lines from staging.claims"


@pytest.mark.slow
@pytest.mark.long
def test_intake_killed_at_random_moments_comes_to_the_same_and_leaves_nothing(
    store: Store, tmp_path: Path, environment: dict[str, str], call: Call
) -> None:
    content = sample(tmp_path, 3_000)
    file = tmp_path / "claims.837"
    file.write_bytes(content)
    draws = np.random.default_rng(7)
    words = command("intake", str(file), "--facility", "FAC001")
    kills = 0
    for _ in range(4):
        process = subprocess.Popen(
            words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        # A moment between the first piece that is put away and the commit.
        known = len(pieces(tmp_path))
        while len(pieces(tmp_path)) == known and process.poll() is None:
            time.sleep(0.005)
        time.sleep(float(draws.uniform(0, 0.3)))
        if process.poll() is None and value(store, "select count(*) from staging.files") == 0:
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        process.wait()
    assert kills or value(store, "select count(*) from staging.files") == 1
    call("intake", file, "--facility", "FAC001")
    expected = sorted(map(str, rows(store, _STAGED)))
    assert len(expected) == value(store, "select staged from staging.files")
    assert value(store, "select count(*) from staging.claim_keys") == len(expected)
    assert value(store, "select count(*) from staging.records") == len(expected)
    assert value(store, "select count(*) from production.claim_events") == len(expected)
    assert value(store, "select count(*) from platform.outbox") == 1
    left = len(pieces(tmp_path))
    assert f"and {left - 1} parts of unfinished intakes" in call("db", "retain")
    assert opened(store, tmp_path) == content
