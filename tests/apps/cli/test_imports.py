"""What the command line does not load before a command is known."""

from __future__ import annotations

import subprocess
import sys

_LOAD = """
import sys
import claimwright.apps.cli.main
print(*sorted({"duckdb", "numpy", "polars", "psycopg", "pyarrow", "pydantic"} & set(sys.modules)))
"""


def test_no_command_waits_for_libraries_that_only_others_need() -> None:
    # Half a second for `--help`; and their threads would keep `run` from being watched.
    done = subprocess.run([sys.executable, "-c", _LOAD], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
