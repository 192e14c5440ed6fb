"""Limits that a process with patient data sets at startup: no core dumps, private files."""

from __future__ import annotations

import os
import sys

# New files are readable by their owner only. As root, other accounts can pass through a folder, because the
# database server runs below it under its own account, but they can't list it.
_OTHERS, _OTHERS_OF_ROOT, _PASS = 0o077, 0o066, 0o011


def protect_process() -> None:
    """No core dumps, and new files readable by their owner only. Child processes inherit both."""
    disable_core_dumps()
    before = os.umask(_OTHERS)
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    os.umask((before & ~_PASS) | _OTHERS_OF_ROOT if is_root else before | _OTHERS)


def disable_core_dumps() -> None:
    """Disable core dumps: they contain everything in memory, including keys and claims."""
    if sys.platform == "win32":
        return
    import resource

    # One byte, not zero: if dumps are piped to a program, the limit is not enforced (core(5)), except that
    # Linux treats 1 as "no core", because it sets 1 for that program itself. A lower limit stays.
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    wanted = 1 if hard == resource.RLIM_INFINITY else min(1, hard)
    resource.setrlimit(resource.RLIMIT_CORE, (wanted, wanted))
