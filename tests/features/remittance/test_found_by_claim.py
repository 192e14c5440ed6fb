"""What is asked of one claim can be found by an index, without reading all claims of the tenant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.calling import act_for
from tests.database_server import Store
from tests.features.pipeline.bench_of_claims import CALLER

from claimwright.platform.phi import Sealer
from claimwright.store import claim_history

# No other number in a plan is the same.
KEY = 987_654_321
REJECTIONS = "select from remittance.denials_in_force where claim_key = %(key)s and answer_id is null"
DENIALS = "select * from remittance.denials_in_force where claim_key = %(key)s and state = 'open'"
INDEXED = """
select c.relname, a.attname from pg_index i join pg_class c on c.oid = i.indrelid
join pg_attribute a on a.attrelid = i.indrelid and a.attnum in (i.indkey[0], i.indkey[1])
"""


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", []):
        yield from nodes(each)


@pytest.mark.parametrize(
    "query", [REJECTIONS, DENIALS, claim_history._HISTORY], ids=["rejections", "denials", "history"]
)
def test_a_claim_can_be_found_by_an_index(filled: tuple[Store, Sealer], query: str) -> None:
    # A cursor of the client, so that the plan shows the key.
    with psycopg.connect(filled[0].address, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute("set role claimwright_app")
        act_for(connection, CALLER)
        explained = connection.execute(
            f"explain (format json) {query}".encode(), {"key": KEY, "subject": "claim:none"}
        ).fetchone()
        assert explained is not None
        indexed = set(connection.execute(INDEXED.encode()).fetchall())
        connection.rollback()
    # With a few rows, any index is as good as another one. What counts is that the key is compared where a
    # table is read, and with a column of an index: the planner takes it once there are many rows.
    compared = [
        (node.get("Relation Name"), column)
        for node in nodes(explained[0][0]["Plan"])
        for name, condition in node.items()
        if name.endswith(("Filter", "Cond"))
        for column in re.findall(rf"(\S+) = {KEY}\b", condition)
    ]
    assert compared
    assert [each for each in compared if (each[0], each[1].lstrip("(").split(".")[-1]) not in indexed] == []
