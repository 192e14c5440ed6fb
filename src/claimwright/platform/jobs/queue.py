"""The job queue: a job is queued in the transaction of the change that causes it, and run by any worker.

A worker sends a heartbeat every few seconds. After `silent_seconds` without one, it is treated as dead, and
another worker returns its jobs to the queue. A job can therefore run twice; each of its stages commits its
result and skips what is already done. A job whose workers keep dying is given up after `attempts`.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from claimwright.domain.caller import Caller
from claimwright.foundation import clock
from claimwright.platform.observability import get_logger, scope

from .arguments import JobError, check_arguments, check_parameters, restored, stored

if TYPE_CHECKING:
    import psycopg
    from procrastinate import App

_LOG = get_logger("jobs")


@dataclass(frozen=True, slots=True)
class Job:
    """One kind of job."""

    name: str
    queue: str
    run: Callable[..., None]


@dataclass(frozen=True, slots=True)
class Patience:
    """Intervals and timeouts, in seconds."""

    attempts: int = 5
    first_retry: float = 1
    longest_retry: float = 300
    heartbeat_seconds: float = 5
    silent_seconds: float = 30


class Jobs:
    """The jobs that a program defines, and their queue."""

    def __init__(self, address: str, *, patience: Patience | None = None) -> None:
        """Does not connect yet. `address` is the address of the application's role."""
        self._address = address
        self._patience = patience or Patience()
        self._jobs: dict[str, Job] = {}
        self._app: App | None = None

    def job(
        self, name: str, *, queue: str | None = None
    ) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Decorator that registers a function as a job. Its parameters: ids and optionally `caller`,
        `correlation_id`.

        By default, its queue has the same name, because a worker takes all jobs of a queue, and a job that it
        does not know would fail.

        Raises:
            JobError: a parameter is not an id, or the name is taken.
        """

        def known(task: Callable[..., None]) -> Callable[..., None]:
            check_parameters(task)
            if name in self._jobs:
                raise JobError(f"there are two jobs named {name}.")
            self._jobs[name] = Job(name, queue or name, task)
            return task

        return known

    def defer(
        self,
        caller: Caller,
        connection: psycopg.Connection,
        name: str,
        *,
        lock: str | None = None,
        after_seconds: int = 0,
        **ids: int | str,
    ) -> int:
        """Add a job to the queue, in the connection's transaction; returns its number.

        It runs as the caller, with the origin `job`, not before `after_seconds`. Jobs with the same `lock`
        run one after another.

        Raises:
            JobError: there is no such job, or an argument is not an id.
        """
        if name not in self._jobs:
            raise JobError(f"there is no job named {name}.")
        check_arguments(name, ids)
        deferred = self._procrastinate().configure_task(
            name, connection=connection, lock=lock,
            schedule_in={"seconds": after_seconds} if after_seconds else None,
        )  # fmt: skip
        return int(deferred.defer(**stored(caller), **ids))

    def work(
        self,
        *,
        wait: bool = True,
        name: str = "worker",
        signals: bool = True,
    ) -> None:
        """Run the jobs that this process knows until stopped; with `wait=False`, until none is due.

        On SIGTERM or SIGINT, the running job finishes and no other is started.
        """
        asyncio.run(self._work(wait=wait, name=name, signals=signals))

    async def _work(self, *, wait: bool, name: str, signals: bool) -> None:
        app = self._procrastinate()
        async with app.open_async():
            await self._take_over(app)
            ended = asyncio.Event()
            watch = asyncio.create_task(self._keep_taking_over(app, ended))
            try:
                await app.run_worker_async(
                    wait=wait,
                    name=name,
                    queues=sorted({job.queue for job in self._jobs.values()}),
                    install_signal_handlers=signals,
                    update_heartbeat_interval=self._patience.heartbeat_seconds,
                    stalled_worker_timeout=self._patience.silent_seconds,
                    fetch_job_polling_interval=self._patience.heartbeat_seconds,
                    delete_jobs="never",
                )
            finally:
                # Not cancelled: a connection pool can swallow the cancellation, and this would wait forever.
                ended.set()
                await watch

    async def _keep_taking_over(self, app: App, ended: asyncio.Event) -> None:
        while not ended.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), self._patience.heartbeat_seconds)
                return
            await self._take_over(app)

    async def _take_over(self, app: App) -> None:
        """Return the jobs of dead workers to the queue."""
        from procrastinate.jobs import Status

        silent = self._patience.silent_seconds
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silent):
            if job.attempts + 1 >= self._patience.attempts:
                await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
                _LOG.error("a job whose workers keep dying is given up", job_id=job.id, task=job.task_name)
            else:
                await app.job_manager.retry_job(job, retry_at=clock.now())
                _LOG.warning("a job of a dead worker is resumed", job_id=job.id, task=job.task_name)

    def _procrastinate(self) -> App:
        from procrastinate import App, PsycopgConnector

        if self._app is None:
            self._app = App(connector=PsycopgConnector(conninfo=self._address, min_size=1, max_size=4))
            for job in self._jobs.values():
                self._app.task(
                    name=job.name, queue=job.queue, retry=_retry(self._patience), pass_context=True
                )(_told(job))
        return self._app


def _told(job: Job) -> Callable[..., None]:
    """Run the job as its caller, with its ids on every log line and span."""
    takes_caller = "caller" in inspect.signature(job.run).parameters

    def run(context: Any, **arguments: int | str) -> None:
        caller, ids = restored(arguments)
        given = {"caller": caller, **ids} if takes_caller else ids
        with scope(tenant=caller.tenant, correlation_id=ids.get("correlation_id")):
            started = clock.seconds()
            try:
                job.run(**given)
            except Exception as problem:
                _LOG.error("a job failed", task=job.name, job_id=context.job.id, exc_info=problem)
                raise
            elapsed = round(clock.seconds() - started, 3)
            _LOG.info("a job is done", task=job.name, job_id=context.job.id, elapsed_seconds=elapsed)

    return run


def _retry(patience: Patience) -> Any:
    from procrastinate import BaseRetryStrategy, RetryDecision

    class Growing(BaseRetryStrategy):
        """Retry waits that double, up to a maximum, and a last attempt."""

        def get_retry_decision(self, *, exception: BaseException, job: Any) -> RetryDecision | None:  # noqa: ARG002
            if job.attempts + 1 >= patience.attempts:
                return None
            wait = min(patience.first_retry * 2.0**job.attempts, patience.longest_retry)
            # Jitter over the upper half from the job's number: jobs that failed together are not retried
            # together.
            return RetryDecision(retry_in={"milliseconds": int(wait * (500 + job.id * 137 % 500))})

    return Growing()
