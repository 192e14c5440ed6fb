"""Drafting as a background job: opened in the caller's transaction, its stages done by any worker."""

from __future__ import annotations

from collections.abc import Callable

from claimwright.domain.caller import Caller
from claimwright.platform.database import Connection
from claimwright.platform.jobs import Jobs
from claimwright.store.appeals import AppealCase

DRAFT = "appeals.draft"


def register_drafting(jobs: Jobs, work: Callable[[Caller, int], None] | None = None) -> Jobs:
    """The queue with the job `DRAFT`; `work` gets caller and case. A process that only submits gives none."""

    @jobs.job(DRAFT, queue="appeals")
    def run(caller: Caller, correlation_id: str, case_id: int) -> None:  # noqa: ARG001 - in the scope of logs
        if work is None:
            raise RuntimeError("this process only submits appeals")
        work(caller, case_id)

    return jobs


def submit_drafting(caller: Caller, connection: Connection, jobs: Jobs, case: AppealCase) -> None:
    """Queue the stages of a case, in the transaction that opened it."""
    jobs.defer(caller, connection, DRAFT, correlation_id=str(case.correlation_id), case_id=case.case_id)
