"""No test of what is compiled is skipped on a machine that could have compiled it."""

from __future__ import annotations

import shutil

import pytest

from claimwright.engines.x12.native.kernel import kernel
from claimwright.platform.database.rows import rows_library


@pytest.mark.skipif(
    not any(map(shutil.which, ("cc", "gcc", "clang"))), reason="there is no C compiler on this machine"
)
def test_where_there_is_a_c_compiler_the_libraries_are_those_of_the_sources() -> None:
    assert kernel() is not None
    assert rows_library() is not None
