"""Let many people submit claims through the API at once, and write down how it went.

    python -m benchmarks.api_load                       50, 100 and 200 people, two minutes each
    python -m benchmarks.api_load --seconds 20 --people 10

50, 100 and 200 people submit 6,000, 10,000 and 15,000 claims a minute, ten claims a file. Afterwards the
store has exactly what the API said that it took. Beside it: the command's intake of a large file, and the
pipeline alone on its claims. Everything is in a folder that is removed at the end. Writes the upper part of
docs/api_benchmark.md, unless times or people are given; what is below its first heading was written by hand.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from benchmarks.served import command, own_store, served
from claimwright_lab.sampling import SampleOptions, write_sample

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "api_benchmark.md"
# Claims a minute by people, as issue 17 asks.
PACE = {50: 6_000, 100: 10_000, 200: 15_000}
CLAIMS_A_FILE = 10
# Of the API: one for each processor.
PROCESSES = os.cpu_count() or 1


@dataclass(frozen=True)
class Outcome:
    """How it went with so many people."""

    people: int
    wanted: int
    taken: int
    stored: int
    failures: int
    a_minute: float
    p50: int
    p95: int
    p99: int


@dataclass(frozen=True)
class Uploads:
    """Seconds of two files of as many claims, and of `claimwright run` on the claims of both."""

    claims: int
    by_command: float
    by_api: float
    of_run: float


def main() -> int:
    """Return the exit status: 1 where something failed, was lost or was doubled."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=120, help="for each number of people")
    parser.add_argument("--people", type=int, nargs="*", default=list(PACE), help="default: 50 100 200")
    parser.add_argument("--uploaded", type=int, default=100_000, help="claims of the one large file")
    wanted = parser.parse_args()
    with own_store(DATABASE_POOL_SIZE="20") as (folder, variables):
        found, uploads = _measured(folder, variables, wanted.people, wanted.seconds, wanted.uploaded)
    page = _page(found, uploads, wanted.seconds)
    print(page)
    if (wanted.people, wanted.seconds) == (list(PACE), 120):
        _, heading, by_hand = PAGE.read_text(encoding="utf-8").partition("\n## ")
        PAGE.write_text(page + heading + by_hand, encoding="utf-8")
    return 1 if any(each.failures or each.taken != each.stored for each in found) else 0


def _measured(
    folder: Path, variables: dict[str, str], people: list[int], seconds: int, uploaded: int
) -> tuple[list[Outcome], Uploads]:
    sample = folder / "sample.837"
    write_sample(sample, SampleOptions(claims=CLAIMS_A_FILE, seed=1))
    secret = command(variables, "token", "issue", "load", "--scope", "all").split()[-1]
    with served(folder, variables, PROCESSES) as address:
        uploads = _uploads(folder, variables, address, secret, uploaded)
        found = [
            _one(folder, variables, address, secret, sample, count, seconds, run)
            for run, count in enumerate(people)
        ]
    return found, uploads


