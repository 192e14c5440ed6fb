"""One method for each route of the API.

Written by `make client` from the API's own description: change the routes instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, cast

from .connection import Connection
from .models import (
    AccessTokenAnswer,
    Account,
    AccountChange,
    AccountMade,
    ActResult,
    ActWanted,
    AddedDeposits,
    Alert,
    AlertDefinition,
    AlertDelivery,
    AlertResolution,
    AlertReview,
    AlertsEvaluated,
    AlertsGiven,
    AlertSheet,
    AlertsWanted,
    AlertTarget,
    AnswerAssignment,
    AnswerCandidate,
    AnswerDecided,
    AnswersCounted,
    AppealCase,
    AppealInFull,
    AppealOdds,
    AppealTracking,
    AppliedLetter,
    Attachment,
    Attachments,
    AuditVerdict,
    BodyExchangeApiV1OauthTokenPost,
    BodySignOutApiV1SessionOidcSignOutPost,
    Bulk,
    CheckAnswer,
    ClaimEvent,
    ClaimLedger,
    Clock,
    Confirmation,
    ContractTimeEnd,
    ContractTimesSet,
    ContractTimesWanted,
    Corrected,
    CorrectionKept,
    CorrectionWanted,
    CostEntry,
    Credentials,
    CurrentSession,
    Dataset,
    DecidedInput,
    DecidedOutput,
    Decision,
    DefinedAlert,
    DenialSheet,
    DepositAssigned,
    DepositsShown,
    Description,
    DisputeWanted,
    DocumentInFull,
    DocumentSearch,
    DraftingProgress,
    EditedLetter,
    Ending,
    ExperimentInFull,
    ExplainedAnswer,
    ExplainedPayment,
    ExportWanted,
    Expression,
    ExternalIdentity,
    FactorBegun,
    FactorCode,
    FactorConfirmed,
    FeedbackStatus,
    FieldShown,
    FigureAlert,
    FiledLetter,
    FileReturned,
    FileTaken,
    FileText,
    FileVersion,
    FindingCount,
    GivenUp,
    GivingUp,
    Handed,
    HandOff,
    ItemNote,
    ItemShown,
    Kept,
    Kind,
    KpiAnswer,
    KpiSheet,
    LanguageModelsInForce,
    LedgerTotal,
    LetterInFull,
    LinkUsed,
    ListedClaim,
    ListedFile,
    ListedModel,
    ListedRemittance,
    LoadedEdition,
    ModelCall,
    ModelInFull,
    ModelRepairs,
    ModelSpending,
    MonthlyUsage,
    NewAccount,
    NewCredentials,
    NewExperiment,
    NewFile,
    NewNote,
    NewPassword,
    NewState,
    NewTenant,
    NewToken,
    NewWaiver,
    Number,
    Opening,
    OperationsState,
    Options,
    Overview,
    PageAccount,
    PageAlert,
    PageAlertDelivery,
    PageAppealCase,
    PageAuditRecord,
    PageBehindRow,
    PageContractClock,
    PageDeadLetter,
    PageDeliveryRow,
    PageExplainedAnswer,
    PageExplainedPayment,
    PageFigureAlert,
    PageListedClaim,
    PageListedFile,
    PageListedRemittance,
    PageNextClaim,
    PageRefusal,
    PageReviewClaim,
    PageStatementClaim,
    PageStoredCorrection,
    PageStoredDocument,
    PageStoredFinding,
    PageStoredWaiver,
    PageStoredWriteOff,
    PageToken,
    PageUnderpayment,
    PageVisibleRun,
    PageWeighedDenial,
    PageWorkItem,
    PaperPayment,
    Passkey,
    PasskeyMade,
    PasskeyTenant,
    PasskeyUsed,
    PatientBalance,
    PatientName,
    PatientPayment,
    PayerAddress,
    PayerName,
    PayerScore,
    PaymentRefund,
    PaymentStatement,
    PolicyShown,
    PostedRejections,
    PostingMade,
    PredictionAsked,
    PredictionWanted,
    PricedLine,
    Promoted,
    Proposals,
    ProposedRule,
    ProviderAddress,
    ProviderAnswer,
    Purpose,
    Question,
    QueuePage,
    QueueSummary,
    Quota,
    QuotaWanted,
    RecoveryCodes,
    Refund,
    ReleaseWanted,
    RemittancePosted,
    RepairAcceptance,
    ReplayedRule,
    ReplayWanted,
    ReportRow,
    ReportWanted,
    RetryWanted,
    ReturnReason,
    RolledBack,
    RuleInFull,
    RuleShown,
    RuleValue,
    RunShown,
    SavedView,
    SentCall,
    SessionsEnded,
    SessionShown,
    SettingInForce,
    Shadowed,
    ShownAnswer,
    ShownClaim,
    ShownSegments,
    ShownTrial,
    SignedIn,
    Skills,
    StatedOutcome,
    StatedReason,
    StoredDocument,
    StoredFinding,
    StoredPrediction,
    StoredWaiver,
    StoredWriteOff,
    TargetView,
    TemplateOutcome,
    Tenant,
    TokenIssued,
    TraceNumber,
    TrialInput,
    TrialOutcome,
    Tried,
    TriedRule,
    UnderpaymentInFull,
    UnderpaymentTotal,
    Undoing,
    UploadProgress,
    ViewToSave,
    Waiting,
    WaitingForMe,
    WaitingReason,
    WantedAddress,
    WantedAppeal,
    WantedBulk,
    WantedChanges,
    WantedCorrection,
    WantedForm,
    WantedPrint,
    WantedSearch,
    WantedTrial,
    Why,
    Worker,
    WorkGroup,
    WriteOff,
    WriteOffRefusal,
)


class Client(Connection):
    """The API; see `Connection` for credentials and pages."""

    def change_account(self, account_id: int, body: AccountChange, *, if_match: str | None = None) -> Account:
        """Change roles, facilities or state. Sessions end where it is disabled."""
        return cast(
            "Account",
            self.send(
                "PATCH",
                f"/api/v1/accounts/{self.quoted(account_id)}",
                json_body=body,
                headers={"if-match": if_match},
            ),
        )

    def change_document(
        self, document_id: int, body: Description, *, if_match: str | None = None
    ) -> StoredDocument:
        """Set type and date of a document. Letters cite documents that have a date."""
        return cast(
            "StoredDocument",
            self.send(
                "PATCH",
                f"/api/v1/documents/{self.quoted(document_id)}",
                json_body=body,
                headers={"if-match": if_match},
            ),
        )

    def create_account(self, body: NewAccount, *, idempotency_key: str | None = None) -> AccountMade:
        """A new account, and the link with which its owner sets the password."""
        return cast(
            "AccountMade",
            self.send(
                "POST", "/api/v1/accounts", json_body=body, headers={"Idempotency-Key": idempotency_key}
            ),
        )

    def create_account_link(self, account_id: int, *, idempotency_key: str | None = None) -> dict[str, str]:
        """A link that sets a new password; shown this once."""
        return cast(
            "dict[str, str]",
            self.send(
                "POST",
                f"/api/v1/accounts/{self.quoted(account_id)}/link",
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def create_analytics_report(self, body: ReportWanted, *, idempotency_key: str | None = None) -> ReportRow:
        """Schedule a report of figures that you may see, of your facilities."""
        return cast(
            "ReportRow",
            self.send(
                "POST",
                "/api/v1/analytics/reports",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def create_appeal_letter(
        self,
        case_id: int,
        body: bytes | Iterable[bytes],
        *,
        x_file_name: str,
        received_on: str | None = None,
        content_type: str = "application/octet-stream",
        idempotency_key: str | None = None,
    ) -> FiledLetter:
        """File a payer's letter, as the body, to an appeal that was sent. What it says is read; nothing
        follows yet.
        """
        return cast(
            "FiledLetter",
            self.send(
                "POST",
                f"/api/v1/appeals/{self.quoted(case_id)}/letters",
                content=body,
                content_type=content_type,
                query={"received_on": received_on},
                headers={"x-file-name": x_file_name, "Idempotency-Key": idempotency_key},
            ),
        )

    def create_claim_correction(
        self,
        claim_key: int,
        body: WantedCorrection,
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Corrected:
        """Correct a claim: its next version is staged for the next run, and the one before leaves
        review.
        """
        return cast(
            "Corrected",
            self.send(
                "POST",
                f"/api/v1/claims/{self.quoted(claim_key)}/corrections",
                json_body=body,
                headers={"if-match": if_match, "Idempotency-Key": idempotency_key},
            ),
        )

    def create_claim_document(
        self,
        claim_key: int,
        body: bytes | Iterable[bytes],
        *,
        x_file_name: str,
        content_type: str = "application/octet-stream",
        idempotency_key: str | None = None,
    ) -> StoredDocument:
        """Add a document, as the body: PDF, picture, DOCX, RTF, C-CDA or text. It is read, checked,
        sealed.
        """
        return cast(
            "StoredDocument",
            self.send(
                "POST",
                f"/api/v1/claims/{self.quoted(claim_key)}/documents",
                content=body,
                content_type=content_type,
                headers={"x-file-name": x_file_name, "Idempotency-Key": idempotency_key},
            ),
        )

    def create_claims_batch(
        self, body: dict[str, Any], *, facility: str, idempotency_key: str | None = None
    ) -> FileTaken:
        """Bring claims in as JSON: fields of the dictionary, rows inside what they belong to."""
        return cast(
            "FileTaken",
            self.send(
                "POST",
                "/api/v1/claims/batch",
                json_body=body,
                query={"facility": facility},
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def create_denials_contract(
        self, body: ContractTimesWanted, *, idempotency_key: str | None = None
    ) -> ContractTimesSet:
        """Set contracts' own times. They count at once, in every list of denials, in the queue and for
        alerts.
        """
        return cast(
            "ContractTimesSet",
            self.send(
                "POST",
                "/api/v1/denials/contracts",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def create_denials_rejection(
        self,
        body: bytes | Iterable[bytes],
        *,
        facility: str | None = None,
        content_type: str = "application/edi-x12",
        idempotency_key: str | None = None,
    ) -> PostedRejections:
        """Post rejections before adjudication, as a 277CA, a 999 or a TA1 in the body: each rejected
        claim becomes a denial to correct and send again; what a 277CA accepts is stored as proof of
        filing. `whole` says which interchanges and transactions were rejected as a whole. The same file
        again adds nothing.
        """
        return cast(
            "PostedRejections",
            self.send(
                "POST",
                "/api/v1/denials/rejections",
                content=body,
                content_type=content_type,
                query={"facility": facility},
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def create_deposit(
        self,
        body: bytes | Iterable[bytes],
        *,
        date: str | None = None,
        amount: str | None = None,
        trace: str | None = None,
        dates: str | None = None,
        content_type: str = "text/csv",
        idempotency_key: str | None = None,
    ) -> AddedDeposits:
        """Add deposits, as BAI2 or CSV in the body, and confirm payments by trace number and amount."""
        return cast(
            "AddedDeposits",
            self.send(
                "POST",
                "/api/v1/deposits",
                content=body,
                content_type=content_type,
                query={"date": date, "amount": amount, "trace": trace, "dates": dates},
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def create_experiment(
        self, body: NewExperiment, *, idempotency_key: str | None = None
    ) -> ExperimentInFull:
        """Let new cases of a template get one of two approved versions, by their number."""
        return cast(
            "ExperimentInFull",
            self.send(
                "POST", "/api/v1/experiments", json_body=body, headers={"Idempotency-Key": idempotency_key}
            ),
        )

    def create_feedback_correction(
        self, body: CorrectionWanted, *, idempotency_key: str | None = None
    ) -> CorrectionKept:
        """Record a person's correction of what is predicted for a claim."""
        return cast(
            "CorrectionKept",
            self.send(
                "POST",
                "/api/v1/feedback/corrections",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def create_file(
        self,
        body: bytes | Iterable[bytes],
        *,
        facility: str,
        upload_id: str | None = None,
        content_type: str = "application/edi-x12",
        idempotency_key: str | None = None,
    ) -> FileTaken:
        """Bring an 837 in, as the body, gzip allowed; streamed, sealed and staged while it comes."""
        return cast(
            "FileTaken",
            self.send(
                "POST",
                "/api/v1/files",
                content=body,
                content_type=content_type,
                query={"facility": facility, "upload_id": upload_id},
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def create_ledger_claim_patient_payment(
        self, claim_key: int, body: PatientPayment, *, idempotency_key: str | None = None
    ) -> PostingMade:
        """Post what a patient paid for a claim: no more than the patient owes."""
        return cast(
            "PostingMade",
            self.send(
                "POST",
                f"/api/v1/ledger/claims/{self.quoted(claim_key)}/patient-payments",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def create_ledger_claim_refund(
        self, claim_key: int, body: Refund, *, idempotency_key: str | None = None
    ) -> PostingMade:
        """Post what was paid back of a claim: no more than the payer or the patient has in credit."""
        return cast(
            "PostingMade",
            self.send(
                "POST",
                f"/api/v1/ledger/claims/{self.quoted(claim_key)}/refunds",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def create_ledger_claim_write_off(
        self, claim_key: int, body: WriteOff, *, idempotency_key: str | None = None
    ) -> StoredWriteOff:
        """Propose to write off a denied amount, or what is owed. It is posted when another person
        approves it.
        """
        return cast(
            "StoredWriteOff",
            self.send(
                "POST",
                f"/api/v1/ledger/claims/{self.quoted(claim_key)}/write-offs",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def create_ledger_payment_refund(
        self, payment_id: int, body: PaymentRefund, *, idempotency_key: str | None = None
    ) -> PostingMade:
        """Post what was paid back of a payment: no more than is not applied. For accounts of every
        facility.
        """
        return cast(
            "PostingMade",
            self.send(
                "POST",
                f"/api/v1/ledger/payments/{self.quoted(payment_id)}/refunds",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def create_own_passkey(self, body: PasskeyMade, *, idempotency_key: str | None = None) -> Passkey:
        """Register the passkey that the browser has made."""
        return cast(
            "Passkey",
            self.send(
                "POST", "/api/v1/own/passkeys", json_body=body, headers={"Idempotency-Key": idempotency_key}
            ),
        )

    def create_own_passkeys_options(self, *, idempotency_key: str | None = None) -> Options:
        """Begin to register a passkey. The response sets a cookie that completing it needs."""
        return cast(
            "Options",
            self.send("POST", "/api/v1/own/passkeys/options", headers={"Idempotency-Key": idempotency_key}),
        )

    def create_own_provider(self, *, idempotency_key: str | None = None) -> ProviderAddress:
        """Begin to link one's account to the provider. Completing it is a sign-in with the provider."""
        return cast(
            "ProviderAddress",
            self.send("POST", "/api/v1/own/providers", headers={"Idempotency-Key": idempotency_key}),
        )

    def create_own_token(self, body: NewToken, *, idempotency_key: str | None = None) -> TokenIssued:
        """A token that may do, of what one may oneself, what its scopes say."""
        return cast(
            "TokenIssued",
            self.send(
                "POST", "/api/v1/own/tokens", json_body=body, headers={"Idempotency-Key": idempotency_key}
            ),
        )

    def create_own_view(self, body: ViewToSave, *, idempotency_key: str | None = None) -> SavedView:
        """Save a view; one of the same name takes its place. The audit log does not keep views."""
        return cast(
            "SavedView",
            self.send(
                "POST", "/api/v1/own/views", json_body=body, headers={"Idempotency-Key": idempotency_key}
            ),
        )

    def create_payer_addresse(
        self, body: WantedAddress, *, idempotency_key: str | None = None
    ) -> list[PayerAddress]:
        """State where a payer takes appeals. Gives back every address. For accounts of every facility:
        letters of all of them go there.
        """
        return cast(
            "list[PayerAddress]",
            self.send(
                "POST",
                "/api/v1/payer-addresses",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def create_queue_attachment(
        self,
        item_id: int,
        body: bytes | Iterable[bytes],
        *,
        x_file_name: str,
        content_type: str = "application/octet-stream",
        idempotency_key: str | None = None,
    ) -> Attachment:
        """Attach a file, as the body: a PDF, an image, RTF, DOCX or text. It is sealed, and never
        changed.
        """
        return cast(
            "Attachment",
            self.send(
                "POST",
                f"/api/v1/queue/{self.quoted(item_id)}/attachments",
                content=body,
                content_type=content_type,
                headers={"x-file-name": x_file_name, "Idempotency-Key": idempotency_key},
            ),
        )

    def create_queue_note(
        self, item_id: int, body: NewNote, *, idempotency_key: str | None = None
    ) -> ItemNote:
        """Add a note to an item; those who are mentioned find the item with `mentions=me`."""
        return cast(
            "ItemNote",
            self.send(
                "POST",
                f"/api/v1/queue/{self.quoted(item_id)}/notes",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def create_reference_edition(
        self,
        dataset: str,
        body: bytes | Iterable[bytes],
        *,
        file: str,
        effective_from: str | None = None,
        effective_to: str | None = None,
        partial: bool | None = None,
        content_type: str = "application/octet-stream",
        idempotency_key: str | None = None,
    ) -> LoadedEdition:
        """Load the published file of a dataset, sent as the body, zipped or not. It takes effect for
        all tenants.
        """
        return cast(
            "LoadedEdition",
            self.send(
                "POST",
                f"/api/v1/reference/{self.quoted(dataset)}/editions",
                content=body,
                content_type=content_type,
                query={
                    "file": file,
                    "effective_from": effective_from,
                    "effective_to": effective_to,
                    "partial": partial,
                },
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def create_remittance(
        self,
        body: bytes | Iterable[bytes],
        *,
        facility: str | None = None,
        content_type: str = "application/edi-x12",
        idempotency_key: str | None = None,
    ) -> RemittancePosted:
        """Post an 835, as the body, gzip allowed: matches claims and posts; uncertain answers wait for
        a person.
        """
        return cast(
            "RemittancePosted",
            self.send(
                "POST",
                "/api/v1/remittances",
                content=body,
                content_type=content_type,
                query={"facility": facility},
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def create_remittances_paper(
        self, body: PaperPayment, *, facility: str | None = None, idempotency_key: str | None = None
    ) -> RemittancePosted:
        """Enter a paper explanation of benefits: one payment with its claims and lines. Amounts are
        dollars.
        """
        return cast(
            "RemittancePosted",
            self.send(
                "POST",
                "/api/v1/remittances/paper",
                json_body=body,
                query={"facility": facility},
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def create_session(self, body: Credentials, *, idempotency_key: str | None = None) -> SignedIn:
        """Sign in; the cookie of the session comes with the answer. The session that the browser had
        ends.
        """
        return cast(
            "SignedIn",
            self.send(
                "POST", "/api/v1/session", json_body=body, headers={"Idempotency-Key": idempotency_key}
            ),
        )

    def create_session_oidc(self, *, idempotency_key: str | None = None) -> ProviderAddress:
        """Begin a sign-in with the provider. The response sets a cookie that completing it needs."""
        return cast(
            "ProviderAddress",
            self.send("POST", "/api/v1/session/oidc", headers={"Idempotency-Key": idempotency_key}),
        )

    def create_session_oidc_answer(
        self, body: ProviderAnswer, *, idempotency_key: str | None = None
    ) -> SignedIn:
        """Complete a sign-in with the provider's answer. Sets the session cookie."""
        return cast(
            "SignedIn",
            self.send(
                "POST",
                "/api/v1/session/oidc/answer",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def create_session_oidc_code(self, body: FactorCode, *, idempotency_key: str | None = None) -> SignedIn:
        """Complete a sign-in of an account that has a second factor here. Sets the session cookie."""
        return cast(
            "SignedIn",
            self.send(
                "POST",
                "/api/v1/session/oidc/code",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def create_session_passkey(self, body: PasskeyUsed, *, idempotency_key: str | None = None) -> SignedIn:
        """Sign in with a passkey. Sets the session cookie."""
        return cast(
            "SignedIn",
            self.send(
                "POST",
                "/api/v1/session/passkey",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def create_session_passkey_options(
        self, body: PasskeyTenant, *, idempotency_key: str | None = None
    ) -> Options:
        """Begin a sign-in with a passkey. The response sets a cookie that completing it needs."""
        return cast(
            "Options",
            self.send(
                "POST",
                "/api/v1/session/passkey/options",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def create_template(self, body: NewFile, *, idempotency_key: str | None = None) -> FileVersion:
        """Add a version as a draft. Nothing uses it until another person approves it and it is
        activated.
        """
        return cast(
            "FileVersion",
            self.send(
                "POST", "/api/v1/templates", json_body=body, headers={"Idempotency-Key": idempotency_key}
            ),
        )

    def create_tenant(self, body: NewTenant, *, idempotency_key: str | None = None) -> Tenant:
        """Create a tenant; the first record of its audit log says so. Its first account gets in by a
        link that `claimwright serve --tenant` or `claimwright user add --tenant` prints.
        """
        return cast(
            "Tenant",
            self.send(
                "POST", "/api/v1/tenants", json_body=body, headers={"Idempotency-Key": idempotency_key}
            ),
        )

    def create_token(self, body: NewCredentials, *, idempotency_key: str | None = None) -> TokenIssued:
        """Credentials of a service, with its role. The secret is shown once; there is none with a
        certificate.
        """
        return cast(
            "TokenIssued",
            self.send("POST", "/api/v1/tokens", json_body=body, headers={"Idempotency-Key": idempotency_key}),
        )

    def create_waiver(self, body: NewWaiver, *, idempotency_key: str | None = None) -> StoredWaiver:
        """Add a waiver. Runs that begin from now on apply it, and so do checks of claims that are not
        stored.
        """
        return cast(
            "StoredWaiver",
            self.send(
                "POST", "/api/v1/waivers", json_body=body, headers={"Idempotency-Key": idempotency_key}
            ),
        )

    def delete_account_factor(self, account_id: int) -> None:
        """Take a second factor off that was lost: authenticator, recovery codes and passkeys. Sessions
        end.
        """
        self.send("DELETE", f"/api/v1/accounts/{self.quoted(account_id)}/factor")

    def delete_account_sessions(self, account_id: int) -> None:
        """End every session of an account."""
        self.send("DELETE", f"/api/v1/accounts/{self.quoted(account_id)}/sessions")

    def delete_analytics_alerts_definition(self, name: str) -> None:
        """Remove a definition. Its open alerts are resolved; its versions and alerts can still be read."""
        self.send("DELETE", f"/api/v1/analytics/alerts/definitions/{self.quoted(name)}")

    def delete_analytics_alerts_target(self, name: str) -> None:
        """Remove a target that no definition names."""
        self.send("DELETE", f"/api/v1/analytics/alerts/targets/{self.quoted(name)}")

    def delete_analytics_report(self, report_id: int) -> None:
        """Deliver a report no more. Its deliveries stay visible."""
        self.send("DELETE", f"/api/v1/analytics/reports/{self.quoted(report_id)}")

    def delete_own_passkey(self, passkey_id: int) -> None:
        """Remove one of one's passkeys."""
        self.send("DELETE", f"/api/v1/own/passkeys/{self.quoted(passkey_id)}")

    def delete_own_provider(self, identity_id: int) -> None:
        """Remove a link to a sign-in provider."""
        self.send("DELETE", f"/api/v1/own/providers/{self.quoted(identity_id)}")

    def delete_own_session(self, session_id: str) -> None:
        """End one of one's sessions."""
        self.send("DELETE", f"/api/v1/own/sessions/{self.quoted(session_id)}")

    def delete_own_sessions(self) -> None:
        """Sign out everywhere: every session of one's own ends, this one as well."""
        self.send("DELETE", "/api/v1/own/sessions")

    def delete_own_token(self, token_id: int) -> None:
        """Revoke one of one's tokens."""
        self.send("DELETE", f"/api/v1/own/tokens/{self.quoted(token_id)}")

    def delete_own_view(self, view_id: int) -> None:
        """Remove a view."""
        self.send("DELETE", f"/api/v1/own/views/{self.quoted(view_id)}")

    def delete_session(self) -> None:
        """Sign out."""
        self.send("DELETE", "/api/v1/session")

    def delete_token(self, token_id: int) -> None:
        """Revoke a token of anybody, now."""
        self.send("DELETE", f"/api/v1/tokens/{self.quoted(token_id)}")

    def get_access_question(
        self,
        *,
        role: list[str],
        action: str,
        label: list[str] | None = None,
        purpose: Purpose | None = None,
        break_glass: bool | None = None,
    ) -> Question:
        """May somebody with these roles do this, or see this kind of field (`field.narrative`), and
        why.
        """
        return cast(
            "Question",
            self.send(
                "GET",
                "/api/v1/access/question",
                query={
                    "role": role,
                    "action": action,
                    "label": label,
                    "purpose": purpose,
                    "break_glass": break_glass,
                },
            ),
        )

    def get_access_vocabulary(self) -> dict[str, dict[str, str]]:
        """Roles, actions, kinds of fields and sensitivity labels, each with what it is."""
        return cast("dict[str, dict[str, str]]", self.send("GET", "/api/v1/access/vocabulary"))

    def get_account(self, account_id: int) -> Account:
        """One account, with its version as ETag."""
        return cast("Account", self.send("GET", f"/api/v1/accounts/{self.quoted(account_id)}"))

    def get_analytics_alert(self, incident_id: int) -> AlertSheet:
        """One alert: its definition, what happened to it, and the figure day by day."""
        return cast("AlertSheet", self.send("GET", f"/api/v1/analytics/alerts/{self.quoted(incident_id)}"))

    def get_analytics_alerts_definition(self, name: str) -> DefinedAlert:
        """One definition."""
        return cast(
            "DefinedAlert", self.send("GET", f"/api/v1/analytics/alerts/definitions/{self.quoted(name)}")
        )

    def get_analytics_ar_aging(
        self,
        *,
        by: Literal["dollars", "claims"] | None = None,
        from_: str | None = None,
        to: str | None = None,
        as_of: str | None = None,
    ) -> KpiAnswer:
        """What is owed at the end of the period by age: 0-30, 31-60, 61-90, 91-120, 120+ days since the
        service.
        """
        return cast(
            "KpiAnswer",
            self.send(
                "GET", "/api/v1/analytics/ar/aging", query={"by": by, "from": from_, "to": to, "as_of": as_of}
            ),
        )

    def get_analytics_ar_days(
        self,
        *,
        interval: str | None = None,
        from_: str | None = None,
        to: str | None = None,
        as_of: str | None = None,
    ) -> KpiAnswer:
        """Net days in A/R at the end of the period, or of each interval."""
        return cast(
            "KpiAnswer",
            self.send(
                "GET",
                "/api/v1/analytics/ar/days",
                query={"interval": interval, "from": from_, "to": to, "as_of": as_of},
            ),
        )

    def get_analytics_denials_by_department(
        self, *, from_: str | None = None, to: str | None = None, as_of: str | None = None
    ) -> KpiAnswer:
        """The initial denial rate by the department where denials begin, of all claims that were
        answered.
        """
        return cast(
            "KpiAnswer",
            self.send(
                "GET",
                "/api/v1/analytics/denials/by-department",
                query={"from": from_, "to": to, "as_of": as_of},
            ),
        )

    def get_analytics_denials_by_payer(
        self, *, from_: str | None = None, to: str | None = None, as_of: str | None = None
    ) -> KpiAnswer:
        """The initial denial rate by payer, compared to the period before."""
        return cast(
            "KpiAnswer",
            self.send(
                "GET", "/api/v1/analytics/denials/by-payer", query={"from": from_, "to": to, "as_of": as_of}
            ),
        )

    def get_analytics_denials_trends(
        self,
        *,
        interval: str | None = None,
        from_: str | None = None,
        to: str | None = None,
        as_of: str | None = None,
    ) -> KpiAnswer:
        """The initial denial rate by day, week or month."""
        return cast(
            "KpiAnswer",
            self.send(
                "GET",
                "/api/v1/analytics/denials/trends",
                query={"interval": interval, "from": from_, "to": to, "as_of": as_of},
            ),
        )

    def get_analytics_kpi(
        self,
        name: str,
        *,
        group_by: list[str] | None = None,
        where: list[str] | None = None,
        compare_to: str | None = None,
        interval: str | None = None,
        format_: Literal["json", "csv", "arrow"] | None = None,
        from_: str | None = None,
        to: str | None = None,
        as_of: str | None = None,
    ) -> KpiAnswer:
        """A figure over some days: as a whole, by interval and by up to two dimensions, compared if
        wished.
        """
        return cast(
            "KpiAnswer",
            self.send(
                "GET",
                f"/api/v1/analytics/kpis/{self.quoted(name)}",
                query={
                    "group_by": group_by,
                    "where": where,
                    "compare_to": compare_to,
                    "interval": interval,
                    "format": format_,
                    "from": from_,
                    "to": to,
                    "as_of": as_of,
                },
            ),
        )

    def get_analytics_kpi_definition(self, name: str) -> KpiSheet:
        """How a figure is defined: in words, in SQL over the semantic tables, with its source and
        benchmark.
        """
        return cast("KpiSheet", self.send("GET", f"/api/v1/analytics/kpis/{self.quoted(name)}/definition"))

    def get_analytics_staff_error_rate(
        self, *, from_: str | None = None, to: str | None = None, as_of: str | None = None
    ) -> KpiAnswer:
        """Work that came back, of the items finished, by who did it."""
        return cast(
            "KpiAnswer",
            self.send(
                "GET", "/api/v1/analytics/staff/error-rate", query={"from": from_, "to": to, "as_of": as_of}
            ),
        )

    def get_analytics_staff_productivity(
        self, *, from_: str | None = None, to: str | None = None, as_of: str | None = None
    ) -> KpiAnswer:
        """Work items finished, by who finished them."""
        return cast(
            "KpiAnswer",
            self.send(
                "GET", "/api/v1/analytics/staff/productivity", query={"from": from_, "to": to, "as_of": as_of}
            ),
        )

    def get_analytics_staff_workload(
        self, *, from_: str | None = None, to: str | None = None, as_of: str | None = None
    ) -> KpiAnswer:
        """Open work items at the end of the period, by category."""
        return cast(
            "KpiAnswer",
            self.send(
                "GET", "/api/v1/analytics/staff/workload", query={"from": from_, "to": to, "as_of": as_of}
            ),
        )

    def get_appeal(self, case_id: int) -> AppealCase:
        """One appeal: its state, stage and clock; no patient."""
        return cast("AppealCase", self.send("GET", f"/api/v1/appeals/{self.quoted(case_id)}"))

    def get_appeal_drafting(self, case_id: int) -> DraftingProgress:
        """How far the letter is: the stage, and how much of a model's answer is there."""
        return cast("DraftingProgress", self.send("GET", f"/api/v1/appeals/{self.quoted(case_id)}/drafting"))

    def get_appeal_drafting_stream(self, case_id: int) -> bytes:
        """The same as server-sent events while the letter is drafted: `progress`, and `done` at the
        end.
        """
        return self.fetch("GET", f"/api/v1/appeals/{self.quoted(case_id)}/drafting/stream")

    def get_appeals_tracking(self, tracking_id: str) -> AppealTracking:
        """How far a case is: not_found, in_progress, completed, or failed with its stage and why."""
        return cast(
            "AppealTracking", self.send("GET", f"/api/v1/appeals/tracking/{self.quoted(tracking_id)}")
        )

    def get_audit_export(self) -> bytes:
        """The audit log and its checkpoints as JSON Lines, which `claimwright audit verify FILE`
        verifies on any machine.
        """
        return self.fetch("GET", "/api/v1/audit/export")

    def get_audit_verification(self) -> AuditVerdict:
        """Whether no record of the audit log was changed, removed, moved or cut off, as checkpoints
        prove.
        """
        return cast("AuditVerdict", self.send("GET", "/api/v1/audit/verification"))

    def get_claim(self, claim_key: int) -> ListedClaim:
        """Where one claim stands, and why. It is not opened."""
        return cast("ListedClaim", self.send("GET", f"/api/v1/claims/{self.quoted(claim_key)}"))

    def get_claims_batch_schema(self) -> dict[str, Any]:
        """The JSON Schema of claims as `POST /claims/batch` takes them, from the dictionary."""
        return cast("dict[str, Any]", self.send("GET", "/api/v1/claims/batch/schema"))

    def get_denial(self, denial_id: int, *, as_of: str | None = None) -> DenialSheet:
        """One denial: its cause in words, its clocks with their law, its worth, the next step."""
        return cast(
            "DenialSheet",
            self.send("GET", f"/api/v1/denials/{self.quoted(denial_id)}", query={"as_of": as_of}),
        )

    def get_denial_appeal_odds(self, denial_id: int, *, as_of: str | None = None) -> AppealOdds:
        """How likely an independent reviewer overturns a denial, from published decisions of
        California.
        """
        return cast(
            "AppealOdds",
            self.send("GET", f"/api/v1/denials/{self.quoted(denial_id)}/appeal-odds", query={"as_of": as_of}),
        )

    def get_deposits(
        self, *, is_open: bool | None = None, limit: int | None = None, cursor: str | None = None
    ) -> DepositsShown:
        """Deposits of the bank, newest first, and the newest payments that no deposit confirms."""
        return cast(
            "DepositsShown",
            self.send(
                "GET", "/api/v1/deposits", query={"is_open": is_open, "limit": limit, "cursor": cursor}
            ),
        )

    def get_document(self, document_id: int) -> StoredDocument:
        """One document, without its name and content, withheld as in the list. Its ETag is for an edit
        of type and date: only whoever sees both has it, since they could be guessed from it.
        """
        return cast("StoredDocument", self.send("GET", f"/api/v1/documents/{self.quoted(document_id)}"))

    def get_feedback(self) -> FeedbackStatus:
        """How much feedback there is, and which of it blocks training until a person approves it."""
        return cast("FeedbackStatus", self.send("GET", "/api/v1/feedback"))

    def get_file(self, file_id: int) -> ListedFile:
        """One file, and how many of its claims were staged, refused or faulty."""
        return cast("ListedFile", self.send("GET", f"/api/v1/files/{self.quoted(file_id)}"))

    def get_files_upload(self, upload_id: str) -> UploadProgress:
        """How far an upload is that was sent with this `upload_id`; known for a day."""
        return cast("UploadProgress", self.send("GET", f"/api/v1/files/uploads/{self.quoted(upload_id)}"))

    def get_language_models(self) -> LanguageModelsInForce:
        """The providers in the order in which they are asked: breaker, calls under way, use of the
        month.
        """
        return cast("LanguageModelsInForce", self.send("GET", "/api/v1/language-models"))

    def get_ledger_claim(self, claim_key: int) -> ClaimLedger:
        """The postings of a claim, oldest first, and its balances."""
        return cast("ClaimLedger", self.send("GET", f"/api/v1/ledger/claims/{self.quoted(claim_key)}"))

    def get_model(self, model_id: str) -> ModelInFull:
        """One model: its card, how it compared with the champion of its time, and every change of its
        state.
        """
        return cast("ModelInFull", self.send("GET", f"/api/v1/models/{self.quoted(model_id)}"))

    def get_oauth_keys(self, *, tenant: str | None = None) -> dict[str, list[dict[str, str]]]:
        """The key set by which others verify access tokens of a tenant (RFC 7517)."""
        return cast(
            "dict[str, list[dict[str, str]]]",
            self.send("GET", "/api/v1/oauth/keys", query={"tenant": tenant}),
        )

    def get_operations(self) -> OperationsState:
        """How the database and the jobs do now."""
        return cast("OperationsState", self.send("GET", "/api/v1/operations"))

    def get_overview(
        self, *, facility: str | None = None, from_on: str | None = None, to_on: str | None = None
    ) -> Overview:
        """Figures with their definition, answers of the period, and what waits; amounts are cents."""
        return cast(
            "Overview",
            self.send(
                "GET", "/api/v1/overview", query={"facility": facility, "from_on": from_on, "to_on": to_on}
            ),
        )

    def get_own_views(self) -> Kept:
        """One's saved views, and whether one has seen the tour."""
        return cast("Kept", self.send("GET", "/api/v1/own/views"))

    def get_own_waiting(self) -> WaitingForMe:
        """How much waits for somebody like the caller: what to show beside the name of a page."""
        return cast("WaitingForMe", self.send("GET", "/api/v1/own/waiting"))

    def get_payment(self, payment_id: int) -> ExplainedPayment:
        """One payment."""
        return cast("ExplainedPayment", self.send("GET", f"/api/v1/payments/{self.quoted(payment_id)}"))

    def get_payment_statement(self, payment_id: int) -> PaymentStatement:
        """The sums of a payment and its provider adjustments (PLB): what its claims must add up to."""
        return cast(
            "PaymentStatement", self.send("GET", f"/api/v1/payments/{self.quoted(payment_id)}/statement")
        )

    def get_prediction(self, tracking_id: str) -> dict[str, Any]:
        """How far a prediction is: not_found, in_progress, completed with what it says, or failed and
        why.
        """
        return cast("dict[str, Any]", self.send("GET", f"/api/v1/predictions/{self.quoted(tracking_id)}"))

    def get_queue(self, item_id: int) -> ItemShown:
        """One item with its notes and history. Texts of notes are null for those who may not see notes
        of its claim, by its labels; but everybody who may see notes sees their own.
        """
        return cast("ItemShown", self.send("GET", f"/api/v1/queue/{self.quoted(item_id)}"))

    def get_queue_attachments(self, item_id: int) -> Attachments:
        """The attachments of an item. Names are null for those who may not see notes or patients of its
        claim.
        """
        return cast("Attachments", self.send("GET", f"/api/v1/queue/{self.quoted(item_id)}/attachments"))

    def get_queue_export(
        self,
        *,
        sort: Literal["priority", "stake", "due", "age"] | None = None,
        kind: list[Literal["claim_review", "dead_letter", "rejection", "denial", "unmatched_answer"]]
        | None = None,
        category: list[str] | None = None,
        facility: list[str] | None = None,
        priority: list[Literal["high", "normal", "low"]] | None = None,
        state: list[
            Literal[
                "new",
                "triaged",
                "in_progress",
                "repaired",
                "awaiting_approval",
                "reopened",
                "resubmitted",
                "verified",
                "closed",
                "all",
            ]
        ]
        | None = None,
        assignee: str | None = None,
        due_before: str | None = None,
        opened_from: str | None = None,
        opened_to: str | None = None,
        snoozed: Literal["hide", "only", "all"] | None = None,
        mentions: Literal["me"] | None = None,
        claim_key: int | None = None,
    ) -> bytes:
        """The same list as CSV for a spreadsheet, at most 100,000 rows; amounts are dollars."""
        return self.fetch(
            "GET",
            "/api/v1/queue/export",
            query={
                "sort": sort,
                "kind": kind,
                "category": category,
                "facility": facility,
                "priority": priority,
                "state": state,
                "assignee": assignee,
                "due_before": due_before,
                "opened_from": opened_from,
                "opened_to": opened_to,
                "snoozed": snoozed,
                "mentions": mentions,
                "claim_key": claim_key,
            },
        )

    def get_queue_summary(
        self,
        *,
        trend: bool | None = None,
        kind: list[Literal["claim_review", "dead_letter", "rejection", "denial", "unmatched_answer"]]
        | None = None,
        category: list[str] | None = None,
        facility: list[str] | None = None,
        priority: list[Literal["high", "normal", "low"]] | None = None,
        state: list[
            Literal[
                "new",
                "triaged",
                "in_progress",
                "repaired",
                "awaiting_approval",
                "reopened",
                "resubmitted",
                "verified",
                "closed",
                "all",
            ]
        ]
        | None = None,
        assignee: str | None = None,
        due_before: str | None = None,
        opened_from: str | None = None,
        opened_to: str | None = None,
        snoozed: Literal["hide", "only", "all"] | None = None,
        mentions: Literal["me"] | None = None,
        claim_key: int | None = None,
    ) -> QueueSummary:
        """Counts of open items by what they are about and whose they are, and the last 30 days."""
        return cast(
            "QueueSummary",
            self.send(
                "GET",
                "/api/v1/queue/summary",
                query={
                    "trend": trend,
                    "kind": kind,
                    "category": category,
                    "facility": facility,
                    "priority": priority,
                    "state": state,
                    "assignee": assignee,
                    "due_before": due_before,
                    "opened_from": opened_from,
                    "opened_to": opened_to,
                    "snoozed": snoozed,
                    "mentions": mentions,
                    "claim_key": claim_key,
                },
            ),
        )

    def get_remittance(self, file_id: int) -> ListedRemittance:
        """One remittance."""
        return cast("ListedRemittance", self.send("GET", f"/api/v1/remittances/{self.quoted(file_id)}"))

    def get_remittances_answer(self, answer_id: int) -> ExplainedAnswer:
        """One answer, without who the patient is."""
        return cast(
            "ExplainedAnswer", self.send("GET", f"/api/v1/remittances/answers/{self.quoted(answer_id)}")
        )

    def get_rule(self, code: str) -> RuleInFull:
        """One rule in full. A signal or a structural fault, whose codes findings have too, has no
        expression.
        """
        return cast("RuleInFull", self.send("GET", f"/api/v1/rules/{self.quoted(code)}"))

    def get_run(self, run_id: int) -> RunShown:
        """One run, chunk by chunk; its sums are withheld from accounts of some facilities."""
        return cast("RunShown", self.send("GET", f"/api/v1/runs/{self.quoted(run_id)}"))

    def get_runs_waiting(self) -> Waiting:
        """How much waits where: claims for a run, chunks for a worker, letters and reviews for a
        person.
        """
        return cast("Waiting", self.send("GET", "/api/v1/runs/waiting"))

    def get_session(self) -> CurrentSession:
        """Who is signed in, what they may do in general, and the token against forgery."""
        return cast("CurrentSession", self.send("GET", "/api/v1/session"))

    def get_template(
        self, kind: Literal["template", "prompt", "policy", "evaluation_set"], file_id: str, version: int
    ) -> FileText:
        """The text of a version."""
        return cast(
            "FileText",
            self.send(
                "GET", f"/api/v1/templates/{self.quoted(kind)}/{self.quoted(file_id)}/{self.quoted(version)}"
            ),
        )

    def get_underpayment(self, underpayment_id: int) -> UnderpaymentInFull:
        """One underpayment with how it is computed, one statement a line."""
        return cast(
            "UnderpaymentInFull", self.send("GET", f"/api/v1/underpayments/{self.quoted(underpayment_id)}")
        )

    def get_usage(self, *, month: str | None = None) -> MonthlyUsage:
        """Requests, claims and bytes of a month by identity, and the bytes stored at its end."""
        return cast("MonthlyUsage", self.send("GET", "/api/v1/usage", query={"month": month}))

    def get_usage_export(self, *, month: str | None = None) -> bytes:
        """The same as CSV, one row an identity, for a bill."""
        return self.fetch("GET", "/api/v1/usage/export", query={"month": month})

    def list_access_alerts(
        self, *, only_open: bool | None = None, limit: int | None = None, cursor: str | None = None
    ) -> PageAlert:
        """Alerts of unusual access to patient data, in the order in which they were raised."""
        return cast(
            "PageAlert",
            self.send(
                "GET",
                "/api/v1/access/alerts",
                query={"only_open": only_open, "limit": limit, "cursor": cursor},
            ),
        )

    def list_access_policies(self) -> list[PolicyShown]:
        """The policies that are there, also those whose day has not come."""
        return cast("list[PolicyShown]", self.send("GET", "/api/v1/access/policies"))

    def list_accounts(
        self,
        *,
        sort: Literal["account_id", "-account_id", "name", "-name"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PageAccount:
        """Accounts of the tenant, by number or name. An account of some facilities sees those that are
        of no others.
        """
        return cast(
            "PageAccount",
            self.send("GET", "/api/v1/accounts", query={"sort": sort, "limit": limit, "cursor": cursor}),
        )

    def list_analytics_alert_deliveries(self, incident_id: int) -> list[AlertDelivery]:
        """The messages about one alert, newest first."""
        return cast(
            "list[AlertDelivery]",
            self.send("GET", f"/api/v1/analytics/alerts/{self.quoted(incident_id)}/deliveries"),
        )

    def list_analytics_alerts(
        self,
        *,
        only_open: bool | None = None,
        name: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PageFigureAlert:
        """Alerts, newest first. Numbers of fewer than 11 claims are null for those who may not see
        them.
        """
        return cast(
            "PageFigureAlert",
            self.send(
                "GET",
                "/api/v1/analytics/alerts",
                query={"only_open": only_open, "name": name, "limit": limit, "cursor": cursor},
            ),
        )

    def list_analytics_alerts_definition_versions(self, name: str) -> list[DefinedAlert]:
        """All versions of a definition, newest first: what counted when, and who made it."""
        return cast(
            "list[DefinedAlert]",
            self.send("GET", f"/api/v1/analytics/alerts/definitions/{self.quoted(name)}/versions"),
        )

    def list_analytics_alerts_definitions(self) -> list[DefinedAlert]:
        """The definitions in force, each with when it was evaluated last and what that found."""
        return cast("list[DefinedAlert]", self.send("GET", "/api/v1/analytics/alerts/definitions"))

    def list_analytics_alerts_deliveries(
        self, *, only_failing: bool | None = None, limit: int | None = None, cursor: str | None = None
    ) -> PageAlertDelivery:
        """Messages, newest first: waiting, sent, given up or dropped, with attempts and the last error."""
        return cast(
            "PageAlertDelivery",
            self.send(
                "GET",
                "/api/v1/analytics/alerts/deliveries",
                query={"only_failing": only_failing, "limit": limit, "cursor": cursor},
            ),
        )

    def list_analytics_alerts_targets(self) -> list[TargetView]:
        """Where messages go, without addresses and secrets."""
        return cast("list[TargetView]", self.send("GET", "/api/v1/analytics/alerts/targets"))

    def list_analytics_dimension(self, dimension: str) -> list[str]:
        """The values of a dimension, such as all payers, for filters."""
        return cast("list[str]", self.send("GET", f"/api/v1/analytics/dimensions/{self.quoted(dimension)}"))

    def list_analytics_kpi_claims(
        self,
        name: str,
        *,
        where: list[str] | None = None,
        side: Literal["numerator", "denominator"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        from_: str | None = None,
        to: str | None = None,
        as_of: str | None = None,
    ) -> PageBehindRow:
        """The claims or work items behind a figure: over all pages, `amount` adds up to the number."""
        return cast(
            "PageBehindRow",
            self.send(
                "GET",
                f"/api/v1/analytics/kpis/{self.quoted(name)}/claims",
                query={
                    "where": where,
                    "side": side,
                    "limit": limit,
                    "cursor": cursor,
                    "from": from_,
                    "to": to,
                    "as_of": as_of,
                },
            ),
        )

    def list_analytics_kpis(self) -> list[KpiSheet]:
        """All figures with their definition, source and benchmark; `withheld` says why one is not for
        you.
        """
        return cast("list[KpiSheet]", self.send("GET", "/api/v1/analytics/kpis"))

    def list_analytics_reports(self) -> list[ReportRow]:
        """All reports, those that ended too."""
        return cast("list[ReportRow]", self.send("GET", "/api/v1/analytics/reports"))

    def list_analytics_reports_deliveries(
        self, *, limit: int | None = None, cursor: str | None = None
    ) -> PageDeliveryRow:
        """Deliveries of reports, the last one first; `problem` says why the last attempt failed."""
        return cast(
            "PageDeliveryRow",
            self.send(
                "GET", "/api/v1/analytics/reports/deliveries", query={"limit": limit, "cursor": cursor}
            ),
        )

    def list_analytics_scorecards_payers(
        self, *, from_: str | None = None, to: str | None = None, as_of: str | None = None
    ) -> list[PayerScore]:
        """Payers side by side: how much they deny, how late they pay, what they owe. Figures as far as
        you may see.
        """
        return cast(
            "list[PayerScore]",
            self.send(
                "GET", "/api/v1/analytics/scorecards/payers", query={"from": from_, "to": to, "as_of": as_of}
            ),
        )

    def list_appeal_letters(self, case_id: int) -> list[FiledLetter]:
        """What the payer wrote about an appeal, as it was filed; the words are in the documents."""
        return cast("list[FiledLetter]", self.send("GET", f"/api/v1/appeals/{self.quoted(case_id)}/letters"))

    def list_appeal_model_calls(self, case_id: int) -> list[ModelCall]:
        """What language models were asked for an appeal, newest first: what came of it, no content."""
        return cast(
            "list[ModelCall]", self.send("GET", f"/api/v1/appeals/{self.quoted(case_id)}/model-calls")
        )

    def list_appeals(
        self,
        *,
        state: list[
            Literal[
                "in_progress",
                "failed",
                "not_eligible",
                "marked",
                "ready",
                "approved",
                "sent",
                "won",
                "partly_won",
                "lost",
                "withdrawn",
            ]
        ]
        | None = None,
        denial_id: int | None = None,
        claim_key: int | None = None,
        sort: Literal[
            "case_id",
            "-case_id",
            "due_on",
            "-due_on",
            "amount_cents",
            "-amount_cents",
            "expected_cents",
            "-expected_cents",
        ]
        | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PageAppealCase:
        """Appeals by what they are expected to bring and their clock, or in the order of `sort`.
        Outcomes from remittances are set first.
        """
        return cast(
            "PageAppealCase",
            self.send(
                "GET",
                "/api/v1/appeals",
                query={
                    "state": state,
                    "denial_id": denial_id,
                    "claim_key": claim_key,
                    "sort": sort,
                    "limit": limit,
                    "cursor": cursor,
                },
            ),
        )

    def list_appeals_record(self) -> list[TemplateOutcome]:
        """How often letters of each template version overturned the denial, with the 95 % interval."""
        return cast("list[TemplateOutcome]", self.send("GET", "/api/v1/appeals/record"))

    def list_audit(
        self,
        *,
        actor: str | None = None,
        action: str | None = None,
        subject: str | None = None,
        correlation_id: str | None = None,
        since: str | None = None,
        until: str | None = None,
        sort: Literal["sequence", "-sequence"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PageAuditRecord:
        """Records that match everything given, newest first; an action or subject by its beginning."""
        return cast(
            "PageAuditRecord",
            self.send(
                "GET",
                "/api/v1/audit",
                query={
                    "actor": actor,
                    "action": action,
                    "subject": subject,
                    "correlation_id": correlation_id,
                    "since": since,
                    "until": until,
                    "sort": sort,
                    "limit": limit,
                    "cursor": cursor,
                },
            ),
        )

    def list_claim_findings(self, claim_key: int) -> list[StoredFinding]:
        """What was found of a claim. A finding names a field and never its value."""
        return cast(
            "list[StoredFinding]", self.send("GET", f"/api/v1/claims/{self.quoted(claim_key)}/findings")
        )

    def list_claim_history(self, claim_key: int) -> list[ClaimEvent]:
        """What happened to a claim, oldest first, with who did it and why; no value of the claim is in
        it.
        """
        return cast("list[ClaimEvent]", self.send("GET", f"/api/v1/claims/{self.quoted(claim_key)}/history"))

    def list_claim_predictions(self, claim_key: int) -> list[StoredPrediction]:
        """What the model in use predicted of a claim when a run processed it, newest first; none
        without a model.
        """
        return cast(
            "list[StoredPrediction]", self.send("GET", f"/api/v1/claims/{self.quoted(claim_key)}/predictions")
        )

    def list_claim_prices(self, claim_key: int) -> list[PricedLine]:
        """What each line charges and should be allowed, and by which basis; none before a run processed
        it.
        """
        return cast("list[PricedLine]", self.send("GET", f"/api/v1/claims/{self.quoted(claim_key)}/prices"))

    def list_claims(
        self,
        *,
        place: Literal["staged", "production", "review", "returned", "dead", "discarded"] | None = None,
        facility: str | None = None,
        file_id: int | None = None,
        service_from: str | None = None,
        service_to: str | None = None,
        sort: Literal[
            "claim_key", "-claim_key", "service_from_on", "-service_from_on", "total_charge", "-total_charge"
        ]
        | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PageListedClaim:
        """List claims by key, day of service or charge: where each stands, and why. None is opened."""
        return cast(
            "PageListedClaim",
            self.send(
                "GET",
                "/api/v1/claims",
                query={
                    "place": place,
                    "facility": facility,
                    "file_id": file_id,
                    "service_from": service_from,
                    "service_to": service_to,
                    "sort": sort,
                    "limit": limit,
                    "cursor": cursor,
                },
            ),
        )

    def list_dead_letters(self, *, limit: int | None = None, cursor: str | None = None) -> PageDeadLetter:
        """Claims that could not be processed, and the class of the failure of each; discarded ones
        last.
        """
        return cast(
            "PageDeadLetter",
            self.send("GET", "/api/v1/dead-letters", query={"limit": limit, "cursor": cursor}),
        )

    def list_denial_clocks(self, denial_id: int, *, as_of: str | None = None) -> list[Clock]:
        """Every clock of a denial, with its law, its start, its last day and the days left."""
        return cast(
            "list[Clock]",
            self.send("GET", f"/api/v1/denials/{self.quoted(denial_id)}/clocks", query={"as_of": as_of}),
        )

    def list_denials(
        self,
        *,
        state: Literal["open", "resubmitted", "appealed", "won", "lost", "billed_on", "written_off"]
        | Literal["all"]
        | None = None,
        category: str | None = None,
        cause: str | None = None,
        claim_key: int | None = None,
        facility: str | None = None,
        denied_from: str | None = None,
        denied_to: str | None = None,
        as_of: str | None = None,
        sort: Literal[
            "amount_cents", "-amount_cents", "due_on", "-due_on", "expected_cents", "-expected_cents"
        ]
        | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PageWeighedDenial:
        """Denials in force in any state, those with the highest expected recovery first, or in the
        order of `sort`; amounts are cents.
        """
        return cast(
            "PageWeighedDenial",
            self.send(
                "GET",
                "/api/v1/denials",
                query={
                    "state": state,
                    "category": category,
                    "cause": cause,
                    "claim_key": claim_key,
                    "facility": facility,
                    "denied_from": denied_from,
                    "denied_to": denied_to,
                    "as_of": as_of,
                    "sort": sort,
                    "limit": limit,
                    "cursor": cursor,
                },
            ),
        )

    def list_denials_contracts(
        self, *, ended: bool | None = None, limit: int | None = None, cursor: str | None = None
    ) -> PageContractClock:
        """Contracts' own times, which replace or add to the clocks of the law."""
        return cast(
            "PageContractClock",
            self.send(
                "GET", "/api/v1/denials/contracts", query={"ended": ended, "limit": limit, "cursor": cursor}
            ),
        )

    def list_denials_groups(
        self,
        *,
        facility: str | None = None,
        denied_from: str | None = None,
        denied_to: str | None = None,
        as_of: str | None = None,
    ) -> list[WorkGroup]:
        """The same denials by cause and next step: one fix for many claims, those worth most first."""
        return cast(
            "list[WorkGroup]",
            self.send(
                "GET",
                "/api/v1/denials/groups",
                query={
                    "facility": facility,
                    "denied_from": denied_from,
                    "denied_to": denied_to,
                    "as_of": as_of,
                },
            ),
        )

    def list_denials_proposals(
        self,
        *,
        form: Literal["P", "I", "D"] | None = None,
        cause: str | None = None,
        category: str | None = None,
        precision: float | None = None,
        flagged: int | None = None,
        limit: int | None = None,
    ) -> list[ProposedRule]:
        """Rules by which denied lines could have been foreseen, measured on lines held out. Nothing is
        active: write one as a draft, try it, then decide.
        """
        return cast(
            "list[ProposedRule]",
            self.send(
                "GET",
                "/api/v1/denials/proposals",
                query={
                    "form": form,
                    "cause": cause,
                    "category": category,
                    "precision": precision,
                    "flagged": flagged,
                    "limit": limit,
                },
            ),
        )

    def list_denials_rule_value(self) -> list[RuleValue]:
        """Which findings at submission predicted which denials: precision, dollars denied and
        prevented.
        """
        return cast("list[RuleValue]", self.send("GET", "/api/v1/denials/rule-value"))

    def list_denials_work(
        self,
        *,
        cause: str | None = None,
        step: str | None = None,
        facility: str | None = None,
        denied_from: str | None = None,
        denied_to: str | None = None,
        as_of: str | None = None,
        sort: Literal["amount", "-amount", "due_on", "-due_on", "expected_recovery", "-expected_recovery"]
        | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PageWorkItem:
        """Open denials in the order in which to work them, expected recovery by the day that is left,
        or in the order of `sort`.
        """
        return cast(
            "PageWorkItem",
            self.send(
                "GET",
                "/api/v1/denials/work",
                query={
                    "cause": cause,
                    "step": step,
                    "facility": facility,
                    "denied_from": denied_from,
                    "denied_to": denied_to,
                    "as_of": as_of,
                    "sort": sort,
                    "limit": limit,
                    "cursor": cursor,
                },
            ),
        )

    def list_dictionary(self) -> list[FieldShown]:
        """Every field of a claim: its name, its meaning, its places in the 837 and on the paper forms."""
        return cast("list[FieldShown]", self.send("GET", "/api/v1/dictionary"))

    def list_documents(
        self, *, claim_key: int | None = None, limit: int | None = None, cursor: str | None = None
    ) -> PageStoredDocument:
        """Documents of a claim or of all, without names and contents."""
        return cast(
            "PageStoredDocument",
            self.send(
                "GET", "/api/v1/documents", query={"claim_key": claim_key, "limit": limit, "cursor": cursor}
            ),
        )

    def list_experiments(self) -> list[ExperimentInFull]:
        """Experiments between versions of templates, as they stand. Those whose rule is met are stopped
        first. Only for accounts of every facility: the cases are of all of them.
        """
        return cast("list[ExperimentInFull]", self.send("GET", "/api/v1/experiments"))

    def list_facilities(self) -> list[str]:
        """The facilities whose claims you may see, by name, as far as files came for them."""
        return cast("list[str]", self.send("GET", "/api/v1/facilities"))

    def list_file_findings(self, file_id: int) -> list[StoredFinding]:
        """Findings of the file as a whole: those that are of no claim."""
        return cast("list[StoredFinding]", self.send("GET", f"/api/v1/files/{self.quoted(file_id)}/findings"))

    def list_file_refusals(
        self, file_id: int, *, limit: int | None = None, cursor: str | None = None
    ) -> PageRefusal:
        """Claims of the file that repeat one of before, each with the key of that one."""
        return cast(
            "PageRefusal",
            self.send(
                "GET",
                f"/api/v1/files/{self.quoted(file_id)}/refusals",
                query={"limit": limit, "cursor": cursor},
            ),
        )

    def list_files(
        self,
        *,
        facility: str | None = None,
        received_from: str | None = None,
        received_to: str | None = None,
        sort: Literal["file_id", "-file_id", "claims", "-claims", "faults", "-faults"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PageListedFile:
        """Files that came in, newest first, or by claims or faults."""
        return cast(
            "PageListedFile",
            self.send(
                "GET",
                "/api/v1/files",
                query={
                    "facility": facility,
                    "received_from": received_from,
                    "received_to": received_to,
                    "sort": sort,
                    "limit": limit,
                    "cursor": cursor,
                },
            ),
        )

    def list_findings(
        self,
        *,
        code: str | None = None,
        severity: Literal["block", "warn", "note"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PageStoredFinding:
        """Findings of claims in production, claim by claim; a page is so many claims, whole."""
        return cast(
            "PageStoredFinding",
            self.send(
                "GET",
                "/api/v1/findings",
                query={"code": code, "severity": severity, "limit": limit, "cursor": cursor},
            ),
        )

    def list_findings_counts(self) -> list[FindingCount]:
        """How often each code was found in claims of production, most claims first."""
        return cast("list[FindingCount]", self.send("GET", "/api/v1/findings/counts"))

    def list_language_models_spending(
        self,
        *,
        by: Literal["provider", "subject", "stage", "asked_by"] | None = None,
        month: str | None = None,
    ) -> list[ModelSpending]:
        """Calls, tokens and dollars of a month, by provider, case, stage or who asked."""
        return cast(
            "list[ModelSpending]",
            self.send("GET", "/api/v1/language-models/spending", query={"by": by, "month": month}),
        )

    def list_ledger_balance(self) -> list[LedgerTotal]:
        """The trial balance: every account with its sum, debits above zero; together they are zero."""
        return cast("list[LedgerTotal]", self.send("GET", "/api/v1/ledger/balance"))

    def list_ledger_write_offs(
        self,
        *,
        state: Literal["waiting", "approved", "refused"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PageStoredWriteOff:
        """Write-offs, newest first; `state=waiting` are those that another person approves or refuses."""
        return cast(
            "PageStoredWriteOff",
            self.send(
                "GET", "/api/v1/ledger/write-offs", query={"state": state, "limit": limit, "cursor": cursor}
            ),
        )

    def list_models(self) -> list[ListedModel]:
        """Models of the tenant, in the order in which they came: state, and who trained each."""
        return cast("list[ListedModel]", self.send("GET", "/api/v1/models"))

    def list_own_actions(self) -> list[str]:
        """The actions that policies allow the caller in general; a page need not offer the others."""
        return cast("list[str]", self.send("GET", "/api/v1/own/actions"))

    def list_own_passkeys(self) -> list[Passkey]:
        """One's passkeys."""
        return cast("list[Passkey]", self.send("GET", "/api/v1/own/passkeys"))

    def list_own_providers(self) -> list[ExternalIdentity]:
        """One's links to sign-in providers."""
        return cast("list[ExternalIdentity]", self.send("GET", "/api/v1/own/providers"))

    def list_own_sessions(self) -> list[SessionShown]:
        """One's sessions that have not ended."""
        return cast("list[SessionShown]", self.send("GET", "/api/v1/own/sessions"))

    def list_own_tokens(self, *, limit: int | None = None, cursor: str | None = None) -> PageToken:
        """One's tokens, without their secrets."""
        return cast(
            "PageToken", self.send("GET", "/api/v1/own/tokens", query={"limit": limit, "cursor": cursor})
        )

    def list_payer_addresses(self) -> list[PayerAddress]:
        """Where payers take appeals, with the source of each address."""
        return cast("list[PayerAddress]", self.send("GET", "/api/v1/payer-addresses"))

    def list_payers(self) -> list[PayerName]:
        """What payers are called in their payments, by identifier. A payer that never paid has no name
        here.
        """
        return cast("list[PayerName]", self.send("GET", "/api/v1/payers"))

    def list_payment_claims(
        self, payment_id: int, *, limit: int | None = None, cursor: str | None = None
    ) -> PageStatementClaim:
        """The claims of a payment in its order, each with its lines and adjustments; no patients, no
        services.
        """
        return cast(
            "PageStatementClaim",
            self.send(
                "GET",
                f"/api/v1/payments/{self.quoted(payment_id)}/claims",
                query={"limit": limit, "cursor": cursor},
            ),
        )

    def list_payments(
        self,
        *,
        state: Literal["posted", "held", "duplicate"] | None = None,
        file_id: int | None = None,
        facility: str | None = None,
        paid_from: str | None = None,
        paid_to: str | None = None,
        sort: Literal["payment_id", "-payment_id", "paid_on", "-paid_on", "amount_cents", "-amount_cents"]
        | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PageExplainedPayment:
        """Payments, newest first, or by day or amount: what is not applied to claims, which deposit
        confirms it.
        """
        return cast(
            "PageExplainedPayment",
            self.send(
                "GET",
                "/api/v1/payments",
                query={
                    "state": state,
                    "file_id": file_id,
                    "facility": facility,
                    "paid_from": paid_from,
                    "paid_to": paid_to,
                    "sort": sort,
                    "limit": limit,
                    "cursor": cursor,
                },
            ),
        )

    def list_queue(
        self,
        *,
        sort: Literal["priority", "stake", "due", "age"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        kind: list[Literal["claim_review", "dead_letter", "rejection", "denial", "unmatched_answer"]]
        | None = None,
        category: list[str] | None = None,
        facility: list[str] | None = None,
        priority: list[Literal["high", "normal", "low"]] | None = None,
        state: list[
            Literal[
                "new",
                "triaged",
                "in_progress",
                "repaired",
                "awaiting_approval",
                "reopened",
                "resubmitted",
                "verified",
                "closed",
                "all",
            ]
        ]
        | None = None,
        assignee: str | None = None,
        due_before: str | None = None,
        opened_from: str | None = None,
        opened_to: str | None = None,
        snoozed: Literal["hide", "only", "all"] | None = None,
        mentions: Literal["me"] | None = None,
        claim_key: int | None = None,
    ) -> QueuePage:
        """What waits for a person, worth most per day that is left first; amounts are cents."""
        return cast(
            "QueuePage",
            self.send(
                "GET",
                "/api/v1/queue",
                query={
                    "sort": sort,
                    "limit": limit,
                    "cursor": cursor,
                    "kind": kind,
                    "category": category,
                    "facility": facility,
                    "priority": priority,
                    "state": state,
                    "assignee": assignee,
                    "due_before": due_before,
                    "opened_from": opened_from,
                    "opened_to": opened_to,
                    "snoozed": snoozed,
                    "mentions": mentions,
                    "claim_key": claim_key,
                },
            ),
        )

    def list_queue_people(self) -> list[Worker]:
        """Who may work on items at facilities of yours, on which categories, and how many open items
        each has there.
        """
        return cast("list[Worker]", self.send("GET", "/api/v1/queue/people"))

    def list_reference(self, *, as_of: str | None = None) -> list[Dataset]:
        """Reference data: the edition in force of each dataset, its age, whether it is stale, its
        source.
        """
        return cast("list[Dataset]", self.send("GET", "/api/v1/reference", query={"as_of": as_of}))

    def list_remittances(
        self,
        *,
        facility: str | None = None,
        received_from: str | None = None,
        received_to: str | None = None,
        sort: Literal["file_id", "-file_id", "claims", "-claims"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PageListedRemittance:
        """Remittances, newest first or by claims, with how many answers are posted and wait."""
        return cast(
            "PageListedRemittance",
            self.send(
                "GET",
                "/api/v1/remittances",
                query={
                    "facility": facility,
                    "received_from": received_from,
                    "received_to": received_to,
                    "sort": sort,
                    "limit": limit,
                    "cursor": cursor,
                },
            ),
        )

    def list_remittances_answer_candidates(self, answer_id: int) -> list[AnswerCandidate]:
        """The claims that a waiting answer may be about, best first."""
        return cast(
            "list[AnswerCandidate]",
            self.send("GET", f"/api/v1/remittances/answers/{self.quoted(answer_id)}/candidates"),
        )

    def list_remittances_answers(
        self,
        *,
        state: Literal["posted", "reversed", "superseded", "duplicate", "noted", "waiting", "dismissed"]
        | None = None,
        reason: str | None = None,
        payment_id: int | None = None,
        claim_key: int | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PageExplainedAnswer:
        """Answers of payers to claims, newest first; `state=waiting` are those that need a person."""
        return cast(
            "PageExplainedAnswer",
            self.send(
                "GET",
                "/api/v1/remittances/answers",
                query={
                    "state": state,
                    "reason": reason,
                    "payment_id": payment_id,
                    "claim_key": claim_key,
                    "limit": limit,
                    "cursor": cursor,
                },
            ),
        )

    def list_remittances_waiting(self) -> list[WaitingReason]:
        """Why answers wait, most frequent first."""
        return cast("list[WaitingReason]", self.send("GET", "/api/v1/remittances/waiting"))

    def list_repairs_acceptance(self) -> list[RepairAcceptance]:
        """How often people accepted the repairs that were offered to them, most offered first."""
        return cast("list[RepairAcceptance]", self.send("GET", "/api/v1/repairs/acceptance"))

    def list_repairs_history(
        self, *, claim_key: int | None = None, limit: int | None = None, cursor: str | None = None
    ) -> PageStoredCorrection:
        """Corrections, newest first, and whether a run has verified them. No values."""
        return cast(
            "PageStoredCorrection",
            self.send(
                "GET",
                "/api/v1/repairs/history",
                query={"claim_key": claim_key, "limit": limit, "cursor": cursor},
            ),
        )

    def list_review(
        self,
        *,
        facility: str | None = None,
        why: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PageReviewClaim:
        """Claims that wait for a person, in order of key; `why` is a word such as `blocked`."""
        return cast(
            "PageReviewClaim",
            self.send(
                "GET",
                "/api/v1/review",
                query={"facility": facility, "why": why, "limit": limit, "cursor": cursor},
            ),
        )

    def list_rules(self, *, family: str | None = None) -> list[RuleShown]:
        """The rulebook; of one family where the beginning of its codes is given, such as NPI."""
        return cast("list[RuleShown]", self.send("GET", "/api/v1/rules", query={"family": family}))

    def list_runs(
        self,
        *,
        sort: Literal["run_id", "-run_id"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PageVisibleRun:
        """Runs of the pipeline with their sums, newest first."""
        return cast(
            "PageVisibleRun",
            self.send("GET", "/api/v1/runs", query={"sort": sort, "limit": limit, "cursor": cursor}),
        )

    def list_second_payers(
        self,
        *,
        state: Literal["waiting", "released", "forwarded", "patient"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PageNextClaim:
        """What first payers left, by claim, with the second payer that the claim names."""
        return cast(
            "PageNextClaim",
            self.send(
                "GET", "/api/v1/second-payers", query={"state": state, "limit": limit, "cursor": cursor}
            ),
        )

    def list_second_payers_patients(self, *, limit: int | None = None) -> list[PatientBalance]:
        """What patients owe, most first: claims without a second payer, or whose second payer has
        answered.
        """
        return cast(
            "list[PatientBalance]", self.send("GET", "/api/v1/second-payers/patients", query={"limit": limit})
        )

    def list_settings(self) -> list[SettingInForce]:
        """Every setting in force and where its value came from. For accounts of the installation's own
        tenant.
        """
        return cast("list[SettingInForce]", self.send("GET", "/api/v1/settings"))

    def list_templates(
        self, *, kind: Literal["template", "prompt", "policy", "evaluation_set"] | None = None
    ) -> list[FileVersion]:
        """Every version of governed files with its state; of templates, those that ship too."""
        return cast("list[FileVersion]", self.send("GET", "/api/v1/templates", query={"kind": kind}))

    def list_tenants(self) -> list[Tenant]:
        """The tenants by name: since when, made by whom, whether anything is stored for them."""
        return cast("list[Tenant]", self.send("GET", "/api/v1/tenants"))

    def list_tokens(
        self,
        *,
        sort: Literal["token_id", "-token_id", "expires_at", "-expires_at"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PageToken:
        """Tokens of people and credentials of services, without their secrets; by number or by their
        end. An account of some facilities sees those that are of no others.
        """
        return cast(
            "PageToken",
            self.send("GET", "/api/v1/tokens", query={"sort": sort, "limit": limit, "cursor": cursor}),
        )

    def list_underpayments(
        self,
        *,
        payer: str | None = None,
        kind: Kind | None = None,
        claim_key: int | None = None,
        facility: str | None = None,
        sort: Literal["underpayment_id", "-underpayment_id", "amount_cents", "-amount_cents"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PageUnderpayment:
        """Underpayments in force, by number or by dollars. Amounts are whole cents."""
        return cast(
            "PageUnderpayment",
            self.send(
                "GET",
                "/api/v1/underpayments",
                query={
                    "payer": payer,
                    "kind": kind,
                    "claim_key": claim_key,
                    "facility": facility,
                    "sort": sort,
                    "limit": limit,
                    "cursor": cursor,
                },
            ),
        )

    def list_underpayments_totals(
        self, *, payer: str | None = None, facility: str | None = None
    ) -> list[UnderpaymentTotal]:
        """Underpayments in force by payer and kind, most dollars first."""
        return cast(
            "list[UnderpaymentTotal]",
            self.send("GET", "/api/v1/underpayments/totals", query={"payer": payer, "facility": facility}),
        )

    def list_usage_quotas(self) -> list[Quota]:
        """The quotas of the tenant, and how much of each is used."""
        return cast("list[Quota]", self.send("GET", "/api/v1/usage/quotas"))

    def list_waivers(self, *, limit: int | None = None, cursor: str | None = None) -> PageStoredWaiver:
        """Waivers of the tenant in the order in which they were added, ended ones as well."""
        return cast(
            "PageStoredWaiver", self.send("GET", "/api/v1/waivers", query={"limit": limit, "cursor": cursor})
        )

    def post_access_alert_review(
        self, alert_id: int, body: AlertReview, *, idempotency_key: str | None = None
    ) -> Alert:
        """Close an alert with what was found about it. Nobody closes an alert about their own access."""
        return cast(
            "Alert",
            self.send(
                "POST",
                f"/api/v1/access/alerts/{self.quoted(alert_id)}/review",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_analytics_alert_acknowledge(
        self, incident_id: int, *, idempotency_key: str | None = None
    ) -> FigureAlert:
        """Say that you work on it: it is not escalated any further."""
        return cast(
            "FigureAlert",
            self.send(
                "POST",
                f"/api/v1/analytics/alerts/{self.quoted(incident_id)}/acknowledge",
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_analytics_alert_resolve(
        self, incident_id: int, body: AlertResolution, *, idempotency_key: str | None = None
    ) -> FigureAlert:
        """Say that it is over, and why. It begins anew only after the figure was back once."""
        return cast(
            "FigureAlert",
            self.send(
                "POST",
                f"/api/v1/analytics/alerts/{self.quoted(incident_id)}/resolve",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_analytics_alerts_configure(
        self, body: AlertDefinition, *, idempotency_key: str | None = None
    ) -> DefinedAlert:
        """Add a definition, or its next version. The same again changes nothing."""
        return cast(
            "DefinedAlert",
            self.send(
                "POST",
                "/api/v1/analytics/alerts/configure",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_analytics_alerts_delivery_retry(
        self, delivery_id: int, *, idempotency_key: str | None = None
    ) -> None:
        """Give a message that was given up new attempts."""
        self.send(
            "POST",
            f"/api/v1/analytics/alerts/deliveries/{self.quoted(delivery_id)}/retry",
            headers={"Idempotency-Key": idempotency_key},
        )

    def post_analytics_alerts_evaluate(
        self, *, name: str | None = None, idempotency_key: str | None = None
    ) -> AlertsEvaluated:
        """Evaluate all definitions now, or one, and send what is due. A worker does so every few
        minutes.
        """
        return cast(
            "AlertsEvaluated",
            self.send(
                "POST",
                "/api/v1/analytics/alerts/evaluate",
                query={"name": name},
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_analytics_alerts_target_test(
        self, name: str, *, idempotency_key: str | None = None
    ) -> AlertDelivery:
        """Send a test to a target now; the answer says whether it was taken, or why not."""
        return cast(
            "AlertDelivery",
            self.send(
                "POST",
                f"/api/v1/analytics/alerts/targets/{self.quoted(name)}/test",
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_analytics_alerts_targets(
        self, body: AlertTarget, *, idempotency_key: str | None = None
    ) -> TargetView:
        """Add a target, or replace the one with its name."""
        return cast(
            "TargetView",
            self.send(
                "POST",
                "/api/v1/analytics/alerts/targets",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_analytics_costs(self, body: CostEntry, *, idempotency_key: str | None = None) -> None:
        """Enter what collecting cost in a month, in place of what was entered before; of the whole
        practice.
        """
        self.send(
            "POST", "/api/v1/analytics/costs", json_body=body, headers={"Idempotency-Key": idempotency_key}
        )

    def post_analytics_export(
        self, table: str, body: ExportWanted, *, idempotency_key: str | None = None
    ) -> bytes:
        """A semantic table: `claims` or `facts`. By default without what identifies a patient (safe
        harbor).
        """
        return self.fetch(
            "POST",
            f"/api/v1/analytics/exports/{self.quoted(table)}",
            json_body=body,
            headers={"Idempotency-Key": idempotency_key},
        )

    def post_analytics_report_send(self, report_id: int, *, idempotency_key: str | None = None) -> Any:
        """Deliver a report within a minute, or again if today's delivery failed."""
        return cast(
            "Any",
            self.send(
                "POST",
                f"/api/v1/analytics/reports/{self.quoted(report_id)}/send",
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_appeal_approval(self, case_id: int, *, idempotency_key: str | None = None) -> AppealCase:
        """Approve a letter on which nothing is marked, as another person than the one who drafted it."""
        return cast(
            "AppealCase",
            self.send(
                "POST",
                f"/api/v1/appeals/{self.quoted(case_id)}/approval",
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_appeal_confirmations(
        self, case_id: int, body: Confirmation, *, idempotency_key: str | None = None
    ) -> LetterInFull:
        """Confirm a statement that no approved sentence says. What contradicts the case can't be
        confirmed.
        """
        return cast(
            "LetterInFull",
            self.send(
                "POST",
                f"/api/v1/appeals/{self.quoted(case_id)}/confirmations",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_appeal_letter(
        self, case_id: int, body: EditedLetter, *, idempotency_key: str | None = None
    ) -> LetterInFull:
        """Store the statements as the next draft, and what the gate says of it. The head is not edited."""
        return cast(
            "LetterInFull",
            self.send(
                "POST",
                f"/api/v1/appeals/{self.quoted(case_id)}/letter",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_appeal_letter_opening(
        self, case_id: int, body: WantedForm, *, idempotency_key: str | None = None
    ) -> bytes:
        """The letter as PDF with its exhibits, as Word document without them, or as pages for a fax
        (TIFF).
        """
        return self.fetch(
            "POST",
            f"/api/v1/appeals/{self.quoted(case_id)}/letter/opening",
            json_body=body,
            headers={"Idempotency-Key": idempotency_key},
        )

    def post_appeal_letter_outcome(
        self, case_id: int, entry_id: int, body: AppliedLetter, *, idempotency_key: str | None = None
    ) -> AppealCase:
        """Make a payer's letter the outcome of the appeal, as somebody who has read it."""
        return cast(
            "AppealCase",
            self.send(
                "POST",
                f"/api/v1/appeals/{self.quoted(case_id)}/letters/{self.quoted(entry_id)}/outcome",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_appeal_model_call_opening(
        self, case_id: int, call_id: int, body: Opening, *, idempotency_key: str | None = None
    ) -> SentCall:
        """What was sent in one call, to the byte, and what was answered. A POST: it writes into the
        audit log.
        """
        return cast(
            "SentCall",
            self.send(
                "POST",
                f"/api/v1/appeals/{self.quoted(case_id)}/model-calls/{self.quoted(call_id)}/opening",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_appeal_opening(
        self, case_id: int, body: Opening, *, idempotency_key: str | None = None
    ) -> AppealInFull:
        """The case with its facts and letter, for those who may see notes and patients of its claim, by
        its labels.
        """
        return cast(
            "AppealInFull",
            self.send(
                "POST",
                f"/api/v1/appeals/{self.quoted(case_id)}/opening",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_appeal_outcome(
        self, case_id: int, body: StatedOutcome, *, idempotency_key: str | None = None
    ) -> AppealCase:
        """State the outcome that the payer's letter gives. A remittance sets it by itself."""
        return cast(
            "AppealCase",
            self.send(
                "POST",
                f"/api/v1/appeals/{self.quoted(case_id)}/outcome",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_appeal_packet_opening(
        self, case_id: int, body: Opening, *, idempotency_key: str | None = None
    ) -> bytes:
        """The letter with its exhibits as PDF. Before it is approved, every page says so."""
        return self.fetch(
            "POST",
            f"/api/v1/appeals/{self.quoted(case_id)}/packet/opening",
            json_body=body,
            headers={"Idempotency-Key": idempotency_key},
        )

    def post_appeal_refresh(self, case_id: int, *, idempotency_key: str | None = None) -> AppealCase:
        """Gather the facts and draft anew, after documents, findings or addresses changed: also a job."""
        return cast(
            "AppealCase",
            self.send(
                "POST",
                f"/api/v1/appeals/{self.quoted(case_id)}/refresh",
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_appeal_search(
        self, case_id: int, body: WantedSearch, *, idempotency_key: str | None = None
    ) -> DocumentSearch:
        """Passages of the case's documents that fit a query, best first. Other names of a concept are
        found too; with the extra `meaning`, passages of the same meaning in other words.
        """
        return cast(
            "DocumentSearch",
            self.send(
                "POST",
                f"/api/v1/appeals/{self.quoted(case_id)}/search",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_appeal_sending(
        self, case_id: int, body: HandOff, *, idempotency_key: str | None = None
    ) -> Handed:
        """Hand an approved appeal off to the folder of the setting `appeals.handoff_folder`."""
        return cast(
            "Handed",
            self.send(
                "POST",
                f"/api/v1/appeals/{self.quoted(case_id)}/sending",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_appeal_withdrawal(
        self, case_id: int, body: Why, *, idempotency_key: str | None = None
    ) -> AppealCase:
        """Give up an appeal that is not sent."""
        return cast(
            "AppealCase",
            self.send(
                "POST",
                f"/api/v1/appeals/{self.quoted(case_id)}/withdrawal",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_appeals(self, body: WantedAppeal, *, idempotency_key: str | None = None) -> AppealCase:
        """Open the appeal of a denial and have its stages done. An open one is given back as it is."""
        return cast(
            "AppealCase",
            self.send(
                "POST", "/api/v1/appeals", json_body=body, headers={"Idempotency-Key": idempotency_key}
            ),
        )

    def post_appeals_letters_opening(self, body: WantedPrint, *, idempotency_key: str | None = None) -> bytes:
        """Approved letters as one PDF to print, each behind a cover sheet."""
        return self.fetch(
            "POST",
            "/api/v1/appeals/letters/opening",
            json_body=body,
            headers={"Idempotency-Key": idempotency_key},
        )

    def post_check(
        self,
        body: bytes | Iterable[bytes],
        *,
        limit: int | None = None,
        content_type: str = "application/edi-x12",
        idempotency_key: str | None = None,
    ) -> CheckAnswer:
        """Check an 837, or claims as JSON, and store nothing: findings of the file, those of its
        claims, worst first, and prices.
        """
        return cast(
            "CheckAnswer",
            self.send(
                "POST",
                "/api/v1/check",
                content=body,
                content_type=content_type,
                query={"limit": limit},
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_claim_opening(
        self, claim_key: int, body: Opening, *, idempotency_key: str | None = None
    ) -> ShownClaim:
        """Open a claim for a stated reason."""
        return cast(
            "ShownClaim",
            self.send(
                "POST",
                f"/api/v1/claims/{self.quoted(claim_key)}/opening",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_claim_repairs(
        self, claim_key: int, body: Opening, *, idempotency_key: str | None = None
    ) -> Proposals:
        """Show what could be done about the findings of a claim, each with what the rules would say
        after it.
        """
        return cast(
            "Proposals",
            self.send(
                "POST",
                f"/api/v1/claims/{self.quoted(claim_key)}/repairs",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_claim_repairs_model(
        self, claim_key: int, body: Opening, *, idempotency_key: str | None = None
    ) -> ModelRepairs:
        """Ask a language model for repairs of a claim's findings. Off unless
        `language_models.propose_repairs` is on.
        """
        return cast(
            "ModelRepairs",
            self.send(
                "POST",
                f"/api/v1/claims/{self.quoted(claim_key)}/repairs/model",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_claim_repairs_trial(
        self, claim_key: int, body: WantedChanges, *, idempotency_key: str | None = None
    ) -> ShownTrial:
        """Run the rules over a claim as it would be. Nothing is stored."""
        return cast(
            "ShownTrial",
            self.send(
                "POST",
                f"/api/v1/claims/{self.quoted(claim_key)}/repairs/trial",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_claim_segments(
        self, claim_key: int, body: Opening, *, idempotency_key: str | None = None
    ) -> ShownSegments:
        """The raw segments of a claim, for a stated reason."""
        return cast(
            "ShownSegments",
            self.send(
                "POST",
                f"/api/v1/claims/{self.quoted(claim_key)}/segments",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_claims_search(self, body: Number, *, idempotency_key: str | None = None) -> list[ListedClaim]:
        """Find claims by number, every version of them: their own, the payer's, the member's, an NPI,
        or the key.
        """
        return cast(
            "list[ListedClaim]",
            self.send(
                "POST", "/api/v1/claims/search", json_body=body, headers={"Idempotency-Key": idempotency_key}
            ),
        )

    def post_claims_search_patient(
        self, body: PatientName, *, idempotency_key: str | None = None
    ) -> list[ListedClaim]:
        """Find the newest claims of patients with a name, in any case, with or without accents and
        initials.
        """
        return cast(
            "list[ListedClaim]",
            self.send(
                "POST",
                "/api/v1/claims/search/patient",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_dead_letters_discard(
        self, body: Decision, *, idempotency_key: str | None = None
    ) -> DecidedOutput:
        """Discard dead letters for a reason; they stay where they are, marked."""
        return cast(
            "DecidedOutput",
            self.send(
                "POST",
                "/api/v1/dead-letters/discard",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_dead_letters_retry(
        self, body: RetryWanted, *, idempotency_key: str | None = None
    ) -> DecidedOutput:
        """Stage dead letters again for the next run; the answer has those that were dead."""
        return cast(
            "DecidedOutput",
            self.send(
                "POST",
                "/api/v1/dead-letters/retry",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_denial_state(
        self, denial_id: int, body: NewState, *, idempotency_key: str | None = None
    ) -> DenialSheet:
        """Set the state of a denial. It moves no money: a write-off is posted first, in the ledger.
        What needs another person's approval is resubmitted in the queue.
        """
        return cast(
            "DenialSheet",
            self.send(
                "POST",
                f"/api/v1/denials/{self.quoted(denial_id)}/state",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_denials_alerts(self, body: AlertsWanted, *, idempotency_key: str | None = None) -> AlertsGiven:
        """Publish an event for each clock of an open denial that is near its end: once per clock and
        threshold.
        """
        return cast(
            "AlertsGiven",
            self.send(
                "POST", "/api/v1/denials/alerts", json_body=body, headers={"Idempotency-Key": idempotency_key}
            ),
        )

    def post_denials_contract_end(
        self, clock_id: int, body: ContractTimeEnd, *, idempotency_key: str | None = None
    ) -> ContractTimesSet:
        """End a contract's own time: the law's counts again. Only for accounts of every facility."""
        return cast(
            "ContractTimesSet",
            self.send(
                "POST",
                f"/api/v1/denials/contracts/{self.quoted(clock_id)}/end",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_deposit_payments(
        self, deposit_id: int, body: DepositAssigned, *, idempotency_key: str | None = None
    ) -> None:
        """Let an open deposit confirm several open payments, such as checks that were deposited
        together. Their amounts must add up to it. Only for accounts of every facility.
        """
        self.send(
            "POST",
            f"/api/v1/deposits/{self.quoted(deposit_id)}/payments",
            json_body=body,
            headers={"Idempotency-Key": idempotency_key},
        )

    def post_document_findings(
        self, document_id: int, body: DecidedInput, *, idempotency_key: str | None = None
    ) -> StoredDocument:
        """Accept or strike findings, as a reviewer who has read their places. Letters cite what is
        accepted.
        """
        return cast(
            "StoredDocument",
            self.send(
                "POST",
                f"/api/v1/documents/{self.quoted(document_id)}/findings",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_document_opening(
        self, document_id: int, body: Opening, *, idempotency_key: str | None = None
    ) -> DocumentInFull:
        """A document's text and findings, for those who may see notes and patients of its claim, by its
        labels.
        """
        return cast(
            "DocumentInFull",
            self.send(
                "POST",
                f"/api/v1/documents/{self.quoted(document_id)}/opening",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_document_unblocking(
        self, document_id: int, body: Why, *, idempotency_key: str | None = None
    ) -> StoredDocument:
        """Let a document be used that seemed to be of another patient."""
        return cast(
            "StoredDocument",
            self.send(
                "POST",
                f"/api/v1/documents/{self.quoted(document_id)}/unblocking",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_experiment_ending(
        self, experiment_id: str, *, idempotency_key: str | None = None
    ) -> ExperimentInFull:
        """End an experiment before its rule does. Its cases keep their letters."""
        return cast(
            "ExperimentInFull",
            self.send(
                "POST",
                f"/api/v1/experiments/{self.quoted(experiment_id)}/ending",
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_file_return(
        self, file_id: int, body: ReturnReason | None, *, idempotency_key: str | None = None
    ) -> FileReturned:
        """Undo the intake of a file: its claims that no run has processed are deleted."""
        return cast(
            "FileReturned",
            self.send(
                "POST",
                f"/api/v1/files/{self.quoted(file_id)}/return",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_language_models_trial(
        self, body: WantedTrial, *, idempotency_key: str | None = None
    ) -> TrialOutcome:
        """Have a provider draft a synthetic case with the prompt in force. It costs money."""
        return cast(
            "TrialOutcome",
            self.send(
                "POST",
                "/api/v1/language-models/trial",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_ledger_posting_undo(
        self, posting_id: int, body: Undoing, *, idempotency_key: str | None = None
    ) -> PostingMade:
        """Undo a posting by another one. An answer whose posting is undone waits for a person."""
        return cast(
            "PostingMade",
            self.send(
                "POST",
                f"/api/v1/ledger/postings/{self.quoted(posting_id)}/undo",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_ledger_write_off_approval(
        self, write_off_id: int, *, idempotency_key: str | None = None
    ) -> PostingMade:
        """Approve a write-off that somebody else proposed, and post it."""
        return cast(
            "PostingMade",
            self.send(
                "POST",
                f"/api/v1/ledger/write-offs/{self.quoted(write_off_id)}/approval",
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_ledger_write_off_refusal(
        self, write_off_id: int, body: WriteOffRefusal, *, idempotency_key: str | None = None
    ) -> StoredWriteOff:
        """Refuse a write-off, or withdraw your own: it is not posted."""
        return cast(
            "StoredWriteOff",
            self.send(
                "POST",
                f"/api/v1/ledger/write-offs/{self.quoted(write_off_id)}/refusal",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_model_promotion(self, model_id: str, *, idempotency_key: str | None = None) -> Promoted:
        """Make a model the champion. The caller is the approver, and can't be a person who trained it."""
        return cast(
            "Promoted",
            self.send(
                "POST",
                f"/api/v1/models/{self.quoted(model_id)}/promotion",
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_model_shadow(self, model_id: str, *, idempotency_key: str | None = None) -> Shadowed:
        """Let a candidate score beside the champion; its predictions are kept and never used for
        routing.
        """
        return cast(
            "Shadowed",
            self.send(
                "POST",
                f"/api/v1/models/{self.quoted(model_id)}/shadow",
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_models_rollback(self, *, idempotency_key: str | None = None) -> RolledBack:
        """Retire the champion and reinstate the one that it replaced."""
        return cast(
            "RolledBack",
            self.send("POST", "/api/v1/models/rollback", headers={"Idempotency-Key": idempotency_key}),
        )

    def post_oauth_token(
        self, body: BodyExchangeApiV1OauthTokenPost, *, idempotency_key: str | None = None
    ) -> AccessTokenAnswer:
        """Credentials of a service to an access token (RFC 6749, 4.4)."""
        return cast(
            "AccessTokenAnswer",
            self.send("POST", "/api/v1/oauth/token", form=body, headers={"Idempotency-Key": idempotency_key}),
        )

    def post_own_factor(self, *, idempotency_key: str | None = None) -> FactorBegun:
        """A secret for an authenticator, not kept yet."""
        return cast(
            "FactorBegun",
            self.send("POST", "/api/v1/own/factor", headers={"Idempotency-Key": idempotency_key}),
        )

    def post_own_factor_confirmation(
        self, body: FactorConfirmed, *, idempotency_key: str | None = None
    ) -> RecoveryCodes:
        """Keep the secret; from then on signing in takes a code."""
        return cast(
            "RecoveryCodes",
            self.send(
                "POST",
                "/api/v1/own/factor/confirmation",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_own_password(self, body: NewPassword, *, idempotency_key: str | None = None) -> None:
        """Change one's password; every session ends, this one as well."""
        self.send(
            "POST", "/api/v1/own/password", json_body=body, headers={"Idempotency-Key": idempotency_key}
        )

    def post_own_tour(self, *, idempotency_key: str | None = None) -> None:
        """Note that one has seen or skipped the tour."""
        self.send("POST", "/api/v1/own/tour", headers={"Idempotency-Key": idempotency_key})

    def post_payment_release(
        self, payment_id: int, body: StatedReason, *, idempotency_key: str | None = None
    ) -> AnswersCounted:
        """Post a held payment all the same. Refused without its amount, date or end: then only the
        whole file is posted. Only for accounts of every facility.
        """
        return cast(
            "AnswersCounted",
            self.send(
                "POST",
                f"/api/v1/payments/{self.quoted(payment_id)}/release",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_payments_search(
        self, body: TraceNumber, *, idempotency_key: str | None = None
    ) -> list[ExplainedPayment]:
        """Find payments by the number of their check or EFT (TRN02), newest first."""
        return cast(
            "list[ExplainedPayment]",
            self.send(
                "POST",
                "/api/v1/payments/search",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_predictions(
        self, body: PredictionWanted, *, idempotency_key: str | None = None
    ) -> PredictionAsked:
        """Ask for a prediction; a worker makes it, and the tracking id fetches it."""
        return cast(
            "PredictionAsked",
            self.send(
                "POST", "/api/v1/predictions", json_body=body, headers={"Idempotency-Key": idempotency_key}
            ),
        )

    def post_queue_acts(self, body: ActWanted, *, idempotency_key: str | None = None) -> ActResult:
        """Do something with up to 10,000 items. The answer lists what was done, what waits for another
        person's approval, and what was refused and why.
        """
        return cast(
            "ActResult",
            self.send(
                "POST", "/api/v1/queue/acts", json_body=body, headers={"Idempotency-Key": idempotency_key}
            ),
        )

    def post_queue_attachment_opening(
        self, item_id: int, attachment_id: int, body: Opening, *, idempotency_key: str | None = None
    ) -> bytes:
        """The content of an attachment, for those who may see notes and patients of its claim, by its
        labels.
        """
        return self.fetch(
            "POST",
            f"/api/v1/queue/{self.quoted(item_id)}/attachments/{self.quoted(attachment_id)}/opening",
            json_body=body,
            headers={"Idempotency-Key": idempotency_key},
        )

    def post_queue_note_withdrawal(
        self, item_id: int, note_id: int, *, idempotency_key: str | None = None
    ) -> None:
        """Withdraw a note of your own: its text is not shown any more, and that there was one is."""
        self.send(
            "POST",
            f"/api/v1/queue/{self.quoted(item_id)}/notes/{self.quoted(note_id)}/withdrawal",
            headers={"Idempotency-Key": idempotency_key},
        )

    def post_queue_people_skills(
        self, account_id: int, body: Skills, *, idempotency_key: str | None = None
    ) -> Worker:
        """Say which categories somebody works on: items are assigned by them. An account of some
        facilities says so of people who are at no others.
        """
        return cast(
            "Worker",
            self.send(
                "POST",
                f"/api/v1/queue/people/{self.quoted(account_id)}/skills",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_remittances_answer_assign(
        self, answer_id: int, body: AnswerAssignment, *, idempotency_key: str | None = None
    ) -> AnswerDecided:
        """Post a waiting answer to the claim that you choose."""
        return cast(
            "AnswerDecided",
            self.send(
                "POST",
                f"/api/v1/remittances/answers/{self.quoted(answer_id)}/assign",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_remittances_answer_dismiss(
        self, answer_id: int, body: StatedReason, *, idempotency_key: str | None = None
    ) -> AnswerDecided:
        """Set a waiting answer aside for good. Its money stays unapplied until it is paid back."""
        return cast(
            "AnswerDecided",
            self.send(
                "POST",
                f"/api/v1/remittances/answers/{self.quoted(answer_id)}/dismiss",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_remittances_answer_opening(
        self, answer_id: int, body: StatedReason, *, idempotency_key: str | None = None
    ) -> ShownAnswer:
        """Open an answer for a stated reason: lines, adjustments, and the names and numbers that it
        came with.
        """
        return cast(
            "ShownAnswer",
            self.send(
                "POST",
                f"/api/v1/remittances/answers/{self.quoted(answer_id)}/opening",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_remittances_answers_retry(self, *, idempotency_key: str | None = None) -> AnswersCounted:
        """Look again for the claims of answers that wait. Only for accounts of every facility."""
        return cast(
            "AnswersCounted",
            self.send(
                "POST", "/api/v1/remittances/answers/retry", headers={"Idempotency-Key": idempotency_key}
            ),
        )

    def post_repairs_bulk(self, body: WantedBulk, *, idempotency_key: str | None = None) -> Bulk:
        """Apply the repair of one rule to many claims in review, each checked alone; refusals have
        reasons.
        """
        return cast(
            "Bulk",
            self.send(
                "POST", "/api/v1/repairs/bulk", json_body=body, headers={"Idempotency-Key": idempotency_key}
            ),
        )

    def post_review_release(self, body: Decision, *, idempotency_key: str | None = None) -> DecidedOutput:
        """Release claims: they count, and the next delivery takes them. What needs another person's
        approval is released in the queue.
        """
        return cast(
            "DecidedOutput",
            self.send(
                "POST", "/api/v1/review/release", json_body=body, headers={"Idempotency-Key": idempotency_key}
            ),
        )

    def post_review_return(self, body: Decision, *, idempotency_key: str | None = None) -> DecidedOutput:
        """Return claims to their facility: they are neither delivered nor counted."""
        return cast(
            "DecidedOutput",
            self.send(
                "POST", "/api/v1/review/return", json_body=body, headers={"Idempotency-Key": idempotency_key}
            ),
        )

    def post_rules_expression(self, body: Expression, *, idempotency_key: str | None = None) -> Tried:
        """Whether a condition can be used in a rule: one scalar predicate over known names."""
        return cast(
            "Tried",
            self.send(
                "POST",
                "/api/v1/rules/expression",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_rules_replay(self, body: ReplayWanted, *, idempotency_key: str | None = None) -> ReplayedRule:
        """Run a rule over the newest claims in production, of the asker's facilities; nothing is
        changed.
        """
        return cast(
            "ReplayedRule",
            self.send(
                "POST", "/api/v1/rules/replay", json_body=body, headers={"Idempotency-Key": idempotency_key}
            ),
        )

    def post_rules_trial(self, body: TrialInput, *, idempotency_key: str | None = None) -> TriedRule:
        """Run the cases of a rule, and the rule over an 837 if there is one; nothing is stored or
        changed.
        """
        return cast(
            "TriedRule",
            self.send(
                "POST", "/api/v1/rules/trial", json_body=body, headers={"Idempotency-Key": idempotency_key}
            ),
        )

    def post_run_chunk_give_up(
        self, run_id: int, chunk: int, body: GivingUp, *, idempotency_key: str | None = None
    ) -> GivenUp:
        """Give up a chunk that keeps failing: its claims become dead letters, and the run goes on."""
        return cast(
            "GivenUp",
            self.send(
                "POST",
                f"/api/v1/runs/{self.quoted(run_id)}/chunks/{self.quoted(chunk)}/give-up",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_second_payer_opening(
        self, claim_key: int, body: Opening, *, idempotency_key: str | None = None
    ) -> bytes:
        """The 837 of a claim to its second payer, for those who may see all of it, by the labels of the
        claim.
        """
        return self.fetch(
            "POST",
            f"/api/v1/second-payers/{self.quoted(claim_key)}/opening",
            json_body=body,
            headers={"Idempotency-Key": idempotency_key},
        )

    def post_second_payers_release(self, body: ReleaseWanted, *, idempotency_key: str | None = None) -> bytes:
        """Release claims to their second payers: all of them, or none. Answers their 837."""
        return self.fetch(
            "POST",
            "/api/v1/second-payers/release",
            json_body=body,
            headers={"Idempotency-Key": idempotency_key},
        )

    def post_session_link(self, body: LinkUsed, *, idempotency_key: str | None = None) -> None:
        """Set the first administrator's, or an account's, password with a link that was given once."""
        self.send(
            "POST", "/api/v1/session/link", json_body=body, headers={"Idempotency-Key": idempotency_key}
        )

    def post_session_oidc_sign_out(
        self, body: BodySignOutApiV1SessionOidcSignOutPost, *, idempotency_key: str | None = None
    ) -> SessionsEnded:
        """For the provider: somebody has signed out there, and what they began with it here ends."""
        return cast(
            "SessionsEnded",
            self.send(
                "POST",
                "/api/v1/session/oidc/sign-out",
                form=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_template_activation(
        self,
        kind: Literal["template", "prompt", "policy", "evaluation_set"],
        file_id: str,
        version: int,
        *,
        roll_back: bool | None = None,
        idempotency_key: str | None = None,
    ) -> list[FileVersion]:
        """Use an approved version from now on, or go back to an earlier one. Gives back the versions."""
        return cast(
            "list[FileVersion]",
            self.send(
                "POST",
                f"/api/v1/templates/{self.quoted(kind)}/{self.quoted(file_id)}/{self.quoted(version)}/activation",
                query={"roll_back": roll_back},
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_template_approval(
        self,
        kind: Literal["template", "prompt", "policy", "evaluation_set"],
        file_id: str,
        version: int,
        *,
        idempotency_key: str | None = None,
    ) -> list[FileVersion]:
        """Approve a draft that somebody else added. Gives back the versions of the file."""
        return cast(
            "list[FileVersion]",
            self.send(
                "POST",
                f"/api/v1/templates/{self.quoted(kind)}/{self.quoted(file_id)}/{self.quoted(version)}/approval",
                headers={"Idempotency-Key": idempotency_key},
            ),
        )

    def post_underpayments_disputes(
        self, body: DisputeWanted, *, idempotency_key: str | None = None
    ) -> bytes:
        """The dispute of a payer as CSV, one row an underpayment. The audit log has every one."""
        return self.fetch(
            "POST",
            "/api/v1/underpayments/disputes",
            json_body=body,
            headers={"Idempotency-Key": idempotency_key},
        )

    def post_usage_quotas(self, body: QuotaWanted, *, idempotency_key: str | None = None) -> None:
        """Set or remove a quota of a tenant. For accounts of the installation's own tenant."""
        self.send(
            "POST", "/api/v1/usage/quotas", json_body=body, headers={"Idempotency-Key": idempotency_key}
        )

    def post_waiver_end(
        self, waiver_id: str, body: Ending, *, idempotency_key: str | None = None
    ) -> StoredWaiver:
        """End a waiver now. Findings that it covered stay waived; later runs do not apply it."""
        return cast(
            "StoredWaiver",
            self.send(
                "POST",
                f"/api/v1/waivers/{self.quoted(waiver_id)}/end",
                json_body=body,
                headers={"Idempotency-Key": idempotency_key},
            ),
        )
