"""What the API takes and answers.

Written by `make client` from the API's own description: change the routes instead.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class Acceptance(TypedDict):
    """How often people accepted the repair of a rule; `rate` is accepted of decided."""

    code: str
    offered: int
    decided: int
    accepted: int
    rate: float | None


class AccessTokenAnswer(TypedDict):
    """As RFC 6749, 5.1, has it."""

    access_token: str
    token_type: NotRequired[str]
    expires_in: NotRequired[int]
    scope: str


class Account(TypedDict):
    """A person who can sign in; `facilities` is None if the account covers all facilities of the
    tenant.
    """

    account_id: int
    name: str
    roles: list[str]
    facilities: list[str] | None
    state: str
    has_second_factor: bool
    locked_until: str | None
    version: int
    created_at: str
    passkeys: int


class AccountChange(TypedDict):
    """What is to change; what is left out stays."""

    roles: NotRequired[list[str] | None]
    facilities: NotRequired[list[str] | None]
    every_facility: NotRequired[bool]
    state: NotRequired[str | None]


class AccountMade(TypedDict):
    """The account, and the link that sets its password, shown this once."""

    account: Account
    link: str


class ActResult(TypedDict):
    """What became of each item. `proposed` wait for another person's approval."""

    act: str
    done: NotRequired[list[int]]
    proposed: NotRequired[list[int]]
    refused: NotRequired[list[RefusedItem]]


class ActWanted(TypedDict):
    """What to do with items. Each is done or refused by itself."""

    act: Literal[
        "triage",
        "start",
        "repair",
        "propose",
        "approve",
        "reject",
        "release",
        "return",
        "retry",
        "discard",
        "decide",
        "resubmit",
        "appeal",
        "resolve",
        "close",
        "reopen",
        "assign",
        "snooze",
    ]
    items: list[ItemRead]
    reason: NotRequired[str | None]
    propose: NotRequired[Literal["release", "discard", "resolve", "resubmit"] | None]
    denial_state: NotRequired[
        Literal["resubmitted", "appealed", "won", "lost", "billed_on", "written_off"] | None
    ]
    to: NotRequired[Literal["me"] | int | None]
    how: NotRequired[Literal["balanced", "round_robin"] | None]
    accounts: NotRequired[list[int] | None]
    until: NotRequired[str | None]


class AddedDeposits(TypedDict):
    """What became of the lines of a file; `confirmed` counts payments that a deposit confirms now."""

    added: int
    known: int
    left_out: int
    confirmed: int


class Alert(TypedDict):
    """Unusual access of an actor on a day (UTC); `usual` is up to how much would have been usual."""

    alert_id: int
    kind: str
    actor: str
    day: str
    counted: int
    usual: int
    found_at: str
    reviewed_at: str | None
    reviewed_by: str | None


class AlertDefinition(TypedDict):
    """One alert: of which figure, when, and who is told."""

    name: str
    title: NotRequired[str]
    kpi: str
    by: NotRequired[list[str]]
    where: NotRequired[list[list[Any]]]
    condition: AlertThreshold | UnusualDay
    minimum_items: NotRequired[int]
    severity: NotRequired[Literal["info", "warning", "critical"]]
    targets: NotRequired[list[str]]
    quiet_hours: NotRequired[QuietHours | None]
    escalation: NotRequired[list[AlertEscalation]]
    remind_hours: NotRequired[int | None]
    is_on: NotRequired[bool]


class AlertDelivery(TypedDict):
    """A message to a target: waiting, sent, given_up after its attempts, or dropped as no longer true."""

    delivery_id: int
    target: str
    definition: str | None
    what: str
    incidents: list[int]
    message_id: str
    state: str
    attempts: int
    created_at: str
    due_at: str
    held_until: str | None
    tried_at: str | None
    sent_at: str | None
    last_error: str | None


class AlertEscalation(TypedDict):
    """Who is told if nobody has acknowledged an alert so many minutes after it began."""

    after_minutes: int
    targets: list[str]


class AlertEvaluation(TypedDict):
    """The last evaluation of a definition."""

    name: str
    evaluated_at: str
    version: int
    judged: int
    beyond: int
    problem: str | None


class AlertHappening(TypedDict):
    """What happened to an incident, when, by whom."""

    number: int
    at: str
    what: str
    actor: str
    value: float | None


class AlertResolution(TypedDict):
    """Why an alert is resolved."""

    reason: str


class AlertReview(TypedDict):
    """What was found about an alert."""

    reason: str


class AlertSheet(TypedDict):
    """One alert: with its definition as it was, what happened to it, and the figure day by day."""

    incident: FigureAlert
    definition: AlertDefinition
    history: list[AlertHappening]
    days: list[FigurePoint]


class AlertTarget(TypedDict):
    """Where messages go."""

    name: str
    kind: Literal["email", "slack", "webhook"]
    addresses: NotRequired[list[str]]
    url: NotRequired[str | None]
    secret: NotRequired[str | None]
    is_on: NotRequired[bool]


class AlertThreshold(TypedDict):
    """The figure over the last days is above or below a number."""

    kind: NotRequired[Literal["threshold"]]
    above: NotRequired[float | None]
    below: NotRequired[float | None]
    days: NotRequired[int]


class AlertsEvaluated(TypedDict):
    """What an evaluation found: alerts that began and ended; messages sent; problems by definition."""

    definitions: int
    groups: int
    begun: list[int]
    ended: list[int]
    sent: int
    failed: int
    problems: dict[str, str]


class AlertsGiven(TypedDict):
    """How many events were published."""

    alerts: int


class AlertsWanted(TypedDict):
    """The days left at which to alert; none: 30, 14, 7, 1."""

    days: NotRequired[list[int] | None]


class AnswerAdjustment(TypedDict):
    """An adjustment of an answer; `position` is that of its line, null for the claim."""

    position: int | None
    group_code: str | None
    carc: str | None
    amount_cents: int


class AnswerAssignment(TypedDict):
    """The claim that an answer is about, and why."""

    reason: str
    claim_key: int


class AnswerCandidate(TypedDict):
    """A claim that an answer may be about, and what is equal."""

    claim_key: int
    score: int
    equal: str


class AnswerDecided(TypedDict):
    """The state after a decision, and why it still waits."""

    state: str
    reason: str | None
    means: str
    do: str


class AnswerLine(TypedDict):
    """A service line of an answer; `line` is the line of the claim."""

    position: int
    line: int | None
    procedure: str | None
    modifiers: str | None
    original_procedure: str | None
    revenue_code: str | None
    charge_cents: int
    paid_cents: int
    service_from_on: str | None
    remarks: str | None


class AnswersCounted(TypedDict):
    """Answers by their state after a decision."""

    answers: dict[str, int]


class AppealCase(TypedDict):
    """A case, without what names a patient. `marked` counts what does not pass the gate."""

    case_id: int
    tracking_id: str
    denial_id: int
    claim_key: int | None
    answer_id: int | None
    facility: str | None
    payer_id: str | None
    payer_kind: str | None
    level: int
    level_name: str | None
    state: str
    stage: str | None
    reason: str | None
    problem: str | None
    is_overruled: bool
    wanted_drafter: str | None
    subtype: str | None
    intent: str | None
    template_id: str | None
    template_version: int | None
    template_digest: str | None
    due_on: str | None
    law: str | None
    amount_cents: int | None
    expected_cents: int | None
    draft_number: int
    marked: int
    drafted_by: str | None
    drafter: str | None
    drafter_reason: str | None
    approved_by: str | None
    approved_at: str | None
    letter_digest: str | None
    sent_by: str | None
    sent_at: str | None
    sent_how: str | None
    experiment_id: str | None
    arm: str | None
    earlier_decided_on: str | None
    paid_before_cents: int | None
    answered_until: int | None
    recovered_cents: int | None
    decided_on: str | None
    outcome_from: str | None
    as_of: str
    correlation_id: str
    opened_by: str
    opened_at: str
    changed_at: str


class AppealInFull(TypedDict):
    """A case as a person works on it: facts with their places, the letter, what the gate says."""

    case: AppealCase
    eligibility: str | None
    template_reasons: list[str]
    stages: list[StageSeconds]
    facts: Case | None
    letter: LetterInFull | None
    documents: list[StoredDocument]
    drafted: DraftedBy | None
    levels: list[LevelOfAppeal]
    criteria: list[JudgedPolicy]


class AppealOdds(TypedDict):
    """The probability of an overturn with its 90 percent interval; or `refused`, the reason for none."""

    denial_id: int
    probability: float | None
    low: float | None
    high: float | None
    refused: str | None
    overturned: int | None
    decided: int | None
    first_year: int
    last_year: int
    is_used: bool
    reasons: list[OddsReason]


class AppealTracking(TypedDict):
    """How far a case is. Completed: the letter is there, or it is not eligible; the case says which."""

    status: Literal["not_found", "in_progress", "completed", "failed"]
    stage: NotRequired[str | None]
    reason: NotRequired[str | None]
    problem: NotRequired[str | None]
    case: NotRequired[AppealCase | None]


class AppliedLetter(TypedDict):
    """The outcome that a person reads in a payer's letter, where the rules read another or none."""

    outcome: NotRequired[Literal["won", "partly_won", "lost"] | None]
    decided_on: NotRequired[str | None]
    recovered_cents: NotRequired[int | None]


class ArmInFull(TypedDict):
    """A version in an experiment: its cases, those that are decided, those that were overturned."""

    arm: str
    version: int
    cases: int
    decided: int
    overturned: int


class Attachment(TypedDict):
    """An attachment. `name` is null where it may not be seen; `bytes` is its size."""

    attachment_id: int
    by: str
    by_name: str | None
    at: str
    kind: str
    bytes: int
    name: str | None


