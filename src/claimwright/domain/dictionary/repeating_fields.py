"""What a claim or a line says several times: one small frame for each."""

from __future__ import annotations

from .field import Entries, Field, Kind, Level, Phi
from .parties import party

CODE, TEXT, DATE, TIME = Kind.CODE, Kind.TEXT, Kind.DATE, Kind.TIME
AMOUNT, QUANTITY, INTEGER = Kind.AMOUNT, Kind.QUANTITY, Kind.INTEGER

add = Entries(Level.DIAGNOSIS)
_DIAGNOSES = {"PD": "2300/HI[ABK|BK|ABF|BF]nn", "I": "2300/HI[ABK|BK|ABJ|BJ|APR|PR|ABN|BN|ABF|BF]nn"}
add("diagnosis_qualifier", CODE, {forms: f"{place}-1" for forms, place in _DIAGNOSES.items()},
    "role and code set: ABK principal, ABF other, ABJ admitting, APR reason for visit, ABN external cause; without A ICD-9")
add("diagnosis", CODE, {forms: f"{place}-2" for forms, place in _DIAGNOSES.items()}, "diagnosis code without a dot",
    phi=Phi.CLINICAL, cms1500="21", ub04="67", fhir="Claim.diagnosis.diagnosisCodeableConcept")
add("poa", CODE, {"I": _DIAGNOSES["I"] + "-9"}, "present on admission: Y, N, U, W or 1", phi=Phi.CLINICAL, ub04="67",
    fhir="Claim.diagnosis.onAdmission")
DIAGNOSIS = tuple(add.fields)

add = Entries(Level.PROCEDURE)
_PROCEDURES = {"P": "2300/HI[BP|BO]nn", "I": "2300/HI[BBR|BR|CAH|BBQ|BQ]nn"}
add("surgical_procedure_qualifier", CODE, {forms: f"{place}-1" for forms, place in _PROCEDURES.items()},
    "BBR principal, BBQ other (ICD-10-PCS); BP, BO the surgery behind an anesthesia claim (HCPCS)")
add("surgical_procedure", CODE, {forms: f"{place}-2" for forms, place in _PROCEDURES.items()}, "procedure code",
    phi=Phi.CLINICAL, ub04="74", fhir="Claim.procedure.procedureCodeableConcept")
add("surgical_procedure_on", DATE, {"I": _PROCEDURES["I"] + "-4"}, "date of the procedure", phi=Phi.DATE, ub04="74",
    fhir="Claim.procedure.date")
PROCEDURE = tuple(add.fields)

add = Entries(Level.INSTITUTIONAL_CODE)
_NUBC = {"P": "2300/HI[BG]nn", "I": "2300/HI[BG|BH|BI|BE|TC]nn"}
add("institutional_code_list", CODE, {forms: f"{place}-1" for forms, place in _NUBC.items()},
    "BG condition, BH occurrence, BI occurrence span, BE value, TC treatment authorization")
add("institutional_code", CODE, {forms: f"{place}-2" for forms, place in _NUBC.items()}, "the code", cms1500="10d",
    ub04="18-28, 31-36, 39-41", fhir="Claim.supportingInfo")
add("institutional_code_from_on", DATE, {"I": _NUBC["I"] + "-4.from"}, "date of an occurrence, first day of a span",
    phi=Phi.DATE, ub04="31-36")
add("institutional_code_to_on", DATE, {"I": _NUBC["I"] + "-4.to"}, "last day of an occurrence span", phi=Phi.DATE,
    ub04="35-36")
add("institutional_code_amount", AMOUNT, {"I": _NUBC["I"] + "-5"}, "amount or count of a value code", ub04="39-41")
INSTITUTIONAL_CODE = tuple(add.fields)

add = Entries(Level.OTHER_PAYER)
add("other_payer_responsibility", CODE, "2320/SBR01", "place of the other payer in the order of payment")
add("other_subscriber_relationship", CODE, "2320/SBR02", "the patient's relationship to the other subscriber", ub04="59")
add("other_group_number", CODE, "2320/SBR03", "Other payer: group or policy number", phi=Phi.IDENTIFIER, cms1500="9a", ub04="62")
add("other_group_name", TEXT, "2320/SBR04", "Other payer: name of the group or plan", cms1500="9d", ub04="61")
add("other_insurance_type", CODE, {"P": "2320/SBR05"}, "Other payer: why Medicare is not primary")
add("other_claim_filing_code", CODE, "2320/SBR09", "Other payer: kind of payer")
add("other_payer_paid", AMOUNT, "2320/AMT[D]02", "Other payer: amount paid on the claim", ub04="54",
    fhir="Claim.insurance.claimResponse")
