"""What a claim says once: one row a claim."""

from __future__ import annotations

from .field import Entries, Kind, Level, Phi
from .parties import party

CODE, TEXT, DATE, TIME = Kind.CODE, Kind.TEXT, Kind.DATE, Kind.TIME
AMOUNT, QUANTITY, INTEGER = Kind.AMOUNT, Kind.QUANTITY, Kind.INTEGER

add = Entries(Level.CLAIM)

# Billing provider, pay-to address and pay-to plan (loops 2000A, 2010AA to 2010AC).
add("billing_taxonomy", CODE, "2000A/PRV[BI]03", "Billing provider: provider taxonomy code",
    ub04="81CC", fhir="Claim.provider.qualification.code")
add("currency", CODE, "2000A/CUR[85]02", "currency of the amounts, when not US dollars")
party(
    add, "billing", {"PID": "2010AA"}, "85", "Billing provider",
    address=True, contact=True, fhir="Claim.provider", people="PD",
    boxes={"name": ("33", "1"), "npi": ("33a", "56"), "address_1": ("33", "1"), "city": ("33", "1"),
           "state": ("33", "1"), "zip": ("33", "1"), "contact_phone": ("33", "1"),
           "commercial_id": ("33b", "57")},
)
add("billing_license", CODE, {"PD": "2010AA/REF[0B]02"}, "Billing provider: state license number")
add("billing_upin", CODE, {"PD": "2010AA/REF[1G]02"}, "Billing provider: UPIN, on claims that still carry one")
add("billing_tax_id_type", CODE, "2010AA/REF[EI|SY]01", "Billing provider: EI employer's number, SY social security number",
    cms1500="25")
add("billing_tax_id", CODE, "2010AA/REF[EI|SY]02", "Billing provider: tax identification number",
    cms1500="25", ub04="5", fhir="Claim.provider.identifier:tax")
party(add, "pay_to", {"PID": "2010AB"}, "87", "Pay-to address", address=True, named=False, identifier="",
      boxes={"address_1": ("", "2"), "city": ("", "2"), "state": ("", "2"), "zip": ("", "2")})
party(add, "pay_to_plan", {"PID": "2010AC"}, "PE", "Pay-to plan", identifier="id", address=True, people="")
add("pay_to_plan_tax_id", CODE, "2010AC/REF[EI]02", "Pay-to plan: tax identification number")
add("pay_to_plan_secondary_id_type", CODE, "2010AC/REF[2U|FY|NF]01", "Pay-to plan: kind of secondary identifier")
add("pay_to_plan_secondary_id", CODE, "2010AC/REF[2U|FY|NF]02", "Pay-to plan: secondary identifier")

# Subscriber and the payer that this claim goes to (loops 2000B, 2010BA, 2010BB).
add("payer_responsibility", CODE, "2000B/SBR01", "place of this payer in the order of payment: P, S, T, A to H, U")
add("subscriber_relationship", CODE, "2000B/SBR02", "18 where the patient is the subscriber, else absent",
    cms1500="6", ub04="59")
add("group_number", CODE, "2000B/SBR03", "group or policy number", phi=Phi.IDENTIFIER, cms1500="11", ub04="62")
add("group_name", TEXT, "2000B/SBR04", "name of the group or plan", cms1500="11c", ub04="61")
add("insurance_type", CODE, {"P": "2000B/SBR05"}, "why Medicare is not primary")
add("claim_filing_code", CODE, "2000B/SBR09", "kind of payer: MB Medicare Part B, MC Medicaid, CI commercial and others",
    cms1500="1", fhir="Claim.insurance.coverage.type")
add("subscriber_died_on", DATE, {"P": "2000B/PAT06"}, "Subscriber: date of death", phi=Phi.DATE)
add("subscriber_weight_lb", QUANTITY, {"P": "2000B/PAT08"}, "Subscriber: weight in pounds", phi=Phi.CLINICAL)
add("subscriber_pregnant", CODE, {"P": "2000B/PAT09"}, "Subscriber: Y where pregnant", phi=Phi.CLINICAL)
party(
    add, "subscriber", {"PID": "2010BA"}, "IL", "Subscriber", identifier="member_id",
    address=True, person=True, fhir="Coverage.subscriber",
    boxes={"name": ("4", "58"), "first_name": ("4", "58"), "member_id": ("1a", "60"), "address_1": ("7", ""),
           "city": ("7", ""), "state": ("7", ""), "zip": ("7", "")},
)
add("subscriber_birth_on", DATE, "2010BA/DMG02", "Subscriber: date of birth", phi=Phi.DATE, cms1500="11a",
    fhir="Coverage.subscriber.birthDate")
