"""`claimwright intake`: stage the claims of files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from .session import Environment, Tenant, caller_of, explained, settings_of, store_of
from .terminal import Exit, err, fail, out

if TYPE_CHECKING:
    from claimwright.features.intake import Source, Staged

# The content of an input, and its digest if that is known before staging.
Contents = tuple[Iterable[bytes], bytes | None]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("intake")(intake)


def intake(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...",
            help="837 files or folders, also gzipped; folders from `convert`; - for standard input.",
        ),
    ],
    facility: Annotated[
        str,
        typer.Option(
            "--facility",
            help="Facility that the claims belong to: a short ID of your choice, such as FAC001.",
        ),
    ],
    environment: Environment = None,
    tenant: Tenant = None,
) -> None:
    """Stage the claims of files, encrypted, for `claimwright run`.

    A file that was staged before, or a claim number that the facility has used, is refused; the earlier one
    is named. The good claims of a file are staged even if others are refused. Repeating an intake changes
    nothing.

    Exit status: 0 all staged, 1 something was refused or has structural findings, 2 unusable input.
    """
    from claimwright.assembly.intakes import make_intake
    from claimwright.engines.x12 import UnwritableError
    from claimwright.features.conversion import ConversionError
    from claimwright.features.intake import FileKeptError, SourceError
    from claimwright.platform.objects import ObjectError
    from claimwright.platform.observability import configure_spans

    settings = settings_of(environment)
    configure_spans(settings)
    if not facility.isprintable() or not 0 < len(facility) <= 64:
        fail("--facility: 1 to 64 printable characters.")
    whole, used, caller = True, 0, caller_of(settings, tenant)
    try:
        found = list(_inputs(paths))
        with store_of(settings) as database:
            with explained():
                door = make_intake(settings, database)
            with database.connect() as connection:
                for name, contents in found:
                    try:
                        chunks, digest = contents()
                        staged = door.stage(caller, chunks, facility=facility, digest=digest, on=connection)
                    except SourceError as problem:
                        # One unreadable file must not stop the intake of the others in its folder.
                        err.print(f"claimwright: {problem}", style="red", soft_wrap=True, markup=False)
                        whole = False
                        continue
                    used += 1
                    out.print(f"{name}: {_sentence(staged)}", soft_wrap=True, markup=False)
                    whole = whole and staged.is_whole
    except (SourceError, ConversionError, FileKeptError, UnwritableError, ObjectError) as problem:
        fail(str(problem))
    if not used:
        raise typer.Exit(Exit.UNUSABLE)
    raise typer.Exit(Exit.CLEAN if whole else Exit.FINDINGS)


def _inputs(paths: list[str]) -> Iterator[tuple[str, Callable[[], Contents]]]:
    """The name of each input, and the function that opens it."""
    from .inputs import claim_sources

    for source in claim_sources(paths):
        yield source.name, partial(_content, source)


def _content(source: Source) -> Contents:
    digest = source.digest()
    return source.chunks(), digest


def _sentence(staged: Staged) -> str:
    if staged.earlier is not None:
        told = f"refused: file {staged.earlier} of facility {staged.earlier_facility} has the same content."
        if staged.earlier_facility != staged.facility:
            told += f" If that facility is wrong: claimwright files return {staged.earlier}."
        return told
    if not staged.claims:
        return f"no claims found, {staged.faults:,} structural findings. File {staged.file_id}."
    parts = [f"{staged.staged:,} of {staged.claims:,} claims staged"]
    parts += [f"{count:,} refused ({reason})" for reason, count in staged.refused.items()]
    if staged.faults:
        parts.append(f"{staged.faults:,} structural findings")
    return f"{', '.join(parts)}. File {staged.file_id}."