class Attachments(TypedDict):
    """The attachments of an item, oldest first; why names are null, if they may not be seen."""

    items: list[Attachment]
    withheld: NotRequired[dict[str, str]]


class AuditRecord(TypedDict):
    """One record of the audit log."""

    sequence: int
    at: str
    content: dict[str, Any]


class AuditVerdict(TypedDict):
    """Whether the audit log holds."""

    holds: bool
    records: int
    faults: list[str]


class BehindRow(TypedDict):
    """A claim or work item behind a number."""

    key: int
    claim_key: int | None
    item_id: int | None
    facility: str | None
    valid_on: str
    amount: int
    items: int


class BenchmarkSheet(TypedDict):
    """A published value; `value` is null where there is none, and `words` says why."""

    value: float | None
    words: str
    source: str
    published: str | None
    read_on: str | None


class BodyExchangeApiV1OauthTokenPost(TypedDict):
    """Body_exchange_api_v1_oauth_token_post"""

    grant_type: str
    client_secret: NotRequired[str | None]
    scope: NotRequired[str]


class BodySignOutApiV1SessionOidcSignOutPost(TypedDict):
    """Body_sign_out_api_v1_session_oidc_sign_out_post"""

    logout_token: str


class Bulk(TypedDict):
    """What the repair of one rule did to many claims; `more` is true where others wait for it, after
    the key `after`.
    """

    code: str
    done: list[BulkDone]
    refused: list[BulkRefused]
    more: bool
    after: int | None


class BulkDone(TypedDict):
    """A claim that was corrected; in a dry run, that would be, without a version and a number."""

    claim_key: int
    corrected_key: int | None
    correction_id: int | None


class BulkRefused(TypedDict):
    """A claim that was not corrected: why, in a word and in a sentence; the rules that stand against
    it.
    """

    claim_key: int
    why: str
    message: str
    codes: list[str]


class Case(TypedDict):
    """All that a letter of one appeal may say. `level` counts from 1; `payer_kind` as deadlines name
    it.
    """

    case_id: int
    as_of: str
    category: str
    root_cause: str
    payer_kind: str
    payer_id: str | None
    state: str | None
    level: int
    level_name: str
    facts: list[Fact]
    exhibits: NotRequired[list[Exhibit]]


class CheckAnswer(TypedDict):
    """A check of a file that is not stored. `file_findings` are those of no claim, such as a missing
    segment of an envelope.
    """

    claims: int
    clean: int
    by_status: dict[str, int]
    charged: str
    expected: str
    checked: list[CheckedClaim]
    file_findings: list[dict[str, Any]]
    is_cut: bool


class CheckedClaim(TypedDict):
    """One claim of a check, findings with it. Money is text, in dollars."""

    claim: int
    status: str | None
    total_charge: str | None
    expected: str | None
    findings: list[dict[str, Any]]


class ChunkView(TypedDict):
    """A chunk of a run; `seconds` by stage."""

    chunk: int
    state: str
    worker: int | None
    leases: int
    failures: int
    crashes: int
    problem: str | None
    claims: int | None
    produced: int | None
    review: int | None
    dead: int | None
    seconds: dict[str, float]


class ClaimEvent(TypedDict):
    """One thing that happened to a claim."""

    at: str
    what: str
    word: str | None
    by: str | None
    reason: str | None
    refers_to: str | None
    reference: int | None


class ClaimLedger(TypedDict):
    """The postings of a claim, their entries, and the balances that they add up to."""

    account_key: int
    postings: list[ListedPosting]
    entries: list[ListedEntry]
    balances: list[LedgerTotal]


class Clinical(TypedDict):
    """What a note says of a patient: a concept, and in which sense it is mentioned."""

    concept: str
    polarity: NotRequired[Literal["present", "absent"]]
    subject: NotRequired[Literal["patient", "family", "other"]]
    time: NotRequired[Literal["current", "past", "hypothetical"]]
    certainty: NotRequired[Literal["stated", "uncertain"]]
    value: NotRequired[str | None]
    unit: NotRequired[str | None]
    on: NotRequired[str | None]


class Clock(TypedDict):
    """A clock of a denial; `days_left` is 0 on the last day. `needs` is what the law asks for beside
    time.
    """

    clock: str
    name: str
    kind: str
    level: int | None
    law: str
    starts_with: str
    start_on: str | None
    due_on: str
    days_left: int
    is_lapsed: bool
    minimum_amount: str | None
    is_below_minimum: bool | None
    needs: str | None
    filed: str
    is_contract: bool


class CodeWords(TypedDict):
    """What the codes of a payment mean, by code."""

    claim_statuses: dict[str, str]
    groups: dict[str, str]
    provider_adjustments: dict[str, str]


class ComparedModel(TypedDict):
    """A model beside the champion of that time, on the same held-out claims."""

    champion: str | None
    champion_pr_auc: float | None
    candidate_pr_auc: float
    claims: int
    least_margin: float | None
    calibration_slope: float | None


class Confirmation(TypedDict):
    """The statement that is confirmed, and why it is true."""

    statement_id: str
    reason: str


class ContractClock(TypedDict):
    """A contract's own time. `clock` is the code of the clock of the law that it replaces."""

    clock_id: int
    payer_id: str
    source: str
    days: int
    kind: str
    clock: str | None
    start: str | None
    effective_from: str | None
    effective_to: str | None
    set_by: str
    set_at: str
    ended_by: str | None
    ended_at: str | None


class ContractTime(TypedDict):
    """A contract's own time. `clock` names the clock of the law that it replaces; without it, it is one
    of its own, and of the kind `filing` it replaces the law's.
    """

    payer_id: str
    source: str
    days: int
    kind: NotRequired[
        Literal["appeal", "external_review", "dispute", "reopening", "filing", "filing_exception", "recovery"]
    ]
    clock: NotRequired[str | None]
    start: NotRequired[
        Literal[
            "notice",
            "receipt",
            "decision_1",
            "decision_2",
            "decision_3",
            "decision_4",
            "service",
            "service_from",
            "exception",
            "demand",
            "prior_payer",
            "negotiation_end",
            "grievance",
        ]
        | None
    ]
    effective_from: NotRequired[str | None]
    effective_to: NotRequired[str | None]


class ContractTimeEnd(TypedDict):
    """Why a contract's time is ended."""

    reason: str


class ContractTimesSet(TypedDict):
    """The numbers of contracts' times that were set or ended."""

    clock_ids: list[int]


class ContractTimesWanted(TypedDict):
    """Contracts' times to set, and why."""

    clocks: list[ContractTime]
    reason: str


class Corrected(TypedDict):
    """A correction that was made: the claim, the version that came of it, and what the rules said of
    it.
    """

    correction_id: int
    claim_key: int
    corrected_key: int
    version: int
    file_id: int
    fields: list[str]
    rules: list[str]
    forced: bool
    needs_approval: bool
    after: TrialOutput


class CorrectionKept(TypedDict):
    """The number of the correction."""

    correction_id: int


class CorrectionWanted(TypedDict):
    """What a person expects of a claim."""

    claim_key: int
    will_be_denied: bool


class CostEntry(TypedDict):
    """The cost of collecting in a month."""

    month: str
    cents: int


class Credentials(TypedDict):
    """What somebody signs in with."""

    tenant: NotRequired[str]
    name: str
    password: str
    code: NotRequired[str | None]
    purpose: NotRequired[Purpose]


class CurrentSession(TypedDict):
    """The session of a request, and what its person may do."""

    account_id: int
    name: str
    tenant: str
    roles: list[str]
    facilities: list[str] | None
    purpose: Purpose
    factors: list[str]
    has_second_factor: bool
    csrf_token: str
    actions: list[str]


class Dataset(TypedDict):
    """Reference data and what of it is in force; stale where `is_current` is false."""

    dataset: str
    title: str
    coverage: str
    version: str | None
    rows: int | None
    effective_from: str | None
    effective_to: str | None
    is_current: bool | None
    age_days: int | None
    origin: str | None
    source: str | None


class DayFigures(TypedDict):
    """Answers of payers on one day."""

    day: str
    answers: int
    denied: int
    charge_cents: int
    paid_cents: int


class DeadLetter(TypedDict):
    """A dead letter for display; `reason` is the error class, `stage` the stage in which it happened."""

    claim_key: int
    file_id: int
    position: int
    facility: str
    form: str
    total_charge: str | None
    reason: str
    stage: str
    run_id: int
    failed_at: str
    state: str


class DecidedInput(TypedDict):
    """Findings by their numbers."""

    accepted: NotRequired[list[int]]
    struck: NotRequired[list[int]]


class DecidedOutput(TypedDict):
    """The claims that a decision was on."""

    claim_keys: list[int]


class Decision(TypedDict):
    """A decision on claims, with its reason; all of them or none."""

    claim_keys: list[int]
    reason: str


class DefinedAlert(TypedDict):
    """A definition in force, or an earlier version; with its last evaluation."""

    version: int
    definition: AlertDefinition
    made_by: str
    made_at: str
    is_removed: bool
    evaluation: AlertEvaluation | None


class DeliveryRow(TypedDict):
    """One delivery of a report; `problem` says why the last attempt failed."""

    delivery_id: int
    report_id: int
    title: str
    due_on: str
    begins: str
    ends: str
    state: str
    attempts: int
    next_try_at: str
    problem: str | None
    object_key: str | None
    size_bytes: int | None
    made_at: str
    ended_at: str | None


class DenialSheet(TypedDict):
    """A denial with its cause in words and its clocks; `rules` are those of ours that look for the
    defect.
    """

    weighed: WeighedDenial
    what: str
    why: str
    fix: str
    authority: list[str]
    rules: list[str]
    clocks: list[Clock]
    no_clock: str | None


