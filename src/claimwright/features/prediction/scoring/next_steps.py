"""What a biller can do about a likely cause of denial: what to check or enter, and where it stands.

A step is about what is true and left out, or about what to find out before sending. None of them changes a
code, a date or a modifier in order to be paid.
"""

from __future__ import annotations

import re
from decimal import Decimal

from .causes import Evidence
from .places import place

# A notice counts only if the patient signed it before the service (42 CFR 411.404, 411.408).
_NOTICE = (
    "look for a notice that the patient signed before the service{notice}; without one the patient usually "
    "cannot be billed"
)
_SIGNED, _OF_STAY_SIGNED = " (an ABN, billed with modifier GA)", " (a HINN)"
_OF_OTHER_PLANS = " and that this plan accepts"
# A service that the law excludes (42 CFR 411.15) needs no notice.
_EXCLUDED = (
    "If it is covered, send it, and appeal a denial with that policy; if the plan excludes it, send it as it "
    "is{excluded}, and look up whether another payer or, by the plan's terms, the patient owes it"
)
# Of a claim that corrects an earlier one, which was denied for it: sending it again changes nothing.
_EXCLUDED_AGAIN = (
    "If it is covered, appeal with that policy; if the plan excludes it, a correction changes nothing: look "
    "up whether another payer or, by the plan's terms, the patient owes it"
)
_MARKED = " (with modifier GY only if the law excludes it, or GX with a voluntary notice)"
# Claim filing indicators of Original Medicare, to which these modifiers and notices belong.
MEDICARE = frozenset({"MA", "MB"})
# The record that usually supports a service, and its report type (005010X222A1, Loop 2300 PWK01), by the
# first and last code.
_Record = tuple[str, str]
_RECORDS: tuple[tuple[str, str, _Record], ...] = (
    ("00100", "01999", ("the anesthesia record", "OZ")),
    ("10004", "69990", ("the operative or procedure report", "OB")),
    ("70010", "79999", ("the radiology report and the order", "RR")),
    ("80047", "89398", ("the laboratory result and the order", "LA")),
    ("90281", "90756", ("the immunization record and the order", "OZ")),
    ("90785", "90899", ("the treatment plan and the session record that may be disclosed", "OZ")),
    ("93000", "93799", ("the study with its interpretation, and the order", "DG")),
    ("96360", "96549", ("the administration record and the order", "OZ")),
    ("97010", "97799", ("the plan of care and the treatment notes", "PN")),
    ("99202", "99215", ("the visit note", "OZ")),
    ("99221", "99239", ("the hospital notes of these days", "OZ")),
    ("99281", "99285", ("the emergency department record", "OZ")),
    ("99304", "99316", ("the nursing facility note", "OZ")),
)
_RECORDS_BY_LETTER: dict[str, _Record] = {
    "A": ("the order and the proof of delivery", "B3"),
    "A0": ("the trip report", "OZ"),
    "D": ("the radiographs and a narrative", "RB"),
    "E": ("the order and the proof of delivery", "B3"),
    "J": ("the administration record and the order", "OZ"),
    "K": ("the order and the proof of delivery", "B3"),
    "L": ("the order and the proof of delivery", "B3"),
}
_OTHER_RECORD: _Record = ("the notes of the date of service", "OZ")
_OF_REVENUE: _Record = ("the orders and notes that show these services", "OZ")
_OF_STAY: _Record = ("the discharge summary, and the orders and notes that show these services", "DS")
# What somebody orders: imaging, tests, vaccines, studies and therapy; drugs and supplies have a letter.
# Nobody orders a visit or a procedure in the office.
_ORDERED = (("36415", "36416"), ("70010", "90756"), ("91000", "99199"))
_ANNOUNCED = " (Loop 2300 PWK, report type {type}, with a control number that the cover sheet repeats)"
# Steps by condition. `{at_NAME}` is where a field of the dictionary stands, in brackets.
_STEPS: dict[str, str] = {
    "authorization_rate": "look for an authorization that covers {service} on the date of service, also "
    "with the doctor or facility that arranged it, and enter its number{at_prior_authorization}. If there is "
    "none, ask the payer whether it needs one and can still give it; if it needs none, send it as it is",
    "referral_rate": "enter the doctor who ordered {service}, who can be the rendering one, or who referred "
    "the patient{at_referrer}; if nobody did, leave it and expect the risk to stay",
    "rendering_rate": "enter who rendered the service, if not the billing provider{at_rendering_npi}",
    "taxonomy_rate": "enter the billing provider's taxonomy{at_billing_taxonomy}",
    "drug_code_rate": "enter the national drug code from the package{at_ndc}",
    "provider_data_rate": "compare member ID, name and birth date with the card{at_subscriber_member_id}",
    "attachment_rate": "send with the claim {record}, no more than that, and announce it" + _ANNOUNCED,
    "charge_attachment_rate": "send with the claim the records that support the charge, such as {record}, "
    "and announce them" + _ANNOUNCED,
    "necessity_rate": "look up whether the payer's medical policy for {service} lists {diagnosis}. Check "
    "that the line points to the diagnosis that the record gives as the reason{at_diagnosis_pointer_1}; code "
    "only what the record supports. If the policy excludes it, " + _NOTICE,
    "units_rate": "check the units of {service} against the record{at_units} and the payer's limit",
    "coverage_rate": "look up {service} in the payer's policies and the patient's benefits: limits of "
    "number, age or diagnosis, the network, exclusions. " + _EXCLUDED,
    "age_coverage_rate": "check the birth date, and look up {service} in the payer's policies and the "
    "patient's benefits: a limit of age, or another one that patients of this age meet. " + _EXCLUDED,
    "place_rate": "check the place of service{at_place_of_service} of {service} against the record: if it "
    "is wrong, correct it; if it is right, leave it, expect that the line may be denied, and appeal if the "
    "payer's policy pays for it there",
    "modifier_rate": "check the modifiers of {service}{at_modifier_1} against the record, and look up which "
    "the payer asks for",
    "filing_delay_rate": "find the payer's filing limit. If it has passed, send proof of an earlier filing "
    "with the claim (announce it in Loop 2300 PWK, report type OZ) and enter the code of the reason of the "
    "delay{at_delay_reason}; without proof, or another exception such as late eligibility, expect a "
    "write-off: the patient usually cannot be billed",
    "payer_provider_rate": "read this payer's last remittances to this billing provider for the reason, and "
    "check with the payer that its NPI is enrolled and under contract",
    "eligibility_rate": "check coverage on the date of service (270/271)",
    "provider_eligibility_rate": "check coverage on the date of service (270/271)",
    "coordination_rate": "ask the patient about other coverage, and check who pays first"
    "{at_payer_responsibility}",
}
_STEPS["diagnosis_necessity_rate"] = _STEPS["necessity_rate"]
# Conditions whose step looks up a policy or a record, which settles a doubt too.
LOOKED_UP = frozenset(
    {
        "necessity_rate", "diagnosis_necessity_rate", "units_rate", "coverage_rate", "age_coverage_rate",
        "place_rate", "modifier_rate", "coordination_rate",
    }
)  # fmt: skip
# 42 CFR 424.44(a) and (b); Medicare Claims Processing Manual, chapter 1, section 70.
_OF_MEDICARE = {
    "filing_delay_rate": "Medicare's limit is one calendar year after the service. Past it, only its "
    "exceptions help, such as an error of Medicare or entitlement that was given later: send the proof with "
    "the claim (announce it in Loop 2300 PWK, report type OZ) and enter the code of the reason of the "
    "delay{at_delay_reason}; otherwise expect a write-off: the patient cannot be billed",
}
_OF_INPATIENT = (
    "look for the authorization of the stay, which covers its days, and enter its number"
    "{at_prior_authorization}. If there is none, ask the payer whether it needs one and can still give it"
)
# Blood is drawn for a test: whether it is necessary is a question of the test.
_VENIPUNCTURE, _OF_TESTS = ("36415", "36416"), ("necessity_rate", "diagnosis_necessity_rate")
# Types of bill whose first two digits are these are of stays in a hospital or a nursing facility.
_INPATIENT = frozenset({"11", "18", "21"})
# Steps of institutional claims: no place of service, no pointers, no one who ordered a line (005010X223A2).
_OF_BILL: dict[str, str] = {
    "referral_rate": "enter the doctor who referred the patient{at_referrer}; if nobody did, leave it and "
    "expect the risk to stay",
    "necessity_rate": "look up whether the payer's medical policy for {service} lists {diagnosis}. Check "
    "that the principal and other diagnoses (form locators 67 and 67A-Q, Loop 2300 HI) hold the reason for "
    "the service that the record gives; code only what the record supports. If the policy excludes it, "
    + _NOTICE,
    "rendering_rate": "check the attending provider (form locator 76, Loop 2310A NM1*71); a rendering "
    "provider is stated only if that is another person",
    "place_rate": "check the type of bill (form locator 4, Loop 2300 CLM05-1 and -3) against the record: if "
    "it is wrong, correct it; if it is right, leave it, expect that {service} may be denied, and appeal if "
    "the payer's policy pays for it there",
    "modifier_rate": "check the modifiers of {service} (form locator 44, Loop 2400 SV202-3) against the "
    "record, and look up which the payer asks for",
}
_OF_BILL["diagnosis_necessity_rate"] = _OF_BILL["necessity_rate"]
# What to do if the claim has what such denials are about.
_GIVEN: dict[str, str] = {
    "authorization_rate": "check that the number, its services, dates and units match the claim"
    "{at_prior_authorization}",
    "referral_rate": "check name and NPI of the referring or ordering doctor{at_referrer}, and whether the "
    "payer wants a number of the referral",
    "rendering_rate": "check the rendering provider's NPI and enrollment with this payer{at_rendering_npi}",
    "taxonomy_rate": "check that the taxonomy is the one enrolled with this payer{at_billing_taxonomy}",
    "drug_code_rate": "check drug code, unit and quantity against the package{at_ndc}",
    "attachment_rate": "check that the attachment is what the payer asks for: {record} (report type {type})",
    "charge_attachment_rate": "check that the attachment supports the charge (report type {type})",
}
_GIVEN_OF_BILL = {
    "referral_rate": "check name and NPI of the referring doctor{at_referrer}, and whether the payer wants a "
    "number of the referral"
}
# What has no order can have a referral by another doctor.
_OF_REFERRAL = (
    "if another doctor referred the patient, or the plan wants a referral, enter that doctor{at_referrer}; "
    "if nobody referred, leave it and expect the risk to stay"
)
# Boxes of the referring or ordering doctor. 837P: 005010X222A1, Loops 2310A and 2420E; NUCC, box 17. 837I:
# 005010X223A2, Loop 2310F.
_REFERRER = {
    "P": "box 17 with qualifier DN or DK, NPI in 17b; Loop 2310A NM1*DN, or for who ordered one line Loop "
    "2420E NM1*DK",
    "I": "form locators 78-79 with qualifier DN, Loop 2310F NM1*DN",
}
_PLACE = re.compile(r"\{at_(\w+)\}")


