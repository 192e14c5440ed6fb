"""Memory that is done with goes back to the machine.

A file is read in blocks whose arrays are some megabytes each. glibc begins to keep memory of that size for
later once the first such array has been freed, and then keeps more than it can use again: a tenth of what a
check needs. Source: mallopt(3), M_MMAP_THRESHOLD.
"""

from __future__ import annotations

import ctypes

_M_MMAP_THRESHOLD = -3
# Smaller arrays come and go so often that asking the machine each time would cost more than it gives.
_BYTES = 1 << 20


def give_back_large_arrays() -> bool:
    """Have the C library give arrays from a megabyte on back when they are freed; says whether it will.

    For programs to call once when they begin, not for libraries: it is the whole process's. Other C
    libraries than glibc do so anyway, or have no such setting.
    """
    try:
        return bool(ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _BYTES))
    except (AttributeError, OSError, TypeError):
        return False
