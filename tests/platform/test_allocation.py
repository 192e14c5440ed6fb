"""A program that begins tells the C library, once, to use freed memory again."""

from __future__ import annotations

import gc
import platform
import subprocess
import sys

import pytest

from claimwright.foundation.allocation import collect_less_often

BEGIN = """
import os
from claimwright.foundation.allocation import use_memory_again
told = use_memory_again()
import polars, pyarrow
print(told, pyarrow.default_memory_pool().backend_name, os.environ["_RJEM_MALLOC_CONF"])
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no such settings")
def test_glibc_takes_the_settings_and_arrow_takes_its_memory_from_it() -> None:
    done = subprocess.run([sys.executable, "-c", BEGIN], capture_output=True, text=True, check=True)
    told, arrow, polars = done.stdout.split()
    assert (told, arrow) == ("True", "system")
    assert "narenas:1" in polars.split(",")
    assert not done.stderr, "the allocator of Polars knows its setting"


def test_a_program_that_begins_looks_less_often_for_garbage_and_still_looks() -> None:
    before = gc.get_threshold()
    try:
        collect_less_often()
        assert before[0] < gc.get_threshold()[0] <= 100_000
        assert gc.isenabled()
    finally:
        gc.set_threshold(*before)
