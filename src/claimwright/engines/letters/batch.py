"""Many letters as one PDF to print: a cover sheet before each, with where it goes and what belongs to it.

The pages of a letter are those of its own PDF. The printed file is for paper: it is not tagged; each
letter's own is.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class PrintedLetter:
    """A letter to print. `to` and `sender` are lines; `what` are label and value of the cover sheet."""

    pdf: bytes
    to: tuple[str, ...]
    sender: tuple[str, ...]
    what: tuple[tuple[str, str], ...]


def print_batch(letters: Sequence[PrintedLetter], *, made_on: datetime.date) -> bytes:
    """One PDF: for each letter its cover sheet, then its pages; each begins on a front side.

    The same letters give the same bytes.
    """
    import pypdfium2
    import typst

    opened = [pypdfium2.PdfDocument(each.pdf) for each in letters]
    sheets = [
        {
            "to": list(each.to), "sender": list(each.sender), "what": [list(pair) for pair in each.what],
            "pages": len(document), "number": number, "of": len(letters),
        }
        for number, (each, document) in enumerate(zip(letters, opened, strict=True), 1)
    ]  # fmt: skip
    moment = int(datetime.datetime.combine(made_on, datetime.time(), datetime.UTC).timestamp())
    covers: bytes = typst.compile(  # type: ignore[call-overload]  # its stubs lack the input of several files
        {"main.typ": _typesetting(), "data.json": json.dumps({"sheets": sheets}).encode()},
        ignore_system_fonts=True, timestamp=moment,
    )  # fmt: skip
    cover = pypdfium2.PdfDocument(covers)
    made = pypdfium2.PdfDocument.new()
    for number, document in enumerate(opened):
        made.import_pages(cover, [number * 2, number * 2 + 1])
        made.import_pages(document)
        if len(document) % 2:
            # The back of the last sheet: the next letter begins on a sheet of its own.
            made.new_page(612, 792)
    content = io.BytesIO()
    made.save(content)
    for document in (made, cover, *opened):
        document.close()
    return _with_known_id(content.getvalue())


def _with_known_id(pdf: bytes) -> bytes:
    """The PDF with an identifier made of its content, where its writer puts a random one of equal length."""

    def known(match: re.Match[bytes]) -> bytes:
        digest = hashlib.sha256(pdf[: match.start()]).hexdigest().upper().encode()
        return re.sub(rb"[0-9A-F]{32}", digest[:32], match[0])

    return re.sub(rb"/ID\s*\[[^\]]*\]", known, pdf)


@cache
def _typesetting() -> bytes:
    return (files(__package__) / "cover.typ").read_bytes()
