"""Passwords that became known in breaches, by a file that the operator brings.

The file has the SHA-1 hash of each password in hexadecimal letters, one a line, sorted; what follows a colon
is ignored. The list of Have I Been Pwned can be downloaded in this form. Some 40 GB are searched with 40
reads, and no password, nor a part of its hash, leaves the machine.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO

from .errors import AccountError, BreachedPasswordsError

# Longer than a line; from anywhere in the file, so many bytes have the whole of the next one.
_LINE_BYTES = 128
_HASH_LETTERS = 40


def refuse_breached(file: Path | None, password: str) -> None:
    """Go on only with a password that the file does not have. Without a file, with any.

    Raises:
        AccountError: it has; never shows the password.
        BreachedPasswordsError: the file can't be read, or is none of this form.
    """
    if file is None:
        return
    # SHA-1 is how the list is published; nothing is kept by it.
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    try:
        with file.open("rb") as opened:
            is_known = _has(opened, wanted)
    except OSError as problem:
        raise BreachedPasswordsError(f"{file}: {problem.strerror}.") from None
    if is_known:
        raise AccountError("the password became known in a breach elsewhere. Choose several other words.")


def _has(file: BinaryIO, wanted: bytes) -> bool:
    low, high = 0, file.seek(0, 2)
    # The line that begins first at or after `low` may be it, and none that begins at or after `high`.
    while low < high:
        middle = (low + high) // 2
        found, begins = _line_from(file, middle)
        if found is None or begins >= high or found > wanted:
            high = middle
        elif found < wanted:
            low = begins + 1
        else:
            return True
    return False


def _line_from(file: BinaryIO, offset: int) -> tuple[bytes | None, int]:
    """The hash of the first line that begins at or after an offset, and where it begins; None at the end."""
    at = max(0, offset - 1)
    file.seek(at)
    text = file.read(2 * _LINE_BYTES)
    begin = text.find(b"\n") + 1 if offset else 0
    if offset and not begin:
        return None, at + len(text)
    line = text[begin:].partition(b"\n")[0].partition(b":")[0].strip().upper()
    if not line:
        return None, at + begin
    if len(line) != _HASH_LETTERS:
        raise BreachedPasswordsError("the file of breached passwords has a line that is no SHA-1 hash.")
    return line, at + begin
