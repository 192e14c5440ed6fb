"""The text of an RTF document (Rich Text Format 1.9), without its formatting."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    rb"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?|\\'(?P<hex>[0-9a-fA-F]{2})|\\(?P<sign>[^a-zA-Z])|"
    rb"(?P<brace>[{}])|(?P<break>[\r\n]+)|(?P<text>[^\\{}\r\n]+)"
)
# Groups whose text is no text of the document.
_HIDDEN = frozenset(
    "fonttbl colortbl stylesheet info pict object header footer headerl headerr footerl footerr themedata "
    "generator "
    "listtable listoverridetable rsidtbl xmlnstbl datastore latentstyles fldinst bkmkstart bkmkend".split()
)
_SIGNS = {
    "par": "\n", "line": "\n", "tab": "\t", "page": "\f", "sect": "\f", "row": "\n", "cell": "\t",
    "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
    "bullet": "•",
}  # fmt: skip
_SYMBOLS = {b"\\": "\\", b"{": "{", b"}": "}", b"~": " ", b"_": "-"}
_DEEPEST = 200


def text_of_rtf(content: bytes) -> str:
    """The text; a page break is a form feed. What can't be understood is left out."""
    reading = _Reading()
    for match in _TOKEN.finditer(content):
        if match["brace"]:
            reading.group(opens=match["brace"] == b"{")
        elif match["word"]:
            number = int(match["number"]) if match["number"] else None
            reading.word(match["word"].decode("ascii"), number)
        elif match["sign"]:
            reading.sign(match["sign"])
        elif match["hex"]:
            reading.text(bytes.fromhex(match["hex"].decode("ascii")).decode("cp1252", "replace"))
        elif match["text"]:
            reading.text(match["text"].decode("cp1252", "replace"))
    return "".join(reading.made)


class _Reading:
    """The state while a document is read: for each open group whether it is hidden, and how many characters
    that follow a Unicode control word are for old readers.
    """

    def __init__(self) -> None:
        self.made: list[str] = []
        self.groups = [(False, 1)]
        self.skip = 0
        self.star = False

    def group(self, *, opens: bool) -> None:
        """A brace."""
        if opens:
            self.groups.append(self.groups[-1] if len(self.groups) < _DEEPEST else (True, 1))
        elif len(self.groups) > 1:
            self.groups.pop()
        self.star, self.skip = False, 0

    def word(self, word: str, number: int | None) -> None:
        """A control word."""
        hidden, after = self.groups[-1]
        if self.star or word in _HIDDEN:
            self.groups[-1] = (True, after)
        elif word == "uc" and number is not None:
            self.groups[-1] = (hidden, max(0, min(number, 10)))
        elif word == "u" and number is not None and not hidden:
            code = number % 65536
            self.made.append("" if 0xD800 <= code < 0xE000 else chr(code))
            self.skip = after
        elif word in _SIGNS and not hidden:
            self.made.append(_SIGNS[word])
        self.star = False

    def sign(self, sign: bytes) -> None:
        """A control symbol."""
        self.star = sign == b"*"
        if not self.groups[-1][0]:
            self.made.append(_SYMBOLS.get(sign, ""))

    def text(self, text: str) -> None:
        """Characters."""
        if self.groups[-1][0]:
            return
        self.made.append(text[self.skip :])
        self.skip = max(0, self.skip - len(text))
