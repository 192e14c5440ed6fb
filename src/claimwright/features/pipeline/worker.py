"""A worker: leases chunks of a run and moves them to production, several at a time.

One thread leases and fetches the next chunk; others open, read, check, price, predict and route one chunk
each; another one writes and commits them in order. If the worker is killed, uncommitted chunks are leased to
another worker, and nothing of them was written. A chunk that has crashed workers is processed alone.
"""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterator
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
from claimwright.foundation import clock
from claimwright.foundation.errors import InterruptionError
from claimwright.foundation.overlap import Behind, ahead, spread
from claimwright.platform.database import Connection
from claimwright.platform.observability import METRICS, get_logger, span
from claimwright.store.production import prepare_partitions
from claimwright.store.runs import (
    Lease,
    bisect_chunk,
    close_run,
    extend_lease,
    lease_chunk,
    open_chunks,
    register_worker,
    release_chunk,
    revoke_leases,
    run_totals,
)
from claimwright.store.staged_claims import StagedClaims, fetch, keys_between

from .assignment import Assignment, Patience, Reports, Safeguards
from .chunk import Outcome
from .isolation import TrialError, Verdict, bisect, quarantined
from .processing import Blame, ChunkError, Processor
from .writing import LeaseLostError, commit

_LOG = get_logger("pipeline")

# Transient failures: the server is unavailable, restarts or is full, or two transactions deadlocked.
TRANSIENT = (psycopg.OperationalError, psycopg.InternalError, psycopg.InterfaceError)
# Failures that are never the fault of a claim.
SYSTEMIC = (*TRANSIENT, MemoryError)
# How often an open breaker is checked.
_LOOK_SECONDS = 0.2


class _InterruptedError(InterruptionError):
    """Stop processing a chunk: the worker must stop, or the chunk was reassigned or bisected."""


class RunStoppedError(InterruptionError):
    """A run can't continue by itself; it resumes when it is started again."""


@dataclass
class _State:
    """A worker's progress. `number` is the worker number under which it last held chunks."""

    committed: int = 0
    number: int | None = None
    suspect: Lease | None = None


