"""Corrections of claims: the version that came of each, the fields that changed, repairs that were offered.

What a correction did to the findings is asked of production, never stored: it is verified once the corrected
version has been processed and none of the rules that it was meant for has a finding there.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psycopg.rows import class_row

from claimwright.foundation import clock
from claimwright.platform.database import Connection

from .actors import NAME_OF_ACTOR


def correction_context(tenant: str, correction_id: int, ordinal: int) -> bytes:
    """The context of the sealed values of a corrected field."""
    return f"{tenant}:correction:{correction_id}:{ordinal}".encode()


@dataclass(frozen=True)
class Standing:
    """Where a claim stands for whoever wants to correct it. `changes` counts the events of its history.

    `newest_key` is the newest version of its number. `is_rejected` is true where a front end rejected it, so
    that the payer never had it. `number_occurrence` and `content_occurrence` say whether it repeats another
    claim of its file, as far as its findings or its dead letter tell.
    """

    claim_key: int
    version: int
    changes: int
    place: str
    status: str | None
    facility: str
    newest_key: int
    is_rejected: bool
    number_occurrence: int
    content_occurrence: int

    @property
    def repeats(self) -> tuple[int, int]:
        """The occurrence of its number and of its content in its own file, from 1."""
        return self.number_occurrence, self.content_occurrence

    @property
    def etag(self) -> str:
        """What changes whenever somebody decides on the claim or corrects it."""
        return f"{self.version}.{self.changes}.{self.newest_key}"


@dataclass(frozen=True)
class NewCorrection:
    """A correction to be stored. `needs_approval`: its version may not go on without another person."""

    claim_key: int
    corrected_key: int
    facility: str
    how: str
    rules: Sequence[str]
    repairs: Sequence[str]
    forced: bool
    was_blocked: bool
    needs_approval: bool


@dataclass(frozen=True)
class NewField:
    """A field that a correction changed."""

    level: str
    field: str
    line: int | None
    position: int | None
    new_code: str | None


@dataclass(frozen=True)
class StoredCorrection:
    """A correction and what became of it. `left` are the rules that it was meant for and that still fire.

    `verification` is waiting until a run has processed the corrected version; then verified or not_verified,
    or dead where the version could not be processed. It is withdrawn where its file was returned.
    """

    correction_id: int
    claim_key: int
    corrected_key: int
    facility: str
    how: str
    rules: list[str]
    fields: list[str]
    forced: bool
    corrected_at: datetime.datetime
    corrected_by: str
    verification: str
    left: list[str]


@dataclass(frozen=True)
class OfferCount:
    """How often the repair of a rule was offered, decided on and accepted; one claim counts once."""

    code: str
    offered: int
    decided: int
    accepted: int

    @property
    def rate(self) -> float | None:
        """Accepted of decided; None before the first decision."""
        return self.accepted / self.decided if self.decided else None


@dataclass(frozen=True)
class FieldCount:
    """How often people changed a field for a rule; `value`: of short codes that are no patient data."""

    code: str
    level: str
    field: str
    value: str | None
    times: int


def standings(connection: Connection, keys: Sequence[int]) -> dict[int, Standing]:
    """Where these claims stand, by key; a key that the tenant has no claim with is left out."""
    cursor = connection.cursor(row_factory=class_row(Standing))
    found = cursor.execute(_STANDINGS, {"keys": list(keys)}).fetchall()
    return {each.claim_key: each for each in found}


def lock_claims(connection: Connection, keys: Sequence[int]) -> None:
    """Lock the rows of claims until the transaction ends, so that two people never change one claim."""
    for table in ("production.claims", "pipeline.dead_letters"):
        connection.execute(
            f"select from {table} where claim_key = any(%s) order by claim_key for update".encode(),
            [list(keys)],
        )


def to_be_approved(connection: Connection, keys: Sequence[int]) -> set[int]:
    """Those of the claims whose work item needs an approval, or that came of a correction that needs one.

    An approval that was given does not count: it was of something else than the claim as it will be.
    """
    rows = connection.execute(
        "select claim_key from work.items where claim_key = any(%(keys)s) and needs_approval "
        "and kind in ('claim_review', 'dead_letter', 'rejection') "
        "union select corrected_key from production.corrections "
        "where corrected_key = any(%(keys)s) and needs_approval",
        {"keys": list(keys)},
    ).fetchall()
    return {row[0] for row in rows}


def insert_correction(connection: Connection, new: NewCorrection) -> int:
    """Store a correction. Returns its number."""
    row = connection.execute(
        "insert into production.corrections (claim_key, corrected_key, facility, how, rules, repairs, "
        "forced, was_blocked, needs_approval, corrected_at) "
        "values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
        "returning correction_id",
        [
            new.claim_key, new.corrected_key, new.facility, new.how, list(new.rules), list(new.repairs),
            new.forced, new.was_blocked, new.needs_approval, clock.now(),
        ],
    ).fetchone()  # fmt: skip
    assert row is not None
    return int(row[0])


def insert_fields(
    connection: Connection, correction_id: int, fields: Sequence[NewField], sealed: Sequence[bytes]
) -> None:
    """Store the changed fields of a correction, in order, each with its sealed values."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into production.corrected_fields (correction_id, ordinal, level, field, line, position, "
            "new_code, sealed) values (%s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    correction_id, ordinal, each.level, each.field, each.line, each.position, each.new_code,
                    content,
                )
                for ordinal, (each, content) in enumerate(zip(fields, sealed, strict=True), start=1)
            ],
        )  # fmt: skip


