"""Claim numbers: duplicate claims of a file are refused, and replacements become the next version."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from claimwright.platform.database import Connection, copy_in

# Beside the number, what a claim is searched by. `member` and `patient` are blind indexes, empty for none.
SEARCHED = ("member", "patient", "billing_npi", "provider_npi")


class ClaimNumberRegistry:
    """Registers the numbers of one file's claims, in the file's transaction.

    `refused` counts refusals by reason.
    """

    def __init__(self, connection: Connection, facility: str, file_id: int) -> None:
        self._connection, self._facility, self._file_id = connection, facility, file_id
        self.refused: dict[str, int] = {}
        # The table stays with the connection, for its next file: making one costs more than filling it.
        self._is_filled = False
        connection.execute(
            "create temporary table if not exists arriving (position integer, claim_key bigint, "
            "number bytea, folded bytea, content bytea, member bytea, patient bytea, billing_npi text, "
            "provider_npi text, resubmission boolean) "
            "on commit delete rows"
        )

    def accept(self, claims: pl.DataFrame) -> pl.DataFrame:
        """The accepted keys, with version and original key; the others are recorded as refused."""
        connection = self._connection
        if self._is_filled:
            # Deleted rows would be scanned each time. From the second time on in a transaction it is cheap.
            connection.execute("truncate arriving")
        self._is_filled = True
        copy_in(
            connection,
            "arriving",
            claims.select("position", "claim_key", "number", "folded", "content", *SEARCHED, "resubmission"),
        )
        parameters = {"facility": self._facility, "file": self._file_id}
        rows = connection.execute(_REGISTER_NEW, parameters).fetchall()
        if claims["resubmission"].any():
            rows += connection.execute(_REGISTER_RESUBMITTED, parameters).fetchall()
        if left := _without(claims, rows):
            rows += connection.execute(_REGISTER_CORRECTED, {**parameters, "keys": left}).fetchall()
        if left := _without(claims, rows):
            refused = connection.execute(_REFUSE, {**parameters, "keys": left}).fetchall()
            for (reason,) in refused:
                self.refused[reason] = self.refused.get(reason, 0) + 1
        return pl.DataFrame(
            rows,
            schema={"claim_key": pl.Int64, "version": pl.Int16, "original_key": pl.Int64},
            orient="row",
        )


class CorrectionRegistry:
    """Registers corrected claims of a file as the next versions of the claims that they correct.

    `originals` are the keys of these, in the order of the claims in the file. The number stays that of the
    claim before, whatever was corrected. A claim that has a later version already is refused.
    """

    def __init__(self, connection: Connection, file_id: int, originals: Sequence[int]) -> None:
        self._connection, self._file_id, self._originals = connection, file_id, originals
        self.refused: dict[str, int] = {}

    def accept(self, claims: pl.DataFrame) -> pl.DataFrame:
        """The accepted keys, with version and original key."""
        rows = self._connection.execute(
            _REGISTER_CORRECTION,
            {
                "file": self._file_id,
                "keys": claims["claim_key"].to_list(),
                "originals": [self._originals[place - 1] for place in claims["position"].to_list()],
                "contents": claims["content"].to_list(),
                **{name: claims[name].to_list() for name in SEARCHED},
            },
        ).fetchall()
        if len(rows) < claims.height:
            self.refused["corrected before"] = claims.height - len(rows)
        return pl.DataFrame(
            rows,
            schema={"claim_key": pl.Int64, "version": pl.Int16, "original_key": pl.Int64},
            orient="row",
        )


def _without(claims: pl.DataFrame, rows: list[tuple[int, int, int | None]]) -> list[int]:
    """The keys that are not in the rows."""
    return sorted(set(claims["claim_key"].to_list()) - {row[0] for row in rows})


# A claim is refused if its facility has used its number before, or if an earlier claim of the file has it.
_REGISTER_NEW = """
insert into staging.claim_keys (facility, number, folded, version, claim_key, content,
  member, patient, billing_npi, provider_npi, file_id)
select %(facility)s, number, folded, 1, claim_key, content,
  member, patient, billing_npi, provider_npi, %(file)s
from arriving where not resubmission order by position
on conflict do nothing
returning claim_key, version, original_key
"""
# A replacement or void becomes the next version of its number; identical content is refused. The `limit`
# makes the planner look up claim by claim: it has no statistics yet of a table that is being filled, and
# would otherwise scan all claims of the facility for each block of the file.
_REGISTER_RESUBMITTED = """
insert into staging.claim_keys (facility, number, folded, version, claim_key, original_key, content,
  member, patient, billing_npi, provider_npi, file_id)
