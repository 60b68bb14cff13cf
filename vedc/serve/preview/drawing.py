"""Rendering single segments, single pictures and the sound into the store, interruptibly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vedc.errors import Problem
from vedc.execute.devices.device import Device
from vedc.execute.progress import Silent
from vedc.execute.render import render
from vedc.execute.sound_thread import SoundThread
from vedc.execute.store import Store
from vedc.execute.unchanged_files import UnchangedFiles
from vedc.plan.logical import LogicalPlan
from vedc.serve.preview.film import Film
from vedc.workspace.planning import fuse_plans


class GivenUp(Exception):
    """Raised when something else becomes more urgent."""


class _Watching(Silent):
    """Reports a render's progress, and abandons it between two frames."""

    def __init__(self, is_stale: Callable[[], bool], advanced: Callable[[int], None]) -> None:
        self._is_stale, self._advanced = is_stale, advanced

    def start(self, target: str, frames: int, reused: int) -> None:
        self._check()

    def stage(self, name: str) -> None:
        self._check()

    def advance(self, frames: int) -> None:
        self._check()
        self._advanced(frames)

    def _check(self) -> None:
        if self._is_stale():
            raise GivenUp


@dataclass(frozen=True, slots=True)
class Drawing:
    """The place and means of rendering."""

    store: Store
    device: Device
    threads: int

    def picture(self, film: Film, frame: int, is_stale: Callable[[], bool]) -> Path:
        """A JPEG of one frame. Raises UserError, and GivenUp."""
        plan = film.still(frame, self.device)
        (key,) = (segment.key for segment in plan.segments)
        if not self.store.has(key):
            self._render(film, plan, is_stale, lambda frames: None)
        return self.store.path_of(key)

    def segment(
        self,
        film: Film,
        index: int,
        is_stale: Callable[[], bool],
        advanced: Callable[[int], None],
    ) -> Sequence[Problem]:
        """Store one segment, and return its warnings. Raises UserError, and GivenUp.

        ``advanced`` is called with the number of frames drawn since the last call.
        """
        return self._render(film, film.part(index), is_stale, advanced)

    def sound(self, film: Film, is_stale: Callable[[], bool]) -> Path | None:
        """Store the sound; None for a silent film. Raises UserError, and GivenUp."""
        plan = film.sound()
        if plan.sound is None or plan.sound_key is None:
            return None
        if not self.store.has(plan.sound_key):
            (fused,) = fuse_plans([plan], self.store)
            check = UnchangedFiles(fused, film.build.digest).check
            thread = SoundThread(self.store, plan.sound_key, plan.sound, check)
            try:
                while not thread.finished(0.1):
                    if is_stale():
                        raise GivenUp
            finally:
                thread.stop()
            thread.join()
        return self.store.path_of(plan.sound_key)

    def _render(
        self,
        film: Film,
        plan: LogicalPlan,
        is_stale: Callable[[], bool],
        advanced: Callable[[int], None],
    ) -> Sequence[Problem]:
        fused = fuse_plans([plan], self.store)
        if is_stale():
            raise GivenUp
        (summary,) = render(
            fused,
            self.store,
            threads=self.threads,
            progress=_Watching(is_stale, advanced),
            device=self.device,
            digest=film.build.digest,
            files=False,
        )
        return summary.warnings