def corrections_before(
    connection: Connection,
    *,
    before: int | None = None,
    claim_key: int | None = None,
    facilities: Sequence[str] | None = None,
    limit: int = 100,
) -> list[StoredCorrection]:
    """The newest corrections, or the next ones before a number, newest first; of a claim, in any version."""
    cursor = connection.cursor(row_factory=class_row(StoredCorrection))
    return cursor.execute(
        _CORRECTIONS,
        {
            "before": before, "claim": claim_key, "limit": limit,
            "own": None if facilities is None else list(facilities),
        },
    ).fetchall()  # fmt: skip


def correction_of(connection: Connection, claim_key: int) -> tuple[str, datetime.datetime, int] | None:
    """Who corrected a version of a claim, when, and the version that came of it; None if nobody has.

    An account is told by its sign-in name.
    """
    row = connection.execute(
        f"select coalesce({NAME_OF_ACTOR.format('corrected_by')}, corrected_by), corrected_at, "  # noqa: S608
        "corrected_key from production.corrections where claim_key = %s "
        "order by correction_id desc limit 1".encode(),
        [claim_key],
    ).fetchone()
    return None if row is None else (str(row[0]), row[1], int(row[2]))


def note_offers(connection: Connection, offers: Mapping[int, Sequence[str]]) -> None:
    """Note which repairs were shown, by claim; one that was shown before is not counted again."""
    pairs = [(key, code) for key, codes in offers.items() for code in codes]
    if pairs:
        connection.execute(
            "insert into production.repair_offers (claim_key, code, offered_at) "
            "select key, code, %s from unnest(%s::bigint[], %s::text[]) as offered(key, code) "
            "on conflict (tenant, claim_key, code) do nothing",
            [clock.now(), [key for key, _ in pairs], [code for _, code in pairs]],
        )


def offer_counts(connection: Connection, codes: Sequence[str] | None = None) -> list[OfferCount]:
    """How often repairs were offered and accepted, most offered first; of these rules, or of all.

    An offer is decided once the claim was corrected, released, returned or discarded, whether or not with the
    repair.
    """
    rows = connection.execute(_OFFERS, {"codes": None if codes is None else list(codes)}).fetchall()
    return [OfferCount(*row) for row in rows]


def field_counts(connection: Connection, codes: Sequence[str]) -> list[FieldCount]:
    """What people changed by hand for findings of these rules, most frequent first."""
    rows = connection.execute(_FIELDS, {"codes": list(codes)}).fetchall()
    return [FieldCount(*row) for row in rows]


def review_claims_with(
    connection: Connection,
    code: str,
    *,
    facility: str | None,
    facilities: Sequence[str] | None,
    keys: Sequence[int] | None,
    after: int,
    limit: int,
) -> list[int]:
    """Claims in review after a key with a finding of a rule that is not waived, in order of key."""
    rows = connection.execute(
        "select c.claim_key from production.claims c where c.route = 'review' and c.status <> 'superseded' "
        "and c.claim_key > %(after)s and (%(facility)s::text is null or c.facility = %(facility)s) "
        "and (%(own)s::text[] is null or c.facility = any(%(own)s)) "
        "and (%(keys)s::bigint[] is null or c.claim_key = any(%(keys)s)) "
        "and exists (select from production.findings f where f.claim_key = c.claim_key "
        "and f.received_on = c.received_on and f.code = %(code)s and f.waiver is null) "
        "order by c.claim_key limit %(limit)s",
        {
            "code": code, "facility": facility, "own": None if facilities is None else list(facilities),
            "keys": None if keys is None else list(keys), "after": after, "limit": limit,
        },
    ).fetchall()  # fmt: skip
    return [int(row[0]) for row in rows]


