"""The one tree of settings: every name, its type and unit, its default, and why the default is what it is.

Default paths are under `home`; `PLACES` lists them. The default number of workers depends on the machine, up
to `MOST_WORKERS`. A setting of type `SecretStr` is a secret: it has no default, is never printed, and
`reading` accepts it from an environment variable or a file only.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import (
    Field,
    PrivateAttr,
    SecretStr,
    field_validator,
)

from .alerting import Alerts
from .doors import Api, Identity, Terminal
from .language_models import LanguageModels
from .mail import Mail
from .scanner import Scanner
from .section import Lines, Section, Words, https_off_the_machine

# Defaults that depend on `home`, so that one folder holds one installation.
PLACES = {
    "database.home": "database",
    "objects.url": "objects",
    "phi.key_file": "keys/key-encryption.json",
    "audit.signing_key_file": "keys/audit-signing.pem",
}

# The default is one worker per processor, up to this number. Measured on two processors: two workers take
# four fifths of the time of one worker for 100,000 claims (its two threads wait for each other) and two
# thirds for a million claims. Together they use less than 1 GB of memory.
MOST_WORKERS = 2


class Database(Section):
    """The PostgreSQL database. An embedded server is used unless `url` is set."""

    url: SecretStr | None = Field(
        default=None, description="PostgreSQL 15 or newer. Without it, an embedded server is started."
    )
    owner_url: SecretStr | None = Field(
        default=None, description="The same database, with the role that runs migrations. Default: `url`."
    )
    home: Path = Field(description="Data folder of the embedded PostgreSQL server.")
    pool_size: int = Field(default=4, ge=1, le=200, description="Maximum open connections per process.")
    pool_wait_seconds: float = Field(default=30, gt=0, description="Maximum wait for a free connection.")
    connect_timeout_seconds: int = Field(
        default=10, ge=1, description="Maximum wait for a new connection to the server."
    )
    statement_timeout_seconds: int = Field(
        default=300, ge=1, description="A statement that runs longer is cancelled."
    )
    lock_timeout_seconds: int = Field(default=30, ge=1, description="Maximum wait of a statement for a lock.")
    idle_transaction_timeout_seconds: int = Field(
        default=120, ge=1, description="A transaction that is idle for longer is ended."
    )


class Pipeline(Section):
    """How staged claims are processed, and which claims go to manual review."""

    # Measured: half this size makes a run 5% longer, because each chunk has a fixed cost of about 70 ms. A
    # larger size needs more memory.
    chunk_claims: int = Field(
        default=9_000,
        ge=1,
        le=100_000,
        description="Maximum claims per chunk; a chunk is one transaction.",
    )
    workers: int = Field(
        ge=1, le=256, description="Worker processes per run on this machine, if there are enough chunks."
    )
    lease_seconds: int = Field(
        default=120,
        ge=5,
        description="Lease time: a chunk that is not committed or renewed within it is reassigned.",
    )
    # One crash may be the machine's fault; the second crash on the same chunk is investigated. If no claim is
    # at fault, this costs one extra process and a second computation of the chunk.
    crashes: int = Field(
        default=2, ge=1, description="Worker crashes on a chunk after which its claims are tested one by one."
    )
    crashes_alone: int = Field(
        default=2,
        ge=1,
        description="Worker crashes on a chunk, after a clean test, after which it is bisected.",
    )
    # In a chunk of maximum size, isolating a claim that passes the tests costs at most 22 processes in a row.
    restarts: int = Field(
        default=25,
        ge=0,
        description="Worker crashes in a row, with no chunk committed between them, before `run` stops.",
    )
    poll_seconds: float = Field(
        default=2, gt=0, description="`run --watch`: polling interval when no event arrives."
    )
    high_value_cents: int = Field(
        default=1_000_000,
        ge=0,
        description="Total charge, in cents, from which a claim goes to manual review.",
    )
    review_probability: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Denial probability from which a claim goes to manual review, in any model.",
    )
    # Below a half, the interval contains an even chance: the model does not know which outcome is likelier.
    confidence_floor: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Confidence of a prediction (the least share of like claims whose likelier outcome "
        "happens) below which a claim goes to manual review.",
    )
    attempts: int = Field(default=5, ge=1, description="Attempts in total for an operation that fails.")
    retry_first_seconds: float = Field(
        default=1, gt=0, description="Wait before the second try; then doubled."
    )
    retry_longest_seconds: float = Field(default=300, gt=0, description="The longest wait between two tries.")
    breaker_failures: int = Field(
        default=5, ge=1, description="Consecutive failures that open a circuit breaker."
    )
    breaker_seconds: float = Field(default=30, gt=0, description="How long a circuit breaker stays open.")
    target_url: SecretStr | None = Field(
        default=None,
        description="External database that receives production claims: postgresql:// or mssql://.",
    )


class Prediction(Section):
    """How denial predictions are used."""

    review_policy: Path | None = Field(
        default=None,
        description="YAML file: cost and benefit of a review, by payer and tenant. Default: as in training.",
    )


class Objects(Section):
    """Object storage for files: a folder or an S3 bucket."""

    url: str = Field(description="A folder (a path or file://), or s3://bucket/prefix.")
    endpoint: str | None = Field(default=None, description="S3: endpoint, if not the AWS default.")
    region: str | None = Field(default=None, description="S3: region of the bucket.")
    access_key_id: SecretStr | None = Field(
        default=None, description="S3: access key ID. Without it, the standard AWS credential chain is used."
    )
    secret_access_key: SecretStr | None = Field(default=None, description="S3: secret access key.")


class Phi(Section):
    """The key-encryption key. It encrypts the data keys that encrypt claims."""

    key_store: Literal["file", "aws-kms", "azure-key-vault"] = Field(
        default="file", description="Where the key-encryption key is stored."
    )
    key_file: Path = Field(
        description="file: key file, created on first use, mode 0600. Back it up separately."
    )
    aws_key_id: str | None = Field(default=None, description="aws-kms: ID, ARN or alias of a symmetric key.")
    aws_region: str | None = Field(default=None, description="aws-kms: region of the key.")
    aws_endpoint: str | None = Field(default=None, description="aws-kms: endpoint, if not the AWS default.")
    azure_vault_url: str | None = Field(
        default=None, description="azure-key-vault: https://NAME.vault.azure.net, or a managed HSM."
    )
    azure_key_name: str | None = Field(default=None, description="azure-key-vault: name of the RSA key.")


class Audit(Section):
    """Signed checkpoints of the audit log."""

    signing_key_file: Path = Field(description="Ed25519 private key, created on first use, mode 0600.")
    checkpoint_minutes: float = Field(
        default=60,
        ge=0,
        description="Minutes between checkpoints of a watching process; 0: none. A run signs at its end.",
    )
    watch_minutes: float = Field(
        default=60,
        ge=0,
        description="Minutes between searches for unusual access by `predictions work --watch`, which is "
        "part of `serve`; 0: none.",
    )


class Events(Section):
    """Delivery of events to a webhook."""

    webhook_url: str | None = Field(
        default=None, description="Webhook URL. Must be https, except on loopback."
    )
    webhook_inward_hosts: Words = Field(
        default=[],
        description="Hosts of the webhook that may be this machine or in an inner network, separated by "
        "commas. Others are refused when they are asked.",
    )
    webhook_secret: SecretStr | None = Field(default=None, description="Secret that signs webhook requests.")
    attempts: int = Field(default=12, ge=1, description="Delivery attempts before an event is given up.")
    retry_first_seconds: float = Field(
        default=1, gt=0, description="Wait before the second try; then doubled."
    )
    retry_longest_seconds: float = Field(default=300, gt=0, description="The longest wait between two tries.")
    timeout_seconds: float = Field(default=10, gt=0, description="Maximum wait for the receiver's response.")

    @field_validator("webhook_url")
    @classmethod
    def _receiver(cls, url: str | None) -> str | None:
        return None if url is None else https_off_the_machine(url)

    @field_validator("webhook_secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr | None) -> SecretStr | None:
        # 24 bytes is the least that the Standard Webhooks specification, 1.0, allows for a secret.
        if secret is not None and len(secret.get_secret_value()) < 24:
            raise ValueError("use a secret of at least 24 characters")
        return secret


class Remittance(Section):
    """What posted remittances are compared with, to find underpayments."""

    contracts: Path | None = Field(
        default=None,
        description="YAML file of payer contracts. Default: the prices that the run of each claim found.",
    )
    tolerance: str = Field(
        default="1 % or 1.00",
        description="Shortfall that is not reported: a share of the expected, or dollars if they are more.",
    )
    tolerances: Lines = Field(
        default=[],
        description="The same by contract or payer ID, as NAME = 2 % or 5.00, separated by semicolons.",
    )


class Review(Section):
    """Work items: who must approve, and when they are due."""

    approval_dollars: int = Field(
        default=10_000,
        ge=0,
        description="Dollars at stake above which another person must approve what is sent or given up.",
    )
    approval_categories: Words = Field(
        default=[],
        description="Categories of work items that need an approval whatever is at stake, such as coding.",
    )
    # Days until a work item is due, where no law sets a clock.
    due_days_high: int = Field(
        default=2, ge=0, le=365, description="Days until an item of priority high is due."
    )
    due_days_normal: int = Field(default=7, ge=1, le=365, description="The same for priority normal.")
    due_days_low: int = Field(default=21, ge=0, le=365, description="The same for priority low.")


class Appeals(Section):
    """Appeals of denials."""

    handoff_folder: Path | None = Field(
        default=None,
        description="Folder in which the API leaves approved letters, a "
        "folder a tenant, for portals or a fax.",
    )
    # A stage takes a second; a language model with its retries up to minutes.
    stalled_minutes: int = Field(
        default=30,
        ge=1,
        le=10_080,
        description="Minutes without a stage after which a case stands: an event.",
    )
    stalled_targets: Words = Field(
        default=[],
        description="Targets of alerts that are told of cases that stand, separated by commas.",
    )


class Retention(Section):
    """How long data is kept. `claimwright db retain` deletes what is older."""

    # 45 CFR 164.316(b)(2)(i) requires six years; state law and payer audits can require seven.
    audit_days: int = Field(
        default=2_557, ge=2_192, description="Audit log: seven years. HIPAA requires at least six."
    )
    claims_days: int = Field(
        default=2_557, ge=1, description="Production claims, history and payer responses."
    )
    files_days: int = Field(default=2_557, ge=1, description="Received files, encrypted.")
    # Intake of the largest files takes minutes. What a killed intake leaves behind is deleted a day later.
    orphan_hours: int = Field(
        default=24, ge=0, description="Age at which file parts of an unfinished intake are deleted."
    )
    outbox_days: int = Field(default=30, ge=1, description="Delivered events.")
    runs_days: int = Field(default=400, ge=1, description="Ended runs and prediction jobs.")


class Telemetry(Section):
    """Logs, metrics and traces. They contain no patient data."""

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Lowest level that is logged."
    )
    log_format: Literal["json", "text"] = Field(
        default="json", description="json: one JSON object per line; text: for people."
    )
    metrics_port: int | None = Field(
        default=None,
        ge=0,
        le=65_535,
        description="Loopback port of /metrics and /health. 0: any free port. Default: off.",
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        description="Bearer token that Prometheus shows for /metrics of the API. Default: only this machine.",
    )
    sla_hours: float = Field(
        default=24,
        gt=0,
        description="Hours within which an arrived claim is to be processed; the alert on latency uses it.",
    )
    slow_query_seconds: float = Field(
        default=1, gt=0, description="A statement that runs longer is counted as slow."
    )
    traces: Literal["none", "console", "otlp"] = Field(
        default="none",
        description="Where spans go: console is standard error, otlp a collector. "
        "A program that embeds Claimwright can set its own.",
    )
    # 4318 is the OTLP/HTTP port registered at IANA.
    otlp_url: str = Field(
        default="http://127.0.0.1:4318",
        description="otlp: collector URL, OTLP over HTTP; https off loopback. Default path: /v1/traces.",
    )
    otlp_headers: SecretStr | None = Field(
        default=None, description="otlp: request headers, as name=value,name=value."
    )

    @field_validator("otlp_url")
    @classmethod
    def _collector(cls, url: str) -> str:
        if "@" in urlsplit(url).netloc:
            raise ValueError("remove the user name and password; use telemetry.otlp_headers instead")
        return https_off_the_machine(url)

    @field_validator("metrics_token")
    @classmethod
    def _long_enough(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and not re.fullmatch(r"[\x21-\x7e]{24,}", token.get_secret_value()):
            raise ValueError("use a token of at least 24 visible characters, without spaces")
        return token

    @field_validator("otlp_headers")
    @classmethod
    def _named(cls, headers: SecretStr | None) -> SecretStr | None:
        pairs = headers.get_secret_value().split(",") if headers else []
        if not all(re.fullmatch(r"\s*[!#$%&'*+.^_`|~0-9A-Za-z-]+=[\x20-\x7e]*", each) for each in pairs):
            raise ValueError("write headers as name=value,name=value")
        return headers


class Settings(Section):
    """All settings of one environment."""

    environment: str = Field(
        default="local", description="Environment name: claimwright.ENVIRONMENT.yaml is read."
    )
    home: Path = Field(description="Folder for all data that Claimwright keeps on this machine.")
    tenant: str = Field(
        default="default",
        pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$",
        description="Default tenant for commands that do not name one.",
    )
    database: Database
    pipeline: Pipeline
    prediction: Prediction = Prediction()
    objects: Objects
    phi: Phi
    audit: Audit
    events: Events = Events()
    mail: Mail = Mail()
    remittance: Remittance = Remittance()
    review: Review = Review()
    appeals: Appeals = Appeals()
    language_models: LanguageModels = LanguageModels()
    alerts: Alerts = Alerts()
    retention: Retention = Retention()
    api: Api = Api()
    identity: Identity = Identity()
    scanner: Scanner = Scanner()
    terminal: Terminal = Terminal()
    telemetry: Telemetry = Telemetry()

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)

    @property
    def origins(self) -> dict[str, str]:
        """Source of each setting's value, by its dotted name."""
        return self._origins
