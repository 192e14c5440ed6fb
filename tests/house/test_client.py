"""The typed client is what the API's own description makes it."""

from __future__ import annotations

import generate_client


def test_the_client_is_fresh() -> None:
    for name, text in generate_client.wanted().items():
        kept = (generate_client.FOLDER / name).read_text(encoding="utf-8")
        assert kept == text, f"src/claimwright/client/{name} is stale: run `make client`"
