"""The queue: jobs are deferred in the transaction of what they follow from, and worked off by any worker.

A worker says every few seconds that it lives. One that has been silent for `silent_seconds` is taken for
dead, and any other puts its jobs back: so a job may run twice, and each of its stages commits what it did
and finds it done. A job whose workers keep dying is given up after `attempts`.
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
    """How long to wait for what; seconds."""

    attempts: int = 5
    first_retry: float = 1
    longest_retry: float = 300
    heartbeat_seconds: float = 5
    silent_seconds: float = 30


class Jobs:
    """The jobs that a program knows, and the queue that they wait in."""

    def __init__(self, address: str, *, patience: Patience | None = None) -> None:
        """Nothing is connected to yet. The address is the application's."""
        self._address = address
        self._patience = patience or Patience()
        self._jobs: dict[str, Job] = {}
        self._app: App | None = None

    def job(
        self, name: str, *, queue: str | None = None
    ) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Makes a function a job. Its parameters are ids and, if it wants them, `caller`, `correlation_id`.

        Its queue is named as it is, where no other is given: a worker takes all jobs of a queue, and one
        that it does not know would fail.

        Raises:
            JobError: a parameter is no id, or the name is taken.
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
        **ids: int | str,
    ) -> int:
        """Put a job into the queue, in the transaction of the connection; returns its number.

        It runs as the caller, with the origin `job`. Jobs with the same `lock` run one after another.

        Raises:
            JobError: there is no such job, or an argument is no id.
        """
        if name not in self._jobs:
            raise JobError(f"there is no job named {name}.")
        check_arguments(name, ids)
        deferred = self._procrastinate().configure_task(name, connection=connection, lock=lock)
        return int(deferred.defer(**stored(caller), **ids))

    def work(
        self,
        *,
        wait: bool = True,
        name: str = "worker",
        signals: bool = True,
    ) -> None:
        """Work off the jobs that this process knows until stopped; with `wait=False`, until none is due.

        SIGTERM and SIGINT let the job under way end, and take no other.
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
                # Not cancelled: a connection pool may swallow that, and this would wait for ever.
                ended.set()
                await watch

    async def _keep_taking_over(self, app: App, ended: asyncio.Event) -> None:
        while not ended.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), self._patience.heartbeat_seconds)
                return
            await self._take_over(app)

    async def _take_over(self, app: App) -> None:
        """Put the jobs of workers that died back into the queue."""
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
    """The job, run as who began it, with its ids on every log line and span."""
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
        """Waits that double, up to the longest, and a last try."""

        def get_retry_decision(self, *, exception: BaseException, job: Any) -> RetryDecision | None:  # noqa: ARG002
            if job.attempts + 1 >= patience.attempts:
                return None
            wait = min(patience.first_retry * 2.0**job.attempts, patience.longest_retry)
            # Spread over the upper half by the job's number: what failed together is not tried together.
            return RetryDecision(retry_in={"milliseconds": int(wait * (500 + job.id * 137 % 500))})

    return Growing()
