"""`claimwright rules`: the rulebook from the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from .options import RuleFolders
from .terminal import Exit, err, fail, out, severity_text, wide

if TYPE_CHECKING:
    from claimwright.engines.rules import RuleBook

app = typer.Typer(help="List, show and test rules.", no_args_is_help=True)


@app.command("list")
def list_rules(
    family: Annotated[
        str | None, typer.Argument(metavar="[FAMILY]", help="The beginning of a code, such as NPI.")
    ] = None,
    rules: RuleFolders = None,
) -> None:
    """List the rules with their severity, SNIP type and what they find."""
    from .options import rulebook_from

    book = rulebook_from(rules)
    chosen = [rule for rule in book if rule.code.startswith((family or "").upper())]
    if not chosen:
        fail(f"no rule's code begins with {family}. `claimwright rules list` shows all.")
    table = Table(title=f"{len(chosen):,} rules", title_justify="left")
    for name in ("Code", "Severity", "SNIP", "Forms", "Name"):
        table.add_column(name, no_wrap=True)
    table.add_column("Finds", overflow="fold", ratio=1)
    for rule in chosen:
        table.add_row(
            rule.code,
            severity_text(rule.severity.value),
            str(rule.snip),
            rule.forms,
            rule.name,
            escape(rule.title),
        )
    wide().print(table)


@app.command("show")
def show_rule(
    code: Annotated[str, typer.Argument(metavar="CODE", help="The rule's code or name.")],
    rules: RuleFolders = None,
) -> None:
    """Show one rule: what it finds, on whose authority, how to mend the claim, its predicate and cases."""
    from .options import rulebook_from

    book = rulebook_from(rules)
    try:
        rule = book[code if code in book else code.upper()]
    except KeyError:
        fail(f"there is no rule {code}. `claimwright rules list` shows all.")
    about = [
        f"[bold]{rule.code}[/] {rule.name}  {severity_text(rule.severity.value)}"
        f"  SNIP {rule.snip}  {rule.lifecycle.value}",
        f"[bold]{escape(rule.title)}[/]",
        "",
        escape(rule.what),
        f"[bold]Why[/]  {escape(rule.why)}",
        f"[bold]Fix[/]  {escape(rule.fix)}",
        f"[bold]Authority[/]  {escape('; '.join(rule.authority))}",
        f"[bold]Applies to[/]  {', '.join(_FORMS[form] for form in rule.forms)} claims,"
        f" each {rule.level.replace('_', ' ')}",
    ]
    if rule.effective_from or rule.effective_to:
        about.append(f"[bold]In force[/]  {rule.effective_from or '...'} to {rule.effective_to or '...'}")
    if rule.carc or rule.rarc:
        about.append(
            f"[bold]Likely denial[/]  CARC {', '.join(rule.carc) or '-'}, RARC {', '.join(rule.rarc) or '-'}"
        )
    about += ["", "[bold]Fires when[/]", f"  {escape(' '.join(rule.when.split()))}", "", "[bold]Cases[/]"]
    about += [f"  {'fires' if case.fires else 'quiet'}  {escape(case.name)}" for case in rule.cases]
    out.print(Panel("\n".join(about), expand=False))


@app.command("test")
def check_cases(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH...]", help="Rule files or folders of your own; the rulebook by default."
        ),
    ] = None,
) -> None:
    """Run the cases of every rule. Exit status: 0 all as stated, 1 some not, 2 unusable input."""
    from claimwright.engines.rules import run_cases

    book = _book(paths)
    results = run_cases(book)
    failed = [result for result in results if not result.passed]
    for result in failed:
        err.print(
            f"{result.rule.code}: {result.case.name}: expected {'to fire' if result.case.fires else 'quiet'}",
            markup=False,
        )
    for problem in book.problems:
        err.print(str(problem), markup=False, soft_wrap=True)
    out.print(
        f"{len(results) - len(failed):,} of {len(results):,} cases of {len(book):,} rules are as stated."
    )
    if book.problems:
        raise typer.Exit(Exit.UNUSABLE)
    raise typer.Exit(Exit.FINDINGS if failed else Exit.CLEAN)


def _book(paths: list[Path] | None) -> RuleBook:
    from claimwright.engines.rules import RuleBook

    try:
        return RuleBook.load(*paths) if paths else RuleBook.load()
    except (OSError, ValueError) as problem:
        fail(str(problem))


_FORMS = {"P": "professional", "I": "institutional", "D": "dental"}
