"""Names and addresses that nobody could take for a person's."""

from __future__ import annotations

import numpy as np
import polars as pl

from .draws import Draws

# A tree or a stone with TEST before it is no surname.
_LAST = pl.Series(
    [
        f"TEST{word}"
        for word in (
            "ALDER ASPEN BASALT BEECH BIRCH CEDAR CHALK CHERRY COBALT COPPER CYPRESS ELM FLINT GRANITE HAZEL "
            "HICKORY JASPER JUNIPER LARCH LINDEN MAPLE MARBLE OAK OPAL PINE POPLAR QUARTZ ROWAN SLATE SPRUCE "
            "SYCAMORE TOPAZ WALNUT WILLOW YEW ZINC"
        ).split()
    ]
)
_FIRST = {
    "F": pl.Series(
        "ADA BETA CLARA DELTA EDDA FLORA GEMMA HERA IRIS JUNO KAPPA LUNA MIRA NOVA OLGA PIA".split()
    ),
    "M": pl.Series("ABEL BRUNO CARL DREW EMIL FELIX GUS HUGO IVAN JULES KARL LEO MAX NILS OTTO PAUL".split()),
}
_STREETS = pl.Series(
    "EXAMPLE STREET,SAMPLE AVENUE,SPECIMEN ROAD,PLACEHOLDER LANE,DEMO BOULEVARD,FICTION COURT".split(",")
)
# City, state and five digits that belong together.
_PLACES = pl.DataFrame(
    [
        ("BIRMINGHAM", "AL", "35203"),
        ("PHOENIX", "AZ", "85004"),
        ("DENVER", "CO", "80202"),
        ("HARTFORD", "CT", "06103"),
        ("ATLANTA", "GA", "30303"),
        ("DES MOINES", "IA", "50309"),
        ("SPRINGFIELD", "IL", "62701"),
        ("INDIANAPOLIS", "IN", "46204"),
        ("TOPEKA", "KS", "66603"),
        ("LOUISVILLE", "KY", "40202"),
        ("AUGUSTA", "ME", "04330"),
        ("LANSING", "MI", "48933"),
        ("SAINT PAUL", "MN", "55102"),
        ("JEFFERSON CITY", "MO", "65101"),
        ("RALEIGH", "NC", "27601"),
        ("LINCOLN", "NE", "68508"),
        ("CONCORD", "NH", "03301"),
        ("COLUMBUS", "OH", "43215"),
        ("TULSA", "OK", "74103"),
        ("HARRISBURG", "PA", "17101"),
        ("COLUMBIA", "SC", "29201"),
        ("NASHVILLE", "TN", "37203"),
        ("RICHMOND", "VA", "23219"),
        ("MADISON", "WI", "53703"),
    ],
    schema=["city", "state", "zip"],
    orient="row",
)


def last_names(draws: Draws, purpose: str = "last name") -> pl.Series:
    """Surnames."""
    return _LAST.gather(pl.Series(draws.below(purpose, len(_LAST))))


def first_names(draws: Draws, female: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> pl.Series:
    """First names that fit the sex."""
    picked = draws.below("first name", len(_FIRST["F"]))
    both = pl.concat([_FIRST["F"], _FIRST["M"]])
    return both.gather(pl.Series(np.where(female, picked, picked + len(_FIRST["F"]))))


def addresses(draws: Draws, *, whole_zip: bool = False) -> dict[str, pl.Series]:
    """`address_1`, `city`, `state`, `zip`; all nine digits of the ZIP where providers must give them."""
    number = pl.Series(draws.between("house number", 100, 9_999)).cast(pl.String)
    street = _STREETS.gather(pl.Series(draws.below("street", len(_STREETS))))
    place = _PLACES[pl.Series(draws.below("city", _PLACES.height))]
    address = pl.DataFrame({"number": number, "street": street}).select(
        pl.concat_str("number", "street", separator=" ")
    )
    # 9998 is the ZIP+4 that the guides suggest for an address whose own is not known.
    zips = place["zip"] + ("9998" if whole_zip else "")
    return {"address_1": address.to_series(), "city": place["city"], "state": place["state"], "zip": zips}
