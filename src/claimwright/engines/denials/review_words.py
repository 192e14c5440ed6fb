"""What a claim is about in the words of California's review decisions: diagnosis, treatment and age range.

The department assigns its categories by reading the case; ours follow from code ranges: chapters and blocks
of ICD-10-CM, sections of CPT and HCPCS level II, and NUBC revenue codes. A range that fits no category, or
several, has none: the appeal-outcome model then refuses the case.
"""

from __future__ import annotations

import bisect

# First codes of ranges of the first three characters; a range ends where the next one begins.
_DIAGNOSES: tuple[tuple[str, str | None], ...] = (
    ("A00", "Infectious"), ("C00", "Cancer"), ("D50", "Blood Related"), ("D80", "Immunologic"),
    ("D90", None), ("E00", "Endocrine/ Metabolic"), ("E66", "Morbid Obesity"),
    ("E67", "Endocrine/ Metabolic"), ("F00", "Mental"), ("F70", None), ("F80", "Pediatrics"),
    ("F84", "Autism Spectrum"), ("F85", "Pediatrics"), ("F90", "Mental"),
    ("G00", "Central Nervous System/ Neuromuscular"), ("G89", "Chronic Pain"),
    ("G90", "Central Nervous System/ Neuromuscular"), ("H00", "Vision"), ("H60", "Ears, Nose, Throat"),
    ("I00", "Cardiac/Circulatory"), ("J00", "Ears, Nose, Throat"), ("J07", "Respiratory System"),
    ("J30", "Ears, Nose, Throat"), ("J40", "Respiratory System"), ("K00", "Dental"),
    ("K15", "Digestive System/ Gastrointestinal"), ("L00", "Skin"), ("M00", "Orthopedic/ Musculoskeletal"),
    ("M05", "Immunologic"), ("M07", "Orthopedic/ Musculoskeletal"), ("M20", "Foot"),
    ("M21", "Orthopedic/ Musculoskeletal"), ("M32", "Immunologic"), ("M33", "Orthopedic/ Musculoskeletal"),
    ("N00", "Genitourinary/ Kidney"), ("N60", "OB-Gyn/ Pregnancy"), ("N99", None),
    ("O00", "OB-Gyn/ Pregnancy"),
    ("P00", "Pediatrics"), ("Q00", None), ("Q90", "Genetic"), ("R00", None), ("R62", "Pediatrics"),
    ("R63", None), ("S00", "Trauma/Injuries"), ("T36", None), ("T80", "Post Surgical Complication"),
    ("T89", None), ("Z00", "Prevention/Good Health"), ("Z14", None),
)  # fmt: skip
# Codes that belong elsewhere than their range: sleep apnea, fibromyalgia.
_DIAGNOSIS_CODES = {"G473": "Respiratory System", "M797": "Immunologic"}