add("other_payer_remaining_liability", AMOUNT, "2320/AMT[EAF]02", "Other payer: what the patient still owes")
add("other_payer_noncovered", AMOUNT, "2320/AMT[A8]02", "Other payer: charge not covered, in lieu of an adjudication")
add("other_benefits_assigned", CODE, "2320/OI03", "Other payer: Y where benefits are assigned", cms1500="9")
add("other_patient_signature_source", CODE, {"PD": "2320/OI04"}, "Other payer: P where the provider signed for the patient")
add("other_release_of_information", CODE, "2320/OI06", "Other payer: release of information")
for _name, _kind, _element, _what in (
    ("outpatient_reimbursement_rate", QUANTITY, "01", "reimbursement rate"),
    ("outpatient_payable", AMOUNT, "02", "HCPCS payable amount"),
    ("outpatient_remark_1", CODE, "03", "remittance remark 1"),
    ("outpatient_remark_2", CODE, "04", "remittance remark 2"),
    ("outpatient_remark_3", CODE, "05", "remittance remark 3"),
    ("outpatient_remark_4", CODE, "06", "remittance remark 4"),
    ("outpatient_remark_5", CODE, "07", "remittance remark 5"),
    ("outpatient_esrd_paid", AMOUNT, "08", "end stage renal disease payment"),
    ("outpatient_professional_component", AMOUNT, "09", "professional component billed but not payable"),
):
    add(_name, _kind, f"2320/MOA{_element}", f"Other payer, outpatient adjudication: {_what}")
party(add, "other_subscriber", {"PID": "2330A"}, "IL", "Other subscriber", identifier="member_id", address=True,
      person=True, boxes={"name": ("9", "58"), "member_id": ("9a", "60")})
add("other_subscriber_ssn", CODE, "2330A/REF[SY]02", "Other subscriber: social security number", phi=Phi.IDENTIFIER)
party(add, "other_payer", {"PID": "2330B"}, "PR", "Other payer", identifier="id", address=True, people="",
      boxes={"name": ("9d", "50"), "id": ("", "51")})
add("other_payer_paid_on", DATE, "2330B/DTP[573]03", "Other payer: date of adjudication or payment", phi=Phi.DATE)
add("other_payer_secondary_id_type", CODE, "2330B/REF[2U|EI|FY|NF]01", "Other payer: kind of secondary identifier")
add("other_payer_secondary_id", CODE, "2330B/REF[2U|EI|FY|NF]02", "Other payer: secondary identifier")
add("other_prior_authorization", CODE, "2330B/REF[G1]02", "Other payer: prior authorization number", phi=Phi.IDENTIFIER)
add("other_referral_number", CODE, "2330B/REF[9F]02", "Other payer: referral number", phi=Phi.IDENTIFIER)
add("other_claim_adjusted", CODE, "2330B/REF[T4]02", "Other payer: Y where it sent an adjusted claim")
add("other_claim_number", CODE, "2330B/REF[F8]02", "Other payer: its number of the claim", phi=Phi.IDENTIFIER)
OTHER_PAYER = tuple(add.fields)

add = Entries(Level.ADJUDICATION)
add("adjudication_payer_id", CODE, "2430/SVD01", "Line adjudication: payer, as numbered in loop 2330B")
add("line_paid", AMOUNT, "2430/SVD02", "Line adjudication: amount paid")
add("paid_procedure_qualifier", CODE, "2430/SVD03-1", "Line adjudication: code set of the procedure")
add("paid_procedure", CODE, "2430/SVD03-2", "Line adjudication: procedure paid")
for _n in (1, 2, 3, 4):
    add(f"paid_modifier_{_n}", CODE, f"2430/SVD03-{_n + 2}", f"Line adjudication: modifier {_n}")
add("paid_procedure_description", TEXT, "2430/SVD03-7", "Line adjudication: description of the procedure",
    phi=Phi.NARRATIVE)
