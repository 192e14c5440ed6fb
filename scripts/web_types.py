"""Write the web app's types, `web/src/api/schema.d.ts`, from the API's own description.

    python scripts/web_types.py

The first line of the file has the digest of the description, so that a test can say whether it is stale
without Node.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import tempfile
from pathlib import Path

from build_web import npm
from generate_client import described

ROOT = Path(__file__).resolve().parent.parent
GENERATOR = ROOT / "web" / "types"
TYPES = ROOT / "web" / "src" / "api" / "schema.d.ts"


def digest_of_description() -> str:
    """The SHA-256 of the description of the API, in hexadecimal."""
    return hashlib.sha256(json.dumps(described(), sort_keys=True).encode()).hexdigest()


def main() -> None:
    """Write the types."""
    npm("ci", folder=GENERATOR)
    with tempfile.TemporaryDirectory() as folder:
        description = Path(folder) / "openapi.json"
        description.write_text(json.dumps(described()), encoding="utf-8")
        made = Path(folder) / "schema.d.ts"
        npm("exec", "openapi-typescript", "--", str(description), "-o", str(made), folder=GENERATOR)
        text = made.read_text(encoding="utf-8")
    TYPES.parent.mkdir(parents=True, exist_ok=True)
    TYPES.write_text(
        f"// Of the description {digest_of_description()}: written by `make web-types`.\n{text}", "utf-8"
    )
    print(f"{TYPES.relative_to(ROOT)}: {len(text.splitlines())} lines")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as problem:
        raise SystemExit(f"{problem}") from None
