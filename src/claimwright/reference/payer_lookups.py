"""What is known of payers, providers and places: mostly from the user's own tables.

A row of a table for any payer has no payer id; one for the payer itself goes before it. An answer is null
where the table is not loaded, or has nothing about what is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import polars as pl

from claimwright.foundation.columns import first_known, gathered, nulls, numbers

from .coding import Coded, distinct
from .editions import found_in
from .packing import pack_codes
from .snapshot import Snapshot
from .tables import read_table
from .versions import Version


def _in_days(day: pl.Expr) -> pl.Expr:
    return pl.all_horizontal(
        pl.col("valid_from").is_null() | (pl.col("valid_from") <= day),
        pl.col("valid_to").is_null() | (pl.col("valid_to") >= day),
    )


def _own(known: Snapshot, name: str) -> pl.DataFrame | None:
    """The rows of a user's table that is in force on the day of the snapshot."""
    version = known.version(name)
    return None if version is None else read_table(version)


def _asked(known: Snapshot, days: pl.Series | None, height: int, **columns: pl.Series) -> pl.DataFrame:
    row = pl.Series(np.arange(height, dtype=np.uint32))
    return pl.DataFrame({"row": row, "day": _dated(known, days, height), **columns})


def _dated(known: Snapshot, days: pl.Series | None, height: int) -> pl.Series:
    today = pl.Series([known.as_of]).new_from_index(0, height)
    return today if days is None else first_known(days, today)


def _nothing(height: int, dtype: pl.DataType) -> pl.Series:
    return nulls(height, dtype)


def payer_limit(
    known: Snapshot, name: str, claim_filing: pl.Series, payer_ids: pl.Series, days: pl.Series | None = None
) -> pl.Series:
    """A limit of the payer in days: `filing_days`, `corrected_days` or `appeal_days`.

    The row of the payer and kind of claim goes before that of the payer, and that before the one of the kind.

    Raises:
        KeyError: there is no such limit.
    """
    if name not in LIMITS:
        raise KeyError(name)
    return _of_payer(known, name, pl.Int32(), claim_filing, payer_ids, days)


def _of_payer(
    known: Snapshot,
    name: str,
    dtype: pl.DataType,
    claim_filing: pl.Series,
    payer_ids: pl.Series,
    days: pl.Series | None,
) -> pl.Series:
    """A column of the table of payers, the row that says most of the payer going before the others."""
    height = len(payer_ids)
    values = _nothing(height, dtype)
    asked, day = {"payer_id": payer_ids, "claim_filing": claim_filing}, _dated(known, days, height)
    # The packaged rows of statutory limits serve payers that the user's table does not name.
    for version in sorted(
        known.versions("payers"), key=lambda version: (version.is_of_package, str(version.loaded_at))
    ):
        for by, rows in _payers(version, name):
            if values.null_count():
                values = first_known(values, _first(asked, day, rows, by, name))
    return values


@lru_cache(maxsize=32)
def _payers(version: Version, name: str) -> tuple[tuple[list[str], pl.DataFrame], ...]:
    """The rows of the table of payers that have a column: by payer and kind, by payer, by kind."""
    table = read_table(version).filter(pl.col(name).is_not_null())
    found = []
    for by in (["payer_id", "claim_filing"], ["payer_id"], ["claim_filing"]):
        named = [pl.col(column).is_not_null() == (column in by) for column in ("payer_id", "claim_filing")]
        rows = table.filter(pl.all_horizontal(named))
        if rows.height:
            found.append((by, rows))
    return tuple(found)


def member_id_fits(
    known: Snapshot,
    member_ids: pl.Series,
    claim_filing: pl.Series,
    payer_ids: pl.Series,
    days: pl.Series | None = None,
) -> pl.Series:
    """Whether each member number has the shape that the payer's `member_id_pattern` gives, a regular
    expression for the whole of it; null for a payer without one.
    """
    patterns = _of_payer(known, "member_id_pattern", pl.String(), claim_filing, payer_ids, days)
    fits = _nothing(len(member_ids), pl.Boolean())
    for pattern in patterns.unique().drop_nulls():
        others = (patterns != pattern).fill_null(value=True)
        fits = fits.zip_with(others, member_ids.str.contains(rf"^(?:{pattern})$", strict=False))
    return fits


LIMITS = ("filing_days", "corrected_days", "appeal_days")


# Of longer tables, only the rows of the values that are asked for are looked at.
_MANY = 1_000


