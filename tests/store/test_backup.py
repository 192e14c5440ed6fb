"""A database backed up, destroyed and restored is the database that it was, and its audit log proves it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import psycopg
import pytest
from tests.database_server import running_server
from tests.features.pipeline.bench_of_claims import called

from claimwright.platform.database import EmbeddedServer, backup

_DIGEST = "select count(*), md5(string_agg(t::text, '' order by t::text)) from TABLE t"


def counts(server: EmbeddedServer) -> dict[str, int]:
    with psycopg.connect(server.address("postgres")) as connection:
        found = {}
        for table in (
            "staging.files", "staging.records", "production.claims", "production.lines",
            "production.findings", "production.claim_events", "platform.audit_log", "platform.outbox",
        ):  # fmt: skip
            found[table] = connection.execute(_DIGEST.replace("TABLE", table).encode()).fetchone()
    return found  # type: ignore[return-value]


@pytest.mark.slow
def test_backed_up_destroyed_and_restored_nothing_is_missing(samples: Path, tmp_path: Path) -> None:
    with running_server() as server:
        environment = os.environ | {
            "CLAIMWRIGHT_HOME": str(tmp_path / "home"),
            "CLAIMWRIGHT_DATABASE_HOME": str(server.home),
            "CLAIMWRIGHT_SETTINGS": str(tmp_path),
            "NO_COLOR": "1",
            "COLUMNS": "200",
        }
        intake = called(["intake", str(samples / "dental.837"), "--facility", "FAC001"], environment)
        assert "15 of 15 claims staged" in intake.stdout, intake.stdout + intake.stderr
        ran = called(["run", "--workers", "1", "--as-of", "2025-09-15"], environment)
        assert "15 claims" in ran.stdout, ran.stdout + ran.stderr
        before = counts(server)
        file = tmp_path / "store.backup"
        saved = called(["db", "backup", str(file)], environment)
        assert saved.returncode == 0, saved.stderr
        assert "keys" in saved.stderr
        assert file.stat().st_mode & 0o077 == 0

        server.stop()
        shutil.rmtree(server.data)
        (server.home / "postgres.passwords.json").unlink()
        restored = called(["db", "restore", str(file)], environment)
        assert restored.returncode == 0, restored.stderr
        restored_counts = counts(server)
        restored_counts.pop("platform.audit_log")
        assert restored_counts == {
            name: each for name, each in before.items() if name != "platform.audit_log"
        }
        verified = called(["audit", "verify"], environment)
        assert verified.returncode == 0, verified.stdout + verified.stderr
        # The walls stand again too: the application sees nothing without a tenant.
        with psycopg.connect(server.address()) as connection:
            assert connection.execute("select count(*) from production.claims").fetchone() == (0,)
        copy, masked = server.home / "copy", tmp_path / "masked.837"
        made = called(["db", "mask", str(copy), "--837", str(masked)], environment)
        assert made.returncode == 0, made.stderr
        assert masked.read_text().count("CLM*") == 15
        listed = called(["runs"], environment | {
            "CLAIMWRIGHT_HOME": str(copy), "CLAIMWRIGHT_DATABASE_HOME": str(copy / "database"),
        })  # fmt: skip
        assert "1    done" in listed.stdout
        assert EmbeddedServer(copy / "database").stop()
        # That a copy was made is a record of the log.
        before = counts(server)

        again = called(["db", "restore", str(file)], environment)
        assert (again.returncode, "--replace" in again.stderr) == (2, True)
        backup(server, tmp_path / "again.backup")
        done = called(["db", "restore", str(tmp_path / "again.backup"), "--replace", "--yes"], environment)
        assert done.returncode == 0, done.stderr
        after = counts(server)
        # That it was restored is a record of the log.
        assert after.pop("platform.audit_log") != before.pop("platform.audit_log")
        assert after == before
