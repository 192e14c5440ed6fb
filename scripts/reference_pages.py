"""The reference pages: one function a page, each reading the source that it documents."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

from appeal_source_pages import appeal_sources_page
from authority_links import linked
from deadline_pages import deadlines_page
from denial_pages import denial_causes_page
from kpi_pages import kpis_page
from markdown_tables import table
from platform_pages import api_errors_page, events_page, settings_page
from rule_examples import Example, example_blocks, rule_examples

Files = dict[str, str]


def code(text: str) -> str:
    """Text as code, or nothing where there is no text."""
    return f"`{text}`" if text else ""


# --- dictionary ---------------------------------------------------------------------------------------


DICTIONARY_INTRODUCTION = """\
# The dictionary

All {count:,} fields of a claim, by the frame of a `ClaimBatch` that holds them. The names are those of the
columns, and those that a rule may use; a name is unique over all frames.

How to read an X12 place: `2300/REF[G1]02` is element 02 of the REF with qualifier G1 in loop 2300. Where
the guides differ, the letters P (professional), I (institutional) and D (dental) say which.

PHI names the kind of identifier, after 45 CFR 164.514(b)(2), that decides how a value is masked.

Derived names are computed from the fields; a rule uses them like fields."""


def dictionary_page() -> Files:
    """Every field of a claim, level by level."""
    dictionary = importlib.import_module("claimwright.domain.dictionary")
    names = importlib.import_module("claimwright.domain.derived").DERIVED
    parts = [DICTIONARY_INTRODUCTION.format(count=len(dictionary.DICTIONARY))]
    for level in dictionary.Level:
        fields = dictionary.fields_of(level)
        keys = ", ".join(f"`{name}`" for name in dictionary.KEYS[level])
        parts += [f"## {level.value}", f"Keyed by {keys}; {len(fields)} fields."]
        if fields:
            parts.append(
                table(
                    ["field", "type", "meaning", "X12 837", "CMS-1500", "UB-04", "FHIR", "PHI"],
                    (field_row(entry, dictionary.Phi.NONE) for entry in fields),
                )
            )
        derived = [name for name in names if name.level is level]
        if derived:
            parts += [
                f"### Derived, {level.value}",
                table(
                    ["name", "type", "meaning"], ([code(n.name), kind(n.dtype), n.meaning] for n in derived)
                ),
            ]
    return {"dictionary.md": "\n\n".join(parts)}


def field_row(entry: Any, no_phi: object) -> list[str]:
    """The cells of one dictionary field."""
    places = [(forms, place) for forms, place in entry.x12.items()]
    x12 = "; ".join(code(place) if forms == "PID" else f"{forms}: {code(place)}" for forms, place in places)
    phi = "" if entry.phi is no_phi else entry.phi.value
    boxes = [entry.cms1500, entry.ub04]
    return [code(entry.name), entry.kind.value, entry.meaning, x12, *boxes, code(entry.fhir), phi]


def kind(dtype: Any) -> str:
    """The type of a derived name in a reader's words."""
    if str(dtype).startswith("List"):
        return "list of codes"
    words = {"String": "text", "Date": "date", "Boolean": "yes or no", "Int32": "whole number"}
    words |= {"Decimal(precision=18, scale=2)": "US dollars", "Decimal(precision=15, scale=3)": "quantity"}
    return words.get(str(dtype), str(dtype).lower())


# --- rules --------------------------------------------------------------------------------------------

RULES_INTRODUCTION = """\
# Rules

{count} rules, by family. A rule never changes a claim; it says what is wrong and how to correct it. *block*
means that the claim will be rejected or denied as it is, *warn* that it is likely wrong, *note* that it is
worth knowing. *Before* and *After* show one way in which a claim is right; the patient's record decides. A
code is never given to another rule. The same from the terminal: `claimwright rules list` and
`claimwright rules show CODE`. To search in all of it, open [rules.html](rules.html) in a browser."""

FORM_WORDS = {"P": "professional", "I": "institutional", "D": "dental"}


