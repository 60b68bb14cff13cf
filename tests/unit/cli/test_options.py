"""Option groups: one parameter of a command, several options of its command line."""

from __future__ import annotations

import inspect
from typing import Annotated, NamedTuple

import typer
from typer.testing import CliRunner

from vedc.cli.options import expand_groups


class Size(NamedTuple):
    width: Annotated[int, typer.Option("--width", help="First.")] = 640
    height: Annotated[int, typer.Option("--height", help="Second.")] = 360


def draw(
    *,
    name: Annotated[str, typer.Argument()],
    before: Annotated[bool, typer.Option("--before")] = False,
    size: Size,
    after: Annotated[bool, typer.Option("--after")] = False,
) -> None:
    """Draw."""
    print(name, size, before, after)


def _run(*arguments: str) -> str:
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command()(expand_groups(draw))
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_group_arrives_as_one_value() -> None:
    assert _run("a", "--height", "90", "--after") == "a Size(width=640, height=90) False True\n"


def test_options_are_in_the_order_of_the_declaration() -> None:
    assert list(inspect.signature(expand_groups(draw)).parameters) == [
        "name", "before", "width", "height", "after",
    ]  # fmt: skip
    places = [_run("--help").index(o) for o in ("--before", "--width", "--height", "--after")]
    assert places == sorted(places)
