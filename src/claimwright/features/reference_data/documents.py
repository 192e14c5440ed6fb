"""The ICD-10-CM Tabular List, published by CDC in XML: which codes exclude each other.

An excludes1 note lists codes that are never coded together with the code, section or chapter that has the
note (ICD-10-CM Official Guidelines, section I.A.12.a). The codes are in brackets at the end of the note: one
code, a list, a range, or a code with a dash, which includes all its subcodes.
"""

from __future__ import annotations

import io
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

import polars as pl

from claimwright.domain.code_shapes import ICD10_CATEGORY

from .problems import refuse
from .published import Part

_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
# A range has a dash between two codes; a dash after a code, as in E10.-, means all its subcodes.
_CODE = rf"{ICD10_CATEGORY}(?:\.[0-9A-Z]{{1,4}})?"
_REFERENCE = re.compile(rf"({_CODE})(?:\.?-?[-–]({_CODE}))?")
# "T36-T50 with fifth or sixth character 5" means only some of the named codes.
_NARROWED = re.compile(r"\b(?:with|character|except)\b")


def year_of(part: Part) -> int | None:
    """The fiscal year that the document states."""
    found = re.search(rb"<version>\s*([0-9]{4})", part.data[:2_000])
    return int(found[1]) if found else None


def excludes1(part: Part) -> pl.DataFrame:
    """`code` and `excluded`: prefixes of codes that are never coded together.

    `line` is null: an XML document has notes, not rows.

    Raises:
        ReferenceFileError: the part is not a tabular list.
    """
    try:
        root = ElementTree.parse(io.BytesIO(part.data)).getroot()  # noqa: S314 - expat limits entity expansion
    except ElementTree.ParseError as error:
        raise refuse(
            part.name,
            error.position[0],
            "is not XML, or is cut off there",
            "download it again from CDC",
        ) from error
    if root.tag != "ICD10CM.tabular":
        raise refuse(part.name, 1, "is not an ICD-10-CM tabular list", "load icd10cm-tabular-YYYY.xml")
    tree = _Tree(root)
    pairs = sorted({pair for pair in tree.pairs() if not _related(*pair)})
    return pl.DataFrame(
        {
            "line": pl.repeat(None, len(pairs), dtype=pl.UInt32, eager=True),
            "code": [code for code, _ in pairs],
            "excluded": [excluded for _, excluded in pairs],
        }
    )


def codes(part: Part) -> list[tuple[str, bool]]:
    """Every code of the tabular list without its dot, and whether it has no subcodes in the list.

    Codes that need a seventh character are not in the list in full.
    """
    root = ElementTree.parse(io.BytesIO(part.data)).getroot()  # noqa: S314 - expat limits entity expansion
    return [(_bare(diag.findtext("name")), diag.find("diag") is None) for diag in root.iter("diag")]


def _related(code: str, excluded: str) -> bool:
    return code.startswith(excluded) or excluded.startswith(code)


def _bare(name: str | None) -> str:
    return (name or "").replace(".", "").strip()


class _Tree:
    """The codes of the list, and their notes."""

    def __init__(self, root: ElementTree.Element) -> None:
        self.root = root
        self.parents: dict[str, str] = {}
        for diag in root.iter("diag"):
            for child in diag.findall("diag"):
                self.parents[_bare(child.findtext("name"))] = _bare(diag.findtext("name"))
        self.codes = sorted(_bare(diag.findtext("name")) for diag in root.iter("diag"))

    def pairs(self) -> Iterator[tuple[str, str]]:
        for diag in self.root.iter("diag"):
            yield from self._of([_bare(diag.findtext("name"))], diag)
        for kind in ("section", "chapter"):
            for element in self.root.iter(kind):
                sections = [element] if kind == "section" else element.findall("section")
                below = [
                    _bare(diag.findtext("name")) for section in sections for diag in section.findall("diag")
                ]
                yield from self._of(below, element)

    def _of(self, hosts: list[str], element: ElementTree.Element) -> Iterator[tuple[str, str]]:
        for note in element.iterfind("excludes1/note"):
            for excluded in self._named("".join(note.itertext())):
                for host in hosts:
                    yield host, excluded

    def _named(self, note: str) -> Iterable[str]:
        for inside in _BRACKETS.findall(note):
            if _NARROWED.search(inside):
                continue
            for first, last in _REFERENCE.findall(inside):
                # A range over several letters is most of the classification: it means that something is
                # coded elsewhere, not that all these codes conflict.
                if not last or first[0] == last[0]:
                    yield from self._between(_bare(first), _bare(last) or _bare(first))

    def _between(self, first: str, last: str) -> list[str]:
        """The codes from the first to the last and its subcodes, without codes whose parent code is also in
        the range.
        """
        at = bisect_left(self.codes, first)
        within = []
        while at < len(self.codes) and (self.codes[at] <= last or self.codes[at].startswith(last)):
            within.append(self.codes[at])
            at += 1
        present = set(within)
        return [code for code in within if self.parents.get(code) not in present]
