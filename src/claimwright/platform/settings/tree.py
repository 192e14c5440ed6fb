"""The one tree of settings: every name, its type and unit, its default, and why the default is what it is.

A default that is a path lies under `home`; `PLACES` says where. How many work depends on the machine, up to
`MOST_WORKERS`. A setting of type `SecretStr` is a secret: it has no default, is never written out, and
`reading` takes it from a variable or a file only.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, field_validator

# Defaults that depend on `home`: each belongs beside the others, so that one folder is one installation.
PLACES = {
    "database.home": "database",
    "objects.url": "objects",
    "phi.key_file": "keys/key-encryption.json",
    "audit.signing_key_file": "keys/audit-signing.pem",
}

# The default depends on the machine: a worker for each processor, but so many at most. Measured on two
# processors: two do 100,000 claims in four fifths of the time of one, whose two threads wait for each other,
# and a million in two thirds; together they have less than 1 GB.
MOST_WORKERS = 2

LOOPBACK = {"", "localhost", "127.0.0.1", "::1"}


def _https_off_the_machine(url: str) -> str:
    parts = urlsplit(url)
    plain = parts.scheme == "http" and (parts.hostname or "") in LOOPBACK - {""}
    if not (plain or (parts.scheme == "https" and parts.hostname)):
        raise ValueError("an address off this machine must be https://")
    return url


class Section(BaseModel):
    """A branch of the tree. An unknown name is refused, and nothing changes after it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Database(Section):
    """PostgreSQL: an embedded one unless `url` names another."""

    url: SecretStr | None = Field(
        default=None, description="PostgreSQL 15 or newer; without it one is started here."
    )
    owner_url: SecretStr | None = Field(
        default=None, description="The same database as the role that migrates; `url` by default."
    )
    home: Path = Field(description="Folder of the embedded PostgreSQL.")
    pool_size: int = Field(
        default=4, ge=1, le=200, description="Connections that one process keeps open at most."
    )
    pool_wait_seconds: float = Field(default=30, gt=0, description="How long to wait for a free connection.")
    connect_timeout_seconds: int = Field(
        default=10, ge=1, description="How long to wait for the server to answer."
    )
    statement_timeout_seconds: int = Field(
        default=300, ge=1, description="After which a statement is cancelled."
    )
    lock_timeout_seconds: int = Field(default=30, ge=1, description="How long a statement waits for a lock.")
    idle_transaction_timeout_seconds: int = Field(
        default=120, ge=1, description="After which a transaction that does nothing is ended."
    )


class Pipeline(Section):
    """How staged claims are worked off, and which of them a person sees first."""

    # Measured: with half as many a run takes a twentieth longer, as each chunk costs some 70 ms whatever its
    # size; with more it takes more memory.
    chunk_claims: int = Field(
        default=9_000, ge=1, le=100_000, description="Claims that are committed together, at most."
    )
    workers: int = Field(
        ge=1, le=256, description="Worker processes of one run here, where it has chunks for so many."
    )
    lease_seconds: int = Field(
        default=120, ge=5, description="After which a chunk whose worker is silent is given to another."
    )
    # One loss may be the machine's; a second one of the same chunk is looked into. What that costs where
    # nothing is the matter: one process more, and the chunk computed twice.
    crashes: int = Field(
        default=2, ge=1, description="Workers that a chunk may lose before its claims are tried one by one."
    )
    crashes_alone: int = Field(
        default=2,
        ge=1,
        description="Workers that a chunk may lose in spite of its trial before it is halved.",
    )
    # A claim that survives its trials costs at most 22 processes in a row, in the largest chunk that may be.
    restarts: int = Field(
        default=25,
        ge=0,
        description="Worker processes that may be lost in a row, no chunk being done, until `run` gives up.",
    )
    poll_seconds: float = Field(
        default=2, gt=0, description="`run --watch`: how often to look where no event came."
    )
    high_value_cents: int = Field(
        default=1_000_000, ge=0, description="Charges from which on a claim is reviewed by a person."
    )
    review_probability: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Probability of denial from which on a claim is reviewed, whatever the model chose.",
    )
    confidence_floor: float = Field(
        default=0.7, ge=0, le=1, description="Confidence of a prediction below which a claim is reviewed."
    )
    attempts: int = Field(default=5, ge=1, description="How often a failing operation is tried in all.")
    retry_first_seconds: float = Field(
        default=1, gt=0, description="Wait before the second try; then doubled."
    )
    retry_longest_seconds: float = Field(default=300, gt=0, description="The longest wait between two tries.")
    breaker_failures: int = Field(
        default=5, ge=1, description="Failures in a row that open a circuit breaker."
    )
    breaker_seconds: float = Field(default=30, gt=0, description="How long an open breaker stays open.")
    target_url: SecretStr | None = Field(
        default=None, description="Another database for production claims: postgresql:// or mssql://."
    )


