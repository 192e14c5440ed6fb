"""A password that a list of breaches has is refused; the list is searched, not read."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from claimwright.platform.identity import AccountError, BreachedPasswordsError, refuse_breached

KNOWN = [f"seven brown foxes {number}" for number in range(500)]


def listed(folder: Path, *, counts: bool, end: str = "\r\n") -> Path:
    hashes = sorted(hashlib.sha1(each.encode()).hexdigest().upper() for each in KNOWN)  # noqa: S324 - of the list
    lines = [f"{each}:{at * 37}" if counts else each for at, each in enumerate(hashes)]
    path = folder / "breached.txt"
    path.write_bytes((end.join(lines) + end).encode())
    return path


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_password_of_the_list_is_refused_and_no_other(tmp_path: Path, counts: bool, end: str) -> None:
    path = listed(tmp_path, counts=counts, end=end)
    for each in KNOWN:
        with pytest.raises(AccountError, match="breach") as refused:
            refuse_breached(path, each)
        assert each not in str(refused.value)
    for each in KNOWN:
        refuse_breached(path, f"{each} more")


def test_without_a_list_every_password_goes(tmp_path: Path) -> None:
    refuse_breached(None, KNOWN[0])
    empty = tmp_path / "empty.txt"
    empty.touch()
    refuse_breached(empty, KNOWN[0])


def test_a_list_that_can_not_be_searched_lets_no_password_through(tmp_path: Path) -> None:
    with pytest.raises(BreachedPasswordsError, match="No such file"):
        refuse_breached(tmp_path / "missing.txt", KNOWN[0])
    other = tmp_path / "other.txt"
    other.write_text("password\nletmein\n" * 100)
    with pytest.raises(BreachedPasswordsError, match="no SHA-1"):
        refuse_breached(other, KNOWN[0])
