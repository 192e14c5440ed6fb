"""Planned claims as frames: what every form has, and what belongs to one."""

from __future__ import annotations

import numpy as np
import polars as pl

from claimwright.domain.dictionary import Level

from . import hospital, lines, parties, payers, people
from .draws import Draws, Whole
from .identifiers import padded
from .lines import Frames, money, quantity
from .parties import Columns, constant, kept
from .plan import Plan, days, replacements

_NOTES = pl.Series(
    [
        "SYNTHETIC NOTE - PATIENT SEEN AS SCHEDULED",
        "SYNTHETIC NOTE - RECORDS AVAILABLE ON REQUEST",
        "SYNTHETIC NOTE - SERVICE MEDICALLY NECESSARY PER PLAN OF CARE",
    ]
)
# ADD: additional information; an institution's claim notes are of other kinds, UPI being updated information.
_NOTE_TYPE = {"P": "ADD", "I": "UPI", "D": "ADD"}
_NOTE_PERCENT, _ATTACHMENT_PERCENT, _COPAY_PERCENT = 6, 3, 30
_DESTINATION = 10**14


def frames(plan: Plan, claims: Whole) -> Frames:
    """All frames of the plan, its claims numbered `claims`; without those of other payers."""
    made, charged = lines.build(plan, claims)
    billing_draws, columns = parties.billing(plan)
    columns |= parties.patient(plan)
    columns |= parties.physicians(plan, billing_draws)
    columns |= _claim(plan, charged)
    match plan.form:
        case "P":
            columns |= _professional(plan, billing_draws)
            made |= _certifications(plan, claims)
        case "I":
            columns |= hospital.claim(plan)
        case "D":
            columns |= _dental(plan)
    made[Level.CLAIM] = pl.DataFrame(
        {
            "claim": claims,
            "form": constant(plan.form, np.ones(len(plan), dtype=bool)),
            "claim_id": padded(claims, 9, f"SYN{plan.draws.seed}-"),
            **columns,
        }
    )
    made[Level.DIAGNOSIS] = lines.diagnoses(plan, claims)
    if plan.form != "D":
        made |= hospital.codes(plan, claims)
    made |= _papers(plan, claims)
    return made


def _claim(plan: Plan, charged: Whole) -> Columns:
    ones = np.ones(len(plan), dtype=bool)
    yes = constant("Y", ones)
    replaces = replacements(plan)
    number = padded(plan.draws.below("payer claim number", 10**10), 10, "ICN")
    authorized = plan.lead.chance("authorized", plan.catalogue.authorization[plan.encounter])
    frequency = pl.DataFrame({"replaces": replaces}).select(
        pl.when("replaces").then(pl.lit("7")).otherwise(pl.lit("1"))
    )
    columns = {
        "total_charge": money(charged),
        "frequency_code": frequency.to_series(),
        "assignment": constant("A", ones),
        "benefits_assigned": yes,
        "release_of_information": yes,
        "original_claim_number": kept(number, replaces),
        "prior_authorization": kept(padded(plan.lead.below("authorization", 10**8), 8, "AUTH"), authorized),
    }
    if plan.form == "I":
        return columns | {
            "facility_type": plan.place,
            "facility_code_qualifier": constant("A", ones),
            "medical_record_number": padded(plan.lead.below("record", 10**8), 8, "MRN"),
        }
    paid = (
        plan.draws.chance("copay", _COPAY_PERCENT) & (plan.payer_kind == payers.COMMERCIAL) & ~plan.secondary
    )
    copay = np.minimum(plan.draws.between("copay dollars", 2, 6) * 500, charged)
    return columns | {
        "place_of_service": plan.place,
        "facility_code_qualifier": constant("B", ones),
        "provider_signature": yes,
        "patient_paid": kept(money(copay), paid),
    }


