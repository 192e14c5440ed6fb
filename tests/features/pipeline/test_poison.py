"""Claims that kill the process that works on them: they come to stand alone, and their neighbours go on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from unittest.mock import patch

import psycopg
import pytest
from tests.database_server import Store
from tests.features.pipeline.bench_of_claims import (
    AS_OF,
    begun,
    called,
    contents,
    environment_of,
    rows,
    value,
    worker,
)
from tests.features.pipeline.conftest import Staging

from claimwright.engines.x12.claims837.records import Records
from claimwright.features.checking import Checker
from claimwright.features.pipeline import Patience, ProcessTrial, TrialError
from claimwright.features.pipeline.isolation import bisect
from claimwright.store.staged_claims import StagedClaims

POISON = 6

# Python runs a `sitecustomize` that it finds: so every process of the program meets the same end over the
# claims, as it would over a fault in a library. Claims are known by their place in the work. A run that is to
# be watched must not have loaded anything before it forks.
_DEADLY = """
import os, signal, sys
def arm():
    from claimwright.features.pipeline.processing import Processor
    real = Processor.open
    def deadly(self, work):
        if set(work.claims["claim_key"].to_list()) & {POISON} and WHERE:
            os.kill(os.getpid(), signal.SIGSEGV)
        return real(self, work)
    Processor.open = deadly
if "claimwright.apps.cli.main" in " ".join(sys.orig_argv):
    if {"--trial", "--join"} & set(sys.orig_argv):
        arm()
    else:
        os.register_at_fork(after_in_child=arm)