add("paid_revenue_code", CODE, {"I": "2430/SVD04"}, "Line adjudication: revenue code paid")
add("paid_units", QUANTITY, "2430/SVD05", "Line adjudication: units paid")
add("bundled_into_line", INTEGER, "2430/SVD06", "Line adjudication: line into which this one was bundled")
add("line_paid_on", DATE, "2430/DTP[573]03", "Line adjudication: date", phi=Phi.DATE)
add("line_remaining_liability", AMOUNT, "2430/AMT[EAF]02", "Line adjudication: what the patient still owes")
ADJUDICATION = tuple(add.fields)

add = Entries(Level.ADJUSTMENT)
add("adjustment_group", CODE, {"PID": "2320/CAS01"}, "claim adjustment group: CO, PR, OA, PI or CR")
add("adjustment_reason", CODE, {"PID": "2320/CASnn"}, "claim adjustment reason code (CARC)")
add("adjustment_amount", AMOUNT, {"PID": "2320/CASnn"}, "amount of the adjustment")
add("adjustment_quantity", QUANTITY, {"PID": "2320/CASnn"}, "units adjusted")
ADJUSTMENT = tuple(add.fields)

add = Entries(Level.ATTACHMENT)
add("attachment_type", CODE, "2300/PWK01", "kind of report", fhir="Claim.supportingInfo:attachment")
add("attachment_transmission", CODE, "2300/PWK02", "how the report is sent: EL electronically, AA on request and others")
add("attachment_id_qualifier", CODE, "2300/PWK05", "AC where a control number follows")
add("attachment_control_number", CODE, "2300/PWK06", "number that ties the report to the claim", phi=Phi.IDENTIFIER)
ATTACHMENT = tuple(add.fields)

add = Entries(Level.NOTE)
add("note_type", CODE, "2300/NTE01", "ADD additional information, DCP goals or plans, TPO third party, and others")
add("note", TEXT, "2300/NTE02", "the note", phi=Phi.NARRATIVE, cms1500="19", ub04="80")
NOTE = tuple(add.fields)

add = Entries(Level.CERTIFICATION)
add("certification_category", CODE, {"PI": "2300/CRC01"}, "07 ambulance, 75 homebound, E1 to E3 vision, ZZ EPSDT, 70 hospice, 09 equipment")
add("certification_applies", CODE, {"PI": "2300/CRC02"}, "Y or N")
for _n in (1, 2, 3, 4, 5):
    add(f"certification_condition_{_n}", CODE, {"PI": f"2300/CRC0{_n + 2}"}, "condition that applies")
CERTIFICATION = tuple(add.fields)

add = Entries(Level.TOOTH)
add("tooth_system", CODE, {"D": "2400/TOO01"}, "JP for the universal numbering system")
add("tooth", CODE, {"D": "2400/TOO02"}, "tooth number or letter", fhir="Claim.item.bodySite")
for _n in (1, 2, 3, 4, 5):
    add(f"tooth_surface_{_n}", CODE, {"D": f"2400/TOO03-{_n}"}, "surface: B, D, F, I, L, M or O", fhir="Claim.item.subSite")
add("tooth_status", CODE, {"D": "2300/DN202"}, "E to be extracted, M missing (of the claim, not a line)")
TOOTH = tuple(add.fields)

add = Entries(Level.SEGMENT)
add("segment_loop", CODE, {}, "loop in which the segment stands")
add("segment_name", CODE, {}, "segment id, with its qualifier if it has one: REF[G1]")
add("segment_occurrence", INTEGER, {}, "which repetition of the loop within its claim or line, from 0")
add("segment_place", INTEGER, {}, "order among the carried segments of one place")
add("segment_text", TEXT, {},
    "the segment as it came, its elements parted by \\x1d, repetitions by \\x1e, components by \\x1f", phi=Phi.NARRATIVE)
SEGMENT = tuple(add.fields)

FIELDS: tuple[Field, ...] = (
    *DIAGNOSIS, *PROCEDURE, *INSTITUTIONAL_CODE, *OTHER_PAYER, *ADJUDICATION, *ADJUSTMENT, *ATTACHMENT, *NOTE,
    *CERTIFICATION, *TOOTH, *SEGMENT,
)
