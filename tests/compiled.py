"""What the compiled libraries are to tests: there, not there, or another one for the time of a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import pytest

from claimwright.engines.x12.native import kernel
from claimwright.platform.database import rows

_WHY = "not compiled: there was no C compiler when the project was installed"
needs_kernel = pytest.mark.skipif(kernel.kernel() is None, reason=_WHY)
needs_rows = pytest.mark.skipif(rows.rows_library() is None, reason=_WHY)


@contextmanager
def other_library(module: ModuleType) -> Iterator[pytest.MonkeyPatch]:
    """Forgets which library was loaded, before and after a test that moves it."""
    load = {kernel: kernel.kernel, rows: rows.rows_library}[module]
    load.cache_clear()
    try:
        with pytest.MonkeyPatch.context() as patch:
            yield patch
    finally:
        load.cache_clear()