def rules_pages(*, with_examples: bool = True) -> Files:
    """The list of all rules, and one page for each family."""
    rulebook = importlib.import_module("claimwright.engines.rules").load_rulebook()
    examples = rule_examples(list(rulebook)) if with_examples else {}
    families: dict[str, list[Any]] = {}
    for rule in rulebook:
        families.setdefault(rule.file.split("/")[-2], []).append(rule)
    parts = [RULES_INTRODUCTION.format(count=len(rulebook))]
    files: Files = {}
    for family, rules in sorted(families.items()):
        page = f"rules/{family}.md"
        title = family.replace("_", " ").replace("-", " ").capitalize()
        rows = (
            [f"[{rule.code}]({page}#{anchor(rule)})", code(rule.name), rule.severity.value, rule.title]
            for rule in rules
        )
        parts += [f"## {title}", table(["code", "name", "severity", "finds"], rows)]
        sections = [block for rule in rules for block in rule_section(rule, examples.get(rule.code))]
        files[page] = "\n\n".join([f"# Rules: {title.lower()}", "[All rules](../rules.md)", *sections])
    signals = importlib.import_module("claimwright.engines.signals").load_signals()
    page = "rules/file_signals.md"
    rows = (
        [f"[{signal.code}]({page}#{anchor(signal)})", code(signal.name), signal.severity.value, signal.title]
        for signal in signals
    )
    parts += ["## File signals", SIGNALS_NOTE, table(["code", "name", "severity", "finds"], rows)]
    sections = [block for signal in signals for block in signal_section(signal)]
    files[page] = "\n\n".join(["# Rules: file signals", "[All rules](../rules.md)", SIGNALS_NOTE, *sections])
    return {"rules.md": "\n\n".join(parts), **files}


SIGNALS_NOTE = """\
Signals are of all claims of a check together, not of one claim: a provider is compared with its peers, or its
claims with the length of a day. A signal says where to look, not that anything is wrong."""


def signal_section(signal: Any) -> Iterator[str]:
    """The Markdown blocks of one signal."""
    yield f"## {signal.code} {signal.name}"
    yield f"**{signal.title}.** {signal.what}"
    yield signal.why
    yield f"*Fix:* {signal.fix}"
    yield f"{signal.severity.value}, SNIP {signal.snip}; one finding a provider; professional claims."
    yield "Authority: " + "; ".join(signal.authority).rstrip(".") + "."
    yield "It counts:"
    yield "\n".join(f"- {group.name}" for group in signal.groups)
    for bounds in signal.thresholds:
        yield f"Bounds from {bounds.valid_from}. {bounds.source}"
        yield table(["bound", "value"], ([code(name), str(value)] for name, value in bounds.bounds.items()))
    yield "\n".join(f"- {'fires' if case.fires else 'quiet'}: {case.name}" for case in signal.cases)


def anchor(rule: Any) -> str:
    """Where a heading of `rule_section` is reached, in the way that Git hosts derive it."""
    return f"{rule.code} {rule.name}".lower().replace(" ", "-")


def rule_section(rule: Any, example: Example | None) -> Iterator[str]:
    """The Markdown blocks of one rule."""
    yield f"## {rule.code} {rule.name}"
    yield f"**{rule.title}.** {rule.what}"
    yield rule.why
    yield f"*Fix:* {rule.fix}"
    facts = [
        f"{rule.severity.value}, SNIP {rule.snip}, {rule.lifecycle.value}",
        f"one finding a {rule.level}",
    ]
    forms = (
        "all" if len(rule.forms) == len(FORM_WORDS) else " and ".join(FORM_WORDS[form] for form in rule.forms)
    )
    facts.append(f"{forms} claims")
    if rule.pair_on:
        facts.append("lines that agree in " + ", ".join(code(name) for name in rule.pair_on))
    if rule.claim_filing:
        facts.append("claim filing " + ", ".join(rule.claim_filing))
    if rule.payer_ids:
        facts.append("payers " + ", ".join(rule.payer_ids))
    if rule.since:
        facts.append(f"since version {rule.since}")
    if rule.effective_from:
        facts.append(f"from {rule.effective_from}")
    if rule.effective_to:
        facts.append(f"until {rule.effective_to}")
    if rule.carc or rule.rarc:
        denial = [f"CARC {carc}" for carc in rule.carc] + [f"RARC {rarc}" for rarc in rule.rarc]
        facts.append("denied with " + ", ".join(denial))
    yield "; ".join(facts) + "."
    if rule.fields:
        yield "Look at " + ", ".join(code(name) for name in rule.fields) + "."
    if rule.message:
        yield f"It says: {rule.message}"
    yield "Authority: " + "; ".join(map(linked, rule.authority)).rstrip(".") + "."
    if example is not None:
        yield from example_blocks(example)
    yield f"```sql\n{rule.when.strip()}\n```"
    if rule.repair is not None:
        yield f"*Repair ({rule.repair.confidence} confidence):* {rule.repair.because}"
        yield "```sql\n" + "\n".join(rule.repair.described()) + "\n```"
    yield "\n".join(f"- {'fires' if case.fires else 'quiet'}: {case.name}" for case in rule.cases)


