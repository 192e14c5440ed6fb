"""A worker: leases chunks of a run and brings them to production, some at a time.

One thread leases and fetches the next chunk; others open, read, check, price, predict and route one each;
another one writes and commits them in their order. Killed anywhere, what was not committed is leased to
another, and nothing of it was written. A chunk that has lost workers is worked on alone.
"""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import psycopg
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.foundation import clock
from claimwright.foundation.errors import InterruptionError
from claimwright.foundation.overlap import Behind, ahead, spread
from claimwright.platform.breakers import Breaker
from claimwright.platform.database import Connection, Database, tenancy
from claimwright.platform.observability import METRICS, get_logger, scope, span

from .chunk import Lease, Outcome, Work
from .fetching import fetch
from .isolation import Trial, TrialError, Verdict, given_up, isolate
from .leasing import Run, close, disown, enlist, give_back, halve, keep, keys_of, lease, open_chunks
from .processing import ChunkError, Processor
from .writing import Committed, LeaseLostError, Notices, prepare_partitions, write

_LOG = get_logger("pipeline")

# What passes by itself: the server is away, restarts, is full, or two transactions were in each other's way.
TRANSIENT = (psycopg.OperationalError, psycopg.InternalError, psycopg.InterfaceError)
# What no claim is to blame for.
SYSTEMIC = (*TRANSIENT, MemoryError)
# How often an open breaker is looked at.
_LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Patience:
    """How failures are met; each is a setting (`pipeline.*`)."""

    attempts: int = 5
    first_seconds: float = 1
    longest_seconds: float = 300
    lease_seconds: float = 120
    breaker_failures: int = 5
    breaker_seconds: float = 30
    crashes: int = 2
    crashes_alone: int = 2


class _InterruptedError(InterruptionError):
    """A chunk is not gone on with: the worker is to stop, or the chunk is another's, or two by now."""


class RunStoppedError(InterruptionError):
    """A run can't go on by itself; it resumes where it stands when it is started again."""


