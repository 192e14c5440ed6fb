"""Builds the workers of a run from settings; the loop in which a process works on one run after another."""

from __future__ import annotations

import datetime
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .audit_signing import sign_audit_logs, signing_hourly
from .predictions import make_predictor
from .stores import open_sealer

if TYPE_CHECKING:
    from claimwright.domain.caller import Caller
    from claimwright.features.claims import RunView
    from claimwright.features.pipeline import Run, Worker
    from claimwright.features.prediction import StoredPast
    from claimwright.platform.breakers import Breaker
    from claimwright.platform.database import Database
    from claimwright.platform.settings import Settings

    from .supervision import Supervised

# How often an unavailable store is tried again.
_LOOK_SECONDS = 0.2


@dataclass
class Workshop:
    """Creates the workers of a caller's runs.

    Attributes:
        helper: the command of a process that helps with a run; with `--trial` appended, of a process that
            computes the claims named on its standard input. Without it, claims are not tested in separate
            processes.
        notify: called for whatever can't be used, such as a champion that can't be read.
    """

    caller: Caller
    settings: Settings
    database: Database
    stop: threading.Event = field(default_factory=threading.Event)
    helper: Callable[[Run], Sequence[str]] | None = None
    notify: Callable[[str], None] = lambda _: None
    # The claim history for predictions, kept from one run to the next.
    _past: StoredPast | None = None

    def worker(self, run: Run, *, alone: bool = True) -> Worker:
        """A worker of the run; `alone` if no other process of this machine works on it.

        Raises:
            PhiError: the keys can't be loaded.
            PolicyError: the review policy can't be used.
        """
        from claimwright.features.pipeline import (
            SYSTEMIC,
            Assignment,
            AuditEvents,
            Patience,
            ProcessTrial,
            Reports,
            Safeguards,
            Thresholds,
            Worker,
            ready,
        )
        from claimwright.features.prediction import StoredPast
        from claimwright.foundation.overlap import WORKERS

        from .checkers import stored_waivers

        caller, wanted = self.caller, self.settings.pipeline
        sealer = open_sealer(self.settings, self.database)
        if self._past is None:
            self._past = StoredPast(caller, self.database, sealer, counted=True)
        processor = ready(
            sealer,
            tenant=caller.tenant,
            run_id=run.run_id,
            as_of=run.as_of,
            thresholds=Thresholds(wanted.high_value_cents, confidence_floor=wanted.confidence_floor),
            predictor=make_predictor(
                caller, self.settings, self.database, run.as_of, self._past, notify=self.notify
            ),
            systemic=SYSTEMIC,
            # Several processes already use all processors of the machine.
            threads=WORKERS if alone else 1,
            waivers=stored_waivers(caller, self.database, run.as_of),
        )
        patience = Patience(
            attempts=wanted.attempts,
            first_seconds=wanted.retry_first_seconds,
            longest_seconds=wanted.retry_longest_seconds,
            lease_seconds=wanted.lease_seconds,
            crashes=wanted.crashes,
            crashes_alone=wanted.crashes_alone,
        )
        events = AuditEvents(caller)
        trial = None
        if self.helper is not None:
            trial = ProcessTrial([*self.helper(run), "--trial"], seconds=wanted.lease_seconds)
        return Worker(
            Assignment(caller, self.database, run),
            processor,
            patience,
            Reports(events, events.finished),
            Safeguards(trial),
            self.stop,
        )

    def try_claims(self, run: Run) -> None:
        """Compute the claims named on standard input. They may crash this process; it writes nothing."""
        from claimwright.features.pipeline import try_claims

        def say(word: str) -> None:
            sys.stdout.write(f"{word}\n")
            sys.stdout.flush()

        processor = self.worker(run, alone=False).processor
        try_claims(self.caller, self.database, processor, sys.stdin, say)

    @contextmanager
    def helped(self, run: Run, count: int, others: Supervised | None) -> Iterator[None]:
        """Further processes that help with the run until no chunk is waiting: the supervised ones.

        Without supervision, they are started for this run.
        """
        if count < 1:
            yield
        elif others is not None:
            others.call(count)
            yield
            others.await_others()
        elif self.helper is None:
            yield
        else:
            command = list(self.helper(run))
            helpers = [subprocess.Popen(command) for _ in range(count)]  # noqa: S603 - our own program
            try:
                yield
            except BaseException:
                for each in helpers:
                    each.terminate()
                raise
            finally:
                for each in helpers:
                    each.wait()