def record_for(procedure: str | None) -> _Record:
    """The document that usually supports a service, with its report type."""
    code = procedure or ""
    if is_revenue_code(code):
        return _OF_REVENUE
    if code.isdigit():
        return next((record for first, last, record in _RECORDS if first <= code <= last), _OTHER_RECORD)
    return _RECORDS_BY_LETTER.get(code[:2], _RECORDS_BY_LETTER.get(code[:1], _OTHER_RECORD))


def is_revenue_code(procedure: str | None) -> bool:
    """Whether a service is stated by its revenue code, without a HCPCS code."""
    return procedure is not None and len(procedure) == 4 and procedure.isdigit()


def _is_ordered(procedure: str | None) -> bool:
    """Whether a doctor orders a service, unlike a visit."""
    code = procedure or ""
    return code[:1].isalpha() or any(first <= code <= last for first, last in _ORDERED)


def is_stay(evidence: Evidence, form: str) -> bool:
    """Whether the claim is of a stay, by its type of bill."""
    return form == "I" and str(evidence.values.get("place") or "")[:2] in _INPATIENT


def next_step(
    evidence: Evidence,
    form: str,
    *,
    is_given: bool = False,
    of_medicare: bool = False,
    is_correction: bool = False,
) -> str:
    """What to do about a cause, as a sentence without a period; empty if there is nothing.

    `form` is that of the claim: P, I or D. `is_given`: the claim has what such denials are about.
    `of_medicare`: it is sent to Original Medicare. `is_correction`: it replaces an earlier claim.
    """

    def where(match: re.Match[str]) -> str:
        is_referrer = match[1] == "referrer"
        found = _REFERRER.get(form) if is_referrer else place(form, match[1])
        found = found or (place(form, "referring_npi") if is_referrer else "")
        return f" ({found})" if found else ""

    steps = _GIVEN if is_given else _STEPS
    if form == "I":
        steps = steps | (_GIVEN_OF_BILL if is_given else _OF_BILL)
    if of_medicare and not is_given:
        steps = steps | _OF_MEDICARE
    text = steps.get(evidence.name, "")
    if is_correction:
        text = text.replace(_EXCLUDED, _EXCLUDED_AGAIN)
    of_stay = is_stay(evidence, form)
    if evidence.name == "authorization_rate" and not is_given and of_stay:
        text = _OF_INPATIENT
    service = evidence.values.get("procedure")
    if service in _VENIPUNCTURE and evidence.name in _OF_TESTS:
        text = text.replace("policy for {service} lists", "policies for the tests on the claim list")
    if evidence.name == "referral_rate" and form == "P" and not is_given and not _is_ordered(service):
        text = _OF_REFERRAL
    has_modifiers = not is_revenue_code(service)
    text = _PLACE.sub(where, text)
    record, kind = record_for(service)
    if of_stay and (is_revenue_code(service) or evidence.name == "charge_attachment_rate"):
        record, kind = _OF_STAY
    return text.format(
        service=service,
        diagnosis=evidence.values.get("full_diagnosis") or "this diagnosis",
        record=record,
        type=kind,
        notice=(_OF_STAY_SIGNED if of_stay else _SIGNED) if of_medicare else _OF_OTHER_PLANS,
        excluded=_MARKED if of_medicare and has_modifiers and form != "D" else "",
    )


