"""``vedc train``: networks and weights learned from your own footage and edits."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from vedc.cli.options import Messages, Quiet, command_group, expand_groups, print_written, progress

train = command_group("train", "Train networks on your own footage; needs vedc[train].")


@train.command()
@expand_groups
def cuts(
    *,
    clips: Annotated[
        Path, typer.Option("--clips", metavar="DIR", help="Footage, in any folder structure.")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Folder for weights and card.")
    ],
    steps: Annotated[int, typer.Option("--steps", min=1, help="Training steps.")] = 4500,
    trials: Annotated[
        int, typer.Option("--trials", min=0, help="Short trainings that tune the settings.")
    ] = 0,
    seed: Annotated[
        int, typer.Option("--seed", help="Random seed of the edits and the initial weights.")
    ] = 7,
    threads: Annotated[int, typer.Option("--jobs", min=1, help="Training threads.")] = 1,
    quiet: Quiet = False,
    messages: Messages,
) -> None:
    """Train the network that finds shots.

    Edits with cuts, dissolves, fades, wipes and slides at known places are generated from the
    footage, so nothing has to be labelled. The sources are split into training, validation and
    test sets. If training is interrupted, the same command resumes it.
    """
    training: Any = import_module("vedc.train.cuts.training")
    settings = training.Settings(steps=steps, trials=trials, seed=seed, threads=threads)
    command = f"vedc train cuts --clips {clips} -o {output} --steps {steps} --trials {trials}"
    training.train(
        folder_of(clips),
        output,
        settings,
        progress=silent if quiet else print_progress,
        command=f"{command} --seed {seed} --jobs {threads}",
    )
    if not quiet:
        print_written(output)


@train.command()
@expand_groups
def cutting(
    *,
    pairs: Annotated[
        Path,
        typer.Option(
            "--pairs",
            metavar="FILE",
            help="YAML list of {film: FILE, raw: [FILE, ...]}, with paths relative to FILE.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="The weights: a .json file.")
    ],
    quiet: Quiet = False,
    messages: Messages,
) -> None:
    """Learn where you cut and what you keep from your own films.

    Each film is aligned with its raw files, and your cuts are compared with the other cuts that
    were possible. The card beside the weights says whether they predict your cuts better than the
    weights that vedc ships with. Use them with `cut: {weights: FILE}`.
    """
    from vedc.report.progress import SECONDS
    from vedc.workspace.aligning import pairs_of
    from vedc.workspace.analyses import cache_for

    films = pairs_of(pairs)
    training: Any = import_module("vedc.train.cutting.learn")
    learned = training.train_cutting(
        films,
        output,
        cache=cache_for(pairs),
        progress=progress(SECONDS, quiet),
        command=f"vedc train cutting --pairs {pairs} -o {output}",
        on_message=silent if quiet else lambda text: print(text, file=sys.stderr, flush=True),
    )
    if not quiet:
        print_written(learned.weights, learned.card)
        verdict = "better than" if learned.better else "no better than"
        print(
            f"the new weights predict your cuts {verdict} those that vedc ships with",
            file=sys.stderr,
        )


@train.command()
@expand_groups
def colour(
    *,
    clips: Annotated[
        Path, typer.Option("--clips", metavar="DIR", help="Footage, in any folder structure.")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Folder for weights and cards.")
    ],
    part: Annotated[
        Literal["space", "balance"],
        typer.Option(
            "--part", help="space: the space of grades. balance: the network that takes casts off."
        ),
    ] = "space",
    grades: Annotated[
        int, typer.Option("--grades", min=2000, help="Grades to draw for the space.")
    ] = 20_000,
    looks: Annotated[
        Path | None,
        typer.Option("--looks", metavar="DIR", help="Your .cube files, which count as grades."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Random seed of the grades.")] = 17,
    quiet: Quiet = False,
    messages: Messages,
) -> None:
    """Train colour decisions on your footage: the space of grades, or the balancing of shots.

    Grades are drawn through vedc's colour ops; your looks join them, and your footage says which
    colours matter. If it is interrupted, the same command resumes it.
    """
    if part == "balance":
        _balance(clips, output, looks, seed, quiet)
        return
    training: Any = import_module("vedc.train.grades.training")
    command = f"vedc train colour --clips {clips} -o {output} --part {part} --grades {grades}"
    command += f" --looks {looks} --seed {seed}" if looks else f" --seed {seed}"
    training.train_space(
        folder_of(clips),
        output,
        training.SpaceSettings(grades=grades, seed=seed),
        training.looks_in(looks) if looks else (),
        progress=silent if quiet else print_progress,
        command=command,
    )
    if not quiet:
        print_written(output)


@train.command()
@expand_groups
def clean(
    *,
    clips: Annotated[
        Path, typer.Option("--clips", metavar="DIR", help="Footage, in any folder structure.")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Folder for weights and card.")
    ],
    steps: Annotated[int, typer.Option("--steps", min=1, help="Training steps.")] = 18_000,
    seed: Annotated[
        int, typer.Option("--seed", help="Random seed of the noise and the initial weights.")
    ] = 5,
    threads: Annotated[int, typer.Option("--jobs", min=1, help="Training threads.")] = 1,
    quiet: Quiet = False,
    messages: Messages,
) -> None:
    """Train the denoiser, the op `clean`.

    Camera and codec noise is added to your photographs and films, so nothing has to be labelled;
    clean, sharp pictures are best. The card beside the weights compares them with the op
    `denoise`. If training is interrupted, the same command resumes it.
    """
    training: Any = import_module("vedc.train.clean.training")
    training.train(
        folder_of(clips),
        output,
        training.Settings(steps=steps, seed=seed, threads=threads),
        progress=silent if quiet else print_progress,
        command=f"vedc train clean --clips {clips} -o {output} --steps {steps} --seed {seed} "
        f"--jobs {threads}",
    )
    if not quiet:
        print_written(output)


def _balance(clips: Path, output: Path, looks: Path | None, seed: int, quiet: bool) -> None:
    """Train the network that balances shots."""
    from vedc.errors import UserError

    if looks is not None:
        raise UserError.one(
            "conflict",
            "--looks is for the space of grades, not for --part balance",
            hint="leave --looks out: balance learns from footage alone",
        )
    training: Any = import_module("vedc.train.balance.training")
    settings: Any = import_module("vedc.train.balance.settings")
    training.train(
        folder_of(clips),
        output,
        settings.Settings(seed=seed),
        progress=silent if quiet else print_progress,
        command=f"vedc train colour --clips {clips} -o {output} --part balance --seed {seed}",
    )
    if not quiet:
        print_written(output)


def folder_of(folder: Path) -> Path:
    from vedc.errors import MissingError

    if not folder.is_dir():
        message = f"--clips {folder}: there is no such folder"
        raise MissingError.one("no-such-folder", message, hint="name a folder with video files")
    return folder


def print_progress(report: Any) -> None:
    """A line on standard error: the stage, the step, and what was measured."""
    values = ", ".join(f"{name} {value:.4g}" for name, value in report.values.items())
    step = f"{report.step}/{report.steps}" if report.steps else str(report.step)
    print(f"{report.stage} {step}{': ' if values else ''}{values}", file=sys.stderr, flush=True)


def silent(report: Any) -> None:
    pass
