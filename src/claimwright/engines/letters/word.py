"""A letter as a Word document (ECMA-376, transitional): headings, paragraphs, lists. The same letter gives
the same bytes. It has the letter and its authorities; the exhibits are in the PDF.
"""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
# The first day that a ZIP can name: the letter's own date is in its properties.
_ZIP_DAY = (1980, 1, 1, 0, 0, 0)
# Characters that XML 1.0 does not have.
_NOT_XML = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535))


def word_letter(data: dict[str, Any], *, made_on: datetime.date) -> bytes:
    """The letter as DOCX; `data` is what the typesetter takes."""
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relations(
            (f"{_OFFICE}/officeDocument", "word/document.xml"),
            (f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
        ),
        "docProps/core.xml": _properties(data, made_on),
        "word/document.xml": f"{_HEAD}<w:document "
        f"{_W}><w:body>{''.join(_body(data))}{_PAGE}</w:body></w:document>",
        "word/styles.xml": _STYLES,
        "word/numbering.xml": _NUMBERING,
        "word/_rels/document.xml.rels": _relations(
            (f"{_OFFICE}/styles", "styles.xml"), (f"{_OFFICE}/numbering", "numbering.xml")
        ),
    }  # fmt: skip
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _ZIP_DAY), content.encode(), zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _body(data: dict[str, Any]) -> Iterator[str]:
    if data["preview"]:
        yield _paragraph("NOT APPROVED", bold=True)
    yield _lines([data["sender"]["name"], *data["sender"]["lines"]])
    yield _paragraph(data["date"])
    yield _lines([data["to"]["name"], *data["to"]["lines"]])
    yield _paragraph(data["heading"], "Title")
    yield _table(data["reference"])
    for section in data["sections"]:
        yield _paragraph(section["name"], "Heading1")
        for part in section["parts"]:
            if part["kind"] == "list":
                yield from (_paragraph(item, "ListBullet") for item in part["items"])
            else:
                yield _paragraph(part["text"])
    yield _paragraph("Sincerely,")
    yield _paragraph("")
    yield _paragraph(f"For {data['sender']['name']}")
    if data["citations"]:
        yield _paragraph("Authorities", "Heading1")
        yield from (_paragraph(f"{one}: {title}", "ListBullet") for one, title in data["citations"])


def _paragraph(text: str, style: str | None = None, *, bold: bool = False) -> str:
    shape = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{shape}{_run(text, bold=bold)}</w:p>"


def _run(text: str, *, bold: bool = False) -> str:
    shape = "<w:rPr><w:b/></w:rPr>" if bold else ""
    return f'<w:r>{shape}<w:t xml:space="preserve">{escape(text.translate(_NOT_XML))}</w:t></w:r>'


def _lines(lines: list[str]) -> str:
    """Lines of one paragraph, such as an address."""
    return f"<w:p>{'<w:r><w:br/></w:r>'.join(_run(line) for line in lines)}</w:p>"


def _table(rows: list[list[str]]) -> str:
    cells = "".join(f"<w:tr>{_cell(label, 2_600)}{_cell(value, 6_700)}</w:tr>" for label, value in rows)
    return (
        '<w:tbl><w:tblPr><w:tblW w:w="9300" w:type="dxa"/></w:tblPr>'
        f'<w:tblGrid><w:gridCol w:w="2600"/><w:gridCol w:w="6700"/></w:tblGrid>{cells}</w:tbl>'
    )


def _cell(text: str, width: int) -> str:
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{_lines(text.split(chr(10)))}</w:tc>'


def _properties(data: dict[str, Any], made_on: datetime.date) -> str:
    made = f'<dcterms:{{}} xsi:type="dcterms:W3CDTF">{made_on.isoformat()}T00:00:00Z</dcterms:{{}}>'
    return (
        f'{_HEAD}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(data['title'])}</dc:title><dc:creator>{escape(data['author'])}</dc:creator>"
        f"<dc:language>en-US</dc:language>{made.format('created', 'created')}"
        f"{made.format('modified', 'modified')}</cp:coreProperties>"
    )


def _relations(*targets: tuple[str, str]) -> str:
    rows = "".join(
        f'<Relationship Id="r{number}" Type="{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'


def _content_types() -> str:
    kinds = {
        "/word/document.xml": f"{_WORD}.document.main+xml", "/word/styles.xml": f"{_WORD}.styles+xml",
        "/word/numbering.xml": f"{_WORD}.numbering+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
    }  # fmt: skip
    rows = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in kinds.items())
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{rows}</Types>'
    )


_PAGE = (
    '<w:sectPr><w:pgSz w:w="12240" w:h="15840"/>'
    '<w:pgMar w:top="1440" w:right="1440" w:bottom="1440" w:left="1440"'
    ' w:header="720" w:footer="720" w:gutter="0"/>'
    "</w:sectPr>"
)
_STYLES = (
    f'{_HEAD}<w:styles {_W}><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Cambria"'
    ' w:hAnsi="Cambria"/>'
    '<w:sz w:val="22"/><w:lang w:val="en-US"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr>'
    '<w:spacing w:after="120" w:line="264" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>'
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:basedOn w:val="Normal"/>'
    '<w:pPr><w:spacing w:before="240" w:after="160"/></w:pPr><w:rPr><w:b/><w:sz'
    ' w:val="34"/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:basedOn w:val="Normal"/>'
    '<w:pPr><w:keepNext/><w:spacing w:before="240" w:after="80"/><w:outlineLvl w:val="0"/></w:pPr>'
    '<w:rPr><w:b/><w:sz w:val="24"/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="ListBullet"><w:name w:val="List Bullet"/><w:basedOn'
    ' w:val="Normal"/>'
    '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style></w:styles>'
)  # fmt: skip
_NUMBERING = (
    f'{_HEAD}<w:numbering {_W}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
    '<w:numFmt w:val="bullet"/><w:lvlText w:val="•"/><w:lvlJc w:val="left"/>'
    '<w:pPr><w:ind w:left="360" w:hanging="360"/></w:pPr></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
)
