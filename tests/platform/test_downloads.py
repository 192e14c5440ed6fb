"""Downloads: from where, how large, and that nothing is left of what fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.file_server import served

from claimwright.platform.downloads import DownloadError, download


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "published"
    folder.mkdir()
    (folder / "file.csv").write_bytes(b"x" * 5_000)
    with served(folder) as found:
        yield found


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


def test_a_file_comes_whole_under_its_name(address: str, into: Path) -> None:
    path = download(f"{address}/file.csv", into)
    assert path == into / "file.csv"
    assert path.read_bytes() == b"x" * 5_000


def test_a_name_that_the_server_gives_stays_in_the_folder(address: str, into: Path) -> None:
    assert download(f"{address}/named", into) == into / "payers.csv"


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/file.csv", "is larger than 0 MB"),
        ("/short", "ended after 9 of 100 bytes|IncompleteRead"),
        ("/away", "only https is used"),
        ("/nowhere.csv", "the server answers 404"),
    ],
)
def test_what_fails_is_said_and_nothing_is_left(address: str, into: Path, path: str, problem: str) -> None:
    with pytest.raises(DownloadError, match=problem):
        download(f"{address}{path}", into, most_bytes=4_000)
    assert list(into.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://192.0.2.1/file.csv", "only https is used"),
        ("ftp://192.0.2.1/file.csv", "only https is used"),
        ("https://user:hunter2@192.0.2.1/file.csv", "with a user or a password"),
        ("https://[::1/file.csv", "this is no address"),
        ("http://127.0.0.1:9/file.csv", "can't be fetched"),
    ],
)
def test_where_a_file_may_come_from(into: Path, url: str, problem: str) -> None:
    with pytest.raises(DownloadError, match=problem) as refused:
        download(url, into)
    assert "hunter2" not in str(refused.value)
