"""What identifies the patient of an answer: its numbers, names and member IDs, opened.

It is kept as long as the claims: after that the amounts of an answer stay, and nobody knows whose they are.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from claimwright.domain.caller import Caller
from claimwright.platform.database import Connection
from claimwright.store.remittance_answers import sealed_answers
from claimwright.store.remittances import answer_context
from claimwright.store.sealed_claims import Opens


def secrets_of(
    caller: Caller, connection: Connection, opener: Opens, answers: Sequence[int]
) -> dict[int, dict[str, str | None]]:
    """The opened values of answers, by answer; those that are no longer kept are left out.

    Raises:
        PhiError: one of them can't be opened.
    """
    sealed = sealed_answers(connection, answers)
    contexts = [answer_context(caller.tenant, key) for key in sealed]
    opened = opener.open(list(sealed.values()), contexts)
    return {key: json.loads(text) for key, text in zip(sealed, opened, strict=True)}
