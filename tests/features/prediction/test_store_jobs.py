"""Prediction jobs in PostgreSQL: queued with ids alone, resumed by any worker, told once, sealed."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.calling import caller_of
from tests.features.pipeline.bench_of_claims import CALLER, rows, value

from claimwright.features.prediction import (
    ClaimNotFoundError,
    PredictionJobs,
    Registry,
    Status,
    StoredJobs,
    Trained,
    register_job,
    run_job,
    submit_prediction,
)
from claimwright.platform.database import Database
from claimwright.platform.jobs import Jobs
from claimwright.platform.jobs.queue import Patience

from .conftest import Shop

DAY = datetime.date(2025, 6, 15)
QUICK = Patience(attempts=9, first_retry=0.01, longest_retry=0.02, heartbeat_seconds=0.3, silent_seconds=1.5)


@dataclass
class Desk:
    """Jobs of a store, as workers and clients have them."""

    shop: Shop
    database: Database
    store: StoredJobs
    jobs: PredictionJobs

    def submit(self, claim_key: int, key: str = "k") -> str:
        with self.database.transaction(CALLER) as connection:
            queue = register_job(Jobs(self.shop.store.address))
            return submit_prediction(CALLER, connection, queue, claim_key, key=key, as_of=DAY)

    def work(self) -> None:
        queue = Jobs(self.shop.store.address, patience=QUICK)
        register_job(queue, lambda _, job_id: void(run_job(self.jobs, self.store, job_id)))
        queue.work(wait=False, signals=False)


def void(_: object) -> None: ...


@pytest.fixture
def models(tmp_path: Path, trained: Trained) -> Registry:
    registry = Registry(tmp_path / "models")
    registry.promote(CALLER, registry.add(CALLER, trained.model, by="ann"), approver="ben")
    return registry


@pytest.fixture
def desk(copied: Shop, models: Registry) -> Any:
    with copied.store.open() as database:
        store = StoredJobs(CALLER, database, copied.sealer)
        yield Desk(copied, database, store, PredictionJobs(store, models, store.claim))


def test_a_job_is_in_progress_until_a_worker_has_done_it_and_is_told_once(desk: Desk) -> None:
    tracking_id = desk.submit(1)
    assert desk.jobs.poll(tracking_id) == {"tracking_id": tracking_id, "status": "in_progress", "stages": {}}
    desk.work()
    found = desk.jobs.poll(tracking_id)
    assert found["status"] == Status.COMPLETED
    assert set(found["stages"]) == {"decision", "classification", "explanation"}
    assert found["result"]["model"] == desk.jobs.registry.champion_id()
    assert desk.jobs.work(tracking_id) is Status.COMPLETED
    told = rows(desk.shop.store, "select type, subject from platform.outbox where type like 'prediction.%'")
    assert told == [("prediction.completed.v1", f"prediction:{tracking_id}")]


def test_the_same_key_is_the_same_job_queued_once_with_ids_alone(desk: Desk) -> None:
    assert desk.submit(1) == desk.submit(1) != desk.submit(1, key="another")
    queued = rows(desk.shop.store, "select task_name, args from procrastinate_jobs order by id")
    assert [name for name, _ in queued] == ["prediction.work"] * 2
    assert [set(ids) for _, ids in queued] == [{"tenant", "actor", "purpose", "correlation_id", "job_id"}] * 2


def test_a_claim_that_the_store_does_not_have_is_refused(desk: Desk) -> None:
    with pytest.raises(ClaimNotFoundError, match="no claim 999999"):
        desk.submit(999999)
    assert value(desk.shop.store, "select count(*) from prediction.jobs") == 0


def test_what_nobody_submitted_and_what_is_anothers_is_not_found(desk: Desk) -> None:
    tracking_id = desk.submit(1)
    others = StoredJobs(caller_of("others"), desk.database, desk.shop.sealer)
    polled = PredictionJobs(others, desk.jobs.registry, others.claim).poll(tracking_id)
    assert polled["status"] == desk.jobs.poll("p-" + "0" * 32)["status"] == Status.NOT_FOUND


def test_another_worker_goes_on_where_one_was_killed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    tracking_id = desk.submit(1)
    keep = desk.store.keep

    def killed(tracking_id: str, stage: str, output: dict[str, Any], seconds: float) -> None:
        keep(tracking_id, stage, output, seconds)
        raise KeyboardInterrupt

    monkeypatch.setattr(desk.store, "keep", killed)
    with pytest.raises(KeyboardInterrupt):
        desk.jobs.work(tracking_id)
    kept = "select stage, sealed, seconds from prediction.stages where stage = 'decision'"
    assert value(desk.shop.store, "select count(*) from prediction.stages") == 1
    first = rows(desk.shop.store, kept)
    assert [stage for stage, _, _ in first] == ["decision"]
    monkeypatch.undo()
    desk.work()
    assert desk.jobs.poll(tracking_id)["status"] == Status.COMPLETED
    after = rows(
        desk.shop.store, "select stage, sealed, seconds from prediction.stages where stage = 'decision'"
    )
    assert after == first


def test_what_goes_wrong_five_times_has_failed_with_its_class_and_no_value(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracking_id = desk.submit(1)

    def broken(reference: str) -> None:
        raise ZeroDivisionError("of MEMBER1")

    monkeypatch.setattr(desk.jobs, "claims", broken)
    [(job_id,)] = rows(desk.shop.store, "select job_id from prediction.jobs")
    for _ in range(4):
        with pytest.raises(ZeroDivisionError):
            run_job(desk.jobs, desk.store, job_id)
    assert run_job(desk.jobs, desk.store, job_id) is Status.FAILED
    assert desk.jobs.poll(tracking_id)["reason"] == "it failed 5 times, last with ZeroDivisionError"
    told = rows(desk.shop.store, "select type from platform.outbox where type like 'prediction.%'")
    assert told == [("prediction.failed.v1",)]


def test_what_a_stage_came_to_is_sealed_for_its_place(desk: Desk) -> None:
    tracking_id = desk.submit(1)
    desk.work()
    stages = rows(desk.shop.store, "select sealed from prediction.stages")
    assert len(stages) == 3
    assert not any(
        word in bytes(sealed) for (sealed,) in stages for word in (b"words", b"probability", b"denial")
    )
    assert desk.jobs.poll(tracking_id)["result"]["explanation"]["reasons"]
