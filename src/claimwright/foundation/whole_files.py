"""Files that have their name only when they are whole and on the disk; a full disk is told by file."""

from __future__ import annotations

import errno
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Protocol

# How Arrow and Polars name the operating system's reason, where they do not give it as a number.
_NUMBER = re.compile(r"(?:os error|errno) (\d+)")


class WholeFile:
    """A name beside `path` to write at, which becomes `path` when the block ends without an error.

    What stood at `path` stays until then. A device or a pipe has no such name: it is written itself.

    Raises:
        OSError: it can't be written; `filename` is the path, `strerror` the reason.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._is_file = not path.exists() or path.is_file()
        # A link stays a link: what it stands for is replaced.
        self._target = path.resolve() if self._is_file else path
        mark = secrets.token_hex(4)
        self._part = self._target.with_name(f".{path.name}.{mark}.part") if self._is_file else path

    def __enter__(self) -> Path:
        with named_in_errors(self.path):
            self._part.parent.mkdir(parents=True, exist_ok=True)
        return self._part

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, _trace: TracebackType | None
    ) -> None:
        try:
            if kind is None and self._is_file:
                rename_whole(self._part, self._target)
        finally:
            if self._is_file:
                self._part.unlink(missing_ok=True)
        if isinstance(problem, OSError) and not isinstance(problem, BrokenPipeError):
            own = problem.filename in (None, str(self._part))
            raise named(problem, self.path if own else Path(problem.filename)) from None


@contextmanager
def whole_files(*paths: Path) -> Iterator[tuple[Path, ...]]:
    """As `WholeFile`, for several: none has its name before all are written."""
    with ExitStack() as stack:
        yield tuple(stack.enter_context(WholeFile(path)) for path in paths)


@contextmanager
def named_in_errors(path: Path) -> Iterator[None]:
    """What goes wrong with a file names it, and says why."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as problem:
        raise named(problem, path) from None


class Closing(Protocol):
    """What holds a file open."""

    def close(self) -> None:
        """Write what waits, and let the file go."""


def close_all(writers: Iterable[Closing]) -> None:
    """Close every one, whatever becomes of the others; the first that fails is told.

    Raises:
        OSError: what waited in one could not be written.
    """
    problems: list[OSError] = []
    for writer in writers:
        try:
            writer.close()
        except OSError as problem:
            problems.append(problem)
    if problems:
        raise problems[0]


def rename_whole(part: Path, path: Path) -> None:
    """Give a file that is written its name, once it is on the disk.

    Raises:
        OSError: it could not all be written; names the path.
    """
    with named_in_errors(path):
        _to_disk(part)
        part.replace(path)
        _folder_to_disk(path.parent)


def named(problem: OSError, path: Path) -> OSError:
    """The same problem with the path and a reason: libraries give some without either."""
    number = problem.errno
    if number is None:
        told = _NUMBER.search(str(problem).lower())
        number = int(told[1]) if told else errno.EIO
    return OSError(number, problem.strerror or os.strerror(number), str(path))


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _folder_to_disk(folder: Path) -> None:
    """The name too. Not every system opens folders."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        return
    finally:
        os.close(descriptor)
