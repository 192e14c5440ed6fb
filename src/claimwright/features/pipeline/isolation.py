"""Claims that crash the process that works on them: quarantined by bisection, in another process.

A worker that crashes does not say why. A chunk that several lost workers held is suspect: its claims are
computed once in another process, which writes nothing, and a batch that crashes that process is bisected and
tried again in a new one. So the worker survives, a claim at fault is isolated after as many crashes as its
chunk can be bisected, and the other claims go on.

A batch may survive its trial and still crash the worker: for want of memory beside other chunks, or while it
is written. So after its trial a chunk is processed alone, and one that crashes workers even then is bisected
for good, in the store, which outlives the worker; its last claim is quarantined without a known cause.
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
# How it ended is not known: the process that could have said is gone.
OUTSIDE_OF_TRIAL = "not in its trial"
# A process loads its rules, prices and model before it says that it is ready; on a busy machine that takes a
# while.
_START_SECONDS = 120.0


class TrialError(StoreError):
    """No trial can be made, for a reason that is in no claim; `cause` is a word for it."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"claims can't be tried in a process of their own: {cause}")
        self.cause = cause


class Trial(Protocol):
    """Computes claims where it may die of them."""

    def fate(self, first_key: int, last_key: int) -> str | None:
        """None where computing the staged claims of these keys is survived; else how it ended, in a word.

        Raises:
            TrialError: it could not be tried.
        """

    def close(self) -> None:
        """Give back what trials need, until the next one."""


@dataclass
class Verdict:
    """Which ranges of keys are survived, each as it was tried, and which claims are at fault."""

    survived: list[tuple[int, int]] = field(default_factory=list)
    dead: list[Dead] = field(default_factory=list)


def bisect(keys: Sequence[int], trial: Trial, *, before_each: Callable[[], None]) -> Verdict:
    """Try the claims of these keys, which are in order; isolate each that crashes the process.

    `before_each` is called before every trial: to extend the lease, and to stop by an exception of its own.

    Raises:
        TrialError: a trial could not be made.
    """
    verdict = Verdict()
    # Halves that are still to be tried, the next one last.
    waiting = [(0, len(keys))] if keys else []
    while waiting:
        first, last = waiting.pop()
        before_each()
        end = trial.fate(keys[first], keys[last - 1])
        if end is None:
            verdict.survived.append((keys[first], keys[last - 1]))
        elif last - first == 1:
            _LOG.error("a claim ends the process that works on it", claim_key=keys[first], state=end)
            verdict.dead.append(Dead(keys[first], "WorkerCrashed", end))
        else:
            middle = (first + last) // 2
            waiting += [(middle, last), (first, middle)]
    return verdict


def quarantined(claim_key: int) -> Verdict:
    """The verdict on a claim that crashes workers that hold nothing else, and survives its trials."""
    _LOG.error("a claim ends its workers, but not its trials", claim_key=claim_key)
    return Verdict(dead=[Dead(claim_key, "WorkerCrashed", OUTSIDE_OF_TRIAL)])


class ProcessTrial:
    """Trials in a process of ours that is started again whenever it has crashed. Close it in the end.

    The process says `ready`, and then for each line with two keys either `ok` or, by a word of its own, why
    it could not try; where it ends instead, or says nothing for `seconds`, the claims are at fault.
    """

    def __init__(self, command: Sequence[str], *, seconds: float) -> None:
        self._command, self._seconds = list(command), seconds
        self._process: subprocess.Popen[bytes] | None = None

    def fate(self, first_key: int, last_key: int) -> str | None:
        """How computing these claims ends, in a process of its own.

        Raises:
            TrialError: the process can't be begun, or could not try.
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
        """End the process, where one is there."""
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
        """A line of the process; empty where it has ended, None where it says nothing for so long."""
        assert process.stdout is not None
        said, _, _ = select.select([process.stdout], [], [], seconds)
        return process.stdout.readline().decode().strip() if said else None

    def _ended(self, process: subprocess.Popen[bytes]) -> str:
        """How the process ended: the signal that killed it, its status, or that it had to be ended."""
        try:
            # Its end of the pipe is closed before it is gone: on a busy machine, or while its memory is
            # written to a file, that takes a while.
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
    """The other side of `ProcessTrial`: for each line with two keys, compute their claims; write nothing."""
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
            # It failed, and was survived: the worker will meet the same, and say so.
            pass
        except processor.systemic as problem:
            say(type(problem).__name__)
            continue
        say(SURVIVED)