add("subscriber_sex", CODE, "2010BA/DMG03", "Subscriber: F, M or U", phi=Phi.CLINICAL, cms1500="11a",
    fhir="Coverage.subscriber.gender")
add("subscriber_ssn", CODE, "2010BA/REF[SY]02", "Subscriber: social security number", phi=Phi.IDENTIFIER)
add("subscriber_property_casualty_claim", CODE, "2010BA/REF[Y4]02", "Subscriber: property and casualty claim number",
    phi=Phi.IDENTIFIER, cms1500="11b")
for _suffix, _element, _what in (("contact_name", "02", "name"), ("contact_phone", "TE", "telephone"),
                                 ("contact_extension", "EX", "extension")):
    add(f"subscriber_{_suffix}", TEXT, {"P": f"2010BA/PER[IC]{_element}"},
        f"Subscriber: {_what} of the property and casualty contact", phi=Phi.CONTACT)
party(
    add, "payer", {"PID": "2010BB"}, "PR", "Payer", identifier="id", address=True, people="", fhir="Claim.insurer",
    boxes={"name": ("11c", "50"), "id": ("", "51"), "address_1": ("carrier block", "38")},
)
add("payer_secondary_id_type", CODE, "2010BB/REF[2U|EI|FY|NF]01", "Payer: kind of secondary identifier")
add("payer_secondary_id", CODE, "2010BB/REF[2U|EI|FY|NF]02", "Payer: secondary identifier")
add("billing_payer_commercial_id", CODE, "2010BB/REF[G2]02", "number that this payer gave the billing provider",
    cms1500="33b", ub04="57")
add("billing_payer_location_id", CODE, "2010BB/REF[LU]02", "location number that this payer gave the billing provider")

# The patient, where somebody else than the subscriber (loops 2000C, 2010CA).
add("dependent_relationship", CODE, "2000C/PAT01", "Patient: relationship to the subscriber", cms1500="6", ub04="59")
add("dependent_died_on", DATE, {"P": "2000C/PAT06"}, "Patient: date of death", phi=Phi.DATE)
add("dependent_weight_lb", QUANTITY, {"P": "2000C/PAT08"}, "Patient: weight in pounds", phi=Phi.CLINICAL)
add("dependent_pregnant", CODE, {"P": "2000C/PAT09"}, "Patient: Y where pregnant", phi=Phi.CLINICAL)
party(
    add, "dependent", {"PID": "2010CA"}, "QC", "Patient other than the subscriber", identifier="",
    address=True, person=True, fhir="Claim.patient",
    boxes={"name": ("2", "8"), "first_name": ("2", "8"), "address_1": ("5", "9"), "city": ("5", "9"),
           "state": ("5", "9"), "zip": ("5", "9")},
)
add("dependent_birth_on", DATE, "2010CA/DMG02", "Patient: date of birth", phi=Phi.DATE, cms1500="3", ub04="10",
    fhir="Claim.patient.birthDate")
add("dependent_sex", CODE, "2010CA/DMG03", "Patient: F, M or U", phi=Phi.CLINICAL, cms1500="3", ub04="11",
    fhir="Claim.patient.gender")
add("dependent_property_casualty_claim", CODE, "2010CA/REF[Y4]02", "Patient: property and casualty claim number",
    phi=Phi.IDENTIFIER)
add("dependent_ssn", CODE, "2010CA/REF[SY]02", "Patient: social security number", phi=Phi.IDENTIFIER)
add("dependent_secondary_member_id", CODE, "2010CA/REF[1W]02", "Patient: member number of their own", phi=Phi.IDENTIFIER)

# Claim information (loop 2300).
add("claim_id", CODE, "2300/CLM01", "the submitter's number for the claim (patient control number)",
    phi=Phi.IDENTIFIER, cms1500="26", ub04="3a", fhir="Claim.identifier")
add("total_charge", AMOUNT, "2300/CLM02", "sum of the line charges", cms1500="28", ub04="47", fhir="Claim.total")
add("place_of_service", CODE, {"PD": "2300/CLM05-1"}, "where the services were given", cms1500="24B",
    fhir="Claim.item.locationCodeableConcept")
add("facility_type", CODE, {"I": "2300/CLM05-1"}, "first two digits of the type of bill: facility and class of bill",
    ub04="4", fhir="Claim.subType")
add("facility_code_qualifier", CODE, "2300/CLM05-2", "A a type of bill, B a place of service")
add("frequency_code", CODE, "2300/CLM05-3", "1 original, 7 replacement, 8 void; last digit of the type of bill",
    cms1500="22", ub04="4")
