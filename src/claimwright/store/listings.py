"""Lists of claims, files, refusals and findings of the store, page by page.

A page begins after the last key of the previous page, so that later pages cost no more than the first, and
rows that arrive in the meantime do not shift the pages.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from claimwright.domain.errors import ClaimNotFoundError
from claimwright.platform.database import Connection
from claimwright.platform.list_order import ListOrder, Place, known, number

# The places of a claim: staged, one of the routes of production, dead letter, or discarded dead letter.
_EPOCH = datetime.date(1970, 1, 1)
PLACES = ("staged", "production", "review", "returned", "dead", "discarded")


# Not frozen: Python makes a frozen one eight times as slowly, and a page has a hundred.
@dataclass
class ListedClaim:
    """A claim and its place; `status` is null before it is processed."""

    claim_key: int
    version: int
    place: str
    status: str | None
    why: str | None
    facility: str
    file_id: int
    position: int
    form: str
    payer_id: str | None
    service_from_on: datetime.date | None
    total_charge: Decimal | None
    severity: str | None


@dataclass(frozen=True)
class ListedFile:
    """A received file; `claims` is the number read, `refused` the number that repeat an earlier claim."""

    file_id: int
    facility: str
    received_at: datetime.datetime
    size: int
    claims: int
    staged: int
    refused: int
    faults: int


# Files in the order in which they came, or by what was in them (migration 0440).
FILE_ORDERS = ListOrder("file_id", {"claims": number("claims"), "faults": number("faults")})


@dataclass(frozen=True)
class Refusal:
    """A refused claim of a file; `first_key` is the claim that it repeats."""

    position: int
    reason: str
    first_key: int | None


@dataclass
class StoredFinding:
    """A stored finding; `claim_key` is null if it is about the file."""

    claim_key: int | None
    line: int | None
    code: str
    severity: str
    snip: int | None
    field: str | None
    loop: str | None
    segment_id: str | None
    segment: int | None
    element: str | None
    detail: str | None
    amount: Decimal | None
    waiver: str | None


@dataclass(frozen=True)
class FindingCount:
    """Totals of a finding code: findings, claims, waived findings and dollars."""

    code: str
    severity: str
    findings: int
    claims: int
    waived: int
    amount: Decimal


def list_facilities(connection: Connection, facilities: Sequence[str] | None = None) -> list[str]:
    """The facilities that files came for, by name; `facilities` limits them to the caller's."""
    rows = connection.execute(
        "select distinct facility from staging.files"
        " where (%(own)s::text[] is null or facility = any(%(own)s)) order by facility",
        {"own": None if facilities is None else list(facilities)},
    ).fetchall()
    return [name for (name,) in rows]


def list_claims(
    connection: Connection,
    *,
    place: str | None = None,
    facility: str | None = None,
    facilities: Sequence[str] | None = None,
    file_id: int | None = None,
    keys: Sequence[int] | None = None,
    service_from: datetime.date | None = None,
    service_to: datetime.date | None = None,
    order: str = "claim_key",
    after: int | None = None,
    after_value: int | None = None,
    limit: int = 100,
) -> list[ListedClaim]:
    """The next claims after a key that match all given conditions, in order of key or of a value and the key.

    `order` is claim_key, service_from_on or total_charge, descending with a minus before it; `after_value` is
    `order_value` of the last claim of the page before, where it is not by key. `facilities` limits the list
    to the caller's facilities; None for all of the tenant. `service_from` and `service_to` are the first and
    the last day on which services may begin.
    """
    wanted = {
        "place": place, "facility": facility, "file": file_id, "keys": None if keys is None else list(keys),
        "own": None if facilities is None else list(facilities), "after": after, "limit": limit,
        "first": service_from, "last": service_to, "value": after_value,
    }  # fmt: skip
    query = _CLAIMS[order, after is not None]
    return [ListedClaim(*row) for row in connection.execute(query, wanted).fetchall()]


def order_value(claim: ListedClaim, order: str) -> int | None:
    """The value by which an order lists a claim, in days or cents; None for the order of keys."""
    if order.endswith("service_from_on"):
        return (claim.service_from_on - _EPOCH).days if claim.service_from_on else 0
    if order.endswith("total_charge"):
        return int(claim.total_charge * 100) if claim.total_charge else 0
    return None


