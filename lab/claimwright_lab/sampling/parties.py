"""The parties of a claim as columns: billing provider, physicians, facility, subscriber and patient.

A provider is a number; name, address and identifiers are drawn for that number, so that it is the same
provider on every claim of the file.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from . import payers, people
from .draws import Draws, Flags, Whole
from .identifiers import employer_numbers, npis, telephones
from .plan import DAYS_OF_YEAR, Plan, days

Columns: TypeAlias = dict[str, pl.Series]

# What bills, with its taxonomy (NUCC provider taxonomy code set) and how its name ends.
_ORGANIZATIONS = {
    "ambulance": ("3416L0300X", "AMBULANCE SERVICE"),
    "dental": ("122300000X", "DENTAL OFFICE"),
    "dialysis": ("261QE0700X", "DIALYSIS CENTER"),
    "equipment": ("332B00000X", "MEDICAL EQUIPMENT"),
    "group": ("193200000X", "MEDICAL GROUP"),
    "hospital": ("282N00000X", "HOSPITAL"),
    "laboratory": ("291U00000X", "LABORATORY"),
    "psychiatric_hospital": ("283Q00000X", "BEHAVIORAL HOSPITAL"),
    "rural_clinic": ("261QR1300X", "RURAL CLINIC"),
}
_KINDS = sorted(_ORGANIZATIONS)
_WORDS = pl.Series("SAMPLE EXAMPLE SPECIMEN FICTIONAL PLACEHOLDER INVENTED".split())
_PLACES = pl.Series("NORTH SOUTH EAST WEST CENTRAL RIVER LAKE HILL VALLEY PRAIRIE HARBOR FOREST".split())
_HOSPITAL = _KINDS.index("hospital")
_PHYSICIANS_OF_A_GROUP = 3

# Numbers of one kind of provider, and where those of people begin.
_SPAN = 1_000_000
_PEOPLE = 10**12

# Places of service that are somebody else's premises (CMS Place of Service Code Set), so that the claim
# names the facility.
ELSEWHERE = ("21", "22", "23", "24", "31", "32", "65")


def kept(values: pl.Series, rows: Flags) -> pl.Series:
    """The values at these rows, null elsewhere."""
    return pl.DataFrame({"value": values, "kept": rows}).select(pl.when("kept").then("value")).to_series()


def constant(value: str, rows: Flags) -> pl.Series:
    """One text at these rows, null elsewhere."""
    return pl.DataFrame({"kept": rows}).select(pl.when("kept").then(pl.lit(value))).to_series()


def prefixed(columns: Columns, role: str, rows: Flags | None = None) -> Columns:
    """The columns under a role's name, at these rows only."""
    return {
        f"{role}_{name}": values if rows is None else kept(values, rows) for name, values in columns.items()
    }


def organization(seed: int, kind: Whole, number: Whole) -> tuple[Draws, Columns]:
    """Draws and the name, NPI and address of each of these organizations."""
    draws = Draws(seed, kind * _SPAN + number)
    parts = pl.DataFrame(
        {
            "word": _WORDS.gather(pl.Series(draws.below("name word", len(_WORDS)))),
            "place": _PLACES.gather(pl.Series(draws.below("name place", len(_PLACES)))),
            "kind": pl.Series([_ORGANIZATIONS[name][1] for name in _KINDS]).gather(pl.Series(kind)),
        }
    )
    ones = np.ones(len(draws), dtype=bool)
    return draws, {
        "entity_type": constant("2", ones),
        "name": parts.select(pl.concat_str("word", "place", "kind", separator=" ")).to_series(),
        "id_qualifier": constant("XX", ones),
        "npi": npis(draws),
        **people.addresses(draws, whole_zip=True),
    }


def physician(seed: int, owner: Whole, role: int | Whole, slot: Whole) -> Columns:
    """A person who treats: the `slot`-th of a `role` with each of these organizations."""
    draws = Draws(seed, _PEOPLE + (owner * 64 + role) * 8 + slot)
    ones = np.ones(len(draws), dtype=bool)
    return {
        "entity_type": constant("1", ones),
        "name": people.last_names(draws),
        "first_name": people.first_names(draws, draws.chance("female", 50)),
        "id_qualifier": constant("XX", ones),
        "npi": npis(draws),
    }


def kinds_of(plan: Plan) -> Whole:
    """What kind of organization bills, by claim."""
    names = plan.text("billing")
    return names.replace_strict(_KINDS, list(range(len(_KINDS))), return_dtype=pl.Int64).to_numpy()


def billing(plan: Plan) -> tuple[Draws, Columns]:
    """The billing provider, with its contact, taxonomy and tax number, and draws that are its own."""
    kind = kinds_of(plan)
    draws, columns = organization(plan.draws.seed, kind, plan.provider)
    ones = np.ones(len(plan), dtype=bool)
    named = prefixed(columns, "billing")
    named |= {
        "billing_taxonomy": pl.Series([_ORGANIZATIONS[name][0] for name in _KINDS]).gather(pl.Series(kind)),
        "billing_tax_id_type": constant("EI", ones),
        "billing_tax_id": employer_numbers(draws),
        "billing_contact_name": constant("BILLING OFFICE", ones),
        "billing_contact_phone": telephones(draws),
    }
    return draws, named


