"""Checks a request's Signature Version 4 by computing it again, with nothing but the standard library.

Source: AWS General Reference, "Create a signed AWS API request": canonical request, string to sign, key.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import quote

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)"
    r"/aws4_request, ?SignedHeaders=(?P<signed>[^,]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)


def signature_problem(
    method: str, path: str, headers: Mapping[str, str], body: bytes, *, key: str, secret: str, region: str,
    service: str,
) -> str | None:  # fmt: skip
    """What is wrong with a request's signature; None if it is right. `headers` by small names."""
    match = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    if match is None:
        return "no signature"
    if (match["key"], match["region"], match["service"]) != (key, region, service):
        return "another key, region or service"
    moment = headers.get("x-amz-date", "")
    if not re.fullmatch(r"\d{8}T\d{6}Z", moment) or not moment.startswith(match["day"]):
        return "no date, or another day than the signature's"
    signed = match["signed"].split(";")
    if signed != sorted(signed) or not {"host", "x-amz-date", "content-type"} <= set(signed):
        return "host, date and type have to be signed"
    address, _, query = path.partition("?")
    canonical = "\n".join(
        [
            # Every service but S3 encodes the path twice.
            method, quote(address, safe="/-_.~"), query,
            *(f"{name}:{' '.join(headers.get(name, '').split())}" for name in signed), "",
            match["signed"], hashlib.sha256(body).hexdigest(),
        ]
    )  # fmt: skip
    scope = f"{match['day']}/{region}/{service}/aws4_request"
    to_sign = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    derived = f"AWS4{secret}".encode()
    for part in (match["day"], region, service, "aws4_request"):
        derived = hmac.digest(derived, part.encode(), "sha256")
    expected = hmac.new(derived, to_sign.encode(), "sha256").hexdigest()
    return None if hmac.compare_digest(expected, match["signature"]) else "the signature is wrong"
