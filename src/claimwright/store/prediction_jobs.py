"""Prediction jobs of API clients, and the sealed output of each of their stages."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass

from claimwright.foundation import clock
from claimwright.platform.database import Connection


@dataclass(frozen=True)
class JobRow:
    """One job: the claim, the date of sending, and the progress."""

    job_id: int
    claim_key: int
    as_of: datetime.date
    status: str
    model: str | None
    reason: str | None


@dataclass(frozen=True)
class EndedJob:
    """A job that this transaction ended."""

    job_id: int
    claim_key: int
    model: str | None
    correlation_id: uuid.UUID


def stage_context(tenant: str, job_id: int, stage: str) -> bytes:
    """The context that a stage's output is bound to: it can be opened only in its own row."""
    return f"{tenant}:prediction:{job_id}:{stage}".encode()


def insert_job(
    connection: Connection, tracking_id: str, claim_key: int, as_of: datetime.date, correlation_id: uuid.UUID
) -> int | None:
    """Create a job in progress. Returns its number; None if the tracking id already exists."""
    row = connection.execute(
        "insert into prediction.jobs (tracking_id, claim_key, as_of, correlation_id, submitted_at) "
        "values (%s, %s, %s, %s, %s) on conflict (tenant, tracking_id) do nothing returning job_id",
        [tracking_id, claim_key, as_of, correlation_id, clock.now()],
    ).fetchone()
    return int(row[0]) if row else None


def tracking_id_of_job(connection: Connection, job_id: int) -> str | None:
    """The tracking id of a job."""
    row = connection.execute("select tracking_id from prediction.jobs where job_id = %s", [job_id]).fetchone()
    return None if row is None else str(row[0])


def claim_of_job(connection: Connection, tracking_id: str) -> int | None:
    """The claim of a job; None if there is no such job."""
    row = connection.execute(
        "select claim_key from prediction.jobs where tracking_id = %s", [tracking_id]
    ).fetchone()
    return None if row is None else int(row[0])


def job_of(connection: Connection, tracking_id: str) -> JobRow | None:
    """The job with a tracking id."""
    row = connection.execute(
        "select job_id, claim_key, as_of, status, model, reason from prediction.jobs where tracking_id = %s",
        [tracking_id],
    ).fetchone()
    return JobRow(*row) if row else None


def stages_of(connection: Connection, job_id: int) -> list[tuple[str, bytes, float]]:
    """Name, sealed output and seconds of each completed stage, in order of completion."""
    rows = connection.execute(
        "select stage, sealed, seconds from prediction.stages where job_id = %s order by finished_at",
        [job_id],
    ).fetchall()
    return [(stage, bytes(sealed), seconds) for stage, sealed, seconds in rows]


def count_attempt(connection: Connection, tracking_id: str) -> int:
    """Count one more attempt of a job. Returns the number of attempts so far."""
    row = connection.execute(
        "update prediction.jobs set attempts = attempts + 1 where tracking_id = %s returning attempts",
        [tracking_id],
    ).fetchone()
    return int(row[0]) if row else 0


def set_model(connection: Connection, tracking_id: str, model: str | None) -> str | None:
    """Set the model of a job if it has none. Returns the job's model."""
    row = connection.execute(
        "update prediction.jobs set model = coalesce(model, %s) where tracking_id = %s returning model",
        [model, tracking_id],
    ).fetchone()
    return None if row is None else row[0]


def insert_stage(connection: Connection, job_id: int, stage: str, sealed: bytes, seconds: float) -> None:
    """Store the output of a stage; if there already is one, it stays."""
    connection.execute(
        "insert into prediction.stages (job_id, stage, sealed, seconds, finished_at) "
        "values (%s, %s, %s, %s, %s) on conflict (tenant, job_id, stage) do nothing",
        [job_id, stage, sealed, seconds, clock.now()],
    )


def end_job(connection: Connection, tracking_id: str, status: str, reason: str | None) -> EndedJob | None:
    """End a job that is in progress; None if it is not."""
    row = connection.execute(
        "update prediction.jobs set status = %s, reason = %s, finished_at = %s "
        "where tracking_id = %s and status = 'in_progress' "
        "returning job_id, claim_key, model, correlation_id",
        [status, reason, clock.now(), tracking_id],
    ).fetchone()
    return EndedJob(*row) if row else None
