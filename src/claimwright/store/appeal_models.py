"""Appeal-outcome models that were trained here; the newest one answers."""

from __future__ import annotations

import hashlib

from claimwright.foundation import clock
from claimwright.platform.database import Connection


def insert_appeal_model(connection: Connection, content: bytes, years: tuple[int, int]) -> None:
    """Store a model with the years of its first and its newest decision. It answers from now on."""
    connection.execute(
        "insert into prediction.appeal_models (digest, content, first_year, last_year, trained_at) "
        "values (%s, %s, %s, %s, %s)",
        [hashlib.sha256(content).digest(), content, *years, clock.now()],
    )


def newest_appeal_model(connection: Connection) -> tuple[int, bytes] | None:
    """Number and digest of the model that answers; None if none was trained here."""
    row = connection.execute(
        "select appeal_model_id, digest from prediction.appeal_models order by appeal_model_id desc limit 1"
    ).fetchone()
    return None if row is None else (int(row[0]), bytes(row[1]))


def appeal_model_content(connection: Connection, appeal_model_id: int) -> bytes:
    """The content of a model."""
    row = connection.execute(
        "select content from prediction.appeal_models where appeal_model_id = %s", [appeal_model_id]
    ).fetchone()
    assert row is not None
    return bytes(row[0])
