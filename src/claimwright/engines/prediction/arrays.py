"""Arrays by name in one file, read within limits: what would fill the memory is refused, not unpacked.

ArraysError (ValueError)   the file holds something else, or more than it may; says which array
"""

from __future__ import annotations

import io
import math
import zipfile
from typing import Any

import numpy as np

from claimwright.foundation.errors import ModelError

# A model of a million claims takes some 20 MB unpacked.
LARGEST_FILE = 64 << 20
LARGEST_UNPACKED = 256 << 20
_MOST_ARRAYS = 10_000
_SUFFIX = ".npy"
# Integers, floats and booleans: nothing that could hold an object.
_KINDS = "iufb"


class ArraysError(ModelError, ValueError):
    """The file can't be read as arrays."""


def packed(arrays: dict[str, Any]) -> bytes:
    """Arrays by name as one file, the same bytes for the same arrays."""
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def unpacked(content: bytes) -> dict[str, Any]:
    """The arrays of a file.

    Raises:
        ArraysError: it holds anything else, or more than it may.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > _MOST_ARRAYS or sum(each.file_size for each in members) > LARGEST_UNPACKED:
                raise ArraysError(f"it unpacks to more than {LARGEST_UNPACKED >> 20} MB")
            return {each.filename.removesuffix(_SUFFIX): _array(archive, each) for each in members}
    # What a library says of a damaged archive is of many kinds, none of which is of use to whoever reads it.
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError, ValueError) as problem:
        if isinstance(problem, ArraysError):
            raise
        raise ArraysError(f"it is no file of arrays ({type(problem).__name__})") from None


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Any:
    raw = archive.read(member)
    file = io.BytesIO(raw)
    version = np.lib.format.read_magic(file)
    if version != (1, 0):
        raise ArraysError(f"{member.filename} is of another format")
    shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(file)
    body = len(raw) - file.tell()
    # The header says how much is allocated: it has to be what is there.
    if dtype.kind not in _KINDS or math.prod(shape) * dtype.itemsize != body:
        raise ArraysError(f"{member.filename} is not what its header says")
    found = np.frombuffer(raw, dtype, offset=file.tell()).reshape(shape, order="F" if is_fortran else "C")
    return found.copy()
