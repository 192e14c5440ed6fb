"""What a service line says: one row a line."""

from __future__ import annotations

from .claim_fields import REPRICING
from .field import Entries, Kind, Level, Phi
from .parties import party

CODE, TEXT, DATE = Kind.CODE, Kind.TEXT, Kind.DATE
AMOUNT, QUANTITY, INTEGER = Kind.AMOUNT, Kind.QUANTITY, Kind.INTEGER

add = Entries(Level.LINE)

# The service itself: SV1 (professional), SV2 (institutional), SV3 (dental).
add("assigned_number", INTEGER, "2400/LX01", "the submitter's number for the line")
add("revenue_code", CODE, {"I": "2400/SV201"}, "revenue center", ub04="42", fhir="Claim.item.revenue")
add("procedure_qualifier", CODE, {"P": "2400/SV101-1", "I": "2400/SV202-1", "D": "2400/SV301-1"},
    "code set of the procedure: HC for CPT and HCPCS, AD dental")
add("procedure", CODE, {"P": "2400/SV101-2", "I": "2400/SV202-2", "D": "2400/SV301-2"}, "procedure, service or drug",
    cms1500="24D", ub04="44", fhir="Claim.item.productOrService")
for _n in (1, 2, 3, 4):
    add(f"modifier_{_n}", CODE,
        {"P": f"2400/SV101-{_n + 2}", "I": f"2400/SV202-{_n + 2}", "D": f"2400/SV301-{_n + 2}"},
        f"modifier {_n} of the procedure", cms1500="24D", ub04="44", fhir="Claim.item.modifier")
add("procedure_description", TEXT, {"P": "2400/SV101-7", "I": "2400/SV202-7", "D": "2400/SV301-7"},
    "description of a procedure that its code leaves open", phi=Phi.NARRATIVE)
add("line_charge", AMOUNT, {"P": "2400/SV102", "I": "2400/SV203", "D": "2400/SV302"}, "charge for the line",
    cms1500="24F", ub04="47", fhir="Claim.item.net")
add("unit_basis", CODE, {"P": "2400/SV103", "I": "2400/SV204"}, "UN units, MJ minutes, DA days")
add("units", QUANTITY, {"P": "2400/SV104", "I": "2400/SV205", "D": "2400/SV306"}, "how many units, minutes or days",
    cms1500="24G", ub04="46", fhir="Claim.item.quantity")
add("noncovered_charge", AMOUNT, {"I": "2400/SV207"}, "part of the charge that the payer does not cover", ub04="48")
add("line_place_of_service", CODE, {"P": "2400/SV105", "D": "2400/SV303"},
    "where the line's service was given, where other than the claim's", cms1500="24B")
for _n in (1, 2, 3, 4):
    add(f"diagnosis_pointer_{_n}", INTEGER, {"P": f"2400/SV107-{_n}", "D": f"2400/SV311-{_n}"},
        "position of a diagnosis that the line is for, in order of importance", cms1500="24E",
        fhir="Claim.item.diagnosisSequence")
add("emergency", CODE, {"P": "2400/SV109"}, "Y where the service was for an emergency", cms1500="24C")
add("epsdt", CODE, {"P": "2400/SV111"}, "Y where the service came of early and periodic screening", cms1500="24H")
add("family_planning", CODE, {"P": "2400/SV112"}, "Y where the service was for family planning", cms1500="24H")
add("copay_status", CODE, {"P": "2400/SV115"}, "0 where no copayment is due")
for _n in (1, 2, 3, 4, 5):
    add(f"oral_cavity_{_n}", CODE, {"D": f"2400/SV304-{_n}"}, "area of the oral cavity", fhir="Claim.item.bodySite")
add("prosthesis", CODE, {"D": "2400/SV305"}, "I first placement, R replacement of a prosthesis, crown or inlay")

