"""A typed client of the API. It needs nothing but this package's base.

from claimwright.client import Client

client = Client("https://claims.example.org", secret="cwc_default.1....")
taken = client.create_file(Path("claims.837").read_bytes(), facility="FAC001")
for claim in client.every(client.list_claims, place="review"):
    print(claim["claim_key"], claim["why"])

RequestRefusedError   the API refused a request: `status`, `code`, `details`, `request_id`, `retry_seconds`
UnreachableError   it did not answer, or not as the API does
"""

from .api import Client
from .connection import Connection, RequestRefusedError, UnreachableError

__all__ = ["Client", "Connection", "RequestRefusedError", "UnreachableError"]