_IMAGING = "Diagnostic Imaging, Screening and Testing"
_REHABILITATION = "Rehabilitation Services - Outpatient"
_PLASTIC = "Reconstructive/Plastic Surgery"
_ELECTRICAL = "Electrical/ Thermal/ Radiofreq. Interventions"
_ENT = "Ear, Nose and Throat Procedures"
_URGENT = "Emergency/Urgent Care"
# First codes of ranges of five characters.
_TREATMENTS: tuple[tuple[str, str | None], ...] = (
    ("00000", None), ("10004", "General Surgery"), ("15769", _PLASTIC), ("15880", "General Surgery"),
    ("19316", _PLASTIC), ("19397", "General Surgery"), ("20000", "Orthopedic"), ("30000", _ENT),
    ("30400", _PLASTIC), ("30451", _ENT), ("32000", "General Surgery"), ("33010", "Cardio Vascular"),
    ("38000", "General Surgery"), ("38204", "Special Procedure"), ("38244", "General Surgery"),
    ("42700", _ENT), ("43000", "General Surgery"), ("50010", "Urology"), ("56405", "OB/GYN Procedures"),
    ("60000", "General Surgery"), ("60700", None),
    # The department's own spelling.
    ("61000", "Neurosugery"), ("62263", "Pain Management"), ("62329", None), ("63001", "Neurosugery"),
    ("63650", _ELECTRICAL), ("63700", "Neurosugery"), ("64400", "Pain Management"), ("64531", None),
    ("64550", _ELECTRICAL), ("64682", None), ("65091", "Ophthalmology"), ("68900", None), ("69000", _ENT),
    ("69980", None), ("70000", _IMAGING), ("77261", "Cancer Treatment"), ("77800", None),
    ("78000", _IMAGING), ("79000", "Cancer Treatment"), ("80000", _IMAGING), ("90281", None),
    ("90460", "Preventive Health Screening"), ("90760", None), ("90785", "Mental Health Treatment"),
    ("90867", _ELECTRICAL), ("90870", "Mental Health Treatment"), ("90900", "Alternative Treatment"),
    ("90913", None), ("92002", "Vision"), ("92500", None), ("92507", _REHABILITATION), ("92509", None),
    ("92526", _REHABILITATION), ("92527", None), ("93000", _IMAGING), ("93600", "Cardio Vascular"),
    ("93663", None), ("93880", _IMAGING), ("94010", _IMAGING), ("94800", None), ("95700", _IMAGING),
    ("96021", None), ("96401", "Cancer Treatment"), ("96550", None), ("97010", _REHABILITATION),
    ("97151", "Autism Related Treatment"), ("97159", _REHABILITATION), ("97800", None),
    ("97810", "Alternative Treatment"), ("97815", None), ("98940", "Chiropractic"), ("98944", None),
    ("99183", "Special Procedure"), ("99184", None), ("99202", "Diagnostic/Physician Evaluation"),
    ("99216", None), ("99221", "Acute Medical Services - Inpatient"), ("99240", None),
    ("99242", "Diagnostic/Physician Evaluation"), ("99256", None), ("99281", _URGENT), ("99289", None),
    ("99341", "Home Health Care"), ("99351", None), ("99381", "Preventive Health Screening"), ("99398", None),
    ("99500", "Home Health Care"), ("99603", None), ("A0000", _URGENT), ("A1000", None),
    ("D0000", "Dental/Orthodontic"), ("E0000", "Durable Medical Equipment"), ("F0000", None),
    ("G0151", "Home Health Care"), ("G0167", None), ("H0000", "Mental Health Treatment"), ("I0000", None),
    ("J0000", "Pharmacy/Prescription Drugs"), ("J9000", "Cancer Treatment"),
    ("K0000", "Durable Medical Equipment"), ("K0900", None), ("L0000", "Durable Medical Equipment"),
    ("M0000", None), ("S9122", "Home Health Care"), ("S9125", None),
)  # fmt: skip
# First codes of ranges of revenue codes, for lines without a procedure.
_REVENUES: tuple[tuple[str, str | None], ...] = (
    ("0000", None), ("0110", "Acute Medical Services - Inpatient"), ("0114", "Mental Health Treatment"),
    ("0115", "Acute Medical Services - Inpatient"), ("0116", "Mental Health Treatment"),
    ("0117", "Acute Medical Services - Inpatient"), ("0124", "Mental Health Treatment"),
    ("0125", "Acute Medical Services - Inpatient"), ("0190", None),
    ("0191", "Rehabilitation Services - Skilled Nursing Facility - Inpatient"),
    ("0200", "Acute Medical Services - Inpatient"),
    ("0204", "Mental Health Treatment"), ("0205", "Acute Medical Services - Inpatient"), ("0220", None),
    ("0250", "Pharmacy/Prescription Drugs"), ("0260", None), ("0290", "Durable Medical Equipment"),
    ("0300", _IMAGING), ("0330", "Cancer Treatment"), ("0340", _IMAGING), ("0360", None),
    ("0400", _IMAGING), ("0410", None), ("0420", _REHABILITATION), ("0450", _URGENT), ("0460", None),
    ("0540", _URGENT), ("0550", "Home Health Care"), ("0600", None), ("0610", _IMAGING), ("0620", None),
    ("0900", "Mental Health Treatment"), ("0920", None), ("1000", "Mental Health Treatment"), ("1010", None),
)  # fmt: skip
# Ages are whole years; the department writes one of them with an underscore.
_AGES = (
    (0, "0-10"), (11, "11_20"), (21, "21-30"), (31, "31-40"), (41, "41-50"), (51, "51-64"), (65, "65+"),
)  # fmt: skip


def diagnosis_category(code: str | None) -> str | None:
    """The department's category of an ICD-10-CM code, written with or without a point."""
    plain = (code or "").replace(".", "").upper()
    if len(plain) < 3:
        return None
    for start, category in _DIAGNOSIS_CODES.items():
        if plain.startswith(start):
            return category
    return _in_ranges(_DIAGNOSES, plain[:3])


def treatment_category(procedure: str | None, revenue_code: str | None = None) -> str | None:
    """The department's category of a procedure code, or of a revenue code if there is no procedure."""
    plain = (procedure or "").upper()
    if len(plain) == 5:
        return _in_ranges(_TREATMENTS, plain)
    if plain or not revenue_code:
        return None
    return _in_ranges(_REVENUES, revenue_code.zfill(4))


def age_range(years: int | None) -> str | None:
    """The department's range of an age in whole years."""
    if years is None or years < 0:
        return None
    return _AGES[bisect.bisect_right(_AGES, years, key=lambda each: each[0]) - 1][1]


def _in_ranges(ranges: tuple[tuple[str, str | None], ...], key: str) -> str | None:
    place = bisect.bisect_right(ranges, key, key=lambda each: each[0]) - 1
    return ranges[place][1] if place >= 0 else None
