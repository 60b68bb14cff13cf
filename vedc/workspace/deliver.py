"""Rendering every output of a spec, from the check to the finished file."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace as replace_fields
from itertools import groupby
from os.path import isabs
from pathlib import Path, PurePath
from secrets import token_hex
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from vedc import __version__
from vedc.edit.model import Edit
from vedc.errors import InternalError, Problem, RenderError, UsageError
from vedc.execute.devices.device import Device
from vedc.execute.output import RenderSummary
from vedc.execute.progress import Progress
from vedc.execute.render import render
from vedc.execute.store import Store
from vedc.media.files import try_target
from vedc.media.mark import Mark, is_sealed, read_mark
from vedc.media.stream import PIPES, Kind, refuse, send
from vedc.plan.keys import digest
from vedc.plan.logical import LogicalPlan
from vedc.support.atomic_write import sweep
from vedc.support.drafts import STALE
from vedc.workspace.build import Build, Deciding, warnings_of
from vedc.workspace.contact_sheets import check_pages, make_sheet, sheet_of
from vedc.workspace.models.pins import blamed
from vedc.workspace.outputs.finished_films import FinishedFilms
from vedc.workspace.outputs.written import OUTPUTS, Written, files_of
from vedc.workspace.planning import fuse_plans, plan_edit

if TYPE_CHECKING:
    from vedc.execute.work import Workers
    from vedc.workspace.sheets.film_sheet import FilmSheet

#: The most pixels in frames of outputs rendered together: four of 3840x2160.
MOST_PIXELS: Final = 4 * 3840 * 2160

#: Prefix of the folders of streamed films.
_STREAMED: Final = "stdout-"


def _ignore(given: object) -> None:
    """Warns of nothing, and checks nothing."""


def deliver(
    build: Build,
    *,
    replace: bool = False,
    threads: int = 0,
    progress: Progress | None = None,
    device: Device | None = None,
    deciding: Deciding | None = None,
    warn: Callable[[Sequence[Problem]], None] = _ignore,
    strict: bool = False,
    check: Callable[[Edit], None] = _ignore,
    store: Store | None = None,
    finished: FinishedFilms | None = None,
    workers: Workers | None = None,
) -> list[RenderSummary]:
    """Render all outputs, together, on ``device`` or on the CPU.

    ``deciding`` makes the decisions that the spec leaves to vedc; by default those that the lock
    lacks are made. The lock is written as soon as the spec has passed its checks.

    An existing file is replaced only if vedc wrote it and nobody has changed it since, or if
    ``replace`` is true. vedc knows its files by the record in the cache and, without that, by the
    mark of a spec of the same name. This is checked before the first frame is rendered.

    ``warn`` receives the warnings about decisions and sources before the first frame, and those
    of the render after it. With ``strict`` nothing is written if there is one: RenderError.
    ``check`` may refuse a film before anything is written. Contact sheets are made last.

    ``store`` is the store of the build's cache, where it is open already. Films that ``finished``
    knows are not written again. ``workers`` are processes that render segments, too.
    """
    sweep(build.record_folders)
    deciding = deciding or Deciding(build, "decide")
    deciding.networks = (device or Device()).networks
    edits = build.edits(deciding)
    for edit in edits:
        check(edit)
    warn(warnings_of(edits, deciding))
    deciding.save()
    written = Written(build.folder / OUTPUTS)
    sheets = [sheet for edit in edits if (sheet := sheet_of(edit, deciding.name)) is not None]
    check_pages(edits, sheets)
    check_targets(edits, sheets, written, deciding.name, replace)
    store, spec = store or build.open_store(), _spec_digest(deciding)
    finished = finished or FinishedFilms()
    reports: list[RenderSummary] = []
    films = [edit for edit in edits if edit.output.sheet is None]
    for together in rounds([plan_edit(build, edit, device=device) for edit in films]):
        keys = dict.fromkeys(key for logical in together for key in logical.keys)
        with store.pin(keys):
            store.fetch(keys, progress.note if progress is not None else None)
            store.share(keys)
            plans = fuse_plans(together, store)
            marks = [Mark(__version__, deciding.name, spec, p.film_digest()) for p in plans]
            made = finished.of(plans, marks)
            left = [
                n for n, known in enumerate(made) if known is None or (strict and known.warnings)
            ]
            with blamed(films):
                rendered = (
                    render(
                        [plans[n] for n in left],
                        store,
                        threads=threads,
                        progress=progress,
                        device=device,
                        marks=[marks[n] for n in left],
                        digest=build.digest,
                        strict=strict,
                        written=lambda plan: written.add(Path(plan.target)),
                        workers=workers,
                    )
                    if left
                    else []
                )
            for number, summary in zip(left, rendered, strict=True):
                made[number] = summary
                finished.add(plans[number], marks[number], summary)
        summaries = [summary for summary in made if summary is not None]
        # Outputs that show the same damaged file give the same warning.
        warn([*dict.fromkeys(problem for summary in summaries for problem in summary.warnings)])
        for logical, summary in zip(together, summaries, strict=True):
            edit_warnings = [p for p in logical.edit.warnings if p.severity == "warning"]
            summary.warnings = [*edit_warnings, *summary.warnings]
        reports += summaries
    for sheet in sheets:
        summary = make_sheet(
            sheet,
            build,
            deciding,
            threads=threads,
            progress=progress,
            device=device,
            strict=strict,
            written=written.add,
        )
        known = {problem for report in reports for problem in report.warnings}
        warn([problem for problem in summary.warnings if problem not in known])
        edit_warnings = [p for p in sheet.film.warnings if p.severity == "warning"]
        summary.warnings = [*edit_warnings, *summary.warnings]
        reports.append(summary)
    order = {edit.output.path: number for number, edit in enumerate(edits)}
    return sorted(reports, key=lambda report: order[report.target])


def rounds(plans: Sequence[LogicalPlan]) -> list[list[LogicalPlan]]:
    """The outputs that are rendered together, in order: as many as memory allows, since each has
    its own encoder, which holds dozens of frames. The renditions of a stream stay together.
    """
    together: list[list[LogicalPlan]] = []
    room = 0
    for _path, group in groupby(plans, key=lambda plan: plan.edit.output.path):
        members = list(group)
        pixels = sum(p.video.width * p.video.height for p in members if p.video is not None)
        if not together or pixels > room:
            together.append([])
            room = MOST_PIXELS
        together[-1] += members
        room -= pixels
    return together


def stream(
    build: Build,
    sink: BinaryIO,
    *,
    threads: int = 0,
    progress: Progress | None = None,
    device: Device | None = None,
    deciding: Deciding | None = None,
    warn: Callable[[Sequence[Problem]], None] = _ignore,
    strict: bool = False,
    container: Kind = "mkv",
    workers: Workers | None = None,
) -> RenderSummary:
    """Render the only output and write the whole film to ``sink``, in a container for pipes.

    The film is made in the cache first, so nothing is written if the render fails; Matroska also
    has its length, its index and a seal. Parameters as for ``deliver``. Raises OSError if ``sink``
    does, and UsageError for a codec that the container cannot hold.
    """
    _sweep(build.folder)
    folder = build.folder / f"{_STREAMED}{token_hex(6)}"
    target = folder / f"stdout{PIPES[container].made_as}"
    try:
        (summary,) = deliver(
            replace_fields(build, target=target),
            threads=threads,
            progress=progress,
            device=device,
            deciding=deciding,
            warn=warn,
            strict=strict,
            check=lambda edit: refuse(edit, container),
            workers=workers,
        )
        send(target, sink, container)
        sink.flush()
    finally:
        shutil.rmtree(target.parent, ignore_errors=True)
    return summary


def _sweep(folder: Path) -> None:
    """Remove leftovers of killed processes that were streaming films."""
    before = time.time() - STALE
    with suppress(OSError):
        for left in folder.glob(f"{_STREAMED}*"):
            if left.stat().st_mtime < before:
                shutil.rmtree(left, ignore_errors=True)


def _spec_digest(deciding: Deciding) -> str:
    """SHA-256 of the canonical spec, without folders and without the paths of its outputs."""
    document = deciding.canonical
    if document is None:
        raise InternalError("the spec has not been checked")
    spec = document.root.plain()
    for output in spec["outputs"]:
        del output["path"]
    return digest([json.dumps(_portable(spec))])


def _portable(value: Any) -> Any:
    """A part of a spec with absolute paths reduced to file names."""
    if isinstance(value, dict):
        # Pairs, because two assets with absolute paths may have the same name.
        return sorted(([_portable(k), _portable(v)] for k, v in value.items()), key=json.dumps)
    if isinstance(value, list):
        return [_portable(child) for child in value]
    return PurePath(value).name if isinstance(value, str) and isabs(value) else value


def check_targets(
    edits: Sequence[Edit],
    sheets: Sequence[FilmSheet],
    written: Written,
    spec_name: str,
    replace: bool,
) -> None:
    """Raise if a target cannot be written or must not be replaced."""
    refused: list[Problem] = []
    for edit in edits:
        try:
            try_target(Path(edit.output.path))
        except RenderError as error:
            refused += error.at(edit.output.location).problems
    if refused:
        raise RenderError(tuple(refused))
    if replace:
        return
    foreign = []
    targets = [(Path(edit.output.path), edit.output.location) for edit in edits]
    more = [(page, s.film.output.location) for s in sheets for page in s.pages[1:]]
    for target, location in [*targets, *more]:
        files = files_of(target)
        if files and not written.knows(target):
            reason = _foreign(target, spec_name) if target in files else "was not written by vedc"
            if reason is not None:
                verb = "exists" if target in files else f"exists ({len(files)} of its files do)"
                message = f"{target} already {verb} and {reason}"
                hint = "replace it with -y, or write elsewhere with -o"
                foreign.append(Problem("output-exists", message, location, hint))
    if foreign:
        raise UsageError(tuple(foreign))


def _foreign(target: Path, spec_name: str) -> str | None:
    """Why a file is not this spec's own film; None if it is, and unchanged."""
    mark = read_mark(target)
    if mark is None:
        return "was not written by vedc"
    if mark.spec != spec_name or spec_name == "-":  # the names of two specs on standard input
        return f"was made from another spec, {mark.spec_shown}"
    return None if is_sealed(target, mark) else "was changed after vedc wrote it"
