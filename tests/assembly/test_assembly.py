"""An API, a worker and a batch job are assembled in a few lines each, without the terminal's app."""

from __future__ import annotations

import datetime
import subprocess
import sys
from pathlib import Path

import pytest
from tests.database_server import Store
from tests.features.pipeline.bench_of_claims import AS_OF, rows, sample

from claimwright.assembly.callers import account_caller
from claimwright.assembly.checkers import make_checker
from claimwright.assembly.claims import open_claim
from claimwright.assembly.deliveries import TargetMissingError, target_address
from claimwright.assembly.errors import OwnerRequiredError, StoreUnavailableError, WaiversUnreadableError
from claimwright.assembly.health import health_checks
from claimwright.assembly.intakes import make_intake
from claimwright.assembly.relays import WebhookMissingError, webhook_relay
from claimwright.assembly.retention import apply_retention
from claimwright.assembly.runs import RunLoop, Workshop
from claimwright.assembly.stores import open_store
from claimwright.domain.caller import Caller, Origin
from claimwright.features.claims import ClaimNotFoundError, RunView
from claimwright.features.intake import read_blocks
from claimwright.platform.access import Access
from claimwright.platform.audit import checkpoints
from claimwright.platform.objects import open_objects
from claimwright.platform.settings import Settings, load_settings

CLAIMS = 12


@pytest.fixture
def settings(store: Store, tmp_path: Path) -> Settings:
    variables = {
        "CLAIMWRIGHT_HOME": str(tmp_path / "home"),
        "CLAIMWRIGHT_DATABASE_URL": store.address,
        "CLAIMWRIGHT_DATABASE_OWNER_URL": store.owner,
    }
    return load_settings(folder=tmp_path, variables=variables)


def test_files_go_in_and_a_worker_brings_them_to_production_and_an_api_opens_one(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    api = Caller("default", "user:7", frozenset({"coder"}), origin=Origin.API)
    worker = Caller("default", "client:worker-1", origin=Origin.LIBRARY)
    seen: list[RunView] = []
    with open_store(settings) as database:
        staged = make_intake(settings, database).stage(api, [sample(tmp_path, CLAIMS)], facility="FAC001")
        assert staged.staged == CLAIMS
        RunLoop(Workshop(worker, settings, database), as_of=AS_OF, report=seen.append).work()
        opened, checked = open_claim(
            api, settings, database, make_checker(AS_OF), 1, access=Access(), reason="denial CO-16 of a claim"
        )
        with pytest.raises(ClaimNotFoundError):
            open_claim(
                api, settings, database, make_checker(AS_OF), 999, access=Access(), reason="denial CO-16"
            )
        assert apply_retention([worker], settings, database).months == 0
        assert {name: check() for name, check in health_checks(settings).items()} == dict.fromkeys(
            ("database", "keys", "objects")
        )
    assert [(view.claims, view.dead) for view in seen] == [(CLAIMS, 0)]
    # The run signed the end of the audit log by itself.
    assert [each.tenant for each in checkpoints(open_objects(settings), tenant="default")] == ["default"]
    [name] = opened.batch.claims["subscriber_name"].to_list()
    assert name.startswith("Patient_")
    assert checked.batch is opened.batch
    # Each is in the log under its own name, and the way by which it came in.
    said = rows(
        store,
        "select action, actor, body::jsonb ->> 'origin' from platform.audit_log order by sequence",
    )
    assert said == [
        ("claims.staged", "user:7", "api"),
        ("claims.processed", "client:worker-1", "library"),
        ("phi.read", "user:7", "api"),
        ("retention.applied", "client:worker-1", "library"),
    ]
    assert rows(store, "select begun_by from pipeline.runs") == [("client:worker-1",)]
    assert rows(store, "select distinct actor from platform.outbox order by 1") == [
        ("client:worker-1",),
        ("user:7",),
    ]


def test_a_batch_job_checks_claims_with_no_store_at_all(tmp_path: Path) -> None:
    checker = make_checker(AS_OF)
    [reading] = read_blocks([sample(tmp_path, CLAIMS)])
    assert len(checker.check(reading.batch).batch) == CLAIMS


def test_the_account_of_the_process_is_a_caller_marked_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER", "somebody-else")
    monkeypatch.setenv("LOGNAME", "somebody-else")
    caller = account_caller("default")
    assert caller.actor.startswith("os:")
    assert "somebody-else" not in caller.actor
    assert caller.origin is Origin.TERMINAL


def test_what_cannot_be_assembled_is_a_typed_error(settings: Settings, store: Store, tmp_path: Path) -> None:
    with pytest.raises(WebhookMissingError, match=r"events\.webhook_url"):
        webhook_relay(settings)
    with pytest.raises(TargetMissingError, match=r"pipeline\.target_url"):
        target_address(settings)
    with pytest.raises(WaiversUnreadableError, match=r"none\.yaml.* cannot be read"):
        make_checker(datetime.date(2025, 9, 15), waivers=tmp_path / "none.yaml")
    with (
        pytest.raises(StoreUnavailableError, match="refused or went away"),
        open_store(settings) as database,
        database.transaction(account_caller("default")) as connection,
    ):
        connection.execute("select 1 from nothing.there_is")
    nobody = load_settings(
        folder=tmp_path,
        variables={"CLAIMWRIGHT_HOME": str(tmp_path / "home"), "CLAIMWRIGHT_DATABASE_URL": store.address},
    )
    with open_store(nobody) as database, pytest.raises(OwnerRequiredError, match=r"database\.owner_url"):
        apply_retention([account_caller("default")], nobody, database)


def test_assembling_needs_no_terminal() -> None:
    code = (
        "import pkgutil, importlib, sys, claimwright.assembly as a\n"
        "for each in pkgutil.iter_modules(a.__path__): importlib.import_module(f'{a.__name__}.{each.name}')\n"
        "print(*sorted({'claimwright.apps', 'typer', 'rich', 'polars', 'psycopg'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