def _one(
    folder: Path, variables: dict[str, str], address: str, secret: str, sample: Path, people: int,
    seconds: int, run: int,
) -> Outcome:  # fmt: skip
    pace = PACE.get(people, 100 * people)
    before = _stored(variables)
    taken, prefix = folder / f"taken-{run}", folder / f"stats-{run}"
    own = variables | {
        "LOAD_SAMPLE": str(sample), "LOAD_SECRET": secret, "LOAD_RUN": chr(ord("A") + run),
        "LOAD_TAKEN": str(taken), "LOAD_FILES_PER_SECOND": str(pace / 60 / people / CLAIMS_A_FILE),
    }  # fmt: skip
    locust = [
        sys.executable, "-m", "locust", "--headless", "--only-summary", "--loglevel", "ERROR",
        "--locustfile", str(ROOT / "benchmarks" / "api_users.py"), "--host", address, "--users", str(people),
        "--spawn-rate", str(people), "--run-time", f"{seconds}s", "--stop-timeout", "60",
        "--csv", str(prefix), "--exit-code-on-error", "0",
    ]  # fmt: skip
    begun = time.perf_counter()
    done = subprocess.run(locust, env=own, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    minutes = (time.perf_counter() - begun) / 60
    with Path(f"{prefix}_stats.csv").open(encoding="utf-8", newline="") as file:
        rows = {each["Name"]: each for each in csv.DictReader(file)}
    row = rows["files"]
    if int(rows["token"]["Failure Count"]) or int(rows["token"]["Request Count"]) < people:
        raise SystemExit(f"not everybody signed in: {rows['token']}")
    claims = int(taken.read_text(encoding="utf-8").split()[1])
    return Outcome(
        people, pace, claims, _stored(variables) - before, int(row["Failure Count"]), claims / minutes,
        *(round(float(row[name])) for name in ("50%", "95%", "99%")),
    )  # fmt: skip


def _uploads(folder: Path, variables: dict[str, str], address: str, secret: str, claims: int) -> Uploads:
    """A file of so many claims by the command, and another one through the API."""
    path = folder / "large.837"
    write_sample(path, SampleOptions(claims=claims, seed=2))
    content = path.read_bytes()
    path.write_bytes(content.replace(b"CLM*", b"CLM*Z"))
    begun = time.perf_counter()
    command(variables, "intake", str(path), "--facility", "ALONE")
    by_command = time.perf_counter() - begun
    path.write_bytes(content.replace(b"CLM*", b"CLM*Y"))
    token = _posted(address, "/oauth/token", urlencode(
        {"grant_type": "client_credentials", "client_secret": secret}).encode(),
        {"Content-Type": "application/x-www-form-urlencoded"},
    )["access_token"]  # fmt: skip
    begun = time.perf_counter()
    with path.open("rb") as file:
        headers = {"Authorization": f"Bearer {token}", "Content-Length": str(path.stat().st_size)}
        taken = _posted(address, "/files?facility=ALONE", file, headers)
    by_api = time.perf_counter() - begun
    begun = time.perf_counter()
    command(variables, "run")
    return Uploads(taken["staged"], by_command, by_api, time.perf_counter() - begun)


def _posted(address: str, path: str, body: Any, headers: dict[str, str]) -> Any:
    request = Request(f"{address}/api/v1{path}", data=body, headers=headers, method="POST")  # noqa: S310 - our own server
    with urlopen(request, timeout=3_600) as answer:  # noqa: S310 - our own server
        return json.loads(answer.read())


def _stored(variables: dict[str, str]) -> int:
    """How many claims the store has: the sum over its files."""
    listed = command(variables, "usage", "show", "--csv").splitlines()[1:]
    return sum(int(row.split(",")[4]) for row in listed if row)


def _row(of: Outcome) -> str:
    beyond = of.stored - of.taken
    counts = f"{of.people} | {of.wanted:,} | {of.a_minute:,.0f} | {of.taken:,} | {beyond:+,} | {of.failures}"
    return f"| {counts} | {of.p50} | {of.p95} | {of.p99} |"


def _page(found: list[Outcome], uploads: Uploads, seconds: int) -> str:
    rows = "\n".join(_row(each) for each in found)
    today = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}"
    by_intake = 60 * uploads.claims / uploads.by_command
    by_run = 120 * uploads.claims / uploads.of_run
    return f"""# The API under load

Written by `make load` on {today}: {os.cpu_count()} processors, Python {platform.python_version()},
{PROCESSES} API processes on the embedded database, on the same machine as those who submit. Each submits
files of {CLAIMS_A_FILE} claims, {seconds} seconds long. Times are of a file, in milliseconds, from
the request to the answer: read, sealed, staged and committed.

| people | claims a minute wanted | taken | claims taken | stored beyond | failures | p50 | p95 | p99 |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
{rows}

Load of the machine over the last 15 minutes of the run: {os.getloadavg()[2]:.1f}. Where it is far above
the number of processors, others were at work too, and all times are longer by that.

One file of {uploads.claims:,} claims: {uploads.by_command:.1f} s by the command's intake,
{uploads.by_api:.1f} s through the API, {uploads.by_api / uploads.by_command:.2f} times. The pipeline alone
checks, prices and routes the claims of both in {uploads.of_run:.1f} s: {by_run:,.0f} claims a minute,
beside {by_intake:,.0f} a minute by intake.
"""


if __name__ == "__main__":
    sys.exit(main())