@dataclass
class RunLoop:
    """Works on the open run, or starts one; when watching, on one after another.

    Attributes:
        processes: maximum number of processes that work on a run.
        watch: whether to wait for claims that arrive.
        as_of: the evaluation date of a new run; by default today.
        others: the processes that are supervised together with this one.
        around: a context around the work on a run, such as a progress bar.
        report: called with the result of each run.
        idle: called if nothing is staged and `watch` is off.
    """

    workshop: Workshop
    processes: int = 1
    watch: bool = False
    as_of: datetime.date | None = None
    others: Supervised | None = None
    around: Callable[[Worker], AbstractContextManager[None]] = lambda _: nullcontext()
    report: Callable[[RunView], None] = lambda _: None
    idle: Callable[[], None] = lambda: None
    _index_done: bool = False

    def work(self) -> int:
        """Work until there is nothing more to do. Returns the number of dead letters of the runs.

        Raises:
            RunStoppedError: a run can't continue; it can be resumed. When watching, an unavailable store is
                waited for instead.
        """
        shop = self.workshop
        with signing_hourly(lambda: [shop.caller], shop.settings, shop.database, shop.notify):
            return self._work()

    def _work(self) -> int:
        from claimwright.features.pipeline import TRANSIENT, RunStoppedError

        breaker = store_breaker(self.workshop.caller, self.workshop.settings, self.workshop.database)
        stop, dead = self.workshop.stop, 0
        while not stop.is_set():
            try:
                left = self._one_run(breaker)
            except TRANSIENT as problem:
                if not self.watch:
                    raise
                breaker.failed(problem)
                self._rest(breaker)
                continue
            except RunStoppedError as problem:
                if not (self.watch and isinstance(problem.__cause__, TRANSIENT)):
                    raise
                # The store is unavailable and the claims wait in it; when watching, wait for it.
                self._rest(breaker)
                continue
            if left is None and not self.watch:
                if not dead:
                    self.idle()
                break
            dead += left or 0
            if left is not None and not self.watch:
                break
        return dead

    def help(self) -> None:
        """Work on the first process's run whenever it calls, until `stop` is set.

        Raises:
            RunStoppedError: a run can't continue.
        """
        from claimwright.features.pipeline import TRANSIENT, RunStoppedError, open_run

        assert self.others is not None
        while True:
            try:
                with self.workshop.database.transaction(self.workshop.caller) as connection:
                    found = open_run(connection)
                if found is not None:
                    self.help_with(found)
            except TRANSIENT:
                if not self.watch:
                    raise
            except RunStoppedError as problem:
                # The first worker waits for the unavailable store and calls again.
                if not (self.watch and isinstance(problem.__cause__, TRANSIENT)):
                    raise
            if not self.others.called(self.workshop.stop):
                return

    def help_with(self, run: Run) -> None:
        """Work on a run together with others until no chunk is waiting."""
        worker = self.workshop.worker(run, alone=False)
        with self.around(worker):
            worker.work(to_the_end=False)

    def begin(self) -> Run | None:
        """The open run, or a new one; None if nothing is staged."""
        from claimwright.features.pipeline import begin_run

        shop = self.workshop
        with shop.database.transaction(shop.caller) as connection:
            return begin_run(connection, chunk_claims=shop.settings.pipeline.chunk_claims, as_of=self.as_of)

    def _one_run(self, breaker: Breaker) -> int | None:
        """The number of dead letters of the processed run; None if nothing is staged."""
        from claimwright.features.claims import runs
        from claimwright.features.pipeline import open_chunks

        shop = self.workshop
        found = self.begin()
        breaker.succeeded()
        if found is None:
            if self.watch:
                self._bring_in_items()
                shop.stop.wait(shop.settings.pipeline.poll_seconds)
            return None
        with shop.database.transaction(shop.caller) as connection:
            count = min(self.processes, open_chunks(connection, found.run_id))
        with shop.helped(found, count - 1, self.others):
            worker = shop.worker(found, alone=count <= 1)
            worker.safeguards.breaker = breaker
            with self.around(worker):
                worker.work()
        with shop.database.transaction(shop.caller) as connection:
            view = runs(connection, run_id=found.run_id)[0]
        sign_audit_logs([shop.caller], shop.settings, shop.database, shop.notify)
        self.report(view)
        return view.dead

    def _bring_in_items(self) -> None:
        """Between runs, what waits for a person gets its work item, so that no reader of the queue waits."""
        from .reviews import gather

        shop = self.workshop
        gather(shop.caller, shop.settings, shop.database, is_stopped=shop.stop.is_set)
        self._index_claims()

    def _index_claims(self) -> None:
        """Claims that came before these were indexed are found by their member, patient and NPI as well."""
        from claimwright.features.intake import index_claims
        from claimwright.foundation.errors import ClaimwrightError

        shop = self.workshop
        while not (self._index_done or shop.stop.is_set()):
            try:
                sealer = open_sealer(shop.settings, shop.database)
                with shop.database.transaction(shop.caller) as connection:
                    self._index_done = not index_claims(shop.caller, connection, sealer)
            except ClaimwrightError as problem:
                # Said once: it keeps nobody from working.
                self._index_done = True
                shop.notify(f"earlier claims are not indexed by member, patient and NPI: {problem}")

    def _rest(self, breaker: Breaker) -> None:
        """Do not call an unavailable store while its breaker is open."""
        stop = self.workshop.stop
        stop.wait(self.workshop.settings.pipeline.retry_first_seconds)
        while not breaker.allows() and not stop.wait(_LOOK_SECONDS):
            pass


def store_breaker(caller: Caller, settings: Settings, database: Database) -> Breaker:
    """The breaker of our own database: recorded on this machine, and in the database once it is back."""
    from claimwright.platform.breakers import Breaker, State, database_notifier_of, file_notifier_of

    note, publish = file_notifier_of(settings.home / "breakers"), database_notifier_of(caller, database)

    def notify(breaker: Breaker) -> None:
        note(breaker)
        if breaker.state is State.CLOSED:
            publish(breaker)

    wanted = settings.pipeline
    return Breaker("database", wanted.breaker_failures, wanted.breaker_seconds, notify)
