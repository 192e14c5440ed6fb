"""Drafting as a background job: opened in the caller's transaction, its stages done by any worker.

Whoever asked has a tracking id, by which the job is found until its letter is there.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from claimwright.domain.caller import Caller
from claimwright.platform.database import Connection
from claimwright.platform.jobs import Jobs
from claimwright.store.appeals import AppealCase, list_cases

DRAFT = "appeals.draft"
# A letter that is written at once is there in a second. After this, whoever wrote it was killed.
SAFETY_SECONDS = 60


@dataclass(frozen=True)
class AppealTracking:
    """How far a case is. Completed: the letter is there, or it is not eligible; the case says which."""

    status: Literal["not_found", "in_progress", "completed", "failed"]
    stage: str | None = None
    reason: str | None = None
    problem: str | None = None
    case: AppealCase | None = None


def register_drafting(jobs: Jobs, work: Callable[[Caller, int], None] | None = None) -> Jobs:
    """The queue with the job `DRAFT`; `work` gets caller and case. A process that only submits gives none."""

    @jobs.job(DRAFT, queue="appeals")
    def run(caller: Caller, correlation_id: str, case_id: int) -> None:  # noqa: ARG001 - in the scope of logs
        if work is None:
            raise RuntimeError("this process only submits appeals")
        work(caller, case_id)

    return jobs


def submit_drafting(
    caller: Caller, connection: Connection, jobs: Jobs, case: AppealCase, *, after_seconds: int = 0
) -> None:
    """Queue the stages of a case, in the transaction that opened it. Two workers never draft the same one."""
    jobs.defer(
        caller, connection, DRAFT,
        # One that waits would hold up those behind it.
        lock=None if after_seconds else f"appeal:{caller.tenant}:{case.case_id}",
        after_seconds=after_seconds, correlation_id=str(case.correlation_id), case_id=case.case_id,
    )  # fmt: skip


def track_appeal(
    connection: Connection, tracking_id: uuid.UUID, *, facilities: Sequence[str] | None = None
) -> AppealTracking:
    """How far the case with a tracking id is; `not_found` also for one of another facility."""
    found = list_cases(connection, tracking_id=tracking_id, facilities=facilities, limit=1)
    if not found:
        return AppealTracking("not_found")
    [case] = found
    status: Literal["in_progress", "completed", "failed"] = "completed"
    if case.state == "in_progress":
        status = "in_progress"
    elif case.state == "failed":
        status = "failed"
    return AppealTracking(status, case.stage, case.reason, case.problem, case)
