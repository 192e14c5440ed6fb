"""Kills worker processes at random moments, and compares what is left.

Prints what an undisturbed run of the same claims came to and what this one did, table by table; the status
is 1 where they differ.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from tests.database_server import Store, new_store, running_server, template_of
from tests.features.pipeline.bench_of_claims import (
    command,
    contents,
    environment_of,
    sample,
    sealer_of,
    stage,
    value,
)
from tests.features.pipeline.champions import install_champion


def run_killed(
    store: Store, folder: Path, kills: int, *, seed: int, chunk_claims: int, workers: int = 1
) -> int:
    """Process what is staged, killing the processes at random moments so often; returns how often it was.

    Each process gets the time to begin; when it has committed a chunk since it was started, a moment is drawn
    in which it and its helpers are killed. After the last kill the run may end.
    """
    draws = np.random.default_rng(seed)
    environment = environment_of(store, folder, CLAIMWRIGHT_PIPELINE_CHUNK_CLAIMS=str(chunk_claims))
    words = command("run", "--workers", str(workers), "--as-of", "2025-09-15", "--quiet")
    done = 0
    while done < kills:
        before = value(store, "select count(*) from production.claims")
        # A group of its own: the kill takes helpers along, as the machine's end would.
        process = subprocess.Popen(words, env=environment, start_new_session=True)
        while process.poll() is None:
            if value(store, "select count(*) from production.claims") != before:
                break
            time.sleep(0.01)
        time.sleep(float(draws.uniform(0, 0.4)))
        if process.poll() is not None:
            break
        _kill_group(process.pid)
        process.wait()
        done += 1
    ended = subprocess.run(words, env=environment)
    assert ended.returncode in (0, 1), ended.returncode
    return done


def _kill_group(leader: int) -> None:
    import os

    os.killpg(leader, signal.SIGKILL)


def main() -> int:
    """Stage claims twice, run them undisturbed and killed, and compare."""
    parser = argparse.ArgumentParser(prog="killing", description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--claims", type=int, default=6_000)
    parser.add_argument("--chunk", type=int, default=15)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, running_server() as server:
        folder = Path(name)
        template = template_of(server)
        with new_store(server, template) as staged:
            sealer = sealer_of(staged, folder)
            install_champion(folder / "home")
            with staged.open() as database:
                stage(database, sealer, sample(folder, asked.claims))
            with staged.copied() as quiet, staged.copied() as killed:
                run_killed(quiet, folder, 0, seed=0, chunk_claims=1_000)
                done = run_killed(
                    killed, folder, asked.kills, seed=asked.seed, chunk_claims=asked.chunk,
                    workers=asked.workers,
                )  # fmt: skip
                expected, found = contents(quiet), contents(killed)
                total = "select sum(total_charge) from production.claims"
                charged = value(quiet, total), value(killed, total)
                leases = value(killed, "select sum(leases) - count(*) from pipeline.chunks")
                chunks = int(str(value(killed, "select count(*) from pipeline.chunks")))
                planned = -(-expected["production.claims"][0] // asked.chunk)
    lines = [
        f"{asked.claims:,} claims in {planned:,} chunks, {asked.workers} worker processes, {done} kills -9.",
        f"Chunks leased again: {leases:,}; halved, as if a claim in them killed: {chunks - planned}.\n"
        f"Charged: {charged[0]:,} undisturbed, {charged[1]:,} killed.",
        "",
        "| table | rows undisturbed | rows killed | same rows |",
        "| --- | ---: | ---: | --- |",
    ]
    for table, (count, digest) in expected.items():
        same = "yes" if (count, digest) == found[table] else "NO"
        lines.append(f"| {table} | {count:,} | {found[table][0]:,} | {same} |")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if expected == found and done == asked.kills else 1


if __name__ == "__main__":
    sys.exit(main())