def keys_of_numbers(
    connection: Connection,
    *,
    numbers: Sequence[bytes],
    folded: Sequence[bytes],
    payer_numbers: Sequence[bytes],
    members: Sequence[bytes],
    npi: str | None,
    key: int | None,
) -> list[int]:
    """The claims, in all versions, that have one of these numbers, in order of key.

    Numbers, folded numbers, the payers' claim numbers and members are blind indexes. `npi` is that of who
    bills, renders or attends. Of the claims of a member or an NPI, the newest thousand.
    """
    rows = connection.execute(
        "select claim_key from staging.claim_keys where number = any(%(numbers)s)"
        " and facility in (select distinct facility from staging.files)"
        " union select claim_key from staging.claim_keys where folded = any(%(folded)s)"
        " union (select claim_key from staging.claim_keys"
        " where member = any(%(members)s) and length(member) > 0 order by claim_key desc limit 1000)"
        " union (select claim_key from staging.claim_keys"
        " where billing_npi = %(npi)s order by claim_key desc limit 1000)"
        " union (select claim_key from staging.claim_keys"
        " where provider_npi = %(npi)s order by claim_key desc limit 1000)"
        " union select claim_key from staging.claim_keys where claim_key = %(key)s"
        " union select claim_key from remittance.answers"
        " where payer_number = any(%(payer_numbers)s) and claim_key is not null"
        " order by claim_key",
        {
            "numbers": list(numbers),
            "folded": list(folded),
            "payer_numbers": list(payer_numbers),
            "members": list(members),
            "npi": npi,
            "key": key,
        },
    ).fetchall()
    return [row[0] for row in rows]


def keys_of_patients(
    connection: Connection, patients: Sequence[bytes], *, facilities: Sequence[str] | None, limit: int
) -> list[int]:
    """The newest claims of patients, by the blind indexes of their folded names, newest first."""
    rows = connection.execute(
        "select claim_key from staging.claim_keys where patient = any(%(patients)s) and length(patient) > 0"
        " and (%(own)s::text[] is null or facility = any(%(own)s)) order by claim_key desc limit %(limit)s",
        {
            "patients": list(patients),
            "own": None if facilities is None else list(facilities),
            "limit": limit,
        },
    ).fetchall()
    return [row[0] for row in rows]


def claims_with_procedures(connection: Connection, procedures: Sequence[str], first_on: datetime.date) -> int:
    """How many processed claims of the tenant have one of the procedures on that day of service or later."""
    row = connection.execute(
        "select count(distinct claim_key) from production.lines"
        " where procedure = any(%s) and service_from_on >= %s",
        [list(procedures), first_on],
    ).fetchone()
    assert row is not None
    return int(row[0])


def list_files(
    connection: Connection,
    *,
    facility: str | None = None,
    facilities: Sequence[str] | None = None,
    received_from: datetime.date | None = None,
    received_to: datetime.date | None = None,
    sort: str = "-file_id",
    after: Place | None = None,
    limit: int = 100,
) -> list[ListedFile]:
    """Files in one of `FILE_ORDERS` after a place of it; newest first.

    `received_from` and `received_to` are the first and the last day (UTC).
    """
    beyond, order, place = FILE_ORDERS.clauses(sort, after)
    rows = connection.execute(
        "select file_id, facility, received_at, bytes, claims, staged, refused, faults from staging.files "  # noqa: S608 - of this module
        "where (%(facility)s::text is null or facility = %(facility)s) "
        "and (%(own)s::text[] is null or facility = any(%(own)s)) "
        "and (%(first)s::date is null or received_at >= %(first)s::date at time zone 'UTC') "
        "and (%(last)s::date is null or received_at < (%(last)s::date + 1) at time zone 'UTC') "
        f"and {beyond} order by {order} limit %(limit)s".encode(),
        {
            **place,
            "first": received_from, "last": received_to, "facility": facility,
            "own": None if facilities is None else list(facilities),
            "limit": limit,
        },
    ).fetchall()  # fmt: skip
    return [ListedFile(*row) for row in rows]


def file_of(connection: Connection, file_id: int) -> ListedFile | None:
    """One file; None if the tenant has none with this number."""
    found = list_files(connection, after=(file_id + 1, file_id + 1), limit=1)
    return found[0] if found and found[0].file_id == file_id else None


