"""Prediction jobs in PostgreSQL: submitted with their place in the queue, worked off by any worker.

What a stage came to is sealed, since reasons may name an age and a diagnosis. A stage is committed alone;
the end of a job and the event that tells of it are one transaction.
"""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.domain.errors import ClaimNotFoundError
from claimwright.features.prediction.scoring.store_claims import Opens, opened
from claimwright.foundation import clock
from claimwright.platform import events
from claimwright.platform.database import Connection, Database
from claimwright.platform.jobs import Jobs

from .job import PredictionJobs, Status, tracking_id_of

WORK = "prediction.work"
QUEUE = "predictions"
# A job that fails for what is not in its claim is tried again by the queue; so often, then it is failed.
_MOST_ATTEMPTS = 5


class Seals(Opens, Protocol):
    """What is asked of `claimwright.platform.phi.Sealer`."""

    def seal(self, records: Sequence[bytes], contexts: Sequence[bytes]) -> list[bytes]:
        """The records, each bound to its context."""


def stage_context(tenant: str, job_id: int, stage: str) -> bytes:
    """What a stage's output is bound to: it opens in its own row alone."""
    return f"{tenant}:prediction:{job_id}:{stage}".encode()


def submit(
    caller: Caller, connection: Connection, jobs: Jobs, claim_key: int, *, key: str, as_of: datetime.date
) -> str:
    """Take a claim of the store, in the caller's transaction; returns the tracking id.

    `jobs` knows `WORK`. The same claim under the same `key` of the client is the same job, queued once.

    Raises:
        ClaimNotFoundError: the store has no claim of that key.
    """
    if not connection.execute("select 1 from staging.records where claim_key = %s", [claim_key]).fetchone():
        raise ClaimNotFoundError(f"there is no claim {claim_key} in the store.")
    tracking_id, correlation_id = tracking_id_of(str(claim_key), key), uuid.uuid4()
    made = connection.execute(
        "insert into prediction.jobs (tracking_id, claim_key, as_of, correlation_id, submitted_at) "
        "values (%s, %s, %s, %s, %s) on conflict (tenant, tracking_id) do nothing returning job_id",
        [tracking_id, claim_key, as_of, correlation_id, clock.now()],
    ).fetchone()
    if made is not None:
        jobs.defer(caller, connection, WORK, correlation_id=str(correlation_id), job_id=int(made[0]))
    return tracking_id


def known_to(jobs: Jobs, work: Callable[[Caller, int], None] | None = None) -> Jobs:
    """The queue with the job `WORK`; `work` is given caller and job. Who only submits needs none."""

    @jobs.job(WORK, queue=QUEUE)
    def run(caller: Caller, correlation_id: str, job_id: int) -> None:  # noqa: ARG001 - in the scope of logs
        if work is None:
            raise RuntimeError("this process only submits predictions")
        work(caller, job_id)

    return jobs