def _professional(plan: Plan, billing_draws: Draws) -> Columns:
    stays = plan.place.is_in(["21", "51", "61"]).to_numpy()
    cause = plan.text("cause")
    caused = cause.is_not_null().to_numpy()
    auto = (cause == "AA").fill_null(False).to_numpy()
    accident = plan.first_day - plan.lead.between("days since accident", 0, 3)
    menstrual = plan.catalogue.menstrual_period[plan.encounter]
    workers = plan.payer_kind == payers.WORKERS
    clia = padded(billing_draws.below("clia", 10**7), 7, "05D")
    certification = padded(billing_draws.below("mammography", 10**6), 6)
    columns: Columns = {
        "admitted_on": kept(days(plan.first_day), stays),
        "discharged_on": kept(days(plan.last_day), stays),
        "related_cause_1": cause,
        "accident_on": kept(days(accident), caused),
        "accident_state": kept(people.addresses(plan.lead)["state"], auto),
        "subscriber_property_casualty_claim": kept(
            padded(plan.lead.below("casualty claim", 10**7), 7, "PC"), workers
        ),
        "last_menstrual_period_on": kept(days(plan.first_day - menstrual), menstrual > 0),
        "clia_number": kept(clia, plan.flag("clia")),
        "mammography_certification": kept(certification, plan.flag("mammography")),
    }
    first = plan.flag("first_treatment")
    begun = plan.first_day - plan.visit * 7 - plan.lead.between("days of treatment", 0, 30)
    columns["initial_treatment_on"] = kept(days(begun), first)
    columns["spinal_condition"] = constant("A", first)
    return columns | _ambulance(plan)


def _ambulance(plan: Plan) -> Columns:
    rows = plan.flag("ambulance")
    if not rows.any():
        return {}
    home = people.addresses(plan.lead)
    other = people.addresses(Draws(plan.lead.seed, plan.lead.owners + _DESTINATION))
    miles = plan.draws.of(np.arange(len(plan))).between("units", 2, 24)
    return {
        "pick_up_entity_type": constant("2", rows),
        **parties.prefixed(home, "pick_up", rows),
        "drop_off_entity_type": constant("2", rows),
        "drop_off_name": constant("SAMPLE HOSPITAL", rows),
        **parties.prefixed(other, "drop_off", rows),
        "ambulance_weight_lb": kept(quantity(plan.lead.between("weight", 110, 240)), rows),
        # A: to the nearest facility that can care for the symptoms (CR104).
        "ambulance_reason": constant("A", rows),
        "ambulance_miles": kept(quantity(miles), rows),
    }


def _dental(plan: Plan) -> Columns:
    months = plan.catalogue.orthodontic_months[plan.encounter]
    treated = months > 0
    return {
        "orthodontic_months_total": kept(quantity(months), treated),
        "orthodontic_months_remaining": kept(quantity(months), treated),
        "appliance_placement_on": kept(days(plan.first_day), treated),
    }


def _certifications(plan: Plan, claims: Whole) -> Frames:
    """Ambulance: 04 moved by stretcher; screening of a child on Medicaid: no referral came of it."""
    ambulance = claims[plan.flag("ambulance")]
    screened = claims[plan.flag("screening") & (plan.payer_kind == payers.MEDICAID)]
    parts = [
        pl.DataFrame(
            {
                "claim": which,
                "certification_category": category,
                "certification_applies": applies,
                "certification_condition_1": condition,
            }
        )
        for which, category, applies, condition in (
            (ambulance, "07", "Y", "04"),
            (screened, "ZZ", "N", "NU"),
        )
        if len(which)
    ]
    if not parts:
        return {}
    together = pl.concat(parts).with_columns(position=pl.lit(1, pl.Int32), line=pl.lit(None, pl.Int32))
    return {Level.CERTIFICATION: together.sort("claim")}


def _papers(plan: Plan, claims: Whole) -> Frames:
    noted = plan.draws.chance("note", _NOTE_PERCENT)
    attached = plan.draws.chance("attachment", _ATTACHMENT_PERCENT)
    text = _NOTES.gather(pl.Series(plan.draws.below("note text", len(_NOTES))))
    control = padded(plan.draws.below("attachment number", 10**9), 9, "ATT")
    of_claim = {"line": pl.lit(None, pl.Int32), "position": pl.lit(1, pl.Int32)}
    # OZ: support data for the claim; EL: sent electronically beside it.
    return {
        Level.NOTE: pl.DataFrame({"claim": claims, "note_type": _NOTE_TYPE[plan.form], "note": text})
        .filter(pl.Series(noted))
        .with_columns(**of_claim),
        Level.ATTACHMENT: pl.DataFrame(
            {
                "claim": claims,
                "attachment_type": "OZ",
                "attachment_transmission": "EL",
                "attachment_id_qualifier": "AC",
                "attachment_control_number": control,
            }
        )
        .filter(pl.Series(attached))
        .with_columns(**of_claim),
    }
