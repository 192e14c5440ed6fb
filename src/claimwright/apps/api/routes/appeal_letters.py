"""Letters of appeals: as PDF, Word document or fax pages, many to print; letters of payers; search;
experiments.
"""

from __future__ import annotations

import datetime
from dataclasses import asdict
from typing import Annotated, Any, Literal
from urllib.parse import unquote

from fastapi import Header, Query, Request, Response
from pydantic import BaseModel, Field

from claimwright.apps.api.asking import Asking
from claimwright.apps.api.bodies import Body
from claimwright.apps.api.few_at_once import few_at_once
from claimwright.apps.api.resources import Resource
from claimwright.apps.api.scope import BodyDay, Day
from claimwright.apps.api.uploads import SCANNED, whole_body
from claimwright.features.appeals import (
    FORMS,
    AppealCase,
    Filed,
    FiledLetter,
    appeal_packet,
    apply_letter,
    file_letter,
    letters_of_case,
    one_case,
    print_letters,
)
from claimwright.features.documents import DocumentSearch, documents_to_search, recognizer
from claimwright.features.governance import (
    Experiment,
    end_experiment,
    list_experiments,
    settle_experiments,
    start_experiment,
)
from claimwright.foundation import clock
from claimwright.platform.objects import open_objects

from .appeals import demand_shown, means_of
from .claims import Opening

routes = Resource("letters", "Letters of appeals and of payers, search in a case, experiments with templates")
LARGEST = 20_000_000
MOST_RECOGNIZED = 30
_FILE = "application/octet-stream"
_ENDINGS = {"pdf": "pdf", "docx": "docx", "fax": "tif"}


class WantedForm(Opening):
    """Why the letter is opened, and in which form."""

    form: Literal["pdf", "docx", "fax"] = "pdf"


class WantedPrint(Body):
    """The approved letters to print, in this order."""

    case_ids: list[Annotated[int, Field(ge=1)]] = Field(min_length=1, max_length=200)
    reason: str = Field(min_length=8, max_length=200, description="About the work, not about the patient.")


class AppliedLetter(Body):
    """The outcome that a person reads in a payer's letter, where the rules read another or none."""

    outcome: Literal["won", "partly_won", "lost"] | None = None
    decided_on: BodyDay | None = None
    recovered_cents: int | None = Field(default=None, ge=0)


class WantedSearch(Body):
    """What is looked for in the documents of a case, and why."""

    query: str = Field(min_length=2, max_length=200)
    reason: str = Field(min_length=8, max_length=200, description="About the work, not about the patient.")
    most: int = Field(default=10, ge=1, le=50)


class NewExperiment(Body):
    """Two versions of a template between which new cases are divided by their number."""

    experiment_id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{2,60}$")
    template_id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{2,79}$")
    version_a: int = Field(ge=1)
    version_b: int = Field(ge=1)
    error_percent: int = Field(default=5, ge=1, le=20, description="How often it may stop for nothing.")
    most_pairs: int = Field(default=400, ge=10, le=100_000, description="After so many pairs it gives up.")


class ArmInFull(BaseModel):
    """A version in an experiment: its cases, those that are decided, those that were overturned."""

    arm: str
    version: int
    cases: int
    decided: int
    overturned: int


class ExperimentInFull(BaseModel):
    """An experiment as it stands. It stops where `evidence` reaches `stops_at`."""

    experiment_id: str
    template_id: str
    state: str
    result: str | None
    error_percent: int
    most_pairs: int
    pairs: int
    evidence: float
    stops_at: float
    arms: list[ArmInFull]
    started_by: str
    started_at: datetime.datetime


