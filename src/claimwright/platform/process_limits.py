"""What a process that holds patient data in memory and writes it to files gives up before it begins."""

from __future__ import annotations

import os
import sys

# Whatever the umask: what is written is for its owner alone. As root, others may pass through a folder whose
# name they know, and no more: the database server runs as an account of its own below it.
_OTHERS, _OTHERS_OF_ROOT, _PASS = 0o077, 0o066, 0o011


def protect_process() -> None:
    """No core dumps, and new files for their owner alone; children inherit both."""
    disable_core_dumps()
    before = os.umask(_OTHERS)
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    os.umask((before & ~_PASS) | _OTHERS_OF_ROOT if is_root else before | _OTHERS)


def disable_core_dumps() -> None:
    """A core dump holds whatever was in memory, keys and claims too."""
    if sys.platform == "win32":
        return
    import resource

    # One byte, not none: where dumps are piped to a program the limit is not enforced (core(5)), except that
    # Linux takes 1 for "no core", as it sets it for that program itself. A lower limit stays.
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    wanted = 1 if hard == resource.RLIM_INFINITY else min(1, hard)
    resource.setrlimit(resource.RLIMIT_CORE, (wanted, wanted))
