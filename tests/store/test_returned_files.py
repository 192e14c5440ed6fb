"""A file that came in under the wrong facility is given back, and can come in anew under the right one."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from tests.database_server import Store
from tests.features.pipeline.bench_of_claims import CALLER, Shelf, rows, sealer_of, value
from typer.testing import CliRunner, Result

from claimwright.apps.cli.main import app
from claimwright.features.intake import Intake, RunGoingOnError, return_file, returnable_file, tell
from claimwright.platform.phi import Sealer
from claimwright.store.returned_files import ReturnableFile

OF_A_FILE = (
    "staging.files", "staging.claims", "staging.records", "staging.findings", "staging.claim_keys",
    "staging.refusals", "staging.sent_before", "staging.services",
)  # fmt: skip


class AgedShelf(Shelf):
    """Object storage in memory that lists and gives what it has."""

    def get(self, key: str) -> bytes | None:
        return self.objects.get(key)

    def put(self, key: str, content: bytes) -> None:
        self.objects[key] = content

    def aged(self, folder: str):  # type: ignore[no-untyped-def]  # as the protocol has it
        return ((key, None) for key in list(self.objects) if key.startswith(folder))


@pytest.fixture
def sealer(store: Store, tmp_path: Path) -> Sealer:
    return sealer_of(store, tmp_path)


@pytest.fixture
def shelf() -> AgedShelf:
    return AgedShelf()


def take(store: Store, sealer: Sealer, shelf: AgedShelf, content: bytes, facility: str) -> int:
    with store.open() as database:
        staged = Intake(database, sealer, shelf, tell).stage(CALLER, [content], facility=facility)
    assert staged.earlier is None
    return staged.file_id


def give_back(store: Store, sealer: Sealer, shelf: AgedShelf, file_id: int) -> ReturnableFile | None:
    with psycopg.connect(store.owner, autocommit=True) as owner:
        return return_file(CALLER, owner, shelf, sealer, file_id)


def counts(store: Store) -> dict[str, object]:
    return {table: value(store, "select count(*) from TABLE".replace("TABLE", table)) for table in OF_A_FILE}


def test_a_file_given_back_leaves_nothing_and_may_come_in_again(
    store: Store, sealer: Sealer, shelf: AgedShelf, samples: Path
) -> None:
    content = (samples / "professional.837").read_bytes()
    before = counts(store)
    first = take(store, sealer, shelf, content, "WRONG")
    found = give_back(store, sealer, shelf, first)
    assert found is not None
    assert (found.facility, found.going, found.staying) == ("WRONG", 40, 0)
    assert counts(store) == before
    assert shelf.objects == {}
    states = rows(store, "select state, count(*) from production.claim_events group by 1 order by 1")
    assert states == [("received", 40), ("returned", 40)]
    assert value(store, "select count(*) from platform.audit_log where action = 'file.returned'") == 1
    [[data]] = rows(store, "select data from platform.outbox where type = 'file.returned.v1'")
    assert data == {"file_id": first, "returned": 40, "kept": 0}
    again = take(store, sealer, shelf, content, "RIGHT")
    assert rows(store, "select file_id, facility, staged from staging.files") == [(again, "RIGHT", 40)]


def test_of_a_file_of_which_claims_were_processed_these_stay(
    store: Store, sealer: Sealer, shelf: AgedShelf, samples: Path
) -> None:
    file_id = take(store, sealer, shelf, (samples / "dental.837").read_bytes(), "FAC001")
    with psycopg.connect(store.superuser, autocommit=True) as connection:
        connection.execute(
            "delete from staging.claims where claim_key in (select min(claim_key) from staging.claims)"
        )
    with psycopg.connect(store.owner, autocommit=True) as owner:
        looked = returnable_file(CALLER, owner, file_id)
    assert looked is not None
    assert (looked.going, looked.staying) == (14, 1)
    assert give_back(store, sealer, shelf, file_id) == looked
    assert value(store, "select count(*) from staging.files") == 1
    assert value(store, "select count(*) from staging.claim_keys") == 1
    assert shelf.objects


def test_while_a_run_goes_on_nothing_is_given_back(
    store: Store, sealer: Sealer, shelf: AgedShelf, samples: Path
) -> None:
    file_id = take(store, sealer, shelf, (samples / "dental.837").read_bytes(), "FAC001")
    with psycopg.connect(store.superuser, autocommit=True) as connection:
        connection.execute(
            "insert into pipeline.runs (tenant, as_of, state, correlation_id, planned, started_at)"
            " values ('default', current_date, 'running', gen_random_uuid(), 15, now())"
        )
    with pytest.raises(RunGoingOnError, match="Wait until it has ended"):
        give_back(store, sealer, shelf, file_id)
    assert value(store, "select count(*) from staging.claims") == 15


def test_the_command_says_what_goes_asks_and_frees_the_file(
    store: Store, tmp_path: Path, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAIMWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CLAIMWRIGHT_DATABASE_URL", store.address)
    monkeypatch.setenv("CLAIMWRIGHT_DATABASE_OWNER_URL", store.owner)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)

    def run(*words: str, **more: str) -> Result:
        return CliRunner().invoke(app, [*words], **more)  # type: ignore[arg-type]  # names of its options

    file = str(samples / "dental.837")
    run("intake", file, "--facility", "WRONG")
    [[file_id, staged]] = rows(store, "select file_id, staged from staging.files")
    assert staged == 15
    looked = run("files", "return", str(file_id), "--dry-run")
    assert "15 claims of facility WRONG, with their findings and numbers" in looked.output
    assert run("files", "return", str(file_id), input="n\n").exit_code != 0
    assert value(store, "select count(*) from staging.claims") == 15
    done = run("files", "return", str(file_id), "--yes")
    assert done.exit_code == 0
    assert f"file {file_id} of facility WRONG: 15 claims returned." in done.stdout
    run("intake", file, "--facility", "RIGHT")
    assert rows(store, "select facility, staged from staging.files") == [("RIGHT", 15)]
    assert run("files", "return", "999", "--yes").exit_code == 2
