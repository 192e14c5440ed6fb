"""A command that works in a process of its own: lost, it is begun again; asked to stop, it is asked once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")

# Each process that is begun leaves a mark, so that the next one knows the how manieth it is.
_BEGINNING = """
import os, signal, sys, time
from pathlib import Path
import claimwright.assembly.supervision as supervision
from claimwright.apps.cli.worker_processes import supervised
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
while not told.requests:
    time.sleep(0.02)
"""
# Time for a second signal, which would end the worker and must not come.
_AND_NO_MORE = "time.sleep(0.5)\n"
# A worker that does not end by itself.
_FOR_EVER = "import threading; threading.Event().wait()\n"

# Three workers, each with its own count of beginnings; none goes on before all have begun.
_THREE = """
import os, signal, sys, threading, time
from pathlib import Path
import claimwright.assembly.supervision as supervision
from claimwright.apps.cli.worker_processes import supervised
told = supervised(2, 3)
marks = Path(sys.argv[1]) / str(told.place)
marks.touch()
stop = threading.Event()
def stopped(number, _):
    told.asked_to_stop()
    signal.signal(number, signal.SIG_DFL)
    os.write(1, f"asked {told.place}\\n".encode())
    stop.set()
signal.signal(signal.SIGTERM, stopped)
marks.write_text(marks.read_text() + "x")
begun = len(marks.read_text())
while len(list(marks.parent.iterdir())) < 3:
    time.sleep(0.01)