@routes.post(
    "/appeals/{case_id}/letter/opening", action="appeals.read", errors=("reason_needed", "state_conflict"),
    response_class=Response, openapi_extra={"x-media-type": "application/octet-stream"},
)  # fmt: skip
def letter(asker: Asking, case_id: int, wanted: WantedForm) -> Response:
    """The letter as PDF with its exhibits, as Word document without them, or as pages for a fax (TIFF)."""
    means = means_of(asker)
    with asker.services.database.transaction(asker.caller) as connection:
        case = one_case(connection, case_id, facilities=asker.facilities)
        demand_shown(asker, connection, case.claim_key, break_glass=wanted.break_glass)
        made = appeal_packet(
            asker.caller, connection, means, case_id, reason=wanted.reason, facilities=asker.facilities
        )
    name = f"appeal-{case_id}.{_ENDINGS[wanted.form]}"
    return Response(
        made.form(wanted.form), media_type=FORMS[wanted.form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


@routes.post(
    "/appeals/{case_id}/packet/opening", action="appeals.read", errors=("reason_needed", "state_conflict"),
    response_class=Response, openapi_extra={"x-media-type": "application/pdf"},
)  # fmt: skip
def packet(asker: Asking, case_id: int, why: Opening) -> Response:
    """The letter with its exhibits as PDF. Before it is approved, every page says so."""
    return letter(asker, case_id, WantedForm(**why.model_dump(), form="pdf"))


@routes.post(
    "/appeals/letters/opening", action="appeals.read", errors=("reason_needed", "state_conflict"),
    response_class=Response, openapi_extra={"x-media-type": "application/pdf"},
)  # fmt: skip
def printing(asker: Asking, wanted: WantedPrint) -> Response:
    """Approved letters as one PDF to print, each behind a cover sheet."""
    means = means_of(asker)
    with asker.services.database.transaction(asker.caller) as connection:
        for case_id in wanted.case_ids:
            case = one_case(connection, case_id, facilities=asker.facilities)
            demand_shown(asker, connection, case.claim_key)
        content = print_letters(
            asker.caller, connection, means, wanted.case_ids, reason=wanted.reason, as_of=clock.today(),
            facilities=asker.facilities,
        )  # fmt: skip
    return Response(
        content, media_type="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="letters.pdf"'},
    )  # fmt: skip


@routes.get("/appeals/{case_id}/letters", action="appeals.list")
def letters(asker: Asking, case_id: int) -> list[FiledLetter]:
    """What the payer wrote about an appeal, as it was filed; the words are in the documents."""
    with asker.services.database.transaction(asker.caller) as connection:
        return letters_of_case(connection, case_id, facilities=asker.facilities)


@routes.post(
    "/appeals/{case_id}/letters", action="appeals.work", status=201,
    errors=("unusable_input", "state_conflict", *SCANNED),
    openapi_extra={"requestBody": {"required": True, "content": {
        _FILE: {"schema": {"type": "string", "format": "binary"}},
    }}},
)  # fmt: skip
async def file(
    request: Request,
    asker: Asking,
    case_id: int,
    x_file_name: Annotated[
        str, Header(min_length=1, max_length=1_800, description="The file's name, percent-encoded.")
    ],
    received_on: Annotated[Day | None, Query(description="Default: today.")] = None,
) -> FiledLetter:
    """File a payer's letter, as the body, to an appeal that was sent. What it says is read; nothing follows
    yet.
    """
    refusal = f"a letter has up to {LARGEST // 1_000_000} MB. Split it."
    content = await whole_body(request, LARGEST, refusal)

    def filed() -> Filed:
        with asker.services.database.transaction(asker.caller) as connection:
            case = one_case(connection, case_id, facilities=asker.facilities)
            demand_shown(asker, connection, case.claim_key)
            return file_letter(
                asker.caller, connection, means_of(asker), case_id, unquote(x_file_name), content,
                received_on=received_on or clock.today(), recognize=recognizer(),
                most_recognized=MOST_RECOGNIZED, facilities=asker.facilities,
            )  # fmt: skip

    return (await few_at_once(request, "documents", filed, of=asker)).letter


@routes.post(
    "/appeals/{case_id}/letters/{entry_id}/outcome", action="appeals.send", errors=("state_conflict",)
)
def apply(asker: Asking, case_id: int, entry_id: int, wanted: AppliedLetter) -> AppealCase:
    """Make a payer's letter the outcome of the appeal, as somebody who has read it."""
    with asker.services.database.transaction(asker.caller) as connection:
        return apply_letter(
            asker.caller, connection, case_id, entry_id, outcome=wanted.outcome,
            recovered_cents=wanted.recovered_cents, decided_on=wanted.decided_on, facilities=asker.facilities,
        )  # fmt: skip


@routes.post("/appeals/{case_id}/search", action="appeals.read", errors=("reason_needed",))
def search(asker: Asking, case_id: int, wanted: WantedSearch) -> DocumentSearch:
    """Passages of the case's documents that fit a query, best first. Other names of a concept are found too;
    with the extra `meaning`, passages of the same meaning in other words.
    """
    with asker.services.database.transaction(asker.caller) as connection:
        case = one_case(connection, case_id, facilities=asker.facilities)
        demand_shown(asker, connection, case.claim_key)
        if case.claim_key is None:
            return DocumentSearch("words", 0, ())
        documents = documents_to_search(
            asker.caller, connection, asker.services.sealer, case.claim_key, reason=wanted.reason
        )
    return documents.search(wanted.query, most=wanted.most)


@routes.get("/experiments", action="templates.read")
def experiments(asker: Asking) -> list[ExperimentInFull]:
    """Experiments between versions of templates, as they stand. Those whose rule is met are stopped first.
    Only for accounts of every facility: the cases are of all of them.
    """
    asker.demand_every_facility("an experiment has cases of all of them")
    with asker.services.database.transaction(asker.caller) as connection:
        settle_experiments(asker.caller, connection)
        return [_experiment(each) for each in list_experiments(connection)]


@routes.post("/experiments", action="templates.change", status=201, errors=("unusable_input",))
def start(asker: Asking, new: NewExperiment) -> ExperimentInFull:
    """Let new cases of a template get one of two approved versions, by their number."""
    with asker.services.database.transaction(asker.caller) as connection:
        shelf = open_objects(asker.services.settings)
        return _experiment(start_experiment(asker.caller, connection, shelf, **new.model_dump()))


@routes.post("/experiments/{experiment_id}/ending", action="templates.change", errors=("unusable_input",))
def end(asker: Asking, experiment_id: str) -> ExperimentInFull:
    """End an experiment before its rule does. Its cases keep their letters."""
    with asker.services.database.transaction(asker.caller) as connection:
        return _experiment(end_experiment(asker.caller, connection, experiment_id))


def _experiment(each: Experiment) -> ExperimentInFull:
    stored: dict[str, Any] = asdict(each.stored)
    said = each.standing
    arms = [
        ArmInFull(
            arm="a", version=each.stored.version_a, cases=each.a_cases, decided=said.a_decided,
            overturned=said.a_won,
        ),
        ArmInFull(
            arm="b", version=each.stored.version_b, cases=each.b_cases, decided=said.b_decided,
            overturned=said.b_won,
        ),
    ]  # fmt: skip
    shown = {name: stored[name] for name in ExperimentInFull.model_fields if name in stored}
    return ExperimentInFull(
        **shown, pairs=said.pairs, evidence=round(said.evidence, 3), stops_at=said.stops_at, arms=arms
    )
