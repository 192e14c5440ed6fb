"""The machine: processors, memory, disks. From /proc where there is one (Linux); otherwise left out."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from .samples import Samples

# proc(5), /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal; in ticks.
_MODES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
_PROC = Path("/proc")


def add_machine(samples: Samples, folders: Mapping[str, Path], proc: Path = _PROC) -> None:
    """Add processors, memory, and the disks of folders by name."""
    _add_processors(samples, proc)
    _add_memory(samples, proc)
    for name, folder in folders.items():
        there = next((each for each in (folder, *folder.parents) if each.exists()), None)
        if there is None:
            continue
        usage = shutil.disk_usage(there)
        samples.add("claimwright_disk_bytes", usage.total, folder=name, state="total")
        # Of what accounts may fill: a disk keeps some of its space to itself.
        samples.add("claimwright_disk_bytes", usage.total - usage.free, folder=name, state="used")


def _add_processors(samples: Samples, proc: Path) -> None:
    try:
        first = (proc / "stat").read_text().splitlines()[0].split()[1:]
        ticks = os.sysconf("SC_CLK_TCK")
        for mode, value in zip(_MODES, first, strict=False):
            samples.add("claimwright_cpu_seconds_total", int(value) / ticks, mode=mode)
        samples.add("claimwright_load", os.getloadavg()[0] / (os.cpu_count() or 1))
    except (OSError, ValueError, IndexError):
        return


def _add_memory(samples: Samples, proc: Path) -> None:
    try:
        lines = (each.split(":") for each in (proc / "meminfo").read_text().splitlines())
        sizes = {name: int(rest.split()[0]) * 1024 for name, rest in lines}
        samples.add("claimwright_memory_bytes", sizes["MemTotal"], state="total")
        samples.add("claimwright_memory_bytes", sizes["MemTotal"] - sizes["MemAvailable"], state="used")
    except (OSError, ValueError, IndexError, KeyError):
        return