class Prediction(Section):
    """How predictions are acted on."""

    review_policy: Path | None = Field(
        default=None,
        description="YAML file: what a review costs and brings, by payer and tenant; else as in training.",
    )


class Objects(Section):
    """Files: a folder, or a bucket by URL."""

    url: str = Field(description="A folder (a path or file://), or s3://bucket/prefix.")
    endpoint: str | None = Field(default=None, description="S3: an address other than AWS's own.")
    region: str | None = Field(default=None, description="S3: the region of the bucket.")
    access_key_id: SecretStr | None = Field(
        default=None, description="S3: an access key; without it the machine's role, as AWS's tools find it."
    )
    secret_access_key: SecretStr | None = Field(default=None, description="S3: the secret of the access key.")


class Phi(Section):
    """The key that protects the keys that seal claims."""

    key_store: Literal["file", "aws-kms", "azure-key-vault"] = Field(
        default="file", description="Who holds the key-encryption key."
    )
    key_file: Path = Field(description="file: the key, made with mode 0600 on first use. Back it up apart.")
    aws_key_id: str | None = Field(default=None, description="aws-kms: id, ARN or alias of a symmetric key.")
    aws_region: str | None = Field(default=None, description="aws-kms: its region.")
    aws_endpoint: str | None = Field(default=None, description="aws-kms: an address other than AWS's own.")
    azure_vault_url: str | None = Field(
        default=None, description="azure-key-vault: https://NAME.vault.azure.net, or a managed HSM."
    )
    azure_key_name: str | None = Field(default=None, description="azure-key-vault: name of an RSA key.")


class Audit(Section):
    """The audit log's signed checkpoints."""

    signing_key_file: Path = Field(description="Ed25519 private key, made with mode 0600 on first use.")
    checkpoint_minutes: float = Field(
        default=60,
        ge=0,
        description="Minutes between signatures while a process lasts; 0 never. A run signs at its end.",
    )


