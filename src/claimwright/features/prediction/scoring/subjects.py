"""The subject of each feature of the model, so that people see each piece of evidence only once.

Several terms are often based on the same denials: those of a year, those of the last 90 days, and those by
modifier and by neighboring service. Together they are one reason, and each denial category has one subject.
"""

from __future__ import annotations

# What all causes add up to; explanations divide it among the causes.
ALL_CAUSES = "all causes"

# For each subject: its features, and the denial category that it indicates, if there is one.
_SUBJECTS: dict[str, tuple[str, str | None]] = {
    "payer": ("payer_rate recent_payer_rate", None),
    "provider": ("provider_rate recent_provider_rate payer_provider_rate", None),
    "patient": ("patient_denials", None),
    "diagnosis": ("diagnosis_rate", None),
    "charge": ("charge lines", None),
    "month": ("month", None),
    "correction": ("is_corrected corrected_rate", None),
    "service": ("procedure_rate payer_procedure_rate recent_payer_procedure_rate", None),
    "unexplained denials": ("payer_unexplained_rate", "other"),
    "eligibility": (
        "eligibility_rate recent_eligibility_rate provider_eligibility_rate recent_provider_eligibility_rate",
        "eligibility",
    ),
    "other coverage": ("coordination_rate age", "coordination_of_benefits"),
    "timely filing": ("days_to_filing filing_delay_rate recent_filing_delay_rate", "timely_filing"),
    "duplicate": ("sent_before duplicate_rate", "duplicate"),
    "coverage": (
        "coverage_rate recent_coverage_rate age_coverage_rate recent_age_coverage_rate",
        "non_covered",
    ),
    "authorization": (
        "authorization_missing authorization_rate recent_authorization_rate",
        "authorization",
    ),
    "medical necessity": (
        "necessity_rate recent_necessity_rate diagnosis_necessity_rate recent_diagnosis_necessity_rate "
        "most_units units_rate",
        "medical_necessity",
    ),
    "records": (
        "attachment_missing attachment_rate recent_attachment_rate charge_attachment_rate",
        "records",
    ),
    "missing information": (
        "referral_missing referral_rate recent_referral_rate rendering_missing rendering_rate "
        "taxonomy_missing taxonomy_rate drug_code_rate provider_data_rate",
        "missing_information",
    ),
    "coding": ("modifier_rate recent_modifier_rate beside_rate recent_beside_rate place_rate", "coding"),
    ALL_CAUSES: ("any_cause any_recent_cause any_cause_at_worst", None),
}
SUBJECT_OF: dict[str, str] = {
    feature: subject for subject, (features, _) in _SUBJECTS.items() for feature in features.split()
}
CATEGORY_OF_SUBJECT: dict[str, str] = {
    subject: category for subject, (_, category) in _SUBJECTS.items() if category is not None
}
SUBJECT_OF_CATEGORY: dict[str, str] = {category: subject for subject, category in CATEGORY_OF_SUBJECT.items()}
# Denials of a service are counted for the service, and denials with a specific cause also for their cause.
GENERAL = "service"
PARTS_OF_GENERAL = frozenset(
    {"coverage", "authorization", "medical necessity", "records", "missing information", "coding"}
)


def subject_of(features: list[str], weight: dict[str, float]) -> str:
    """The subject of a term; for a pair, the subject of the feature with the larger effect."""
    return SUBJECT_OF[max(features, key=lambda name: abs(weight.get(name, 0.0)))]
