"""Facts and sums that were brought up to date bit by bit are what all events make at once.

Answers come late, twice, reversed, corrected and in any order, and figures are asked in between. In the end
they are compared with facts made anew, and with the ledger, to the cent.
"""

from __future__ import annotations

import datetime
import itertools
import random
from typing import Any

import polars as pl
import pytest
from tests.features.pipeline.bench_of_claims import CALLER
from tests.features.remittance.conftest import Clinic, checker, clinic, clinic_folder, filled
from tests.features.remittance.known_answers import A100, ANN, DENIED, MARY, PAID, negated
from tests.features.remittance.written_835 import Clp, Payment, Svc

from claimwright.engines.kpis.packing import FACT_NAMES, PLACES, read_packs, read_recent, summed
from claimwright.features.analytics import answer, ask, refresh_in, summing
from claimwright.foundation import clock

__all__ = ["checker", "clinic", "clinic_folder", "filled"]
A100_LESS = Clp("A100", lines=[Svc("99213", "100", ["CO-45:60"]), Svc("85025", "50", ["CO-97:50"])])
A300 = Clp("A300", "1", [Svc("99213", "100", ["CO-45:20", "PR-1:80"])], **ANN)
ZERO = Clp("A200", "4", [Svc("99214", "200", ["CO-29:200"])], payer_number="3", **MARY)
# By day: what each payment answers.
STORY = [
    ("20260210", [A100, DENIED]),
    ("20260214", [negated(A100)]),
    ("20260215", [A100_LESS]),
    ("20260220", [PAID]),
    ("20260222", [A300]),
    ("20260225", [negated(PAID)]),
    ("20260228", [ZERO]),
    ("20260210", [A100, DENIED]),
]
_FACTS = (
    "select fact, valid_on, known_at, account_key, item_id, claim_key, facility, category, anchor_on, "
    "wait_days, staff, items, cents, net_cents, lines, quantity from analytics.facts"
)


def stored(clinic: Clinic, query: str) -> list[str]:
    return sorted(str(row) for row in clinic.rows(query))


def packed_days(clinic: Clinic) -> list[str]:
    """All sums by day, what is packed and what changed lately together; those by month are their sums."""
    with clinic.database.transaction(CALLER) as connection:
        names = dict(connection.execute("select code, name from analytics.names").fetchall())
        rows = connection.execute(
            "select dimension, fact, grain, content from analytics.packed_sums", binary=True
        ).fetchall()
        lately = connection.execute(
            "select dimension, content from analytics.recent_sums", binary=True
        ).fetchall()
    known = {name: code for code, name in names.items()}
    numbers = [known.get(name, 0) for name in FACT_NAMES]
    grains: dict[str, list[pl.DataFrame]] = {"day": [], "month": [], "recent": []}
    for dimension, fact, grain, content in rows:
        if grain in grains:
            grains[grain].append(
                read_packs([(PLACES[fact], content)]).with_columns(dimension=pl.lit(dimension))
            )
    for dimension, content in lately:
        grains["recent"].append(read_recent(content, numbers).with_columns(dimension=pl.lit(dimension)))
    days, months = grains["day"], grains["month"]
    if days:
        by_month = pl.concat(days).with_columns(pl.col("on_day").dt.truncate("1mo"))
        assert summed(by_month).sort(pl.all()).equals(summed(pl.concat(months)).sort(pl.all()))
    every = summed(pl.concat([*days, *grains["recent"]]))
    named = every.with_columns(
        pl.col("facility", "value").replace_strict({**names, 0: ""}, return_dtype=pl.String)
    )
    return sorted(str(row) for row in named.rows())


def refreshed(clinic: Clinic, *, rebuild: bool = False) -> None:
    with clinic.database.transaction(CALLER) as connection:
        refresh_in(connection, rebuild=rebuild)


def value(clinic: Clinic, name: str) -> Any:
    today = clock.today()
    with clinic.database.transaction(CALLER) as connection:
        asked = ask(name, begins=datetime.date(2026, 1, 1), ends=today)
        return answer(connection, asked, hide_small=False).totals[0].value


@pytest.mark.parametrize("seed", range(4))
def test_the_sums_are_those_of_all_events(clinic: Clinic, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # Every size of what is kept beside the packs: none, some, all.
    monkeypatch.setattr(summing, "MOST_RECENT", (0, 5, 40, 10_000)[seed])
    draws = random.Random(seed)
    events = list(STORY) if seed == 0 else draws.sample(STORY, len(STORY))
    ticks = itertools.count()
    began = clock.now()
    for day, clps in events:
        with pytest.MonkeyPatch.context() as patch:
            now = began + datetime.timedelta(hours=next(ticks))
            patch.setattr(clock, "now", lambda now=now: now)
            clinic.post(
                Payment(clps, trace=f"{day}{len(clps)}{clps[0].number}{clps[0].status}{next(ticks)}", day=day)
            )
        if draws.random() < 0.5:
            refreshed(clinic)
    refreshed(clinic)
    facts, sums = stored(clinic, _FACTS), packed_days(clinic)
    refreshed(clinic, rebuild=True)
    assert facts == stored(clinic, _FACTS)
    assert sums == packed_days(clinic)
    assert len(facts) > 30
    assert len(sums) > 30
    _is_what_the_ledger_says(clinic)


def _is_what_the_ledger_says(clinic: Clinic) -> None:
    """Independent of facts: balances and cash are read from the postings themselves."""
    ledger = dict(
        clinic.rows(
            "select case account when 'denied' then 'payer' else account end, sum(amount_cents)::bigint "
            "from remittance.entries e join remittance.postings p using (tenant, posting_id) "
            "where p.account_key is not null group by 1"
        )
    )
    # No account of the story is in credit, so what is owed is the balance.
    assert (value(clinic, "ar_insurance_balance") or 0) == ledger.get("payer", 0)
    assert (value(clinic, "ar_patient_balance") or 0) == ledger.get("patient", 0)
    assert (value(clinic, "cash_collected") or 0) == ledger.get("unapplied", 0)
    with clinic.database.transaction(CALLER) as connection:
        asked = ask("ar_insurance_balance", begins=clock.today(), ends=clock.today(), group_by=["age"])
        by_age = [each.value or 0 for each in answer(connection, asked, hide_small=False).rows]
    assert sum(by_age) == ledger.get("payer", 0)
    denied = clinic.rows(
        "select count(distinct account_key)::integer from remittance.answers a where a.turn = 'P' "
        "and exists (select from remittance.denials d "
        "  where d.answer_id = a.answer_id and d.amount_cents > 0) "
        "and a.state in ('posted', 'reversed', 'superseded') and not is_reversal and not exists ("
        "  select from remittance.answers b where b.account_key = a.account_key and b.paid_on < a.paid_on"
        "  and b.state in ('posted', 'reversed', 'superseded') and not b.is_reversal and b.turn = 'P')"
    )
    assert denied == clinic.rows("select sum(items)::integer from analytics.facts where fact = 'denied'")
