"""A disk cache for results that take long to compute, keyed by a hash of their inputs.

The cache folder is `$CLAIMWRIGHT_CACHE`, else `claimwright` in `$XDG_CACHE_HOME` or `~/.cache`. An empty
`CLAIMWRIGHT_CACHE` turns the cache off. The folder can be deleted at any time. If it cannot be written,
nothing fails: results are computed again.

Cached results decide what claims are checked for. A cached file is therefore used only if it belongs to this
user, nobody else can write to it or to its folder, and its content has the hash that was stored with it. The
content is parsed as data and never executed. The cache holds no claims.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_DIGEST = hashlib.sha256().digest_size
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
# Results of a kind that stay: those of the versions that are used by turns on one machine.
_KEPT = 4


def content_key(parts: Iterable[bytes]) -> str:
    """The hash of contents in order. Each length is hashed too, so that two different lists never collide."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()


def cache_folder() -> Path | None:
    """The cache folder; None if the cache is off."""
    given = os.environ.get("CLAIMWRIGHT_CACHE")
    if given is not None:
        return Path(given) if given else None
    home = os.environ.get("XDG_CACHE_HOME")
    with suppress(RuntimeError):
        return (Path(home) if home else Path.home() / ".cache") / "claimwright"
    return None


def kept(kind: str, key: str) -> bytes | None:
    """The cached result of a kind under a key; None if there is none, or none that can be trusted."""
    folder = cache_folder()
    if folder is None:
        return None
    try:
        if not _is_private(folder.stat(follow_symlinks=False)):
            return None
        handle = os.open(folder / _name(kind, key), os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        if not _is_private(os.fstat(handle)):
            return None
        content = file.read()
    digest, content = content[:_DIGEST], content[_DIGEST:]
    return content if hashlib.sha256(content).digest() == digest else None


def keep(kind: str, key: str, content: bytes) -> None:
    """Cache a result and delete all but the newest few of its kind. Nothing if the folder cannot be used."""
    folder = cache_folder()
    if folder is None:
        return
    with suppress(OSError):
        folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        if not _is_private(folder.stat(follow_symlinks=False)):
            return
        path = folder / _name(kind, key)
        made = path.with_suffix(f".{os.getpid()}")
        # A name unique to this process, then renamed: readers see the old file or the complete new one.
        made.unlink(missing_ok=True)
        handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE)
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(content).digest() + content)
        made.replace(path)
        others = (other for other in folder.glob(f"{kind}-*") if other != path)
        for other in sorted(others, key=lambda file: file.stat().st_mtime_ns, reverse=True)[_KEPT - 1 :]:
            other.unlink(missing_ok=True)


def _name(kind: str, key: str) -> str:
    return f"{kind}-{key}.bin"


def _is_private(found: os.stat_result) -> bool:
    return os.name == "posix" and found.st_uid == os.getuid() and not found.st_mode & _OTHERS
