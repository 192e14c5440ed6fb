"""The text of a document with its pages: plain text, PDF with text, DOCX, RTF, C-CDA; its type and date.

A page that has no text, such as a scan or a picture, is named in `blank_pages`: reading it needs optical
recognition, which is a function that the caller may pass.

UnreadableDocumentError (ValueError)   it is encrypted, damaged, too large, or of a kind that is not read
"""

from __future__ import annotations

import datetime
import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from claimwright.domain.recognized import Recognize, RecognizedPage
from claimwright.foundation.errors import InputError

from .findings import date_in
from .rich_text import text_of_rtf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LARGEST = 50_000_000  # bytes
MOST_PAGES = 500
MOST_CHARACTERS = 5_000_000
# Fewer letters than this on a PDF page: a scan, perhaps with a stamp.
_FEW_LETTERS = 10
_LARGEST_PART = 50_000_000  # bytes of an unpacked part of a DOCX
# Elements within elements: of tables in tables of a Word document, some dozens.
_DEEPEST = 200
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HL7 = "{urn:hl7-org:v3}"
# The type of a document by words of its first page; of several, those that stand first.
_TYPES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(words, re.IGNORECASE))
    for name, words in (
        ("authorization letter", r"(?:prior )?authorization (?:approval|approved|determination)|notice "
            r"of authorization|approval of (?:your )?request"),
        ("payer letter", r"explanation of benefits|notice of (?:adverse )?(?:denial|"
            r"determination)|redetermination|reconsideration decision"),
        ("payer policy", r"(?:medical|clinical|coverage|payment) policy|policy number|coverage criteria"),
        ("claim acceptance report", r"277CA|claim acknowledg|acceptance report|"
            r"clearinghouse report|timely filing report"),
        ("operative report", r"operative (?:report|note)|procedure performed"),
        ("discharge summary", r"discharge summary"),
        ("emergency department note", r"emergency (?:department|room) (?:note|record|"
            r"report)|ED (?:provider )?note"),
        ("imaging report", r"(?:MRI|CT|X-?ray|ultrasound|radiology|imaging) "
            r"(?:report|of|lumbar|brain|chest)|impression:"),
        ("laboratory report", r"laborator(?:y|ies) (?:report|results)|reference range|specimen collected"),
        ("sleep study report", r"polysomnogra|sleep study"),
        ("order", r"physician order|order sheet|prescription"),
        ("therapy note", r"(?:physical|occupational|speech) therapy (?:note|evaluation|progress)"),
        ("history and physical", r"history (?:and|&) physical"),
        ("progress note", r"progress note|office (?:visit|note)|SOAP note|chief "
            r"complaint|clinic note|subjective:"),
    )
)  # fmt: skip
_DATED = re.compile(
    r"(?:date of (?:service|visit|report|study|exam|procedure|note|letter|admission)|service date|visit date|"
    r"report date|letter date|dated|date)\s*[:\-]?\s*",
    re.IGNORECASE,
)
_SPANISH = re.compile(
    r"\b(?:el|la|los|las|paciente|dolor|fiebre|con|para|del|una|sin|diagnóstico|refiere|presenta)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-zÀ-ÿ]{2,}")
# Words that recognition is less sure of than this, in percent: a person reads the page, not its text alone.
_SURE = 75
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")


class UnreadableDocumentError(InputError, ValueError):
    """The document can't be read."""


@dataclass(frozen=True)
class ReadDocument:
    """A document's text. `blank_pages` count from 1. `warnings` are for a person, without patient data."""

    kind: str
    pages: tuple[str, ...]
    type: str | None = None
    dated_on: datetime.date | None = None
    blank_pages: tuple[int, ...] = ()
    recognized_pages: tuple[int, ...] = ()
    warnings: tuple[str, ...] = field(default=())
    scans: Mapping[int, RecognizedPage] = field(default_factory=dict)
    """What recognition says of the pages that it read: the words' places, by how much they were turned."""

    @property
    def text(self) -> str:
        """All pages, one after another; spans are offsets into this."""
        return "\n".join(self.pages)

    def page_of(self, offset: int) -> int:
        """The page, from 1, on which an offset of `text` is."""
        at = 0
        for number, page in enumerate(self.pages, 1):
            at += len(page) + 1
            if offset < at:
                return number
        return max(1, len(self.pages))

    def start_of(self, page: int) -> int:
        """The offset in `text` at which a page begins."""
        return sum(len(each) + 1 for each in self.pages[: page - 1])


