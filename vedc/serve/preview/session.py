"""A preview: follows a spec, keeps the last valid film, and renders it.

Three threads share it. One follows the files and makes a film of every save; one renders pictures
and segments, visible ones first; one renders the sound. Pages receive their results as events, and
any page may load the whole state at any time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from vedc.errors import InternalError, Problem, RenderError, UserError
from vedc.execute.devices.device import Device
from vedc.execute.store import Store
from vedc.lang.yaml.load import display_name
from vedc.serve.preview.described import described, places
from vedc.serve.preview.drawing import Drawing, GivenUp
from vedc.serve.preview.events import News
from vedc.serve.preview.film import Film, open_film, text_of
from vedc.serve.preview.problems import Places, shown
from vedc.serve.preview.work import Still, Stretch, WorkList
from vedc.workspace.build import Build, Deciding
from vedc.workspace.watch.read_files import read_files
from vedc.workspace.watch.watcher import Watcher

#: Seconds that a page waits for a picture before it asks again.
PATIENCE = 30.0


class Session:
    """One spec, followed from :meth:`start` to :meth:`close`. Any thread may call any method."""

    def __init__(
        self,
        build: Build,
        device: Device,
        threads: int = 0,
        locked: bool = False,
        on_problems: Callable[[Sequence[Problem]], None] = lambda problems: None,
    ) -> None:
        """``locked``: decide nothing. ``on_problems`` receives the problems of every save."""
        self.build, self.device, self._locked = build, device, locked
        self._on_problems = on_problems
        self.news = News()
        self.work = WorkList()
        self._drawing = Drawing(Store(build.folder), device, threads)
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._film: Film | None = None
        self._film_data: dict[str, Any] | None = None
        self._saves = 0
        self._busy = True
        self._problems: Sequence[Problem] = ()
        self._found: dict[int | None, Sequence[Problem]] = {}
        self._ready: set[str] = set()
        self._sound: Path | None = None
        self._settled: dict[Still, UserError | None] = {}
        """The pictures that are drawn, failed, or were abandoned."""
        self._drew = threading.Event()
        self._pinned = ExitStack()
        self._threads: list[threading.Thread] = []
        self.failure: Exception | None = None
        """The exception that ended one of the threads, and so the preview."""
        self.rendered: list[int] = []
        """The segments that were rendered, by index, since the last save."""

    # ---------------------------------------------------------------- for the command

    def start(self) -> None:
        import av  # noqa: F401  before threads that would load it at the same time

        for body in (self._follow, self._draw, self._render_sound):
            thread = threading.Thread(target=self._guarded, args=(body,), name="vedc-preview")
            thread.daemon = True
            thread.start()
            self._threads.append(thread)

    def close(self) -> None:
        """End all work, and wait for it."""
        self._closing.set()
        self.work.close()
        with self._changed:
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        self._pinned.close()

    def wait(self) -> None:
        """Wait until the preview ends. Raises the exception that ended it."""
        while not self._closing.wait(3600):  # an endless wait could not be interrupted
            pass
        if self.failure is not None:
            raise self.failure

    @property
    def closing(self) -> bool:
        return self._closing.is_set()

    @property
    def name(self) -> str:
        spec = self.build.spec
        return "standard input" if spec == "-" else display_name(spec)

    # ---------------------------------------------------------------- for the pages

    def state(self) -> dict[str, Any]:
        """Everything that a page shows except pictures and sound."""
        with self._changed:
            film, data = self._film, self._film_data
            return {
                "spec": self.name,
                "saves": self._saves,
                "busy": self._busy,
                "film": data,
                "ready": sorted(self._ready),
                "sound_ready": self._sound is not None,
                "problems": self._shown_problems(film),
            }

    @property
    def saves(self) -> int:
        """How often the spec has become a film, or problems."""
        return self._saves

    def wait_for(self, saves: int, timeout: float) -> bool:
        """Wait until :attr:`saves` reaches a number."""
        with self._changed:
            return self._changed.wait_for(lambda: self._saves >= saves, timeout)

    def picture(self, revision: int, frame: int) -> bytes | None:
        """A JPEG of a frame, once it is drawn; None if the film is no longer shown, or if nobody is
        looking at that frame any more. Raises UserError if it cannot be drawn."""
        with self._changed:
            film = self._film
        if film is None or film.revision != revision or not 0 <= frame < film.edit.duration:
            return None
        job, store = Still(revision, frame), self._drawing.store
        key = film.still(frame, self.device).segments[0].key
        if not store.has(key):
            self._wait_to_be_drawn(job)
        entry = store.get(key)
        return entry.path.read_bytes() if entry is not None else None

    def _wait_to_be_drawn(self, job: Still) -> None:
        with self._changed:
            if (error := self._settled.pop(job, None)) is not None:
                self._settled[job] = error
                raise error
        for given_up in self.work.want(job):
            self._settle(given_up, None)
        with self._changed:
            self._changed.wait_for(lambda: job in self._settled or self.closing, PATIENCE)
            error = self._settled.get(job)
        if error is not None:
            raise error

    def segment(self, key: str) -> Path | None:
        """The file of a segment of the film that is shown, if it is rendered."""
        with self._changed:
            known = key in self._ready
        entry = self._drawing.store.get(key) if known else None
        return entry.path if entry is not None else None

    def sound(self, key: str) -> Path | None:
        """The file of the sound, if it is rendered and still that of the film."""
        with self._changed:
            film, path = self._film, self._sound
        return path if film is not None and film.logical.sound_key == key else None

    def look_at(self, frame: int) -> None:
        self.work.look_at(frame)

    # ---------------------------------------------------------------- following

    def _follow(self) -> None:
        watcher = Watcher()
        while not self._closing.is_set():
            began = time.time_ns()
            build = replace(self.build)  # a new build reads everything again
            deciding = Deciding(build, "locked" if self._locked else "decide")
            deciding.networks = self.device.networks
            planned: list[str] = []
            self._set_busy(True)
            try:
                film = open_film(build, self._saves + 1, deciding, self.device, self._scale())
                planned = list(film.logical.files.values())
                self._accept(film)
            except UserError as error:
                self._refuse(error.problems)
            except Exception as error:
                if self._closing.is_set():
                    return
                self._refuse((_internal(error),))
            watcher.follow(read_files(build, deciding, planned), began)
            watcher.wait(self._closing)

    def _scale(self) -> Fraction | None:
        return self._film.scale if self._film is not None else None

    def _accept(self, film: Film) -> None:
        """Show a film in place of the one before."""
        store = self._drawing.store
        pinned = ExitStack()
        pinned.enter_context(store.pin(dict.fromkeys(film.logical.keys)))
        data = described(film)
        keys = [segment.key for segment in film.logical.segments]
        ready = {key for key in keys if store.get(key) is not None}
        sound = film.logical.sound_key
        entry = store.get(sound) if sound is not None else None
        left = {index for index, key in enumerate(keys) if key not in ready}
        with self._changed:
            self._film, self._film_data, self._saves = film, data, film.revision
            self._problems, self._found, self._ready = tuple(film.warnings), {}, ready
            self._sound = entry.path if entry is not None else None
            self._busy = False
            self.rendered = []
            self._settled = {}
            self._drew.clear()
            if not left:
                self._drew.set()
            self._pinned, before = pinned, self._pinned
            self.work.show(film.revision, film.starts[:-1], left)
            self._changed.notify_all()
        before.close()
        self.news.publish("state", self.state())
        self._on_problems(film.warnings)

    def _refuse(self, problems: Sequence[Problem]) -> None:
        """Keep the film, and report why the current spec cannot be shown."""
        with self._changed:
            self._problems, self._busy = tuple(problems), False
            self._saves += 1
            self._changed.notify_all()
        self.news.publish("state", self.state())
        self._on_problems(problems)

    def _set_busy(self, busy: bool) -> None:
        with self._changed:
            self._busy = busy
        self.news.publish("busy", {"busy": busy})

    def _shown_problems(self, film: Film | None) -> list[dict[str, Any]]:
        now = text_of(self.build)
        sources = {self.name: now}
        known = None
        if film is not None:
            known = Places(self.name, film.text, now, places(film))
        found = [problem for each in self._found.values() for problem in each]
        return shown([*self._problems, *found], known, sources)

    # ---------------------------------------------------------------- rendering

    def _draw(self) -> None:
        while (job := self.work.take()) is not None:
            film = self._film
            if film is None or film.revision != job.revision:
                self.work.done(job)
                continue
            try:
                if isinstance(job, Still):
                    self._drawing.picture(film, job.frame, partial(self.work.is_stale, job))
                    self._settle(job, None)
                else:
                    self._stretch(film, job)
            except GivenUp:
                continue
            except UserError as error:
                self._failed(job, error)
            except Exception as error:
                self._failed(job, RenderError((_internal(error),)))
            self.work.done(job)
            self._drew.set()

    def _stretch(self, film: Film, job: Stretch) -> None:
        segment = film.logical.segments[job.index]
        drawn = 0
        self._publish_progress(film, job, drawn)

        def advanced(frames: int) -> None:
            nonlocal drawn
            drawn += frames
            self._publish_progress(film, job, drawn)

        warnings = self._drawing.segment(
            film, job.index, partial(self.work.is_stale, job), advanced
        )
        self.rendered.append(job.index)
        same = [n for n, each in enumerate(film.logical.segments) if each.key == segment.key]
        with self._changed:
            current = self._film is not None and self._film.revision == film.revision
            if current:
                self._ready.add(segment.key)
        for index in same:
            self.work.done(Stretch(job.revision, index))
        if current:
            self.news.publish("ready", {"revision": film.revision, "key": segment.key})
            self._add_problems(job.index, warnings)

    def _publish_progress(self, film: Film, job: Stretch, drawn: int) -> None:
        length = sum(piece.length for piece in film.logical.segments[job.index].pieces)
        share = min(drawn / length, 1.0)
        self.news.publish(
            "working", {"revision": film.revision, "index": job.index, "share": share}
        )

    def _failed(self, job: Still | Stretch, error: UserError) -> None:
        if isinstance(job, Still):
            self._settle(job, error)
            return
        self.news.publish("failed", {"revision": job.revision, "index": job.index})
        self._add_problems(job.index, error.problems)

    def _add_problems(self, index: int | None, problems: Sequence[Problem]) -> None:
        """Problems that rendering a segment found, or the sound: ``None``."""
        if not problems:
            return
        with self._changed:
            self._found[index] = tuple(problems)
            data = self._shown_problems(self._film)
        self.news.publish("problems", {"problems": data})

    def _settle(self, job: Still, error: UserError | None) -> None:
        with self._changed:
            if self._film is not None and self._film.revision == job.revision:
                self._settled[job] = error
            self._changed.notify_all()

    def _render_sound(self) -> None:
        """Render the sound of every film, once its first picture is drawn."""
        last_save = 0

        def is_new() -> bool:
            return self.closing or self._saves > last_save

        while not self.closing:
            with self._changed:
                self._changed.wait_for(is_new)
                film, last_save = self._film, self._saves
            if film is None or self._sound is not None or film.logical.sound_key is None:
                continue

            def is_stale(film: Film = film) -> bool:
                shown = self._film
                other = shown is None or shown.logical.sound_key != film.logical.sound_key
                return self.closing or other

            while not self._drew.wait(0.1) and not is_stale():
                pass
            try:
                path = self._drawing.sound(film, is_stale)
            except GivenUp:
                continue
            except UserError as error:
                self._add_problems(None, error.problems)
                continue
            except Exception as error:
                self._add_problems(None, (_internal(error),))
                continue
            with self._changed:
                if is_stale():
                    continue
                self._sound = path
            self.news.publish("sound", {"key": film.logical.sound_key})

    def _guarded(self, body: Callable[[], None]) -> None:
        try:
            body()
        except Exception as error:
            self.failure = self.failure or error
            self._closing.set()


def _internal(error: Exception) -> Problem:
    """A bug in vedc, which ends neither the preview nor the shown film."""
    if isinstance(error, OSError):
        reason = str(error.strerror or error).lower()
        return Problem("system", f"the operating system reports: {reason}")
    kind = "internal" if isinstance(error, InternalError) else type(error).__name__
    hint = "please report it, with the spec; vedc render shows more"
    return Problem("internal", f"vedc failed: {kind}: {error}", None, hint)