def work(jobs: PredictionJobs, store: StoredJobs, job_id: int) -> Status:
    """Do what is left of a job of the queue. What can't be done in `_MOST_ATTEMPTS` attempts has failed.

    Raises:
        Exception: whatever went wrong that is not in the claim; the queue tries again.
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

    def __init__(self, caller: Caller, database: Database, sealer: Seals) -> None:
        self._caller, self._database, self._sealer = caller, database, sealer

    def claim(self, reference: str) -> ClaimBatch | None:
        """The claim of a job, opened; none where retention has taken it."""
        with self._database.transaction(self._caller) as connection:
            batch = opened(self._caller, connection, self._sealer, [int(reference)])
        return batch if len(batch) else None

    def tracking_id(self, job_id: int) -> str | None:
        """The tracking id of a job of the queue."""
        with self._database.transaction(self._caller) as connection:
            row = connection.execute(
                "select tracking_id from prediction.jobs where job_id = %s", [job_id]
            ).fetchone()
        return None if row is None else str(row[0])

    def attempted(self, tracking_id: str) -> int:
        """Note that somebody begins to work on a job; the how-manieth time."""
        with self._database.transaction(self._caller) as connection:
            row = connection.execute(
                "update prediction.jobs set attempts = attempts + 1 where tracking_id = %s "
                "returning attempts",
                [tracking_id],
            ).fetchone()
        return int(row[0]) if row else 0

    def read(self, tracking_id: str) -> dict[str, Any] | None:
        """The job, or none."""
        with self._database.transaction(self._caller) as connection:
            row = connection.execute(
                "select job_id, claim_key, as_of, status, model, reason from prediction.jobs "
                "where tracking_id = %s",
                [tracking_id],
            ).fetchone()
            if row is None:
                return None
            stages = connection.execute(
                "select stage, sealed, seconds from prediction.stages where job_id = %s order by finished_at",
                [row[0]],
            ).fetchall()
        contexts = [stage_context(self._caller.tenant, row[0], stage[0]) for stage in stages]
        texts = self._sealer.open([bytes(stage[1]) for stage in stages], contexts)
        return {
            "tracking_id": tracking_id,
            "reference": str(row[1]),
            "as_of": row[2].isoformat(),
            "status": row[3],
            "model": row[4],
            "reason": row[5],
            "stages": {
                stage: {"output": json.loads(text), "seconds": seconds}
                for (stage, _, seconds), text in zip(stages, texts, strict=True)
            },
        }

    def add(self, tracking_id: str, reference: str, as_of: datetime.date) -> None:
        """A job that is in progress, and that no queue knows of; the same again changes nothing."""
        with self._database.transaction(self._caller) as connection:
            connection.execute(
                "insert into prediction.jobs (tracking_id, claim_key, as_of, correlation_id, submitted_at) "
                "values (%s, %s, %s, %s, %s) on conflict (tenant, tracking_id) do nothing",
                [tracking_id, int(reference), as_of, uuid.uuid4(), clock.now()],
            )

    def begin(self, tracking_id: str, model: str | None) -> str | None:
        """The model of the job: the one that began it, or else this one, kept from now on."""
        with self._database.transaction(self._caller) as connection:
            row = connection.execute(
                "update prediction.jobs set model = coalesce(model, %s) where tracking_id = %s "
                "returning model",
                [model, tracking_id],
            ).fetchone()
        return None if row is None else row[0]

    def keep(self, tracking_id: str, stage: str, output: dict[str, Any], seconds: float) -> None:
        """What a stage came to; the first time stands."""
        with self._database.transaction(self._caller) as connection:
            row = connection.execute(
                "select job_id from prediction.jobs where tracking_id = %s", [tracking_id]
            ).fetchone()
            assert row is not None
            context = stage_context(self._caller.tenant, row[0], stage)
            [sealed] = self._sealer.seal([json.dumps(output).encode()], [context])
            connection.execute(
                "insert into prediction.stages (job_id, stage, sealed, seconds, finished_at) "
                "values (%s, %s, %s, %s, %s) on conflict (tenant, job_id, stage) do nothing",
                [row[0], stage, sealed, seconds, clock.now()],
            )

    def end(self, tracking_id: str, status: Status, reason: str | None = None) -> None:
        """The job is completed or failed, and that is told, once."""
        with self._database.transaction(self._caller) as connection:
            row = connection.execute(
                "update prediction.jobs set status = %s, reason = %s, finished_at = %s "
                "where tracking_id = %s and status = 'in_progress' "
                "returning job_id, claim_key, model, correlation_id",
                [status.value, reason, clock.now(), tracking_id],
            ).fetchone()
            if row is None:
                return
            job_id, claim_key, model, correlation_id = row
            data = {"job_id": job_id, "claim_key": claim_key, "tracking_id": tracking_id}
            events.publish(
                self._caller,
                connection,
                type=f"prediction.{status.value}.v1",
                subject=f"prediction:{tracking_id}",
                data=data | ({"model": model} if model else {}),
                correlation_id=str(correlation_id),
            )
