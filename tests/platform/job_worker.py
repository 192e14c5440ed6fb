"""A worker in a process of its own, that a test can kill: `python job_worker.py ADDRESS FOLDER [once]`."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from claimwright.domain.caller import Caller
from claimwright.platform.jobs import Jobs
from claimwright.platform.jobs.queue import Patience

QUICK = Patience(attempts=4, first_retry=0.05, longest_retry=0.2, heartbeat_seconds=0.3, silent_seconds=1.5)


def jobs_of(address: str, folder: Path) -> Jobs:
    """Jobs that leave a mark in the folder for each stage that they finish."""
    jobs = Jobs(address, patience=QUICK)

    @jobs.job("two.stages")
    def two_stages(caller: Caller, thing_id: int) -> None:
        first = folder / f"{thing_id}.first"
        if not first.exists():
            first.write_text(str(os.getpid()))
            threading.Event().wait()  # killed here
        (folder / f"{thing_id}.second").write_text(str(os.getpid()))

    @jobs.job("deadly")
    def deadly(thing_id: int) -> None:
        with (folder / "deaths").open("a") as file:
            file.write("x")
        os.kill(os.getpid(), 9)

    return jobs


if __name__ == "__main__":
    jobs_of(sys.argv[1], Path(sys.argv[2])).work(wait=sys.argv[3:] != ["once"])
