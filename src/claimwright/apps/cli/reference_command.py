"""`claimwright reference`: which reference data is in force, its source, and how to load newer data."""

from __future__ import annotations

import datetime
import getpass
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from .options import AsOf
from .terminal import Exit, err, fail, out, wide

if TYPE_CHECKING:
    from claimwright.features.reference_data import Update
    from claimwright.reference import Version

app = typer.Typer(help="List, load, update and verify reference data.", no_args_is_help=True)

Store = Annotated[
    Path | None,
    typer.Option(
        "--store",
        help="Folder of your versions. Default: CLAIMWRIGHT_REFERENCE, or a folder in your data directory.",
    ),
]

_COLOURS = {"full": "green", "starter": "cyan", "partial": "yellow", "none": "dim"}


@app.command("list")
def list_datasets(as_of: AsOf = None, store: Store = None) -> None:
    """List the datasets with their coverage, effective period and source."""
    from claimwright.features.reference_data import default_store, reference_snapshot
    from claimwright.foundation import clock
    from claimwright.reference import ReferenceDataError

    day = as_of.date() if as_of else clock.today()
    folder = store or default_store()
    try:
        known = reference_snapshot(day, folder)
        described = known.describe()
    except ReferenceDataError as problem:
        fail(str(problem))
    table = Table(title=f"Reference data as of {day}", title_justify="left")
    for name in ("Dataset", "Coverage", "In force"):
        table.add_column(name, no_wrap=True)
    table.add_column("Age", justify="right", no_wrap=True)
    table.add_column("Rows", justify="right")
    table.add_column("What", overflow="fold", ratio=2)
    table.add_column("From", overflow="fold", ratio=3)
    for row in described.iter_rows(named=True):
        ended = "" if row["is_current"] in {True, None} else " [yellow]stale[/]"
        table.add_row(
            row["dataset"],
            f"[{_COLOURS[row['coverage']]}]{row['coverage']}[/]",
            _period(row["effective_from"], row["effective_to"]) + ended if row["version"] else "",
            f"{row['age_days']:,} d" if row["age_days"] is not None else "",
            f"{row['rows']:,}" if row["rows"] is not None else "",
            escape(row["title"]),
            escape(_origin(row["origin"], row["source"])) or f"[dim]load {escape(_file(row['dataset']))}[/]",
        )
    wide().print(table)
    out.print(known.sentence(), markup=False, soft_wrap=True)
    out.print(f"Your versions are in {folder}.", markup=False, soft_wrap=True)


def _file(name: str) -> str:
    """The file from which a dataset is loaded, and its publisher."""
    from claimwright.reference import dataset

    about = dataset(name)
    if about.is_of_user:
        return f"a CSV or workbook of yours with {', '.join(about.columns)}"
    return f"{about.files} ({about.publisher})"


def _period(first: datetime.date | None, last: datetime.date | None) -> str:
    return f"{first or '...'} to {last or '...'}" if first or last else "always"


def _origin(origin: str | None, source: str | None) -> str:
    return f"{'' if origin == 'package' else 'yours: '}{source}" if source else ""


@app.command("load")
def load_dataset(
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="Dataset name from `reference list`.")],
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="The published file, zipped or not; all parts, if it has several."
        ),
    ],
    effective_from: Annotated[
        datetime.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="First day in force, if the file does not state it."),
    ] = None,
    effective_to: Annotated[
        datetime.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day in force.")
    ] = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="Accept a file that has fewer rows than the full dataset.")
    ] = False,
    store: Store = None,
) -> None:
    """Load a dataset from its published file. A bad file changes nothing.

    Exit status: 0 loaded, 2 refused.
    """
    from claimwright.features.reference_data import (
        ReferenceFileError,
        ReferenceStoreError,
        default_store,
        load,
    )
    from claimwright.foundation import clock
    from claimwright.reference import ReferenceDataError, datasets

    if dataset not in datasets():
        fail(f"there is no dataset {dataset}. `claimwright reference list` shows all.")
    try:
        with _recorded(dataset):
            version = load(
                dataset,
                files,
                store or default_store(),
                now=clock.now(),
                effective_from=effective_from.date() if effective_from else None,
                effective_to=effective_to.date() if effective_to else None,
                partial=partial,
            )
    except ReferenceFileError as refused:
        err.print(str(refused), markup=False, soft_wrap=True)
        fail(f"{dataset}: nothing was loaded; the current version stays in force.")
    except (ReferenceStoreError, ReferenceDataError, OSError) as problem:
        fail(str(problem))
    out.print(_told(version), markup=False, soft_wrap=True)