def refusals_of(connection: Connection, file_id: int, *, after: int = 0, limit: int = 100) -> list[Refusal]:
    """The refused claims of a file, after a position in it."""
    rows = connection.execute(
        "select position, reason, first_key from staging.refusals "
        "where file_id = %s and position > %s order by position limit %s",
        [file_id, after, limit],
    ).fetchall()
    return [Refusal(*row) for row in rows]


def findings_of_file(connection: Connection, file_id: int, *, limit: int = 100) -> list[StoredFinding]:
    """The findings about a file as a whole, not about one of its claims."""
    rows = connection.execute(
        f"select {_STAGED_COLUMNS} from staging.findings f "  # noqa: S608 - a text of this module
        "where file_id = %s and claim_key is null order by segment, code limit %s".encode(),
        [file_id, limit],
    ).fetchall()
    return [StoredFinding(*row) for row in rows]


def findings_of_claim(connection: Connection, claim_key: int) -> list[StoredFinding]:
    """The stored findings of a claim: those of its run, or before a run the structural findings of intake."""
    rows = connection.execute(_OF_CLAIM, {"key": claim_key}).fetchall()
    return [StoredFinding(*row) for row in rows]


def findings_of(
    connection: Connection, claim_key: int, *, facilities: Sequence[str] | None = None
) -> list[StoredFinding]:
    """Like `findings_of_claim`, if the claim belongs to one of the facilities.

    Raises:
        ClaimNotFoundError: the tenant has no such claim, or it belongs to another facility.
    """
    if not list_claims(connection, keys=[claim_key], facilities=facilities, limit=1):
        raise ClaimNotFoundError(f"there is no claim {claim_key}.")
    return findings_of_claim(connection, claim_key)


def list_findings(
    connection: Connection,
    *,
    code: str | None = None,
    severity: str | None = None,
    facilities: Sequence[str] | None = None,
    after: int = 0,
    claims: int = 100,
) -> list[StoredFinding]:
    """The matching findings of the next production claims after a key, in order of key.

    A page has the findings of up to `claims` complete claims. Superseded claims are left out.
    """
    own = None if facilities is None else list(facilities)
    parameters = {"code": code, "severity": severity, "own": own, "after": after, "claims": claims}
    return [StoredFinding(*row) for row in connection.execute(_FINDINGS, parameters).fetchall()]


def count_findings(connection: Connection, *, facilities: Sequence[str] | None = None) -> list[FindingCount]:
    """Totals of each finding code in production claims that are not superseded; most claims first."""
    own = None if facilities is None else list(facilities)
    return [FindingCount(*row) for row in connection.execute(_COUNTS, {"own": own}).fetchall()]


_LISTED = """
select * from (
  (select claim_key, version, 'staged' as place, null as status, null as why, facility, file_id, position,
    form, payer_id, service_from_on, total_charge, null as severity
  from staging.claims
  where {after} and (%(place)s::text is null or %(place)s = 'staged')
    and (%(facility)s::text is null or facility = %(facility)s)
    and (%(own)s::text[] is null or facility = any(%(own)s))
    and (%(file)s::bigint is null or file_id = %(file)s)
    and (%(keys)s::bigint[] is null or claim_key = any(%(keys)s))
    and (%(first)s::date is null or service_from_on >= %(first)s)
    and (%(last)s::date is null or service_from_on <= %(last)s)
  order by {order} limit %(limit)s)
  union all
  (select claim_key, version, route, status, route_reason, facility, file_id, position, form, payer_id,
    service_from_on, total_charge, severity
  from production.claims
  where {after} and (%(place)s::text is null or route = %(place)s)
    and (%(facility)s::text is null or facility = %(facility)s)
    and (%(own)s::text[] is null or facility = any(%(own)s))
    and (%(file)s::bigint is null or file_id = %(file)s)
    and (%(keys)s::bigint[] is null or claim_key = any(%(keys)s))
    and (%(first)s::date is null or service_from_on >= %(first)s)
    and (%(last)s::date is null or service_from_on <= %(last)s)
  order by {order} limit %(limit)s)
  union all
  (select claim_key, version, state, null, reason, facility, file_id, position, form, payer_id,
    service_from_on, total_charge, null
  from pipeline.dead_letters
  where {after} and (%(place)s::text is null or state = %(place)s)
    and (%(facility)s::text is null or facility = %(facility)s)
    and (%(own)s::text[] is null or facility = any(%(own)s))
    and (%(file)s::bigint is null or file_id = %(file)s)
    and (%(keys)s::bigint[] is null or claim_key = any(%(keys)s))
    and (%(first)s::date is null or service_from_on >= %(first)s)
    and (%(last)s::date is null or service_from_on <= %(last)s)
  order by {order} limit %(limit)s)
) claims order by {order} limit %(limit)s
"""
# Values by which claims are listed, and how a day or cents as a whole number are one. Equal ones go by key.
_VALUES = {
    "claim_key": ("claim_key", ""),
    # As migration 0541 has it.
    "service_from_on": (
        known("service_from_on", "date '1970-01-01'"), "(date '1970-01-01' + %(value)s::integer)"
    ),
    "total_charge": ("coalesce((total_charge * 100)::bigint, 0)", "%(value)s::bigint"),
}  # fmt: skip


