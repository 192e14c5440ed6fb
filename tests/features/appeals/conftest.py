"""An office that appeals: the clinic of the tests of remittances, once for a module, with its API."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.apps.api.conftest import Doors, opened
from tests.database_server import Store
from tests.features.pipeline.bench_of_claims import CALLER
from tests.features.remittance.conftest import Clinic, checker, clinic_folder, filled
from tests.features.remittance.written_835 import Clp, Payment, Svc

from claimwright.assembly.appeals import appeal_jobs, appeal_means
from claimwright.domain.caller import Caller
from claimwright.features.appeals import (
    AppealCase,
    Means,
    open_appeal,
    refresh_appeal,
    run_case,
    state_address,
)
from claimwright.features.checking import Checker
from claimwright.features.denials import list_denials
from claimwright.features.documents import add_document, decide_finding, findings_of
from claimwright.platform.phi import Sealer

__all__ = ["checker", "clinic_folder", "filled"]

AS_OF = datetime.date(2026, 3, 1)
OTHER = Caller("default", "user:2")
PEOPLE = {
    "A100": {"last": "DOE", "first": "JOHN", "member": "W000000001"},
    "A200": {"last": "ROE", "first": "MARY", "member": "W000000002"},
    "A500": {"last": "LOE", "first": "SUE", "member": "W5"},
    "A600": {"last": "MOE", "first": "KIM", "member": "W6"},
    "A700": {"last": "NOE", "first": "LEE", "member": "W7"},
    "A800": {"last": "DOE", "first": "JACK", "member": "W8"},
    "mixed-Case-Number-Beyond-20": {"last": "COE", "first": "TIM", "member": "W4"},
}
LINES = {
    "A100": [("99213", "100"), ("85025", "50")],
    "A200": [("99214", "200")],
    "A500": [("80053", "40"), ("80053", "40"), ("85025", "20")],
    "A600": [("99212", "60")],
    "A700": [("99213", "100"), ("85025", "50")],
    "A800": [("99213", "100"), ("85025", "50")],
    "mixed-Case-Number-Beyond-20": [("99215", "300")],
}
NOTE = """Progress note
Patient: {first} {last}
Date of visit: 01/15/2026

HPI: The patient has type 2 diabetes with neuropathy. No chest pain.

Family History: Mother had breast cancer.

Plan: continue metformin. Return if fever develops.
"""


@dataclass
class Office:
    """The clinic's store with its API, and the means of its appeals."""

    clinic: Clinic
    means: Means
    doors: Doors
    superuser: str

    @property
    def database(self) -> Any:
        """The store."""
        return self.clinic.database

    def denied(
        self, number: str, code: str = "CO-50", *, remarks: tuple[str, ...] = (), filing: str = "12"
    ) -> int:
        """A denial of a whole claim, and its number."""
        lines = [Svc(code_, charge, [f"{code}:{charge}"], remarks=remarks) for code_, charge in LINES[number]]
        self.clinic.post(
            Payment([Clp(number, "4", lines, filing=filing, **PEOPLE[number])], trace=f"D-{number}")
        )
        with self.database.transaction(CALLER) as connection:
            found = list_denials(CALLER, connection, AS_OF, claim_key=self.clinic.key_of(number)).denials
        return max(found, key=lambda each: each.denial.amount_cents or 0).denial.denial_id

    def draft(self, denial_id: int, *, anyway: bool = True) -> AppealCase:
        """The appeal of a denial, with its stages done."""
        with self.database.transaction(CALLER) as connection:
            case, _ = open_appeal(CALLER, connection, denial_id, as_of=AS_OF)
        return run_case(CALLER, self.means, case.case_id, overruled=anyway)

    def again(self, case_id: int) -> AppealCase:
        """The appeal, drafted again."""
        with self.database.transaction(CALLER) as connection:
            refresh_appeal(CALLER, connection, case_id, as_of=AS_OF)
        return run_case(CALLER, self.means, case_id, overruled=True)

    def document(self, number: str, text: str | None = None, *, accept: bool = True) -> int:
        """A note of the claim's patient, with what can be cited of it accepted."""
        content = (text or NOTE).format(**PEOPLE[number]).encode()
        with self.database.transaction(CALLER) as connection:
            made = add_document(
                CALLER, connection, self.clinic.sealer, self.clinic.key_of(number), "note.txt", content
            )
            usable = [
                each.ordinal
                for each in findings_of(CALLER, connection, self.clinic.sealer, [made.document_id])
                if each.is_usable
            ]
            if accept and usable:
                decide_finding(CALLER, connection, made.document_id, usable, "accepted")
        return made.document_id

    def letters_done(self) -> None:
        """A worker has done what is queued."""
        services = self.doors.services
        jobs = appeal_jobs(services.settings, services.database, services.sealer)
        jobs.work(wait=False, signals=False)

    def address(self) -> None:
        """Where the payer takes appeals."""
        with self.database.transaction(CALLER) as connection:
            state_address(
                CALLER, connection, "12345", name="GOOD PAYER", address="Appeals\nPO Box 1\nBaltimore, "
                    "MD 21201",
                source="provider manual 2026", effective_from=datetime.date(2026, 1, 1),
            )  # fmt: skip


@pytest.fixture(scope="module")
def office(
    filled: tuple[Store, Sealer],
    checker: Checker,
    clinic_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Office]:
    """The office; its tests use different claims."""
    with opened_office(filled[0], checker, clinic_folder, tmp_path_factory.mktemp("office")) as made:
        yield made


@contextmanager
def opened_office(
    store: Store, checker: Checker, clinic_folder: Path, folder: Path, **variables: str
) -> Iterator[Office]:
    """An office with settings of its own, in a copy of the clinic's store."""
    shutil.copytree(clinic_folder / "home", folder / "home")
    variables["CLAIMWRIGHT_APPEALS_HANDOFF_FOLDER"] = str(folder / "handed")
    with store.copied() as copy, opened(copy, folder, **variables) as doors:
        services = doors.services
        clinic = Clinic(services.database, services.sealer, checker)
        means = appeal_means(services.settings, services.database, services.sealer)
        made = Office(clinic, means, doors, copy.superuser)
        made.address()
        yield made
