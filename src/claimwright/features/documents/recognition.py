"""Optical recognition of scanned pages by Tesseract, a program of its own that a machine may have.

A page is turned upright first: by Tesseract's own detection of the script, and where that can't tell, by
reading it each way and keeping the surest. Nothing is written to a disk.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from claimwright.domain.recognized import Recognize, RecognizedPage, Word
from claimwright.foundation.pictures import page_picture

if TYPE_CHECKING:
    from PIL import Image

PROGRAM = "tesseract"
# What Tesseract was trained on; less loses small print.
DOTS_PER_INCH = 300
LONGEST_SECONDS = 90
_ROTATE = re.compile(rb"Rotate: (\d+)")
_CONFIDENCE = re.compile(rb"Orientation confidence: ([0-9.]+)")
# Below this, Tesseract's opinion on which way is up is a guess.
_CLEAR = 2.0
# Mean confidence of words from which a reading needs no other try.
_GOOD = 70


def recognizer() -> Recognize | None:
    """Recognition by the Tesseract of this machine; None without one."""
    program = shutil.which(PROGRAM)
    if program is None:
        return None

    def recognize(content: bytes, number: int) -> RecognizedPage:
        return _read_page(program, page_picture(content, number, dots_per_inch=DOTS_PER_INCH))

    return recognize


@cache
def recognizer_version() -> str | None:
    """The version of the program that recognizes; None without one."""
    program = shutil.which(PROGRAM)
    if program is None:
        return None
    said = subprocess.run([program, "--version"], capture_output=True, check=False, timeout=20)  # noqa: S603
    return (said.stdout or said.stderr).decode(errors="replace").split("\n", 1)[0].strip()


def _read_page(program: str, picture: Image.Image) -> RecognizedPage:
    turned = _upright(program, picture)
    if turned is not None:
        found = _words(program, picture, turned)
        if found.confidence >= _GOOD:
            return found
        tries = [found, *(_words(program, picture, way) for way in (0, 180) if way != turned)]
    else:
        first = _words(program, picture, 0)
        if first.confidence >= _GOOD:
            return first
        tries = [first, *(_words(program, picture, way) for way in (180, 90, 270))]
    # The way with the most words that are sure.
    return max(tries, key=lambda each: each.confidence * len(each.words))


def _upright(program: str, picture: Image.Image) -> int | None:
    """By how many degrees clockwise a page has to be turned; None where that can't be told."""
    said = _run(program, picture, "--psm", "0")
    rotate, clear = _ROTATE.search(said), _CONFIDENCE.search(said)
    if rotate is None or clear is None or float(clear[1]) < _CLEAR:
        return None
    return int(rotate[1]) % 360


def _words(program: str, picture: Image.Image, turned: int) -> RecognizedPage:
    upright = picture.rotate(-turned, expand=True, fillcolor=255) if turned else picture
    table = _run(program, upright, "--psm", "3", "-c", "preserve_interword_spaces=1", "tsv").decode(
        errors="replace"
    )
    width, height = upright.size
    text, words, sure, line = "", [], [], None
    for key, word, confidence, box in _rows(table):
        if line is not None:
            text += " " if key == line else "\n\n" if key[:2] != line[:2] else "\n"
        line = key
        left, top, wide, high = box
        words.append(
            Word(
                len(text), len(text) + len(word), left / width, top / height, (left + wide) / width,
                (top + high) / height,
            )
        )  # fmt: skip
        text += word
        sure.append(confidence)
    return RecognizedPage(text, turned, sum(sure) / len(sure) if sure else 0.0, tuple(words))


def _rows(
    table: str,
) -> Iterator[tuple[tuple[int, int, int], str, float, tuple[int, int, int, int]]]:
    """Line, word, confidence and box of each word of a table of Tesseract."""
    for row in table.split("\n")[1:]:
        cells = row.rstrip("\r").split("\t")
        if len(cells) != 12 or cells[0] != "5" or not (word := " ".join(cells[11].split())):
            continue
        block, paragraph, line, left, top, wide, high = (int(cells[n]) for n in (2, 3, 4, 6, 7, 8, 9))
        yield (block, paragraph, line), word, float(cells[10]), (left, top, wide, high)


def _run(program: str, picture: Image.Image, *arguments: str) -> bytes:
    """What Tesseract writes; nothing where it gives up or takes too long."""
    content = io.BytesIO()
    picture.save(content, "PNG", dpi=(DOTS_PER_INCH, DOTS_PER_INCH), compress_level=1)
    command = [program, "stdin", "stdout", "-l", "osd" if arguments[1] == "0" else "eng", *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - the machine's own program, without a shell
            command, input=content.getvalue(), capture_output=True, check=False, timeout=LONGEST_SECONDS,
            env={"PATH": "/usr/bin:/bin", "OMP_THREAD_LIMIT": "1"},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return b""
    return done.stdout
