"""The kinds of payer, as people call them, and those that a claim filing code can mean.

Neither a claim nor a remittance says what kind of plan it is about. A code that leaves several kinds open
names them all, the likeliest first; whoever needs the cautious answer considers all of them.
"""

from __future__ import annotations

PAYER_KINDS: dict[str, str] = {
    "medicare_ffs": "Original Medicare",
    "medicare_advantage": "Medicare Advantage",
    "medicaid_ffs": "Medicaid, paid by the State",
    "medicaid_managed_care": "Medicaid managed care",
    "erisa_self_funded": "employer plan, self-funded",
    "erisa_insured": "employer plan, insured",
    "individual": "individual policy",
    "fehb": "Federal employees",
    "tricare": "TRICARE",
    "other": "another payer",
}
# CLP06 and SBR09 (005010X222A1). Commercial plans: as an employer's insured plan; whether the employer funds
# it itself is on no claim. A self-funded plan and an individual policy have the same 180 days to appeal
# (29 CFR 2560.503-1(h)(3)(i), 45 CFR 147.136(b)(2) and (3)).
PAYER_KINDS_OF_FILING: dict[str, tuple[str, ...]] = {
    "MA": ("medicare_ffs",),
    "MB": ("medicare_ffs",),
    "16": ("medicare_advantage",),
    "MC": ("medicaid_managed_care", "medicaid_ffs"),
    "FI": ("fehb",),
    "CH": ("tricare",),
    **dict.fromkeys(("CI", "BL", "HM", "12", "13", "14", "15"), ("erisa_insured",)),
}
COMMERCIAL = tuple(code for code, kinds in PAYER_KINDS_OF_FILING.items() if "erisa_insured" in kinds)
