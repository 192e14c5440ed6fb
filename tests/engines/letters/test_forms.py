"""A letter as Word document, as fax pages, and many of them to print; a packet that a screen reader can
read.
"""

from __future__ import annotations

import datetime
import io

import docx
import pikepdf
import pypdfium2
import pytest
from PIL import Image
from tests.engines.letters.test_packet import text_of
from tests.engines.verification.test_gate import CASE, DRAFT, LIBRARY, NOTE

from claimwright.engines.letters import (
    ExhibitFile,
    PrintedLetter,
    fax_pages,
    print_batch,
    render_packet,
    render_word,
)

DAY = datetime.date(2026, 3, 1)


def test_a_word_document_says_what_the_letter_says_and_is_the_same_each_time() -> None:
    content = render_word(CASE, DRAFT, LIBRARY)
    assert content == render_word(CASE, DRAFT, LIBRARY)
    # python-docx is somebody else's reader of the format.
    read = docx.Document(io.BytesIO(content))
    paragraphs = [each.text for each in read.paragraphs]
    for statement in DRAFT.statements:
        assert statement.text in paragraphs
    assert [each.text for each in read.paragraphs if each.style.name == "Title"] == ["First-level appeal"]
    assert next(each.text for each in read.paragraphs if each.style.name == "Heading 1") == "Request"
    cells = [cell.text for row in read.tables[0].rows for cell in row.cells]
    assert "$200.00" in cells
    assert read.core_properties.title == "First-level appeal: claim A200"
    assert "NOT APPROVED" not in paragraphs
    preview = docx.Document(io.BytesIO(render_word(CASE, DRAFT, LIBRARY, preview=True)))
    assert preview.paragraphs[0].text == "NOT APPROVED"


def test_what_a_letter_says_is_never_read_as_markup_of_a_word_document() -> None:
    hostile = DRAFT.statements[0].model_copy(update={"text": "</w:t><w:del/> & \x0b <b>"})
    content = render_word(CASE, DRAFT.model_copy(update={"statements": (hostile,)}), LIBRARY)
    read = docx.Document(io.BytesIO(content))
    assert "</w:t><w:del/> &  <b>" in [each.text for each in read.paragraphs]


def test_fax_pages_are_black_and_white_group_4_in_fine_resolution() -> None:
    packet = render_packet(
        CASE, DRAFT, LIBRARY, [ExhibitFile("A", "Progress note", (NOTE,), None, ((0, 39),))]
    )
    content = fax_pages(packet)
    assert content == fax_pages(packet)
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.n_frames == len(text_of(packet))
        for page in range(picture.n_frames):
            picture.seek(page)
            tags = picture.tag_v2
            # ITU-T T.4: 1728 dots a line, 204 by 196 an inch; TIFF compression 4 is T.6; 11 inches.
            assert picture.size == (1728, 2156)
            assert (tags[259], tags[258], float(tags[282]), float(tags[283])) == (4, (1,), 204.0, 196.0)
            # Something is on it, and most of it is paper.
            dark = picture.convert("L").histogram()[0] / (1728 * 2156)
            assert 0.002 < dark < 0.3


def test_letters_to_print_have_a_cover_sheet_each_and_begin_on_a_sheet_of_their_own() -> None:
    letter = render_packet(CASE, DRAFT, LIBRARY)
    pages = len(text_of(letter))
    printed = [
        PrintedLetter(letter, (name, "PO Box 1"), ("Clinic",), (("Appeal", name),)) for name in ("ONE", "TWO")
    ]
    content = print_batch(printed, made_on=DAY)
    assert content == print_batch(printed, made_on=DAY)
    text = text_of(content)
    each = 2 + pages + pages % 2
    assert len(text) == 2 * each
    assert "Letter 1 of 2" in text[0] and "ONE" in text[0]  # noqa: PT018
    assert "Letter 2 of 2" in text[each] and "TWO" in text[each]  # noqa: PT018
    assert text[2] == text_of(letter)[0]


def test_a_packet_is_tagged_in_reading_order_with_language_title_and_a_text_for_each_picture() -> None:
    paper = io.BytesIO()
    Image.new("L", (850, 1100), 255).save(paper, "PNG")
    exhibits = [
        ExhibitFile("A", "Progress note", (NOTE,), None, ((0, 39),)),
        ExhibitFile("B", "Scanned note", ("Scanned words.",), paper.getvalue()),
    ]
    content = render_packet(CASE, DRAFT, LIBRARY, exhibits)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        root = pdf.Root
        assert str(root.Lang) == "en-US"
        assert bool(root.MarkInfo.Marked)
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert "claim A200" in str(metadata["dc:title"])
        for page in pdf.pages:
            # Tab order by structure, and no page whose content is outside of the tree.
            assert page.Tabs == "/S"
            assert "/StructParents" in page
        elements = list(_elements(root.StructTreeRoot))
        kinds = [kind for kind, _ in elements]
        figures = [node for kind, node in elements if kind == "/Figure"]
    headings = [kind for kind in kinds if kind in {"/H1", "/H2", "/H3"}]
    # One title, then sections below it, none skipped.
    assert headings[0] == "/H1"
    assert headings.count("/H1") == 1
    assert set(headings) <= {"/H1", "/H2"}
    assert {"/P", "/L", "/LI", "/Table", "/TH", "/TD", "/Figure"} <= set(kinds)
    assert all("/Alt" in node for node in figures)


def _elements(node: pikepdf.Object) -> list[tuple[str, pikepdf.Object]]:
    """The elements of a structure tree in their order, which is the order of reading."""
    found = []
    children = node.get("/K", [])
    if not isinstance(children, pikepdf.Array):
        children = [children]
    for each in children:
        if isinstance(each, pikepdf.Dictionary) and "/S" in each:
            found.append((str(each.S), each))
            found += _elements(each)
    return found


def test_the_text_of_the_tree_is_read_in_the_order_of_the_letter() -> None:
    """Content of a page stands in the order of its marks: what pdfium reads is what a screen reader says."""
    pages = text_of(render_packet(CASE, DRAFT, LIBRARY))
    text = " ".join(pages)
    places = [text.index(" ".join(each.text.split())[:40]) for each in DRAFT.statements]
    assert places == sorted(places)


def test_a_fax_of_too_many_pages_is_refused() -> None:
    document = pypdfium2.PdfDocument.new()
    for _ in range(201):
        document.new_page(100, 100)
    content = io.BytesIO()
    document.save(content)
    with pytest.raises(ValueError, match="201 pages are too many"):
        fax_pages(content.getvalue())
