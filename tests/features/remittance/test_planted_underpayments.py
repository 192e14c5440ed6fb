"""Underpayments planted in the remittance of generated claims: how many are found, and how many are right.

The counts are those of `docs/underpayments.md`, which a test compares.
"""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from random import Random

import polars as pl
import pytest
from tests.features.pipeline.bench_of_claims import CALLER, begun, stage, worker

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.pricing import Pricer
from claimwright.engines.underpayments import Kind
from claimwright.features.prediction import open_claims
from claimwright.store.underpayments import list_underpayments
from claimwright_lab.sampling import SampleOptions, write_sample

from .conftest import Clinic
from .known_answers import negated
from .written_835 import Clp, Payment, Svc

CLAIMS = 400
# The day on which claims are made, and the day on which they are paid. Treasury's rate is known for the
# first; in 2026 most prices are higher than in 2025.
WAVES = (
    (datetime.date(2025, 5, 1), datetime.date(2025, 6, 20)),
    (datetime.date(2026, 4, 15), datetime.date(2026, 5, 20)),
)
TREASURY = Decimal("4.625")
COMMERCIAL = ("CI", "BL", "HM", "12")
# What the laws of the States name, a year: `docs/deadlines.md`. Maryland's is 1.5 to 2.5 percent a month.
BY_STATE = {
    "NY": Decimal(12), "CA": Decimal(15), "FL": Decimal(12), "IL": Decimal(9), "NJ": Decimal(12),
    "OH": Decimal(18), "PA": Decimal(10), "NC": Decimal(18), "MD": Decimal(18),
}  # fmt: skip
DUE_DAYS = {"FL": 20, "PA": 45}
LEAST = {"NY": Decimal(2), "IL": Decimal(1)}
CENT = Decimal("0.01")
# The third file, in which payers take money back: so many of each.
TAKEN_BACK_ON = datetime.date(2026, 7, 1)
TAKEN_BACK = 15


@dataclass(frozen=True)
class Line:
    """A line of a claim with its prices."""

    key: int
    line: int
    number: str
    filing: str
    state: str
    procedure: str
    modifiers: str
    day: datetime.date | None
    charge: Decimal
    expected: Decimal | None
    year_before: Decimal | None
    is_limited: bool
    has_edit: bool


def lines_of(clinic: Clinic, beginning: str) -> list[Line]:
    """The lines of the generated claims, priced as of their day and a year before."""
    with clinic.database.transaction(CALLER) as connection:
        keys = [
            row[0]
            for row in connection.execute(
                "select claim_key from production.claims where total_charge > 0 order by 1"
            )
        ]
        batch = open_claims(CALLER, connection, clinic.sealer, keys)
        edits = {
            row[0]
            for row in connection.execute(
                "select claim_key from production.findings where code like 'NCC%' or code like 'GLB%'"
            )
        }
    pricer = Pricer.default()
    now, before = pricer.price(batch.claims, batch.lines), _year_before(batch, pricer)
    claims = {row["claim"]: row for row in batch.claims.iter_rows(named=True)}
    found = []
    for line, price, old in zip(
        batch.lines.iter_rows(named=True),
        now.iter_rows(named=True),
        before.iter_rows(named=True),
        strict=True,
    ):
        claim = claims[line["claim"]]
        if not str(claim["claim_id"]).startswith(beginning):
            continue
        modifiers = ":".join(line[f"modifier_{n}"] for n in range(1, 5) if line[f"modifier_{n}"])
        found.append(
            Line(
                line["claim"], line["line"], claim["claim_id"], claim["claim_filing_code"],
                claim["billing_state"], line["procedure"],
                modifiers, line["service_from_on"], line["line_charge"], price["allowed"],
                None if old["charge_limited"] else old["allowed"], bool(price["charge_limited"]),
                line["claim"] in edits,
            )
        )  # fmt: skip
    return found


def _year_before(batch: ClaimBatch, pricer: Pricer) -> pl.DataFrame:
    shift = pl.col("service_from_on").dt.offset_by("-1y")
    return pricer.price(
        batch.claims.with_columns(pl.col("claim_service_from_on").dt.offset_by("-1y")),
        batch.lines.with_columns(shift),
    )