def read_document(
    content: bytes,
    recognize: Recognize | None = None,
    *,
    most_recognized: int = MOST_PAGES,
    read_pdf: Callable[[bytes], list[str]] | None = None,
) -> ReadDocument:
    """The text of a document, by what it begins with.

    `read_pdf` gives the text of the pages of a PDF that may be hostile: see `pdf_pages`, which it stands for.

    Recognition takes seconds a page: beyond `most_recognized` of them, pages stay blank, and a warning says
    so.

    Raises:
        UnreadableDocumentError: empty, encrypted, damaged, too large, or of a kind that is not read.
    """
    if not content.strip():
        raise UnreadableDocumentError("the document is empty.")
    if len(content) > LARGEST:
        raise UnreadableDocumentError(f"the document is larger than {LARGEST // 1_000_000} MB.")
    kind, pages = _pages_of(content, read_pdf or pdf_pages)
    if sum(map(len, pages)) > MOST_CHARACTERS:
        raise UnreadableDocumentError(f"the document has more than {MOST_CHARACTERS:,} characters.")
    pages = [_tidy(page) for page in pages]
    without = [number for number, page in enumerate(pages, 1) if _is_blank(page)]
    scans: dict[int, RecognizedPage] = {}
    if recognize is not None and kind in {"pdf", "image"}:
        scans = {number: recognize(content, number) for number in without[:most_recognized]}
        for number, scan in scans.items():
            pages[number - 1] = scan.text
    blank = tuple(number for number, page in enumerate(pages, 1) if _is_blank(page))
    return ReadDocument(
        kind, tuple(pages), _type_of(pages), _dated(pages), blank, tuple(scans),
        tuple(_warnings(pages, blank, scans, is_recognizing=recognize is not None)), scans,
    )  # fmt: skip


def _warnings(
    pages: list[str], blank: tuple[int, ...], scans: Mapping[int, RecognizedPage], *, is_recognizing: bool
) -> Iterator[str]:
    """What a person should know of a document, without its words."""
    unread = [number for number in blank if number not in scans]
    empty = [number for number in blank if number in scans]
    if unread:
        why = "too many at once: split the document" if is_recognizing else "no optical recognition is set up"
        yield f"{len(unread)} of {len(pages)} pages have no text: they are scans or empty ({why})."
    if empty:
        yield f"nothing can be read on {_pages_in_words(empty)}."
    if read := [number for number in scans if number not in empty]:
        were = "page was" if len(read) == 1 else "pages were"
        yield f"{len(read)} {were} read by optical recognition: a person confirms what was read."
    if turned := [number for number in read if scans[number].turned]:
        was = "was" if len(turned) == 1 else "were"
        yield f"{_pages_in_words(turned)} {was} upside down or on the side, and {was} turned."
    if unsure := [number for number in read if scans[number].confidence < _SURE]:
        yield f"{_pages_in_words(unsure)} can hardly be read: compare with the picture."
    if _is_spanish(" ".join(pages)):
        yield "the text seems to be Spanish: no clinical facts are read from it."


def _pages_in_words(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:10])) + (", ..." if len(numbers) > 10 else "")
    return f"page {shown}" if len(numbers) == 1 else f"pages {shown}"


def _pages_of(content: bytes, read_pdf: Callable[[bytes], list[str]]) -> tuple[str, list[str]]:
    """The kind of a document and the text of its pages; that of a picture is empty."""
    if content.startswith(b"%PDF-"):
        return "pdf", read_pdf(content)
    if content.startswith(b"PK\x03\x04"):
        return "docx", _docx_pages(content)
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise UnreadableDocumentError(
            "the file is an old Word document or an encrypted one: save it as DOCX or PDF, without a "
            "password."
        )
    if content.startswith(b"{\\rtf"):
        return "rtf", _split(text_of_rtf(content))
    if b"ClinicalDocument" in content[:4000] and b"urn:hl7-org:v3" in content[:4000]:
        return "ccda", _split(_ccda_text(content))
    if content.startswith(_PICTURES):
        return "image", [""] * picture_pages(content)
    return "text", _split(_plain_text(content))


def picture_pages(content: bytes) -> int:
    """How many pages a picture has: a TIFF may have several.

    Raises:
        UnreadableDocumentError: it is damaged or has too many.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as picture:
            count = int(getattr(picture, "n_frames", 1))
            # Reading the last one finds a file that was cut off.
            picture.seek(count - 1)
            picture.load()
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError):
        raise UnreadableDocumentError("the picture is damaged, or too large.") from None
    if count > MOST_PAGES:
        raise UnreadableDocumentError(
            f"the picture has {count:,} pages; up to {MOST_PAGES} are read. Split it."
        )
    return count


def pdf_pages(content: bytes) -> list[str]:
    """The text of each page of a PDF. One that is made for it can take hours: nothing here ends that.

    Raises:
        UnreadableDocumentError: it is damaged, protected, or has too many pages.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as problem:
        what = "is protected by a password" if "password" in str(problem).lower() else "is damaged"
        raise UnreadableDocumentError(f"the PDF {what}.") from None
    try:
        if len(document) > MOST_PAGES:
            raise UnreadableDocumentError(
                f"the PDF has {len(document):,} pages; up to {MOST_PAGES} are read. Split it."
            )
        pages = []
        for number in range(len(document)):
            page = document[number]
            words = page.get_textpage()
            text = words.get_text_range()
            words.close()
            page.close()
            pages.append(text)
        return pages
    except pypdfium2.PdfiumError:
        raise UnreadableDocumentError("a page of the PDF is damaged.") from None
    finally:
        document.close()