def _recorded(subject: str) -> AbstractContextManager[dict[str, Any]]:
    """The record of the action in the audit log of the settings' tenant, if there is a store."""
    from claimwright.assembly.administration import recorded

    from .session import caller_of, settings_of

    settings = settings_of(None)
    caller = caller_of(settings, None)
    return recorded(caller, settings, action="reference.loaded", subject=f"reference:{subject}", detail={})


def _told(version: Version) -> str:
    period = _period(version.effective_from, version.effective_to)
    return f"{version.dataset}: {version.rows:,} rows ({version.coverage.value}), in force {period}."


@app.command("update")
def update_store(
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="[FOLDER|URL]",
            help="Folder of downloaded files, or the address (https) of one file. Without it, the files to"
            " download are listed.",
        ),
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Show what would change; load nothing.")] = False,
    approver: Annotated[
        str | None,
        typer.Option(
            "--approver", help="Who approves the release. Default: the account that runs the command."
        ),
    ] = None,
    store: Store = None,
) -> None:
    """Load all new files of a folder, or one file from its address. Files are recognized by their names.

    An update has four steps, which are recorded next to the store: notification (the files received), impact
    (codes added, ended and changed, the rules that use them, and how many stored claims have them),
    validation (each file is loaded whole or refused), release (who approved it). With --plan the first three
    are shown and nothing is released.

    The network is used only for an address that you give. Without a folder or an address, the command lists
    published datasets that are out of date, partial or missing, and the file to download for each. Exit
    status: 0 all recognized files are loaded, 1 a file was refused or must be downloaded, 2 unusable input.
    """
    if source is None:
        raise typer.Exit(_tell_what_to_get(store))
    from claimwright.platform.downloads import DownloadError, download, is_address

    if not is_address(source):
        raise typer.Exit(_update_from(Path(source), str(source), plan, approver, store))
    with tempfile.TemporaryDirectory(prefix="claimwright-") as aside:
        try:
            fetched = download(source, Path(aside))
        except DownloadError as problem:
            fail(str(problem))
        out.print(f"Fetched {fetched.name}, {fetched.stat().st_size:,} bytes.", markup=False, soft_wrap=True)
        raise typer.Exit(_update_from(Path(aside), fetched.name, plan, approver, store))


def _update_from(folder: Path, shown: str, plan: bool, approver: str | None, store: Path | None) -> int:
    """Load the new files of a folder; returns the exit status."""
    from claimwright.features.reference_data import ReferenceStoreError, default_store, update
    from claimwright.foundation import clock
    from claimwright.reference import ReferenceDataError

    target, now = store or default_store(), clock.now()
    try:
        if plan:
            with tempfile.TemporaryDirectory() as aside:
                updates = update(folder, target, now=now, into=Path(aside))
                impact = _impact(updates)
        else:
            with _recorded("folder") as detail:
                updates = update(folder, target, now=now)
                detail["count"] = sum(entry.outcome == "loaded" for entry in updates)
            impact = _impact(updates)
    except (NotADirectoryError, ReferenceStoreError, ReferenceDataError) as problem:
        fail(str(problem))
    for entry in updates:
        _show(entry)
    for line in impact:
        out.print(line, markup=False, soft_wrap=True)
    loaded = sum(entry.outcome == "loaded" for entry in updates)
    if plan:
        out.print(f"{loaded:,} to load; nothing was loaded (--plan).", markup=False, soft_wrap=True)
    else:
        if loaded:
            _record(updates, impact, approver, target, now)
        out.print(f"{loaded:,} loaded from {shown}.", markup=False, soft_wrap=True)
    return Exit.FINDINGS if any(entry.outcome == "refused" for entry in updates) else Exit.CLEAN


def _impact(updates: list[Update]) -> list[str]:
    """The changes of each edition, and the rules that use them."""
    from claimwright.engines.rules import load_rulebook
    from claimwright.features.reference_data import rules_by_dataset

    told = [entry for entry in updates if entry.changes is not None]
    if not told:
        return []
    asking = rules_by_dataset(load_rulebook())
    claims = _claims_touched(told)
    lines = []
    for entry in told:
        assert entry.changes
        codes = asking.get(entry.changes.dataset, [])
        rules = f"used by {len(codes):,} rules" if codes else "used by no rule"
        lines.append(f"  {entry.changes}; {rules}{': ' + ', '.join(codes[:8]) if codes else ''}")
        lines += [f"    {kind}: {', '.join(some)}" for kind, some in entry.changes.examples.items() if some]
        if entry.changes.dataset in claims:
            first = entry.version.effective_from if entry.version else None
            since = f" with services from {first} on" if first else ""
            lines.append(
                f"    stored claims{since} that have an ended or changed procedure:"
                f" {claims[entry.changes.dataset]:,}"
            )
    return lines