add("provider_signature", CODE, "2300/CLM06", "Y where the provider's signature is on file", cms1500="31")
add("assignment", CODE, "2300/CLM07", "A assigned, B assigned for laboratory services, C not assigned", cms1500="27")
add("benefits_assigned", CODE, "2300/CLM08", "Y where the patient assigned benefits to the provider",
    cms1500="13", ub04="53")
add("release_of_information", CODE, "2300/CLM09", "Y signed release on file, I informed consent", cms1500="12", ub04="52")
add("patient_signature_source", CODE, {"P": "2300/CLM10"}, "P where the provider signed for the patient")
add("related_cause_1", CODE, {"PD": "2300/CLM11-1"}, "AA auto accident, EM employment, OA other accident", cms1500="10")
add("related_cause_2", CODE, {"PD": "2300/CLM11-2"}, "second related cause", cms1500="10")
add("accident_state", CODE, {"PD": "2300/CLM11-4"}, "state of the auto accident", cms1500="10b")
add("accident_country", CODE, {"PD": "2300/CLM11-5"}, "country of the auto accident")
add("special_program", CODE, {"PD": "2300/CLM12"}, "special program under which the services were given")
add("claim_submission_reason", CODE, {"D": "2300/CLM19"}, "PB where the claim asks for a predetermination")
add("delay_reason", CODE, "2300/CLM20", "why the claim is late")

for _name, _forms, _qualifier, _what, _cms, _ub in (
    ("onset_on", "P", "431", "onset of the current illness", "14", ""),
    ("initial_treatment_on", "P", "454", "first treatment", "15", ""),
    ("last_seen_on", "P", "304", "patient last seen by the supervising physician", "19", ""),
    ("acute_manifestation_on", "P", "453", "acute manifestation of a chronic condition", "", ""),
    ("accident_on", "PD", "439", "accident", "14", ""),
    ("last_menstrual_period_on", "P", "484", "last menstrual period", "14", ""),
    ("last_xray_on", "P", "455", "last X-ray", "19", ""),
    ("prescription_on", "P", "471", "hearing or vision prescription", "", ""),
    ("disability_from_on", "P", "360", "first day of disability", "", ""),
    ("disability_to_on", "P", "361", "last day of disability", "", ""),
    ("last_worked_on", "P", "297", "last day worked", "16", ""),
    ("return_to_work_on", "P", "296", "authorized return to work", "16", ""),
    ("assumed_care_on", "P", "090", "care assumed", "19", ""),
    ("relinquished_care_on", "P", "091", "care relinquished", "19", ""),
    ("first_contact_on", "P", "444", "first contact, property and casualty", "", ""),
    ("repricer_received_on", "PID", "050", "receipt by the repricer", "", ""),
    ("appliance_placement_on", "D", "452", "placement of an orthodontic appliance", "", ""),
):
    add(_name, DATE, {_forms: f"2300/DTP[{_qualifier}]03"}, f"date of {_what}", phi=Phi.DATE, cms1500=_cms, ub04=_ub)
for _part, _what in (("from", "first"), ("to", "last")):
    add(f"disability_period_{_part}_on", DATE, {"P": f"2300/DTP[314]03.{_part}"}, f"{_what} day of a disability period",
        phi=Phi.DATE)
    add(f"statement_{_part}_on", DATE, {"I": f"2300/DTP[434]03.{_part}"}, f"{_what} day that the statement covers",
        phi=Phi.DATE, ub04="6", fhir="Claim.billablePeriod")
    add(f"claim_service_{_part}_on", DATE, {"D": f"2300/DTP[472]03.{_part}"}, f"{_what} day of service of a dental claim",
        phi=Phi.DATE)
add("admitted_on", DATE, {"P": "2300/DTP[435]03", "I": "2300/DTP[435]03.day"}, "date of admission, or start of care",
    phi=Phi.DATE, cms1500="18", ub04="12")
add("admitted_at", TIME, {"I": "2300/DTP[435]03.time"}, "time of admission", ub04="13")
add("discharged_on", DATE, {"P": "2300/DTP[096]03"}, "date of discharge", phi=Phi.DATE, cms1500="18")
add("discharged_at", TIME, {"I": "2300/DTP[096]03.hour"}, "time of discharge", ub04="16")
add("admission_type", CODE, {"I": "2300/CL101"}, "priority of the admission or visit", ub04="14")
add("admission_source", CODE, {"I": "2300/CL102"}, "point of origin of the admission or visit", ub04="15")
add("patient_status", CODE, {"I": "2300/CL103"}, "discharge status at the end of the statement", ub04="17")
add("orthodontic_months_total", QUANTITY, {"D": "2300/DN101"}, "months of orthodontic treatment planned")
add("orthodontic_months_remaining", QUANTITY, {"D": "2300/DN102"}, "months of orthodontic treatment left")
add("orthodontic_indicator", CODE, {"D": "2300/DN104"}, "Y where services are for orthodontic purposes")

