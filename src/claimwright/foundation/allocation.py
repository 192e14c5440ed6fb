"""Memory that is done with is used again.

A file is read in blocks whose arrays are some megabytes each, and every block needs the same again. Left to
itself, the C library asks the machine for each such array and gives it back, and the machine fills every page
of it with zeros each time: a fifth of the processor's time went into that. Arrow's own pool does likewise,
and keeps what others could use. And each thread gets an arena of its own, which keeps what the thread has
freed when it is gone: a check of many files, with two threads a file, would grow with every file until there
are sixteen. The allocator of Polars has several arenas as well. Source: mallopt(3); jemalloc(3); Arrow's
environment variables.
"""

from __future__ import annotations

import ctypes
import os

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
# The few arrays of this size are given back: what one stage of the work frees, another can't use well.
_FROM_THE_MACHINE = 4 << 20
_KEPT = 1 << 30
_ARENAS = 1


def use_memory_again() -> bool:
    """Have the C library keep freed arrays for the next block, and Arrow take its memory from it.

    Says whether the library can be told so: others than glibc can't. For programs to call once when they
    begin, before Arrow and Polars are imported; it is the whole process's, and so no business of a library's.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    # What stands there already comes later, and so counts for more.
    others = os.environ.get("_RJEM_MALLOC_CONF")
    os.environ["_RJEM_MALLOC_CONF"] = ",".join(filter(None, (f"narenas:{_ARENAS}", others)))
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    settings = {_M_MMAP_THRESHOLD: _FROM_THE_MACHINE, _M_TRIM_THRESHOLD: _KEPT, _M_ARENA_MAX: _ARENAS}
    answers = [mallopt(setting, value) for setting, value in settings.items()]
    return all(answers)