def copy_sent_before(connection: Connection, pairs: Mapping[int, int], file_id: int) -> None:
    """Give corrected versions (by their keys) the counts of earlier services of the version before.

    Their own services are not counted again: to the payer, both versions are one claim.
    """
    connection.execute(
        "insert into staging.sent_before (claim_key, file_id, times) "
        "select made.new, %s, s.times from unnest(%s::bigint[], %s::bigint[]) as made(new, old) "
        "join staging.sent_before s on s.claim_key = made.old",
        [file_id, list(pairs), list(pairs.values())],
    )


def delete_corrections(owner: Connection, before: datetime.datetime) -> None:
    """Delete corrections and offers that were made before a time. Runs as the owner, for a tenant."""
    owner.execute(
        "delete from production.corrected_fields where correction_id in "
        "(select correction_id from production.corrections where corrected_at < %s)",
        [before],
    )
    owner.execute("delete from production.corrections where corrected_at < %s", [before])
    owner.execute("delete from production.repair_offers where offered_at < %s", [before])


_STANDINGS = """
select k.claim_key, k.version,
  (select count(*)::integer from production.claim_events e where e.claim_key = k.claim_key) as changes,
  coalesce(s.place, p.route, d.state, 'gone') as place, p.status, k.facility,
  (select n.claim_key from staging.claim_keys n where n.facility = k.facility and n.number = k.number
   order by n.version desc limit 1) as newest_key,
  exists (select from remittance.denials_in_force r where r.claim_key = k.claim_key
    and r.answer_id is null) as is_rejected,
  coalesce(d.number_occurrence, 1 + (exists (select from production.findings f
    where f.claim_key = k.claim_key and f.code = 'DUP002'))::integer) as number_occurrence,
  coalesce(d.content_occurrence, 1 + (exists (select from production.findings f
    where f.claim_key = k.claim_key and f.code = 'DUP001'))::integer) as content_occurrence
from staging.claim_keys k
  left join (select claim_key, 'staged' as place from staging.claims) s on s.claim_key = k.claim_key
  left join production.claims p on p.claim_key = k.claim_key
  left join pipeline.dead_letters d on d.claim_key = k.claim_key
where k.claim_key = any(%(keys)s)
"""
_CORRECTIONS = """
with chosen as (
  select c.* from production.corrections c
  where (%(before)s::bigint is null or c.correction_id < %(before)s)
    and (%(claim)s::bigint is null or %(claim)s in (c.claim_key, c.corrected_key))
    and (%(own)s::text[] is null or c.facility = any(%(own)s))
  order by c.correction_id desc limit %(limit)s
)
select c.correction_id, c.claim_key, c.corrected_key, c.facility, c.how, c.rules,
  array(select f.field from production.corrected_fields f where f.correction_id = c.correction_id
    group by f.field order by min(f.ordinal)) as fields,
  c.forced, c.corrected_at, c.corrected_by,
  case
    when p.claim_key is not null and cardinality(kept.codes) = 0
      and (cardinality(c.rules) > 0 or coalesce(p.severity, '') <> 'block') then 'verified'
    when p.claim_key is not null then 'not_verified'
    when d.claim_key is not null then 'dead'
    when exists (select from staging.claims s where s.claim_key = c.corrected_key) then 'waiting'
    else 'withdrawn'
  end as verification,
  kept.codes as left
from chosen c
  left join production.claims p on p.claim_key = c.corrected_key
  left join pipeline.dead_letters d on d.claim_key = c.corrected_key
  cross join lateral (
    select array(select distinct f.code from production.findings f where f.claim_key = c.corrected_key
      and f.code = any(c.rules) and f.waiver is null order by f.code) as codes
  ) kept
order by c.correction_id desc
"""
_OFFERS = """
select o.code, count(*)::integer,
  count(*) filter (where made.corrected or not (
    coalesce(p.route = 'review' and p.status <> 'superseded', false) or coalesce(d.state = 'dead', false)
  ))::integer,
  count(*) filter (where made.accepted)::integer
from production.repair_offers o
  cross join lateral (
    select count(*) > 0 as corrected, coalesce(bool_or(o.code = any(c.repairs)), false) as accepted
    from production.corrections c where c.claim_key = o.claim_key
  ) made
  left join production.claims p on p.claim_key = o.claim_key
  left join pipeline.dead_letters d on d.claim_key = o.claim_key
where %(codes)s::text[] is null or o.code = any(%(codes)s)
group by o.code order by 2 desc, 1
"""
# Fields that a repair changed are none of a person's choice.
_FIELDS = """
select rule.code, f.level, f.field, f.new_code, count(*)::integer
from production.corrections c
  cross join lateral unnest(c.rules) as rule(code)
  join production.corrected_fields f on f.correction_id = c.correction_id
where rule.code = any(%(codes)s) and not rule.code = any(c.repairs) and c.how = 'hand'
group by 1, 2, 3, 4 order by 5 desc, 1, 3, 4
"""
