"""Files that change during a render: only planned content may be stored under the plan's keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from vedc.edit.media_info import split_locator
from vedc.errors import RenderError
from vedc.media.digest import Stamp
from vedc.plan.plan import Plan


class UnchangedFiles:
    """The files of a plan: media, stills, tables, fonts and sound.

    ``digest`` names a file by its content, and is cheap for a file seen before.
    """

    def __init__(self, plan: Plan, digest: Callable[[str], str]) -> None:
        self._plan, self.digest = plan, digest
        self._stamps: dict[str, Stamp] = {}

    def check(self) -> None:
        """Raise RenderError ``media-changed`` if a file is not the planned one.

        A file whose stamp has not changed since the last check costs one ``stat``.
        """
        for planned, path in self._plan.files.items():
            try:
                stamp = Stamp.of(Path(path))
                if self._stamps.get(path) == stamp:
                    continue
                changed = self.digest(path) != planned
            except OSError:
                continue  # reading a missing file reports it
            if changed:
                raise media_changed(path).at(self._plan.locations.get(planned))
            self._stamps[path] = stamp


def media_changed(path: str) -> RenderError:
    return RenderError.one(
        "media-changed",
        f"'{split_locator(path)[0]}' changed after it was checked",
        hint="render again; segments that do not show it are reused",
    )
