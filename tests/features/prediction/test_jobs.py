"""Prediction jobs of an API client: found, timed, resumed, validated, told."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.features.pipeline.bench_of_claims import CALLER

from claimwright.domain.batch import ClaimBatch
from claimwright.features.prediction import FolderStore, PredictionJobs, Registry, Status, Trained
from claimwright.features.prediction.jobs import job as jobs
from claimwright_lab.denial_world import World

DAY = datetime.date(2025, 6, 15)


class Desk:
    """Jobs with everything that they need, in one folder."""

    def __init__(self, folder: Path, trained: Trained | None, claims: dict[str, ClaimBatch]) -> None:
        registry = Registry(folder / "models")
        if trained is not None:
            registry.promote(CALLER, registry.add(CALLER, trained.model, by="ann"), approver="ben")
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.store = FolderStore(folder / "jobs", lambda name, event: self.events.append((name, event)))
        self.jobs = PredictionJobs(self.store, registry, claims.get)


@pytest.fixture
def claims(world: World) -> dict[str, ClaimBatch]:
    return {"first": world.batch.select([1])}


@pytest.fixture
def desk(tmp_path: Path, trained: Trained, claims: dict[str, ClaimBatch]) -> Desk:
    return Desk(tmp_path, trained, claims)


@pytest.mark.parametrize("tracking_id", ["p-" + "0" * 32, "../models/log", ""])
def test_a_job_that_nobody_submitted_is_not_found(desk: Desk, tracking_id: str) -> None:
    assert desk.jobs.poll(tracking_id)["status"] == Status.NOT_FOUND
    assert desk.jobs.work(tracking_id) is Status.NOT_FOUND


def test_a_job_is_in_progress_until_it_is_completed_with_all_stages_timed(desk: Desk) -> None:
    tracking_id = desk.jobs.submit("first", key="k1", as_of=DAY)
    assert desk.jobs.poll(tracking_id)["status"] == Status.IN_PROGRESS
    assert desk.jobs.work(tracking_id) is Status.COMPLETED
    found = desk.jobs.poll(tracking_id)
    assert set(found["stages"]) == {"decision", "classification", "explanation"}
    assert all(seconds >= 0 for seconds in found["stages"].values())
    explanation = found["result"]["explanation"]
    total = explanation["intercept"] + explanation["others"]
    assert explanation["score"] == pytest.approx(total + sum(r["log_odds"] for r in explanation["reasons"]))
    assert [name for name, _ in desk.events] == ["prediction.completed"]


def test_the_same_key_is_the_same_job_and_is_done_once(desk: Desk) -> None:
    first, second = (desk.jobs.submit("first", key="k1", as_of=DAY) for _ in range(2))
    assert first == second
    assert [desk.jobs.work(first) for _ in range(2)] == [Status.COMPLETED] * 2
    assert len(desk.events) == 1


def test_a_job_that_was_interrupted_goes_on_where_it_stopped(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracking_id = desk.jobs.submit("first", key="k1", as_of=DAY)
    keep = desk.store.keep
    kept = []

    def cut(tracking_id: str, stage: str, output: dict[str, Any], seconds: float) -> None:
        keep(tracking_id, stage, output, seconds)
        kept.append({"output": output, "seconds": seconds})
        if len(kept) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(desk.store, "keep", cut)
    with pytest.raises(KeyboardInterrupt):
        desk.jobs.work(tracking_id)
    assert list(desk.jobs.poll(tracking_id)["stages"]) == ["decision"]
    assert desk.jobs.work(tracking_id) is Status.COMPLETED
    assert desk.store.read(tracking_id)["stages"]["decision"] == kept[0]


def test_without_a_champion_a_job_fails_with_its_reason(
    tmp_path: Path, claims: dict[str, ClaimBatch]
) -> None:
    desk = Desk(tmp_path, None, claims)
    tracking_id = desk.jobs.submit("first", key="k1", as_of=DAY)
    assert desk.jobs.work(tracking_id) is Status.FAILED
    assert "only the rules decide" in desk.jobs.poll(tracking_id)["reason"]
    assert [name for name, _ in desk.events] == ["prediction.failed"]


def test_a_claim_that_has_gone_fails_with_its_reason(desk: Desk) -> None:
    tracking_id = desk.jobs.submit("unknown", key="k1", as_of=DAY)
    assert desk.jobs.work(tracking_id) is Status.FAILED
    assert desk.jobs.poll(tracking_id)["reason"] == "the claim no longer exists"


def test_an_output_that_does_not_fit_its_schema_is_never_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracking_id = desk.jobs.submit("first", key="k1", as_of=DAY)
    monkeypatch.setitem(jobs._OUTPUTS, "classification", lambda _: {"denial_category": "bad luck"})
    assert desk.jobs.work(tracking_id) is Status.FAILED
    found = desk.jobs.poll(tracking_id)
    assert found["reason"] == "the classification does not fit its schema and was not stored"
    assert list(found["stages"]) == ["decision"]
