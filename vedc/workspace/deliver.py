"""Rendering every output of a spec, from the check to the finished file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from vedc.edit.model import Edit
from vedc.errors import Problem, RenderError, UsageError, UserError
from vedc.execute.device import Device
from vedc.execute.render import Progress, RenderSummary, render
from vedc.execute.store import Store
from vedc.media.files import try_target
from vedc.workspace.build import Build, Deciding
from vedc.workspace.planning import fuse_plan, plan_edit

_OF_THE_OUTPUT = frozenset(
    {"cannot-mux", "cannot-write", "encode-failed", "encoder-refused", "missing-encoder"}
)


def deliver(
    build: Build,
    *,
    replace: bool = False,
    threads: int = 0,
    progress: Progress | None = None,
    device: Device | None = None,
    deciding: Deciding | None = None,
) -> list[RenderSummary]:
    """Render all outputs, in order, on ``device`` or on the CPU.

    ``deciding`` makes the decisions that the spec leaves to vedc; by default those that the lock
    lacks are made. The lock is written as soon as the spec has passed its checks.

    An existing file is replaced only if vedc wrote it and nobody has changed it since, or if
    ``replace`` is true. This is checked before the first frame is rendered.
    """
    deciding = deciding or Deciding(build, "decide")
    edits = build.edits(deciding)
    deciding.save()
    written = _Written(build.folder / "outputs.json")
    _check_targets(edits, written, replace)
    plans = [plan_edit(build, edit, device=device) for edit in edits]
    store = Store(build.folder)
    reports = []
    for logical in plans:
        output = logical.edit.output
        try:
            with store.pin(logical.keys):
                plan = fuse_plan(logical, store)
                reports.append(
                    render(plan, store, threads=threads, progress=progress, device=device)
                )
        except UserError as error:
            raise error.at(output.location, _OF_THE_OUTPUT) from error
        written.add(Path(output.path))
    return reports


def _check_targets(edits: Sequence[Edit], written: _Written, replace: bool) -> None:
    """Raise if a target cannot be written or must not be replaced."""
    refused: list[Problem] = []
    for edit in edits:
        try:
            try_target(Path(edit.output.path))
        except RenderError as error:
            refused += error.at(edit.output.location).problems
    if refused:
        raise RenderError(tuple(refused))
    strange = [
        Problem(
            "output-exists",
            f"{edit.output.path} already exists and was not written by vedc",
            edit.output.location,
            "replace it with -y, or write elsewhere with -o",
        )
        for edit in edits
        if Path(edit.output.path).exists() and not written.knows(Path(edit.output.path))
    ]
    if strange and not replace:
        raise UsageError(tuple(strange))


class _Written:
    """The files that vedc wrote, with their size and time of change."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, list[int]] = {}
        # Without this record -y is needed once more, which does no harm.
        with suppress(OSError, ValueError):
            loaded = json.loads(file.read_text(encoding="utf-8"))
            if isinstance(loaded, dict):
                self._known = loaded

    def knows(self, target: Path) -> bool:
        return self._known.get(str(target)) == self._stamp(target)

    def add(self, target: Path) -> None:
        self._known[str(target)] = self._stamp(target)
        temporary = self._file.with_suffix(".tmp")
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(self._known), encoding="utf-8")
            temporary.replace(self._file)
        with suppress(OSError):
            temporary.unlink(missing_ok=True)

    @staticmethod
    def _stamp(target: Path) -> list[int]:
        status = target.stat()
        return [status.st_size, status.st_mtime_ns]
