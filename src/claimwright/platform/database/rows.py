"""A frame's rows in PostgreSQL's binary COPY format, compiled, where a C compiler was there: `rows.c`.

The server takes binary rows with less work than CSV, and they are made with less. Nothing depends on it: what
can't be written so, and everything where there is no library, goes as CSV, which means the same; tests hold
the two to it. Built by `hatch_build.py`, loaded by `foundation/native.py`. See docs/decisions/0008.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from claimwright.foundation.native import library_beside, load_library

SOURCE = Path(__file__).with_name("rows.c")
LIBRARY = library_beside(SOURCE)

_POINTER, _LONG = ctypes.c_void_p, ctypes.c_int64
_content_of = ctypes.pythonapi.PyCapsule_GetPointer
_content_of.restype, _content_of.argtypes = _POINTER, [ctypes.py_object, ctypes.c_char_p]


def binary_rows(frame: pl.DataFrame, types: Sequence[int]) -> memoryview | None:
    """The whole of what COPY is sent for the frame; None where it can't be written, or nothing writes it.

    `types` are the object ids of the types of the columns that it goes into, one for each of the frame's: the
    server takes binary values as they come, so that a wrong type might pass for a number.
    """
    library = rows_library()
    if library is None:
        return None
    # Holds the stream, and lets go of it in the end.
    capsule = frame.__arrow_c_stream__()
    wanted, room = np.array(types, dtype=np.int32), _LONG()
    rows = library.cw_rows_open(
        _content_of(capsule, b"arrow_array_stream"), wanted.ctypes.data, len(wanted), ctypes.byref(room)
    )
    if not rows:
        return None
    try:
        # Memory that is not written is not taken.
        content = np.empty(room.value, dtype=np.uint8)
        size = library.cw_rows_encode(rows, content.ctypes.data)
    finally:
        library.cw_rows_close(rows)
    return None if size < 0 else content[:size].data


@cache
def rows_library() -> ctypes.CDLL | None:
    """The compiled functions; None where there are none for this machine and this source."""
    library = load_library(SOURCE, LIBRARY)
    if library is None:
        return None
    library.cw_rows_open.restype = _POINTER
    library.cw_rows_open.argtypes = [_POINTER, _POINTER, _LONG, _POINTER]
    library.cw_rows_encode.restype = _LONG
    library.cw_rows_encode.argtypes = [_POINTER, _POINTER]
    library.cw_rows_close.restype = None
    library.cw_rows_close.argtypes = [_POINTER]
    return library