add("contract_type", CODE, "2300/CN101", "kind of contract with the payer")
add("contract_amount", AMOUNT, "2300/CN102", "amount under the contract")
add("contract_percent", QUANTITY, "2300/CN103", "percentage under the contract")
add("contract_code", CODE, "2300/CN104", "code of the contract")
add("contract_discount_percent", QUANTITY, "2300/CN105", "terms discount percentage")
add("contract_version", CODE, "2300/CN106", "version of the contract")
add("patient_paid", AMOUNT, {"PD": "2300/AMT[F5]02"}, "amount that the patient has paid", cms1500="29",
    fhir="Claim.supportingInfo:patientPaid")
add("patient_estimated_due", AMOUNT, {"I": "2300/AMT[F3]02"}, "patient responsibility, as estimated", ub04="55")

for _name, _forms, _qualifier, _what, _phi, _cms, _ub in (
    ("service_authorization_exception", "PID", "4N", "why a required authorization was not obtained", Phi.NONE, "", ""),
    ("medicare_crossover", "P", "F5", "whether Medicare section 4081 applies", Phi.NONE, "", ""),
    ("mammography_certification", "P", "EW", "mammography certification number", Phi.NONE, "32b", ""),
    ("referral_number", "PID", "9F", "referral number", Phi.IDENTIFIER, "23", "63"),
    ("prior_authorization", "PID", "G1", "prior authorization number", Phi.IDENTIFIER, "23", "63"),
    ("original_claim_number", "PID", "F8", "payer's number of the claim that this one replaces or voids",
     Phi.IDENTIFIER, "22", "64"),
    ("clia_number", "P", "X4", "CLIA number of the laboratory", Phi.NONE, "23", ""),
    ("repriced_claim_number", "PID", "9A", "repricer's number of the claim", Phi.IDENTIFIER, "", ""),
    ("adjusted_repriced_claim_number", "PID", "9C", "repricer's number of the adjusted claim", Phi.IDENTIFIER, "", ""),
    ("device_exemption", "PI", "LX", "investigational device exemption number", Phi.NONE, "23", ""),
    ("clearinghouse_claim_number", "PID", "D9", "clearinghouse's number of the claim", Phi.IDENTIFIER, "", ""),
    ("medical_record_number", "PI", "EA", "medical record number", Phi.IDENTIFIER, "", "3b"),
    ("demonstration_project", "PI", "P4", "demonstration project", Phi.NONE, "19", ""),
    ("care_plan_oversight", "P", "1J", "NPI of the home health agency or hospice", Phi.NONE, "23", ""),
    ("accident_state_reference", "I", "LU", "state of the auto accident", Phi.NONE, "", "29"),
    ("peer_review_number", "I", "G4", "peer review organization's approval number", Phi.IDENTIFIER, "", ""),
    ("predetermination_number", "D", "G3", "number of the predetermination", Phi.IDENTIFIER, "", ""),
):
    add(_name, CODE, {_forms: f"2300/REF[{_qualifier}]02"}, _what, phi=_phi, cms1500=_cms, ub04=_ub)
add("drg", CODE, {"I": "2300/HI[DR]01-2"}, "diagnosis related group", ub04="71")

for _name, _kind, _element, _what in (
    ("ambulance_weight_lb", QUANTITY, "02", "weight of the patient in pounds"),
    ("ambulance_reason", CODE, "04", "why the patient was transported"),
    ("ambulance_miles", QUANTITY, "06", "miles travelled"),
    ("ambulance_round_trip_purpose", TEXT, "09", "purpose of a round trip"),
    ("ambulance_stretcher_purpose", TEXT, "10", "why a stretcher was used"),
):
    _phi = Phi.NARRATIVE if _kind is TEXT else Phi.CLINICAL
    add(_name, _kind, {"P": f"2300/CR1{_element}"}, f"Ambulance: {_what}", phi=_phi)