class DepositAssigned(TypedDict):
    """The payments that a deposit confirms, and why; they add up to it."""

    payments: list[int]
    reason: str


class DepositsShown(TypedDict):
    """Deposits of the bank, and payments that no deposit confirms."""

    deposits: PageStoredDeposit
    payments: list[UnconfirmedPayment]


class Description(TypedDict):
    """Type and date of a document, where they were not recognised."""

    type: NotRequired[str | None]
    dated_on: NotRequired[str | None]


class Detail(TypedDict):
    """One problem, and its place."""

    claim_id: NotRequired[int | None]
    field: NotRequired[str | None]
    message: str


class DisputeWanted(TypedDict):
    """The payer whose underpayments are disputed; with a reason, with the numbers of its claims."""

    payer: str
    reason: NotRequired[str | None]


class DocumentInFull(TypedDict):
    """A document with its name, its text by page, and what was read from it."""

    document: StoredDocument
    name: str
    pages: list[str]
    findings: list[FindingInFull]


class DocumentSearch(TypedDict):
    """What a search found, best first, and how it searched."""

    searched_by: Literal["words", "words_and_meaning"]
    not_by_meaning: int
    passages: list[FoundPassage]


class Draft(TypedDict):
    """A letter as statements. `drafter` says what wrote it, such as `rules` or `person`."""

    drafter: str
    template_id: str
    template_version: int
    template_digest: str
    fields: list[LetterField]
    statements: list[Statement]


class DraftedBy(TypedDict):
    """Who drafted the letter first, and why; `own` counts sentences that are no approved ones."""

    by: Literal["rules", "model"]
    drafter: str
    why: str
    tries: list[str]
    prompt: str | None
    own: int
    call_id: int | None


class DraftingProgress(TypedDict):
    """How far a letter is. The call is the one under way, or the last; its `parts` are statements
    begun.
    """

    state: str
    stage: str | None
    drafter: str | None
    drafter_reason: str | None
    call: ModelCall | None


class Edit(TypedDict):
    """A new value for a field, by hand; None removes it."""

    field: str
    value: str | None
    line: NotRequired[int | None]
    position: NotRequired[int | None]


class EditableField(TypedDict):
    """A field that a person may change on this claim."""

    field: str
    level: str
    kind: str
    meaning: str


class EditedLetter(TypedDict):
    """All statements of the letter as they should be, and the draft that was edited."""

    number: int
    statements: list[Statement]


class Ending(TypedDict):
    """Why a waiver ends before its last day."""

    reason: str


class ErrorBody(TypedDict):
    """The body of every unsuccessful response."""

    error: Told


class Exhibit(TypedDict):
    """A document of the case; `letter` is its letter in the packet: A, B, C."""

    document_id: int
    letter: str
    title: str
    pages: int


class ExperimentInFull(TypedDict):
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
    started_at: str


class ExplainedAnswer(TypedDict):
    """An answer; what its state means, and what to do."""

    answer: ListedAnswer
    means: str
    do: str


class ExplainedPayment(TypedDict):
    """A payment; what its state means, and what to do."""

    payment: ListedPayment
    means: str
    do: str


class ExportWanted(TypedDict):
    """A file of a semantic table."""

    format: NotRequired[Literal["parquet", "arrow"]]
    identified: NotRequired[bool]
    reason: NotRequired[str | None]


class Expression(TypedDict):
    """A condition of a rule, to be tried."""

    level: str
    when: str


class ExternalIdentity(TypedDict):
    """Who an account is at a provider."""

    identity_id: int
    issuer: str
    subject: str
    gives_roles: bool
    created_at: str
    used_at: str | None


class Fact(TypedDict):
    """A fact of a case. `shown` is its text in a letter; `place` says where in its source it is."""

    fact_id: str
    kind: FactKind
    label: str
    value: str
    shown: str
    source: str
    place: NotRequired[str]
    span: NotRequired[Span | None]
    clinical: NotRequired[Clinical | None]
    state: NotRequired[Literal["given", "accepted", "proposed", "struck"]]


FactKind = Literal["amount", "date", "code", "identifier", "name", "address", "quantity", "words", "clinical"]


class FactorBegun(TypedDict):
    """A new secret for an authenticator; it is kept once a code of it is sent back."""

    secret: str
    address: str


class FactorCode(TypedDict):
    """A code of the authenticator, or a recovery code."""

    code: str
    purpose: NotRequired[Purpose]


class FactorConfirmed(TypedDict):
    """The secret, and a code that the authenticator shows for it."""

    secret: str
    code: str


class FeedbackStatus(TypedDict):
    """How many claims have a payer's decision, how many corrections there are, and what blocks
    training.
    """

    claims_with_decisions: int
    corrections: int
    holds: list[Hold]


class FieldHistory(TypedDict):
    """How often people changed a field for findings of a rule; values of codes that are no patient
    data.
    """

    code: str
    field: str
    level: str
    times: int
    values: list[UsedValue]


class FieldShown(TypedDict):
    """A field of the dictionary: what it means, and where it stands."""

    name: str
    level: str
    kind: str
    meaning: str
    x12: dict[str, str]
    cms1500: str
    ub04: str


class Figure(TypedDict):
    """A figure."""

    name: str
    unit: str
    value: int | float | None
    before: int | float | None
    is_better_high: bool
    definition: str
    basis: str


class FigureAlert(TypedDict):
    """An alert of a definition and group: since when, in which state, and the figure when last judged."""

    incident_id: int
    name: str
    version: int
    kpi: str
    severity: str
    dimensions: list[str]
    series: list[str]
    state: str
    begins: str
    ends: str
    value: float | None
    usual: float | None
    lower_limit: float | None
    upper_limit: float | None
    items: int
    is_small: bool
    steps_taken: int
    begun_at: str
    seen_at: str
    reminded_at: str | None
    acknowledged_by: str | None
    acknowledged_at: str | None
    resolved_by: str | None
    resolved_at: str | None
    is_muted: bool


class FigurePoint(TypedDict):
    """A figure on a day. `items` is how many claims it is of; `value` None where there is none."""

    day: str
    value: float | None
    items: int


class FileReturned(TypedDict):
    """What became of the claims of a file whose intake was undone; `is_whole` where none of them stay."""

    file_id: int
    returned: int
    staying: int
    is_whole: bool


class FileTaken(TypedDict):
    """What became of a file; `earlier` is the file that had the same content."""

    file_id: int | None
    earlier: int | None
    claims: int
    staged: int
    refused: int
    faults: int


class FileText(TypedDict):
    """The text of a version."""

    text: str


class FileVersion(TypedDict):
    """A version of a governed file. `problem`: why it can't be used although it is there; `notice`:
    what ships since it was added, and what that says otherwise.
    """

    kind: str
    file_id: str
    version: int
    state: str
    title: str
    digest: str
    added_by: str
    approved_by: str | None
    activated_at: str | None
    problem: NotRequired[str | None]
    notice: NotRequired[str | None]


class FiledLetter(TypedDict):
    """A letter of a payer, without its words: those are the document's."""

    entry_id: int
    case_id: int
    document_id: int
    received_on: str
    says: str
    decided_on: str | None
    names_claim: bool
    applied_at: str | None
    applied_by: str | None
    filed_by: str
    filed_at: str


class FindingCount(TypedDict):
    """Totals of a finding code: findings, claims, waived findings and dollars."""

    code: str
    severity: str
    findings: int
    claims: int
    waived: int
    amount: str


class FindingInFull(TypedDict):
    """What was read at one place; offsets are of the text, with its pages joined by line breaks."""

    ordinal: int
    state: str
    is_usable: bool
    page: int
    start: int
    end: int
    words: str
    clinical: Clinical


class FoundPassage(TypedDict):
    """A passage with its document, page and words, and what found it."""

    document_id: int
    type: str | None
    page: int
    start: int
    end: int
    words: str
    score: float
    found_by: Literal["words", "meaning", "both"]


class GivenUp(TypedDict):
    """How many claims became dead letters."""

    claims: int


class GivingUp(TypedDict):
    """Why a chunk is given up."""

    reason: str


class HandOff(TypedDict):
    """How it goes."""

    how: NotRequired[Literal["portal", "fax", "mail"]]


class Handed(TypedDict):
    """What was handed off: the digest of the letter."""

    case: AppealCase
    sha256: str


class HistoryEntry(TypedDict):
    """What was done with an item, by whom and why."""

    at: str
    by: str
    by_name: str | None
    act: str
    from_state: str
    to_state: str
    reason: str | None


class Hold(TypedDict):
    """Feedback that blocks training until a person approves it."""

    what: str
    words: str


class ItemGroup(TypedDict):
    """Items that have something in common."""

    name: str
    items: int
    stake_cents: int


class ItemNote(TypedDict):
    """A note. `text` is null where it may not be seen or was withdrawn; `mentions` are accounts."""

    note_id: int
    by: str
    by_name: str | None
    at: str
    text: str | None
    mentions: list[int]
    withdrawn_at: NotRequired[str | None]


class ItemRead(TypedDict):
    """An item, and the version of it that was read; without one, it is changed whatever it is by now."""

    item_id: int
    version: NotRequired[int | None]


class ItemShown(TypedDict):
    """An item with its notes and history, and the acts that its state allows."""

    item: ShownItem
    can: list[str]
    notes: list[ItemNote]
    history: list[HistoryEntry]
    withheld: dict[str, str]


class JudgedCriterion(TypedDict):
    """A criterion of a case. `finding` is that which decides it; `why` is for a person."""

    policy_id: str
    policy_version: int
    policy_title: str
    citation: str
    criterion_id: str
    says: str
    standing: Literal["met", "not_met", "not_documented"]
    why: str
    document_id: NotRequired[int | None]
    ordinal: NotRequired[int | None]


