"""A plugin of pytest: every test runs ten times, each with fixtures of its own. `make steady` uses it."""

from __future__ import annotations

import pytest

TIMES = 10


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make ten of each test."""
    metafunc.fixturenames.append("which_of_ten")
    metafunc.parametrize("which_of_ten", range(1, TIMES + 1))
