"""The lab's commands; if the lab is not installed, one line that says so.

No other module of the package may name the lab, so that the predictor cannot know the world that
evaluates it.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import typer

from .terminal import fail

PACKAGE = "claimwright_lab"
# The commands of the lab.
COMMANDS = ("sample", "world", "bench")


def register(app: typer.Typer) -> None:
    """Add the lab's commands, or hidden ones that name what to install."""
    if find_spec(PACKAGE) is not None:
        import_module(f"{PACKAGE}.commands").register(app)
        return
    for name in COMMANDS:
        app.command(
            name, hidden=True, context_settings={"allow_extra_args": True, "ignore_unknown_options": True}
        )(_missing(name))


def _missing(name: str) -> Any:
    def command() -> None:
        """Say that the lab is not installed."""
        _fail(f"`claimwright {name}`")

    return command


def lab_room(room: str, what: str) -> Any:
    """A package of the lab, such as `sampling`. Ends the command if the lab is not installed.

    `what` is the requested feature, for the message.
    """
    if find_spec(PACKAGE) is None:
        _fail(what)
    return import_module(f"{PACKAGE}.{room}")


def _fail(what: str) -> None:
    fail(
        f"{what} is part of the lab, which is not installed. In a checkout of Claimwright: "
        "`make setup`, or `pip install ./lab`."
    )
