"""Whether the process that a data folder names is the server of that folder.

After a server is killed, `postmaster.pid` stays, and its process ID is soon reused: after the restart of a
container, almost always. So a process ID alone proves nothing, and no process is signaled because of it.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path

_PID_FILE = "postmaster.pid"
_PROGRAM = "postgres"
_PROC = Path("/proc")


def postmaster_of(data: Path) -> int | None:
    """The process ID of the server of this data folder; None if there is none."""
    pid = _named_pid(data)
    return pid if pid is not None and _serves(pid, data) else None


def names_a_process(data: Path) -> bool:
    """Whether the data folder names a process, alive or not."""
    return (data / _PID_FILE).exists()


def forget_process(data: Path) -> None:
    """Remove the files of a server that no longer runs, so that another one can start."""
    (data / _PID_FILE).unlink(missing_ok=True)


def is_listening(path: Path) -> bool:
    """Whether a server accepts connections on a socket, even if its process runs in another container."""
    asked = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        asked.settimeout(5)
        asked.connect(str(path))
    except OSError:
        return False
    else:
        return True
    finally:
        asked.close()


def _named_pid(data: Path) -> int | None:
    try:
        pid = int((data / _PID_FILE).read_text(encoding="utf-8", errors="replace").split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    return pid if pid > 0 else None


def _serves(pid: int, data: Path) -> bool:
    """A server's working directory is its data folder and its command is the program; its children differ."""
    if not (_PROC / "self").exists():
        return _serves_by_lsof(pid, data)
    process = _PROC / str(pid)
    try:
        called = os.fsdecode((process / "cmdline").read_bytes().split(b"\0", 1)[0])
        # A zombie process has no command line.
        return Path(called).name == _PROGRAM and (process / "cwd").samefile(data)
    except OSError:
        return False


def _serves_by_lsof(pid: int, data: Path) -> bool:
    """The same on macOS, which has no /proc."""
    lsof = shutil.which("lsof")
    if lsof is None:
        return False
    asked = [lsof, "-a", "-p", str(pid), "-c", _PROGRAM, "-d", "cwd", "-Fn"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    folders = [line[1:] for line in done.stdout.splitlines() if line.startswith("n")]
    return any(Path(folder) == data.resolve() for folder in folders)
