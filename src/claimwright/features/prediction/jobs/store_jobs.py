"""Prediction jobs in PostgreSQL: submitted together with their queue entry, run by any worker.

Stage outputs are sealed, because reasons can contain an age and a diagnosis. Each stage is one transaction;
so are the end of a job and its event.
"""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Callable
from typing import Any

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.domain.errors import ClaimNotFoundError
from claimwright.features.prediction.scoring import open_claims
from claimwright.platform.database import Connection, Database
from claimwright.platform.jobs import Jobs
from claimwright.store import events
from claimwright.store import prediction_jobs as rows
from claimwright.store.prediction_jobs import stage_context
from claimwright.store.sealed_claims import SealsAndOpens, has_sealed_claim

from .job import PredictionJobs, Status, tracking_id_of

WORK = "prediction.work"
# The queue retries a job whose failure is not caused by its claim; after this many attempts, the job has
# failed.
_MOST_ATTEMPTS = 5


def submit_prediction(
    caller: Caller, connection: Connection, jobs: Jobs, claim_key: int, *, key: str, as_of: datetime.date
) -> str:
    """Submit a stored claim, in the caller's transaction. Returns the tracking id.

    `jobs` must define `WORK`. The same claim with the same `key` of the client gives the same job, queued
    once.

    Raises:
        ClaimNotFoundError: the store has no claim with that key.
    """
    if not has_sealed_claim(connection, claim_key):
        raise ClaimNotFoundError(f"there is no claim {claim_key} in the store.")
    tracking_id, correlation_id = tracking_id_of(str(claim_key), key), uuid.uuid4()
    job_id = rows.insert_job(connection, tracking_id, claim_key, as_of, correlation_id)
    if job_id is not None:
        jobs.defer(caller, connection, WORK, correlation_id=str(correlation_id), job_id=job_id)
    return tracking_id


def claim_of_prediction(connection: Connection, tracking_id: str) -> int | None:
    """The claim of a prediction that was asked for; None if there is no such request."""
    return rows.claim_of_job(connection, tracking_id)


def register_job(jobs: Jobs, work: Callable[[Caller, int], None] | None = None) -> Jobs:
    """The queue with the job `WORK`; `work` gets caller and job.

    A process that only submits does not need `work`.
    """

    @jobs.job(WORK, queue="predictions")
    def run(caller: Caller, correlation_id: str, job_id: int) -> None:  # noqa: ARG001 - in the scope of logs
        if work is None:
            raise RuntimeError("this process only submits predictions")
        work(caller, job_id)

    return jobs


def run_job(jobs: PredictionJobs, store: StoredJobs, job_id: int) -> Status:
    """Run the remaining stages of a queued job. After `_MOST_ATTEMPTS` attempts, it has failed.

    Raises:
        Exception: any failure that is not caused by the claim; the queue retries.
    """
    tracking_id = store.tracking_id(job_id)
    if tracking_id is None:
        return Status.NOT_FOUND
    attempt = store.attempted(tracking_id)
    try:
        return jobs.work(tracking_id)
    except Exception as problem:
        if attempt < _MOST_ATTEMPTS:
            raise
        store.end(
            tracking_id, Status.FAILED, f"it failed {attempt} times, last with {type(problem).__name__}"
        )
        return Status.FAILED


class StoredJobs:
    """The jobs of one tenant: a `JobStore` of the database."""

    def __init__(self, caller: Caller, database: Database, sealer: SealsAndOpens) -> None:
        self._caller, self._database, self._sealer = caller, database, sealer

    def claim(self, reference: str) -> ClaimBatch | None:
        """The claim of a job, opened; None if retention has deleted it."""
        with self._database.transaction(self._caller) as connection:
            batch = open_claims(self._caller, connection, self._sealer, [int(reference)])
        return batch if len(batch) else None

    def tracking_id(self, job_id: int) -> str | None:
        """The tracking id of a queued job."""
        with self._database.transaction(self._caller) as connection:
            return rows.tracking_id_of_job(connection, job_id)

    def attempted(self, tracking_id: str) -> int:
        """Count one more attempt of a job. Returns its 1-based number."""
        with self._database.transaction(self._caller) as connection:
            return rows.count_attempt(connection, tracking_id)

    def read(self, tracking_id: str) -> dict[str, Any] | None:
        """The job, or None."""
        with self._database.transaction(self._caller) as connection:
            job = rows.job_of(connection, tracking_id)
            if job is None:
                return None
            stages = rows.stages_of(connection, job.job_id)
        contexts = [stage_context(self._caller.tenant, job.job_id, stage[0]) for stage in stages]
        texts = self._sealer.open([stage[1] for stage in stages], contexts)
        return {
            "tracking_id": tracking_id,
            "reference": str(job.claim_key),
            "as_of": job.as_of.isoformat(),
            "status": job.status,
            "model": job.model,
            "reason": job.reason,
            "stages": {
                stage: {"output": json.loads(text), "seconds": seconds}
                for (stage, _, seconds), text in zip(stages, texts, strict=True)
            },
        }

    def add(self, tracking_id: str, reference: str, as_of: datetime.date) -> None:
        """Create a job in progress without a queue entry; a repetition changes nothing."""
        with self._database.transaction(self._caller) as connection:
            rows.insert_job(connection, tracking_id, int(reference), as_of, uuid.uuid4())

    def begin(self, tracking_id: str, model: str | None) -> str | None:
        """The model of the job: the one that started it, or otherwise this one, which is then stored."""
        with self._database.transaction(self._caller) as connection:
            return rows.set_model(connection, tracking_id, model)

    def keep(self, tracking_id: str, stage: str, output: dict[str, Any], seconds: float) -> None:
        """Store the output of a stage; if there already is one, it stays."""
        with self._database.transaction(self._caller) as connection:
            job = rows.job_of(connection, tracking_id)
            assert job is not None
            context = stage_context(self._caller.tenant, job.job_id, stage)
            [sealed] = self._sealer.seal([json.dumps(output).encode()], [context])
            rows.insert_stage(connection, job.job_id, stage, sealed, seconds)

    def end(self, tracking_id: str, status: Status, reason: str | None = None) -> None:
        """Mark the job as completed or failed; its event is published once."""
        with self._database.transaction(self._caller) as connection:
            job = rows.end_job(connection, tracking_id, status.value, reason)
            if job is None:
                return
            data = {"job_id": job.job_id, "claim_key": job.claim_key, "tracking_id": tracking_id}
            events.publish(
                self._caller,
                connection,
                type=f"prediction.{status.value}.v1",
                subject=f"prediction:{tracking_id}",
                data=data | ({"model": job.model} if job.model else {}),
                correlation_id=str(job.correlation_id),
            )