def _in_order(value: str, *, backward: bool, is_first: bool) -> str:
    """The list of claims in the order of a value. A page begins after `%(value)s` and the key `%(after)s`.

    The first page has a statement of its own: one for both would be planned without the place where a page
    begins, and read everything before it.
    """
    way, beyond = ("desc", "<") if backward else ("asc", ">")
    by, begin = _VALUES[value]
    if value == "claim_key":
        after, order = f"claim_key {beyond} %(after)s", f"claim_key {way}"
    else:
        after = f"({by}, claim_key) {beyond} ({begin}, %(after)s::bigint)"
        order = f"{by} {way}, claim_key {way}"
    return _LISTED.format(after="true" if is_first else after, order=order)


# By order, and whether a page begins after another one.
_CLAIMS: Mapping[tuple[str, bool], str] = {
    (sign + value, is_after): _in_order(value, backward=sign == "-", is_first=not is_after)
    for value in _VALUES
    for sign in ("", "-")
    for is_after in (False, True)
}
_STAGED_COLUMNS = (
    "f.claim_key, f.line, f.code, f.severity, f.snip, f.field, f.loop, f.segment_id, f.segment, f.element, "
    "f.detail, f.amount, null::text"
)
_PRODUCED_COLUMNS = (
    "f.claim_key, f.line, f.code, f.severity, f.snip, f.field, f.loop, f.segment_id, null::bigint, "
    "f.element, f.detail, f.amount, f.waiver"
)
_OF_STAGING = f"select {_STAGED_COLUMNS} from staging.findings f where true"  # noqa: S608 - of this module
_OF_PRODUCTION = f"select {_PRODUCED_COLUMNS} from production.findings f where true"  # noqa: S608
_OF_CLAIM = f"""
with processed as materialized ({_OF_PRODUCTION} and f.claim_key = %(key)s)
select * from processed
union all ({_OF_STAGING} and f.claim_key = %(key)s and not exists (select from processed))
"""  # noqa: S608 - of this module
_FINDINGS = f"""
with page as (
  select distinct f.claim_key
  from production.findings f join production.claims c using (tenant, claim_key, received_on)
  where f.claim_key > %(after)s and c.status <> 'superseded'
    and (%(own)s::text[] is null or c.facility = any(%(own)s))
    and (%(code)s::text is null or f.code = %(code)s)
    and (%(severity)s::text is null or f.severity = %(severity)s)
  order by f.claim_key limit %(claims)s
)
select {_PRODUCED_COLUMNS} from production.findings f join page using (claim_key)
where (%(code)s::text is null or f.code = %(code)s)
  and (%(severity)s::text is null or f.severity = %(severity)s)
order by f.claim_key, f.line nulls first, f.code
"""  # noqa: S608 - of this module
_COUNTS = """
select f.code, f.severity, count(*), count(distinct f.claim_key), count(f.waiver), coalesce(sum(f.amount), 0)
from production.findings f join production.claims c using (tenant, claim_key, received_on)
where c.status <> 'superseded' and (%(own)s::text[] is null or c.facility = any(%(own)s))
group by f.code, f.severity order by count(distinct f.claim_key) desc, f.code, f.severity
"""
