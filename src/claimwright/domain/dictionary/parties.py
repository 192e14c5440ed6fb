"""The people and organizations of a claim: one shape, entered once, for every role that plays a part.

A party's fields are the role's name and a suffix: `billing_npi`, `line_rendering_taxonomy`.
"""

from __future__ import annotations

from collections.abc import Mapping

from .field import Entries, Kind, Phi

_NAME_FIELDS = (
    ("entity_type", "NM1", "02", Kind.CODE, "1 a person, 2 an organization"),
    ("name", "NM1", "03", Kind.TEXT, "last name of a person, or name of an organization"),
    ("first_name", "NM1", "04", Kind.TEXT, "first name"),
    ("middle_name", "NM1", "05", Kind.TEXT, "middle name or initial"),
    ("name_suffix", "NM1", "07", Kind.TEXT, "generation or suffix to the name"),
    ("id_qualifier", "NM1", "08", Kind.CODE, "what kind of identifier follows (XX is an NPI)"),
)
_OF_A_PERSON = ("first_name", "middle_name", "name_suffix")
_ADDRESS_FIELDS = (
    ("address_1", "N3", "01", Kind.TEXT, "street address, first line"),
    ("address_2", "N3", "02", Kind.TEXT, "street address, second line"),
    ("city", "N4", "01", Kind.TEXT, "city"),
    ("state", "N4", "02", Kind.CODE, "state or province"),
    ("zip", "N4", "03", Kind.CODE, "ZIP or postal code, without a dash"),
    ("country", "N4", "04", Kind.CODE, "country, when not the United States"),
    ("subdivision", "N4", "07", Kind.CODE, "country subdivision, when not in the United States"),
)
_CONTACT_FIELDS = (
    ("contact_name", "02", "name of the contact"),
    ("contact_phone", "TE", "telephone of the contact"),
    ("contact_extension", "EX", "telephone extension of the contact"),
    ("contact_fax", "FX", "fax number of the contact"),
    ("contact_email", "EM", "electronic mail address of the contact"),
)
# REF01 values that identify a provider to a payer (005010X222A1, loops 2010AA, 2310 and 2420).
_PROVIDER_REFERENCES = (
    ("license", "0B", "state license number"),
    ("upin", "1G", "UPIN, on claims that still carry one"),
    ("commercial_id", "G2", "number that the payer gave the provider"),
    ("location_id", "LU", "location number"),
)


def party(
    add: Entries,
    role: str,
    loops: Mapping[str, str],
    qualifier: str,
    who: str,
    *,
    identifier: str = "npi",
    address: bool = False,
    contact: bool = False,
    references: str = "",
    taxonomy: Mapping[str, str] | None = None,
    person: bool = False,
    named: bool = True,
    people: str = "PID",
    boxes: Mapping[str, tuple[str, str]] | None = None,
    fhir: str = "",
) -> None:
    """Add the fields of one role.

    `loops` maps forms to the loop that carries the party; `qualifier` is its NM101. `identifier` is the
    suffix of NM109, empty where the party has none; `named` is false for a bare address; `people` are
    the forms in which the party can be a person with a first name. `taxonomy` maps forms to the PRV01 under which a taxonomy code stands. `references` lists the REF qualifiers of
    the party. `person` marks the party's details as PHI: a patient or subscriber, not a provider.
    `boxes` maps a suffix to its CMS-1500 and UB-04 boxes.
    """
    boxes = boxes or {}

    def places(rest: str) -> dict[str, str]:
        return {forms: f"{loop}/{rest}" for forms, loop in loops.items()}

    def entry(suffix: str, kind: Kind, rest: str, meaning: str, phi: Phi) -> None:
        cms1500, ub04 = boxes.get(suffix, ("", ""))
        path = f"{fhir}.{_FHIR_SUFFIX[suffix]}" if fhir and suffix in _FHIR_SUFFIX else ""
        wanted = people if suffix in _OF_A_PERSON else "PID"
        add(
            f"{role}_{suffix}",
            kind,
            {kept: place for forms, place in places(rest).items() if (kept := _only(forms, wanted))},
            f"{who}: {meaning}",
            phi=phi if person else Phi.NONE,
            cms1500=cms1500,
            ub04=ub04,
            fhir=path,
        )

    for suffix, segment, element, kind, meaning in _NAME_FIELDS:
        wanted = suffix == "entity_type" or (identifier if suffix == "id_qualifier" else named)
        # A submitter's name has no suffix in any guide.
        wanted = wanted and not (suffix == "name_suffix" and identifier == "id")
        wanted = wanted and (suffix not in _OF_A_PERSON or (named and people))
        if wanted:
            phi = Phi.NAME if kind is Kind.TEXT else Phi.NONE
            entry(suffix, kind, f"{segment}[{qualifier}]{element}", meaning, phi)
    if identifier:
        what = "National Provider Identifier" if identifier == "npi" else "identifier"
        entry(identifier, Kind.CODE, f"NM1[{qualifier}]09", what, Phi.IDENTIFIER)
    if address:
        for suffix, segment, element, kind, meaning in _ADDRESS_FIELDS:
            entry(suffix, kind, f"{segment}{element}", meaning, Phi.ADDRESS)
    if taxonomy:
        carried = {forms: f"{_loop(loops, forms)}/PRV[{code}]03" for forms, code in taxonomy.items()}
        add(f"{role}_taxonomy", Kind.CODE, carried, f"{who}: provider taxonomy code")
    if contact:
        for suffix, element, meaning in _CONTACT_FIELDS:
            entry(suffix, Kind.TEXT, f"PER[IC]{element}", meaning, Phi.CONTACT)
    for suffix, code, meaning in _PROVIDER_REFERENCES:
        if code in references.split():
            entry(suffix, Kind.CODE, f"REF[{code}]02", meaning, Phi.NONE)


def _only(forms: str, wanted: str) -> str:
    return "".join(form for form in forms if form in wanted)


def _loop(loops: Mapping[str, str], forms: str) -> str:
    return next(loop for carrying, loop in loops.items() if set(forms) <= set(carrying))


_FHIR_SUFFIX = {
    "name": "name.family",
    "first_name": "name.given",
    "npi": "identifier:npi",
    "address_1": "address.line",
    "city": "address.city",
    "state": "address.state",
    "zip": "address.postalCode",
    "taxonomy": "qualification.code",
    "member_id": "identifier:member",
}
