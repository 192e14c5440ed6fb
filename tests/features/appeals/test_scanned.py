"""Scanned pages: read by recognition, turned upright, with the places of their words; what can't be read
says so.
"""

from __future__ import annotations

import datetime
import io
import shutil

import pypdfium2
import pytest
import typst
from PIL import Image
from tests.features.appeals.conftest import PEOPLE, Office
from tests.features.pipeline.bench_of_claims import CALLER

from claimwright.domain.recognized import RecognizedPage
from claimwright.engines.evidence import UnreadableDocumentError, read_document, read_findings
from claimwright.engines.letters.exhibits import ExhibitFile, exhibit_pages
from claimwright.features.documents import StoredDocument, add_document, document_texts, recognizer

needs_tesseract = pytest.mark.skipif(
    shutil.which("tesseract") is None, reason="NOT CHECKED: there is no Tesseract on this machine (make ocr)"
)
NOTE = """Progress note

Patient: {first} {last}

Date of visit: 01/15/2026

The patient has type 2 diabetes with neuropathy. No chest pain today.

Mother had breast cancer.

Plan: continue metformin and return in three months.
"""
SPANISH = """Nota de evolución

Paciente: {first} {last}

El paciente refiere dolor en la espalda desde hace dos semanas, sin fiebre, con debilidad del pie. La
paciente presenta dolor con la marcha y refiere dolor por la noche. El dolor es peor con el frío.
"""


def scan(text: str, *, turned: int = 0) -> Image.Image:
    """A page as a scanner makes it, by how many degrees it lay turned."""
    source = '#set page("us-letter", margin: 1in)\n#set text(size: 12pt)\n' + text
    document = pypdfium2.PdfDocument(typst.compile(source.encode()))
    picture = document[0].render(scale=200 / 72, grayscale=True).to_pil()
    document.close()
    return picture.rotate(turned, expand=True, fillcolor=255)


def as_file(kind: str, *pages: Image.Image) -> bytes:
    """Pages as one TIFF, PDF or PNG."""
    content = io.BytesIO()
    if kind == "TIFF":
        bits = [page.convert("1") for page in pages]
        bits[0].save(
            content, "TIFF", compression="group4", save_all=True, append_images=bits[1:], dpi=(200, 200)
        )
    elif kind == "PDF":
        pages[0].save(content, "PDF", save_all=True, append_images=pages[1:], resolution=200)
    else:
        pages[0].save(content, kind)
    return content.getvalue()


def add(office: Office, content: bytes, name: str, number: str = "A500") -> StoredDocument:
    """Add a document to a claim."""
    with office.database.transaction(CALLER) as connection:
        return add_document(
            CALLER, connection, office.clinic.sealer, office.clinic.key_of(number), name, content,
            recognize=recognizer(),
        )  # fmt: skip


@needs_tesseract
def test_a_scan_on_its_head_is_turned_read_and_marked_where_its_words_are(office: Office) -> None:
    page = NOTE.format(**PEOPLE["A500"])
    made = add(office, as_file("TIFF", scan(page, turned=180), scan("No rash.", turned=0)), "scan.tif")
    assert (made.kind, made.pages, made.type, made.dated_on) == (
        "image", 2, "progress note", datetime.date(2026, 1, 15),
    )  # fmt: skip
    assert made.problem is not None and "page 1 was upside down" in made.problem  # noqa: PT018
    assert not made.is_blocked
    assert made.proposed >= 1
    with office.database.transaction(CALLER) as connection:
        texts = document_texts(CALLER, connection, office.clinic.sealer, office.clinic.key_of("A500"))
    text = texts[made.document_id]
    at = text.text.index("type 2 diabetes")
    exhibit = ExhibitFile(
        "A", "Scan", text.pages, as_file("TIFF", scan(page, turned=180), scan("No rash.")),
        ((at, at + 15),), text.scans,
    )  # fmt: skip
    pictures = [picture for _, picture in exhibit_pages(exhibit) if picture is not None]
    # "type", "2" and "diabetes" each have a box; the other page has none.
    assert [content.count(b"<rect") for _, content in pictures] == [3, 0]


@needs_tesseract
@pytest.mark.parametrize(("kind", "turned"), [("PDF", 0), ("PDF", 90), ("PNG", 270)])
def test_a_scanned_page_is_read_whichever_way_it_lies(kind: str, turned: int) -> None:
    content = as_file(kind, scan(NOTE.format(first="KIM", last="MOE"), turned=turned))
    assert read_document(content).blank_pages == (1,)
    read = read_document(content, recognizer())
    assert "has type 2 diabetes with neuropathy" in read.text
    assert {each.clinical.concept for each in read_findings(read.text)} >= {"type 2 diabetes"}
    # Offsets of words are offsets of the text.
    for word in read.scans[1].words:
        assert read.pages[0][word.start : word.end].strip() == read.pages[0][word.start : word.end]


@needs_tesseract
def test_a_scan_of_another_patient_is_kept_and_blocked_and_a_spanish_one_gives_no_facts(
    office: Office,
) -> None:
    other = add(office, as_file("PNG", scan(NOTE.format(first="ANN", last="POE"))), "other.png")
    assert other.is_blocked and "another patient" in (other.problem or "")  # noqa: PT018
    spanish = add(office, as_file("PNG", scan(SPANISH.format(**PEOPLE["A500"]))), "nota.png")
    assert "Spanish" in (spanish.problem or "")
    assert spanish.findings == 0


@needs_tesseract
def test_an_empty_page_says_that_nothing_can_be_read_on_it() -> None:
    read = read_document(as_file("PNG", Image.new("L", (1700, 2200), 255)), recognizer())
    assert (read.blank_pages, read.warnings) == ((1,), ("nothing can be read on page 1.",))


def test_only_so_many_pages_are_recognized_at_once_and_the_others_are_named() -> None:
    page = Image.new("L", (200, 200), 255)
    content = as_file("TIFF", *[page] * 5)
    asked: list[int] = []

    def recognize(_: bytes, number: int) -> RecognizedPage:
        asked.append(number)
        return RecognizedPage("Words of the page.", 0, 50.0)

    read = read_document(content, recognize, most_recognized=2)
    assert (asked, read.blank_pages) == ([1, 2], (3, 4, 5))
    assert any("3 of 5 pages" in each and "split the document" in each for each in read.warnings)
    assert any("pages 1, 2 can hardly be read" in each for each in read.warnings)


def test_500_pages_are_read_and_501_are_refused_with_the_reason() -> None:
    page = Image.new("1", (8, 8), 1)
    assert len(read_document(as_file("TIFF", *[page] * 500)).pages) == 500
    with pytest.raises(UnreadableDocumentError, match="501 pages"):
        read_document(as_file("TIFF", *[page] * 501))


def test_a_picture_cut_off_and_an_encrypted_word_file_say_what_they_are() -> None:
    with pytest.raises(UnreadableDocumentError, match="picture is damaged"):
        read_document(as_file("PNG", scan("Some words."))[:3000])
    with pytest.raises(UnreadableDocumentError, match="encrypted"):
        read_document(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600)
