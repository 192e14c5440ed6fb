"""`claimwright templates` and `claimwright prompts`: governed files, approved by another person, rolled
back.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .appeals_session import told
from .session import Environment, Tenant, permitted_caller, settings_of, store_of
from .shapes import Shape, ShapeOption, print_json
from .terminal import Exit, ValueTable, fail, out, wide

if TYPE_CHECKING:
    from claimwright.platform.objects import Objects
    from claimwright.platform.settings import Settings

FileId = Annotated[str, typer.Argument(metavar="ID", help="Id of the file.")]
Version = Annotated[int, typer.Argument(metavar="VERSION", min=1, help="Its version.")]


def governed(kind: str, name: str) -> typer.Typer:
    """The commands for one kind of file; `name` is what people call it, in the plural."""
    app = typer.Typer(
        help=f"{name.capitalize()}: list, show, test, add, approve (another person), activate, roll back.",
        no_args_is_help=True,
    )

    @app.command("list")
    def list_(
        shape: ShapeOption = Shape.TABLE, environment: Environment = None, tenant: Tenant = None
    ) -> None:
        """List every version with its state. Exit status: 0, or 1 if an active one can't be used."""
        from dataclasses import asdict

        from claimwright.features.governance import list_governed

        settings = settings_of(environment)
        caller, _ = permitted_caller(settings, tenant, "templates.read")
        with store_of(settings) as database, database.transaction(caller) as connection:
            found = list_governed(connection, _shelf(settings), kind)
        if shape is Shape.JSON:
            print_json([asdict(each) for each in found])
        else:
            table = ValueTable(
                "id", "version", "state", "title", "added by", "approved by", "sha256", "problem"
            )
            for each in found:
                table.add_row(
                    each.file_id, str(each.version), each.state, each.title, each.added_by, each.approved_by
                    or "",
                    each.digest[:12], each.problem or each.notice or "",
                )  # fmt: skip
            wide().print(table)
        if any(each.problem and each.state == "active" for each in found):
            raise typer.Exit(Exit.FINDINGS)

    @app.command("show")
    def show(
        file_id: FileId,
        version: Annotated[
            int | None, typer.Option("--version", min=1, help="Default: the active one.")
        ] = None,
        environment: Environment = None,
        tenant: Tenant = None,
    ) -> None:
        """Print the text of a version. Exit status: 0, or 2 if there is none."""
        from claimwright.features.governance import file_text

        settings = settings_of(environment)
        caller, _ = permitted_caller(settings, tenant, "templates.read")
        with store_of(settings) as database, told(), database.transaction(caller) as connection:
            text = file_text(connection, _shelf(settings), kind, file_id, version)
        out.file.write(text)

    @app.command("add")
    def add(
        file: Annotated[Path, typer.Argument(metavar="FILE", help="The text, UTF-8.")],
        file_id: Annotated[
            str | None, typer.Option("--id", help="Id; templates and prompts have it in their front matter.")
        ] = None,
        environment: Environment = None,
        tenant: Tenant = None,
    ) -> None:
        """Add a version as a draft. Nothing uses it until another person approves it and it is activated.

        Exit status: 0, or 2 if it can't be used, or says almost the same as another one for the same cases.
        """
        from claimwright.features.governance import add_file

        settings = settings_of(environment)
        caller, _ = permitted_caller(settings, tenant, "templates.change")
        with store_of(settings) as database, told(), database.transaction(caller) as connection:
            made = add_file(
                caller, connection, _shelf(settings), kind, _read(file), file.name, file_id=file_id
            )
        out.print(
            f"{made.file_id} version {made.version} is a draft. Another person approves it: "
            f"claimwright {name} approve {made.file_id} {made.version}",
            markup=False, soft_wrap=True,
        )  # fmt: skip

    @app.command("approve")
    def approve(
        file_id: FileId, version: Version, environment: Environment = None, tenant: Tenant = None
    ) -> None:
        """Approve a draft that somebody else added. Exit status: 0, or 2."""
        from claimwright.features.governance import approve_file

        settings = settings_of(environment)
        caller, _ = permitted_caller(settings, tenant, "templates.approve")
        with store_of(settings) as database, told(), database.transaction(caller) as connection:
            approve_file(caller, connection, kind, file_id, version)
        out.print(f"{file_id} version {version} is approved.", markup=False)

    @app.command("activate")
    def activate(
        file_id: FileId, version: Version, environment: Environment = None, tenant: Tenant = None
    ) -> None:
        """Use an approved version from now on. Exit status: 0, or 2 if nobody has approved it."""
        _activate(kind, file_id, version, environment, tenant, roll_back=False)

    @app.command("rollback")
    def rollback(
        file_id: FileId, version: Version, environment: Environment = None, tenant: Tenant = None
    ) -> None:
        """Go back to an earlier version; 1 is what ships, in its newest version. Exit status: 0, or 2."""
        _activate(kind, file_id, version, environment, tenant, roll_back=True)

    return app


