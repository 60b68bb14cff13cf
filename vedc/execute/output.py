"""One output of a render: its missing segments, its warnings, its file."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from vedc.edit.timecode import clock_time
from vedc.errors import Problem, SourceLocation, UserError
from vedc.execute.finish import write_stream, write_target
from vedc.execute.store import Store
from vedc.execute.unchanged_files import UnchangedFiles
from vedc.media.mark import Mark
from vedc.plan.footage import CopiedPart
from vedc.plan.plan import Plan, Segment
from vedc.support.lazy_dataclass import dataclass, field


@dataclass(slots=True)
class RenderSummary:
    """The result of a render."""

    target: str
    frames: int
    segments: int
    rendered_segments: int = 0
    rendered_frames: int = 0
    composed_frames: int = 0
    """Frames drawn for compositions; those for several outputs count for the first."""
    decoded_frames: int = 0
    """Frames decoded from sources; those decoded for several outputs count for the first."""
    copied_frames: int = 0
    """Frames whose packets were copied from their source."""
    copied_seconds: float = 0.0
    rendered_sound: bool = False
    seconds: float | None = None
    """Duration of an output of sound alone."""
    rendition: str | None = None
    """The size, such as 1280x720, of a rendition of an adaptive stream."""
    pages: list[str] | None = None
    """The files of a contact sheet."""
    loudness: dict[str, object] | None = None
    """How the requested loudness was reached."""
    warnings: list[Problem] = field(default_factory=list)
    """Problems found while rendering."""

    def summary(self) -> str:
        """One line for the user."""
        if self.seconds is not None:
            how = "rendered" if self.rendered_sound else "reused"
            return f"{self.target}: {self.seconds:.2f} s of sound, {how}"
        reused = self.frames - self.rendered_frames - self.copied_frames
        how = f"{self.rendered_frames} rendered, {reused} reused" if reused else "all rendered"
        if self.copied_frames:
            counts = {"rendered": self.rendered_frames, "reused": reused}
            parts = [f"{count} {what}" for what, count in counts.items() if count]
            copied = Fraction(self.copied_seconds)
            times = (copied, copied * self.frames / self.copied_frames)
            shown, whole = (clock_time(time, short=True) for time in times)
            how = ", ".join([*parts, f"{shown} of {whole} copied"])
        plural = "" if self.frames == 1 else "s"
        size = f" {self.rendition}" if self.rendition else ""
        if self.pages is not None:
            several = f" on {len(self.pages)} pages" if len(self.pages) > 1 else ""
            return f"{self.target}: {self.frames} picture{plural}{several}, {how}"
        return f"{self.target}{size}: {self.frames} frame{plural}, {how}"


#: Codes of errors that concern an output rather than a source.
_OF_THE_OUTPUT: Final = frozenset(
    {"cannot-mux", "cannot-write", "encode-failed", "encoder-refused", "missing-encoder"}
)


class Output:
    """A plan on its way to its file."""

    def __init__(
        self,
        plan: Plan,
        store: Store,
        mark: Mark | None,
        digest: Callable[[str], str] | None,
        one_of_several: bool,
    ) -> None:
        """``mark`` is written into the file; ``digest`` as for ``render``."""
        self.plan, self.store, self.mark, self.one_of_several = plan, store, mark, one_of_several
        self.files = UnchangedFiles(plan, digest) if digest else None
        self.report = RenderSummary(plan.target, plan.frames, len(plan.segments))
        self.report.copied_frames = plan.copied_frames
        self.report.copied_seconds = float(plan.copied_frames / plan.fps)
        self.notes: list[str] = []
        """Notes on steps that the spec asks for, a line each."""
        if plan.form == "stream" and plan.video is not None:
            self.report.rendition = f"{plan.video.width}x{plan.video.height}"
        if plan.form == "sound":
            self.report.seconds = float(plan.length / plan.fps)

    def missing(self, taken: Container[str]) -> list[Segment]:
        """Segments missing or damaged in the store, each key once, except the ``taken`` ones, which
        are rendered for another output.

        Raises RenderError if the plan takes one of them from the store.
        """
        wanted = {
            s.key: s
            for s in reversed(self.plan.segments)
            if s.copied is None and s.key not in taken and self.store.get(s.key) is None
        }
        missing = sorted(wanted.values(), key=lambda segment: segment.index)
        for segment in missing:
            if segment.pieces is None:
                self.store.path_of(segment.key)
        return missing

    @contextmanager
    def named(self) -> Iterator[None]:
        """Make errors of the block that concern the output name it and its place in the spec."""
        try:
            yield
        except UserError as error:
            raise type(error)(tuple(map(self._named, error.problems))) from error

    def _named(self, problem: Problem) -> Problem:
        if problem.code not in _OF_THE_OUTPUT:
            return problem
        message, name = problem.message, Path(self.plan.target).name
        if self.one_of_several and name not in message:
            message = f"{name}: {message}"
        return replace(problem, message=message, location=problem.location or self.plan.location)

    def check_files(self) -> None:
        if self.files is not None:
            self.files.check()

    def add_warnings(self) -> None:
        """Report problems with its sound and its pictures, rendered now or before."""
        self._warn_of_sound()
        self._warn_of_damage()
        self._warn_of_unlike()
        self.report.warnings = [
            replace(problem, location=problem.location or self.plan.location)
            for problem in self.report.warnings
        ]

    def _warn_of_damage(self) -> None:
        """Report damaged or resized source frames, rendered now or before."""
        from vedc.execute.damage import Damage, Resized

        for plan in self.plan.with_compositions():
            damage, resized = Damage(), Resized()
            for key in {segment.key for segment in plan.segments}:
                entry = self.store.get(key)
                if entry is not None:
                    damage.merge(entry.meta)
                    resized.merge(entry.meta)
            hint = "use another copy of it; on_damage: error refuses it"
            for digest, text in damage.texts(plan.media):
                self._warn("damage-concealed", text, hint, plan.locations.get(digest))
            for digest, text in resized.texts(plan.media):
                self._warn("size-changes", text, None, plan.locations.get(digest))

    def _warn_of_unlike(self) -> None:
        """Report where a transition showed a dissolve because its pictures have nothing in
        common."""
        from vedc.execute.unlike import Unlike, unlike_text

        for plan in self.plan.with_compositions():
            frames: set[int] = set()
            for segment in plan.segments:
                entry = self.store.get(segment.key)
                if entry is not None:
                    frames |= {segment.start + n for n in Unlike.of_meta(entry.meta).frames}
            hint = "name a dissolve there, or join two moments of one shot"
            for span, location in plan.transitions:
                found = frames.intersection(span)
                if found:
                    text = unlike_text(found, plan.fps)
                    self._warn("unlike-pictures", text, hint, location)

    def _warn_of_sound(self) -> None:
        """Report problems with the sound, rendered now or before."""
        if self.plan.sound_key is None or self.plan.sound is None:
            return
        for key in (*self.plan.sound.parts, self.plan.sound_key):
            entry = self.store.get(key)
            if entry is None or not entry.meta:
                continue
            from vedc.audio.report import SoundReport

            found = SoundReport.from_meta(entry.meta)
            if key == self.plan.sound_key:
                name = f"{Path(self.plan.target).name}: " if self.one_of_several else ""
                self.notes = [name + text for text in found.notes()]
                if found.loudness is not None:
                    self.report.loudness = found.loudness.summary()
            for code, message, hint in found.texts():
                self._warn(code, message, hint)

    def _warn(
        self, code: str, message: str, hint: str | None, where: SourceLocation | None = None
    ) -> None:
        self.report.warnings.append(Problem(code, message, where, hint, "warning"))

    def write(self) -> None:
        """Make the file from the store's entries."""
        plan = self.plan
        segments = [self.part(segment) for segment in plan.segments]
        self._check_copied()
        sound = self.store.path_of(plan.sound_key) if plan.sound_key else None
        write_target(plan, segments, sound, self.mark, self._check_copied)

    def _check_copied(self) -> None:
        """Check the copied footage; called before and after writing the file, which reads it."""
        if self.plan.copied_frames:
            self.check_files()

    def part(self, segment: Segment) -> Path | CopiedPart:
        """The location of a segment's packets."""
        source = segment.copied
        if source is None:
            return self.store.path_of(segment.key)
        return CopiedPart(
            Path(self.plan.files[source.digest]),
            source.stream,
            source.pts,
            Fraction(*source.ticks),
            segment.frames,
            source.reorder,
            source.headers,
            source.leads,
        )

    @staticmethod
    def write_stream(outputs: Sequence[Output]) -> None:
        """Make an adaptive stream from its renditions, which share their sound."""
        first = outputs[0]
        stored = first.store.path_of
        segments = [[stored(segment.key) for segment in o.plan.segments] for o in outputs]
        sound = stored(first.plan.sound_key) if first.plan.sound_key else None
        write_stream([output.plan for output in outputs], segments, sound)
