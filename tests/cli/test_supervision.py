"""A command that works in a process of its own: lost, it is begun again; asked to stop, it is asked once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks safely here")

# Each process that is begun leaves a mark, so that the next one knows the how manieth it is.
_BEGINNING = """
import os, signal, sys, time
from pathlib import Path
from claimwright.apps.cli.supervision import supervised
told = supervised(2)
marks = Path(sys.argv[1])
with marks.open("a") as file:
    file.write("x")
begun = len(marks.read_text())
"""
_ASKED_ONCE = """
def stopped(number, _):
    told.asked_to_stop()
    signal.signal(number, signal.SIG_DFL)
    print("asked", flush=True)
signal.signal(signal.SIGTERM, stopped)
print("ready", flush=True)
for _ in range(100):
    time.sleep(0.02)
    if told.requests:
        time.sleep(0.5)
        break
"""

Begin = Callable[[str], subprocess.Popen[str]]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    started = []

    def beginning(script: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", _BEGINNING + script, str(tmp_path / "marks")],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield beginning
    for each in started:
        if each.poll() is None:
            os.killpg(each.pid, signal.SIGKILL)
        each.communicate()


def test_a_process_that_a_signal_ends_is_followed_by_another_and_its_status_counts(begin: Begin) -> None:
    process = begin("os.abort() if begun == 1 else os.kill(os.getpid(), 9) if begun == 2 else sys.exit(1)")
    _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert said.splitlines() == [
        "the worker process was ended by SIGABRT; another one goes on",
        "the worker process was ended by SIGKILL, 2 in a row; another one goes on",
    ]


def test_processes_that_get_nowhere_are_begun_again_so_often_and_no_more(
    begin: Begin, tmp_path: Path
) -> None:
    process = begin("os.abort()")
    _, said = process.communicate(timeout=30)
    assert process.returncode == 2
    assert (tmp_path / "marks").read_text() == "xxx"
    assert "SIGABRT, 3 in a row, and no chunk was done in between" in said.splitlines()[-1]


def test_losses_between_which_something_is_done_are_not_in_a_row(begin: Begin) -> None:
    process = begin("begun % 2 and told.progressed(); begun == 7 and sys.exit(0); os.abort()")
    _, said = process.communicate(timeout=30)
    assert process.returncode == 0
    assert said.count("another one goes on") == 6
    assert "3 in a row" not in said


@pytest.mark.parametrize("told_whom", [os.kill, os.killpg], ids=["the process", "its group"])
def test_a_request_to_stop_reaches_the_worker_exactly_once(
    begin: Begin, told_whom: Callable[[int, int], None]
) -> None:
    process = begin(_ASKED_ONCE)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    told_whom(process.pid, signal.SIGTERM)
    said, complaints = process.communicate(timeout=30)
    # The worker's second signal would have ended it.
    assert (process.returncode, said, complaints) == (0, "asked\n", "")


def test_a_second_request_ends_the_worker_and_the_command_as_that_signal_does(begin: Begin) -> None:
    process = begin(_ASKED_ONCE)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == "asked\n"
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGTERM


def test_the_worker_does_not_outlive_the_command(begin: Begin) -> None:
    process = begin("print('ready', flush=True); time.sleep(60)")
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.kill()
    # Both hold the pipe, and its end comes when both are gone.
    assert process.communicate(timeout=10)[0] == ""