class JudgedPolicy(TypedDict):
    """What a case's findings say of a policy: `standing` of the whole, by its ways."""

    policy_id: str
    policy_version: int
    title: str
    citation: str
    standing: Literal["met", "not_met", "not_documented"]
    criteria: list[JudgedCriterion]


class Kept(TypedDict):
    """Saved views by name, and whether the tour was seen or skipped."""

    views: list[SavedView]
    has_toured: bool


Kind = Literal[
    "underpaid",
    "paid_at_zero",
    "bundled_without_edit",
    "modifier_reduction",
    "other_edition",
    "downcoded",
    "reversal_without_correction",
    "recovery_without_reversal",
    "interest_owed",
]


class KpiAnswer(TypedDict):
    """An answer: what the figure is, and its rows, by interval and group; `totals` has each interval as
    a whole.
    """

    name: str
    title: str
    unit: str
    direction: str
    definition: str
    begins: str
    ends: str
    as_of: str
    known_at: str | None
    refreshed_at: str | None
    group_by: list[str]
    interval: str | None
    compare_to: str | None
    compared: Period | None
    totals: list[KpiRow]
    rows: list[KpiRow]
    left_off: int


class KpiRow(TypedDict):
    """A figure of one group and period."""

    group: dict[str, str]
    begins: str
    ends: str
    value: float | int | None
    numerator: int | None
    denominator: int | None
    items: int
    reason: str | None
    reason_text: str | None
    before: NotRequired[float | int | None]
    before_reason: NotRequired[str | None]


class KpiSheet(TypedDict):
    """A figure's definition. `withheld` says why its value is not for the asker."""

    name: str
    title: str
    question: str
    definition: str
    unit: str
    direction: str
    method: str
    numerator: SideSheet
    denominator: SideSheet | None
    exclusions: list[str]
    source: list[str]
    benchmark: BenchmarkSheet
    grain: str
    dimensions: list[str]
    needs: str
    withheld: NotRequired[str | None]


class LanguageModelsInForce(TypedDict):
    """Who drafts letters: `model` and its providers in order, or `rules`."""

    drafter: Literal["model", "rules"]
    providers: list[ProviderState]


class LedgerTotal(TypedDict):
    """The balance of an account of the ledger."""

    account: str
    turn: str | None
    amount_cents: int


class LetterField(TypedDict):
    """A line of the letter's head, such as the claim number; `fact` is the fact that it shows."""

    name: str
    label: str
    value: str
    fact: str


class LetterInFull(TypedDict):
    """A draft with what the gate says. An edit names `number`, so that nobody's edit is lost."""

    number: int
    draft: Draft
    marked: list[Marked]
    ticks: list[Resting]
    made_by: str
    made_at: str


class LevelOfAppeal(TypedDict):
    """A level: its case, if it has one. Its clock runs from the decision before it to `due_on`."""

    level: int
    name: str
    case_id: int | None
    state: str | None
    decision_before_on: str | None
    due_on: str | None
    sent_on: str | None
    decided_on: str | None


class LinkUsed(TypedDict):
    """A set-up or password link, the account's name, and the password to be."""

    link: str
    name: str
    password: str


class ListedAnswer(TypedDict):
    """A payer's answer to a claim, without what identifies the patient."""

    answer_id: int
    payment_id: int
    position: int
    state: str
    reason: str | None
    is_reversal: bool
    reverses_id: int | None
    claim_key: int | None
    account_key: int | None
    facility: str | None
    turn: str | None
    score: int | None
    score_reasons: str | None
    claim_status: str | None
    charge_cents: int
    paid_cents: int
    patient_cents: int
    paid_on: str | None
    payer_id: str | None
    payer_name: str | None


class ListedClaim(TypedDict):
    """A claim and its place; `status` is null before it is processed."""

    claim_key: int
    version: int
    place: str
    status: str | None
    why: str | None
    facility: str
    file_id: int
    position: int
    form: str
    payer_id: str | None
    service_from_on: str | None
    total_charge: str | None
    severity: str | None


class ListedEntry(TypedDict):
    """An entry of a posting: debit above zero, credit below."""

    posting_id: int
    account: str
    turn: str | None
    line: int | None
    amount_cents: int
    group_code: str | None
    carc: str | None


class ListedFile(TypedDict):
    """A received file; `claims` is the number read, `refused` the number that repeat an earlier claim."""

    file_id: int
    facility: str
    received_at: str
    size: int
    claims: int
    staged: int
    refused: int
    faults: int


class ListedModel(TypedDict):
    """A model and where it stands."""

    id: str
    state: str
    is_champion: bool
    by: str
    at: str
    trained_by: list[str]


class ListedPayment(TypedDict):
    """A payment; `unapplied_cents` is what is received and not applied to claims."""

    payment_id: int
    file_id: int
    position: int
    state: str
    reason: str | None
    first_id: int | None
    payer_id: str | None
    payer_name: str | None
    method: str | None
    trace_number: str | None
    amount_cents: int
    provider_cents: int
    unapplied_cents: int
    paid_on: str | None
    claims: int
    waiting: int
    reconciled_at: str | None


class ListedPosting(TypedDict):
    """A posting of a claim or payment; `undone_by` is the posting that undoes it."""

    posting_id: int
    kind: str
    account_key: int | None
    payment_id: int | None
    answer_id: int | None
    undoes_id: int | None
    undone_by: int | None
    posted_by: str
    approved_by: str | None
    reason: str | None
    posted_at: str


class ListedRemittance(TypedDict):
    """A remittance file; `source` is 835, csv or paper. Counts are of its answers."""

    file_id: int
    source: str
    received_at: str
    entered_by: str
    payments: int
    claims: int
    posted: int
    waiting: int
    amount_cents: int


class LoadedEdition(TypedDict):
    """An edition that was loaded, or was there already."""

    dataset: str
    version: str
    coverage: str
    rows: int
    effective_from: str | None
    effective_to: str | None
    sha256: str


class Marked(TypedDict):
    """What the gate says against a statement or a line of the head; `where` is null for the whole
    letter.
    """

    where: str | None
    problem: str
    says: str
    words: str
    may_be_confirmed: bool
    is_confirmed: bool


class ModelAsPredicted(TypedDict):
    """A model by its predictions when claims were sent, on claims that payers have answered since."""

    model: str
    role: str
    claims: int
    pr_auc: float | None
    calibration_slope: float | None
    accuracy: float


class ModelCall(TypedDict):
    """One request. `word` says why it failed; `is_used`: its answer had the form that was asked for."""

    call_id: int
    asked_id: str
    subject: str
    stage: str
    prompt: str
    provider: str
    model: str
    host: str
    number: int
    is_repair: bool
    state: str
    word: str | None
    status: int | None
    is_used: bool
    answer_of: int | None
    tokens_in: int
    tokens_out: int
    cost: str | None
    characters: int
    parts: int
    asked_by: str
    started_at: str
    finished_at: str | None


class ModelChange(TypedDict):
    """One change of a model's state."""

    at: str
    state: str
    by: str
    why: str


class ModelInFull(TypedDict):
    """A model with its card: what it was trained on, how well it does, and for whom it does not."""

    id: str
    state: str
    is_champion: bool
    by: str
    at: str
    trained_by: list[str]
    gives_reasons: bool
    comparison: ComparedModel | None
    as_predicted: list[ModelAsPredicted]
    history: list[ModelChange]
    card: dict[str, Any]


class ModelRepair(TypedDict):
    """A repair that a model proposes. `edits` are sent as they are to correct the claim."""

    findings: list[str]
    rests_on: list[str]
    changes: list[ShownChange]
    edits: list[Edit]
    after: TrialOutput


class ModelRepairs(TypedDict):
    """What a model was asked and proposed. `why_not` says why there is nothing, if nobody answered."""

    claim_key: int
    etag: str
    model: str | None
    prompt: str | None
    why_not: str | None
    tries: list[str]
    repairs: list[ModelRepair]
    refused: dict[str, int]


class ModelSpending(TypedDict):
    """What was used of models: by what `by` says. `unpriced` are the answered calls without a price."""

    name: str
    calls: int
    answered: int
    failed: int
    cached: int
    tokens_in: int
    tokens_out: int
    cost: str
    unpriced: int


class MonthlyUsage(TypedDict):
    """What each identity of a tenant used in a month."""

    tenant: str
    month: str
    identities: list[Usage]


class Need(TypedDict):
    """Something that waits for a person; `kind` is a kind of work items, `held_payment`, `appeal` or
    `alert`.
    """

    kind: str
    items: int
    cents: int | None
    oldest: str | None
    next_due: str | None


class NewAccount(TypedDict):
    """An account to be; a link sets its password."""

    name: str
    roles: list[str]
    facilities: NotRequired[list[str] | None]


class NewCredentials(TypedDict):
    """Credentials of a service to be."""

    name: str
    label: str
    scopes: list[str]
    facilities: NotRequired[list[str] | None]
    days: NotRequired[int]
    certificate: NotRequired[str | None]


class NewExperiment(TypedDict):
    """Two versions of a template between which new cases are divided by their number."""

    experiment_id: str
    template_id: str
    version_a: int
    version_b: int
    error_percent: NotRequired[int]
    most_pairs: NotRequired[int]


class NewFile(TypedDict):
    """A version to add. A template has its id and version in its front matter."""

    kind: NotRequired[Literal["template", "prompt", "policy", "evaluation_set"]]
    file_id: NotRequired[str | None]
    text: str


class NewNote(TypedDict):
    """A note to be. It is sealed, and never changed."""

    text: str
    mentions: NotRequired[list[int]]


class NewPassword(TypedDict):
    """A new password, with the old one."""

    old: str
    new: str