def _first(
    asked: Mapping[str, pl.Series], days: pl.Series, table: pl.DataFrame, by: list[str], value: str
) -> pl.Series:
    """The value of the row of the table that agrees with each row asked on some columns and on the day; the
    last of several.
    """
    # By distinct values, of which a block has few: the rows asked are sorted by what they agree on.
    ordinals, values = zip(*(distinct(asked[name]) for name in by), strict=True)
    listed = [column.to_list() for column in values]
    if table.height > _MANY:
        table = table.filter(
            pl.col(name).is_in(column.implode()) for name, column in zip(by, values, strict=True)
        )
    shape = tuple(map(len, listed))
    key = np.ravel_multi_index(ordinals, shape)
    order = np.argsort(key, kind="stable")
    met, begins = np.unique(key[order], return_index=True)
    places = zip(*(places.tolist() for places in np.unravel_index(met, shape)), strict=True)
    rows_of = {
        tuple(column[place] for column, place in zip(listed, each, strict=True)): rows
        for each, rows in zip(places, np.split(order, begins[1:]), strict=True)
    }
    day, _ = numbers(days)
    found = np.full(len(days), -1, dtype=np.int64)
    first, last = (numbers(table[name]) for name in ("valid_from", "valid_to"))
    for row, agreed in enumerate(table.select(by).iter_rows()):
        asking = rows_of.get(agreed)
        if asking is None:
            continue
        holds = np.ones(len(asking), dtype=np.bool_)
        if first[1] is None or first[1][row]:
            holds &= day[asking] >= first[0][row]
        if last[1] is None or last[1][row]:
            holds &= day[asking] <= last[0][row]
        found[asking[holds]] = row
    return gathered(table[value], found)


