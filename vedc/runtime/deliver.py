"""Delivering: every output of a spec, from the check to the finished file."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from vedc.errors import RenderError, UsageError
from vedc.plan.plan import Plan
from vedc.runtime.build import Build
from vedc.runtime.render import Progress, Report, render


def deliver(
    build: Build,
    *,
    replace: bool = False,
    threads: int = 0,
    progress: Progress | None = None,
) -> list[Report]:
    """Render all outputs, in order.

    A file that stands at a target is replaced only if vedc wrote it and nobody has touched it
    since, or if ``replace`` is true. That is found out before the first frame is rendered.
    """
    edits = build.edits()
    written = _Written(build.folder / "outputs.json")
    if not replace:
        for edit in edits:
            target = Path(edit.output.path)
            if target.exists() and not written.knows(target):
                raise UsageError.one(
                    "output-exists",
                    f"{target} is there already and was not written by vedc",
                    edit.output.place,
                    "add -y to replace it, or write elsewhere with -o",
                )
    plans = [build.plan(edit) for edit in edits]
    reports = []
    for plan in plans:
        _make_folder(plan)
        reports.append(render(plan, build.store, threads=threads, progress=progress))
        written.add(Path(plan.target))
    return reports


def _make_folder(plan: Plan) -> None:
    folder = Path(plan.target).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RenderError.one(
            "cannot-write",
            f"the folder {folder} cannot be made: {error.strerror}",
            plan.edit.output.place,
            "choose another path for the output",
        ) from None


class _Written:
    """Which files vedc wrote, by path, size and time of change."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, list[int]] = {}
        # A missing or damaged record only means that -y must be given once more.
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

    @staticmethod
    def _stamp(target: Path) -> list[int]:
        status = target.stat()
        return [status.st_size, status.st_mtime_ns]