def settling_step(step: str) -> str:
    """What to do about a step that the payer may not ask for, as `next_step` says it."""
    return f"find out whether the payer asks for it of this claim; if so, {step}" if step else ""


def general_step(*, has_authorization: bool = False) -> str:
    """What to check without a cause, as a sentence with a period."""
    number = (
        ", and that the authorization number covers these services, their dates and this provider"
        if has_authorization
        else ""
    )
    return (
        f"Check coverage on the date of service (270/271), the name and the member ID{number} before sending."
    )


def records_step(unrecorded: Decimal | None) -> str:
    """What to look up of a charge without records, as a sentence with a period; empty for None."""
    if unrecorded is None:
        return ""
    return f"It charges ${unrecorded:,.0f} without records: look up whether the payer wants them with it."


# Of a correction that is sent late.
LIMIT_OF_CORRECTIONS = (
    "look up the payer's limit for corrected claims, and keep the proof of the first filing"
)

LATE_CORRECTION = (
    "It is sent {days} days after the service: first look up the payer's limit for corrections. "
)


_REPEATED = "; if the record shows a service done again that day, it needs modifier 76, 77 or 91"


# As `PART_B_CORRECTION`.
_DUPLICATE_OF_PART_B = (
    "look up the earlier claim (276/277). Medicare Part B takes no claim that replaces another: if the "
    "earlier one is open, wait for its answer; if it was returned as unprocessable (MA130), send a new "
    "claim; if it was decided, ask for a reopening or appeal. If it is the same, do not send it"
)


