"""Compiled libraries that stand beside their C sources: loaded only where they were built from that source.

`hatch_build.py` lists the sources and compiles them while the project is installed. Nothing depends on them:
code in Python does the same where this returns None. See docs/decisions/0008.
"""

from __future__ import annotations

import ctypes
import hashlib
import sys
from pathlib import Path


def library_beside(source: Path) -> Path:
    """Where the build puts the library of a source: `_kernel.so` beside `kernel.c`."""
    return source.with_name(f"_{source.stem}.so")


def fingerprint(source: bytes) -> int:
    """A number that distinguishes one source from another; each library is built with that of its own."""
    return int.from_bytes(hashlib.sha256(source).digest()[:8], "little")


def load_library(source: Path, library: Path | None = None) -> ctypes.CDLL | None:
    """The library of a source; None where there is none for this machine and this version of the source."""
    library = library or library_beside(source)
    if sys.byteorder != "little" or not library.exists():
        return None
    try:
        loaded = ctypes.CDLL(str(library))
        loaded.cw_source.restype = ctypes.c_uint64
        if loaded.cw_source() != fingerprint(source.read_bytes()):
            return None
    except (OSError, AttributeError):
        # Built for another machine, or without a fingerprint.
        return None
    return loaded