class Events(Section):
    """Where events go."""

    webhook_url: str | None = Field(default=None, description="Where events are posted; https off loopback.")
    webhook_secret: SecretStr | None = Field(default=None, description="Secret that signs what is posted.")
    attempts: int = Field(default=12, ge=1, description="How often an event is tried before it is given up.")
    retry_first_seconds: float = Field(
        default=1, gt=0, description="Wait before the second try; then doubled."
    )
    retry_longest_seconds: float = Field(default=300, gt=0, description="The longest wait between two tries.")
    timeout_seconds: float = Field(default=10, gt=0, description="How long the receiver may take to answer.")

    @field_validator("webhook_url")
    @classmethod
    def _receiver(cls, url: str | None) -> str | None:
        return None if url is None else _https_off_the_machine(url)

    @field_validator("webhook_secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr | None) -> SecretStr | None:
        # 24 bytes is the least that the Standard Webhooks specification, 1.0, allows for a secret.
        if secret is not None and len(secret.get_secret_value()) < 24:
            raise ValueError("use a secret of at least 24 characters")
        return secret


class Retention(Section):
    """How long rows are kept. What is older goes when `claimwright db retain` runs."""

    # 45 CFR 164.316(b)(2)(i) asks for six years; state law and payers' audits reach back up to seven.
    audit_days: int = Field(
        default=2_557, ge=2_192, description="Audit log: seven years; six is the law's least."
    )
    claims_days: int = Field(default=2_557, ge=1, description="Production claims, history and answers.")
    files_days: int = Field(default=2_557, ge=1, description="The content of files as they came, sealed.")
    # An intake of the largest files takes minutes; what is left of one that was killed is swept a day later.
    orphan_hours: int = Field(
        default=24, ge=0, description="Pieces of files that no intake finished are swept after so long."
    )
    outbox_days: int = Field(default=30, ge=1, description="Events that were delivered.")
    runs_days: int = Field(default=400, ge=1, description="Runs and prediction jobs that ended.")


class Api(Section):
    """The API and who may use it."""

    host: str = Field(default="127.0.0.1", description="Address to listen on; off loopback only with TLS.")
    port: int = Field(default=8443, ge=0, le=65_535, description="Port to listen on; 0: any that is free.")
    certificate_file: Path | None = Field(default=None, description="TLS: PEM file of the certificate chain.")
    private_key_file: Path | None = Field(default=None, description="TLS: PEM file of the private key.")
    trusted_proxies: list[str] = Field(
        default=[],
        description="Addresses of proxies whose X-Forwarded-For is believed; none by default.",
    )
    policies: Path | None = Field(
        default=None,
        description="Folder of Cedar policies beside those that ship; read again when they change.",
    )
    requests_per_minute: int = Field(
        default=600, ge=1, description="Requests of one identity in a minute, in each process of the API."
    )
    sign_ins_per_minute: int = Field(
        default=20, ge=1, description="Tries to sign in from one address in a minute, in each process."
    )
    upload_bytes: int = Field(
        default=2_000_000_000, ge=1, description="Largest upload of claims, as it is sent."
    )
    body_bytes: int = Field(default=5_000_000, ge=1, description="Largest body of any other request.")
    second_factor_roles: list[str] = Field(
        default=["administrator"],
        description="Roles that need a second factor for anything but setting it up.",
    )


class Telemetry(Section):
    """What is told about the work, never about a patient."""

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least level logged."
    )
    log_format: Literal["json", "text"] = Field(
        default="json", description="JSON lines, or text for a person."
    )
    metrics_port: int | None = Field(
        default=None,
        ge=0,
        le=65_535,
        description="Loopback port of /metrics and /health; none by default, 0: any.",
    )
    traces: Literal["none", "console", "otlp"] = Field(
        default="none",
        description="Where spans go: standard error, or a collector. A program around us may set its own.",
    )
    # Port 4318 is the one that OTLP/HTTP has at IANA.
    otlp_url: str = Field(
        default="http://127.0.0.1:4318",
        description="otlp: the collector, by OTLP over HTTP; https off loopback. /v1/traces without a path.",
    )
    otlp_headers: SecretStr | None = Field(
        default=None, description="otlp: headers that the collector asks for, as name=value,name=value."
    )

    @field_validator("otlp_url")
    @classmethod
    def _collector(cls, url: str) -> str:
        if "@" in urlsplit(url).netloc:
            raise ValueError("leave out name and password, and give telemetry.otlp_headers")
        return _https_off_the_machine(url)

    @field_validator("otlp_headers")
    @classmethod
    def _named(cls, headers: SecretStr | None) -> SecretStr | None:
        pairs = headers.get_secret_value().split(",") if headers else []
        if not all(re.fullmatch(r"\s*[!#$%&'*+.^_`|~0-9A-Za-z-]+=[\x20-\x7e]*", each) for each in pairs):
            raise ValueError("write headers as name=value,name=value")
        return headers


class Settings(Section):
    """Everything that can be set, of one environment."""

    environment: str = Field(default="local", description="Which claimwright.ENVIRONMENT.yaml was read.")
    home: Path = Field(description="Folder of everything that Claimwright keeps on this machine.")
    tenant: str = Field(
        default="default",
        pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$",
        description="Whose claims a command works on where it does not say.",
    )
    database: Database
    pipeline: Pipeline
    prediction: Prediction = Prediction()
    objects: Objects
    phi: Phi
    audit: Audit
    events: Events = Events()
    retention: Retention = Retention()
    api: Api = Api()
    telemetry: Telemetry = Telemetry()

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)

    @property
    def origins(self) -> dict[str, str]:
        """Where the value of each setting came from, by its dotted name."""
        return self._origins
