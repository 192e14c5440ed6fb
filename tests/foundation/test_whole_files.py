"""Files are whole or not there: a full disk is told by file, and never cuts one silently."""

from __future__ import annotations

import errno
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from claimwright.domain.batch import ClaimBatch
from claimwright.features.checking import Checker, ResultWriter
from claimwright.features.conversion import write_837_file, write_tables
from claimwright.features.intake import read_837
from claimwright.foundation.whole_files import WholeFile, named, whole_files
from claimwright_lab.sampling import SampleOptions, write_sample

FULL = Path("/dev/full")


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """As where a disk has room for so many bytes of a file and no more."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture(scope="module")
def batch(samples: Path) -> ClaimBatch:
    return read_837(samples / "professional.837")


def _results(batch: ClaimBatch, folder: Path, form: str) -> None:
    checker = Checker()
    with ResultWriter(folder, form) as writer:
        writer.write(checker.priced(batch, checker.check(batch.select([1])).findings), "file")


WRITERS: dict[str, Callable[[ClaimBatch, Path], object]] = {
    "an 837": lambda batch, folder: write_837_file([batch], folder / "out.837"),
    "an 837, packed": lambda batch, folder: write_837_file([batch], folder / "out.837.gz"),
    "tables": lambda batch, folder: write_tables([batch], folder, "csv"),
    "tables of Parquet": lambda batch, folder: write_tables([batch], folder, "parquet"),
    "results": lambda batch, folder: _results(batch, folder, "jsonl"),
    "results of Parquet": lambda batch, folder: _results(batch, folder, "parquet"),
    "a sample": lambda _, folder: write_sample(folder / "out.837", SampleOptions(claims=30)),
}


@pytest.mark.parametrize("writer", WRITERS.values(), ids=WRITERS)
def test_what_a_disk_has_no_room_for_leaves_nothing_and_is_told_by_file(
    writer: Callable[[ClaimBatch, Path], object], batch: ClaimBatch, tmp_path: Path
) -> None:
    with files_of_at_most(2_000), pytest.raises(OSError, match="too large") as raised:
        writer(batch, tmp_path)
    assert str(raised.value.filename).startswith(str(tmp_path))
    assert raised.value.strerror
    assert list(tmp_path.iterdir()) == []


def test_what_stood_there_stays_until_the_new_one_is_whole(batch: ClaimBatch, tmp_path: Path) -> None:
    target = tmp_path / "out.837"
    target.write_text("the one before")
    with files_of_at_most(2_000), pytest.raises(OSError, match="too large"):
        write_837_file([batch], target)
    assert target.read_text() == "the one before"
    write_837_file([batch], target)
    assert len(read_837(target)) == len(batch)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    link = tmp_path / "near.txt"
    link.symlink_to(tmp_path / "far" / "there.txt")
    with WholeFile(link) as part:
        part.write_text("new")
    assert link.is_symlink()
    assert (tmp_path / "far" / "there.txt").read_text() == "new"


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_a_device_is_written_itself_and_its_refusal_is_told() -> None:
    with pytest.raises(OSError, match="No space left") as raised, WholeFile(FULL) as part:
        part.write_text("x" * 10_000)
    assert raised.value.filename == str(FULL)
    assert FULL.is_char_device()


def test_of_several_none_has_its_name_before_all_are_written(tmp_path: Path) -> None:
    def write_one_of_two() -> None:
        with whole_files(tmp_path / "one", tmp_path / "two") as (one, _):
            one.write_text("whole")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_one_of_two()
    assert list(tmp_path.iterdir()) == []


def test_a_library_that_gives_no_reason_is_given_one() -> None:
    told = named(OSError("No space left on device (os error 28)"), Path("/far/claims.parquet"))
    assert (told.errno, told.filename) == (errno.ENOSPC, "/far/claims.parquet")
    assert told.strerror == "No space left on device"
    assert named(OSError("odd"), Path("x")).strerror