"""

# Seconds after which a test says that a process hangs.
HANGS = 240

# Who is told with its group notices at once, unless the machine stalls for longer than one has to notice.
_NOTICE = {os.killpg: 300.0}

Begin = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    started = []

    def beginning(
        script: str, before: str = _BEGINNING, *, notice: float | None = None
    ) -> subprocess.Popen[str]:
        marks = tmp_path / "marks"
        if before != _BEGINNING:
            marks.mkdir()
        if notice is not None:
            before = before.replace("told = ", f"supervision._NOTICE_SECONDS = {notice}\ntold = ")
        process = subprocess.Popen(
            [sys.executable, "-c", before + script, str(marks)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield beginning
    for each in started:
        if each.poll() is None:
            os.killpg(each.pid, signal.SIGKILL)
        each.communicate()


def heard(process: subprocess.Popen[str], lines: int = 1) -> list[str]:
    """The next lines of the workers, in the order of the alphabet."""
    assert process.stdout is not None
    return sorted(process.stdout.readline() for _ in range(lines))


def await_ready(process: subprocess.Popen[str], workers: int = 1) -> None:
    assert heard(process, workers) == ["ready\n"] * workers


def test_a_process_that_a_signal_ends_is_followed_by_another_and_its_status_counts(begin: Begin) -> None:
    process = begin("os.abort() if begun == 1 else os.kill(os.getpid(), 9) if begun == 2 else sys.exit(1)")
    _, said = process.communicate(timeout=HANGS)
    assert process.returncode == 1
    assert said.splitlines() == [
        "the worker process was ended by SIGABRT; a new process continues",
        "the worker process was ended by SIGKILL, 2 in a row; a new process continues",
    ]


def test_processes_that_get_nowhere_are_begun_again_so_often_and_no_more(
    begin: Begin, tmp_path: Path
) -> None:
    process = begin("os.abort()")
    _, said = process.communicate(timeout=HANGS)
    assert process.returncode == 2
    assert (tmp_path / "marks").read_text() == "xxx"
    assert "SIGABRT, 3 in a row, with no chunk committed since then" in said.splitlines()[-1]


def test_losses_between_which_something_is_done_are_not_in_a_row(begin: Begin) -> None:
    process = begin("begun % 2 and told.progressed(); begun == 7 and sys.exit(0); os.abort()")
    _, said = process.communicate(timeout=HANGS)
    assert process.returncode == 0
    assert said.count("a new process continues") == 6
    assert "3 in a row" not in said


@pytest.mark.parametrize("told_whom", [os.kill, os.killpg], ids=["the process", "its group"])
def test_a_request_to_stop_reaches_the_worker_exactly_once(
    begin: Begin, told_whom: Callable[[int, int], None]
) -> None:
    process = begin(_ASKED_ONCE + _AND_NO_MORE, notice=_NOTICE.get(told_whom))
    await_ready(process)
    told_whom(process.pid, signal.SIGTERM)
    said, complaints = process.communicate(timeout=HANGS)
    # The worker's second signal would have ended it.
    assert (process.returncode, said, complaints) == (0, "asked\n", "")


def test_a_second_request_ends_the_worker_and_the_command_as_that_signal_does(begin: Begin) -> None:
    process = begin(_ASKED_ONCE + _FOR_EVER)
    await_ready(process)
    process.send_signal(signal.SIGTERM)
    assert heard(process) == ["asked\n"]
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=HANGS)
    assert process.returncode == -signal.SIGTERM


def test_the_worker_does_not_outlive_the_command(begin: Begin) -> None:
    process = begin("print('ready', flush=True)\n" + _FOR_EVER)
    await_ready(process)
    process.kill()
    # Both hold the pipe, and its end comes when both are gone.
    assert process.communicate(timeout=HANGS)[0] == ""


def test_each_of_several_workers_is_begun_again_and_the_first_one_says_how_it_ended(begin: Begin) -> None:
    process = begin(
        "told.place == 1 and begun < 3 and os.kill(os.getpid(), 9)\n"
        "told.place == 2 and begun < 2 and os.abort()\n"
        "told.place and (stop.wait(), sys.exit(0))\n"
        "while sum(len(each.read_text()) for each in marks.parent.iterdir()) < 6: time.sleep(0.01)\n"
        "sys.exit(1)",
        _THREE,
    )
    said, complaints = process.communicate(timeout=HANGS)
    assert process.returncode == 1
    assert sorted(complaints.splitlines()) == [
        "worker 2 of 3 was ended by SIGKILL, 2 in a row; a new process continues",
        "worker 2 of 3 was ended by SIGKILL; a new process continues",
        "worker 3 of 3 was ended by SIGABRT; a new process continues",
    ]
    # When the first is done, the others end as if asked to.
    assert sorted(said.splitlines()) == ["asked 1", "asked 2"]


def test_a_helper_that_gets_nowhere_is_done_without(begin: Begin, tmp_path: Path) -> None:
    process = begin(
        "told.place == 1 and os.abort()\n"
        "told.place and (stop.wait(), sys.exit(0))\n"
        "while not (marks.parent.parent / 'over').exists(): time.sleep(0.01)\n",
        _THREE,
    )
    assert process.stderr is not None
    complaints = [process.stderr.readline() for _ in range(3)]
    (tmp_path / "over").touch()
    process.communicate(timeout=HANGS)
    assert process.returncode == 0
    assert (tmp_path / "marks" / "1").read_text() == "xxx"
    assert complaints[-1] == (
        "worker 2 of 3 was ended by SIGABRT, 3 in a row, with no chunk committed since then; the others "
        "continue\n"
    )


def test_a_first_worker_that_gets_nowhere_takes_the_others_along(begin: Begin) -> None:
    process = begin("told.place or os.abort()\nstop.wait()", _THREE)
    said, complaints = process.communicate(timeout=HANGS)
    assert process.returncode == 2
    assert "worker 1 of 3 was ended by SIGABRT, 3 in a row" in complaints.splitlines()[-1]
    assert sorted(said.splitlines()) == ["asked 1", "asked 2"]


@pytest.mark.parametrize("told_whom", [os.kill, os.killpg], ids=["the process", "its group"])
def test_a_request_to_stop_reaches_every_worker_exactly_once(
    begin: Begin, told_whom: Callable[[int, int], None]
) -> None:
    process = begin(
        "os.write(1, b'ready\\n')\nstop.wait()\n" + _AND_NO_MORE, _THREE, notice=_NOTICE.get(told_whom)
    )
    await_ready(process, 3)
    told_whom(process.pid, signal.SIGTERM)
    said, complaints = process.communicate(timeout=HANGS)
    assert (process.returncode, sorted(said.splitlines()), complaints) == (
        0, ["asked 0", "asked 1", "asked 2"], "",
    )  # fmt: skip


def test_an_interrupt_of_the_terminal_reaches_workers_as_a_request_to_end_and_once(begin: Begin) -> None:
    # Its own handler would say KeyboardInterrupt, which libraries raise as well.
    process = begin("os.write(1, b'ready\\n')\nstop.wait()\n" + _AND_NO_MORE, _THREE)
    await_ready(process, 3)
    os.killpg(process.pid, signal.SIGINT)
    said, complaints = process.communicate(timeout=HANGS)
    assert (process.returncode, sorted(said.splitlines()), complaints) == (
        0, ["asked 0", "asked 1", "asked 2"], "",
    )  # fmt: skip


def test_a_second_interrupt_ends_the_command_as_an_interrupt_does(begin: Begin) -> None:
    process = begin("os.write(1, b'ready\\n')\n" + _FOR_EVER, _THREE)
    await_ready(process, 3)
    os.killpg(process.pid, signal.SIGINT)
    assert heard(process, 3) == ["asked 0\n", "asked 1\n", "asked 2\n"]
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=HANGS) == ("", "")
    assert process.returncode == -signal.SIGINT


def test_a_second_request_ends_every_worker(begin: Begin) -> None:
    process = begin("os.write(1, b'ready\\n')\n" + _FOR_EVER, _THREE)
    await_ready(process, 3)
    process.send_signal(signal.SIGTERM)
    assert heard(process, 3) == ["asked 0\n", "asked 1\n", "asked 2\n"]
    process.send_signal(signal.SIGTERM)
    # All hold the pipe, and its end comes when all are gone.
    assert process.communicate(timeout=HANGS) == ("", "")
    assert process.returncode == -signal.SIGTERM


@pytest.mark.parametrize("machine", ["tells of parents", "does not"])
def test_no_worker_outlives_the_command(begin: Begin, machine: str) -> None:
    # Where the machine does not tell, as macOS, the end of a pipe does.
    before = _THREE.replace(
        "told = ",
        "supervision._tells_of_parents = lambda: False\ntold = " if machine == "does not" else "told = ",
    )
    process = begin("os.write(1, b'ready\\n')\n" + _FOR_EVER, before)
    await_ready(process, 3)
    process.kill()
    assert process.communicate(timeout=HANGS)[0] == ""


def test_so_many_idle_workers_are_called_and_awaited_until_they_are_idle_again(begin: Begin) -> None:
    process = begin(
        "if told.place == 0:\n"
        "    for turn, others in enumerate((2, 1, 2), 1):\n"
        "        told.call(others)\n"
        "        at_work = [marks.parent.parent / f'{place} at {turn}' for place in range(1, others + 1)]\n"
        "        while not all(each.exists() for each in at_work): time.sleep(0.01)\n"
        "        told.await_others()\n"
        "        os.write(1, b'all idle\\n')\n"
        "    sys.exit(0)\n"
        "while told.called(stop):\n"
        "    (marks.parent.parent / f'{told.place} at {told._turn}').touch()\n"
        "    time.sleep(0.4)\n"
        "    os.write(1, b'worked\\n')\n",
        _THREE,
    )
    said, _ = process.communicate(timeout=HANGS)
    assert [each for each in said.splitlines() if "asked" not in each] == [
        *("worked", "worked", "all idle"), *("worked", "all idle"), *("worked", "worked", "all idle"),
    ]  # fmt: skip