# Durable medical equipment (SV5, CR3).
add("equipment_qualifier", CODE, {"P": "2400/SV501-1"}, "Equipment: code set")
add("equipment", CODE, {"P": "2400/SV501-2"}, "Equipment: procedure code")
add("equipment_unit_basis", CODE, {"P": "2400/SV502"}, "Equipment: unit of the length of need")
add("equipment_days", QUANTITY, {"P": "2400/SV503"}, "Equipment: length of medical need in days")
add("equipment_rental", AMOUNT, {"P": "2400/SV504"}, "Equipment: rental price")
add("equipment_purchase", AMOUNT, {"P": "2400/SV505"}, "Equipment: purchase price")
add("equipment_rental_unit", CODE, {"P": "2400/SV506"}, "Equipment: how often rental is billed: 1 weekly, 4 monthly, 6 daily")
add("equipment_certification", CODE, {"P": "2400/CR301"}, "Equipment: I initial, R renewal, S revised certification")
add("equipment_certified_unit", CODE, {"P": "2400/CR302"}, "Equipment: unit of the certified duration")
add("equipment_certified_duration", QUANTITY, {"P": "2400/CR303"}, "Equipment: certified duration")
for _name, _kind, _element, _what in (
    ("line_ambulance_weight_lb", QUANTITY, "02", "weight of the patient in pounds"),
    ("line_ambulance_reason", CODE, "04", "why the patient was transported"),
    ("line_ambulance_miles", QUANTITY, "06", "miles travelled"),
    ("line_ambulance_round_trip_purpose", TEXT, "09", "purpose of a round trip"),
    ("line_ambulance_stretcher_purpose", TEXT, "10", "why a stretcher was used"),
):
    _phi = Phi.NARRATIVE if _kind is TEXT else Phi.CLINICAL
    add(_name, _kind, {"P": f"2400/CR1{_element}"}, f"Ambulance, line: {_what}", phi=_phi)

for _part, _what, _cms in (("from", "first", "24A"), ("to", "last", "24A")):
    add(f"service_{_part}_on", DATE, f"2400/DTP[472]03.{_part}", f"{_what} day of service", phi=Phi.DATE,
        cms1500=_cms, ub04="45", fhir="Claim.item.serviced")
for _name, _forms, _qualifier, _what in (
    ("line_prescription_on", "P", "471", "prescription"),
    ("certification_revised_on", "P", "607", "revised or recertified certification"),
    ("therapy_began_on", "P", "463", "start of therapy"),
    ("last_certified_on", "P", "461", "last certification"),
    ("line_last_seen_on", "P", "304", "patient last seen by the supervising physician"),
    ("hemoglobin_test_on", "P", "738", "most recent hemoglobin or hematocrit test"),
    ("creatinine_test_on", "P", "739", "most recent serum creatinine test"),
    ("shipped_on", "P", "011", "shipment"),
    ("line_last_xray_on", "P", "455", "last X-ray"),
    ("line_initial_treatment_on", "P", "454", "first treatment"),
    ("prior_placement_on", "D", "441", "placement of the replaced prosthesis"),
    ("line_appliance_placement_on", "D", "452", "placement of an orthodontic appliance"),
    ("appliance_replacement_on", "D", "446", "replacement of an orthodontic appliance"),
    ("treatment_start_on", "D", "196", "start of treatment"),
    ("treatment_completion_on", "D", "198", "completion of treatment"),
):
    add(_name, DATE, {_forms: f"2400/DTP[{_qualifier}]03"}, f"date of {_what}", phi=Phi.DATE)
add("ambulance_patient_count", QUANTITY, {"P": "2400/QTY[PT]02"}, "patients in the ambulance")
add("obstetric_units", QUANTITY, {"P": "2400/QTY[FL]02"}, "additional units of obstetric anesthesia")
for _suffix, _kind, _element, _what in (
    ("type", CODE, "01", "kind of contract with the payer"),
    ("amount", AMOUNT, "02", "amount under the contract"),
    ("percent", QUANTITY, "03", "percentage under the contract"),
    ("code", CODE, "04", "code of the contract"),
    ("discount_percent", QUANTITY, "05", "terms discount percentage"),
    ("version", CODE, "06", "version of the contract"),
):
    add(f"line_contract_{_suffix}", _kind, {"PD": f"2400/CN1{_element}"}, f"Line contract: {_what}")
for _name, _forms, _qualifier, _what, _phi in (
    ("line_control_number", "PID", "6R", "the submitter's number for the line, returned in the remittance", Phi.IDENTIFIER),
    ("line_prior_authorization", "PD", "G1", "prior authorization number of the line", Phi.IDENTIFIER),
    ("line_referral_number", "PD", "9F", "referral number of the line", Phi.IDENTIFIER),
    ("line_mammography_certification", "P", "EW", "mammography certification number", Phi.NONE),
    ("line_clia_number", "P", "X4", "CLIA number of the laboratory", Phi.NONE),
    ("referring_clia_number", "P", "F4", "CLIA number of the laboratory that referred the test", Phi.NONE),
    ("immunization_batch", "P", "BT", "batch number of the vaccine", Phi.NONE),
    ("repriced_line_number", "PI", "9B", "repricer's number of the line", Phi.IDENTIFIER),
    ("adjusted_repriced_line_number", "PI", "9D", "repricer's number of the adjusted line", Phi.IDENTIFIER),
    ("dental_repriced_line_number", "D", "9A", "repricer's number of the line", Phi.IDENTIFIER),
    ("dental_adjusted_repriced_line_number", "D", "9C", "repricer's number of the adjusted line", Phi.IDENTIFIER),
    ("line_predetermination_number", "D", "G3", "number of the line's predetermination", Phi.IDENTIFIER),
):
    add(_name, CODE, {_forms: f"2400/REF[{_qualifier}]02"}, _what, phi=_phi)