"""


class Fatal:
    """A trial that ends at some claims, and notes what was tried."""

    def __init__(self, *keys: int) -> None:
        self.deadly = set(keys)
        self.tried: list[tuple[int, int]] = []

    def fate(self, first_key: int, last_key: int) -> str | None:
        self.tried.append((first_key, last_key))
        return "SIGKILL" if self.deadly & set(range(first_key, last_key + 1)) else None

    def close(self) -> None:
        pass


def test_halves_are_tried_until_each_claim_at_fault_stands_alone() -> None:
    trial = Fatal(13, 14, 90)
    verdict = bisect(list(range(1, 101)), trial, before_each=lambda: None)
    assert [(each.claim_key, each.reason, each.detail) for each in verdict.dead] == [
        (key, "WorkerCrashed", "SIGKILL") for key in (13, 14, 90)
    ]
    survived = [key for first, last in verdict.survived for key in range(first, last + 1)]
    assert survived == [key for key in range(1, 101) if key not in {13, 14, 90}]
    # No more than two trials for each halving of a hundred, for each of three.
    assert len(trial.tried) <= 3 * 2 * 7 + 1


def test_what_is_survived_whole_is_tried_once() -> None:
    trial = Fatal()
    verdict = bisect([3, 9, 27], trial, before_each=lambda: None)
    assert (verdict.survived, verdict.dead, trial.tried) == ([(3, 27)], [], [(3, 27)])


class Lost(BaseException):
    """The end of a worker: nothing that it holds is given back, and its connections are gone."""


def lose_workers(
    waiting: Staging, checker: Checker, patience: Patience, trial: Fatal, *, chunk_claims: int
) -> int:
    """Run to the end with workers that are lost over one claim; returns how many were."""
    store, lost = waiting.store, 0
    while value(store, "select count(*) from staging.claims"):
        with store.open() as database:
            each = worker(database, waiting.sealer, begun(database, chunk_claims), checker, patience=patience)
            each.safeguards.trial, opening = trial, each.processor.open

            def deadly(work: StagedClaims, opening: Callable[[StagedClaims], Records] = opening) -> Records:
                if POISON in work.claims["claim_key"]:
                    raise Lost
                return opening(work)

            try:
                with patch.object(each.processor, "open", deadly):
                    each.work()
            except Lost:
                lost += 1
        assert lost < 20, "nobody bounds the losses"
    return lost


def test_a_claim_that_kills_workers_but_survives_its_trials_is_given_up_alone_after_so_many_losses(
    waiting: Staging, checker: Checker, undisturbed: dict[str, tuple[int, str]]
) -> None:
    store, trial = waiting.store, Fatal()
    lost = lose_workers(waiting, checker, Patience(crashes=2, crashes_alone=2), trial, chunk_claims=40)
    # Two until the chunk of 40 is suspected, two until it is halved; then one for each of the halves with 20,
    # 10, 5 and 2 claims, and two for the claim alone.
    assert lost == 2 + 2 + 4 + 2
    assert rows(store, "select claim_key, reason, detail from pipeline.dead_letters") == [
        (POISON, "WorkerCrashed", "not in its trial")
    ]
    # Every chunk that lost workers was tried, in each of its sizes.
    assert (1, 40) in trial.tried
    assert (POISON, POISON) in trial.tried
    # Neighbours went the way of all others, and no key is in two chunks.
    assert value(store, "select sum(claims) from pipeline.chunks") == undisturbed["production.claims"][0]
    assert value(store, "select sum(last_key - first_key + 1) from pipeline.chunks") == 160
    assert called(["dead-letters", "retry"], environment_of(store, waiting.folder)).returncode == 0
    with store.open() as database:
        worker(database, waiting.sealer, begun(database), checker).work()
    found = contents(store)
    assert {table: found[table] for table in found if table != "production.claim_events"} == {
        table: undisturbed[table] for table in undisturbed if table != "production.claim_events"
    }


def test_a_connection_that_is_lost_again_and_again_is_held_against_no_claim(
    waiting: Staging, checker: Checker, undisturbed: dict[str, tuple[int, str]]
) -> None:
    trial = Fatal()
    with waiting.store.open() as database:
        patience = Patience(attempts=9, first_seconds=0.01, longest_seconds=0.02, crashes=1, crashes_alone=1)
        each = worker(database, waiting.sealer, begun(database, 80), checker, patience=patience)
        each.safeguards.trial, opening, cut = trial, each.processor.open, [0]

        def cutting(work: StagedClaims) -> Records:
            if cut[0] < 6:
                cut[0] += 1
                raise psycopg.OperationalError
            return opening(work)

        with patch.object(each.processor, "open", cutting):
            each.work()
    assert cut == [6]
    assert trial.tried == []
    assert value(waiting.store, "select sum(crashes + crashes_alone) from pipeline.chunks") == 0
    assert contents(waiting.store) == undisturbed


def test_a_worker_that_is_lost_during_a_trial_is_lost_over_no_claim(
    waiting: Staging, checker: Checker, undisturbed: dict[str, tuple[int, str]]
) -> None:
    class Losing(Fatal):
        """Survived, but for the workers that wait for it: three are lost meanwhile, and two before."""

        def fate(self, first_key: int, last_key: int) -> str | None:
            super().fate(first_key, last_key)
            if len(self.tried) <= 3:
                raise Lost
            return None

    store, trial, lost = waiting.store, Losing(), 0
    while value(store, "select count(*) from staging.claims"):
        with store.open() as database:
            each = worker(
                database, waiting.sealer, begun(database, 40), checker,
                patience=Patience(crashes=2, crashes_alone=2),
            )  # fmt: skip
            each.safeguards.trial = trial
            dying = patch.object(each.processor, "open", side_effect=Lost)
            try:
                with dying if lost < 2 else nullcontext():
                    each.work()
            except Lost:
                lost += 1
    assert lost == 2 + 3
    # Once more it is survived; the chunk that was fetched beside it may have lost its workers as well.
    assert len(trial.tried) in {4, 5}
    assert value(store, "select sum(crashes_alone) from pipeline.chunks") == 0
    # Had those three been laid to the chunk, it would be two chunks by now.
    assert value(store, "select count(*) from pipeline.chunks") == 4
    assert contents(store) == undisturbed


def trying(script: str, seconds: float = 240) -> ProcessTrial:
    return ProcessTrial([sys.executable, "-c", script], seconds=seconds)


@pytest.mark.parametrize(
    ("script", "end"),
    [
        ("print('ready', flush=True); input(); print('ok', flush=True)", None),
        ("import os; print('ready', flush=True); input(); os.abort()", "SIGABRT"),
        ("print('ready', flush=True); input(); raise SystemExit(3)", "exit status 3"),
        ("import time; print('ready', flush=True); time.sleep(600)", "no answer in time"),
    ],
    ids=["survives", "is killed", "ends", "hangs"],
)
def test_how_a_trial_ends_is_told_in_a_word(script: str, end: str | None) -> None:
    trial = trying(script, 0.2 if end == "no answer in time" else 240)
    assert trial.fate(1, 2) == end
    trial.close()


@pytest.mark.parametrize(
    ("script", "cause"),
    [
        ("raise SystemExit", "TrialNotReady"),
        ("print('ready', flush=True); input(); print('OperationalError', flush=True)", "OperationalError"),
    ],
)
def test_a_trial_that_can_not_be_made_blames_no_claim(script: str, cause: str) -> None:
    trial = trying(script)
    with pytest.raises(TrialError, match=cause):
        trial.fate(1, 2)
    trial.close()


def run(
    store: Store, folder: Path, *, chunk: int = 4, where: str = "True", **more: str
) -> subprocess.CompletedProcess[str]:
    (folder / "sitecustomize.py").write_text(_DEADLY.replace("POISON", str(POISON)).replace("WHERE", where))
    environment = environment_of(store, folder, CLAIMWRIGHT_PIPELINE_CHUNK_CLAIMS=str(chunk), **more)
    environment["PYTHONPATH"] = f"{folder}:{environment.get('PYTHONPATH', '')}"
    return called(["run", "--workers", "1", "--as-of", str(AS_OF), "--quiet"], environment)


@pytest.mark.slow
def test_a_claim_that_kills_its_workers_becomes_a_dead_letter_and_its_neighbours_go_on(
    waiting: Staging, checker: Checker, undisturbed: dict[str, tuple[int, str]], tmp_path: Path
) -> None:
    store = waiting.store
    # The keys of the store are in the folder in which the claims were sealed.
    (tmp_path / "home").symlink_to(waiting.folder / "home")
    ended = run(store, tmp_path)
    # The process dies as often as the setting allows; then the claims are found without its death.
    assert (ended.returncode, ended.stderr.splitlines()) == (
        1,
        [
            "the worker process was ended by SIGSEGV; a new process continues",
            "the worker process was ended by SIGSEGV, 2 in a row; a new process continues",
        ],
    )
    assert rows(store, "select claim_key, reason, detail from pipeline.dead_letters order by 1") == [
        (POISON, "WorkerCrashed", "SIGSEGV")
    ]
    assert value(store, "select max(crashes) from pipeline.chunks") == 2
    produced = value(store, "select count(*) from production.claims")
    assert produced == undisturbed["production.claims"][0] - 1
    # Mended and tried again, they go the way of all others.
    environment = environment_of(store, tmp_path)
    assert called(["dead-letters", "retry"], environment).returncode == 0
    with store.open() as database:
        worker(database, waiting.sealer, begun(database), checker).work()
    found = contents(store)
    assert {table: found[table] for table in found if table != "production.claim_events"} == {
        table: undisturbed[table] for table in undisturbed if table != "production.claim_events"
    }


@pytest.mark.slow
@pytest.mark.long
def test_a_claim_that_kills_workers_outside_of_their_trials_stops_no_run(
    waiting: Staging, undisturbed: dict[str, tuple[int, str]], tmp_path: Path
) -> None:
    store = waiting.store
    (tmp_path / "home").symlink_to(waiting.folder / "home")
    once = {"CLAIMWRIGHT_PIPELINE_CRASHES": "1", "CLAIMWRIGHT_PIPELINE_CRASHES_ALONE": "1"}
    ended = run(store, tmp_path, chunk=2, where='"--trial" not in sys.orig_argv', **once)
    # One until the chunk of two is suspected, one until it is halved, one for the claim alone.
    assert (ended.returncode, ended.stderr.count("a new process continues")) == (1, 3)
    assert rows(store, "select claim_key, reason, detail from pipeline.dead_letters") == [
        (POISON, "WorkerCrashed", "not in its trial")
    ]
    assert value(store, "select count(*) from production.claims") == undisturbed["production.claims"][0] - 1
    assert value(store, "select count(*) from staging.claims") == 0
