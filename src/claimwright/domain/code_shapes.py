"""How codes are written: one definition of a shape, for readers of files, rules and masking alike."""

from __future__ import annotations

from typing import TypeAlias

# A letter, a digit, and a digit or A or B; since fiscal year 2026 (QA0) also two letters and a digit.
# Left out until a code has them: I and O as second letters, which are mistyped digits, and a third letter,
# which makes first names. Source: ICD-10-CM Official Guidelines for Coding and Reporting, section I.A.2;
# ICD-10-CM, tabular list of fiscal year 2026.
ICD10_CATEGORY = "[A-Z](?:[0-9][0-9AB]|[A-HJ-NP-Z][0-9])"
# Three to seven characters, without and with the dot.
ICD10 = f"{ICD10_CATEGORY}[0-9A-Z]{{0,4}}"
ICD10_WITH_DOT = rf"{ICD10_CATEGORY}\.?[0-9A-Z]{{0,4}}"

# All patterns of a shape fit, or the value has not got it.
Shape: TypeAlias = tuple[str, ...]
_DIGIT = r"[0-9]"

# HCPCS, CPT and HIPPS codes have five characters, and a digit among them.
PROCEDURE: Shape = (r"^[A-Z0-9]{5}$", _DIGIT)
MODIFIER: Shape = (r"^[A-Z0-9]{2}$",)
REVENUE_CODE: Shape = (r"^[0-9]{3,4}$",)
PLACE_OF_SERVICE: Shape = (r"^[0-9]{2}$",)
CLAIM_FILING: Shape = (r"^[A-Z0-9]{2}$",)
FREQUENCY: Shape = (r"^[A-Z0-9]$",)
# Any other code: one or two characters, or up to five with a digit, so that it is no word.
SHORT_CODE: Shape = (r"^(?:[A-Z0-9]{1,2}|[A-Z0-9]*[0-9][A-Z0-9]*)$", r"^.{1,5}$")
# A payer's number as clearinghouses give them: at most six characters, a digit among them. By its shape a
# longer one, or a word, can't be told from a member number, a social security number, a birth date or a name.
PAYER_ID: Shape = (r"^[A-Za-z0-9][A-Za-z0-9.-]{1,5}$", _DIGIT)
# Sources: 45 CFR 162.406 (NPI); NUCC, Health Care Provider Taxonomy; 42 CFR 493.35 (CLIA number).
NPI: Shape = (r"^[0-9]{10}$",)
TAXONOMY: Shape = (r"^[0-9]{3}[A-Z0-9]{6}X$",)
CLIA_NUMBER: Shape = (r"^[0-9]{2}D[0-9]{7}$",)
ZIP: Shape = (r"^[0-9]{5}(?:[0-9]{4})?$",)
# Hours and minutes, and seconds where they are given; no year of birth with a month behind it.
TIME: Shape = (r"^(?:[01][0-9]|2[0-3])(?:[0-5][0-9]){0,2}$",)
