"""Checking what a spec makes: its finished outputs, with what only the spec knows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_hex

from vedc.decide.analyses.analysis import Progress
from vedc.edit.model import Edit
from vedc.execute.devices.device import Device
from vedc.execute.progress import Progress as RenderProgress
from vedc.execute.render import render
from vedc.execute.store import Store
from vedc.lang.keys.targets import TARGETS, Target
from vedc.media.mark import read_mark
from vedc.plan.logical import LogicalPlan
from vedc.review.check.core.check import Film
from vedc.review.check.explained import Explained
from vedc.review.check.of_file import Wanted, captions_of, loudness_of, shown_name
from vedc.review.check.run import Checked, check_film
from vedc.review.check.spec_texts import cues, shown_texts
from vedc.workspace.analyses import open_media
from vedc.workspace.build import Build, Deciding
from vedc.workspace.deliver import rounds
from vedc.workspace.models.pins import blamed
from vedc.workspace.planning import fuse_plans, plan_edit

#: The forms of outputs that are checked.
_FORMS = ("film", "sound", "animation")


@dataclass(frozen=True, slots=True)
class Made:
    """The checked outputs of a spec."""

    films: list[Checked]
    left: dict[str, str]
    """Outputs that were not checked, each with the reason."""


def check_spec(
    build: Build,
    edits: Sequence[Edit],
    deciding: Deciding,
    wanted: Wanted,
    *,
    device: Device | None = None,
    threads: int = 0,
    rendering: RenderProgress | None = None,
    progress: Progress | None = None,
) -> Made:
    """Check the outputs of a spec as ``vedc render`` writes them.

    An existing output that was made from this spec is read; the others are rendered to a temporary
    folder, through the store, so that a render afterwards does not do it again. Raises RenderError.
    """
    targets = _targets(deciding)
    left = {
        shown_name(edit.output.path): f"a {edit.output.form} is not checked"
        for edit in edits
        if edit.output.form not in _FORMS
    }
    films = []
    shown = [edit for edit in edits if edit.output.form in _FORMS]
    with _finished(build, shown, device, threads, rendering) as files:
        for edit, file in zip(shown, files, strict=True):
            media = open_media(file)
            target = wanted.target or targets.get(edit.output.path)
            texts = shown_texts(edit) if media.video is not None else []
            spoken = cues(edit) or captions_of(media)
            length = edit.duration if edit.part is None else edit.part[1] - edit.part[0]
            film = Film(
                shown_name(edit.output.path),
                media,
                wanted.limits,
                target,
                edit.output.loudness or edit.master.loudness or loudness_of(target),
                [*spoken, *captions_of(replace(media, streams=()), wanted.captions)],
                texts,
                length / edit.profile.fps,
            )
            checked = check_film(
                film, wanted.checks, of_spec=True, explain=Explained(edit), progress=progress,
                threads=threads,
            )  # fmt: skip
            films.append(checked)
    return Made(films, left)


def _targets(deciding: Deciding) -> dict[str, Target]:
    """The targets that outputs name, by the absolute path of the output."""
    document = deciding.canonical
    if document is None:
        return {}
    found = {}
    for output in document.root["outputs"]:
        named = output.get("target")
        if named is not None and named.value in TARGETS:
            found[str((deciding.build.root / output["path"].text).absolute())] = TARGETS[named.text]
    return found


@contextmanager
def _finished(
    build: Build,
    edits: Sequence[Edit],
    device: Device | None,
    threads: int,
    progress: RenderProgress | None,
) -> Iterator[list[Path]]:
    """The files of outputs while the block runs: those that are current, or new ones."""
    folder = build.folder / f"check-{token_hex(6)}"
    folder.mkdir(parents=True)
    store = Store(build.folder)
    try:
        plans = [plan_edit(build, edit, device=device) for edit in edits]
        files = [Path(edit.output.path) for edit in edits]
        missing = []
        for number, (plan, file) in enumerate(zip(plans, files, strict=True)):
            if _current(plan, file, store):
                continue
            beside = folder / f"{number}-{file.name}"
            files[number] = beside
            output = replace(edits[number].output, path=str(beside))
            missing.append(replace(edits[number], output=output))
        for together in rounds([plan_edit(build, edit, device=device) for edit in missing]):
            _render(build, together, store, device, threads, progress)
        yield files
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _current(plan: LogicalPlan, file: Path, store: Store) -> bool:
    """Whether a file was made of the plan, by its mark."""
    mark = read_mark(file)
    if mark is None:
        return False
    (fused,) = fuse_plans([plan], store)
    return mark.plan_digest == fused.film_digest()


def _render(
    build: Build,
    together: Sequence[LogicalPlan],
    store: Store,
    device: Device | None,
    threads: int,
    progress: RenderProgress | None,
) -> None:
    with (
        store.pin(dict.fromkeys(key for plan in together for key in plan.keys)),
        blamed([plan.edit for plan in together]),
    ):
        render(
            fuse_plans(together, store),
            store,
            threads=threads,
            progress=progress,
            device=device,
            digest=build.digest,
            title="the films to check",
        )
