"""``vedc style``: styles made from paintings."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from vedc.cli.options import Messages, Quiet, command_group, expand_groups, print_written
from vedc.cli.train import folder_of, print_progress, silent
from vedc.errors import UsageError

style = command_group("style", "Make styles from paintings; needs vedc[train].")


@style.command()
@expand_groups
def train(
    painting: Annotated[Path, typer.Argument(metavar="PAINTING", help="A PNG or JPEG.")],
    *,
    output: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="FILE", help="The weights: a .safetensors file."),
    ],
    clips: Annotated[
        Path | None,
        typer.Option(
            "--clips", metavar="DIR", help="Footage to learn on; without it, generated pictures."
        ),
    ] = None,
    begin: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="WEIGHTS",
            help="Weights of another style of that size to start from: half the time is enough.",
        ),
    ] = None,
    size: Annotated[
        Literal["start", "xs", "s", "l"],
        typer.Option(
            "--size",
            help="start: palette and contrasts alone, in seconds. xs: fast. s: usual. l: GPU.",
        ),
    ] = "start",
    minutes: Annotated[
        float, typer.Option("--minutes", min=0.1, help="Time to train, at most.")
    ] = 60.0,
    painting_size: Annotated[
        int,
        typer.Option(
            "--painting-size",
            min=128,
            max=1080,
            help="Shorter side of the painting beside a frame of 360 lines; less, finer strokes.",
        ),
    ] = 420,
    seed: Annotated[int, typer.Option("--seed", help="Random seed of windows and weights.")] = 5,
    threads: Annotated[int, typer.Option("--jobs", min=1, help="Training threads.")] = 1,
    quiet: Quiet = False,
    messages: Messages,
) -> None:
    """Train the op `style` on a painting.

    A style starts with the palette and the contrasts of the painting, which need no training: that
    is all of `--size start`, and it is made in seconds. The other sizes add a network, which learns
    to draw strokes on top, to keep lines, and to stay steady from frame to frame; so far, what it
    adds comes no closer to the painting (docs/style.md). Footage shows what clips are like. A card
    beside the weights records how they were made. TensorBoard can show the folder FILE.work/log. If
    training is interrupted, the same command resumes it.
    """
    if output.suffix != ".safetensors":
        message = f"-o {output}: weights are a .safetensors file"
        hint = f"write -o {output.with_suffix('.safetensors')}"
        raise UsageError.one("bad-option", message, hint=hint)
    if begin is not None and begin.exists() and output.exists() and begin.samefile(output):
        message = f"--from and -o are one file: {output}"
        raise UsageError.one("bad-option", message, hint="write the new weights to another file")
    training: Any = import_module("vedc.train.style.training")
    command = f"vedc style train {painting} -o {output}"
    command += f" --clips {clips}" if clips else ""
    command += f" --from {begin}" if begin else ""
    command += f" --size {size} --minutes {minutes:g} --painting-size {painting_size}"
    command += f" --seed {seed}"
    training.train(
        painting,
        output,
        training.Settings(
            size=size,
            minutes=minutes,
            painting_size=painting_size,
            seed=seed,
            threads=threads,
            begin=begin,
        ),
        clips=folder_of(clips) if clips else None,
        progress=silent if quiet else print_progress,
        command=f"{command} --jobs {threads}",
    )
    if not quiet:
        print_written(output)
