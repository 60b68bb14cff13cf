"""The sound, rendered in parallel with the pictures on a separate thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from vedc.execute.pipeline import Stopped
from vedc.execute.store import Store
from vedc.plan.settings import AudioPlan
from vedc.support.asked_to_stop import stop_if_asked


class SoundThread:
    """Renders the sound of an output into the store; its errors are raised by :meth:`join`."""

    def __init__(
        self, store: Store, key: str, plan: AudioPlan, check_files: Callable[[], None]
    ) -> None:
        # PyAV's modules import one another: half loaded by one thread, they fail on another.
        import av  # noqa: F401

        self._store, self._key, self._plan = store, key, plan
        self._check_files = check_files
        self._error: BaseException | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="vedc-sound", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            paths: dict[str, Path] = {}
            for key, part in self._plan.parts.items():
                if self._store.get(key) is None:
                    self._render(key, part, paths)
                paths[key] = self._store.path_of(key)
            self._render(self._key, self._plan, paths)
        except Stopped:
            pass
        except BaseException as error:  # raised again on the caller's thread, in join()
            self._error = error

    def _render(self, key: str, plan: AudioPlan, paths: Mapping[str, Path]) -> None:
        """Render one sound; ``paths`` are the sounds of compositions rendered so far."""
        from vedc.audio import render, render_part

        pieces = tuple(
            replace(piece, path=str(paths[piece.digest])) if piece.digest in paths else piece
            for piece in plan.pieces
        )
        made = render if key == self._key else render_part
        meta: dict[str, object] = {}
        with self._store.put(key, kind="audio", meta=meta) as path:
            report = made(replace(plan, pieces=pieces), path, self._tick)
            self._check_files()
            meta |= report.to_meta()

    def _tick(self, samples: int) -> None:
        if self._stop.is_set():
            raise Stopped

    def finished(self, timeout: float) -> bool:
        """Wait up to ``timeout`` seconds; returns whether it is done, or has failed."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def join(self) -> None:
        while self._thread.is_alive():
            self._thread.join(0.1)
            stop_if_asked()
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()
