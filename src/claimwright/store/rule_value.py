"""What each rule's findings came to: findings of answered claims beside the denials of those claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.rows import class_row

from claimwright.platform.database import Connection


@dataclass(frozen=True)
class RuleValueCounts:
    """One rule's findings that no waiver covers, by claim. Amounts are whole cents.

    `answered` claims have a posted answer or a rejection; of these, `denied` have a denial in force, and
    `named` one whose cause names the rule. `missed` claims have such a denial, but no finding of the rule.
    `corrected` claims did not leave with the finding: they were in review or returned, and their next version
    is without it.
    """

    code: str
    findings: int
    answered: int
    denied: int
    denied_cents: int
    named: int
    named_cents: int
    missed: int
    missed_cents: int
    corrected: int
    corrected_cents: int


def count_rule_value(
    connection: Connection, *, facilities: Sequence[str] | None = None
) -> list[RuleValueCounts]:
    """The counts of every rule with a finding, or with a denial whose cause names it, by code."""
    cursor = connection.cursor(row_factory=class_row(RuleValueCounts))
    return cursor.execute(_COUNTS, {"own": None if facilities is None else list(facilities)}).fetchall()


_COUNTS = """
with answered as (
  select distinct claim_key from remittance.answers
  where state = 'posted' and not is_reversal and claim_key is not null
    and (%(own)s::text[] is null or facility = any(%(own)s))
  union
  select claim_key from remittance.denials_in_force
  where answer_id is null and claim_key is not null
    and (%(own)s::text[] is null or facility = any(%(own)s))
),
denials as (
  select claim_key, amount_cents, string_to_array(rules, ' ') as rules from remittance.denials_in_force
  where claim_key is not null and (%(own)s::text[] is null or facility = any(%(own)s))
),
denied as (select claim_key, sum(amount_cents) as cents from denials group by 1),
named as (
  select claim_key, code, sum(amount_cents) as cents from denials, unnest(rules) code group by 1, 2
),
found as (
  select f.claim_key, f.code, count(*) as findings,
    coalesce((sum(f.amount) * 100)::bigint, (max(c.total_charge) * 100)::bigint, 0) as at_risk,
    bool_or(c.route in ('review', 'returned')) as was_held
  from production.findings f join production.claims c using (tenant, claim_key)
  where f.waiver is null and (%(own)s::text[] is null or c.facility = any(%(own)s))
  group by 1, 2
),
corrected as (
  select f.code, count(*) as claims, sum(f.at_risk) as cents
  from found f join production.claims n on n.original_key = f.claim_key
  where f.was_held and not exists (
    select from production.findings g where g.claim_key = n.claim_key and g.code = f.code)
  group by 1
),
of_findings as (
  select f.code, sum(f.findings)::bigint as findings, count(a.claim_key) as answered,
    count(d.claim_key) filter (where a.claim_key is not null) as denied,
    coalesce(sum(d.cents) filter (where a.claim_key is not null), 0)::bigint as denied_cents,
    count(n.claim_key) as named, coalesce(sum(n.cents), 0)::bigint as named_cents
  from found f left join answered a using (claim_key) left join denied d using (claim_key)
    left join named n on n.claim_key = f.claim_key and n.code = f.code
  group by 1
),
missed as (
  select n.code, count(*) as missed, coalesce(sum(n.cents), 0)::bigint as cents
  from named n where not exists (
    select from found f where f.claim_key = n.claim_key and f.code = n.code)
  group by 1
)
select code, coalesce(f.findings, 0) as findings, coalesce(f.answered, 0) as answered,
  coalesce(f.denied, 0) as denied, coalesce(f.denied_cents, 0) as denied_cents,
  coalesce(f.named, 0) as named, coalesce(f.named_cents, 0) as named_cents,
  coalesce(m.missed, 0) as missed, coalesce(m.cents, 0) as missed_cents,
  coalesce(c.claims, 0) as corrected, coalesce(c.cents, 0)::bigint as corrected_cents
from of_findings f full join missed m using (code) left join corrected c using (code)
order by code
"""
