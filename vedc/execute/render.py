"""Rendering: executes a plan and decides nothing.

Segments in the store are reused; the others are rendered in order, and each is stored as soon
as it is complete, so a killed render resumes where it stopped. The film is then made by copying
packets.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

from vedc.errors import Problem, RenderError, as_errors
from vedc.execute.devices.device import Device
from vedc.execute.devices.executor import Executor
from vedc.execute.pipeline import Stopped
from vedc.execute.store import Store
from vedc.execute.unchanged_files import UnchangedFiles
from vedc.media.files import make_folder, remove_parts, whole_file
from vedc.media.mark import Mark, mark_image
from vedc.plan.plan import Plan, Segment
from vedc.plan.settings import AudioPlan
from vedc.support.lazy_dataclass import dataclass, field

#: More threads make no decoder faster, and each one larger.
DECODER_THREADS = 4


class Progress(Protocol):
    """Receives what a render does; draws bars or prints lines."""

    def start(self, target: str, frames: int, reused: int) -> None:
        """``reused`` of the ``frames`` come from the store."""

    def stage(self, name: str) -> None: ...

    def advance(self, frames: int) -> None:
        """``frames`` more are encoded."""

    def note(self, text: str) -> None:
        """Something the user should know; the render continues."""

    def finish(self) -> None: ...


class Silent:
    """No progress at all."""

    def start(self, target: str, frames: int, reused: int) -> None:
        pass

    def stage(self, name: str) -> None:
        pass

    def advance(self, frames: int) -> None:
        pass

    def note(self, text: str) -> None:
        pass

    def finish(self) -> None:
        pass


@dataclass(slots=True)
class RenderSummary:
    """What a render did."""

    target: str
    frames: int
    segments: int
    rendered_segments: int = 0
    rendered_frames: int = 0
    decoded_frames: int = 0
    rendered_sound: bool = False
    seconds: float | None = None
    """Of an output of sound alone."""
    warnings: list[Problem] = field(default_factory=list)
    """What was found out while rendering."""

    def summary(self) -> str:
        """One line for the user."""
        if self.seconds is not None:
            how = "rendered" if self.rendered_sound else "reused"
            return f"{self.target}: {self.seconds:.2f} s of sound, {how}"
        reused = self.frames - self.rendered_frames
        how = f"{self.rendered_frames} rendered, {reused} reused" if reused else "all rendered"
        plural = "" if self.frames == 1 else "s"
        return f"{self.target}: {self.frames} frame{plural}, {how}"


def render(
    plan: Plan,
    store: Store,
    *,
    threads: int = 0,
    progress: Progress | None = None,
    device: Device | None = None,
    mark: Mark | None = None,
    digest: Callable[[str], str] | None = None,
    strict: bool = False,
) -> RenderSummary:
    """Render a plan to its target; raises RenderError where that fails.

    ``threads`` limits the threads of decoding and computing; 0 uses one per CPU core.
    ``device`` computes the frames; it is the one that the plan was made for. ``mark`` is written
    into the file. ``digest`` names a file by its content, as for the plan; with it, nothing is
    stored once a file of the plan has changed. With ``strict`` a film that warns of anything is
    not written: its warnings are raised as a RenderError. Nothing partial is left at the target,
    and every finished segment stays in the store.
    """
    files = UnchangedFiles(plan, digest) if digest else None
    progress, device = progress or Silent(), device or Device()
    return _Render(plan, store, threads, progress, device, mark, files, strict).run()


class _Render:
    def __init__(
        self,
        plan: Plan,
        store: Store,
        threads: int,
        progress: Progress,
        device: Device,
        mark: Mark | None,
        files: UnchangedFiles | None,
        strict: bool,
    ) -> None:
        self.plan, self.store, self.progress, self.device = plan, store, progress, device
        self.threads, self.mark, self.files, self.strict = threads, mark, files, strict
        self.report = RenderSummary(plan.target, plan.frames, len(plan.segments))
        if plan.form == "sound":
            self.report.seconds = float(plan.length / plan.fps)
        self.fresh = 0
        self.lock = threading.Lock()

    def run(self) -> RenderSummary:
        with ExitStack() as stack:
            stack.enter_context(self.store.pin(self.plan.keys))
            remove_parts(Path(self.plan.target))
            missing = self.missing()
            reused = self.plan.frames - sum(s.frames for s in missing)
            self.progress.start(self.plan.target, self.plan.frames, reused)
            stack.callback(self.progress.finish)
            sound = self.start_sound()
            if sound is not None:
                stack.callback(sound.stop)
            if missing:
                self.progress.stage("render")
                self.render_segments(missing, stack)
            if sound is not None:
                self.progress.stage("sound")
                sound.join()
            self.warn_of_sound()
            self.warn_of_damage()
            if self.strict and self.report.warnings:
                raise RenderError(as_errors(self.report.warnings))
            self.progress.stage("write")
            self.write()
        return self.report

    def missing(self) -> list[Segment]:
        """Segments that the store lacks or holds damaged, each key once.

        Raises RenderError where the plan takes one of them from the store.
        """
        wanted = {s.key: s for s in reversed(self.plan.segments) if self.store.get(s.key) is None}
        missing = sorted(wanted.values(), key=lambda segment: segment.index)
        for segment in missing:
            if segment.pieces is None:
                raise self.left_the_store(segment.key)
        return missing

    def start_sound(self) -> _Sound | None:
        plan, key = self.plan.sound, self.plan.sound_key
        if plan is None or key is None or self.store.get(key) is not None:
            return None
        self.report.rendered_sound = True
        return _Sound(self.store, key, plan, self.check_files)

    def check_files(self) -> None:
        if self.files is not None:
            self.files.check()

    def warn(self, code: str, message: str, hint: str | None = None) -> None:
        """Add a warning about the film, which is told once it is rendered."""
        self.report.warnings.append(Problem(code, message, None, hint, "warning"))

    def warn_of_damage(self) -> None:
        """Say which source frames are damaged or of another size, rendered now or before."""
        from vedc.execute.damage import Damage, Resized

        damage, resized = Damage(), Resized()
        for key in {segment.key for segment in self.plan.segments}:
            entry = self.store.get(key)
            if entry is not None:
                damage.merge(entry.meta)
                resized.merge(entry.meta)
        hint = "use another copy of it; on_damage: error refuses it"
        for digest, text in damage.texts(self.plan.media):
            where = self.plan.locations.get(digest)
            self.report.warnings.append(Problem("damage-concealed", text, where, hint, "warning"))
        for digest, text in resized.texts(self.plan.media):
            where = self.plan.locations.get(digest)
            self.report.warnings.append(Problem("size-changes", text, where, None, "warning"))

    def warn_of_sound(self) -> None:
        """Say what is wrong with the sound, whether it is rendered now or was before."""
        if self.plan.sound_key is None:
            return
        entry = self.store.get(self.plan.sound_key)
        if entry is None or not entry.meta:
            return
        from vedc.audio.report import SoundReport

        for code, message, hint in SoundReport.from_meta(entry.meta).texts():
            self.warn(code, message, hint)

    def render_segments(self, segments: list[Segment], stack: ExitStack) -> None:
        from vedc.execute.devices.cpu import cores
        from vedc.execute.pipeline import Pipeline
        from vedc.execute.readers import Readers
        from vedc.execute.stages import Stages

        threads = self.threads or cores()
        executor = self.executor(threads)
        stack.callback(executor.close)
        readers = Readers(self.plan.media, min(threads, DECODER_THREADS))
        hooks = self.encoded, self.check_files, self.finished
        stages = Stages(self.plan, self.store, executor, readers, *hooks)
        stack.callback(stages.abort)
        pipeline = Pipeline(lambda: stages.fetch(segments), stages.compute, stages.encode)
        try:
            pipeline.run(self.tick)
        finally:
            self.report.decoded_frames = readers.decoded
            readers.close()
        self.tick()

    def executor(self, threads: int) -> Executor:
        from vedc.codegen.code_cache import code_folder

        kernels = code_folder()
        if self.device.kind == "cpu":
            from vedc.execute.devices.cpu import CpuExecutor

            return CpuExecutor(self.plan.files, self.plan.tables, kernels, threads)
        from vedc.execute.devices.cuda import CudaExecutor

        plan = self.plan
        return CudaExecutor(self.device, plan.files, plan.tables, kernels, self.progress.note)

    def tick(self) -> None:
        with self.lock:
            fresh, self.fresh = self.fresh, 0
        if fresh:
            self.progress.advance(fresh)

    def encoded(self) -> None:
        with self.lock:
            self.fresh += 1
        self.report.rendered_frames += 1

    def finished(self, segment: Segment) -> None:
        self.report.rendered_segments += 1

    def write(self) -> None:
        """Make the file from what the store holds."""
        plan, target = self.plan, Path(self.plan.target)
        segments = [self.stored(segment.key) for segment in plan.segments]
        make_folder(target.parent)
        if plan.form == "picture":
            with whole_file(target) as part:
                shutil.copyfile(segments[0], part)
                if self.mark is not None:
                    mark_image(part, self.mark)
            return
        from vedc.media.mux import Chapters, Picture, mux

        sound = self.stored(plan.sound_key) if plan.sound_key else None
        frames = [segment.frames for segment in plan.segments]
        picture = Picture(segments, frames, plan.video) if plan.video is not None else None
        chapters = Chapters(plan.chapters, plan.length, plan.fps) if plan.chapters else None
        mux(target, picture, sound, dict(plan.metadata), self.mark, chapters, plan.captions)

    def stored(self, key: str) -> Path:
        entry = self.store.get(key)
        if entry is None:
            raise self.left_the_store(key)
        return entry.path

    def left_the_store(self, key: str) -> RenderError:
        return RenderError.one(
            "cache-changed",
            f"entry {key[:12]} left the cache at {self.store.folder} during the render",
            hint="render again, and do not empty the cache during a render",
        )


class _Sound:
    """The sound, rendered beside the pictures on a thread of its own."""

    def __init__(
        self, store: Store, key: str, plan: AudioPlan, check_files: Callable[[], None]
    ) -> None:
        self._store, self._key, self._plan = store, key, plan
        self._check_files = check_files
        self._error: BaseException | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="vedc-sound", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        from vedc.audio import render as render_sound

        try:
            meta: dict[str, object] = {}
            with self._store.put(self._key, kind="audio", meta=meta) as path:
                report = render_sound(self._plan, path, self._tick)
                self._check_files()
                meta |= report.to_meta()
        except Stopped:
            pass
        except BaseException as error:  # raised again on the caller's thread, in join()
            self._error = error

    def _tick(self, samples: int) -> None:
        if self._stop.is_set():
            raise Stopped

    def join(self) -> None:
        while self._thread.is_alive():
            self._thread.join(0.1)
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()
