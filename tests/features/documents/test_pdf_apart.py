"""A PDF is read in a process of its own, which ends if the PDF was made to take for ever."""

from __future__ import annotations

import zlib

import pytest
import typst

from claimwright.engines.evidence.documents import UnreadableDocumentError
from claimwright.features.documents import pdf_apart
from claimwright.features.documents.pdf_apart import pdf_pages_apart


def pdf_of(*objects: bytes) -> bytes:
    """A PDF of these objects; the first is its catalog."""
    made, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % each for each in places)
    count = len(objects) + 1
    return made + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
        % (count, table, count, len(made))
    )


def stream(content: bytes, more: bytes = b"") -> bytes:
    packed = zlib.compress(content)
    return b"<<%s/Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (more, len(packed), packed)


def test_pages_come_back_with_their_text() -> None:
    content = typst.compile(b"First page \n #pagebreak() \n Second page, caf\xc3\xa9")
    first, second = pdf_pages_apart(content)
    assert (first.strip(), second.strip()) == ("First page", "Second page, caf\u00e9")


def test_what_is_no_pdf_says_why() -> None:
    with pytest.raises(UnreadableDocumentError, match="damaged"):
        pdf_pages_apart(b"%PDF-1.4 and nothing else")


def test_a_page_that_draws_itself_again_and_again_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each form draws itself seven times: what reads it has 7 to the power of its levels to do."""
    monkeypatch.setattr(pdf_apart, "PROCESSOR_SECONDS", 2)
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 1 1]/Resources<</XObject<</X 5 0 R>>>>"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>"
    endless = pdf_of(
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page,
        stream(b"/X Do " * 50), stream(b"/X Do " * 7, form),
    )  # fmt: skip
    with pytest.raises(UnreadableDocumentError, match="too long"):
        pdf_pages_apart(endless)
