"""What happened to one claim, from the tables that know it; each event with its time and who did it.

No event has a value of the claim. `what` is a word, such as received, production, released, answer, denial.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal

from claimwright.platform.database import Connection


@dataclass(frozen=True)
class ClaimEvent:
    """One thing that happened to a claim.

    Attributes:
        what: received, production, review, dead, released, returned, ...: the new state; or prediction,
            answer, denial, posting, other_version, opened.
        word: says more: the state of an answer, the root cause of a denial, the kind of a posting.
        by: who did it; None where no record says so.
        reason: that they stated.
        refers_to: file, run, payment, denial or claim, whose number is `reference`.
    """

    at: datetime.datetime
    what: str
    word: str | None
    by: str | None
    reason: str | None
    refers_to: str | None
    reference: int | None


@dataclass(frozen=True)
class PricedLine:
    """A line of a processed claim: what it charges, and what it should be allowed; `basis` says why."""

    line: int
    charge: Decimal | None
    allowed: Decimal | None
    basis: str | None


def history_of(connection: Connection, claim_key: int, *, with_openings: bool) -> list[ClaimEvent]:
    """The events of a claim, oldest first. Openings come from the audit log: for those who may read it."""
    found = connection.execute(_HISTORY, {"key": claim_key, "subject": f"claim:{claim_key}"}).fetchall()
    events = [ClaimEvent(*row) for row in found]
    return events if with_openings else [each for each in events if each.what != "opened"]


def priced_lines(connection: Connection, claim_key: int) -> list[PricedLine]:
    """The lines of a claim with their prices; none before a run has processed it."""
    rows = connection.execute(
        "select line, charge, allowed, basis from production.lines where claim_key = %s order by line",
        [claim_key],
    ).fetchall()
    return [PricedLine(*row) for row in rows]


@dataclass(frozen=True)
class StoredPrediction:
    """What the model in use predicted of a claim when a run processed it.

    Attributes:
        model: its id.
        probability: that any line is denied.
        confidence: how far the probability is from even, 0 to 1.
        review_from: the probability from which on a person looks, of that model and payer.
        category: the likeliest kind of denial, of claims that a person sees.
        received_on: the day of the claim's file.
    """

    model: str
    probability: float
    confidence: float
    review_from: float
    category: str | None
    received_on: datetime.date


def stored_predictions(connection: Connection, claim_key: int) -> list[StoredPrediction]:
    """What models in use predicted of a claim, the newest first; none before a run has processed it."""
    rows = connection.execute(
        "select model, probability, confidence, review_from, category, received_on "
        "from production.predictions where claim_key = %s and role = 'champion' "
        "order by received_on desc, model",
        [claim_key],
    ).fetchall()
    return [StoredPrediction(*row) for row in rows]


# Decisions of people have a correlation id of their own, by which the audit log says who and why. A claim
# keeps that of its file, so that the first record of it says who brought the file in.
_HISTORY = """
with account as (
  select coalesce((
    select a.account_key from remittance.answers a where a.claim_key = %(key)s and a.account_key is not null
    order by a.answer_id desc limit 1
  ), %(key)s) as account_key
),
answers as (
  select a.answer_id, a.state, a.payment_id, f.received_at, f.entered_by
  from remittance.answers a join remittance.payments p using (tenant, payment_id)
  join remittance.files f on f.tenant = p.tenant and f.file_id = p.file_id
  where a.claim_key = %(key)s
)
select * from (
  select e.happened_at as at, e.state as what, null as word, who.actor, who.reason,
    case e.state when 'received' then 'file' when 'corrected' then 'claim'
      else case when e.run_id is not null then 'run' end end,
    case e.state when 'received' then k.file_id when 'corrected' then (
      select max(c.corrected_key) from production.corrections c where c.claim_key = e.claim_key
    ) else e.run_id end
  from production.claim_events e
  left join staging.claim_keys k on k.claim_key = e.claim_key
  left join lateral (
    select a.actor, a.body::jsonb -> 'detail' ->> 'reason' as reason from platform.audit_log a
    where a.correlation_id = e.correlation_id::text and e.run_id is null
      and (e.state = 'received') = (a.action = 'claims.staged')
      and a.action <> 'claims.processed'
    order by a.sequence limit 1
  ) who on true
  where e.claim_key = %(key)s
  union all
  select f.received_at, 'other_version', o.version::text, null, null, 'claim', o.claim_key
  from staging.claim_keys k join staging.claim_keys o
    on o.facility = k.facility and o.number = k.number and o.claim_key <> k.claim_key
  join staging.files f on f.file_id = o.file_id
  where k.claim_key = %(key)s
  union all
  select corrected_at, 'corrects', how, corrected_by, null, 'claim', claim_key
  from production.corrections where corrected_key = %(key)s
  union all
  select coalesce(finished_at, submitted_at), 'prediction', status, null, null, null, null
  from prediction.jobs where claim_key = %(key)s
  union all
  select received_at, 'answer', state, entered_by, null, 'payment', payment_id from answers
  union all
  select d.found_at, 'denial', d.root_cause, null, null, 'denial', d.denial_id
  from remittance.denials d join answers using (answer_id)
  union all
  select l.at, 'denial_decided', l.body::jsonb -> 'detail' ->> 'state', l.actor,
    l.body::jsonb -> 'detail' ->> 'reason', 'denial', d.denial_id
  from remittance.denials d join answers using (answer_id)
  join platform.audit_log l on l.subject = 'denial:' || d.denial_id and l.action = 'denial.decided'
  union all
  select p.posted_at, 'posting', p.kind, p.posted_by, p.reason, null, null
  from remittance.postings p join account using (account_key)
  where p.kind not in ('charge', 'answer')
  union all
  select a.at, 'opened', nullif(a.body::jsonb -> 'detail' ->> 'option', ''), a.actor,
    a.body::jsonb -> 'detail' ->> 'reason', null, null
  from platform.audit_log a where a.subject = %(subject)s and a.action = 'phi.read'
) events order by at, what limit 1000
"""
