"""How the command's process ends: tidied up, with its status, and without taking itself apart."""

from __future__ import annotations

import subprocess
import sys

import pytest

_ENDING = """
import atexit
from claimwright.apps.cli.fast_exit import leaving_at_once
class Kept:
    def __del__(self):
        print("taken apart")
kept = Kept()
with leaving_at_once():
    atexit.register(print, "tidied up")
    print("said", end=" and ")
    WHAT
"""


@pytest.mark.parametrize(
    ("what", "status", "said", "complaint"),
    [
        ("raise SystemExit(0)", 0, "said and tidied up\n", ""),
        ("raise SystemExit(3)", 3, "said and tidied up\n", ""),
        # What is no number, or no end on purpose, ends as usual.
        ("raise SystemExit('why')", 1, "said and tidied up\ntaken apart\n", "why\n"),
        ("raise ValueError", 1, "said and tidied up\ntaken apart\n", "ValueError\n"),
    ],
    ids=["well", "with a status", "with words", "by a fault"],
)
def test_a_command_ends_tidied_up_and_at_once(what: str, status: int, said: str, complaint: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _ENDING.replace("WHAT", what)], capture_output=True, text=True
    )
    assert (ended.returncode, ended.stdout) == (status, said)
    assert ended.stderr.endswith(complaint)
    assert bool(ended.stderr) == bool(complaint)
