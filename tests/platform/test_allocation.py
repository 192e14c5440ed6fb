"""A program that begins tells the C library, once, to use freed memory again."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

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