@dataclass
class Worker:
    """One process's part in a run."""

    caller: Caller
    database: Database
    run: Run
    processor: Processor
    patience: Patience = field(default_factory=Patience)
    notices: Notices | None = None
    # Where the claims of a chunk that keeps losing its workers are tried; without it they go on as others.
    trial: Trial | None = None
    # That of the store: told when it is away, and when it is back.
    breaker: Breaker | None = None
    finished: Callable[[Connection, Run], None] = lambda _connection, _run: None
    committed: Callable[[Committed], None] = lambda _: None
    stop: threading.Event = field(default_factory=threading.Event)
    _progress: int = 0
    # The number under which this worker held chunks last.
    _number: int | None = None
    _suspect: Lease | None = None

    def work(self, *, to_the_end: bool = True) -> None:
        """Process chunks until none waits, or, `to_the_end`, until the run is done, or until `stop` is set.

        Raises:
            RunStoppedError: the store or a chunk failed `attempts` times in a row.
        """
        ended = False
        while not ended and not self.stop.is_set():
            try:
                for attempt in self._retrying():
                    with attempt, self._scope():
                        ended = self._session(to_the_end=to_the_end)
            except SYSTEMIC as problem:
                raise RunStoppedError(
                    f"run {self.run.run_id} stopped after {self.patience.attempts} attempts: "
                    f"{type(problem).__name__}. Mend the cause, then: claimwright run."
                ) from problem

    def _retrying(self) -> Retrying:
        return Retrying(
            retry=retry_if_exception_type(SYSTEMIC),
            stop=stop_after_attempt(self.patience.attempts),
            wait=wait_random_exponential(
                multiplier=self.patience.first_seconds, max=self.patience.longest_seconds
            ),
            sleep=self._wait,
            before_sleep=_told_of_retry,
            reraise=True,
        )

    def _scope(self) -> AbstractContextManager[None]:
        return scope(
            tenant=self.caller.tenant, run_id=self.run.run_id, correlation_id=self.run.correlation_id
        )

    def _wait(self, seconds: float) -> None:
        self.stop.wait(seconds)

    def _session(self, *, to_the_end: bool) -> bool:
        """Work with one set of connections. True where there is nothing more to do.

        Raises:
            SYSTEMIC: a connection failed before anything was committed; after progress it returns False.
        """
        before = self._progress
        while self.breaker is not None and not self.breaker.allows():
            if self.stop.wait(_LOOK_SECONDS):
                return True
        try:
            with self.database.connect() as life, self.database.connect() as writing:
                with tenancy(life, self.caller):
                    worker = enlist(life, self.run.run_id)
                    if self._number is not None:
                        disown(life, self.run.run_id, self._number)
                self._number, self._suspect = worker, None
                if self.breaker is not None:
                    self.breaker.succeeded()
                return self._flow(life, writing, worker, to_the_end=to_the_end)
        except SYSTEMIC as problem:
            if self.breaker is not None and isinstance(problem, TRANSIENT):
                self.breaker.failed(problem)
            if self._progress > before:
                return False
            raise

    def _flow(self, life: Connection, writing: Connection, worker: int, *, to_the_end: bool) -> bool:
        while not self.stop.is_set():
            with Behind[_Computed](lambda done: self._write(writing, worker, done)) as behind:
                for done in spread(
                    self._compute, ahead(self._chunks(life, worker)), workers=self.processor.threads
                ):
                    if done.problem is not None:
                        self._return(done.lease, worker, done.problem)
                    else:
                        behind.put(done)
                    del done
            if (suspect := self._suspect) is not None:
                self._suspect = None
                self._work_alone(life, writing, suspect, worker)
                continue
            with self.database.transaction(self.caller) as connection:
                left = open_chunks(connection, self.run.run_id)
                if not left and close(connection, self.run.run_id):
                    self.finished(connection, self.run)
            if not left or not to_the_end:
                return True
            # Other workers hold what is left, or it waits to be tried again.
            self.stop.wait(0.2)
        return True

    def _chunks(self, life: Connection, worker: int) -> Iterator[_Fetched]:
        """Leased chunks, fetched, one ahead of those that are computed."""
        while not self.stop.is_set():
            begun = clock.seconds()
            with tenancy(life, self.caller):
                held = lease(life, self.run.run_id, worker, seconds=self.patience.lease_seconds)
            if held is None:
                return
            if self.trial is not None and held.crashes >= self.patience.crashes:
                # What else is under way ends first: who is lost over it then was lost over nothing else.
                self._suspect = held
                return
            work = self._fetch(life, held)
            yield _Fetched(held, work, clock.seconds() - begun)
            del work

    def _fetch(self, life: Connection, held: Lease) -> Work:
        with self._scope(), span("pipeline.fetch", chunk=held.chunk), tenancy(life, self.caller):
            work = fetch(life, held)
        with tenancy(life, self.caller):
            prepare_partitions(life, work)
        return work

    def _work_alone(self, life: Connection, writing: Connection, held: Lease, worker: int) -> None:
        """A chunk that has lost as many workers as one may, from its trial to its commit."""
        _LOG.warning("a chunk keeps losing its workers", chunk=held.chunk, attempts=held.crashes)
        begun = clock.seconds()
        try:
            verdict, problem = self._tried(life, held, worker)
            self._keep(life, held, worker, alone=True)
        except _InterruptedError:
            with tenancy(life, self.caller):
                give_back(life, held, worker, None, None)
            return
        work = self._fetch(life, held)
        done = self._compute(_Fetched(held, work, clock.seconds() - begun, verdict, problem))
        if done.problem is not None:
            self._return(held, worker, done.problem)
        else:
            self._write(writing, worker, done)

    def _tried(self, life: Connection, held: Lease, worker: int) -> tuple[Verdict | None, ChunkError | None]:
        """What is known of the claims of a suspect chunk: from trials, or from workers lost in spite of them.

        Raises:
            _InterruptedError: the worker is to stop, or the chunk is another's, or two by now.
        """
        assert self.trial is not None

        def before_each() -> None:
            # The trial is another process: who ends this one meanwhile ends it over something else.
            self._keep(life, held, worker, alone=False)

        before_each()
        with tenancy(life, self.caller):
            keys = keys_of(life, held)
        if keys and held.crashes_alone >= self.patience.crashes_alone:
            # Its trial is survived, and its workers are lost all the same: no further trial would tell more.
            if len(keys) == 1:
                return given_up(keys[0]), None
            with tenancy(life, self.caller):
                halve(life, held, worker, keys, crashes_alone=self.patience.crashes_alone)
            raise _InterruptedError
        try:
            return isolate(keys, self.trial, before_each=before_each), None
        except TrialError as failed:
            return None, ChunkError(failed.cause, len(keys))
        finally:
            self.trial.close()

    def _keep(self, life: Connection, held: Lease, worker: int, *, alone: bool) -> None:
        """Hold a chunk on.

        Raises:
            _InterruptedError: the worker is to stop, or the chunk is another's by now.
        """
        with tenancy(life, self.caller):
            kept = keep(life, held, worker, seconds=2 * self.patience.lease_seconds, alone=alone)
        if self.stop.is_set() or not kept:
            raise _InterruptedError

    def _compute(self, fetched: _Fetched) -> _Computed:
        """Everything that needs no store: the work of several chunks goes on at once."""
        # A thread of its own does not know what the work belongs to.
        with self._scope(), span("pipeline.chunk", chunk=fetched.lease.chunk, claims=len(fetched.work)):
            return self._computed(fetched)

    def _computed(self, fetched: _Fetched) -> _Computed:
        outcome = Outcome(seconds={"fetch": fetched.seconds})
        if fetched.problem is not None:
            return _Computed(fetched.lease, fetched.work, outcome, fetched.problem)
        if fetched.verdict is not None:
            return self._compute_survivors(fetched, fetched.verdict, outcome)
        begun = clock.seconds()
        batch = self._read(fetched.work)
        outcome.spent("read", clock.seconds() - begun)
        problem = None
        try:
            self.processor.process(fetched.work, batch, outcome)
        except ChunkError as failed:
            problem = failed
        return _Computed(fetched.lease, fetched.work, outcome, problem)

    def _compute_survivors(self, fetched: _Fetched, verdict: Verdict, outcome: Outcome) -> _Computed:
        """A chunk that was tried: what was survived, piece by piece as it was survived, and the dead."""
        problem = None
        try:
            pieces = [fetched.work.between(*keys) for keys in verdict.survived]
            if sum(map(len, pieces)) + len(verdict.dead) != len(fetched.work):
                # Claims were staged in its range since it was tried: it is fetched, and tried, anew.
                raise ChunkError(LeaseLostError.__name__, len(fetched.work))
            for piece in pieces:
                self.processor.process(piece, None, outcome)
        except ChunkError as failed:
            problem = failed
        outcome.dead += verdict.dead
        return _Computed(fetched.lease, fetched.work, outcome, problem)

    def _read(self, work: Work) -> ClaimBatch | None:
        """The claims; None where they don't read: which of them it is, the halves of the chunk will tell."""
        if not len(work):
            return None
        try:
            return self.processor.read(work)
        except SYSTEMIC:
            raise
        except Exception:  # noqa: BLE001 - told when the halves are read
            return None

    def _write(self, connection: Connection, worker: int, done: _Computed) -> None:
        with self._scope(), span("pipeline.write", chunk=done.lease.chunk, claims=len(done.work)):
            self._written(connection, worker, done)

    def _written(self, connection: Connection, worker: int, done: _Computed) -> None:
        try:
            with tenancy(connection, self.caller):
                committed = write(
                    connection,
                    self.run,
                    done.lease,
                    worker,
                    done.work,
                    done.outcome,
                    again=self._again,
                    notices=self.notices,
                )
        except LeaseLostError:
            # Another worker has it, or its claims are to be fetched anew: what was computed is dropped.
            with tenancy(connection, self.caller):
                give_back(connection, done.lease, worker, LeaseLostError.__name__, None)
            _LOG.warning("a lease was lost", chunk=done.lease.chunk)
            return
        self._progress += 1
        self.committed(committed)

    def _again(self, work: Work) -> Outcome:
        outcome = Outcome()
        self.processor.process(work, None, outcome)
        return outcome

    def _return(self, held: Lease, worker: int, problem: ChunkError) -> None:
        """Let a chunk that failed as a whole wait its turn; after too many failures the run stops.

        Raises:
            RunStoppedError: it has failed too often.
        """
        failures = held.failures + 1
        _LOG.warning("a chunk failed", chunk=held.chunk, error_class=problem.cause, attempt=failures)
        state = RetryCallState(self._retrying(), None, (), {})
        state.attempt_number = failures
        wait = wait_random_exponential(
            multiplier=self.patience.first_seconds, max=self.patience.longest_seconds
        )(state)
        with self.database.transaction(self.caller) as connection:
            give_back(connection, held, worker, problem.cause, clock.now() + datetime.timedelta(seconds=wait))
        if failures >= self.patience.attempts:
            raise RunStoppedError(
                f"run {self.run.run_id}: {problem} {failures} times. Mend the cause, then: claimwright run."
            )


def _told_of_retry(state: RetryCallState) -> None:
    problem = state.outcome.exception() if state.outcome else None
    METRICS().retried(type(problem).__name__)
    _LOG.warning("trying again", error_class=type(problem).__name__, attempt=state.attempt_number)


@dataclass(frozen=True)
class _Fetched:
    lease: Lease
    work: Work
    seconds: float
    verdict: Verdict | None = None
    problem: ChunkError | None = None


@dataclass(frozen=True)
class _Computed:
    lease: Lease
    work: Work
    outcome: Outcome
    problem: ChunkError | None = None
