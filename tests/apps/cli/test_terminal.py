"""What a file or a person says reaches a terminal as text: never as its commands, never as markup."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from claimwright.apps.cli import terminal
from claimwright.apps.cli.terminal import SafeConsole, ValueTable, visible

HOSTILE = "A\x1b]0;owned\x07\x1b[2J\x9b31mB\u202eC\rD"


def printed(*what: object, **options: object) -> str:
    file = io.StringIO()
    SafeConsole(file=file, width=120, **options).print(*what)  # type: ignore[arg-type]
    return file.getvalue()


def _table(cell: str) -> Table:
    table = Table("value")
    table.add_row(cell)
    return table


@pytest.mark.parametrize("wrap", [lambda each: each, Panel, _table], ids=["text", "panel", "table"])
def test_nothing_that_a_terminal_obeys_comes_from_a_value(wrap: object) -> None:
    shown = printed(wrap(HOSTILE))  # type: ignore[operator]
    assert not set(shown) & set("\x1b\x07\x9b\u202e\r")
    assert r"A\x1b]0;owned" in shown


def test_colors_of_our_own_still_go_out() -> None:
    assert "\x1b[" in printed("[red]word[/]", force_terminal=True, color_system="standard")


def test_every_console_of_the_command_line_is_safe() -> None:
    consoles: list[Console] = [terminal.out, terminal.err, terminal.wide()]
    assert all(isinstance(each, SafeConsole) for each in consoles)


def test_markup_in_a_value_is_text() -> None:
    table = ValueTable("reason")
    table.add_row("[/nothing] x")
    table.add_row("[red]y[/red]")
    table.add_row(None)
    shown = printed(table)
    assert "[/nothing] x" in shown
    assert "[red]y[/red]" in shown


def test_line_ends_and_tabs_stay() -> None:
    assert visible("a\n\tb\x00") == "a\n\tb\\x00"


@pytest.mark.parametrize(("text", "cents"), [("1,250.00", 125_000), ("$3.1", 310), ("0", 0)])
def test_dollars_and_cents_are_read_exactly(text: str, cents: int) -> None:
    assert terminal.cents_of(text, "AMOUNT") == cents


@pytest.mark.parametrize("text", ["12.345", "-1", "NaN", "1e400", "a lot", ""])
def test_what_is_no_amount_ends_the_command(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        terminal.cents_of(text, "AMOUNT")
    assert ended.value.code == 2
    assert "AMOUNT: dollars and cents" in capsys.readouterr().err
