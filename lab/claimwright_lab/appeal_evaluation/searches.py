"""Search in charts of known truth: by the names that the rules know, and by lay words that they do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from itertools import islice

import numpy as np

from claimwright.engines.evidence import Embeds, Passage, concepts, search_passages

from .charts import BANKS, words_of, write_chart

_TOP = 3


@dataclass(frozen=True)
class SearchFigures:
    """How many searches have a passage that names the concept among the first three."""

    searches: int
    found: int


def lay_words() -> dict[str, str]:
    """What somebody who is no clinician may call a concept, by its name."""
    text = files(__package__).joinpath("lay_words.txt").read_text(encoding="utf-8")
    lines = (line.partition(" | ") for line in text.splitlines() if line and not line.startswith("#"))
    return {concept: said for concept, _, said in lines}


def measure_lay_words(model: Embeds | None, *, most: int | None = None, seed: int = 7) -> SearchFigures:
    """One chart and one search for each concept that has lay words."""
    asked = [(concept, said) for concept, said in lay_words().items() if words_of(concept)]
    found = [
        _is_found(text, concept, search_passages({1: text}, said, model=model))
        for (concept, said), text in zip(
            asked[:most], _charts([each for each, _ in asked], seed), strict=False
        )
    ]
    return SearchFigures(len(found), sum(found))


def measure_known_names(model: Embeds | None, *, most: int | None = None, seed: int = 7) -> SearchFigures:
    """One chart for each concept that has lay words; a search by each of its names that the rules know."""
    names = [concept for concept in lay_words() if words_of(concept)]
    found = [
        _is_found(text, concept, search_passages({1: text}, name, model=model))
        for concept, text in islice(zip(names, _charts(names, seed), strict=False), most)
        for name in words_of(concept)
    ]
    return SearchFigures(len(found), sum(found))


def _charts(concepts_wanted: list[str], seed: int) -> Iterator[str]:
    for number, concept in enumerate(concepts_wanted):
        rng = np.random.default_rng([seed, number])
        bank = list(BANKS)[number % len(BANKS)]
        yield write_chart(
            rng, "Ann Example", "01/02/2026", is_wrapped=number % 2 == 0, bank=bank, first=concept
        ).text


def _is_found(text: str, concept: str, passages: list[Passage]) -> bool:
    names = [name.rstrip("*").lower() for name in concepts()[concept].words]
    shown = [" ".join(text[each.start : each.end].lower().split()) for each in passages[:_TOP]]
    return any(name in words for name in names for words in shown)