class NewState(TypedDict):
    """The new state of a denial, and why."""

    state: Literal["open", "resubmitted", "appealed", "won", "lost", "billed_on", "written_off"]
    reason: str


class NewTenant(TypedDict):
    """A tenant to be."""

    tenant: str


class NewToken(TypedDict):
    """A token of one's own."""

    label: str
    scopes: list[str]
    days: NotRequired[int]


class NewWaiver(TypedDict):
    """A waiver to be. Payers and providers that are left out mean all of them."""

    waiver_id: str
    rules: list[str]
    claim_filing: NotRequired[list[str]]
    payer_ids: NotRequired[list[str]]
    providers: NotRequired[list[str]]
    valid_from: str
    valid_to: str
    owner: str
    reason: str


class NextClaim(TypedDict):
    """What a first payer leaves to the patient, and the payer that is next. Amounts are whole cents."""

    answer_id: int
    claim_key: int
    account_key: int
    facility: str | None
    state: str
    payer_id: str | None
    payer_name: str | None
    amount_cents: int
    paid_on: str | None
    released_at: str | None
    released_by: str | None


class Number(TypedDict):
    """A number that belongs to a claim. In the body: addresses end up in logs."""

    number: str


class OddsReason(TypedDict):
    """What earlier decisions on like cases say: `overturned` of `decided`, all years."""

    about: str
    values: list[str]
    overturned: int
    decided: int
    log_odds: float


class Opening(TypedDict):
    """Why a claim is opened."""

    reason: str
    break_glass: NotRequired[bool]


class OperationsState(TypedDict):
    """The database's own counts, since its statistics began; connections; jobs of all tenants by state."""

    database: ServerMetrics
    pool: PoolState
    jobs: dict[str, int]


class Options(TypedDict):
    """Options for the browser, as `PublicKeyCredential.parse...OptionsFromJSON` reads them."""

    options: dict[str, Any]


class Overview(TypedDict):
    """The overview as of a day; `days` are those of the period, from `begins` to `ends`."""

    as_of: str
    begins: str
    ends: str
    figures: list[Figure]
    days: list[DayFigures]
    needs: list[Need]


class PageAccount(TypedDict):
    """Page_Account_"""

    items: list[Account]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageAlertDelivery(TypedDict):
    """Page_AlertDelivery_"""

    items: list[AlertDelivery]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageAlert(TypedDict):
    """Page_Alert_"""

    items: list[Alert]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageAppealCase(TypedDict):
    """Page_AppealCase_"""

    items: list[AppealCase]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageAuditRecord(TypedDict):
    """Page_AuditRecord_"""

    items: list[AuditRecord]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageBehindRow(TypedDict):
    """Page_BehindRow_"""

    items: list[BehindRow]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageContractClock(TypedDict):
    """Page_ContractClock_"""

    items: list[ContractClock]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageDeadLetter(TypedDict):
    """Page_DeadLetter_"""

    items: list[DeadLetter]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageDeliveryRow(TypedDict):
    """Page_DeliveryRow_"""

    items: list[DeliveryRow]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageExplainedAnswer(TypedDict):
    """Page_ExplainedAnswer_"""

    items: list[ExplainedAnswer]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageExplainedPayment(TypedDict):
    """Page_ExplainedPayment_"""

    items: list[ExplainedPayment]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageFigureAlert(TypedDict):
    """Page_FigureAlert_"""

    items: list[FigureAlert]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageListedClaim(TypedDict):
    """Page_ListedClaim_"""

    items: list[ListedClaim]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageListedFile(TypedDict):
    """Page_ListedFile_"""

    items: list[ListedFile]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageListedRemittance(TypedDict):
    """Page_ListedRemittance_"""

    items: list[ListedRemittance]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageNextClaim(TypedDict):
    """Page_NextClaim_"""

    items: list[NextClaim]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageRefusal(TypedDict):
    """Page_Refusal_"""

    items: list[Refusal]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageReviewClaim(TypedDict):
    """Page_ReviewClaim_"""

    items: list[ReviewClaim]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageStatementClaim(TypedDict):
    """Page_StatementClaim_"""

    items: list[StatementClaim]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageStoredCorrection(TypedDict):
    """Page_StoredCorrection_"""

    items: list[StoredCorrection]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageStoredDeposit(TypedDict):
    """Page_StoredDeposit_"""

    items: list[StoredDeposit]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageStoredDocument(TypedDict):
    """Page_StoredDocument_"""

    items: list[StoredDocument]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageStoredFinding(TypedDict):
    """Page_StoredFinding_"""

    items: list[StoredFinding]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageStoredWaiver(TypedDict):
    """Page_StoredWaiver_"""

    items: list[StoredWaiver]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageStoredWriteOff(TypedDict):
    """Page_StoredWriteOff_"""

    items: list[StoredWriteOff]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageToken(TypedDict):
    """Page_Token_"""

    items: list[Token]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageUnderpayment(TypedDict):
    """Page_Underpayment_"""

    items: list[Underpayment]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageVisibleRun(TypedDict):
    """Page_VisibleRun_"""

    items: list[VisibleRun]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageWeighedDenial(TypedDict):
    """Page_WeighedDenial_"""

    items: list[WeighedDenial]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PageWorkItem(TypedDict):
    """Page_WorkItem_"""

    items: list[WorkItem]
    next: str | None
    withheld: NotRequired[dict[str, str]]


class PaperClaim(TypedDict):
    """An answer to a claim."""

    claim_id: str
    payer_claim_number: NotRequired[str | None]
    status: NotRequired[str]
    charge: str
    paid: str
    patient_last_name: NotRequired[str | None]
    patient_first_name: NotRequired[str | None]
    patient_id: NotRequired[str | None]
    service_from_on: NotRequired[str | None]
    service_to_on: NotRequired[str | None]
    claim_filing: NotRequired[str | None]
    adjustments: NotRequired[list[str]]
    lines: NotRequired[list[PaperLine]]


class PaperLine(TypedDict):
    """A service line."""

    procedure: NotRequired[str | None]
    revenue_code: NotRequired[str | None]
    modifiers: NotRequired[list[str]]
    service_on: NotRequired[str | None]
    control: NotRequired[str | None]
    charge: str
    paid: str
    adjustments: NotRequired[list[str]]
    remarks: NotRequired[list[str]]


class PaperPayment(TypedDict):
    """A payment as the paper has it."""

    payer: str
    payer_id: NotRequired[str | None]
    payee_npi: NotRequired[str | None]
    trace_number: str
    paid_on: str
    amount: str
    method: NotRequired[str]
    claims: list[PaperClaim]
    provider_adjustments: NotRequired[list[str]]


class Passkey(TypedDict):
    """A passkey of an account; `is_backed_up` where the maker of the authenticator keeps a copy of it."""

    passkey_id: int
    label: str
    is_backed_up: bool
    created_at: str
    used_at: str | None


class PasskeyMade(TypedDict):
    """What the browser made, as `toJSON` of the credential writes it, and a name to know it by."""

    label: str
    credential: dict[str, Any]


class PasskeyTenant(TypedDict):
    """The tenant to sign in to."""

    tenant: NotRequired[str]


class PasskeyUsed(TypedDict):
    """What the authenticator signed, as `toJSON` of the credential writes it."""

    credential: dict[str, Any]
    purpose: NotRequired[Purpose]


class PatientBalance(TypedDict):
    """What the patient owes for a claim by the ledger, where no second payer is to be billed first."""

    account_key: int
    claim_key: int
    facility: str | None
    amount_cents: int


class PatientName(TypedDict):
    """The name of a patient. In the body: addresses end up in logs."""

    name: str


class PatientPayment(TypedDict):
    """What a patient paid."""

    amount_cents: int
    reason: NotRequired[str]


class PayerAddress(TypedDict):
    """Where a payer takes appeals; `level` 0 means any."""

    payer_id: str
    level: int
    effective_from: str
    name: str
    address: str
    fax: str | None
    source: str
    stated_by: str
    stated_at: str


class PayerName(TypedDict):
    """A payer's identifier, and what its newest payment calls it."""

    payer_id: str
    name: str


class PayerScore(TypedDict):
    """A payer's value of each figure, by name; null with its reason in `reasons`."""

    payer: str
    values: dict[str, float | int | None]
    reasons: dict[str, str]


class PaymentRefund(TypedDict):
    """What was paid back of a payment."""

    amount_cents: int
    reason: str


class PaymentStatement(TypedDict):
    """What a payment is made of; `difference_cents` is what its claims and provider adjustments do not
    explain.
    """

    sums: PaymentSums
    provider_adjustments: list[ProviderAdjustment]
    difference_cents: int
    words: CodeWords


class PaymentSums(TypedDict):
    """What a payment is made of: `claims_cents` less `provider_cents` should be `amount_cents`."""

    amount_cents: int
    claims_cents: int
    provider_cents: int
    claims: int
    shown: int
    shown_cents: int


class Period(TypedDict):
    """Days from `begins` to `ends`, both included."""

    begins: str
    ends: str


class PolicyShown(TypedDict):
    """A policy as it stands in a file."""

    id: str
    version: str
    effective_on: str
    approver: str
    file: str


class PoolState(TypedDict):
    """Connections of this server to the database: how many, unused, and requests that wait for one."""

    size: int
    idle: int
    waiting: int


class PostedRejections(TypedDict):
    """The result for a file. `earlier` is an earlier file with the same content; then nothing was done."""

    file_id: int
    kind: str
    rejections: NotRequired[int]
    matched: NotRequired[int]
    accepted: NotRequired[int]
    unnamed: NotRequired[int]
    earlier: NotRequired[int | None]
    whole: NotRequired[list[str]]


