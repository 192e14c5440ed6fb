"""What `claimwright runs` tells of a run."""

from __future__ import annotations

from pathlib import Path

from tests.database_server import Store
from tests.features.pipeline.bench_of_claims import begun, called, environment_of, rows, worker
from tests.features.pipeline.conftest import Staging

from claimwright.features.checking import Checker
from claimwright.features.pipeline import STAGES


def test_where_there_is_nothing_to_list_it_is_said_and_what_to_do(store: Store, tmp_path: Path) -> None:
    environment = environment_of(store, tmp_path)
    for words, said in ((["runs"], "No runs yet. Stage claims"), (["dead-letters"], "No dead letters.")):
        shown = called(words, environment)
        assert (shown.returncode, shown.stderr) == (0, "")
        assert shown.stdout.startswith(said)
        assert shown.stdout.count("\n") == 1


def test_every_chunk_tells_what_each_stage_took_and_the_command_shows_it(
    waiting: Staging, checker: Checker
) -> None:
    with waiting.store.open() as database:
        worker(database, waiting.sealer, begun(database), checker).work()
    told = rows(waiting.store, "select distinct jsonb_object_keys(seconds) from pipeline.chunks")
    assert {stage for (stage,) in told} == set(STAGES)
    shown = called(["runs", "show", "1"], environment_of(waiting.store, waiting.folder, COLUMNS="80"))
    assert (shown.returncode, shown.stderr) == (0, "")
    lines = shown.stdout.splitlines()
    assert lines[1].split() == "chunk state worker leases claims production review dead".split()
    assert [line.split()[0] for line in lines[-len(STAGES) :]] == list(STAGES)
