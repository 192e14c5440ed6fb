"""`claimwright demo`: the demonstration practice, loaded once and served on this machine."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from claimwright.apps.cli.session import explained, settings_of, store_of
from claimwright.apps.cli.terminal import err, fail, out

app = typer.Typer(help="The demonstration practice: a year of synthetic claims, served on this machine.")
Home = Annotated[Path, typer.Option("--home", help="Folder of its database, keys and files.")]
_HOME = Path(".demo")
_LOADED = "loaded.txt"
# Small, so that it is there before the claims are: an explanation of every prediction, not a benchmark.
_TRAINING = ("--world", "8000", "--pairs", "0", "--by", "demonstration:trainer")


@app.command("start")
def start(home: Home = _HOME) -> None:
    """Load the practice if it is not there yet, serve it in the background, and print address and accounts.

    Exit status: 0, or 2 if it can't be loaded or served.
    """
    from claimwright_lab.demonstration import PASSWORD, ROLES_SHOWN, DemoServer, ServerError

    home = home.resolve()
    os.environ["CLAIMWRIGHT_HOME"] = str(home)
    loaded = home / _LOADED
    if not loaded.is_file():
        if home.exists() and any(home.iterdir()):
            fail(f"{home}: it was not loaded whole. Run `claimwright demo stop`, then remove the folder.")
        _load(home)
        loaded.write_text("The demonstration practice is loaded.\n", encoding="utf-8")
    elif _claimwright(home, "db", "migrate"):
        # The program may be newer than the practice that it loaded.
        fail(f"{home}: its database can't be updated. Remove the folder to load the practice anew.")
    try:
        address = DemoServer(home).start()
    except ServerError as problem:
        fail(str(problem))
    out.print(
        f"Claimwright is at {address} (synthetic data). Sign in with the password: {PASSWORD}", soft_wrap=True
    )
    for name, role in ROLES_SHOWN.items():
        out.print(f"  {name:10} {role.replace('_', ' ')}", highlight=False)
    out.print("End it: claimwright demo stop", highlight=False)


@app.command("stop")
def stop(home: Home = _HOME) -> None:
    """End the server of the practice, and its database. Its data stays.

    Exit status: 0.
    """
    from claimwright_lab.demonstration import DemoServer

    home = home.resolve()
    was_running = DemoServer(home).stop()
    if (home / "database").is_dir():
        _claimwright(home, "db", "stop")
    out.print("The server has ended." if was_running else "No server was running.")


def _load(home: Path) -> None:
    from claimwright_lab.demonstration import load_practice

    home.mkdir(parents=True, exist_ok=True)
    settings = settings_of(None)
    with store_of(settings):
        # Both processes below find it running.
        pass
    # Trained beside the loading, on claims of the same payers from the years before.
    training = _process(home, "model", "train", *_TRAINING)

    def run(as_of: datetime.date) -> None:
        # A process of its own, as everybody runs it.
        if _claimwright(home, "run", "--quiet", "--as-of", as_of.isoformat()) > 1:
            fail("the claims could not be processed.")

    def promote() -> None:
        # The practice is as good without: the model's page says that there is none.
        if training.wait() or _claimwright(
            home, "model", "promote", _model_in(home), "--approver", "demonstration:manager"
        ):
            err.print("  the model was not promoted: the rules alone decide")

    try:
        with store_of(settings) as database, explained():
            load_practice(
                settings, database, run, promote, lambda text: err.print(f"  {text}", highlight=False)
            )
    finally:
        training.kill()


def _model_in(home: Path) -> str:
    """The id of the only model of the practice."""
    return next(each.parent.name for each in home.rglob("model.json"))


def _process(home: Path, *words: str) -> subprocess.Popen[bytes]:
    """Start a command on the store of the practice."""
    variables = dict(os.environ) | {"CLAIMWRIGHT_HOME": str(home)}
    command = [sys.executable, "-m", "claimwright.apps.cli.main", *words]
    return subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL)  # noqa: S603 - our own


def _claimwright(home: Path, *words: str) -> int:
    """Run a command on the store of the practice; its exit status."""
    return _process(home, *words).wait()
