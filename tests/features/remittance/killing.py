"""Posts a remittance in a process of its own, which ends itself with SIGKILL in the middle of it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from .conftest import Clinic

# Counts the statements and the pieces of COPY that the process sends, whichever thread sends them, and dies
# before the one with that number. Prints how many there were if it lives.
_PROGRAM = """
import os, signal, sys, threading
from pathlib import Path
import psycopg
from psycopg.copy import Copy
from tests.features.pipeline.bench_of_claims import CALLER, Shelf, settings_in
from claimwright.features.remittance import RemittancePoster, tell
from claimwright.platform.phi import Sealer, open_keyring
from claimwright.store.schema import open_database

last, folder, address, file = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4])
sent, lock = 0, threading.Lock()

def counted(do):
    def send(*given, **named):
        global sent
        with lock:
            sent += 1
            if sent == last:
                os.kill(os.getpid(), signal.SIGKILL)
        return do(*given, **named)
    return send

sealer = Sealer(open_keyring(settings_in(folder), lambda: psycopg.connect(address)))
with open_database(address) as database:
    psycopg.Cursor.execute = counted(psycopg.Cursor.execute)
    Copy.write = counted(Copy.write)
    psycopg.Connection.commit = counted(psycopg.Connection.commit)
    poster = RemittancePoster(database, sealer, Shelf(), tell)
    poster.post(CALLER, lambda: [file.read_bytes()], "killed.835")
    print(sent)
"""


def posted_until(clinic: Clinic, folder: Path, content: bytes, last: int) -> int | None:
    """Post this file, and kill the process before it sends its statement `last`.

    Returns None if it was killed, otherwise how many statements it sent: it was done before.
    """
    file = folder / "killed.835"
    file.write_bytes(content)
    address = clinic.address
    assert address is not None
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(last), str(clinic.folder), address, str(file)],
        check=False, capture_output=True, text=True, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    if done.returncode == 0:
        return int(done.stdout)
    assert done.returncode == -signal.SIGKILL, done.stderr
    return None