FUNCTIONS_INTRODUCTION = """\
# Functions that a rule may call

Beside SQL's own scalar functions. An answer about a null value is null, and a rule whose predicate is
null does not fire: say `x is null` where absence is the defect."""

CODE_LISTS_INTRODUCTION = """\
## Code lists

`in_code_list('carc', reason_code, service_from_on)` is true where the code is on the list and holds on
that day."""


def functions_page() -> Files:
    """The macros and column functions of the rule engine, and the code lists that one of them reads."""
    functions = importlib.import_module("claimwright.engines.rules.functions")
    lists = importlib.import_module("claimwright.reference.code_lists")
    known = {**functions.macros(), **functions.COLUMN_FUNCTIONS}
    rows = (
        [code(f"{name}({', '.join(function.parameters)})".replace('"', "'")), function.doc]
        for name, function in sorted(known.items())
    )
    parts = [FUNCTIONS_INTRODUCTION, table(["call", "meaning"], rows), CODE_LISTS_INTRODUCTION]
    parts.append("\n".join(f"- `{name}`" for name in lists.code_list_names()))
    return {"functions.md": "\n\n".join(parts)}


# --- errors -------------------------------------------------------------------------------------------

ERRORS_INTRODUCTION = """\
# Errors of format

What Claimwright says of a file or a claim that breaks the X12 standard or the 837 guide, before any rule is
asked. `claimwright ack` puts the same into the TA1 and the 999. A code is never given to another fault.

A fault of severity *block* is rejected by receivers, *warn* is accepted by most and rejected by some,
*note* is accepted. SNIP 1 is the standard's syntax, 2 the implementation guide, 4 a situation that spans
segments."""

# The data elements of the TA1 and the 999 that carry a fault's code, by the attribute that holds it.
ACKNOWLEDGED_IN = {"ta1": "TA105", "ak9": "AK905", "ik5": "IK502", "ik3": "IK304", "ik4": "IK403"}


def errors_page() -> Files:
    """Every structural fault: what is wrong, what to do, how an acknowledgement says it."""
    faults = importlib.import_module("claimwright.engines.x12").FAULTS
    parts = [ERRORS_INTRODUCTION]
    for fault in faults:
        acknowledged = ", ".join(
            f"{element} `{value}`"
            for attribute, element in ACKNOWLEDGED_IN.items()
            if (value := getattr(fault, attribute)) is not None
        )
        parts += [
            f"## {fault.code} {fault.name}",
            f"{fault.message} *{fault.fix}*",
            f"{fault.severity}; SNIP {fault.snip}" + (f"; {acknowledged}" if acknowledged else ""),
        ]
    return {"errors.md": "\n\n".join(parts)}


# --- command line -------------------------------------------------------------------------------------


def cli_page() -> Files:
    """Every command with its arguments and options, as typer knows them."""
    import typer.main

    app = importlib.import_module("claimwright.apps.cli.main").app
    root = typer.main.get_command(app)
    parts = [
        "# The command line",
        "Exit status, of every command: 0 nothing found, 1 findings, 2 the input or the call is unusable.",
    ]
    for name, command in walk("claimwright", root):
        parts += list(command_section(name, command))
    return {"cli.md": "\n\n".join(parts)}


