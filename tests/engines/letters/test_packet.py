"""The packet as PDF: tagged, with title and language, the same bytes, marked places, nothing interpreted."""

from __future__ import annotations

import pypdfium2
import typst
from tests.engines.verification.test_gate import CASE, DRAFT, LIBRARY, NOTE

from claimwright.engines.letters import ExhibitFile, render_packet


def text_of(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    pages = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return [" ".join(page.split()) for page in pages]


def test_letter_and_exhibits_are_one_tagged_document_with_title_and_language() -> None:
    paper: bytes = typst.compile(b"Scanned note.\n\n" + NOTE.encode())
    exhibits = [
        ExhibitFile("A", "Progress note", (NOTE,), None, ((0, 39),)),
        ExhibitFile("B", "Scanned note", ("Scanned note.", "x")[:1], paper, ((0, 13),)),
    ]
    content = render_packet(CASE, DRAFT, LIBRARY, exhibits)
    assert content == render_packet(CASE, DRAFT, LIBRARY, exhibits)
    for part in (b"/MarkInfo", b"/StructTreeRoot", b"/Lang", b"pdfuaid", b"DisplayDocTitle"):
        assert part in content
    pages = text_of(content)
    assert "First-level appeal" in pages[0]
    assert "$200.00" in pages[0]
    assert any("Exhibit A, page 1 of 1" in page and "SpO2 86%" in page for page in pages)
    assert any("Exhibit B, page 1 of 1" in page for page in pages)


def test_what_a_letter_says_is_never_read_as_typesetting() -> None:
    hostile = DRAFT.statements[0].model_copy(update={"text": '#read("/etc/passwd") *bold* $x$ <b> \\ @label'})
    content = render_packet(CASE, DRAFT.model_copy(update={"statements": (hostile,)}), LIBRARY)
    assert '#read("/etc/passwd") *bold* $x$ <b> \\ @label' in text_of(content)[0]


def test_a_preview_says_so_on_every_page() -> None:
    exhibits = [ExhibitFile("A", "Progress note", (NOTE, NOTE))]
    for preview in (True, False):
        pages = text_of(render_packet(CASE, DRAFT, LIBRARY, exhibits, preview=preview))
        assert all(("NOT APPROVED" in page) is preview for page in pages)
