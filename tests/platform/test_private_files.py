"""Files for their owner alone: whole or not there, whatever happens to whoever writes them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from claimwright.platform.private_files import PrivateFileError, new_private_file, read_private, write_private

_WRITING = """
import sys
from pathlib import Path
from claimwright.platform.private_files import PrivateFileError, new_private_file, read_private, write_private
with new_private_file(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    print("writing", flush=True)
    sys.stdin.read()
"""


def test_a_process_that_is_killed_while_it_writes_leaves_no_file(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _WRITING, str(tmp_path / "store.backup")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == b"writing\n"
        process.send_signal(signal.SIGKILL)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_while_writing_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "store.backup"
    file.write_bytes(b"before")

    def write() -> None:
        with new_private_file(file) as writing:
            writing.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write()
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"before"]


def test_a_link_is_replaced_and_what_it_names_is_not_written(tmp_path: Path) -> None:
    victim, link = tmp_path / "victim", tmp_path / "link"
    victim.write_bytes(b"before")
    link.symlink_to(victim)
    before = os.umask(0)
    try:
        with new_private_file(link) as writing:
            writing.write(b"after")
    finally:
        os.umask(before)
    assert (victim.read_bytes(), link.read_bytes(), link.is_symlink()) == (b"before", b"after", False)
    assert link.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_key_of_another_account_is_refused(tmp_path: Path) -> None:
    key = tmp_path / "key"
    write_private(key, b"secret")
    assert read_private(key) == b"secret"
    os.chown(key, 12_345, 12_345)
    with pytest.raises(PrivateFileError, match="belongs to another account"):
        read_private(key)