def walk(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    """The command and, where it is a group, everything visible under it."""
    yield name, command
    for child_name, child in getattr(command, "commands", {}).items():
        if not child.hidden:
            yield from walk(f"{name} {child_name}", child)


def command_section(name: str, command: Any) -> Iterator[str]:
    """The Markdown blocks of one command."""
    yield f"## {name}"
    if command.help:
        yield clean(command.help)
    shown = [parameter for parameter in command.params if not parameter.hidden]
    arguments = [parameter for parameter in shown if parameter.param_type_name == "argument"]
    options = [
        parameter
        for parameter in shown
        if parameter not in arguments and parameter.name not in {"install_completion", "show_completion"}
    ]
    if arguments:
        yield table(
            ["argument", "meaning"],
            ([code((p.metavar or p.name).upper()), clean(p.help or "")] for p in arguments),
        )
    if options:
        yield table(
            ["option", "default", "meaning"],
            ([spelling(p), default_of(p), clean(p.help or "")] for p in options),
        )


def spelling(option: Any) -> str:
    """How an option is written, its opposite after a slash."""
    words = ", ".join(code(word) for word in option.opts)
    if option.secondary_opts:
        words += " / " + ", ".join(code(word) for word in option.secondary_opts)
    return words


def default_of(option: Any) -> str:
    """The default of an option as a reader would type it."""
    value = option.default
    if option.required:
        return "required"
    if value is None or value is False or value in ((), []) or callable(value) or not option.show_default:
        return ""
    if isinstance(option.show_default, str):
        return option.show_default
    if value is True:
        return "on"
    return code(str(getattr(value, "value", value)))


def clean(text: str) -> str:
    """Help text as Markdown: without typer's paragraph marks, lines of one paragraph joined."""
    paragraphs = text.replace("\b", "").replace("\f", "").strip().split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


# --- source -------------------------------------------------------------------------------------------

FLOORS = (
    "apps",
    "assembly",
    "features",
    "store",
    "engines",
    "reference",
    "rulebook",
    "denial_causes",
    "deadline_rules",
    "kpis",
    "domain",
    "platform",
    "foundation",
)


def modules_page() -> Files:
    """Every module of the package, floor by floor, and of the lab, with the first line of its docstring."""
    source = Path(str(resources.files("claimwright")))
    parts = ["# The source", "What each module is, in the words of its own first line."]
    for floor in FLOORS:
        parts += [f"## {floor}", f"[What this floor is for](../floors/{floor}.md)"]
        if rows := modules_in(source / floor, source):
            parts.append(table(["module", "what it is"], rows))
    lab = Path(str(resources.files("claimwright_lab")))
    parts += ["## lab", "[What the lab is for](../../lab/README.md)"]
    parts.append(table(["module", "what it is"], modules_in(lab, lab.parent)))
    return {"modules.md": "\n\n".join(parts)}


def modules_in(folder: Path, source: Path) -> list[list[str]]:
    """Rows of the table: each module in a folder that says what it is, named from `source`."""
    rows = []
    for path in sorted(folder.rglob("*.py")):
        summary = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]
        if summary:
            rows.append(
                [code(path.relative_to(source).with_suffix("").as_posix().removesuffix("/__init__")), summary]
            )
    return rows


PAGES: dict[str, Callable[[], Files]] = {
    "src/claimwright/domain/dictionary/": dictionary_page,
    "src/claimwright/rulebook/": rules_pages,
    "src/claimwright/engines/rules/": functions_page,
    "src/claimwright/engines/x12/checks/faults.txt": errors_page,
    "src/claimwright/apps/cli/": cli_page,
    "src/claimwright/denial_causes/": denial_causes_page,
    "src/claimwright/deadline_rules/": deadlines_page,
    "src/claimwright/appeal_sources/": appeal_sources_page,
    "src/claimwright/kpis/": kpis_page,
    "src/claimwright/": modules_page,
    "src/claimwright/platform/settings/tree.py": settings_page,
    "src/claimwright/store/events/schemas/": events_page,
    "src/claimwright/apps/api/errors.py": api_errors_page,
}
