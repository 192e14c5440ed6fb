"""Allocator settings: freed memory is reused instead of being returned to the operating system.

A file is read in blocks. Each block needs arrays of several megabytes. By default, the C library requests
each such array from the operating system and returns it after use, and the system fills every page with zeros
each time. This took a fifth of the CPU time. Arrow's own pool has the same problem, and it holds memory that
other allocators could use. By default, each thread also gets an arena of its own, and the arena keeps its
freed memory after the thread ends: a check of many files, with two threads per file, would grow with each
file, up to sixteen arenas. The allocator of Polars also has several arenas. Source: mallopt(3); jemalloc(3);
Arrow's environment variables.
"""

from __future__ import annotations

import ctypes
import gc
import os

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
# Arrays from this size are returned to the system: there are few of them, and other stages can't reuse them
# well.
_FROM_THE_MACHINE = 4 << 20
_KEPT = 1 << 30
_ARENAS = 1
# Imports create some hundred thousand objects that all stay. With its own threshold, 700, the interpreter
# looks for garbage among them hundreds of times: a sixth of the CPU time of the check of one claim.
_NEW_OBJECTS = 50_000


def collect_less_often() -> None:
    """Look for cyclic garbage only after 50,000 new objects.

    Programs call it once at startup, before they import. It affects the whole process, so libraries must not
    call it.
    """
    gc.set_threshold(_NEW_OBJECTS, *gc.get_threshold()[1:])


def use_memory_again() -> bool:
    """Configure the C library to keep freed arrays for the next block, and Arrow to allocate from the C
    library.

    Returns whether the C library supports this; only glibc does. Programs call it once at startup, before
    they import Arrow and Polars. It affects the whole process, so libraries must not call it.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    # An existing value is appended, so that it takes precedence.
    others = os.environ.get("_RJEM_MALLOC_CONF")
    os.environ["_RJEM_MALLOC_CONF"] = ",".join(filter(None, (f"narenas:{_ARENAS}", others)))
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    settings = {_M_MMAP_THRESHOLD: _FROM_THE_MACHINE, _M_TRIM_THRESHOLD: _KEPT, _M_ARENA_MAX: _ARENAS}
    answers = [mallopt(setting, value) for setting, value in settings.items()]
    return all(answers)