def provider_excluded(known: Snapshot, npis: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """Whether the provider was excluded from federal programs on the day; null where the list is not loaded.

    The list has the number of few providers, so that false proves nothing; it names no one who is reinstated.
    """
    table = _own(known, "excluded_providers")
    if table is None:
        return _nothing(len(npis), pl.Boolean())
    asked = _asked(known, days, len(npis), npi=npis)
    listed = table.filter(pl.col("npi").is_not_null())
    listed = listed.select("npi", "excluded_on", "reinstated_on", "waived_on")
    met = asked.join(listed, on="npi").filter(
        pl.col("excluded_on") <= pl.col("day"),
        pl.col("reinstated_on").is_null() | (pl.col("reinstated_on") > pl.col("day")),
        # A waiver, for a state or a kind of service that the list does not tell (42 CFR 1001.1801).
        pl.col("waived_on").is_null() | (pl.col("waived_on") > pl.col("day")),
    )
    return asked["row"].is_in(met["row"].unique().implode()).set(npis.is_null(), None)


def provider_credentialed(
    known: Snapshot, npis: pl.Series, payer_ids: pl.Series, days: pl.Series | None = None
) -> pl.Series:
    """Whether the provider was credentialed with the payer on the day; null for a provider whom the table
    does not have.
    """
    table = _own(known, "credentials")
    if table is None:
        return _nothing(len(npis), pl.Boolean())
    asked = _asked(known, days, len(npis), npi=npis, payer_id=payer_ids)
    listed = table.select("npi", "payer_id", "valid_from", "valid_to")
    met = asked.join(listed, on=["npi", "payer_id"]).filter(_in_days(pl.col("day")))["row"].unique()
    judged = npis.is_in(table["npi"].unique().implode()) & payer_ids.is_in(
        table["payer_id"].unique().implode()
    )
    return asked["row"].is_in(met.implode()).set(~judged.fill_null(value=False), None)


def authorization_needed(
    known: Snapshot,
    procedures: pl.Series,
    payer_ids: pl.Series,
    places: pl.Series,
    days: pl.Series | None = None,
) -> pl.Series:
    """Whether the payer's list asks for prior authorization of the procedure, there and on the day.

    Null where no list is loaded, and false for a payer whose list does not name the procedure.
    """
    return _needed(known, "authorization", procedures, payer_ids, places, days)


def referral_needed(
    known: Snapshot,
    procedures: pl.Series,
    payer_ids: pl.Series,
    places: pl.Series,
    days: pl.Series | None = None,
) -> pl.Series:
    """Whether the payer's list asks for a referral to the procedure, there and on the day.

    Null where no list is loaded, and false for a payer whose list does not name the procedure so.
    """
    return _needed(known, "referral", procedures, payer_ids, places, days)


def _needed(
    known: Snapshot,
    what: str,
    procedures: pl.Series,
    payer_ids: pl.Series,
    places: pl.Series,
    days: pl.Series | None,
) -> pl.Series:
    table = _own(known, "prior_authorization")
    if table is None:
        return _nothing(len(procedures), pl.Boolean())
    # A row that does not say what it asks for is of a list of authorizations.
    table = table.filter(pl.col("needs").str.to_lowercase().fill_null("authorization") == what)
    asked = _asked(known, days, len(procedures), payer_id=payer_ids, procedure=procedures, place=places)
    listed = table.with_columns(pl.col("procedure_to").fill_null(pl.col("procedure_from"))).rename(
        {"payer_id": "payer"}
    )
    distinct = asked.select("payer_id", "procedure").unique().drop_nulls("procedure")
    named = distinct.join_where(
        listed, pl.col("procedure") >= pl.col("procedure_from"), pl.col("procedure") <= pl.col("procedure_to")
    ).filter(pl.col("payer").is_null() | (pl.col("payer") == pl.col("payer_id")))
    met = asked.join(named, on=["payer_id", "procedure"], nulls_equal=True).filter(
        _in_days(pl.col("day")),
        pl.col("place_of_service").is_null() | (pl.col("place_of_service") == pl.col("place")),
    )
    return asked["row"].is_in(met["row"].unique().implode()).set(procedures.is_null(), None)


def necessity_supported(
    known: Snapshot,
    procedures: pl.Series,
    payer_ids: pl.Series,
    diagnoses: pl.Series,
    days: pl.Series | None = None,
) -> pl.Series:
    """Whether one of the diagnoses supports the procedure under a policy of the payer; null where no policy
    has it.

    `diagnoses` is a list column. A range of a policy ends with everything below its last code.
    """
    table = _own(known, "medical_necessity")
    if table is None:
        return _nothing(len(procedures), pl.Boolean())
    asked = _asked(
        known, days, len(procedures), payer_id=payer_ids, procedure=procedures, diagnosis=diagnoses
    )
    listed = table.rename({"payer_id": "payer"}).with_columns(
        pl.col("diagnosis_to").fill_null(pl.col("diagnosis_from")) + "~"
    )
    ruled = asked.join(listed, on="procedure").filter(
        _in_days(pl.col("day")), pl.col("payer").is_null() | (pl.col("payer") == pl.col("payer_id"))
    )
    met = ruled.explode("diagnosis").filter(pl.col("diagnosis").is_between("diagnosis_from", "diagnosis_to"))
    judged = asked["row"].is_in(ruled["row"].unique().implode())
    return asked["row"].is_in(met["row"].unique().implode()).set(~judged, None)


def frequency_limit(
    known: Snapshot, name: str, procedures: pl.Series, payer_ids: pl.Series, days: pl.Series | None = None
) -> pl.Series:
    """How often the payer pays the procedure: `units` within `days`; null without such a limit.

    Raises:
        KeyError: `name` is neither.
    """
    if name not in {"units", "days"}:
        raise KeyError(name)
    table = _own(known, "frequency_limits")
    values = _nothing(len(procedures), pl.Int32())
    if table is None:
        return values
    asked, day = {"payer_id": payer_ids, "procedure": procedures}, _dated(known, days, len(procedures))
    for rows, by in (
        (table.filter(pl.col("payer_id").is_not_null()), ["payer_id", "procedure"]),
        (table.filter(pl.col("payer_id").is_null()), ["procedure"]),
    ):
        values = first_known(values, _first(asked, day, rows, by, name))
    return values


def zip_state(known: Snapshot, zips: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """The state of each ZIP code, of five or nine digits; null where the file of ZIP codes is not loaded."""
    return found_in(known, "zip_localities", "zip", zips, days, _coded_zips).values("state", pl.String())


def _coded_zips(zips: pl.Series) -> Coded:
    ordinals, values = distinct(zips)
    return Coded(ordinals, pack_codes(values.str.head(5)))


def zip_locality(known: Snapshot, zips: pl.Series, days: pl.Series | None = None) -> pl.Series:
    """Contractor and payment locality of each ZIP code, as in 13202-01."""
    found = found_in(known, "zip_localities", "zip", zips, days, _coded_zips)
    return found.values("contractor", pl.String()) + "-" + found.values("locality", pl.String())


def facility_known(known: Snapshot, npis: pl.Series) -> pl.Series:
    """Whether each number is that of a facility of the user's table; null where none is loaded."""
    table = _own(known, "facilities")
    return _nothing(len(npis), pl.Boolean()) if table is None else npis.is_in(table["npi"].unique().implode())
