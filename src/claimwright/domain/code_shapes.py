"""How codes are written: one definition of a shape, for readers of files, rules and masking alike."""

from __future__ import annotations

# A letter, a digit, and a digit or A or B; since fiscal year 2026 (QA0) also two letters and a digit.
# Left out until a code has them: I and O as second letters, which are mistyped digits, and a third letter,
# which makes first names. Source: ICD-10-CM Official Guidelines for Coding and Reporting, section I.A.2;
# ICD-10-CM, tabular list of fiscal year 2026.
ICD10_CATEGORY = "[A-Z](?:[0-9][0-9AB]|[A-HJ-NP-Z][0-9])"
# Three to seven characters, without and with the dot.
ICD10 = f"{ICD10_CATEGORY}[0-9A-Z]{{0,4}}"
ICD10_WITH_DOT = rf"{ICD10_CATEGORY}\.?[0-9A-Z]{{0,4}}"