def answered(line: Line, plant: Kind | None, rng: Random) -> Svc:
    """What the payer answers: as expected, with patient responsibility now and then; or what is planted."""
    expected = line.expected if line.expected is not None else (line.charge * Decimal("0.6")).quantize(CENT)
    procedure, allowed, original = f"{line.procedure}", expected, ""
    if plant is Kind.OTHER_EDITION:
        assert line.year_before is not None
        allowed = line.year_before
    elif plant is Kind.DOWNCODED:
        original, procedure = line.procedure, "99211"
        allowed = (expected * Decimal("0.31")).quantize(CENT, ROUND_HALF_UP)
    elif plant is Kind.MODIFIER_REDUCTION:
        allowed = (expected / 2).quantize(CENT, ROUND_HALF_UP)
    elif plant is Kind.UNDERPAID:
        allowed = (expected * Decimal(rng.randrange(300, 970)) / 1000).quantize(CENT, ROUND_HALF_UP)
    elif plant is Kind.BUNDLED_WITHOUT_EDIT:
        return _svc(line, procedure, original, [f"CO-97:{line.charge}"])
    elif plant is Kind.PAID_AT_ZERO:
        return _svc(line, procedure, original, [f"CO-45:{line.charge}"])
    elif rng.random() < 0.1:
        return _svc(line, procedure, original, [f"CO-50:{line.charge}"])
    elif rng.random() < 0.2 and expected > 1:
        # What is no underpayment: a cent by rounding, half a percent within the tolerance.
        allowed = rng.choice([expected - CENT, (expected * Decimal("0.995")).quantize(CENT)])
    said = []
    if line.charge - allowed:
        said.append(f"CO-45:{line.charge - allowed}")
    if rng.random() < 0.4:
        owed = (allowed * Decimal("0.2")).quantize(CENT)
        said += [f"PR-2:{owed}"] if owed else []
    elif rng.random() < 0.2:
        kept = (allowed * Decimal("0.02")).quantize(CENT)
        said += [f"CO-253:{kept}"] if kept else []
    return _svc(line, procedure, original, said)


def _svc(line: Line, procedure: str, original: str, said: list[str]) -> Svc:
    modifiers = f":{line.modifiers}" if line.modifiers else ""
    return Svc(
        f"{procedure}{modifiers}", str(line.charge), said, day=f"{line.day or WAVES[0][0]:%Y%m%d}",
        original=f"{original}{modifiers}" if original else "",
    )  # fmt: skip


def possible(line: Line) -> list[Kind]:
    """What can be planted in a line so that it makes a difference beyond the tolerance."""
    if line.expected is None or line.expected < 20 or not line.procedure:
        return []
    kinds = [Kind.DOWNCODED, Kind.MODIFIER_REDUCTION, Kind.UNDERPAID, Kind.PAID_AT_ZERO]
    if not line.has_edit:
        kinds.append(Kind.BUNDLED_WITHOUT_EDIT)
    if line.year_before is not None and line.expected - line.year_before > Decimal("0.02"):
        kinds += [Kind.OTHER_EDITION] * 4
    return kinds


@pytest.fixture
def measured(copied_clinic: Clinic, tmp_path: Path) -> dict[str, tuple[int, int, int]]:
    """By kind: planted, found, and found of those that were planted."""
    clinic, path = copied_clinic, tmp_path / "claims.837"
    rng = Random(18)
    planted: dict[tuple[int, int | None], Kind] = {}
    last: dict[int, Clp] = {}
    for seed, (as_of, paid_on) in enumerate(WAVES, 18):
        options = SampleOptions(
            claims=CLAIMS, seed=seed, as_of=as_of, forms={"P": 1}, defect_rate=0.05, secondary_percent=0
        )
        write_sample(path, options)
        stage(clinic.database, clinic.sealer, path.read_bytes())
        worker(clinic.database, clinic.sealer, begun(clinic.database, CLAIMS), clinic.checker).work()
        by_claim: dict[int, list[Line]] = {}
        for line in lines_of(clinic, f"SYN{seed}-"):
            by_claim.setdefault(line.key, []).append(line)
        answers = [answer(lines, paid_on, planted, rng) for lines in by_claim.values()]
        last = dict(zip(by_claim, answers, strict=True))
        clinic.post(Payment(answers, trace=f"PLANTED{seed}", day=f"{paid_on:%Y%m%d}"))
    assert dict(Counter(state for state, _ in clinic.answers())).keys() == {"posted"}
    whole = {key for key, _ in planted}
    sound = [key for key, said in last.items() if key not in whole and said.paid_amount > 50]
    kept_back = take_back({key: last[key] for key in rng.sample(sound, 2 * TAKEN_BACK)}, clinic, planted)
    with clinic.database.transaction(CALLER) as connection:
        listed = list_underpayments(connection, limit=100_000)
    found = {(each.claim_key, each.line): Kind(each.kind) for each in listed if each.claim_key is not None}
    recovered = {each.amount_cents for each in listed if each.kind == Kind.RECOVERY_WITHOUT_REVERSAL}
    counts = {}
    for kind in Kind:
        if kind is Kind.RECOVERY_WITHOUT_REVERSAL:
            counts[kind.value] = (len(kept_back), len(recovered), len(kept_back & recovered))
            continue
        wanted = {at for at, each in planted.items() if each is kind}
        got = {at for at, each in found.items() if each is kind}
        if wanted or got:
            counts[kind.value] = (len(wanted), len(got), len(wanted & got))
    return counts


