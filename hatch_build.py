"""Compiles the innermost loops while the project is installed or packed, where there is a C compiler.

Where there is none, or it fails, the project is complete without them: it reads the same, more slowly, and
says so in one line. `python hatch_build.py` does this alone; further arguments are the compiler's.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
# Each becomes a library beside it: `_kernel.so` of `kernel.c`.
SOURCES = (
    HERE / "src/claimwright/engines/x12/native/kernel.c",
    HERE / "src/claimwright/platform/database/rows.c",
)
FLAGS = ("-O3", "-std=c11", "-shared", "-fPIC")


def build(*flags: str) -> list[Path]:
    """Compile all; nothing where that can't be done here. Libraries of other sources are removed."""
    libraries = {source: source.with_name(f"_{source.stem}.so") for source in SOURCES}
    for library in libraries.values():
        library.unlink(missing_ok=True)
    compiler = (
        shlex.split(os.environ.get("CC", ""))
        or [found for found in ("cc", "gcc", "clang") if shutil.which(found)][:1]
    )
    if not compiler or sys.byteorder != "little" or os.name != "posix":
        _say("there is no C compiler")
        return []
    for source, library in libraries.items():
        digest = int.from_bytes(hashlib.sha256(source.read_bytes()).digest()[:8], "little")
        made = library.with_suffix(f".{os.getpid()}")
        command = [*compiler, *FLAGS, *flags, f"-DCW_SOURCE={digest}ull", "-o", str(made), str(source)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            made.unlink(missing_ok=True)
            _say(f"{compiler[0]} failed: {done.stderr.strip().splitlines()[-1:] or done.returncode}")
            return []
        # A process that has the old one open keeps it.
        made.replace(library)
    return list(libraries.values())


def _say(why: str) -> None:
    print(
        f"claimwright: the innermost loops are not compiled, it reads and writes more slowly: {why}",
        file=sys.stderr,
    )


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:
    # Run by hand.
    pass
else:

    class KernelHook(BuildHookInterface[Any]):
        """Puts the libraries in the wheel, which is then one for this platform."""

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            """Compile before anything is packed."""
            if self.target_name != "wheel" or not (libraries := build()):
                return
            build_data["artifacts"] += [library.relative_to(HERE).as_posix() for library in libraries]
            platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{platform}"


if __name__ == "__main__":
    sys.exit(0 if build(*sys.argv[1:]) else 1)
