"""Named arrays in one file, read with limits: a file that would fill the memory is refused, not unpacked.

ArraysError (ValueError)   the file contains something else or exceeds a limit; names the array
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
# Integers, floats and booleans: no type that could contain a Python object.
_KINDS = "iufb"


class ArraysError(ModelError, ValueError):
    """The file can't be read as arrays."""


def packed(arrays: dict[str, Any]) -> bytes:
    """Named arrays as the content of one file; the same arrays give the same bytes."""
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def unpacked(content: bytes) -> dict[str, Any]:
    """The arrays of a file.

    Raises:
        ArraysError: it contains something else, or exceeds a limit.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > _MOST_ARRAYS or sum(each.file_size for each in members) > LARGEST_UNPACKED:
                raise ArraysError(f"it unpacks to more than {LARGEST_UNPACKED >> 20} MB")
            return {each.filename.removesuffix(_SUFFIX): _array(archive, each) for each in members}
    # Libraries raise many different errors for a damaged archive; none of them helps the user.
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError, ValueError) as problem:
        if isinstance(problem, ArraysError):
            raise
        raise ArraysError(f"it is not a file of arrays ({type(problem).__name__})") from None


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Any:
    raw = archive.read(member)
    file = io.BytesIO(raw)
    version = np.lib.format.read_magic(file)
    if version != (1, 0):
        raise ArraysError(f"{member.filename} has another format")
    shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(file)
    body = len(raw) - file.tell()
    # The header determines how much is allocated, so it must match the actual size.
    if dtype.kind not in _KINDS or math.prod(shape) * dtype.itemsize != body:
        raise ArraysError(f"{member.filename} does not match its header")
    found = np.frombuffer(raw, dtype, offset=file.tell()).reshape(shape, order="F" if is_fortran else "C")
    return found.copy()
