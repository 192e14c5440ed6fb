"""The reference page of what letters may cite: each source, with which text it was compared, and when."""

from __future__ import annotations

import importlib

from markdown_tables import table

INTRODUCTION = """\
# Sources of appeal letters

{count} laws, regulations, manuals and determinations that a letter may cite, and what they say in our words.
{compared} were compared with published text, as far as the table says. {others} were written from knowledge
and not compared: have somebody read these before letters leave. The manifest of a letter that was sent has
the same for each source that it cites (`sources`, `compared_on`). Data: `src/claimwright/appeal_sources/`.
[Appeals](../appeals.md)."""


def appeal_sources_page() -> dict[str, str]:
    """The page, by its name."""
    sources = importlib.import_module("claimwright.engines.drafting").load_sources().values()
    compared = sorted((each for each in sources if each.compared_on), key=lambda each: each.citation)
    others = sorted((each for each in sources if not each.compared_on), key=lambda each: each.citation)
    parts = [
        INTRODUCTION.format(count=len(sources), compared=len(compared), others=len(others)),
        "## Compared",
        table(
            ["source", "what it says, in our words", "compared with", "on"],
            ([each.citation, each.says, each.compared, str(each.compared_on)] for each in compared),
        ),
        "## Not compared",
        table(["source", "what it says, in our words"], ([each.citation, each.says] for each in others)),
    ]
    return {"appeal_sources.md": "\n\n".join(parts)}
