"""A draft as a PDF: letter, authorities, exhibits. The same draft gives the same bytes.

The PDF declares PDF/UA-1 and is tagged, with language, title and reading order. What is declared was checked
by
the typesetter's own rules; no independent validator was run.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from claimwright.domain.appeal_case import Case, Draft, Source

from .exhibits import ExhibitFile, exhibit_pages
from .word import word_letter

# Shown in the letterhead and the address, not again among the references.
_IN_LETTERHEAD = frozenset({"date", "payer", "payer-address", "provider-address"})


def render_packet(
    case: Case,
    draft: Draft,
    sources: Mapping[str, Source],
    exhibits: Sequence[ExhibitFile] = (),
    *,
    preview: bool = False,
) -> bytes:
    """The letter of a draft with its exhibits as PDF; `preview` writes across each page that it is not
    approved.
    """
    import typst

    pictures: dict[str, bytes] = {}
    enclosed = []
    for exhibit in exhibits:
        pages = []
        for page, picture in exhibit_pages(exhibit):
            pages.append(page)
            if picture is not None:
                pictures[picture[0]] = picture[1]
        enclosed.append({"letter": exhibit.letter, "title": exhibit.title, "pages": pages})
    data = _data(case, draft, sources) | {"exhibits": enclosed, "preview": preview}
    made: bytes = typst.compile(  # type: ignore[call-overload]  # its stubs lack the input of several files
        {"main.typ": _typesetting(), "data.json": json.dumps(data).encode(), **pictures},
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
        timestamp=int(datetime.datetime.combine(case.as_of, datetime.time(), datetime.UTC).timestamp()),
    )
    return made


def render_word(case: Case, draft: Draft, sources: Mapping[str, Source], *, preview: bool = False) -> bytes:
    """The letter of a draft as DOCX, without its exhibits."""
    return word_letter(_data(case, draft, sources) | {"preview": preview}, made_on=case.as_of)


def _data(case: Case, draft: Draft, sources: Mapping[str, Source]) -> dict[str, Any]:
    head = {each.name: each.value for each in draft.fields}
    cited = dict.fromkeys(name for each in draft.statements for name in each.sources if name in sources)
    claim = head.get("claim", "")
    level = case.level_name[:1].upper() + case.level_name[1:]
    return {
        "title": f"{level}: claim {claim}",
        "author": head.get("provider", ""),
        "description": f"{level} of a denied claim",
        "footer": f"{level}, claim {claim}",
        "heading": level,
        "date": head.get("date", ""),
        "sender": {"name": head.get("provider", ""), "lines": _address(head.get("provider-address"))},
        "to": dict(zip(("name", "lines"), addressee(head, case.level), strict=True)),
        "reference": [[each.label, each.value] for each in draft.fields if each.name not in _IN_LETTERHEAD],
        "sections": list(_sections(draft)),
        "citations": [[sources[name].citation, sources[name].title] for name in cited],
    }


def addressee(head: Mapping[str, str], level: int) -> tuple[str, list[str]]:
    """To whom a letter goes, and the lines of the address.

    From the second level on, an address with another name than the payer's is that of whoever decides: an
    independent reviewer, a hearing office.
    """
    payer, lines = head.get("payer", ""), _address(head.get("payer-address"))
    if lines and lines[0].casefold() == payer.casefold():
        return payer, lines[1:]
    if lines and level > 1:
        return lines[0], lines[1:]
    return payer, lines


def _address(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").split("\n") if line.strip()]


def _sections(draft: Draft) -> Iterator[dict[str, Any]]:
    """Sections in order; sentences that repeat become a list, others a paragraph each."""
    names = list(dict.fromkeys(each.section for each in draft.statements))
    for name in names:
        parts: list[dict[str, Any]] = []
        for each in draft.statements:
            if each.section != name:
                continue
            if "." in each.statement_id:
                if not parts or parts[-1]["kind"] != "list":
                    parts.append({"kind": "list", "items": []})
                parts[-1]["items"].append(each.text)
            else:
                parts.append({"kind": "text", "text": each.text})
        yield {"name": name, "parts": parts}


@cache
def _typesetting() -> bytes:
    return (files(__package__) / "packet.typ").read_bytes()
