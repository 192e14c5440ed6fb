"""The text of a PDF, read in a process of its own: a PDF may be made so that reading it takes hours, or that
it breaks what reads it. The process has so much of the processor and of memory, and gives back text only.
"""

from __future__ import annotations

import json
import subprocess
import sys

from claimwright.engines.evidence.documents import UnreadableDocumentError, pdf_pages

# 500 pages of text take some seconds.
PROCESSOR_SECONDS = 30
MEMORY_BYTES = 4 << 30
# A machine may have much else to do; the limit of the processor's time comes first.
LONGEST_SECONDS = 600
_REFUSED = "the PDF is damaged, or takes too long to read. Print it to a new PDF."


def pdf_pages_apart(content: bytes) -> list[str]:
    """The text of each page of a PDF.

    Raises:
        UnreadableDocumentError: it can't be read, or not within the limits.
    """
    # As a file, which does not import the package around it; -P: nor takes its neighbours for modules.
    command = [sys.executable, "-P", __file__, str(PROCESSOR_SECONDS)]
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            command, input=content, capture_output=True, check=False, timeout=LONGEST_SECONDS
        )
        said = json.loads(done.stdout) if done.returncode == 0 else {}
    except (subprocess.TimeoutExpired, ValueError):
        said = {}
    if "pages" not in said:
        raise UnreadableDocumentError(said.get("problem") or _REFUSED)
    pages: list[str] = said["pages"]
    return pages


def main() -> None:
    """Read a PDF from the input, and write what `pdf_pages_apart` expects."""
    _limit(int(sys.argv[1]))
    try:
        said: dict[str, object] = {"pages": pdf_pages(sys.stdin.buffer.read())}
    except UnreadableDocumentError as problem:
        said = {"problem": str(problem)}
    sys.stdout.write(json.dumps(said))


def _limit(seconds: int) -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


if __name__ == "__main__":
    main()
