"""Links for the authorities that rules cite, where the publisher's address follows from the citation."""

from __future__ import annotations

import re

_MANUALS = "https://www.cms.gov/Regulations-and-Guidance/Guidance/Manuals/Downloads/"
_CODES = "https://x12.org/codes/"
# The internet-only manuals by their CMS publication number; a chapter is a file of its own.
_BY_CHAPTER = {
    "Medicare Claims Processing Manual": "clm104c{:02}.pdf",
    "Medicare Benefit Policy Manual": "bp102c{:02}.pdf",
    "Medicare Secondary Payer Manual": "msp105c{:02}.pdf",
    "Medicare Program Integrity Manual": "pim83c{:02}.pdf",
}
_CHAPTER = re.compile(rf"(?P<manual>{'|'.join(_BY_CHAPTER)}), ch\. (?P<chapter>\d+)")
_CFR = re.compile(r"(?P<title>\d+) CFR (?P<section>\d+\.\d+)")
_ELSEWHERE = (
    (re.compile(r"NCCI Policy Manual for Medicare Services"), "https://www.cms.gov/medicare/coding-billing/ncci-medicare"),
    (re.compile(r"Claim adjustment reason code"), _CODES + "claim-adjustment-reason-codes"),
    (re.compile(r"Remittance advice remark code", re.IGNORECASE), _CODES + "remittance-advice-remark-codes"),
    (re.compile(r"CMS, Place of Service Code Set"), "https://www.cms.gov/medicare/coding-billing/place-of-service-codes"),
    (re.compile(r"NUCC, Health Care Provider Taxonomy [Cc]ode [Ss]et"), "https://taxonomy.nucc.org"),
    (re.compile(r"ICD-10-CM Official Guidelines for Coding and Reporting"), "https://www.cms.gov/medicare/coding-billing/icd-10-codes"),
    (re.compile(r"HHS OIG, List of Excluded Individuals/Entities"), "https://oig.hhs.gov/exclusions"),
)  # fmt: skip


def linked(authority: str) -> str:
    """The citation as Markdown, with a link on each part whose address is known."""
    text = _CHAPTER.sub(
        lambda found: f"[{found[0]}]({_MANUALS}{_BY_CHAPTER[found['manual']].format(int(found['chapter']))})",
        authority,
    )
    text = _CFR.sub(
        lambda found: (
            f"[{found[0]}](https://www.ecfr.gov/current/title-{found['title']}/section-{found['section']})"
        ),
        text,
    )
    for pattern, address in _ELSEWHERE:
        text = pattern.sub(rf"[\g<0>]({address})", text, count=1)
    return text