class PostingMade(TypedDict):
    """The new posting."""

    posting_id: int


class PredictionAsked(TypedDict):
    """By what a prediction is fetched."""

    tracking_id: str


class PredictionWanted(TypedDict):
    """A prediction of a claim as of a day; the same key is the same request."""

    claim_key: int
    as_of: NotRequired[str | None]
    key: NotRequired[str | None]


class PricedLine(TypedDict):
    """A line of a processed claim: what it charges, and what it should be allowed; `basis` says why."""

    line: int
    charge: str | None
    allowed: str | None
    basis: str | None


class Promoted(TypedDict):
    """The champion, and the one that it replaces."""

    champion: str
    replaced: str | None


class Proposal(TypedDict):
    """A predicate that a person may make a rule of. Its state is always `proposed`."""

    when: str
    columns: list[str]
    mined: ClaimwrightEnginesDenialsProposalsMeasured
    held_out: ClaimwrightEnginesDenialsProposalsMeasured
    base_rate: float
    state: NotRequired[str]


class Proposals(TypedDict):
    """Everything that somebody needs to correct a claim. `etag` is sent with the correction."""

    claim_key: int
    version: int
    etag: str
    place: str
    facility: str
    labels: list[str]
    can_be_corrected: bool
    why_not: str | None
    newest_key: int
    findings: list[ShownFinding]
    repairs: list[ShownRepair]
    history: list[FieldHistory]
    editable: list[EditableField]
    withheld: list[Withheld]
    asks_model: NotRequired[bool]


class ProposedRule(TypedDict):
    """A predicate with its numbers on lines that it was not mined from; `form` is P, I or D."""

    form: str
    proposal: Proposal
    root_cause: str | None
    category: str | None


class ProviderAddress(TypedDict):
    """The provider's address, to which the browser goes to sign in."""

    address: str


class ProviderAdjustment(TypedDict):
    """An adjustment of the payment that is of no claim (PLB); a positive amount reduces the payment."""

    ordinal: int
    reason: str | None
    amount_cents: int


class ProviderAnswer(TypedDict):
    """The parameters with which the provider sent the browser back."""

    state: str
    code: NotRequired[str | None]
    iss: NotRequired[str | None]
    purpose: NotRequired[Purpose]


class ProviderState(TypedDict):
    """A provider in its place of the order. `problem` is the kind of the last failure; `cost` is in
    dollars.
    """

    place: int
    name: str
    model: str
    host: str
    breaker: str
    problem: str | None
    retry_at: str | None
    under_way: int
    concurrent: int
    answered_at: str | None
    calls: int
    answered: int
    failed: int
    cached: int
    tokens_in: int
    tokens_out: int
    cost: str
    unpriced: int


Purpose = Literal["treatment", "payment", "operations"]


class Question(TypedDict):
    """Whether a role may do something, and the policies that say so."""

    allowed: bool
    policies: list[str]


class QueueDay(TypedDict):
    """How many items were opened and done on a day."""

    day: str
    opened: int
    closed: int


class QueuePage(TypedDict):
    """Some items of the queue, and the totals of the whole list."""

    items: list[ShownItem]
    next: str | None
    withheld: NotRequired[dict[str, str]]
    total: int
    stake_cents: int
    arriving: bool


class QueueSummary(TypedDict):
    """Counts of the open items that are not snoozed, and what happened on the last 30 days."""

    open: int
    stake_cents: int
    expected_cents: int
    overdue: int
    due_today: int
    unassigned: int
    mine: int
    awaiting_approval: int
    snoozed: int
    mentions: int
    closed_today: int
    kinds: list[ItemGroup]
    categories: list[ItemGroup]
    priorities: list[ItemGroup]
    facilities: list[ItemGroup]
    states: list[ItemGroup]
    assignees: list[ItemGroup]
    trend: list[QueueDay]


class QuietHours(TypedDict):
    """When nobody is told, by the clock of a place. What is critical is told anyway, unless said
    otherwise.
    """

    time_zone: str
    begins: NotRequired[str | None]
    ends: NotRequired[str | None]
    quiet_days: NotRequired[list[int]]
    critical_too: NotRequired[bool]


class Quota(TypedDict):
    """A limit of the tenant, and how much of it is used."""

    kind: str
    most: int
    used: int
    set_at: str
    set_by: str


class QuotaWanted(TypedDict):
    """A quota to be set; `most` is null to remove it."""

    tenant: str
    kind: Literal["requests", "claims", "bytes", "storage"]
    most: NotRequired[int | None]


class RecoveryCodes(TypedDict):
    """Codes that stand in for the second factor once each; shown once."""

    codes: list[str]


class Refund(TypedDict):
    """What was paid back of a claim, and to whom."""

    amount_cents: int
    to: Literal["payer", "patient"]
    reason: str


class Refusal(TypedDict):
    """A refused claim of a file; `first_key` is the claim that it repeats."""

    position: int
    reason: str
    first_key: int | None


class RefusedItem(TypedDict):
    """Why an item was left as it is."""

    item_id: int
    code: str
    why: str


class ReleaseWanted(TypedDict):
    """The claims to release, by the key of the claim to the first payer, and why."""

    claims: list[int]
    reason: str


class RemittancePosted(TypedDict):
    """What became of a remittance; `earlier` is the one that had the same content: then nothing was
    done.
    """

    file_id: int | None
    earlier: int | None
    payments: list[ExplainedPayment]
    answers: dict[str, int]
    waiting: list[WaitingReason]
    faults: int


class RepairAcceptance(TypedDict):
    """How often people accepted the repair of a rule, of claims on which they have decided."""

    code: str
    title: str
    confidence: Literal["high", "medium", "low"]
    is_faded: bool
    offered: int
    decided: int
    accepted: int
    rate: float | None


class RepairOfRule(TypedDict):
    """What a rule proposes where it fires."""

    changes: list[str]
    because: str
    confidence: Literal["high", "medium", "low"]


class ReplayWanted(TypedDict):
    """A rule by its code or as it is being written, and over how many of the newest claims it runs."""

    code: NotRequired[str | None]
    rule: NotRequired[str | None]
    claims: NotRequired[int]
    as_of: NotRequired[str | None]


class Replayed(TypedDict):
    """What a rule finds in claims, and what rules in force find there anyway. Money is text, in
    dollars.
    """

    claims: int
    lines: int
    charged: str
    findings: int
    claims_found: int
    charged_found: str
    blocked_otherwise: int
    found_otherwise: int
    only_here: int
    beside: dict[str, int]
    undecided: str | None


class ReplayedRule(TypedDict):
    """What a rule finds in stored claims, and how that agrees with their denials."""

    code: str
    replay: Replayed
    denials: ClaimwrightAppsApiRoutesReplaysMeasured


class ReportRow(TypedDict):
    """A report: which figures, over which period, how often, and for whom."""

    report_id: int
    title: str
    kpis: list[str]
    group_by: str | None
    period: str
    every: str
    hour: int
    format: str
    target: str
    recipients: list[str]
    facilities: list[str] | None
    is_active: bool
    made_by: str
    made_at: str


class ReportWanted(TypedDict):
    """A report that is to be scheduled."""

    title: str
    kpis: list[str]
    group_by: NotRequired[str | None]
    period: NotRequired[Literal["yesterday", "last_week", "last_month", "last_30_days"]]
    every: NotRequired[Literal["day", "week", "month"]]
    hour: NotRequired[int]
    format: NotRequired[Literal["pdf", "csv", "xlsx"]]
    target: NotRequired[Literal["mail", "objects"]]
    recipients: NotRequired[list[str]]


class Resting(TypedDict):
    """A statement that passed, and what it rests on."""

    where: str
    rests_on: list[str]


class RetryWanted(TypedDict):
    """Dead letters to stage again."""

    claim_keys: list[int]


class ReturnReason(TypedDict):
    """Why a file is returned; the audit log keeps it."""

    reason: str


class ReviewClaim(TypedDict):
    """A claim in review; `why` is a word for the reason that routed it there."""

    claim_key: int
    facility: str
    file_id: int
    position: int
    form: str
    payer_id: str | None
    service_from_on: str | None
    total_charge: str | None
    severity: str | None
    findings: int
    why: str | None


class RolledBack(TypedDict):
    """The model that was retired, and the champion now; without one, rules decide alone."""

    retired: str
    champion: str | None


class RuleInFull(TypedDict):
    """A rule with its authority, reasons and expression."""

    code: str
    name: str
    severity: str
    snip: int
    level: str
    title: str
    what: str
    why: str
    fix: str
    authority: list[str]
    fields: list[str]
    carc: list[str]
    rarc: list[str]
    forms: list[str]
    when: str
    repair: RepairOfRule | None


class RuleShown(TypedDict):
    """A rule in the list."""

    code: str
    name: str
    severity: str
    snip: int
    level: str
    title: str


class RuleValue(TypedDict):
    """What one rule's findings came to, by claim; findings under a waiver do not count."""

    code: str
    findings: int
    answered: int
    denied: int
    precision: float | None
    dollars_denied: str
    named: int
    dollars_named: str
    missed: int
    dollars_missed: str
    corrected: int
    dollars_corrected: str
    dollars_prevented: str | None


class RunShown(TypedDict):
    """A run and its chunks; `withheld` names the fields that are null since they may not be seen, and
    why.
    """

    run: VisibleRun
    chunks: list[ChunkView]
    withheld: NotRequired[dict[str, str]]


class SavedView(TypedDict):
    """A list with its filters; `address` is a path with its query within the app."""

    view_id: int
    name: str
    address: str


class SentCall(TypedDict):
    """What was sent to a model, and what it answered, to the byte; the answer is null where none came."""

    request: str
    answer: str | None


