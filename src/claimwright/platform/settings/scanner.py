"""Settings of the virus scanner that uploaded files are passed to."""

from __future__ import annotations

from pydantic import Field, field_validator

from claimwright.platform.virus_scanner import address_of

from .section import Section


class Scanner(Section):
    """The virus scanner: clamd of ClamAV, on this machine. Without `url`, uploads are not scanned."""

    url: str | None = Field(
        default=None,
        description="Where clamd listens: unix:/run/clamav/clamd.ctl or tcp://127.0.0.1:3310. "
        "While it gives no verdict, no file is taken.",
    )
    timeout_seconds: float = Field(
        default=60, gt=0, le=3_600, description="Maximum time of the scan of one file."
    )
    # 100 MB: the default of StreamMaxLength and MaxFileSize of clamd since ClamAV 1.0 (clamd.conf(5)).
    largest_bytes: int = Field(
        default=100_000_000,
        ge=1_000,
        description="Maximum size of an uploaded file, unpacked, while there is a scanner. Behind its limits "
        "clamd calls a file clean unread: raise StreamMaxLength, MaxFileSize and MaxScanSize first.",
    )
    concurrent: int = Field(
        default=4, ge=1, le=100, description="Scans under way at once in an API process; others wait."
    )

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: str | None) -> str | None:
        if url is not None:
            address_of(url)
        return url
