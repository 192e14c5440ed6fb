"""Sources of bytes: a file, a folder of files, standard input; gzip is decompressed."""

from __future__ import annotations

import errno
import hashlib
import os
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from claimwright.foundation.errors import InputError

# Bytes per read: small compared with a block of the X12 engine, which joins several.
CHUNK_BYTES = 1 << 20
# Bytes per call of the decompressor. It copies its remaining input at the end of a gzip member, so with a
# larger size a file of very many tiny members would take quadratic time.
_FED_BYTES = 1 << 14
_GZIP = b"\x1f\x8b"
# Claims compress 8 to 30 times. A ratio of 300 is not claims; a small file may have any
# ratio.
_MOST_EXPANSION = 300
_FREE_EXPANSION_BYTES = 64 << 20

# Other formats that users may submit by mistake, by their first bytes.
_OTHER_FORMATS = {
    b"PK\x03\x04": "a ZIP archive or an Office document",
    b"%PDF": "a PDF document",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"SQLite format": "a database",
    b"PAR1": "a Parquet file",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstandard archive",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
    # Without a byte order mark, and ISA in EBCDIC.
    b"I\x00S\x00A\x00": "text in UTF-16",
    b"\x00I\x00S\x00A": "text in UTF-16",
    b"\xc9\xe2\xc1": "text in EBCDIC",
}


class SourceError(InputError):
    """A source that can't be read; the message names the source, the problem and the fix."""


@dataclass(frozen=True)
class Source:
    """One input. `name` is its name in messages; `path` is None for standard input.

    The user did not name the files of a folder (`is_inside`) one by one, so links there are not followed.

    `made` provides the content of an input that is not an 837 yet, such as a folder of tables.
    """

    name: str
    path: Path | None
    is_inside: bool = False
    made: Callable[[], Iterable[bytes]] | None = None

    @property
    def size(self) -> int | None:
        """Bytes on disk, if known."""
        return self.path.stat().st_size if self.path else None

    def chunks(self, seen: list[int] | None = None) -> Iterator[bytes]:
        """The content, decompressed. The bytes read from disk are added to `seen[0]`, if given.

        Raises:
            SourceError: the file can't be opened or read, or has another format.
        """
        if self.made is not None:
            yield from self.made()
            return
        try:
            if self.path is None:
                yield from _unpacked(sys.stdin.buffer, self.name, seen)
            else:
                with _opened(self.path, follow=not self.is_inside) as file:
                    yield from _unpacked(file, self.name, seen)
        except OSError as problem:
            if self.is_inside and problem.errno == errno.ELOOP:
                raise SourceError(
                    f"{self.name}: is a link, and links in a folder are not followed. Name the file itself."
                ) from None
            raise SourceError(
                f"{self.name}: cannot be read: {problem.strerror}. Check the path and its permissions."
            ) from None

    def digest(self) -> bytes | None:
        """SHA-256 of the content; None for standard input, and if it can't be decompressed to its end.

        Raises:
            SourceError: the file can't be opened or read, or has another format.
        """
        if self.path is None:
            return None
        known = hashlib.sha256()
        try:
            for chunk in self.chunks():
                known.update(chunk)
        except (DamagedError, OversizeError):
            # Reading reports it, together with the content before it.
            return None
        return known.digest()


class OversizeError(InputError):
    """The content decompresses to more than claims do; the content before the limit has been passed on."""


class DamagedError(InputError):
    """The compressed content is damaged; the content before the damage has been passed on."""


def sources(paths: Iterable[str | Path]) -> list[Source]:
    """The inputs of paths: files, every file in a folder and its subfolders, `-` for standard input.

    Raises:
        SourceError: a path does not exist, or a folder contains no file.
    """
    found: list[Source] = []
    for given in paths:
        if str(given) == "-":
            found.append(Source("standard input", None))
            continue
        path = Path(given)
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and not _hidden(p.relative_to(path)))
            if not inside:
                raise SourceError(
                    f"{path}: the folder contains no files. Name a file or a folder with 837 files."
                )
            claims = [p for p in inside if p.suffix.lower() not in _BESIDE_CLAIMS]
            found += [Source(str(p), p, is_inside=True) for p in claims or inside]
        elif path.is_file():
            found.append(Source(str(path), path))
        else:
            raise SourceError(f"{path}: there is no such file or folder. Check the path.")
    return found


# Files in a folder of claims that are not claims: labels, readmes, results of an earlier run.
_BESIDE_CLAIMS = frozenset(
    {".md", ".csv", ".tsv", ".json", ".jsonl", ".parquet", ".yaml", ".yml", ".pdf", ".html"}
)


def _opened(path: Path, *, follow: bool) -> BinaryIO:
    """The open file; an error if it is a link. This is checked when it is opened, not before."""
    no_link = 0 if follow else getattr(os, "O_NOFOLLOW", 0)
    return os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | no_link), "rb")


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _unpacked(file: BinaryIO, name: str, seen: list[int] | None) -> Iterator[bytes]:
    first = file.read(CHUNK_BYTES)
    _refuse_other_formats(first, name)
    if first.startswith(_GZIP):
        yield from _gunzipped(first, file, seen)
        return
    while first:
        if seen is not None:
            seen[0] += len(first)
        yield first
        first = file.read(CHUNK_BYTES)


def _gunzipped(first: bytes, file: BinaryIO, seen: list[int] | None) -> Iterator[bytes]:
    """The content of a file's gzip members; several members are one content."""
    unpacker = zlib.decompressobj(wbits=31)
    packed, read, made = memoryview(first), len(first), 0
    before = 0 if seen is None else seen[0]
    while packed:
        if seen is not None:
            seen[0] = before + read
        if unpacker.eof:
            if packed[:2] != _GZIP:
                return
            unpacker = zlib.decompressobj(wbits=31)
        fed = packed[:_FED_BYTES]
        try:
            piece = unpacker.decompress(fed, CHUNK_BYTES)
        except zlib.error:
            raise DamagedError("not valid gzip") from None
        made += len(piece)
        if made > _FREE_EXPANSION_BYTES and made > read * _MOST_EXPANSION:
            raise OversizeError(f"{made:,} bytes out of {read:,}")
        if piece:
            yield piece
        left = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
        packed = packed[len(fed) - len(left) :]
        if len(packed) < len(_GZIP):
            # A header may span two reads.
            more = file.read(CHUNK_BYTES)
            read += len(more)
            packed = memoryview(bytes(packed) + more)
    if not unpacker.eof:
        raise DamagedError("ends in the middle")


def _refuse_other_formats(start: bytes, name: str) -> None:
    for magic, what in _OTHER_FORMATS.items():
        if start.startswith(magic):
            raise SourceError(
                f"{name}: this is {what}, not an X12 file. "
                "Unpack or convert it first, then name the X12 file."
            )
