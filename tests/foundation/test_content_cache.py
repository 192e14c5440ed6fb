"""Results kept in a folder of the user: used where they are whole and private, and never needed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from claimwright.foundation.content_cache import cache_folder, content_key, keep, kept


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLAIMWRIGHT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def only_file(folder: Path) -> Path:
    [path] = folder.iterdir()
    return path


def test_what_is_kept_comes_back(folder: Path) -> None:
    assert kept("thing", "k1") is None
    keep("thing", "k1", b"content")
    assert kept("thing", "k1") == b"content"
    assert kept("thing", "k2") is None
    assert kept("other", "k1") is None


def test_the_newest_few_of_a_kind_stay(folder: Path) -> None:
    """Two versions that are used by turns do not take each other's place."""
    keep("other", "k1", b"stays")
    for age, key in enumerate(["k5", "k4", "k3", "k2"]):
        keep("thing", key, b"old")
        os.utime(folder / f"thing-{key}.bin", ns=(age, age))
    keep("thing", "k1", b"new")
    assert kept("thing", "k5") is None
    assert [kept("thing", key) for key in ("k4", "k3", "k2", "k1")] == [b"old", b"old", b"old", b"new"]
    assert kept("other", "k1") == b"stays"


def test_folder_and_file_are_private(folder: Path) -> None:
    keep("thing", "k1", b"content")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(only_file(folder).stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o644])
def test_a_file_that_others_can_reach_is_not_used(folder: Path, mode: int) -> None:
    keep("thing", "k1", b"content")
    only_file(folder).chmod(mode)
    assert kept("thing", "k1") is None


def test_a_folder_that_others_can_write_is_not_used(folder: Path) -> None:
    keep("thing", "k1", b"content")
    folder.chmod(0o777)
    assert kept("thing", "k1") is None
    keep("thing", "k2", b"more")
    assert len(list(folder.iterdir())) == 1


def test_a_damaged_file_is_not_used(folder: Path) -> None:
    keep("thing", "k1", b"content")
    path = only_file(folder)
    path.write_bytes(path.read_bytes()[:-1] + b"X")
    assert kept("thing", "k1") is None
    path.write_bytes(b"short")
    assert kept("thing", "k1") is None


def test_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    keep("thing", "k1", b"content")
    path = only_file(folder)
    moved = tmp_path / "elsewhere"
    path.rename(moved)
    path.symlink_to(moved)
    assert kept("thing", "k1") is None


def test_nothing_fails_where_nothing_can_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    monkeypatch.setenv("CLAIMWRIGHT_CACHE", str(blocked / "cache"))
    keep("thing", "k1", b"content")
    assert kept("thing", "k1") is None
    monkeypatch.setenv("CLAIMWRIGHT_CACHE", "")
    assert cache_folder() is None
    keep("thing", "k1", b"content")
    assert kept("thing", "k1") is None


def test_the_folder_is_where_the_desktop_keeps_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLAIMWRIGHT_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cache_folder() == Path("/somewhere/claimwright")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/somebody")
    assert cache_folder() == Path("/somebody/.cache/claimwright")
    assert os.environ["HOME"] == "/somebody"


def test_a_key_tells_contents_apart_by_where_they_end() -> None:
    assert content_key([b"ab", b"c"]) != content_key([b"a", b"bc"])
    assert content_key([b"ab", b"c"]) == content_key([b"ab", b"c"])
