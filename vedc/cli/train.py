"""`vedc train`: networks and weights learned from a person's own footage and edits."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from vedc.cli.options import Errors, NoColor

group = typer.Typer(
    name="train",
    help="Learn from your own footage and edits; needs vedc[train].",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@group.callback()
def _group() -> None:
    """Learn from your own footage and edits; needs vedc[train]."""


@group.command()
def cuts(
    clips: Annotated[
        Path, typer.Option("--clips", metavar="DIR", help="Footage, in folders as you like.")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Where weights and card go.")
    ],
    steps: Annotated[int, typer.Option("--steps", min=1, help="How long it learns.")] = 4500,
    trials: Annotated[
        int, typer.Option("--trials", min=0, help="Short trainings that choose its settings.")
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", help="Other edits, another beginning.")] = 7,
    threads: Annotated[int, typer.Option("--jobs", min=1, help="Threads that learn.")] = 1,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing but errors.")] = False,
    no_color: NoColor = False,
    errors: Errors = "human",
) -> None:
    """Train the network that finds shots.

    Edits with cuts, dissolves, fades, wipes and slides at known places are made of the footage,
    so nothing has to be labelled. Sources are split: some teach, some choose, some only test. The
    same command goes on where it was stopped.
    """
    training: Any = import_module("vedc.train.cuts.training")
    settings = training.Settings(steps=steps, trials=trials, seed=seed, threads=threads)
    given = f"vedc train cuts --clips {clips} -o {output} --steps {steps} --trials {trials}"
    training.train(
        _folder(clips),
        output,
        settings,
        progress=_silent if quiet else _tell,
        command=f"{given} --seed {seed} --jobs {threads}",
    )
    if not quiet:
        print(f"{output}: written", file=sys.stderr)


@group.command()
def cutting(
    pairs: Annotated[
        Path,
        typer.Option(
            "--pairs",
            metavar="FILE",
            help="YAML: a list of {film: FILE, raw: [FILE, ...]}, paths from its own folder.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="The weights: a .json file.")
    ],
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing but errors.")] = False,
    no_color: NoColor = False,
    errors: Errors = "human",
) -> None:
    """Learn from films that you cut, and the raw files of each, where you cut and what you keep.

    Every film is aligned with its raw files; your cuts are held against the others that could
    have been made. The card beside the weights tells whether they foresee your cuts better than
    those that vedc comes with. Use them with `cut: {weights: FILE}`.
    """
    from vedc.cli.options import without_color
    from vedc.workspace import analyses
    from vedc.workspace.aligning import pairs_of

    told = pairs_of(pairs)
    training: Any = import_module("vedc.train.cutting")
    learned = training.train_cutting(
        told,
        output,
        cache=analyses.cache_for(pairs),
        progress=analyses.analysis_progress(quiet=quiet, no_color=without_color()),
        command=f"vedc train cutting --pairs {pairs} -o {output}",
        say=_silent if quiet else lambda text: print(text, file=sys.stderr, flush=True),
    )
    if not quiet:
        found = "foresee your cuts better than" if learned.better else "are no better than"
        print(
            f"{learned.weights}: written; they {found} those that vedc comes with", file=sys.stderr
        )
        print(f"{learned.card}: tells by how much", file=sys.stderr)


def _folder(place: Path) -> Path:
    from vedc.errors import MissingError

    if not place.is_dir():
        message = f"--clips {place}: there is no such folder"
        raise MissingError.one("no-such-folder", message, hint="name a folder with video files")
    return place


def _tell(told: Any) -> None:
    """A line of progress on standard error: the stage, how far it is, what was measured."""
    values = ", ".join(f"{name} {value:.4g}" for name, value in told.values.items())
    far = f"{told.step}/{told.steps}" if told.steps else str(told.step)
    print(f"{told.stage} {far}{': ' if values else ''}{values}", file=sys.stderr, flush=True)


def _silent(told: Any) -> None:
    pass
