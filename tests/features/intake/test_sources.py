"""What a folder holds was not named by whoever named the folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from claimwright.features.intake import SourceError, sources


def test_a_link_in_a_folder_is_not_followed_and_one_that_is_named_is(tmp_path: Path) -> None:
    inbox, elsewhere = tmp_path / "inbox", tmp_path / "secret"
    inbox.mkdir()
    elsewhere.write_bytes(b"ISA*secret")
    (inbox / "a.837").write_bytes(b"ISA*00")
    (inbox / "b.837").symlink_to(elsewhere)
    first, second = sources([inbox])
    assert b"".join(first.chunks()) == b"ISA*00"
    for read in (lambda: list(second.chunks()), second.digest):
        with pytest.raises(SourceError, match="is a link"):
            read()
    [named] = sources([inbox / "b.837"])
    assert b"".join(named.chunks()) == b"ISA*secret"