def physicians(plan: Plan, billing_draws: Draws) -> Columns:
    """Everybody else who has a part in the treatment."""
    seed, owner = plan.draws.seed, billing_draws.owners
    columns: Columns = {}
    if plan.form == "I":
        return _hospital_physicians(plan, owner)
    taxonomy = plan.text("taxonomy")
    treated = taxonomy.is_not_null().to_numpy()
    codes = plan.catalogue.table["taxonomy"].unique().sort().drop_nulls()
    role = taxonomy.replace_strict(
        codes, list(range(len(codes))), default=0, return_dtype=pl.Int64
    ).to_numpy()
    slot = plan.lead.below("physician", _PHYSICIANS_OF_A_GROUP)
    columns |= prefixed(physician(seed, owner, role, slot), "rendering", treated)
    columns["rendering_taxonomy"] = taxonomy
    if plan.form == "P":
        referred = plan.flag("referring")
        columns |= prefixed(
            physician(seed, owner, 62, plan.lead.below("referring", 6)), "referring", referred
        )
        elsewhere = plan.place.is_in(ELSEWHERE).to_numpy()
        number = plan.lead.below("facility", 12)
        _, facility = organization(seed, np.full(len(plan), _HOSPITAL), number)
        columns |= prefixed(facility, "facility", elsewhere)
    return columns


def _hospital_physicians(plan: Plan, owner: Whole) -> Columns:
    slot = plan.lead.below("physician", 6)
    attending = prefixed(physician(plan.draws.seed, owner, 60, slot), "attending")
    # Hospitalists and internists attend; the dictionary's taxonomy of an attending provider is optional.
    attending["attending_taxonomy"] = constant("208M00000X", np.ones(len(plan), dtype=bool))
    operated = plan.flag("operating")
    operating = prefixed(physician(plan.draws.seed, owner, 61, slot), "operating", operated)
    return attending | operating


def ordering(plan: Plan) -> Columns:
    """Who ordered equipment, as columns of a line, one row a claim."""
    owner = kinds_of(plan) * _SPAN + plan.provider
    columns = physician(plan.draws.seed, owner, 63, plan.lead.below("ordering", 6))
    return prefixed(columns, "line_ordering", plan.flag("ordering"))


def patient(plan: Plan) -> Columns:
    """Subscriber, and patient where somebody else."""
    lead, dependent = plan.lead, plan.dependent
    count = len(plan)
    ones = np.ones(count, dtype=bool)
    last = people.last_names(lead)
    home = people.addresses(lead)
    own_first = people.first_names(lead, plan.female)
    holder_female = lead.chance("holder female", 45)
    holder_female = np.where(plan.age >= 19, ~plan.female, holder_female)
    holder_age = np.where(plan.age < 19, plan.age + lead.between("holder age", 24, 38), plan.age)
    holder_birth = plan.birth - ((holder_age - plan.age) * DAYS_OF_YEAR).astype(np.int64)
    holder_birth -= lead.between("holder days", 30, 500)
    holder_first = people.first_names(
        Draws(lead.seed, lead.owners + _PEOPLE), np.where(dependent, holder_female, plan.female)
    )
    female = np.where(dependent, holder_female, plan.female)
    group_number, group_name = payers.group_numbers(lead, plan.payer_kind)
    columns: Columns = {
        "subscriber_relationship": constant("18", ~dependent),
        "group_number": group_number,
        "group_name": group_name,
        "subscriber_entity_type": constant("1", ones),
        "subscriber_name": last,
        "subscriber_first_name": _either(holder_first, own_first, dependent),
        "subscriber_id_qualifier": constant("MI", ones),
        "subscriber_member_id": payers.member_ids(lead, plan.payer_kind),
        **prefixed(home, "subscriber"),
        "subscriber_birth_on": days(np.where(dependent, holder_birth, plan.birth)),
        "subscriber_sex": _sex(female),
        "payer_entity_type": constant("2", ones),
        "payer_name": payers.names(plan.payer),
        "payer_id_qualifier": constant("PI", ones),
        "payer_id": payers.ids(plan.payer),
        "claim_filing_code": payers.filing_codes(plan.payer, plan.form),
        "payer_responsibility": _either(constant("S", ones), constant("P", ones), plan.secondary),
    }
    # 19 a child, 01 a spouse (005010X222A1, 2000C PAT01).
    relationship = _either(constant("19", ones), constant("01", ones), plan.age < 19)
    columns |= {
        "dependent_relationship": kept(relationship, dependent),
        "dependent_entity_type": constant("1", dependent),
        "dependent_name": kept(last, dependent),
        "dependent_first_name": kept(own_first, dependent),
        **prefixed(home, "dependent", dependent),
        "dependent_birth_on": kept(days(plan.birth), dependent),
        "dependent_sex": kept(_sex(plan.female), dependent),
    }
    return columns


def _either(one: pl.Series, other: pl.Series, first: npt.NDArray[np.bool_]) -> pl.Series:
    frame = pl.DataFrame({"one": one, "other": other, "first": first})
    return frame.select(pl.when("first").then("one").otherwise("other")).to_series()


def _sex(female: npt.NDArray[np.bool_]) -> pl.Series:
    ones = np.ones(len(female), dtype=bool)
    return _either(constant("F", ones), constant("M", ones), female)