def _docx_pages(content: bytes) -> list[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            info = parts.getinfo("word/document.xml")
            if info.file_size > _LARGEST_PART:
                raise UnreadableDocumentError("the text of the DOCX is too large.")
            tree = _xml(parts.read(info))
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, OSError):
        raise UnreadableDocumentError(
            "the file is no Word document, or it is damaged or encrypted."
        ) from None
    pages, lines = [], []
    for paragraph in tree.iter(f"{_W}p"):
        words: list[str] = []
        for node in paragraph.iter():
            if node.tag == f"{_W}t":
                words.append(node.text or "")
            elif node.tag == f"{_W}tab":
                words.append("\t")
            elif node.tag in {f"{_W}br", f"{_W}lastRenderedPageBreak"}:
                if node.tag.endswith("lastRenderedPageBreak") or node.get(f"{_W}type") == "page":
                    lines.append("".join(words))
                    pages.append("\n".join(lines))
                    lines, words = [], []
                else:
                    words.append("\n")
        lines.append("".join(words))
    return [*pages, "\n".join(lines)]


def _ccda_text(content: bytes) -> str:
    """Title and narrative of each section: what the author signed. Coded entries are not read."""
    root = _xml(content)
    lines = []
    title = root.find(f"{_HL7}title")
    if title is not None:
        lines.append("".join(title.itertext()).strip())
    effective = root.find(f"{_HL7}effectiveTime")
    day = (effective.get("value") or "")[:8] if effective is not None else ""
    if len(day) == 8 and day.isdigit():
        lines.append(f"Date: {day[:4]}-{day[4:6]}-{day[6:]}")
    for section in root.iter(f"{_HL7}section"):
        name, text = section.find(f"{_HL7}title"), section.find(f"{_HL7}text")
        if text is None:
            continue
        lines.append("")
        if name is not None:
            lines.append("".join(name.itertext()).strip() + ":")
        lines += _narrative(text)
    return "\n".join(lines)


def _narrative(node: ElementTree.Element) -> list[str]:
    lines, words = [], [node.text or ""]
    for child in node:
        tag = child.tag.removeprefix(_HL7)
        if tag in {"paragraph", "item", "tr", "br", "list", "table", "thead", "tbody", "caption"}:
            lines.append(" ".join("".join(words).split()))
            lines += _narrative(child)
            words = []
        else:
            words += [*("\t" if tag in {"td", "th"} else ()), " ".join(_narrative(child))]
        words.append(child.tail or "")
    lines.append(" ".join("".join(words).split()))
    return [line for line in lines if line]


class _Plain(ElementTree.TreeBuilder):
    """Elements without a document type, and so without entities: neither files of this machine nor
    expansions, in whatever encoding; and not so deep that reading them has no end.
    """

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        raise UnreadableDocumentError(
            "the document declares a document type or entities, which are not read."
        )

    def start(self, tag: str, attrs: dict[str, str], /) -> ElementTree.Element:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise UnreadableDocumentError("the document is nested too deeply.")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> ElementTree.Element:
        self._depth -= 1
        return super().end(tag)


def _xml(content: bytes) -> ElementTree.Element:
    try:
        parser = ElementTree.XMLParser(target=_Plain())  # noqa: S314 - refuses a document type
        return ElementTree.fromstring(content, parser)  # noqa: S314 - the same
    except ElementTree.ParseError:
        raise UnreadableDocumentError("the document is damaged: it is no XML.") from None


def _plain_text(content: bytes) -> str:
    if b"\x00" in content[:4000] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableDocumentError(
            "the file is of a kind that is not read: use PDF, TIFF, PNG, JPEG, DOCX, RTF, C-CDA or text."
        )
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableDocumentError("the file is no text, or in an encoding that is not read.")


def _split(text: str) -> list[str]:
    pages = text.split("\f")
    if len(pages) > MOST_PAGES:
        raise UnreadableDocumentError(
            f"the document has {len(pages):,} pages; up to {MOST_PAGES} are read. Split it."
        )
    return pages


def _tidy(page: str) -> str:
    page = page.replace("\r\n", "\n").replace("\r", "\n").replace("\ufffe", "-").replace("\u00ad", "")
    return "\n".join(line.rstrip() for line in page.split("\n")).strip("\n")


def _is_blank(page: str) -> bool:
    return sum(map(str.isalnum, page)) < _FEW_LETTERS


def _is_spanish(text: str) -> bool:
    words = len(_WORD.findall(text))
    return words > 20 and len(_SPANISH.findall(text)) > words / 6


def _type_of(pages: list[str]) -> str | None:
    head = "\n".join(pages[:1])[:1500]
    # What stands first is the title; a note that orders an MRI is no imaging report.
    found = [
        (match.start(), rank, name)
        for rank, (name, words) in enumerate(_TYPES)
        if (match := words.search(head)) is not None
    ]
    return min(found)[2] if found else None


def _dated(pages: list[str]) -> datetime.date | None:
    head = "\n".join(pages[:1])[:2500]
    for match in _DATED.finditer(head):
        if (found := date_in(head[match.end() : match.end() + 20])) is not None:
            return found
    return date_in(head)
