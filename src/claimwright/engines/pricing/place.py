"""The payment locality of a service, and its setting: facility or nonfacility."""

from __future__ import annotations

import polars as pl

from claimwright.reference.fee_schedules import INDEX, FeeSchedules

from .contracts import NATIONAL, Setting

# How the locality of a line was determined.
FROM_CONTRACT = "contract"
FROM_STATE = "state"
FROM_ZIP = "zip code"
NATIONAL_STATE_UNKNOWN = "national: state not known"
NATIONAL_SEVERAL_LOCALITIES = "national: the state has several localities"


def practice_costs(lines: pl.DataFrame, schedules: FeeSchedules) -> pl.DataFrame:
    """The distinct `own_locality`, `state`, `zip`, `edition`, with the locality and its three indices.

    The contract's locality takes precedence, then that of the ZIP code of the service, then the locality of a
    state that has only one. Otherwise the national rate applies, with every index 1.000, and `locality_basis`
    says so. The locality of a ZIP code is ignored if the edition does not have it. A contract's locality that
    the edition does not have gives null indices.

    Source: 42 CFR 414.4; Medicare Claims Processing Manual, ch. 1, 10.1.1: by the ZIP code of the place.
    """
    asked = lines.select("own_locality", "state", "zip", "edition").unique()
    of_zip = asked.join(schedules.others.zip_localities, on="zip").join(
        schedules.indices.select("edition", "locality"), on=["edition", "locality"], how="semi"
    )
    of_zip = of_zip.select("zip", "edition", zip_locality="locality").unique()
    asked = asked.join(of_zip, on=["zip", "edition"], how="left", nulls_equal=False)
    states = schedules.single_locality_states.rename({"locality": "state_locality"})
    known_states = schedules.indices["state"].unique().implode()
    named = asked.join(states, on="state", how="left").with_columns(
        locality=pl.coalesce("own_locality", "zip_locality", "state_locality", pl.lit(NATIONAL)),
        locality_basis=pl.when(pl.col("own_locality").is_not_null())
        .then(pl.lit(FROM_CONTRACT))
        .when(pl.col("zip_locality").is_not_null())
        .then(pl.lit(FROM_ZIP))
        .when(pl.col("state_locality").is_not_null())
        .then(pl.lit(FROM_STATE))
        .when(pl.col("state").is_in(known_states))
        .then(pl.lit(NATIONAL_SEVERAL_LOCALITIES))
        .otherwise(pl.lit(NATIONAL_STATE_UNKNOWN)),
    )
    indices = schedules.indices.select("edition", "locality", "work_gpci", "pe_gpci", "malpractice_gpci")
    nation = pl.DataFrame(
        {"locality": [NATIONAL], "work_gpci": ["1"], "pe_gpci": ["1"], "malpractice_gpci": ["1"]}
    ).with_columns(pl.col("work_gpci", "pe_gpci", "malpractice_gpci").cast(INDEX))
    nations = schedules.schedules.select("edition").join(nation, how="cross").select(indices.columns)
    return named.join(pl.concat([indices, nations]), on=["edition", "locality"], how="left").drop(
        "state_locality", "zip_locality"
    )


def settings(lines: pl.DataFrame, schedules: FeeSchedules) -> pl.DataFrame:
    """The distinct `place`, `on`, `setting`, with `facility`, `facility_pays_technical`, `place_known`.

    Source: Medicare Claims Processing Manual, ch. 12, 20.4.2; the places are dated data.
    """
    asked = lines.select("place", "on", "setting").unique()
    listed = (
        asked.select("place", "on")
        .unique()
        .join(schedules.facility_places, left_on="place", right_on="place_of_service")
        .filter(pl.col("on").is_between(pl.col("effective_on"), pl.col("expires_on")))
        .select("place", "on", "facility_pays_technical", by_place=pl.lit(True))
    )
    return asked.join(listed, on=["place", "on"], how="left").select(
        "place",
        "on",
        "setting",
        facility=pl.when(pl.col("setting") == Setting.FACILITY.value)
        .then(pl.lit(True))
        .when(pl.col("setting") == Setting.NONFACILITY.value)
        .then(pl.lit(False))
        .otherwise(pl.col("by_place").fill_null(value=False)),
        facility_pays_technical=pl.col("facility_pays_technical").fill_null(value=False),
        place_known=pl.col("place").is_not_null() | (pl.col("setting") != Setting.BY_PLACE.value),
    )