def _claims_touched(told: list[Update]) -> dict[str, int]:
    """The number of stored claims with procedures that ended or changed, by dataset, if there is a store."""
    from claimwright.assembly.administration import claims_touched

    from .session import caller_of, settings_of

    codes = {
        entry.changes.dataset: (entry.changes.procedures, entry.version.effective_from or datetime.date.min)
        for entry in told
        if entry.changes and entry.version and entry.changes.procedures
    }
    if not codes:
        return {}
    settings = settings_of(None)
    return claims_touched(caller_of(settings, None), settings, codes) or {}


def _record(
    updates: list[Update], impact: list[str], approver: str | None, store: Path, now: datetime.datetime
) -> None:
    from claimwright.features.reference_data import UpdateRecord, keep

    names = [path.name for entry in updates for path in entry.files]
    held = [f"{entry.dataset}: {entry.outcome}" for entry in updates]
    record = UpdateRecord(
        tuple(names), tuple(line.strip() for line in impact), tuple(held), approver or getpass.getuser(),
        now.isoformat(timespec="seconds"),
    )  # fmt: skip
    try:
        path = keep(record, store, now=now)
    except OSError as problem:
        fail(f"the record of the update can't be written: {problem.strerror}")
    out.print(f"Released by {record.approver}; the record is {path}.", markup=False, soft_wrap=True)


def _tell_what_to_get(store: Path | None) -> int:
    from claimwright.features.reference_data import default_store, reference_snapshot
    from claimwright.foundation import clock
    from claimwright.reference import ReferenceDataError, dataset

    try:
        described = reference_snapshot(clock.today(), store or default_store()).describe()
    except ReferenceDataError as problem:
        fail(str(problem))
    wanted = 0
    for row in described.iter_rows(named=True):
        if dataset(row["dataset"]).is_of_user:
            continue
        why = "absent" if row["version"] is None else row["coverage"] if row["coverage"] != "full" else ""
        if row["is_current"] is False:
            why = f"{why + ', ' if why else ''}ended {row['effective_to']}"
        if why:
            wanted += 1
            out.print(f"{row['dataset']} ({why}): {_file(row['dataset'])}", markup=False, soft_wrap=True)
    told = (
        f"{wanted} published datasets to download. Put the files"
        if wanted
        else "Nothing to download. Put newer files"
    )
    out.print(f"{told} into a folder: claimwright reference update FOLDER.", markup=False, soft_wrap=True)
    return Exit.FINDINGS if wanted else Exit.CLEAN


def _show(entry: Update) -> None:
    names = ", ".join(path.name for path in entry.files)
    if entry.version is not None:
        out.print(_told(entry.version), markup=False, soft_wrap=True)
    elif entry.outcome == "refused":
        err.print(entry.problem, markup=False, soft_wrap=True)
        err.print(f"{entry.dataset}: {names} was refused; the current version stays in force.", markup=False)
    elif entry.outcome == "present":
        out.print(f"{entry.dataset}: {names} is loaded already.", markup=False, soft_wrap=True)
    else:
        out.print(
            f"{names}: not recognized; use `claimwright reference load DATASET`.",
            markup=False,
            soft_wrap=True,
        )


@app.command("verify")
def verify_store(store: Store = None) -> None:
    """Verify the hash and the number of rows of every table, built-in and your own.

    Exit status: 0 all tables are unchanged, 1 a table has changed, 2 unusable.
    """
    from claimwright.features.reference_data import default_store, verify
    from claimwright.reference import ReferenceDataError

    try:
        checked = verify(store or default_store())
    except ReferenceDataError as problem:
        fail(str(problem))
    wrong = [entry for entry in checked if entry.problem]
    for entry in wrong:
        err.print(f"{entry.version.path}: {entry.problem}", markup=False, soft_wrap=True)
    out.print(
        f"{len(checked) - len(wrong):,} of {len(checked):,} versions are unchanged since they were stored."
    )
    raise typer.Exit(Exit.FINDINGS if wrong else Exit.CLEAN)
