"""Service lines that payers decided, with the codes that were sent and what was denied of each."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from psycopg import sql

from claimwright.platform.database import Connection, copy_out

DECIDED_LINES: dict[str, pl.DataType] = {
    "claim_key": pl.Int64(), "line": pl.Int32(), "payer_id": pl.String(), "claim_filing_code": pl.String(),
    "frequency_code": pl.String(), "procedure": pl.String(), "modifier_1": pl.String(),
    "revenue_code": pl.String(), "line_place_of_service": pl.String(), "units": pl.Float64(),
    "line_charge": pl.Decimal(18, 2), "decided_on": pl.Date(), "denied": pl.Boolean(),
    "denied_cents": pl.Int64(),
}  # fmt: skip


def decided_lines(
    connection: Connection,
    form: str,
    *,
    root_cause: str | None = None,
    category: str | None = None,
    facilities: Sequence[str] | None = None,
) -> pl.DataFrame:
    """The lines of one form with a posted answer of the first payer: the columns of `DECIDED_LINES`.

    A line is denied if it, or its claim as a whole, has a denial in force, of this cause or category if one
    is given. What was denied of the claim as a whole counts on its first line.
    """
    query = sql.SQL(_DECIDED).format(
        form=sql.Literal(form), cause=sql.Literal(root_cause), category=sql.Literal(category),
        own=sql.Literal(None if facilities is None else list(facilities)),
    )  # fmt: skip
    return copy_out(connection, query, DECIDED_LINES)


_DECIDED = """
with answered as (
  select a.claim_key, l.line, max(a.paid_on) as decided_on,
    coalesce(bool_or(d.denial_id is not null), false) as denied,
    coalesce(sum(d.amount_cents), 0)::bigint as denied_cents
  from remittance.answers a join remittance.answer_lines l on l.answer_id = a.answer_id
    left join remittance.denials d on d.answer_id = a.answer_id
      and (d.position = l.position or (d.position is null and l.position = 1))
      and ({cause}::text is null or d.root_cause = {cause})
      and ({category}::text is null or d.category = {category})
  where a.state = 'posted' and not a.is_reversal and a.turn = 'P' and l.line is not null
    and a.paid_on is not null and ({own}::text[] is null or a.facility = any({own}))
  group by 1, 2
)
select a.claim_key, a.line, c.payer_id, c.claim_filing, c.frequency, s.procedure,
  nullif(split_part(s.modifiers, ' ', 1), ''), s.revenue_code, s.place_of_service, s.units, s.charge,
  a.decided_on, a.denied, a.denied_cents
from answered a join production.claims c using (claim_key)
  join production.lines s on s.claim_key = a.claim_key and s.line = a.line
where c.form = {form}
order by a.decided_on, a.claim_key, a.line
"""
