"""The searchable page of all rules: one HTML file that needs no server and nothing from outside.

Every rule is an article with all of its facts and its code as its anchor, so that the page can be read, and
linked to, without its script. The script does one thing: it hides what does not hold every word that is
looked for. What is looked for stands in the address, so that a search can be handed on.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

Files = dict[str, str]

FORM_WORDS = {"P": "professional", "I": "institutional", "D": "dental"}

STYLE = """\
:root { color-scheme: light dark; --line: #8886; --soft: #8882; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 0 1rem 4rem; }
header { position: sticky; top: 0; background: Canvas; padding: 0.5rem 0; }
h1 { font-size: 1.5rem; margin: 0.5rem 0; }
form { align-items: center; display: flex; flex-wrap: wrap; gap: 0.5rem; }
input[type=search] { flex: 1 1 16rem; }
input, select { font: inherit; padding: 0.3rem 0.5rem; }
article { border-top: 1px solid var(--line); padding: 0.75rem 0; scroll-margin-top: 8rem; }
article:target { background: var(--soft); }
article h2 { font-size: 1.05rem; margin: 0; }
article h2 a { color: inherit; text-decoration: none; }
article h2 a:hover, article h2 a:focus { text-decoration: underline; }
article p { margin: 0.3rem 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.1rem 1rem; margin: 0.5rem 0; }
dt { font-weight: 600; }
dd { margin: 0; overflow-wrap: anywhere; }
pre { background: var(--soft); padding: 0.5rem; overflow-x: auto; white-space: pre-wrap; }
.grave { border: 1px solid currentColor; border-radius: 0.3rem; padding: 0 0.35rem; font-weight: 600; }
.block { color: light-dark(#b00020, #ff8a80); }
.warn { color: light-dark(#8a5a00, #ffc14d); }
.note { color: light-dark(#00639a, #7ecbff); }
[hidden] { display: none !important; }
"""

SCRIPT = """\
"use strict";
const rules = [...document.querySelectorAll("article")].map((element) => ({
  element, text: element.textContent.toLowerCase(), facts: element.dataset,
}));
const form = document.querySelector("form"), count = document.querySelector("output");
form.hidden = false;
function sought() {
  // `carc 16` is one thing to look for, and not CARC 167.
  const words = form.q.value.toLowerCase().match(/(?:carc|rarc|snip)\\s+\\w+|\\S+/g) ?? [];
  const chosen = ["severity", "family", "snip", "form"].map((name) => [name, form[name].value]);
  return { words, chosen: chosen.filter(([, value]) => value) };
}
function holds(text, word) {
  if (!/\\s/.test(word)) return text.includes(word);
  return new RegExp(`\\\\b${word.replace(/\\s+/, " ")}\\\\b`).test(text);
}
function isChosen(facts, [name, value]) {
  return name === "form" ? facts.form.includes(value) : facts[name] === value;
}
function show() {
  const { words, chosen } = sought();
  let shown = 0;
  for (const { element, text, facts } of rules) {
    const fits = words.every((word) => holds(text, word)) && chosen.every((each) => isChosen(facts, each));
    element.hidden = !fits;
    shown += fits;
  }
  count.textContent = shown ? `${shown} of ${rules.length} rules` : "No rule has all of these words.";
}
function remember() {
  const asked = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  const query = asked.size ? `?${asked}` : location.pathname;
  try { history.replaceState(null, "", query); } catch { /* a page from a disk may not change its address */ }
}
for (const [name, value] of new URLSearchParams(location.search)) if (form[name]) form[name].value = value;
form.addEventListener("input", () => { show(); remember(); });
form.addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== form.q) { event.preventDefault(); form.q.focus(); }
});
// A link to a rule leads there even where the search hides it.
addEventListener("hashchange", () => {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (named && named.hidden) { form.reset(); show(); named.scrollIntoView(); }
});
show();
"""

PAGE = """\
<!doctype html>
<!-- Written by `make docs` from src/claimwright/rulebook/; edit that instead. -->
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>Rules - Claimwright</title>
<style>
{style}</style>
</head>
<body>
<header>
<h1>{count:,} rules</h1>
<form role="search" hidden>
<label for="q">Find</label>
<input type="search" id="q" name="q" placeholder="code, words, field, authority, CARC" autofocus>
{choices}
<output></output>
</form>
</header>
<main>
{articles}
</main>
<script>
{script}</script>
</body>
</html>
"""


def rules_search_page() -> Files:
    """Every rule with all of its facts, to be searched in a browser."""
    rules = list(importlib.import_module("claimwright.engines.rules").load_rulebook())
    families = sorted({family(rule) for rule in rules})
    choices = [
        choice("severity", "every severity", [(word, word) for word in ("block", "warn", "note")]),
        choice("family", "every family", [(name, name.replace("_", " ")) for name in families]),
        choice("snip", "every SNIP type", [(str(number), f"SNIP {number}") for number in range(1, 8)]),
        choice("form", "every form", list(FORM_WORDS.items())),
    ]
    page = PAGE.format(
        style=STYLE,
        count=len(rules),
        choices="\n".join(choices),
        articles="\n".join(article(rule) for rule in rules),
        script=SCRIPT,
    )
    return {"rules.html": page}


def choice(name: str, every: str, options: Iterable[tuple[str, str]]) -> str:
    """A list to choose one value from, or all."""
    entries = [("", every), *options]
    rows = "".join(f'<option value="{escape(value)}">{escape(text)}</option>' for value, text in entries)
    return f'<select name="{name}" aria-label="{name}">{rows}</select>'


def family(rule: Any) -> str:
    """The folder of the rulebook in which the rule stands."""
    return str(rule.file.split("/")[-2])


def article(rule: Any) -> str:
    """One rule with all of its facts."""
    facts = "\n".join(f"<dt>{escape(name)}</dt> <dd>{value}</dd>" for name, value in facts_of(rule) if value)
    severity = rule.severity.value
    return (
        f'<article id="{rule.code}" data-severity="{severity}" data-family="{escape(family(rule))}"'
        f' data-snip="{rule.snip}" data-form="{rule.forms}">\n'
        f'<h2><a href="#{rule.code}">{rule.code} {escape(rule.title)}</a></h2>\n'
        f'<p><span class="grave {severity}">{severity}</span> <code>{escape(rule.name)}</code></p>\n'
        f"<p>{escape(rule.what)} {escape(rule.why)}</p>\n"
        f"<p><strong>Fix:</strong> {escape(rule.fix)}</p>\n"
        f"<details><summary>Authority, predicate, cases</summary>\n<dl>\n{facts}\n</dl>\n"
        f"<pre>{escape(rule.when.strip())}</pre>\n</details>\n</article>"
    )


def facts_of(rule: Any) -> Iterator[tuple[str, str]]:
    """The facts of a rule as name and HTML; a fact that it does not have is empty."""
    forms = " and ".join(FORM_WORDS[form] for form in rule.forms)
    yield "Authority", "; ".join(escape(each) for each in rule.authority)
    yield "Type", f"SNIP {rule.snip}, {rule.lifecycle.value}, family {escape(family(rule).replace('_', ' '))}"
    yield "One finding for each", escape(rule.level.replace("_", " "))
    yield "Lines that agree in", codes(rule.pair_on)
    yield "Claims", f"{forms}"
    yield "Claim filing", codes(rule.claim_filing)
    yield "Payers", codes(rule.payer_ids)
    if rule.effective_from or rule.effective_to:
        yield "Services", f"from {rule.effective_from or 'ever'} to {rule.effective_to or 'now'}"
    yield "Look at", codes(rule.fields)
    yield "Says", escape(rule.message)
    denials = [f"CARC {code}" for code in rule.carc] + [f"RARC {code}" for code in rule.rarc]
    yield "Denied with", ", ".join(denials)
    yield "Reads", codes(sorted(names_of(rule)))
    if rule.repair is not None:
        lines = "<br>".join(f"<code>{escape(each)}</code>" for each in rule.repair.described())
        yield "Repair", f"{rule.repair.confidence} confidence: {escape(rule.repair.because)}<br>{lines}"
    yield (
        "Cases",
        "<br>".join(f"{'fires' if case.fires else 'quiet'}: {escape(case.name)}" for case in rule.cases),
    )


def names_of(rule: Any) -> set[str]:
    """The names that the predicate reads, those that its functions look up among them."""
    return set(rule.predicate.names).union(*(lookup.names for lookup in rule.predicate.lookups))


def codes(values: Iterable[str]) -> str:
    """Values as code, with commas between them."""
    return ", ".join(f"<code>{escape(value)}</code>" for value in values)
