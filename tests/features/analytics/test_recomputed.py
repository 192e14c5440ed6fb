"""Facts and sums that were brought up to date bit by bit are what all events make at once.

Answers come late, twice, reversed, corrected and in any order, and figures are asked in between. In the end
they are compared with facts made anew, and with the ledger, to the cent.
"""

from __future__ import annotations

import datetime
import itertools
import random
from typing import Any

import pytest
from tests.features.pipeline.bench_of_claims import CALLER
from tests.features.remittance.conftest import Clinic, checker, clinic, clinic_folder, filled
from tests.features.remittance.known_answers import A100, ANN, DENIED, MARY, PAID, negated
from tests.features.remittance.written_835 import Clp, Payment, Svc

from claimwright.features.analytics import answer, ask, refresh_in
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
_ROLLUPS = (
    "select * from analytics.rollups where (items, cents, net_cents, lines, quantity) <> (0, 0, 0, 0, 0)"
)


def stored(clinic: Clinic, query: str) -> list[str]:
    return sorted(str(row) for row in clinic.rows(query))


def refreshed(clinic: Clinic, *, rebuild: bool = False) -> None:
    with clinic.database.transaction(CALLER) as connection:
        refresh_in(connection, rebuild=rebuild)


def value(clinic: Clinic, name: str) -> Any:
    today = clock.today()
    with clinic.database.transaction(CALLER) as connection:
        asked = ask(name, begins=datetime.date(2026, 1, 1), ends=today)
        return answer(connection, asked, hide_small=False).totals[0].value


@pytest.mark.parametrize("seed", range(4))
def test_the_sums_are_those_of_all_events(clinic: Clinic, seed: int) -> None:
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
    facts, sums = stored(clinic, _FACTS), stored(clinic, _ROLLUPS)
    refreshed(clinic, rebuild=True)
    assert facts == stored(clinic, _FACTS)
    assert sums == stored(clinic, _ROLLUPS)
    assert len(facts) > 30
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
    by_age = clinic.rows(
        "select coalesce(sum(cents), 0)::bigint from analytics.rollups where dimension = 'all' "  # noqa: S608
        f"and grain = 'day' and fact = 'ar_insurance' and on_day <= '{clock.today()}'"
    )
    assert by_age == [(ledger.get("payer", 0),)]
    denied = clinic.rows(
        "select count(distinct account_key)::integer from remittance.answers a where a.turn = 'P' "
        "and exists (select from remittance.denials d "
        "  where d.answer_id = a.answer_id and d.amount_cents > 0) "
        "and a.state in ('posted', 'reversed', 'superseded') and not is_reversal and not exists ("
        "  select from remittance.answers b where b.account_key = a.account_key and b.paid_on < a.paid_on"
        "  and b.state in ('posted', 'reversed', 'superseded') and not b.is_reversal and b.turn = 'P')"
    )
    assert denied == clinic.rows("select sum(items)::integer from analytics.facts where fact = 'denied'")
