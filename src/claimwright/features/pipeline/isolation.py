"""Claims that crash the process that works on them: quarantined by bisection, in another process.

A crashed worker can't report the cause. A chunk that several lost workers held is suspect: its claims are
first computed in a trial process, which writes nothing. A batch that crashes the trial process is bisected,
and the halves are tried again in a new process. So the worker survives, a faulty claim is isolated after as
many crashes as its chunk can be bisected, and the other claims continue.

A batch can survive its trial and still crash the worker: because memory is short while other chunks are
processed, or while it is written. So after its trial a chunk is processed alone. If it crashes workers even
then, it is bisected permanently, in the store; its last claim is quarantined without a known cause.
"""

from __future__ import annotations

import select
import signal
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from claimwright.domain.caller import Caller
from claimwright.foundation.errors import StoreError
from claimwright.platform.database import Database, csv_of
from claimwright.platform.observability import get_logger
from claimwright.store.dead_letters import Dead
from claimwright.store.staged_claims import fetch

from .chunk import Outcome
from .processing import ChunkError, Processor

_LOG = get_logger("pipeline.isolation")

READY, SURVIVED = "ready", "ok"
_NO_ANSWER = "no answer in time"
# Reason if the cause of the crash is unknown, because it did not happen in the trial.
OUTSIDE_OF_TRIAL = "not in its trial"
# A process loads its rules, prices and model before it reports ready; on a busy machine, this takes a while.
_START_SECONDS = 120.0


class TrialError(StoreError):
    """A trial is not possible, for a reason unrelated to the claims; `cause` is a word for it."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"claims can't be tried in a separate process: {cause}")
        self.cause = cause


class Trial(Protocol):
    """Computes claims in a process that they may crash."""

    def fate(self, first_key: int, last_key: int) -> str | None:
        """None if the process survives computing the staged claims of these keys; otherwise how it ended, in
        one word.

        Raises:
            TrialError: the trial was not possible.
        """

    def close(self) -> None:
        """Release the resources of trials, until the next one."""


@dataclass
class Verdict:
    """The key ranges that survived, each as it was tried, and the faulty claims."""

    survived: list[tuple[int, int]] = field(default_factory=list)
    dead: list[Dead] = field(default_factory=list)


def bisect(keys: Sequence[int], trial: Trial, *, before_each: Callable[[], None]) -> Verdict:
    """Try the claims with these sorted keys; isolate each claim that crashes the process.

    `before_each` is called before every trial, to extend the lease; it can raise an exception to stop.

    Raises:
        TrialError: a trial was not possible.
    """
    verdict = Verdict()
    # Ranges that are still to be tried; the last one is next.
    waiting = [(0, len(keys))] if keys else []
    while waiting:
        first, last = waiting.pop()
        before_each()
        end = trial.fate(keys[first], keys[last - 1])
        if end is None:
            verdict.survived.append((keys[first], keys[last - 1]))
        elif last - first == 1:
            _LOG.error("a claim crashes the process that works on it", claim_key=keys[first], state=end)
            verdict.dead.append(Dead(keys[first], "WorkerCrashed", end))
        else:
            middle = (first + last) // 2
            waiting += [(middle, last), (first, middle)]
    return verdict


def quarantined(claim_key: int) -> Verdict:
    """The result for a claim that survives its trials but crashes workers that process nothing else."""
    _LOG.error("a claim crashes its workers, but not its trials", claim_key=claim_key)
    return Verdict(dead=[Dead(claim_key, "WorkerCrashed", OUTSIDE_OF_TRIAL)])


class ProcessTrial:
    """Trials in a child process that is restarted after each crash. Close it at the end.

    The process writes `ready`, and then for each line with two keys either `ok` or a word for why it could
    not try. If it ends instead, or does not respond within `seconds`, the claims are at fault.
    """

    def __init__(self, command: Sequence[str], *, seconds: float) -> None:
        self._command, self._seconds = list(command), seconds
        self._process: subprocess.Popen[bytes] | None = None

    def fate(self, first_key: int, last_key: int) -> str | None:
        """Compute these claims in the child process; None if it survives, otherwise how it ended.

        Raises:
            TrialError: the process can't be started, or could not try.
        """
        process = self._process or self._begun()
        assert process.stdin is not None
        try:
            process.stdin.write(f"{first_key} {last_key}\n".encode())
            process.stdin.flush()
            answer = self._answer(process, self._seconds)
        except BrokenPipeError:
            answer = ""
        if answer == SURVIVED:
            return None
        if answer:
            raise TrialError(answer)
        if answer is None:
            self.close()
            return _NO_ANSWER
        return self._ended(process)

    def close(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()

    def _begun(self) -> subprocess.Popen[bytes]:
        process = self._process = subprocess.Popen(  # noqa: S603 - our own program, no shell
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        if self._answer(process, _START_SECONDS) != READY:
            self.close()
            raise TrialError("TrialNotReady")
        return process

    def _answer(self, process: subprocess.Popen[bytes], seconds: float) -> str | None:
        """A line from the process; empty if it has ended, None if it did not respond in time."""
        assert process.stdout is not None
        said, _, _ = select.select([process.stdout], [], [], seconds)
        return process.stdout.readline().decode().strip() if said else None

    def _ended(self, process: subprocess.Popen[bytes]) -> str:
        """How the process ended: the signal that killed it, its exit status, or that it had to be killed."""
        try:
            # Its end of the pipe is closed before the process has ended; on a busy machine, or while a core
            # dump is written, that takes a while.
            status = process.wait(self._seconds)
        except subprocess.TimeoutExpired:
            self.close()
            return _NO_ANSWER
        self.close()
        if status >= 0:
            return f"exit status {status}"
        known = {each.value: each.name for each in signal.Signals}
        return known.get(-status, f"signal {-status}")


def try_claims(
    caller: Caller, database: Database, processor: Processor, asked: Iterable[str], say: Callable[[str], None]
) -> None:
    """The child's side of `ProcessTrial`: for each line with two keys, compute the claims.

    Does not write to the store.
    """
    say(READY)
    for line in asked:
        first_key, last_key = map(int, line.split())
        outcome = Outcome()
        try:
            with database.transaction(caller) as connection:
                work = fetch(connection, first_key, last_key)
            processor.process(work, None, outcome)
            for _, made in outcome.results:
                for frame in (made.claims, made.lines, made.findings, made.events):
                    csv_of(frame)
        except ChunkError:
            # An exception, not a crash: the worker will get the same exception and report it.
            pass
        except processor.systemic as problem:
            say(type(problem).__name__)
            continue
        say(SURVIVED)
