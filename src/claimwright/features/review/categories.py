"""What an item is about, in one vocabulary for all kinds: the categories of denials, and some of its own."""

from __future__ import annotations

from claimwright.domain.denial import Category
from claimwright.engines.denials.worth import PRIORS

# Beside the categories of denials.
OWN_CATEGORIES = {
    "format": "structure of the 837: segments, elements, balances",
    "risk": "the model expects a denial, or is not sure",
    "high_value": "the charge is above the limit from which a person looks",
    "own_rule": "a rule of your own",
    "processing": "the claim could not be processed",
    "unmatched": "a payer's answer that is not posted",
}
CATEGORIES = (*(each.value for each in Category), *OWN_CATEGORIES)

_FAMILIES = {
    Category.TIMELY_FILING: "TMF",
    Category.DUPLICATE: "DUP",
    Category.ELIGIBILITY: "COV DEM",
    Category.COORDINATION_OF_BENEFITS: "COB",
    Category.WRONG_PAYER: "PYR",
    Category.PROVIDER: "TAX NPI PRV SPC",
    Category.NOT_COVERED: "EXC",
    Category.MEDICAL_NECESSITY: "NEC",
    Category.LIMIT: "MUE EPS",
    Category.CODING: "AOC AGE SEX HCP DEN DXC PTR DME ICD MCE TOB LAB MOD IOC PLC HIP POS PRC TCP "
    "REV SEQ SIT STY VIS",
    Category.BUNDLING: "GLB NCC",
    Category.DOCUMENTATION: "ATT",
    Category.MISSING_INFORMATION: "ADR AMB DAT DRU FRQ IDN INT NAM NUB REQ",
    Category.PAYMENT_POLICY: "ESR HHA HSP",
}
# The first three letters of a finding's code, and what it is about. Other letters are a rule of one's own.
CATEGORY_OF_FINDING = {
    prefix: category.value for category, prefixes in _FAMILIES.items() for prefix in prefixes.split()
} | dict.fromkeys(("SYN", "BAL", "SIG"), "format")

# The chance that work on an item brings its money: for denials as `engines.denials.worth` has it.
CHANCES = {category.value: prior.share for category, prior in PRIORS.items()}
CHANCE = PRIORS[Category.UNKNOWN].share