def _activate(
    kind: str, file_id: str, version: int, environment: str | None, tenant: str | None, *, roll_back: bool
) -> None:
    from claimwright.features.governance import activate_file

    settings = settings_of(environment)
    caller, _ = permitted_caller(settings, tenant, "templates.change")
    with store_of(settings) as database, told(), database.transaction(caller) as connection:
        version = activate_file(
            caller, connection, _shelf(settings), kind, file_id, version, roll_back=roll_back
        )
    out.print(f"{file_id} version {version} is active.", markup=False)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        fail(f"{file}: not text in UTF-8.")
    except OSError as problem:
        fail(f"{file}: can't be read: {problem.strerror}.")


def _shelf(settings: Settings) -> Objects:
    from claimwright.platform.objects import open_objects

    return open_objects(settings)


templates_app = governed("template", "templates")
prompts_app = governed("prompt", "prompts")
payer_policies_app = governed("policy", "payer-policies")


@payer_policies_app.command("test")
def test_policy(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Policy files.")],
) -> None:
    """Read files of payer policies as adding them would. Needs no store.

    Exit status: 0, or 1 if one can't be used.
    """
    from claimwright.engines.criteria import PayerPolicyError
    from claimwright.features.governance import check_policy

    status = Exit.CLEAN
    for file in files:
        try:
            made = check_policy(_read(file), file.name)
        except PayerPolicyError as problem:
            status = Exit.FINDINGS
            out.print(str(problem), markup=False, soft_wrap=True)
            continue
        out.print(
            f"{file.name}: {made.id} version {made.version}, {len(made.criteria)} criteria", markup=False
        )
    raise typer.Exit(status)


@templates_app.command("test")
def test(files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Template files.")]) -> None:
    """Read template files as adding them would: variables, sources, constructs, duplicates, dates.

    Needs no store.

    Exit status: 0, or 1 if one can't be used today.
    """
    from claimwright.engines.drafting import TemplateError, near_duplicates
    from claimwright.features.governance import check_template, not_in_force, shipped_templates

    status = Exit.CLEAN
    for file in files:
        try:
            made = check_template(_read(file), file.name)
        except TemplateError as problem:
            status = Exit.FINDINGS
            out.print(str(problem), markup=False, soft_wrap=True)
            continue
        others = [each for each in shipped_templates().values() if each.template_id != made.template_id]
        twins = [pair for pair in near_duplicates([made, *others]) if made.template_id in pair[:2]]
        for one, other, alike in twins:
            status = Exit.FINDINGS
            out.print(
                f"{file.name}: {one} and {other} are alike by {alike:.0%} for the same cases", markup=False
            )
        if why := not_in_force(made):
            status = Exit.FINDINGS
            out.print(f"{file.name}: {made.template_id} version {made.version} {why}", markup=False)
        elif not twins:
            out.print(
                f"{file.name}: {made.template_id} version {made.version}, {len(made.lines)} sentences",
                markup=False,
            )
    raise typer.Exit(status)


@prompts_app.command("test")
def test_prompts(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Prompt files.")],
) -> None:
    """Read prompt files as adding them would, and fill each that drafts letters with a synthetic case:
    variables, length, and that no identifier of the case is in what would be sent. Needs no store, asks no
    model.

    Exit status: 0, or 1 if one can't be used.
    """
    from claimwright.engines.drafting import APPEAL_DRAFT, PromptError, hides, read_prompt
    from claimwright.features.appeals import sample_question

    status = Exit.CLEAN
    for file in files:
        try:
            prompt = read_prompt(_read(file), file.name)
        except PromptError as problem:
            status = Exit.FINDINGS
            out.print(str(problem), markup=False, soft_wrap=True)
            continue
        if prompt.task != APPEAL_DRAFT:
            out.print(f"{file.name}: {prompt.name} can be used for {prompt.task}", markup=False)
            continue
        question = sample_question(prompt)
        if hides(question.case, question.system + question.user):
            status = Exit.FINDINGS
            out.print(f"{file.name}: what would be sent names the patient of the sample.", markup=False)
            continue
        out.print(
            f"{file.name}: {question.prompt.name}; a sample of {len(question.user):,} characters",
            markup=False, soft_wrap=True,
        )  # fmt: skip
    raise typer.Exit(status)