@dataclass
class Worker:
    """One process's part in a run."""

    assignment: Assignment
    processor: Processor
    patience: Patience = field(default_factory=Patience)
    reports: Reports = field(default_factory=Reports)
    safeguards: Safeguards = field(default_factory=Safeguards)
    stop: threading.Event = field(default_factory=threading.Event)
    _state: _State = field(default_factory=_State, init=False, repr=False)

    def work(self, *, to_the_end: bool = True) -> None:
        """Process chunks until none is waiting, or with `to_the_end` until the run is done, or until `stop`
        is set.

        Raises:
            RunStoppedError: the store or a chunk failed `attempts` times in a row.
        """
        ended = False
        while not ended and not self.stop.is_set():
            try:
                for attempt in self._retrying():
                    with attempt, self.assignment.scope():
                        ended = self._session(to_the_end=to_the_end)
            except SYSTEMIC as problem:
                raise RunStoppedError(
                    f"run {self.assignment.run.run_id} stopped after {self.patience.attempts} attempts: "
                    f"{type(problem).__name__}. Correct the cause, then: claimwright run."
                ) from problem

    def _retrying(self) -> Retrying:
        return Retrying(
            retry=retry_if_exception_type(SYSTEMIC),
            stop=stop_after_attempt(self.patience.attempts),
            wait=wait_random_exponential(
                multiplier=self.patience.first_seconds, max=self.patience.longest_seconds
            ),
            sleep=self._wait,
            before_sleep=_log_retry,
            reraise=True,
        )

    def _wait(self, seconds: float) -> None:
        self.stop.wait(seconds)

    def _session(self, *, to_the_end: bool) -> bool:
        """Work with one set of connections. True if there is nothing more to do.

        Raises:
            SYSTEMIC: a connection failed before anything was committed; after progress it returns False.
        """
        before = self._state.committed
        while self.safeguards.breaker is not None and not self.safeguards.breaker.allows():
            if self.stop.wait(_LOOK_SECONDS):
                return True
        try:
            with self.assignment.database.connect() as life, self.assignment.database.connect() as writing:
                with self.assignment.on(life):
                    worker = register_worker(life, self.assignment.run.run_id)
                    if self._state.number is not None:
                        revoke_leases(life, self.assignment.run.run_id, self._state.number)
                self._state.number, self._state.suspect = worker, None
                if self.safeguards.breaker is not None:
                    self.safeguards.breaker.succeeded()
                return self._flow(life, writing, worker, to_the_end=to_the_end)
        except SYSTEMIC as problem:
            if self.safeguards.breaker is not None and isinstance(problem, TRANSIENT):
                self.safeguards.breaker.failed(problem)
            if self._state.committed > before:
                return False
            raise

    def _flow(self, life: Connection, writing: Connection, worker: int, *, to_the_end: bool) -> bool:
        while not self.stop.is_set():
            with Behind[_Computed](lambda done: self._write(writing, worker, done)) as behind:
                for done in spread(
                    self._compute, ahead(self._chunks(life, worker)), workers=self.processor.threads
                ):
                    if done.problem is not None:
                        self._release(done.lease, worker, done.problem)
                    else:
                        behind.put(done)
                    del done
            if (suspect := self._state.suspect) is not None:
                self._state.suspect = None
                self._work_alone(life, writing, suspect, worker)
                continue
            with self.assignment.transaction() as connection:
                left = open_chunks(connection, self.assignment.run.run_id)
                if not left and close_run(connection, self.assignment.run.run_id):
                    self.reports.finished(connection, self.assignment.run)
            if not left or not to_the_end:
                return True
            # Other workers have the remaining chunks, or these wait for a retry.
            self.stop.wait(0.2)
        return True

    def _chunks(self, life: Connection, worker: int) -> Iterator[_Fetched]:
        """Yield leased, fetched chunks; one is prefetched while others are computed."""
        while not self.stop.is_set():
            begun = clock.seconds()
            with self.assignment.on(life):
                held = lease_chunk(
                    life, self.assignment.run.run_id, worker, seconds=self.patience.lease_seconds
                )
            if held is None:
                return
            if self.safeguards.trial is not None and held.crashes >= self.patience.crashes:
                # Other chunks finish first, so that a later crash can be attributed to this chunk.
                self._state.suspect = held
                return
            work = self._fetch(life, held)
            yield _Fetched(held, work, clock.seconds() - begun, blame=self._blame(life, held))
            del work

    def _fetch(self, life: Connection, held: Lease) -> StagedClaims:
        with self.assignment.scope(), span("pipeline.fetch", chunk=held.chunk), self.assignment.on(life):
            work = fetch(life, held.first_key, held.last_key)
        with self.assignment.on(life):
            prepare_partitions(life, work.claims["received_on"].unique().to_list())
        return work

    def _blame(self, life: Connection, held: Lease) -> Blame | None:
        """Whether the claims of a chunk may be blamed; only at its last attempt."""
        if held.failures + 1 < self.patience.attempts:
            return None
        with self.assignment.on(life):
            totals = run_totals(life, self.assignment.run.run_id)
        return Blame(last_attempt=True, others_succeed=totals.produced + totals.review > 0)

    def _work_alone(self, life: Connection, writing: Connection, held: Lease, worker: int) -> None:
        """Process a chunk that has crashed the maximum number of workers, from its trial to its commit."""
        _LOG.warning("a chunk keeps crashing its workers", chunk=held.chunk, attempts=held.crashes)
        begun = clock.seconds()
        try:
            verdict, problem = self._attempt(life, held, worker)
            self._extend(life, held, worker, alone=True)
        except _InterruptedError:
            with self.assignment.on(life):
                release_chunk(life, held, worker, None, None)
            return
        work = self._fetch(life, held)
        blame = self._blame(life, held)
        done = self._compute(_Fetched(held, work, clock.seconds() - begun, verdict, problem, blame))
        if done.problem is not None:
            self._release(held, worker, done.problem)
        else:
            self._write(writing, worker, done)

    def _attempt(
        self, life: Connection, held: Lease, worker: int
    ) -> tuple[Verdict | None, ChunkError | None]:
        """Test the claims of a suspect chunk by trials, or decide from crashes despite earlier trials.

        Raises:
            _InterruptedError: the worker must stop, or the chunk was reassigned or bisected.
        """
        assert self.safeguards.trial is not None

        def before_each() -> None:
            # The trial runs in another process, so a crash of this one in the meantime is not the claims'
            # fault.
            self._extend(life, held, worker, alone=False)

        before_each()
        with self.assignment.on(life):
            keys = keys_between(life, held.first_key, held.last_key)
        if keys and held.crashes_alone >= self.patience.crashes_alone:
            # It survived its trial and still crashes workers: another trial would give the same result.
            if len(keys) == 1:
                return quarantined(keys[0]), None
            with self.assignment.on(life):
                bisect_chunk(life, held, worker, keys, crashes_alone=self.patience.crashes_alone)
            raise _InterruptedError
        try:
            return bisect(keys, self.safeguards.trial, before_each=before_each), None
        except TrialError as failed:
            return None, ChunkError(failed.cause, len(keys))
        finally:
            self.safeguards.trial.close()

    def _extend(self, life: Connection, held: Lease, worker: int, *, alone: bool) -> None:
        """Extend the lease of a chunk.

        Raises:
            _InterruptedError: the worker must stop, or the chunk was reassigned.
        """
        with self.assignment.on(life):
            extended = extend_lease(life, held, worker, seconds=2 * self.patience.lease_seconds, alone=alone)
        if self.stop.is_set() or not extended:
            raise _InterruptedError

    def _compute(self, fetched: _Fetched) -> _Computed:
        """All work that does not need the store; runs for several chunks concurrently."""
        # A new thread does not inherit the scope.
        with (
            self.assignment.scope(),
            span("pipeline.chunk", chunk=fetched.lease.chunk, claims=len(fetched.work)),
        ):
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
            self.processor.process(fetched.work, batch, outcome, fetched.blame)
        except ChunkError as failed:
            problem = failed
        return _Computed(fetched.lease, fetched.work, outcome, problem)

    def _compute_survivors(self, fetched: _Fetched, verdict: Verdict, outcome: Outcome) -> _Computed:
        """Process a tried chunk: the surviving ranges one by one, and the faulty claims as dead letters."""
        problem = None
        try:
            pieces = [fetched.work.between(*keys) for keys in verdict.survived]
            if sum(map(len, pieces)) + len(verdict.dead) != len(fetched.work):
                # Claims were staged in its range after the trial: fetch and try it again.
                raise ChunkError(LeaseLostError.__name__, len(fetched.work))
            for piece in pieces:
                self.processor.process(piece, None, outcome, fetched.blame)
        except ChunkError as failed:
            problem = failed
        outcome.dead += verdict.dead
        return _Computed(fetched.lease, fetched.work, outcome, problem)

    def _read(self, work: StagedClaims) -> ClaimBatch | None:
        """The claims; None if they can't be read. Bisection then finds the claims at fault."""
        if not len(work):
            return None
        try:
            return self.processor.read(work)
        except SYSTEMIC:
            raise
        except Exception:  # noqa: BLE001 - the halves are read one by one
            return None

    def _write(self, connection: Connection, worker: int, done: _Computed) -> None:
        with self.assignment.scope(), span("pipeline.write", chunk=done.lease.chunk, claims=len(done.work)):
            self._commit(connection, worker, done)

    def _commit(self, connection: Connection, worker: int, done: _Computed) -> None:
        try:
            with self.assignment.on(connection):
                committed = commit(
                    connection,
                    self.assignment.run,
                    done.lease,
                    worker,
                    done.work,
                    done.outcome,
                    again=self._again,
                    notices=self.reports.notices,
                )
        except LeaseLostError:
            # Another worker has it, or its claims must be fetched again: discard the computed results.
            with self.assignment.on(connection):
                release_chunk(connection, done.lease, worker, LeaseLostError.__name__, None)
            _LOG.warning("a lease was lost", chunk=done.lease.chunk)
            return
        self._state.committed += 1
        self.reports.committed(committed)
        if committed.dead > 1 and committed.dead == committed.claims:
            # Only one such chunk is given up per run, because the cause could still be external.
            reason = next(iter(committed.dead_reasons))
            raise RunStoppedError(
                f"run {self.assignment.run.run_id}: all {committed.dead:,} claims of chunk "
                f"{done.lease.chunk} failed with {reason}, {self.patience.attempts} times, and are dead "
                "letters. Correct the cause, then: claimwright dead-letters retry, claimwright run."
            )

    def _again(self, work: StagedClaims) -> Outcome:
        outcome = Outcome()
        self.processor.process(work, None, outcome)
        return outcome

    def _release(self, held: Lease, worker: int, problem: ChunkError) -> None:
        """Release a chunk that failed as a whole; after too many failures the run stops.

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
        with self.assignment.transaction() as connection:
            release_chunk(
                connection, held, worker, problem.cause, clock.now() + datetime.timedelta(seconds=wait)
            )
        if failures >= self.patience.attempts:
            raise RunStoppedError(
                f"run {self.assignment.run.run_id}: {problem} {failures} times. Correct the cause, then: "
                f"claimwright run. Or: claimwright runs give-up {self.assignment.run.run_id} {held.chunk}."
            )


def _log_retry(state: RetryCallState) -> None:
    problem = state.outcome.exception() if state.outcome else None
    METRICS().retried(type(problem).__name__)
    _LOG.warning("trying again", error_class=type(problem).__name__, attempt=state.attempt_number)


@dataclass(frozen=True)
class _Fetched:
    lease: Lease
    work: StagedClaims
    seconds: float
    verdict: Verdict | None = None
    problem: ChunkError | None = None
    blame: Blame | None = None


@dataclass(frozen=True)
class _Computed:
    lease: Lease
    work: StagedClaims
    outcome: Outcome
    problem: ChunkError | None = None
