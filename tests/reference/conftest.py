"""What the tests of reference data share: a day, a store, files in published layouts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from claimwright.reference import Snapshot, snapshot

DAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def known() -> Snapshot:
    """What the package alone knows."""
    return snapshot(DAY)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store of one's own, which is not there yet."""
    return tmp_path / "store"


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file of this name, and say where."""

    def putting(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return putting


@pytest.fixture(scope="session")
def published(shared_data: Path) -> Path:
    """The folder of published reference files."""
    return shared_data / "reference"


def zipped(**files: str | bytes) -> bytes:
    """A zip of files; a double underscore in a name stands for the dot."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return buffer.getvalue()


def workbook(rows: list[list[object]]) -> bytes:
    """A workbook of one sheet: texts as texts, and numbers as numbers."""
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


PAIRS_HEAD = """\
CPT only copyright 2025 American Medical Association.  All rights reserved.\t\t\t\t\t\t
Column1/Column2 Edits\t\t\t\t\t\t
Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale
\t\tprior to 1996\tDate\tDate\t0=not allowed\t
\t\t\t\t*=no data\t1=allowed\t
\t\t\t\t\t9=not applicable\t
"""


def hcpcs_record(code: str, added: str, ended: str = "", *, record: str = "3", length: int = 320) -> str:
    """A line of the HCPCS file: 320 characters, the fields where CMS's record layout has them."""
    line = list(" " * 320)
    for first, text in (
        (1, code), (6, "00100"), (11, record), (12, "words of the publisher"), (92, "short"), (120, "51"),
        (230, "C"), (269, added), (277, added), (285, ended), (293, "N"),
    ):  # fmt: skip
        line[first - 1 : first - 1 + len(text)] = text
    return "".join(line)[:length]
