"""Compiled libraries next to their C sources. A library is loaded only if it was built from the present
source.

`hatch_build.py` lists the sources and compiles them during installation. The libraries are optional: if
this returns None, Python code does the same work. See docs/decisions/0008.
"""

from __future__ import annotations

import ctypes
import hashlib
import sys
from pathlib import Path


def library_beside(source: Path) -> Path:
    """Path of the library built from a source: `_kernel.so` next to `kernel.c`."""
    return source.with_name(f"_{source.stem}.so")


def fingerprint(source: bytes) -> int:
    """A fingerprint of a source. The build stores it in the library."""
    return int.from_bytes(hashlib.sha256(source).digest()[:8], "little")


def load_library(source: Path, library: Path | None = None) -> ctypes.CDLL | None:
    """The library of a source; None if there is none for this machine and this version of the source."""
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
