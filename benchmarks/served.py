"""A store of its own and an API server before it, for the benchmarks that ask the API."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

Variables = dict[str, str]
START_SECONDS = 240.0


@contextmanager
def own_store(kept: Path | None = None, **settings: str) -> Iterator[tuple[Path, Variables]]:
    """A folder, and the environment of an embedded database in it, which is stopped at the end.

    The folder is removed, unless it is given: a store of a million claims is worth keeping. `settings` are
    names and values without `CLAIMWRIGHT_`: `API_REQUESTS_PER_MINUTE="1000"`. Limits of requests are off.
    """
    with ExitStack() as stack:
        folder = kept or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="claimwright-bench-")))
        folder.mkdir(exist_ok=True)
        folder.chmod(0o711)
        own = {
            "HOME": str(folder / "home"), "SETTINGS": str(folder), "API_REQUESTS_PER_MINUTE": "10000000",
            "API_SIGN_INS_PER_MINUTE": "10000000",
        }  # fmt: skip
        variables = os.environ | {f"CLAIMWRIGHT_{key}": value for key, value in (own | settings).items()}
        command(variables, "db", "start")
        try:
            yield folder, variables
        finally:
            command(variables, "db", "stop")


@contextmanager
def served(folder: Path, variables: Variables, processes: int = 1) -> Iterator[str]:
    """The address of an API server, of so many processes, which ends with the block.

    What it writes goes to a file: a pipe that nobody reads fills up, and the server waits.
    """
    said = folder / "server.log"
    with said.open("wb") as file:
        server = subprocess.Popen(
            _words("serve", "--only", "api", "--port", "0", "--api-processes", str(processes)),
            env=variables, stdout=file, stderr=file,
        )  # fmt: skip
    try:
        yield _address(server, said)
    finally:
        server.terminate()
        server.wait(60)


def command(variables: Variables, *words: str) -> str:
    """What a `claimwright` command prints. Ends the benchmark if it fails."""
    done = subprocess.run(_words(*words), env=variables, capture_output=True, text=True, check=False)
    if done.returncode > 1:
        raise SystemExit(f"{' '.join(words)}: {done.stderr}")
    return done.stdout


def _address(server: subprocess.Popen[bytes], said: Path) -> str:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        for line in said.read_text(encoding="utf-8").splitlines():
            if line.startswith("http") and line.endswith("/docs"):
                return line.removesuffix("/docs")
        time.sleep(0.05)
    raise SystemExit(f"the server did not start: {said.read_text(encoding='utf-8')[-2000:]}")


def _words(*words: str) -> list[str]:
    return [sys.executable, "-m", "claimwright.apps.cli.main", *words]
