"""Rendering: executes plans and decides nothing.

Segments in the store are reused; the others are rendered in film order, and each is stored as soon
as it is complete, so a killed render resumes where it stopped. The films are then assembled by
copying packets.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from vedc.errors import RenderError, as_errors
from vedc.execute.devices.device import Device
from vedc.execute.output import Output, RenderSummary
from vedc.execute.progress import Progress, Silent
from vedc.execute.sound_thread import SoundThread
from vedc.execute.store import Store
from vedc.media.files import remove_parts
from vedc.media.mark import Mark
from vedc.plan.plan import Plan, Segment

if TYPE_CHECKING:
    from vedc.execute.work import Workers


def render(
    plans: Sequence[Plan],
    store: Store,
    *,
    threads: int = 0,
    progress: Progress | None = None,
    device: Device | None = None,
    marks: Sequence[Mark] | None = None,
    digest: Callable[[str], str] | None = None,
    strict: bool = False,
    title: str | None = None,
    written: Callable[[Plan], None] = lambda plan: None,
    workers: Workers | None = None,
    files: bool = True,
) -> list[RenderSummary]:
    """Render plans to their targets, together; raises RenderError if that fails.

    A source frame that several plans show at the same time is decoded once, and equal pictures are
    drawn once: pieces are equal if their executable is the same object, as for plans that
    ``make_plans`` fused together.

    ``threads`` limits the threads of decoding and computing; 0 uses one per CPU core. ``device``
    computes the frames; it must be the one that the plans were made for. ``marks`` are written into
    the files. ``digest`` names a file by its content, as for the plans; with it, nothing is stored
    once a file of a plan has changed. With ``strict`` nothing is written if there is any warning:
    the warnings are raised as a RenderError. ``title`` stands for the targets in ``progress``.
    ``written`` is called for each plan whose file is complete. ``workers`` are further processes
    that render segments; ``digest`` is sent to them. Nothing partial is left at a target, and every
    finished segment stays in the store. Without ``files`` only the store is written.
    """
    of_each: Sequence[Mark | None] = marks or [None] * len(plans)
    outputs = [
        Output(plan, store, mark, digest, len(plans) > 1)
        for plan, mark in zip(plans, of_each, strict=True)
    ]
    how = threads, progress or Silent(), device or Device(), digest, workers
    return _Render(outputs, store, *how).run(strict, written, title, files)


def compositions(plans: Sequence[Plan], store: Store) -> list[tuple[Plan, list[Segment]]]:
    """The films of compositions, innermost first, with the segments that are shown and missing in
    the store, each segment once."""
    taken: set[str] = set()
    films = []
    for film in (film for plan in plans for film in list(plan.with_compositions())[:-1]):
        lacking = {
            segment.key: segment
            for segment in film.segments
            if segment.pieces is not None
            and segment.key not in taken
            and store.get(segment.key) is None
        }
        taken.update(lacking)
        if lacking:
            films.append((film, list(lacking.values())))
    return films


class _Render:
    def __init__(
        self,
        outputs: Sequence[Output],
        store: Store,
        threads: int,
        progress: Progress,
        device: Device,
        digest: Callable[[str], str] | None,
        workers: Workers | None,
    ) -> None:
        self.outputs, self.store, self.threads = outputs, store, threads
        self.progress, self.device, self.digest = progress, device, digest
        self.workers = workers
        self.fresh = 0
        self.lock = threading.Lock()

    def run(
        self, strict: bool, written: Callable[[Plan], None], title: str | None, files: bool
    ) -> list[RenderSummary]:
        with ExitStack() as stack:
            keys = dict.fromkeys(key for output in self.outputs for key in output.plan.keys)
            stack.enter_context(self.store.pin(keys))
            for output in self.outputs:
                remove_parts(Path(output.plan.target))
            missing = self.missing()
            films = compositions([output.plan for output in self.outputs], self.store)
            drawn = sum(segment.frames for _, segments in films for segment in segments)
            frames = sum(output.plan.frames for output in self.outputs)
            wanted = sum(segment.frames for segments in missing for segment in segments)
            self.progress.start(title or self.name(), drawn + frames, frames - wanted)
            stack.callback(self.progress.finish)
            sounds = self.start_sounds(stack)
            for film, segments in films:
                self.progress.stage("compositions")
                self.draw(film, segments)
            if wanted:
                self.progress.stage("render")
                self.render_segments(missing, stack)
            if sounds:
                self.progress.stage("sound")
                for output, sound in sounds:
                    with output.named():
                        sound.join()
            for output in self.outputs:
                output.add_warnings()
            known = self.outputs[0].report.warnings
            known += [problem for problem in self.store.settle() if problem not in known]
            # The renditions of a stream have the same sound and the same notes about it.
            for text in dict.fromkeys(text for output in self.outputs for text in output.notes):
                self.progress.note(text)
            warnings = [problem for output in self.outputs for problem in output.report.warnings]
            if strict and warnings:
                raise RenderError(as_errors(warnings))
            self.progress.stage("write")
            for together in self.files() if files else ():
                with together[0].named():
                    if together[0].plan.form == "stream":
                        Output.write_stream(together)
                    else:
                        together[0].write()
                written(together[0].plan)
        return [output.report for output in self.outputs]

    def files(self) -> list[list[Output]]:
        """The outputs grouped by target: the renditions of a stream together."""
        by_target: dict[str, list[Output]] = {}
        for output in self.outputs:
            by_target.setdefault(output.plan.target, []).append(output)
        return list(by_target.values())

    def name(self) -> str:
        """The targets' names, for progress messages."""
        first, *more = (together[0].plan.target for together in self.files())
        return f"{PurePath(first).name} and {len(more)} more" if more else first

    def missing(self) -> list[list[Segment]]:
        """The segments to render for each output; a shared key is rendered for one output."""
        taken: set[str] = set()
        missing = []
        for output in self.outputs:
            missing.append(output.missing(taken))
            taken.update(segment.key for segment in missing[-1])
        return missing

    def draw(self, film: Plan, segments: Sequence[Segment]) -> None:
        """Render segments of a composition's film into the store."""
        output, first = Output(film, self.store, None, self.digest, False), self.outputs[0].report
        how = self.threads, self.progress, self.device, self.digest, self.workers
        inner = _Render([output], self.store, *how)
        with ExitStack() as stack:
            inner.render_segments([segments], stack)
        first.composed_frames += output.report.rendered_frames
        first.decoded_frames += output.report.decoded_frames

    def start_sounds(self, stack: ExitStack) -> list[tuple[Output, SoundThread]]:
        sounds: dict[str, tuple[Output, SoundThread]] = {}
        for output in self.outputs:
            plan, key = output.plan.sound, output.plan.sound_key
            if plan is None or key is None or key in sounds or self.store.get(key) is not None:
                continue
            output.report.rendered_sound = True
            sound = SoundThread(self.store, key, plan, output.check_files)
            stack.callback(sound.stop)
            sounds[key] = output, sound
        return list(sounds.values())

    def render_segments(self, missing: Sequence[Sequence[Segment]], stack: ExitStack) -> None:
        from vedc.execute.work import Job, SegmentWork, turns_of
        from vedc.support.control_groups import cores

        work = [
            (o, segments) for o, segments in zip(self.outputs, missing, strict=True) if segments
        ]
        busy = tuple(output for output, _ in work)
        job = Job(busy, self.store, self.device, self.encoded, self.progress.note)
        if self.workers is not None:
            turns = turns_of([(output.plan, segments) for output, segments in work])
            decoded = self.workers.render(job, turns, self.threads, self.tick)
            busy[0].report.decoded_frames += decoded
            return
        own = SegmentWork(job, self.threads or cores())
        stack.callback(own.close)
        whole = tuple((n, s) for n, (_, segments) in enumerate(work) for s in segments)
        try:
            own.run(iter([whole]), self.tick)
        finally:
            busy[0].report.decoded_frames += own.decoded
        self.tick()

    def tick(self, elsewhere: int = 0) -> None:
        """Report frames encoded here, and ``elsewhere`` in other processes."""
        with self.lock:
            fresh = self.fresh + elsewhere
            self.fresh = min(0, fresh)  # frames lost with a worker do not count twice
        if fresh > 0:
            self.progress.advance(fresh)

    def encoded(self) -> None:
        with self.lock:
            self.fresh += 1
