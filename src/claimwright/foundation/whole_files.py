"""Atomic files: a file gets its name only when it is complete and on disk.

Errors such as a full disk name it.
"""

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

# How Arrow and Polars report the operating system's reason when they give no error number.
_NUMBER = re.compile(r"(?:os error|errno) (\d+)")


class WholeFile:
    """A temporary name next to `path` to write to; it is renamed to `path` when the block ends without an
    error.

    Until then, an existing file at `path` stays. A device or a pipe is written directly.

    Raises:
        OSError: it can't be written; `filename` is the path, `strerror` the reason.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._is_file = not path.exists() or path.is_file()
        # A symbolic link stays a link: its target is replaced.
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
    """Like `WholeFile`, for several files: none gets its name before all are written."""
    with ExitStack() as stack:
        yield tuple(stack.enter_context(WholeFile(path)) for path in paths)


@contextmanager
def named_in_errors(path: Path) -> Iterator[None]:
    """Errors in the block are raised with the file's name and a reason."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as problem:
        raise named(problem, path) from None


class Closing(Protocol):
    """A writer that has a file open."""

    def close(self) -> None:
        """Flush and close the file."""


def close_all(writers: Iterable[Closing]) -> None:
    """Close all of them, even if one fails; the first error is raised.

    Raises:
        OSError: buffered data could not be written.
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
    """Sync a complete file to disk and rename it to its final name.

    Raises:
        OSError: it could not be written completely; names the path.
    """
    with named_in_errors(path):
        _to_disk(part)
        part.replace(path)
        _folder_to_disk(path.parent)


def named(problem: OSError, path: Path) -> OSError:
    """The same error with the path and a reason, because some libraries report neither."""
    number = problem.errno
    if number is None:
        told = _NUMBER.search(str(problem).lower())
        number = int(told[1]) if told else errno.EIO
    return OSError(number, problem.strerror or os.strerror(number), str(path))


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _folder_to_disk(folder: Path) -> None:
    """Sync the folder too, so that the new name is on disk. Not every system can open folders."""
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