class ServerMetrics(TypedDict):
    """Of the database: counts since its statistics began, connections, size, the longest transaction."""

    deadlocks: int
    commits: int
    rollbacks: int
    size_bytes: int
    most_connections: int
    connections: int
    active: int
    idle_in_transaction: int
    longest_seconds: float


class SessionShown(TypedDict):
    """A session of one's own."""

    session_id: str
    address: str
    factors: list[str]
    created_at: str
    seen_at: str
    is_this: bool


class SessionsEnded(TypedDict):
    """How many sessions ended."""

    ended: int


class SettingInForce(TypedDict):
    """A setting; a secret's value is not shown."""

    name: str
    value: str
    origin: str


class Shadowed(TypedDict):
    """The model that scores beside the champion."""

    shadow: str


class ShownAnswer(TypedDict):
    """An answer; `means` and `do` explain its state. `identity` has the numbers and names that it came
    with.
    """

    answer: ListedAnswer
    means: str
    do: str
    identity: dict[str, str]
    lines: list[AnswerLine]
    adjustments: list[AnswerAdjustment]
    withheld: list[WithheldKind]


class ShownChange(TypedDict):
    """A field that changes. Where `withheld` says why, both values are null and it may not be changed."""

    level: str
    field: str
    meaning: str
    line: int | None
    position: int | None
    old: str | None
    new: str | None
    withheld: str | None


class ShownClaim(TypedDict):
    """A claim with its place; `content` has, for each level of the dictionary, rows with their non-null
    fields.
    """

    claim: ListedClaim
    labels: list[str]
    content: dict[str, list[dict[str, Any]]]
    withheld: list[Withheld]
    findings: list[StoredFinding]


class ShownFinding(TypedDict):
    """A finding as a person reads it; never a value of the claim."""

    code: str
    title: str
    severity: str
    line: int | None
    field: str | None
    detail: str | None


class ShownItem(TypedDict):
    """A work item as it is shown. `what` is a code, `title` says it in words; amounts are cents."""

    item_id: int
    kind: str
    claim_key: int | None
    denial_id: int | None
    answer_id: int | None
    facility: str | None
    payer_id: str | None
    category: str
    what: str
    title: str
    stake_cents: int
    chance: float
    expected_cents: int
    per_day_cents: int
    priority: str
    due_on: str
    due_from: str
    days_left: int
    state: str
    outcome: str | None
    assignee_id: int | None
    assignee: str | None
    snoozed_until: str | None
    needs_approval: bool
    proposed_act: str | None
    proposed_by: str | None
    approved_by: str | None
    repaired_by: list[str]
    notes: int
    opened_at: str
    changed_at: str
    done_at: str | None
    version: int


class ShownRepair(TypedDict):
    """What the repair of one rule would do to a claim."""

    code: str
    title: str
    severity: str
    confidence: Literal["high", "medium", "low"]
    is_faded: bool
    because: str
    changes: list[ShownChange]
    after: TrialOutput
    acceptance: Acceptance


class ShownSegments(TypedDict):
    """The segments of a claim as they came, or None where `withheld` says why not."""

    claim_key: int
    labels: list[str]
    segments: list[str] | None
    withheld: list[Withheld]


class ShownTrial(TypedDict):
    """A trial of changes on a claim."""

    claim_key: int
    etag: str
    changes: list[ShownChange]
    after: TrialOutput


class SideSheet(TypedDict):
    """The numerator or the denominator of a figure, in words and in SQL over `analytics.facts`."""

    words: str
    sql: str
    over: str
    days: int | None
    per_day: bool


class SignedIn(TypedDict):
    """Somebody who is signed in, and what every changing request of the session carries."""

    account_id: int
    name: str
    tenant: str
    roles: list[str]
    facilities: list[str] | None
    purpose: Purpose
    factors: list[str]
    has_second_factor: bool
    csrf_token: str


class Skills(TypedDict):
    """The categories that somebody works on; none for all of them."""

    skills: list[str]


class Span(TypedDict):
    """A place in a document: offsets are of the document's text, `page` counts from 1."""

    document_id: int
    page: int
    start: int
    end: int


class StageSeconds(TypedDict):
    """A stage that was done."""

    stage: str
    seconds: float


class StatedOutcome(TypedDict):
    """What the payer's letter says."""

    outcome: Literal["won", "partly_won", "lost"]
    decided_on: str
    recovered_cents: NotRequired[int | None]


class StatedReason(TypedDict):
    """Why something is done."""

    reason: str


class Statement(TypedDict):
    """One sentence of a letter, with the ids of what it rests on."""

    statement_id: str
    section: str
    text: str
    facts: NotRequired[list[str]]
    sources: NotRequired[list[str]]


class StatementAdjustment(TypedDict):
    """An adjustment; a positive amount reduces what is paid."""

    group_code: str | None
    carc: str | None
    amount_cents: int


class StatementClaim(TypedDict):
    """A payer's answer to a claim within its payment. `adjustments` are those of the claim as a whole."""

    answer_id: int
    position: int
    state: str
    reason: str | None
    is_reversal: bool
    claim_key: int | None
    claim_status: str | None
    charge_cents: int
    paid_cents: int
    patient_cents: int
    lines: list[StatementLine]
    adjustments: list[StatementAdjustment]


class StatementLine(TypedDict):
    """A service line of an answer; `line` is the line of the claim, if it is known."""

    position: int
    line: int | None
    charge_cents: int
    paid_cents: int
    adjustments: list[StatementAdjustment]


class StoredCorrection(TypedDict):
    """A correction and what became of it. `left` are the rules that it was meant for and that still
    fire.
    """

    correction_id: int
    claim_key: int
    corrected_key: int
    facility: str
    how: str
    rules: list[str]
    fields: list[str]
    forced: bool
    corrected_at: str
    corrected_by: str
    verification: str
    left: list[str]


class StoredDenial(TypedDict):
    """A denial; a rejection has no answer. `in_force`: the answer is neither reversed nor superseded."""

    denial_id: int
    answer_id: int | None
    claim_key: int | None
    facility: str | None
    position: int | None
    line: int | None
    category: str
    root_cause: str
    stage: str
    preventable: bool | None
    recoverable: bool | None
    responsible: str
    usual_step: str
    core_scenario: int | None
    group_code: str | None
    carc: str | None
    rarcs: str | None
    rules: str | None
    amount_cents: int | None
    appealable: bool
    payer_id: str | None
    claim_filing: str | None
    denied_on: str | None
    state: str
    state_reason: str | None
    found_at: str
    in_force: bool


class StoredDeposit(TypedDict):
    """A deposit; `payment_id` is the first payment that it confirms, `payments` how many these are."""

    deposit_id: int
    deposited_on: str
    amount_cents: int
    trace_number: str | None
    payment_id: int | None
    payments: int
    payer_name: str | None
    added_at: str
    added_by: str


class StoredDocument(TypedDict):
    """A document without its content; `problem` says what is wrong with it, `blocked` that it can't be
    used.
    """

    document_id: int
    claim_key: int
    facility: str | None
    kind: str
    type: str | None
    dated_on: str | None
    pages: int
    size: int
    problem: str | None
    is_blocked: bool
    added_by: str
    added_at: str
    findings: int
    accepted: int
    proposed: int


class StoredFinding(TypedDict):
    """A stored finding; `claim_key` is null if it is about the file."""

    claim_key: int | None
    line: int | None
    code: str
    severity: str
    snip: int | None
    field: str | None
    loop: str | None
    segment_id: str | None
    segment: int | None
    element: str | None
    detail: str | None
    amount: str | None
    waiver: str | None


class StoredPrediction(TypedDict):
    """What the model in use predicted of a claim when a run processed it."""

    model: str
    probability: float
    confidence: float
    review_from: float
    category: str | None
    received_on: str


class StoredWaiver(TypedDict):
    """A waiver with who added it and, if it has been ended, who ended it and when."""

    waiver_key: int
    waiver_id: str
    rules: list[str]
    claim_filing: list[str]
    payer_ids: list[str]
    providers: list[str]
    valid_from: str
    valid_to: str
    owner: str
    reason: str
    created_at: str
    created_by: str
    ended_at: str | None
    ended_by: str | None


class StoredWriteOff(TypedDict):
    """A write-off; `posting_id` is set once it is approved. `source` is what is given up."""

    write_off_id: int
    claim_key: int
    account_key: int
    amount_cents: int
    source: Literal["denied", "payer", "patient"]
    reason: str
    proposed_by: str
    proposed_at: str
    state: Literal["waiting", "approved", "refused"]
    decided_by: str | None
    decided_at: str | None
    posting_id: int | None


class TargetView(TypedDict):
    """A target as a list shows it: without its addresses and secret."""

    name: str
    kind: str
    shown: str
    is_on: bool
    changed_by: str
    changed_at: str


class TemplateOutcome(TypedDict):
    """The record of a template version. The interval is Wilson's, in percent, of decided letters."""

    template_id: str
    version: int
    sent: int
    decided: int
    won: int
    partly_won: int
    overturned_percent: float | None
    low_percent: float | None
    high_percent: float | None
    recovered_cents: int


class Tenant(TypedDict):
    """One tenant. `has_data` is whether anything was ever stored for it."""

    tenant: str
    created_at: str
    created_by: str
    has_data: bool


class Token(TypedDict):
    """A token without its secret; `client_name` is set if it belongs to a service."""

    token_id: int
    account_id: int | None
    client_name: str | None
    label: str
    scopes: list[str]
    roles: list[str]
    facilities: list[str] | None
    expires_at: str
    created_at: str
    used_at: str | None
    revoked_at: str | None


class TokenIssued(TypedDict):
    """A token with its secret, which is shown this once."""

    token: Token
    secret: NotRequired[str | None]


