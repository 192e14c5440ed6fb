"""Breaker states in local files, for when the database is unavailable."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path

from .breaker import Breaker, Standing, State


def file_notifier_of(folder: Path) -> Callable[[Breaker], None]:
    """Writes a breaker's state to a file in the folder, atomically."""

    def note(breaker: Breaker) -> None:
        standing = breaker.standing
        said = {
            "state": standing.state.value,
            "failures": standing.failures,
            "problem": standing.problem,
            "changed_at": standing.changed_at.isoformat(),
            "retry_at": standing.retry_at.isoformat() if standing.retry_at else None,
        }
        part = folder / f".{breaker.name}.part"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            part.write_text(json.dumps(said), encoding="utf-8")
            part.replace(folder / f"{breaker.name}.json")
        except OSError:
            # A full disk must not stop a worker; metrics and log report the same state.
            return

    return note


def noted_standings(folder: Path) -> list[Standing]:
    """The states in the files of a folder, by name. A file that can't be read is skipped."""
    return [found for path in sorted(folder.glob("*.json")) if (found := _read(path)) is not None]


def _read(path: Path) -> Standing | None:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return Standing(
            path.stem,
            State(said["state"]),
            int(said["failures"]),
            said["problem"],
            datetime.datetime.fromisoformat(said["changed_at"]),
            datetime.datetime.fromisoformat(said["retry_at"]) if said["retry_at"] else None,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
