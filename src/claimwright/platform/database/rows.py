"""A frame's rows in PostgreSQL's binary COPY format, by a compiled library (`rows.c`).

Binary rows are cheaper than CSV, both to write and for the server to read. The library is optional: if there
is none, or a frame can't be written in binary, the rows are sent as CSV, with the same result; tests compare
the two. Built by `hatch_build.py`, loaded by `foundation/native.py`. See docs/decisions/0008.
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
    """The complete COPY data of a frame; None if it can't be written in binary, or there is no library.

    `types` are the object ids of the types of the table's columns, one for each column of the frame. The
    server does not check types of binary values: a value of a wrong type could be read as a wrong number.
    """
    library = rows_library()
    if library is None:
        return None
    # Owns the stream, and releases it at the end.
    capsule = frame.__arrow_c_stream__()
    wanted, room = np.array(types, dtype=np.int32), _LONG()
    rows = library.cw_rows_open(
        _content_of(capsule, b"arrow_array_stream"), wanted.ctypes.data, len(wanted), ctypes.byref(room)
    )
    if not rows:
        return None
    try:
        # Pages that are not written are not allocated.
        content = np.empty(room.value, dtype=np.uint8)
        size = library.cw_rows_encode(rows, content.ctypes.data)
    finally:
        library.cw_rows_close(rows)
    return None if size < 0 else content[:size].data


@cache
def rows_library() -> ctypes.CDLL | None:
    """The compiled functions; None if there are none for this machine and this source."""
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