def duplicate_step(form: str, *, of_part_b: bool = False) -> str:
    """What to do about a claim whose services were sent before; `of_part_b`: it goes to Medicare Part B."""
    if of_part_b:
        return _DUPLICATE_OF_PART_B + _REPEATED
    frequency, original = place(form, "frequency_code"), place(form, "original_claim_number")
    return (
        "look up the earlier claim (276/277). If this one replaces it, send it as a correction: frequency "
        f"code 7 ({frequency}) with the payer's claim number ({original}); if it is the same, do not send it"
        + (_REPEATED if form == "P" else "")
    )


def correction_step(form: str, *, has_causes: bool, of_medicare: bool = False) -> str:
    """What comes before all else of a claim that corrects an earlier one, as sentences with periods."""
    counts = ": if the payer named a cause that is not below, that one counts" if has_causes else ""
    code = "The type of bill ends in 7" if form == "I" else "Code 7 goes in"
    frequency, original = place(form, "frequency_code"), place(form, "original_claim_number")
    what = f"{code} ({frequency})" if form == "I" else f"{code} {frequency}"
    # Medicare Claims Processing Manual, chapter 1, section 130.1.2.1.
    reason = ", the condition code of the change (D0 to D9 or E0) among the others" if of_medicare else ""
    return (
        f"First read why the earlier claim was denied{counts}. {what}, the payer's claim number of the "
        f"earlier claim in {original}{reason if form == 'I' else ''}."
    )


# Medicare Claims Processing Manual, chapter 1, section 80.3.2, and chapter 34; 42 CFR 405.980(c), 405.942.
PART_B_CORRECTION = (
    "Do not send it as a correction: Medicare Part B takes no claim that replaces another. What was returned "
    "as unprocessable (MA130) is corrected and sent as a new claim; for a clerical error ask for a reopening "
    "(within a year of the decision); else appeal (within 120 days of it)."
)


def bundling_step(needs: str, pair: tuple[str, str]) -> str:
    """What to do about services that the payer bundles.

    `needs` is what a modifier would need, `pair` the bundled service and the one that it is bundled with.
    """
    if is_revenue_code(pair[0]):
        return (
            f"the payer bundles revenue code {pair[0]} into {pair[1]}: read its past remittances for the "
            "reason or ask; add no modifier and remove no charge"
        )
    return (
        "bill what was done, and expect the bundled service to be denied unless the record shows that it "
        f"was separate. {needs}"
    )