add("spinal_condition", CODE, {"P": "2300/CR208"}, "nature of a spinal condition", phi=Phi.CLINICAL)
add("spinal_description_1", TEXT, {"P": "2300/CR210"}, "description of a spinal condition", phi=Phi.NARRATIVE)
add("spinal_description_2", TEXT, {"P": "2300/CR211"}, "further description of a spinal condition", phi=Phi.NARRATIVE)

# Suffix, kind, element, meaning; then the forms whose claim has it, and those whose line does.
REPRICING = (
    ("method", CODE, "01", "how the repricer priced", "PID", "PID"),
    ("allowed", AMOUNT, "02", "amount that the repricer allowed", "PID", "PID"),
    ("saving", AMOUNT, "03", "amount saved", "PID", "PID"),
    ("organization", CODE, "04", "repricing organization", "PID", "PID"),
    ("rate", QUANTITY, "05", "per diem or flat rate", "PID", "PID"),
    ("group_code", CODE, "06", "ambulatory patient group or DRG approved", "PID", "PID"),
    ("group_amount", AMOUNT, "07", "amount of the approved group", "PID", "PID"),
    ("revenue_code", CODE, "08", "revenue code approved", "I", "I"),
    ("procedure_qualifier", CODE, "09", "kind of procedure code approved", "", "PID"),
    ("procedure", CODE, "10", "procedure code approved", "", "PID"),
    ("unit_basis", CODE, "11", "unit approved", "I", "PID"),
    ("units", QUANTITY, "12", "units approved", "I", "PID"),
    ("reject_reason", CODE, "13", "why repricing was rejected", "PID", "PID"),
    ("compliance", CODE, "14", "policy compliance", "PID", "PID"),
    ("exception", CODE, "15", "exception", "PID", "PID"),
)
for _suffix, _kind, _element, _what, _forms, _ in REPRICING:
    if _forms:
        add(f"repricing_{_suffix}", _kind, {_forms: f"2300/HCP{_element}"}, f"Repricing: {_what}")

# Providers of the whole claim (loop 2310).
_PHYSICIAN = "0B 1G G2 LU"
party(add, "referring", {"PD": "2310A[DN]", "I": "2310F"}, "DN", "Referring provider", references="0B 1G G2",
      taxonomy={"D": "RF"}, boxes={"name": ("17", "78"), "npi": ("17b", "78")})
party(add, "primary_care", {"PD": "2310A[P3]"}, "P3", "Primary care provider", references="0B 1G G2",
      boxes={"name": ("17", "")})
party(add, "rendering", {"PD": "2310B", "I": "2310D"}, "82", "Rendering provider", references=_PHYSICIAN,
      taxonomy={"PD": "PE"}, boxes={"name": ("31", ""), "npi": ("24J", "78")}, fhir="Claim.careTeam.provider")
party(add, "facility", {"PD": "2310C", "I": "2310E"}, "77", "Service facility", references="0B G2 LU",
      address=True, people="", boxes={"name": ("32", ""), "npi": ("32a", ""), "address_1": ("32", "")}, fhir="Claim.facility")
party(add, "supervising", {"P": "2310D", "D": "2310E"}, "DQ", "Supervising provider", references=_PHYSICIAN,
      boxes={"name": ("17", "")})
party(add, "pick_up", {"P": "2310E"}, "PW", "Ambulance pick-up", named=False, identifier="", address=True,
      boxes={"address_1": ("32", "")})
party(add, "drop_off", {"P": "2310F"}, "45", "Ambulance drop-off", identifier="", address=True, people="",
      boxes={"address_1": ("32", "")})
party(add, "attending", {"I": "2310A"}, "71", "Attending provider", references=_PHYSICIAN,
      taxonomy={"I": "AT"}, boxes={"name": ("", "76"), "npi": ("", "76")})
party(add, "operating", {"I": "2310B"}, "72", "Operating physician", references=_PHYSICIAN,
      boxes={"name": ("", "77"), "npi": ("", "77")})
party(add, "other_operating", {"I": "2310C"}, "ZZ", "Other operating physician", references=_PHYSICIAN,
      boxes={"npi": ("", "78")})
party(add, "assistant", {"D": "2310D"}, "DD", "Assistant surgeon", references=_PHYSICIAN, taxonomy={"D": "AS"})
add("facility_contact_name", TEXT, {"P": "2310C/PER[IC]02"}, "Service facility: name of the contact")
add("facility_contact_phone", TEXT, {"P": "2310C/PER[IC]TE"}, "Service facility: telephone of the contact")
add("facility_contact_extension", TEXT, {"P": "2310C/PER[IC]EX"}, "Service facility: extension of the contact")

FIELDS = tuple(add.fields)