add("sales_tax", AMOUNT, {"PD": "2400/AMT[T]02"}, "sales tax in the charge")
add("postage", AMOUNT, {"P": "2400/AMT[F4]02"}, "postage claimed in the charge")
add("service_tax", AMOUNT, {"I": "2400/AMT[GT]02"}, "service tax in the charge")
add("facility_tax", AMOUNT, {"I": "2400/AMT[N8]02"}, "facility tax in the charge")
add("purchased_service_provider", CODE, {"P": "2400/PS101"}, "provider from whom the service was bought")
add("purchased_service_charge", AMOUNT, {"P": "2400/PS102"}, "what the purchased service cost", cms1500="20")
for _suffix, _kind, _element, _what, _, _forms in REPRICING:
    add(f"line_repricing_{_suffix}", _kind, {_forms: f"2400/HCP{_element}"}, f"Line repricing: {_what}")

# Drugs (loop 2410).
add("ndc_qualifier", CODE, {"PI": "2410/LIN02"}, "N4 for a National Drug Code")
add("ndc", CODE, {"PI": "2410/LIN03"}, "National Drug Code in 5-4-2 form", cms1500="24 shaded", ub04="43",
    fhir="Claim.item.detail.productOrService")
add("ndc_quantity", QUANTITY, {"PI": "2410/CTP04"}, "quantity of the drug", cms1500="24 shaded", ub04="43")
add("ndc_unit", CODE, {"PI": "2410/CTP05-1"}, "F2 international unit, GR gram, ME milligram, ML milliliter, UN unit")
add("prescription_number_type", CODE, {"PI": "2410/REF[XZ|VY]01"}, "XZ prescription, VY link sequence number")
add("prescription_number", CODE, {"PI": "2410/REF[XZ|VY]02"}, "prescription or link sequence number", phi=Phi.IDENTIFIER)

# Providers of one line, where other than the claim's (loop 2420).
_PHYSICIAN = "0B 1G G2 LU"
party(add, "line_rendering", {"PD": "2420A", "I": "2420C"}, "82", "Line rendering provider", references=_PHYSICIAN,
      taxonomy={"PD": "PE"}, boxes={"npi": ("24J", "")}, fhir="Claim.careTeam.provider")
party(add, "line_purchased_service", {"P": "2420B"}, "QB", "Line purchased service provider", references="0B 1G G2",
      named=False)
party(add, "line_facility", {"P": "2420C", "D": "2420D"}, "77", "Line service facility", references="G2 LU",
      address=True, people="", boxes={"name": ("32", "")})
party(add, "line_supervising", {"P": "2420D", "D": "2420C"}, "DQ", "Line supervising provider", references=_PHYSICIAN)
party(add, "line_ordering", {"P": "2420E"}, "DK", "Line ordering provider", references="0B 1G G2", address=True,
      contact=True, boxes={"name": ("17", ""), "npi": ("17b", "")})
party(add, "line_referring", {"P": "2420F[DN]", "I": "2420D"}, "DN", "Line referring provider", references="0B 1G G2")
party(add, "line_primary_care", {"P": "2420F[P3]"}, "P3", "Line primary care provider", references="0B 1G G2")
party(add, "line_pick_up", {"P": "2420G"}, "PW", "Line ambulance pick-up", named=False, identifier="", address=True)
party(add, "line_drop_off", {"P": "2420H"}, "45", "Line ambulance drop-off", identifier="", address=True,
      people="")
party(add, "line_operating", {"I": "2420A"}, "72", "Line operating physician", references=_PHYSICIAN)
party(add, "line_other_operating", {"I": "2420B"}, "ZZ", "Line other operating physician", references=_PHYSICIAN)
party(add, "line_assistant", {"D": "2420B"}, "DD", "Line assistant surgeon", references=_PHYSICIAN, taxonomy={"D": "AS"})

FIELDS = tuple(add.fields)
