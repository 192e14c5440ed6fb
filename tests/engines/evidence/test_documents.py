"""Documents as text: every kind that is read, and each that is refused with its reason."""

from __future__ import annotations

import datetime
import io
import zipfile

import pytest
import typst

from claimwright.domain.recognized import RecognizedPage
from claimwright.engines.evidence import UnreadableDocumentError, read_document, read_findings

NOTE = "Progress note\nDate of visit: 03/10/2026\nNo fever. The patient has pneumonia."
_DOCX = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}'
    "</w:body></w:document>"
)


def docx(*paragraphs: str, extra: str = "") -> bytes:
    body = "".join(f"<w:p><w:r><w:t>{each}</w:t></w:r></w:p>" for each in paragraphs)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as parts:
        parts.writestr("word/document.xml", extra + _DOCX.format(body))
    return made.getvalue()


def pdf(*pages: str) -> bytes:
    text = "#pagebreak()\n".join(page.replace("\n", " \\\n") + "\n" for page in pages)
    made: bytes = typst.compile(text.encode())
    return made


RTF = (
    rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}{\info{\title Secret}}\f0 "
    rb"Progress note\par Date of visit: 03/10/2026\par "
    rb"No fever. The patient\rquote s \u233?tat: The patient has {\b pneumonia}.\par}"
)
CCDA = b"""<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"><title>Progress note</title>
<effectiveTime
value="20260310120000"/><component><structuredBody><component><section><title>Assessment</title>
<text><list><item>No fever.</item><item>The patient has pneumonia.</item></list></text></section></component>
<component><section><title>Family history</title><text><paragraph>Mother: asthma.</paragraph></text></section>
</component></structuredBody></component></ClinicalDocument>"""


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("text", NOTE.encode()), ("docx", docx(*NOTE.split("\n"))), ("pdf", pdf(NOTE)), ("rtf", RTF),
        ("ccda", CCDA),
    ],
)  # fmt: skip
def test_every_kind_gives_its_text_type_and_date(kind: str, content: bytes) -> None:
    read = read_document(content)
    assert (read.kind, read.type, read.dated_on) == (kind, "progress note", datetime.date(2026, 3, 10))
    found = {each.clinical.concept: each.clinical.polarity for each in read_findings(read.text)}
    assert (found["pneumonia"], found["fever"]) == ("present", "absent")
    assert "Secret" not in read.text


def test_sections_of_a_clinical_document_keep_their_meaning() -> None:
    read = read_document(CCDA)
    assert {
        each.clinical.subject for each in read_findings(read.text) if each.clinical.concept == "asthma"
    } == {"family"}


def test_pages_keep_their_places() -> None:
    read = read_document(pdf("First page with words on it.", "Second page: the patient has pneumonia."))
    [found] = [each for each in read_findings(read.text) if each.clinical.concept == "pneumonia"]
    assert (len(read.pages), read.page_of(found.start)) == (2, 2)
    assert read.pages[1][found.start - read.start_of(2) :].startswith("pneumonia")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"  \n", "empty"),
        (b"%PDF-1.7 nonsense", "damaged"),
        (b"PK\x03\x04 nonsense", "no Word document"),
        (b"\x89PNG\r\n\x1a\n1234", "picture is damaged"),
        (b"GIF89a\x00\x00\x01", "of a kind that is not read"),
        (docx("x", extra='<!DOCTYPE a [<!ENTITY b "c">]>'), "entities"),
        (b"\f".join([b"page"] * 501), "501 pages"),
    ],
)
def test_what_cannot_be_read_says_why(content: bytes, why: str) -> None:
    with pytest.raises(UnreadableDocumentError, match=why):
        read_document(content)


def packed(document: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("word/document.xml", document)
    return out.getvalue()


def test_entities_are_refused_in_every_encoding() -> None:
    text = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    for encoding in ("utf-8", "utf-16"):
        with pytest.raises(UnreadableDocumentError, match="entities"):
            read_document(packed(text.encode(encoding)))


@pytest.mark.parametrize("tag", ["w:p", "w:tbl"])
def test_what_is_nested_without_end_is_refused_at_once(tag: str) -> None:
    """Each paragraph within others would be read as often as it is deep."""
    inside = f"<{tag}>" * 100_000 + f"</{tag}>" * 100_000
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    with pytest.raises(UnreadableDocumentError, match="too deeply"):
        read_document(packed(f'<w:document xmlns:w="{space}">{inside}</w:document>'.encode()))


def test_a_word_document_whose_content_is_damaged_says_so() -> None:
    content = bytearray(packed(b"<a>" + b"a note of some length " * 20 + b"</a>"))
    content[50:54] = b"\xff" * 4
    with pytest.raises(UnreadableDocumentError):
        read_document(bytes(content))


def test_a_page_without_text_is_named_and_read_by_recognition_if_there_is_one() -> None:
    content = pdf("Some text that is long enough.", "#rect()")
    assert read_document(content).blank_pages == (2,)
    read = read_document(content, lambda _, page: RecognizedPage(f"Recognised text of page {page}."))
    assert (read.blank_pages, read.recognized_pages) == ((), (2,))
    assert "a person confirms what was read" in read.warnings[0]


def test_spanish_is_noticed() -> None:
    text = (
        "El paciente refiere dolor en la espalda desde hace dos semanas, sin fiebre, con debilidad del pie. "
        * 3
    )
    assert any("Spanish" in each for each in read_document(text.encode()).warnings)
