"""What tests of the pipeline stand on: staged claims, workers, and what a store holds after a run."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from tests.database_server import Store

from claimwright.domain.caller import Caller
from claimwright.features.checking import Checker
from claimwright.features.intake import Intake, Staged, tell
from claimwright.features.pipeline import (
    SYSTEMIC,
    Assignment,
    AuditEvents,
    Patience,
    Predictor,
    Processor,
    Reports,
    RulesOnly,
    Run,
    Thresholds,
    Worker,
    begin_run,
)
from claimwright.platform.database import Database
from claimwright.platform.phi import Sealer, open_keyring
from claimwright.platform.settings import Settings, load_settings
from claimwright_lab.sampling import SampleOptions, write_sample

AS_OF = datetime.date(2025, 9, 15)
TENANT = "default"
CALLER = Caller(TENANT, "user:1")
QUICK = Patience(attempts=4, first_seconds=0.01, longest_seconds=0.05, lease_seconds=600)

# What of a store must not depend on how its run went: not when, not by whom, not in which order.
_ROWS = {
    "production.claims": "claim_key, received_on, version, original_key, position, facility, form, payer_id, "
    "claim_filing, service_from_on, service_to_on, total_charge, expected, lines, unpriced_lines, severity, "
    "findings, denial_probability, confidence, predicted_by, route, route_reason, status",
    "production.lines": "claim_key, line, procedure, modifiers, revenue_code, place_of_service, units, "
    "charge, allowed, basis, service_from_on",
    "production.findings": "claim_key, line, code, severity, snip, field, loop, segment_id, element, detail, "
    "amount, waiver",
    "production.predictions": "received_on, claim_key, model, role, probability, confidence, review_from, "
    "category, contributions",
    "production.claim_events": "claim_key, state",
    "pipeline.dead_letters": "claim_key, total_charge, reason",
    "staging.claims": "claim_key, total_charge",
}


_DIGEST = """
select count(*), coalesce(md5(string_agg(said, E'\\n' order by said)), '')
from (select row({columns})::text as said from {table}) rows
"""


@dataclass
class Shelf:
    """Object storage in memory."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def put_new(self, key: str, content: bytes) -> bool:
        if key in self.objects:
            return False
        self.objects[key] = content
        return True

    def get(self, key: str) -> bytes | None:
        return self.objects.get(key)

    def remove(self, key: str) -> None:
        self.objects.pop(key, None)


def settings_in(folder: Path) -> Settings:
    return load_settings(folder=folder, variables={"CLAIMWRIGHT_HOME": str(folder / "home")})


def sealer_of(store: Store, folder: Path) -> Sealer:
    return Sealer(open_keyring(settings_in(folder), lambda: psycopg.connect(store.address)))


def sample(folder: Path, claims: int, seed: int = 3) -> bytes:
    path = folder / f"{claims}-{seed}.837"
    write_sample(path, SampleOptions(claims=claims, seed=seed))
    return path.read_bytes()


def stage(database: Database, sealer: Sealer, content: bytes, facility: str = "FAC001") -> Staged:
    return Intake(database, sealer, Shelf(), tell).stage(CALLER, [content], facility=facility)


def begun(database: Database, chunk_claims: int = 50) -> Run:
    with database.transaction(CALLER) as connection:
        run = begin_run(connection, chunk_claims=chunk_claims, as_of=AS_OF)
    assert run is not None
    return run


def worker(
    database: Database,
    sealer: Sealer,
    run: Run,
    checker: Checker,
    *,
    predictor: Predictor | None = None,
    patience: Patience = QUICK,
) -> Worker:
    processor = Processor(
        checker, sealer, TENANT, run.run_id, predictor or RulesOnly(), Thresholds(), SYSTEMIC
    )
    events = AuditEvents(CALLER)
    return Worker(Assignment(CALLER, database, run), processor, patience, Reports(events, events.finished))


def contents(store: Store) -> dict[str, tuple[int, str]]:
    """Of every table of claims how many rows it has, and a digest of all of them, whatever their order."""
    found = {}
    with psycopg.connect(store.superuser) as connection:
        for table, columns in _ROWS.items():
            row = connection.execute(_DIGEST.format(columns=columns, table=table).encode()).fetchone()
            assert row is not None
            found[table] = (row[0], row[1])
    return found


def value(store: Store, query: str) -> object:
    with psycopg.connect(store.superuser) as connection:
        row = connection.execute(query.encode()).fetchone()
    return None if row is None else row[0]


def rows(store: Store, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(store.superuser) as connection:
        return connection.execute(query.encode()).fetchall()


def environment_of(store: Store, folder: Path, **more: str) -> dict[str, str]:
    """The variables with which a command works on this store."""
    return os.environ | {
        "CLAIMWRIGHT_HOME": str(folder / "home"),
        "CLAIMWRIGHT_DATABASE_URL": store.url,
        "CLAIMWRIGHT_SETTINGS": str(folder),
        "NO_COLOR": "1",
        "COLUMNS": "200",
        **more,
    }


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "claimwright.apps.cli.main", *words]


def called(words: Iterable[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*words), env=environment, capture_output=True, text=True)
