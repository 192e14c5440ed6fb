"""Which tests one worker runs: those of a file, so that what a file makes once is made once.

`--dist loadgroup` of pytest-xdist 3.8 does nothing under pytest 9.2, and says nothing about it
(https://github.com/pytest-dev/pytest-xdist/issues/1386). This takes the place of `--dist loadfile`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from xdist.scheduler import LoadFileScheduling

if TYPE_CHECKING:
    from xdist.remote import Producer

# The files of these share something dear for the session: one worker runs all of them.
FOLDERS = ("tests/features/prediction",)


class ByFile(LoadFileScheduling):  # type: ignore[misc]  # it ships no type information
    """A file, or a whole folder, to one worker; in the order in which the tests were collected."""

    @staticmethod
    def unit_of(nodeid: str) -> str:
        """The file or folder with which a test goes."""
        path = nodeid.partition("::")[0]
        return next((each for each in FOLDERS if path.startswith(f"{each}/")), path)

    def _split_scope(self, nodeid: str) -> str:
        return self.unit_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile | None:
    """Take the place of `--dist loadfile`."""
    if config.option.dist != "loadfile":
        return None
    # Not the files with most tests first: `tests/conftest.py` has set the order.
    config.option.loadscopereorder = False
    return ByFile(config, log)
