"""A plugin of pytest: the tests that cost most processor time, their fixtures and processes included.

Seconds on the clock depend on what else the machine does; seconds of the processor hardly do. A database
server is not counted: it is nobody's child. `make slowest` uses it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import pytest

_SHOWN = 40
_NAME = "processor_seconds"
_spent: Counter[str] = Counter()


def _seconds() -> float:
    """Of this process and of its children that have ended."""
    return sum(os.times()[:4])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Note when a test begins."""
    item.stash[_BEGAN] = _seconds()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Have the last report of a test carry what it cost, from whichever process it ran in."""
    report = yield
    if call.when == "teardown":
        report.user_properties.append((_NAME, _seconds() - item.stash[_BEGAN]))
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep what a test cost, where all reports come together."""
    if report.when == "teardown":
        _spent[report.nodeid] += sum(value for name, value in report.user_properties if name == _NAME)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the costliest tests."""
    terminalreporter.section(f"{_SHOWN} costliest of {sum(_spent.values()):,.0f} seconds of processor time")
    for name, seconds in _spent.most_common(_SHOWN):
        terminalreporter.write_line(f"{seconds:8.2f}  {name}")


_BEGAN = pytest.StashKey[float]()
