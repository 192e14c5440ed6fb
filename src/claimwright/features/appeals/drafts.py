"""How a draft is kept: with what the gate says of it and what a person confirmed, sealed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from claimwright.domain.appeal_case import Draft
from claimwright.domain.caller import Caller
from claimwright.engines.verification import Verdict
from claimwright.foundation import clock
from claimwright.store import appeals as rows
from claimwright.store.sealed_claims import SealsAndOpens

if TYPE_CHECKING:
    from claimwright.platform.database import Connection


def store_draft(
    caller: Caller, connection: Connection, sealer: SealsAndOpens, case_id: int, number: int, draft: Draft,
    verdict: Verdict, confirmed: Sequence[str], *, replace: bool = False,
) -> int:  # fmt: skip
    """Store a draft with its verdict and what a person confirmed. Returns how much remains marked."""
    marked = len(verdict.open_after(confirmed))
    content = {
        "draft": draft.model_dump(mode="json"),
        "findings": [asdict(each) | {"problem": each.problem.value} for each in verdict.findings],
        "ticks": [asdict(each) for each in verdict.ticks],
        "confirmed": list(confirmed),
    }
    [sealed] = sealer.seal(
        [json.dumps(content).encode()], [rows.draft_context(caller.tenant, case_id, number)]
    )
    if replace:
        rows.update_draft(connection, case_id, number, marked, sealed)
    else:
        rows.insert_draft(
            connection, case_id, number, draft.drafter, len(draft.statements), marked, sealed, clock.now()
        )
    return marked
