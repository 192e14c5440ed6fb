"""The base alone checks a file; what needs more says in one line what to install."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from claimwright.foundation.extras import EXTRAS, advice

# Hides modules as if they were not installed, then runs the command.
HIDING = """
import sys

hidden = set(sys.argv.pop(1).split(","))


class Hider:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in hidden:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Hider())
from claimwright.apps.cli.main import main

main()
"""


def run(extras: list[str], *arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    hidden = ",".join(module for extra in extras for module in EXTRAS[extra])
    command = [sys.executable, "-c", HIDING, hidden, *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True)


def test_the_base_checks_and_explains_and_answers(samples: Path, tmp_path: Path) -> None:
    checked = run(list(EXTRAS), "check", samples / "dental.837", "--as-of", "2025-09-15", cwd=tmp_path)
    assert checked.returncode == 1, checked.stderr
    assert "Checked as of" in checked.stdout
    answered = run(list(EXTRAS), "ack", samples / "dental.837", cwd=tmp_path)
    assert answered.stdout.startswith("ISA*"), answered.stderr


@pytest.mark.parametrize(
    ("extra", "arguments"),
    [
        ("platform", ["run"]),
        ("platform", ["db", "status"]),
        ("platform", ["health"]),
        ("models", ["model", "train", "--world", "2000"]),
    ],
)
def test_what_needs_an_extra_says_in_one_line_what_to_install(
    extra: str, arguments: list[str], tmp_path: Path
) -> None:
    done = run([extra], *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert f"pip install 'claimwright[{extra}]'" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_module_that_no_extra_brings_is_a_fault_of_ours() -> None:
    assert advice(ModuleNotFoundError("No module named 'claimwright.gone'", name="claimwright.gone")) is None
    assert advice(ModuleNotFoundError("No module named 'tink.aead'", name="tink.aead")) == (
        "this needs tink, which is not installed. pip install 'claimwright[platform]'"
    )
