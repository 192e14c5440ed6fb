"""The claims that a payer's answer may be about."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import polars as pl
from psycopg import sql

from claimwright.platform.database import Connection, bigints, byteas, copy_out

CANDIDATES: dict[str, pl.DataType] = {
    "asked": pl.Int64(), "claim_key": pl.Int64(), "version": pl.Int16(), "facility": pl.String(),
    "frequency": pl.String(), "charge_cents": pl.Int64(), "service_from_on": pl.Date(),
    "service_to_on": pl.Date(),
}  # fmt: skip


def facilities(connection: Connection) -> list[str]:
    """The facilities that have sent claims."""
    return [row[0] for row in connection.execute("select distinct facility from staging.files").fetchall()]


def claims_with_numbers(
    connection: Connection, asked: Sequence[int], numbers: Sequence[bytes], facility: str | None
) -> pl.DataFrame:
    """Claims in production whose number, or folded number, has one of these blind indexes.

    `asked[i]` asks for `numbers[i]`. Columns: `CANDIDATES`, and `is_folded`.
    """
    places = sql.Literal([facility] if facility is not None else facilities(connection))
    wanted = byteas(dict.fromkeys(numbers))
    # Arrays, not a join: an index is read once for all of them, in its order, whatever the planner believes
    # of tables that grow within this transaction.
    parts = [
        copy_out(
            connection,
            sql.SQL(text).format(places=places, numbers=wanted),
            {"number": pl.String(), "claim_key": pl.Int64()},
        ).with_columns(is_folded=pl.lit(is_folded))
        for text, is_folded in ((_BY_NUMBER, False), (_BY_FOLDED, True))
    ]
    asking = pl.DataFrame(
        {"asked": pl.Series(asked, dtype=pl.Int64), "number": pl.Series(numbers, dtype=pl.Binary)}
    ).with_columns(pl.col("number").bin.encode("hex"))
    found = asking.join(pl.concat(parts), on="number", how="inner", maintain_order="left")
    claims = _claims_with_keys(connection, found["claim_key"].unique().sort().to_list())
    return found.join(claims, on="claim_key", how="inner", maintain_order="left").select(
        *CANDIDATES, "is_folded"
    )


def _claims_with_keys(connection: Connection, keys: Sequence[int]) -> pl.DataFrame:
    """These claims, as far as they are in production: `CANDIDATES` but `asked`."""
    schema = {name: dtype for name, dtype in CANDIDATES.items() if name != "asked"}
    if not keys:
        return pl.DataFrame(schema=schema)
    return copy_out(connection, sql.SQL(_BY_KEY).format(keys=bigints(keys)), schema)


def claims_of_payer_numbers(
    connection: Connection, asked: Sequence[int], numbers: Sequence[bytes], facility: str | None
) -> pl.DataFrame:
    """Claims that earlier answers with these payer claim numbers (blind indexes) were about."""
    query = sql.SQL(_BY_PAYER_NUMBER).format(
        asked=bigints(asked),
        numbers=byteas(numbers),
        facility=sql.Literal(facility),
    )
    return copy_out(connection, query, CANDIDATES)


def claims_with_charges(
    connection: Connection,
    asked: Sequence[int],
    charges: Sequence[int],
    days: Sequence[datetime.date | None],
    facility: str | None,
    *,
    each: int = 20,
) -> pl.DataFrame:
    """Claims in production with this charge, and this first date of service if it is known; some for each."""
    query = sql.SQL(_BY_CHARGE).format(
        asked=bigints(asked), charges=bigints(charges), days=sql.Literal(list(days)),
        facility=sql.Literal(facility), each=sql.Literal(each),
    )  # fmt: skip
    return copy_out(connection, query, CANDIDATES)


_COLUMNS = (
    "p.claim_key, p.version, p.facility, p.frequency, (p.total_charge * 100)::bigint, p.service_from_on, "
    "p.service_to_on"
)
_BY_NUMBER = """
select encode(number, 'hex'), claim_key from staging.claim_keys
where facility = any({places}) and number = any({numbers}) order by claim_key
"""
_BY_FOLDED = """
select encode(folded, 'hex'), claim_key from staging.claim_keys
where folded = any({numbers}) and facility = any({places}) order by claim_key
"""
_BY_KEY = f"select {_COLUMNS} from production.claims p where claim_key = any({{keys}})"  # noqa: S608 - as below
_BY_PAYER_NUMBER = f"""
select distinct u.asked, {_COLUMNS}
from unnest({{asked}}::bigint[], {{numbers}}::bytea[]) as u(asked, number)
  join remittance.answers a on a.payer_number = u.number and a.claim_key is not null
  join production.claims p on p.claim_key = a.claim_key
where {{facility}}::text is null or p.facility = {{facility}}
"""  # noqa: S608 - texts of this module
_BY_CHARGE = f"""
select asked, claim_key, version, facility, frequency, cents, service_from_on, service_to_on from (
  select u.asked, {_COLUMNS.replace("::bigint", "::bigint as cents")},
    row_number() over (partition by u.asked order by p.claim_key desc) as place
  from unnest({{asked}}::bigint[], {{charges}}::bigint[], {{days}}::date[]) as u(asked, cents, day)
    join production.claims p on p.total_charge = u.cents / 100.0
      and (u.day is null or p.service_from_on = u.day)
  where {{facility}}::text is null or p.facility = {{facility}}
) as found where place <= {{each}}
"""  # noqa: S608 - texts of this module


def facility_of(connection: Connection, claim_key: int) -> str | None:
    """The facility of a claim in production; None if there is no such claim."""
    row = connection.execute(
        "select facility from production.claims where claim_key = %s", [claim_key]
    ).fetchone()
    return row[0] if row else None