class Told(TypedDict):
    """The error itself."""

    code: str
    message: str
    details: NotRequired[list[Detail]]
    timestamp: str
    request_id: str


class TraceNumber(TypedDict):
    """The number of a check or EFT. In the body: what people type may be the number of a patient."""

    number: str


class TrialInput(TypedDict):
    """A rule to be tried, by its code or as it is being written, and claims to try it on."""

    code: NotRequired[str | None]
    rule: NotRequired[str | None]
    claims: NotRequired[str | None]
    as_of: NotRequired[str | None]


class TrialOutput(TypedDict):
    """What the rules say after a change: the findings that go, come and stay, without waived ones."""

    gone: list[ShownFinding]
    new: list[ShownFinding]
    left: list[ShownFinding]
    blocks: bool
    route: str


class TrialOutcome(TypedDict):
    """What a provider made of a synthetic case. `statements` is empty where no answer could be used."""

    provider: str
    tries: list[str]
    own: int
    statements: list[Statement]
    call: ModelCall | None


class Tried(TypedDict):
    """Whether an expression can be used, and of what it speaks."""

    names: list[str]


class TriedCase(TypedDict):
    """A case of a rule, and whether the rule did as it says."""

    name: str
    fires: bool
    passed: bool


class TriedRule(TypedDict):
    """A rule with its cases, and what it finds in the claims, where some were given."""

    code: str
    cases: list[TriedCase]
    replay: Replayed | None


class UnconfirmedPayment(TypedDict):
    """A payment that no deposit confirms. `other_cents` is the amount of a deposit with its trace
    number.
    """

    payment_id: int
    paid_on: str | None
    payer_name: str | None
    method: str | None
    trace_number: str | None
    amount_cents: int
    other_cents: int | None


class Underpayment(TypedDict):
    """An underpayment. Amounts are whole cents; `basis` is how it is computed, one statement a line."""

    underpayment_id: int
    kind: str
    confidence: str
    payer_id: str | None
    payer_name: str | None
    facility: str | None
    claim_key: int | None
    answer_id: int | None
    payment_id: int
    line: int | None
    procedure: str | None
    modifiers: str | None
    service_from_on: str | None
    paid_on: str | None
    charge_cents: int | None
    expected_cents: int | None
    allowed_cents: int | None
    paid_cents: int | None
    amount_cents: int
    contract: str | None
    basis: str
    found_at: str


class UnderpaymentInFull(TypedDict):
    """An underpayment, with what its kind and confidence mean; amounts are whole cents."""

    underpayment: Underpayment
    kind_means: str
    confidence_means: str
    basis: list[str]


class UnderpaymentTotal(TypedDict):
    """Underpayments in force of one payer and kind."""

    payer_id: str | None
    payer_name: str | None
    kind: str
    findings: int
    claims: int
    amount_cents: int


class Undoing(TypedDict):
    """Why a posting is undone."""

    reason: str


class UnusualDay(TypedDict):
    """A day is far from what is usual for its weekday."""

    kind: NotRequired[Literal["unusual"]]
    side: NotRequired[Literal["up", "down", "both", "worse"]]
    sensitivity: NotRequired[Literal["low", "normal", "high"]]
    delay_days: NotRequired[int]


class UploadProgress(TypedDict):
    """How far an upload is."""

    upload_id: str
    facility: str
    state: Literal["in_progress", "completed", "failed"]
    bytes: int
    claims: int
    staged: int
    file_id: int | None
    is_earlier: bool
    problem: str | None
    begun_at: str
    changed_at: str


class Usage(TypedDict):
    """What one identity used in a month. `bytes_stored` is what was stored at the end of it, or is now."""

    identity: str
    requests: int
    claims: int
    bytes_received: int
    bytes_stored: int


class UsedValue(TypedDict):
    """A value that people gave to a field, and how often."""

    value: str
    times: int


class ViewToSave(TypedDict):
    """A list with its filters."""

    name: str
    address: str


class VisibleRun(TypedDict):
    """A run; its sums are over the claims of all facilities, and null for accounts of some of them."""

    run_id: int
    state: str
    as_of: str
    started_at: str
    finished_at: str | None
    chunks: int
    chunks_done: int
    planned: int | None
    claims: int | None
    produced: int | None
    review: int | None
    dead: int | None
    charge: str | None


class Waiting(TypedDict):
    """How much waits where; `withheld` names the counts that are null since they may not be seen, and
    why.
    """

    staged: int
    chunks: int | None
    dead_letters: int
    review: int
    withheld: NotRequired[dict[str, str]]


class WaitingForMe(TypedDict):
    """How much waits for a person; null for who may not work on it."""

    items: int | None
    dead_letters: int | None


class WaitingReason(TypedDict):
    """Why some answers wait, what they say was paid, and what to do."""

    reason: str
    answers: int
    paid_cents: NotRequired[int | None]
    means: str
    do: str


class WantedAddress(TypedDict):
    """Where a payer takes appeals of a level (0: any) from a day on; lines are separated by line
    breaks.
    """

    payer_id: str
    level: NotRequired[int]
    effective_from: str
    name: str
    address: str
    fax: NotRequired[str | None]
    source: str


class WantedAppeal(TypedDict):
    """The denial to appeal."""

    denial_id: int
    anyway: NotRequired[bool]
    as_of: NotRequired[str | None]
    drafter: NotRequired[Literal["rules", "model"] | None]


class WantedBulk(TypedDict):
    """The repair of one rule for many claims in review."""

    code: str
    claim_keys: NotRequired[list[int] | None]
    facility: NotRequired[str | None]
    reason: str
    dry_run: NotRequired[bool]
    after: NotRequired[int]


class WantedChanges(TypedDict):
    """Repairs to accept, by code of their rule, values by hand, which are set after them, and lines
    that leave at the end.
    """

    reason: str
    break_glass: NotRequired[bool]
    rules: NotRequired[list[str]]
    edits: NotRequired[list[WantedEdit]]
    removed_lines: NotRequired[list[int]]


class WantedCorrection(TypedDict):
    """A correction to be made."""

    reason: str
    break_glass: NotRequired[bool]
    rules: NotRequired[list[str]]
    edits: NotRequired[list[WantedEdit]]
    removed_lines: NotRequired[list[int]]
    force: NotRequired[bool]


class WantedEdit(TypedDict):
    """A new value for a field; null removes it."""

    field: str
    value: NotRequired[str | None]
    line: NotRequired[int | None]
    position: NotRequired[int | None]


class WantedForm(TypedDict):
    """Why the letter is opened, and in which form."""

    reason: str
    break_glass: NotRequired[bool]
    form: NotRequired[Literal["pdf", "docx", "fax"]]


class WantedPrint(TypedDict):
    """The approved letters to print, in this order."""

    case_ids: list[int]
    reason: str


class WantedSearch(TypedDict):
    """What is looked for in the documents of a case, and why."""

    query: str
    reason: str
    most: NotRequired[int]


class WantedTrial(TypedDict):
    """The provider to try."""

    provider: Literal["bedrock", "anthropic", "openai"]


class WeighedDenial(TypedDict):
    """A denial with its next step, and what it is worth: amount x chance x what the clock leaves -
    work.
    """

    denial: StoredDenial
    cause: str
    next_step: str
    step_reason: str
    chance_percent: int
    chance_from: str
    chance_source: str
    clock: str | None
    due_on: str | None
    days_left: int | None
    expected_cents: int | None


class Why(TypedDict):
    """Why."""

    reason: str


class Withheld(TypedDict):
    """Withheld fields: their names, their kind, and the policy (or missing policy) that is the reason."""

    kind: str
    reason: str
    fields: list[str]


class WithheldKind(TypedDict):
    """Fields that are left out, of one kind, and the reason."""

    kind: str
    reason: str
    fields: list[str]


class WorkGroup(TypedDict):
    """One cause and one fix: the denials that are worked on together. `fix` says how."""

    root_cause: str
    next_step: str
    denials: int
    claims: int
    amount: str | None
    expected_recovery: str | None
    first_due_on: str | None
    name: str
    fix: str
    preventable: bool | None


class WorkItem(TypedDict):
    """A denial to work on. `rank` is its place by what is worth most per day left, from 1."""

    rank: int
    denial_id: int
    claim_key: int | None
    facility: str | None
    line: int | None
    payer_id: str | None
    category: str
    root_cause: str
    stage: str
    group_code: str | None
    carc: str | None
    rarcs: str | None
    denied_on: str | None
    amount: str | None
    expected_recovery: str | None
    per_day: str | None
    probability: float | None
    probability_from: str
    probability_source: str | None
    next_step: str
    reason: str
    clock: str | None
    law: str | None
    due_on: str | None
    days_left: int | None
    known: str | None


class Worker(TypedDict):
    """Somebody who may work on items. No `skills`: every category. `facilities` null: every one."""

    account_id: int
    name: str
    skills: list[str]
    facilities: list[str] | None
    open: int


class WriteOff(TypedDict):
    """What is to be written off."""

    amount_cents: int
    of: NotRequired[Literal["denied", "payer", "patient"]]
    reason: str


class WriteOffRefusal(TypedDict):
    """Why a write-off is refused."""

    reason: str


class ClaimwrightAppsApiRoutesReplaysMeasured(TypedDict):
    """How a rule agrees with what payers answered to these claims; shares are null of none."""

    answered: int
    found_denied: int
    found_paid: int
    other_denied: int
    other_paid: int
    precision: float | None
    recall: float | None
    base_rate: float | None


class ClaimwrightEnginesDenialsProposalsMeasured(TypedDict):
    """How a predicate does on some claims."""

    claims: int
    flagged: int
    denied: int
    precision: float
    precision_at_least: float
    recall: float
    dollars: str
    dollars_recall: float
