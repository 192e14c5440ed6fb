"""The champion's prediction for one claim: probability, reasons, and changes that would lower it."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from claimwright.foundation.whole_files import WholeFile

from .model_options import policy_of
from .terminal import err, fail

if TYPE_CHECKING:
    from claimwright.features.checking import Checked
    from claimwright.features.prediction import Explanation, Remedy

_REASONS = 6
# How each role of a reason is called.
_ROLES = {
    "cause": "Cause",
    "hint": "Possible cause",
    "doubtful": "Doubtful",
    "background": "Background",
    "lowers": "Lowers it",
}
PICTURES = (".svg", ".png")


def draw_prediction(found: Checked, as_of: datetime.date, console: Console, picture: Path | None) -> None:
    """Print the prediction of a batch of one claim; nothing if there is no champion model.

    `picture` is the file of the waterfall chart. A champion that can't be read is reported in one line.
    """
    from claimwright.features.prediction import Registry, RegistryError, explain, models_folder
    from claimwright.platform.settings import SettingsError, load_settings

    try:
        settings = load_settings(None)
        champion = Registry(models_folder(settings.home, settings.tenant)).champion()
    except (RegistryError, SettingsError) as problem:
        err.print(f"no prediction: {problem}", markup=False, soft_wrap=True)
        return
    if champion is None:
        if picture is not None:
            fail("there is no champion model, so there is nothing to draw. Promote a model first.")
        return
    name, model = champion[0], champion[1].under(policy_of(settings, settings.tenant))
    for explanation in explain(model, found.batch, as_of):
        print_explanation(explanation, name, console)
        if picture is not None:
            draw(explanation, picture)


def print_explanation(explanation: Explanation, name: str, console: Console) -> None:
    """Print the prediction of one claim by the model of this name."""
    from claimwright.features.prediction import percent

    def say(text: str, *, deep: int = 0) -> None:
        console.print(Padding(escape(text), (0, 0, 0, 2 * deep)))

    say(
        f"Chance of a denial {percent(explanation.probability)}, expected loss "
        f"${explanation.at_risk:,.2f} with the work that a denial makes ({name}). {explanation.advice}"
    )
    low, middle, high = explanation.days
    say(
        f"Of 100 claims to this payer with about this chance, expect {100 * explanation.low:.0f} to "
        f"{100 * explanation.high:.0f} denied; the chance of a single one may lie outside. "
        f"The answer takes about {middle} days, mostly {low} to {high}."
    )
    say(explanation.headline)
    told = explanation.leading(_REASONS)
    for reason in told:
        role = "Possible second cause" if explanation.is_possible(reason) else _ROLES[reason.role]
        say(f"{role}: {reason.words}.", deep=1)
        remedy = next((each for each in explanation.remedies if each.evidence == reason.words), None)
        if reason.next_step:
            say(f"To do: {reason.next_step}.", deep=2)
        if remedy is not None:
            say(f"With it: {_gain(remedy, explanation.probability)}.", deep=2)
        elif reason.is_fixable and reason.role.value == "cause":
            say(f"Without this cause the chance is about {percent(explanation.without(reason))}.", deep=2)
    stated = {reason.words for reason in told}
    for remedy in explanation.remedies:
        if remedy.evidence not in stated:
            gain = _gain(remedy, explanation.probability)
            say(f"What would help: {remedy.words}: {gain}. {remedy.evidence}", deep=1)
    for note in explanation.notes:
        say(f"Note: {note}", deep=1)


# The lower end of a range is told if it is so much lower.
_NEAR = 0.03


def _gain(remedy: Remedy, chance: float) -> str:
    """The chance with a step done, and the range that contains it for 9 of 10 such steps."""
    from claimwright.features.prediction import percent

    least, most = remedy.gain
    low, high = percent(chance - most), percent(chance - least)
    if remedy.probability - (chance - most) < _NEAR:
        return f"about {percent(remedy.probability)}, at most {high}"
    return f"about {percent(remedy.probability)} (between {low} and {high})"


def named_picture(picture: Path | None) -> None:
    """End the command if the extension of the picture's name is not a known format."""
    if picture is not None and picture.suffix not in PICTURES:
        fail(f"{picture}: use the extension .svg or .png.")


def draw(explanation: Explanation, picture: Path) -> None:
    """Draw a claim's reasons into a file of one of `PICTURES`. Ends the command if it can't be written."""
    from claimwright.features.prediction import waterfall, waterfall_png

    try:
        with WholeFile(picture) as part:
            if picture.suffix == ".png":
                part.write_bytes(waterfall_png(explanation))
            else:
                part.write_text(waterfall(explanation), encoding="utf-8")
    except OSError as problem:
        fail(f"{picture}: can't be written: {problem.strerror}. Check the folder.")
