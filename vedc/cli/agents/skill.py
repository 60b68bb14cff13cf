"""``vedc skill``: how to edit with vedc, for an agent."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vedc.cli.options import print_written


def skill(
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="DIR",
            help="Write vedc/SKILL.md in this folder, such as .claude/skills.",
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("-y", "--yes", help="Replace a file that has other text.")
    ] = False,
) -> None:
    """Print a skill that teaches an agent to edit with vedc, as Markdown.

    Many agents read such a file: the loop of reading footage, writing a spec, validating it,
    looking at it and rendering it.
    """
    from vedc.cli import summaries
    from vedc.serve.skill.text import skill_text, write_skill

    if output is None:
        print(skill_text(summaries()), end="")
    else:
        print_written(write_skill(output, summaries(), replace=yes))
