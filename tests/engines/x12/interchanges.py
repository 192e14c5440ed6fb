"""Small interchanges without a fault, one a form, for tests to break in one place at a time."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from claimwright.engines.x12.checks.structure import Progress, check_structure
from claimwright.engines.x12.claims837.checks import CLAIM_CHECKS
from claimwright.engines.x12.claims837.transaction import CLAIMS_837, claims_grammar
from claimwright.engines.x12.syntax.loops import structure_of
from claimwright.engines.x12.syntax.stream import blocks

ISA = (
    "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       "
    "*261122*0101*^*00501*000000017*0*P*:"
)

_HEADER = [
    "BHT*0019*00*BATCH7*20261122*0101*CH",
    "NM1*41*2*BILLING SERVICE*****46*ABC123",
    "PER*IC*HELP DESK*TE*8005551212",
    "NM1*40*2*GOOD PAYER*****46*PAY01",
    "HL*1**20*1",
    "PRV*BI*PXC*207Q00000X",
    "NM1*85*2*CLINIC ONE*****XX*1234567893",
    "N3*1 MAIN ST",
    "N4*BALTIMORE*MD*212011234",
    "REF*EI*123456789",
    "HL*2*1*22*0",
    "SBR*P*18*GROUP7******CI",
    "NM1*IL*1*DOE*JOHN****MI*W000000001",
    "N3*12 ELM ST",
    "N4*BALTIMORE*MD*21202",
    "DMG*D8*19800101*M",
    "NM1*PR*2*GOOD PAYER*****PI*12345",
]
_SECOND_PATIENT = [
    "HL*3*1*22*1",
    "SBR*P**GROUP8******CI",
    "NM1*IL*1*ROE*MARY****MI*W000000002",
    "NM1*PR*2*GOOD PAYER*****PI*12345",
    "HL*4*3*23*0",
    "PAT*19",
    "NM1*QC*1*ROE*TIM",
    "N3*9 OAK ST",
    "N4*TOWSON*MD*21204",
    "DMG*D8*20150203*M",
]
_PROFESSIONAL = [
    "CLM*PCN001*150.5***11:B:1*Y*A*Y*Y",
    "DTP*431*D8*20260110",
    "REF*D9*CLEAR1",
    "HI*ABK:E119*ABF:I10",
    "NM1*82*1*SMITH*ANN****XX*1234567893",
    "PRV*PE*PXC*207Q00000X",
    "LX*1",
    "SV1*HC:99213:25*100*UN*1***1:2",
    "DTP*472*D8*20260115",
    "REF*6R*LINE1",
    "LX*2",
    "SV1*HC:J1100*50.5*UN*2.5***1",
    "DTP*472*RD8*20260115-20260116",
    "LIN**N4*00002143481",
    "CTP****2*ML",
]
_INSTITUTIONAL = [
    "CLM*PCN001*150.5***11:A:1**A*Y*Y",
    "DTP*434*RD8*20260110-20260112",
    "DTP*435*DT*202601101105",
    "CL1*1*7*30",
    "REF*D9*CLEAR1",
    "HI*ABK:E119:::::::Y",
    "HI*ABF:I10:::::::N*ABF:E785:::::::U",
    "HI*BH:A1:D8:20260101",
    "HI*BE:80:::2",
    "NM1*71*1*SMITH*ANN****XX*1234567893",
    "LX*1",
    "SV2*0300*HC:80053*100*UN*1",
    "DTP*472*D8*20260111",
    "LX*2",
    "SV2*0120**50.5*DA*2",
    "DTP*472*D8*20260111",
]
_DENTAL = [
    "CLM*PCN001*150.5***11:B:1*Y*A*Y*Y",
    "DTP*472*D8*20260110",
    "DN1*36*27**Y",
    "DN2*8*E****JP",
    "HI*ABK:K0262",
    "NM1*82*1*SMITH*ANN****XX*1234567893",
    "PRV*PE*PXC*1223G0001X",
    "LX*1",
    "SV3*AD:D2150*100****1",
    "TOO*JP*12*M:O",
    "LX*2",
    "SV3*AD:D1110*50.5****1",
]
_FORMS = {
    "P": ("005010X222A1", _PROFESSIONAL),
    "I": ("005010X223A2", _INSTITUTIONAL),
    "D": ("005010X224A2", _DENTAL),
}


def claims(form: str = "P") -> list[str]:
    """The segments of an interchange with two claims: of a subscriber, and of a subscriber's child."""
    version, claim = _FORMS[form]
    heading = [f"ST*837*0001*{version}", *_HEADER]
    second = [text.replace("PCN001", "PCN002") for text in claim]
    body = [*heading, *claim, *_SECOND_PATIENT, *second]
    return [
        ISA,
        f"GS*HC*SENDER*RECEIVER*20261122*0101*17*X*{version}",
        *body,
        f"SE*{len(body) + 1}*0001",
        "GE*1*17",
        "IEA*1*000000017",
    ]


def recounted(segments: list[str]) -> list[str]:
    """The segments with SE01 as it must be."""
    start = next(at for at, text in enumerate(segments) if text.startswith("ST*"))
    return [
        f"SE*{at - start + 1}*{text.rsplit('*', 1)[1]}" if text.startswith("SE*") else text
        for at, text in enumerate(segments)
    ]


def encoded(segments: Iterable[str], between: str = "\n") -> bytes:
    """The segments as a file."""
    return "".join(f"{text}~{between}" for text in segments).encode()


def faults_of(data: bytes, **options: int) -> pl.DataFrame:
    """The structural faults of a file, block by block."""
    progress = Progress()
    frames = []
    for block in blocks([data], CLAIMS_837, **options):
        frame, progress = check_structure(
            block.segments,
            structure_of(block.segments, claims_grammar()),
            CLAIM_CHECKS,
            progress,
            last=block.last,
        )
        frames.append(frame)
    return pl.concat(frames)
