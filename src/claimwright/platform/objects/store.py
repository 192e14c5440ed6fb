"""Object storage through obstore. A key is a path with `/`; it contains ids, no personal data.

ObjectError (ValueError)   storage can't be reached or refuses; names the operation and the key
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

from claimwright.foundation.errors import StoreError

if TYPE_CHECKING:
    from obstore.store import ObjectStore

    from claimwright.platform.settings import Settings


class ObjectError(StoreError, ValueError):
    """Storage can't be reached, or refuses."""


class Objects:
    """Writes, reads, lists and deletes whole objects. Each write is atomic."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def put(self, key: str, content: bytes) -> None:
        """Write an object; an existing one is replaced."""
        import obstore

        with _explained("write", key):
            obstore.put(self._store, key, content)

    def put_new(self, key: str, content: bytes) -> bool:
        """Write an object if there is none. False if there is one, which stays unchanged."""
        import obstore
        from obstore.exceptions import AlreadyExistsError

        try:
            with _explained("write", key):
                obstore.put(self._store, key, content, mode="create")
        except AlreadyExistsError:
            return False
        return True

    def get(self, key: str) -> bytes | None:
        """The content of an object; None if there is none."""
        import obstore

        try:
            with _explained("read", key):
                return bytes(obstore.get(self._store, key).bytes())
        except FileNotFoundError:
            return None

    def keys(self, folder: str) -> Iterator[str]:
        """The keys below a folder, in order."""
        import obstore

        with _explained("list", folder):
            found = [each["path"] for part in obstore.list(self._store, folder) for each in part]
        yield from sorted(found)

    def aged(self, folder: str) -> Iterator[tuple[str, datetime.datetime]]:
        """The keys below a folder, in order, and when each was written."""
        import obstore

        with _explained("list", folder):
            found = [
                (each["path"], each["last_modified"])
                for part in obstore.list(self._store, folder)
                for each in part
            ]
        yield from sorted(found)

    def sized(self, folder: str) -> Iterator[tuple[str, int, datetime.datetime]]:
        """Yield the keys below a folder in any order, each with its size in bytes and when it was written.

        A stream, because there can be more than fit in memory.
        """
        import obstore

        with _explained("list", folder):
            for part in obstore.list(self._store, folder):
                for each in part:
                    yield each["path"], int(each["size"]), each["last_modified"]

    def remove(self, key: str) -> None:
        """Delete an object; does nothing if there is none."""
        import obstore

        try:
            with _explained("remove", key):
                obstore.delete(self._store, key)
        except FileNotFoundError:
            return


@contextmanager
def _explained(verb: str, key: str) -> Iterator[None]:
    """Convert obstore's errors: its messages can contain a signed URL; ours contain only the key."""
    from obstore.exceptions import AlreadyExistsError, BaseError

    try:
        yield
    except (FileNotFoundError, AlreadyExistsError):
        raise
    except (BaseError, OSError) as problem:
        raise ObjectError(f"object storage: can't {verb} {key}: {type(problem).__name__}.") from None


def open_objects(settings: Settings) -> Objects:
    """The storage that `settings.objects` names; a missing folder is created.

    Raises:
        ObjectError: the kind of the URL is not known.
    """
    from obstore.exceptions import BaseError
    from obstore.store import LocalStore, S3Store

    wanted = settings.objects
    parts = urlsplit(wanted.url)
    try:
        if parts.scheme in {"", "file"}:
            folder = Path(url2pathname(parts.path) if parts.scheme else wanted.url).expanduser().absolute()
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            return Objects(LocalStore(folder))
        if parts.scheme == "s3":
            return Objects(_bucket(settings, S3Store))
    except (BaseError, OSError) as problem:
        raise ObjectError(f"objects.url: {wanted.url}: {type(problem).__name__}.") from None
    raise ObjectError(f"objects.url: {wanted.url}: write a folder, file:///folder or s3://bucket/prefix.")


def _bucket(settings: Settings, store: type) -> ObjectStore:
    wanted = settings.objects
    given = {
        "endpoint": wanted.endpoint,
        "region": wanted.region,
        "access_key_id": wanted.access_key_id and wanted.access_key_id.get_secret_value(),
        "secret_access_key": wanted.secret_access_key and wanted.secret_access_key.get_secret_value(),
    }
    plain = bool(wanted.endpoint and wanted.endpoint.startswith("http://127.0.0.1"))
    # The class is imported by name, because its typed settings would have to be repeated here.
    made: ObjectStore = store.from_url(  # type: ignore[attr-defined]
        wanted.url,
        config={name: value for name, value in given.items() if value},
        client_options={"allow_http": plain},
    )
    return made