def take_back(
    answers: dict[int, Clp], clinic: Clinic, planted: dict[tuple[int, int | None], Kind]
) -> set[int]:
    """Half of these answers are reversed for good, half are reversed and paid again; and money is kept back,
    half of it with a reversal, half without any. Returns the cents of the latter.
    """
    payments: list[Payment] = []
    kept_back: set[int] = set()
    for number, (key, said) in enumerate(answers.items()):
        claims, plb = [negated(said)], []
        if number % 2:
            claims.append(replace(said, payer_number=f"{said.payer_number}C"))
        else:
            planted[key, None] = Kind.REVERSAL_WITHOUT_CORRECTION
            # The payer carries the reversal over, and keeps it back by its amount.
            plb = [f"FB:-{said.paid_amount}"]
            cents = 1_000_001 + number
            kept_back.add(cents)
            for name, dollars in (("WITH", said.paid_amount), ("SILENT", Decimal(cents).scaleb(-2))):
                both = [f"WO:{dollars}", f"FB:-{dollars}"]
                payments.append(Payment([], trace=f"{name}{number}", plb=both))
        payments.append(Payment(claims, trace=f"BACK{number}", plb=plb))
    payments = [replace(each, day=f"{TAKEN_BACK_ON:%Y%m%d}") for each in payments]
    posted = clinic.post(*payments)
    assert posted.payments["state"].unique().to_list() == ["posted"], posted.payments
    assert "waiting" not in posted.answers.states
    return kept_back


def answer(
    lines: list[Line], paid_on: datetime.date, planted: dict[tuple[int, int | None], Kind], rng: Random
) -> Clp:
    """The payer's answer to a claim; what is planted in it goes into `planted`."""
    first, made = lines[0], []
    for line in lines:
        kinds = possible(line)
        plant = rng.choice(kinds) if kinds and rng.random() < 0.15 else None
        if plant is not None:
            planted[line.key, line.line] = plant
        made.append(answered(line, plant, rng))
    late = rng.random() < 0.25
    received = paid_on - datetime.timedelta(days=75 if late else 12)
    said = Clp(
        first.number, "1", made, last="", payer_number=f"ICN{first.key}", received=f"{received:%Y%m%d}"
    )
    if late and said.paid_amount > 0 and (percent := interest(first, received, paid_on)) is not None:
        owed = said.paid_amount * percent / 100 * (75 - DUE_DAYS.get(first.state, 30)) / 365
        if owed.quantize(CENT, ROUND_HALF_UP) >= LEAST.get(first.state, Decimal("0.02")):
            planted[first.key, None] = Kind.INTEREST_OWED
    return said


def interest(line: Line, received: datetime.date, paid_on: datetime.date) -> Decimal | None:
    """Percent a year by the law of the payer: Treasury's rate for Medicare, a State's for insured plans."""
    if line.filing == "MB":
        return TREASURY if paid_on < datetime.date(2025, 7, 1) else None
    if line.filing not in COMMERCIAL or (line.state == "CA" and received.year < 2026):
        return None
    return BY_STATE.get(line.state)


def test_what_is_planted_is_found_as_the_page_says(
    measured: dict[str, tuple[int, int, int]], repo_root: Path
) -> None:
    rows = [
        f"| `{kind}` | {planted} | {right} | {found - right} | {right / planted:.0%} | {right / found:.0%} |"
        for kind, (planted, found, right) in measured.items()
    ]
    page = (repo_root / "docs" / "underpayments.md").read_text(encoding="utf-8")
    table = [line for line in page.splitlines() if line.startswith("| `") and line.endswith("% |")]
    assert table == rows