select %(facility)s, a.number, a.folded,
  coalesce(last.version, 0) + row_number() over w, a.claim_key,
  coalesce(lag(a.claim_key) over w, last.claim_key), a.content,
  a.member, a.patient, a.billing_npi, a.provider_npi, %(file)s
from (
  select distinct on (number, content) * from arriving where resubmission order by number, content, position
) a
left join lateral (
  select k.version, k.claim_key from staging.claim_keys k
  where k.facility = %(facility)s and k.number = a.number order by k.version desc limit 1
) last on true
left join lateral (
  select true as is_known from staging.claim_keys k
  where k.facility = %(facility)s and k.number = a.number and k.content = a.content limit 1
) same on true
where same.is_known is null
window w as (partition by a.number order by a.position)
returning claim_key, version, original_key
"""
# A claim that a person returned to the facility was never sent to the payer, and one that a front end
# rejected was never adjudicated. When it is corrected and submitted again with its number, as an original
# claim, it becomes the next version.
_REGISTER_CORRECTED = """
insert into staging.claim_keys (facility, number, folded, version, claim_key, original_key,
  member, patient, billing_npi, provider_npi, file_id)
select distinct on (a.number) %(facility)s, a.number, a.folded, last.version + 1, a.claim_key, last.claim_key,
  a.member, a.patient, a.billing_npi, a.provider_npi, %(file)s from arriving a
join lateral (
  select k.version, k.claim_key from staging.claim_keys k
  where k.facility = %(facility)s and k.number = a.number order by k.version desc limit 1
) last on true
join production.claims p on p.claim_key = last.claim_key and (p.route = 'returned' or exists (
  select from remittance.denials_in_force d where d.claim_key = last.claim_key and d.answer_id is null))
where not a.resubmission and a.claim_key = any(%(keys)s)
order by a.number, a.position
returning claim_key, version, original_key
"""
_REGISTER_CORRECTION = """
insert into staging.claim_keys (facility, number, folded, version, claim_key, original_key, content,
  member, patient, billing_npi, provider_npi, file_id)
select k.facility, k.number, k.folded, k.version + 1, a.claim_key, k.claim_key, a.content,
  a.member, a.patient, a.billing_npi, a.provider_npi, %(file)s
from unnest(%(keys)s::bigint[], %(originals)s::bigint[], %(contents)s::bytea[], %(member)s::bytea[],
  %(patient)s::bytea[], %(billing_npi)s::text[], %(provider_npi)s::text[])
  as a(claim_key, original_key, content, member, patient, billing_npi, provider_npi)
join staging.claim_keys k on k.claim_key = a.original_key
on conflict do nothing
returning claim_key, version, original_key
"""
_REFUSE = """
insert into staging.refusals (file_id, position, reason, first_key)
select %(file)s, a.position,
  case when a.resubmission then 'resubmitted before' else 'claim number used before' end,
  (select k.claim_key from staging.claim_keys k
   where k.facility = %(facility)s and k.number = a.number
     and (not a.resubmission or k.content = a.content)
   order by k.version limit 1)
from arriving a
where a.claim_key = any(%(keys)s)
returning reason
"""


def keys_to_index(connection: Connection, limit: int) -> list[int]:
    """Claims that came before their members, patients and NPIs were indexed, in order of key."""
    rows = connection.execute(
        "select claim_key from staging.claim_keys where patient is null order by claim_key limit %s", [limit]
    ).fetchall()
    return [row[0] for row in rows]


def keep_searched(connection: Connection, claims: pl.DataFrame) -> None:
    """Store what claims are searched by: `claim_key` and the columns of `SEARCHED`, null where none is."""
    connection.execute(
        "update staging.claim_keys k"
        " set member = coalesce(a.member, ''), patient = coalesce(a.patient, ''),"
        " billing_npi = a.billing_npi, provider_npi = a.provider_npi"
        " from unnest(%(claim_key)s::bigint[], %(member)s::bytea[], %(patient)s::bytea[],"
        " %(billing_npi)s::text[], %(provider_npi)s::text[])"
        " as a(claim_key, member, patient, billing_npi, provider_npi) where k.claim_key = a.claim_key",
        {name: claims[name].to_list() for name in ("claim_key", *SEARCHED)},
    )
