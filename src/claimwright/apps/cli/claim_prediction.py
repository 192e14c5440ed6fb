"""The champion's prediction for one claim: probability, reasons, and changes that would lower it."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from claimwright.foundation.whole_files import WholeFile

from .model_options import policy_of
from .terminal import err, fail

if TYPE_CHECKING:
    from claimwright.features.checking import Checked
    from claimwright.features.prediction import Explanation

_REASONS = 6
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

    console.print(
        f"Chance of a denial {percent(explanation.probability)}, ${explanation.at_risk:,.2f} at risk "
        f"({name}){_kind(explanation)}. {_decision(explanation)}",
        markup=False, soft_wrap=True,
    )  # fmt: skip
    low, middle, high = explanation.days
    console.print(
        f"Of 100 like claims to this payer, expect {100 * explanation.low:.0f} to "
        f"{100 * explanation.high:.0f} denied (confidence {percent(explanation.confidence)}). "
        f"The answer takes about {middle} days, mostly {low} to {high}.",
        markup=False, soft_wrap=True,
    )  # fmt: skip
    table = Table("Denial", "Chance without it", "Why")
    told = explanation.leading(_REASONS)
    for reason in told:
        way = "likelier" if reason.log_odds > 0 else "less likely"
        table.add_row(way, percent(reason.otherwise), escape(reason.words))
    console.print(table)
    for remedy in explanation.remedies:
        least, most = (f"{each * 100:.0f}" for each in remedy.gain)
        console.print(
            f"  {remedy.words}: {percent(remedy.probability)}, lower by {least} to {most} points. "
            f"{remedy.evidence}",
            markup=False,
        )
    for note in explanation.notes:
        console.print(f"  note: {note}", markup=False)


def _decision(explanation: Explanation) -> str:
    """Review or send, and why."""
    gain = explanation.review_gain
    if explanation.decision == "review":
        return "Review it" + (f": worth ${gain:,.2f} after the work." if gain else ".")
    if gain is None:
        return "Send it: no change is known to lower it."
    if gain < 0:
        return f"Send it: the work would cost ${-gain:,.2f} more than it is expected to save."
    return f"Send it: a review is worth ${gain:,.2f} after the work; others are worth more."


def _kind(explanation: Explanation) -> str:
    """The most likely kind of denial; and the kind that the main reason points to, if it is another."""
    if explanation.category is None:
        return ""
    other = explanation.other_category
    also = f", but the main reason points to {other.replace('_', ' ')}" if other else ""
    return f"; most likely kind: {explanation.category.replace('_', ' ')}{also}"


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
