"""What a process that holds patient data in memory and writes it to files gives up before it begins."""

from __future__ import annotations

import os
import sys

# Whatever the caller's umask: what is written is for its owner alone.
_OTHERS = 0o077


def protect_process() -> None:
    """No core dumps, and new files for their owner alone; children inherit both."""
    disable_core_dumps()
    os.umask(os.umask(_OTHERS) | _OTHERS)


def disable_core_dumps() -> None:
    """A core dump holds whatever was in memory, keys and claims too."""
    if sys.platform == "win32":
        return
    import resource

    # One byte, not none: Linux takes 1 as "no core" even where dumps are piped to a program (core(5) says that
    # the limit is not enforced there; 1 is what the kernel itself sets to stop such a program from dumping).
    # Where the limit is lower already, it stays.
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    wanted = 1 if hard == resource.RLIM_INFINITY else min(1, hard)
    resource.setrlimit(resource.RLIMIT_CORE, (wanted, wanted))
