"""The two sides of a comparison: a spec, or a film file, as something with frames and sound."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from secrets import token_hex
from typing import Final, Protocol

import av
from av.video.frame import VideoFrame

from vedc.color import Color
from vedc.edit.media_info import MediaInfo
from vedc.edit.model import Edit
from vedc.edit.tables.codecs import SOUND_ONLY, VIDEO_CODECS
from vedc.errors import InternalError
from vedc.execute.devices.device import Device
from vedc.execute.progress import Progress
from vedc.execute.render import render
from vedc.execute.store import Store
from vedc.lang.plugins.activate import active, bring_back
from vedc.media.reader import VideoReader
from vedc.plan.logical import LogicalPlan
from vedc.support.numbered_names import NumberedName
from vedc.workspace.build import Build
from vedc.workspace.planning import fuse_plans, plan_edit

Span = tuple[int, int]
"""Frames ``first <= n < end``."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """The form of a film's pictures: frames of equal canvases are compared sample by sample."""

    width: int
    height: int
    fps: Fraction
    pix_fmt: str
    color: Color


Place = tuple[Path, int]
"""A file, and which of its frames."""


class Pictures(Protocol):
    """Frames of a film that are at hand."""

    def read(self, first: int, end: int) -> Iterator[VideoFrame]: ...

    def place(self, frame: int) -> Place:
        """The file that holds a frame."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """With what frames are drawn."""

    device: Device | None = None
    threads: int = 0
    progress: Progress | None = None


class SpecSide:
    """One output of a spec: its film as drawn, before a codec loses anything.

    Make it before another spec is checked: plugin ops are those of the last spec, and two revisions
    may have different ops of the same name.
    """

    def __init__(self, name: str, build: Build, edit: Edit) -> None:
        self.name, self.build, self.edit = name, build, edit
        self._plugins = active()
        self._plan: LogicalPlan | None = None

    @property
    def canvas(self) -> Canvas | None:
        """None for sound alone."""
        edit = self.edit
        if edit.output.form == "sound":
            return None
        profile = edit.profile
        pix_fmt = edit.output.pix_fmt
        return Canvas(profile.width, profile.height, profile.fps, pix_fmt, profile.color)

    @property
    def span(self) -> Span:
        """The frames that the output shows."""
        at = self.edit.output.at
        if at is not None:
            return at, at + 1
        return self.edit.part or (0, self.edit.duration)

    @property
    def fps(self) -> Fraction:
        return self.edit.profile.fps

    def plan(self, device: Device | None) -> LogicalPlan:
        """The lossless plan of the film, for comparing and drawing."""
        if self._plan is None:
            bring_back(self._plugins)
            edit = _lossless(self.edit, Path("film"), self.span)
            self._plan = plan_edit(self.build, edit, None, device)
        return self._plan

    @contextmanager
    def pictures(self, spans: Sequence[Span], drawing: Drawing) -> Iterator[Pictures]:
        """Frames of the film; stored ones are not drawn again."""
        bring_back(self._plugins)
        folder = self.build.folder / f"compared-{token_hex(6)}"
        folder.mkdir(parents=True)
        try:
            edits = [
                _lossless(self.edit, folder / str(number), span)
                for number, span in enumerate(spans)
            ]
            plans = [plan_edit(self.build, edit, None, drawing.device) for edit in edits]
            store = Store(self.build.folder)
            with store.pin(dict.fromkeys(key for plan in plans for key in plan.keys)):
                if plans:
                    render(
                        fuse_plans(plans, store),
                        store,
                        threads=drawing.threads,
                        progress=drawing.progress,
                        device=drawing.device,
                        digest=self.build.digest,
                        title=self.name,
                    )
            yield _Files([(span, e.output.path) for span, e in zip(spans, edits, strict=True)])
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def sound_plan(self, target: Path = Path("sound.wav")) -> LogicalPlan | None:
        """The plan of the film's sound alone, without loss; None where it has none."""
        edit = self.edit
        if edit.output.audio_codec is None or edit.output.form not in ("film", "sound", "stream"):
            return None
        output = replace(
            edit.output, path=str(target), codec=SOUND_ONLY, audio_codec="pcm_f32le",
            audio_bitrate=None, audio_depth=None, segment=None, cover=None, metadata=(),
        )  # fmt: skip
        return plan_edit(self.build, replace(edit, output=output, caption_streams=()))

    @contextmanager
    def sound(self, drawing: Drawing) -> Iterator[Path | None]:
        """The sound of the film as a lossless file; None where there is none."""
        folder = self.build.folder / f"compared-{token_hex(6)}"
        plan = self.sound_plan(folder / "sound.wav")
        if plan is None:
            yield None
            return
        folder.mkdir(parents=True)
        try:
            store = Store(self.build.folder)
            with store.pin(dict.fromkeys(plan.keys)):
                render(fuse_plans([plan], store), store, threads=drawing.threads)
            yield folder / "sound.wav"
        finally:
            shutil.rmtree(folder, ignore_errors=True)


class FilmSide:
    """A film file."""

    def __init__(self, name: str, media: MediaInfo) -> None:
        self.name, self.media = name, media

    @property
    def canvas(self) -> Canvas | None:
        video = self.media.video
        if video is None:
            return None
        width, height = video.display_size
        return Canvas(width, height, video.rate, video.format, video.color)

    @property
    def span(self) -> Span:
        video = self.media.video
        if video is None:
            return 0, 0
        if video.frames is not None:
            return 0, video.frames
        length = video.length or self.media.duration or Fraction(0)
        return 0, max(1, round(length * video.rate))

    @property
    def fps(self) -> Fraction:
        return self.media.video.rate if self.media.video is not None else Fraction(25)

    @contextmanager
    def pictures(self, spans: Sequence[Span], drawing: Drawing) -> Iterator[Pictures]:
        reader = VideoReader(self.media, None, drawing.threads)
        try:
            yield _Film(reader, self.media.path, self.fps)
        finally:
            reader.close()

    @contextmanager
    def sound(self, drawing: Drawing) -> Iterator[Path | None]:
        yield Path(self.media.path) if self.media.audio is not None else None


Side = SpecSide | FilmSide

#: Pictures of a film, by their number in it.
_NUMBERED: Final = "%06d.png"


def _lossless(edit: Edit, target: Path, span: Span) -> Edit:
    """Frames of a film in the sample format of its output, in a file that loses nothing: FFV1, and
    for red, green and blue, which that does not hold at every depth, pictures."""
    output = edit.output
    video = output.pix_fmt in VIDEO_CODECS["ffv1"].pix_fmts
    pix_fmt = output.pix_fmt if video or output.pix_fmt.startswith("gb") else "gbrp"
    path = target.with_suffix(".mkv") if video else target / _NUMBERED
    made = replace(
        output,
        path=str(path),
        codec="ffv1" if video else "png",
        pix_fmt=pix_fmt,
        crf=None,
        bitrate=None,
        passes=None,
        preset=None,
        audio_codec=None,
        at=None,
        first_number=0,
        cover=None,
        hdr=None,
        quality=None,
        lossless=False,
        metadata=(),
        segment=None,
        sheet=None,
    )
    return replace(edit, output=made, part=span, markers=(), caption_streams=())


class _Files:
    """Frames in files without loss."""

    def __init__(self, files: Sequence[tuple[Span, str]]) -> None:
        self._files = files

    def read(self, first: int, end: int) -> Iterator[VideoFrame]:
        path, start = self._file(first, end)
        return self._read(path, first - start, end - first)

    def place(self, frame: int) -> Place:
        path, start = self._file(frame, frame + 1)
        if path.endswith(".mkv"):
            return Path(path), frame - start
        return NumberedName(path).path(frame - start), 0

    def _file(self, first: int, end: int) -> tuple[str, int]:
        """The file that holds some frames, and the first frame in it."""
        for (start, stop), path in self._files:
            if start <= first and end <= stop:
                return path, start
        raise InternalError(f"frames {first} to {end} were not drawn")

    @staticmethod
    def _read(path: str, skipped: int, count: int) -> Iterator[VideoFrame]:
        if not path.endswith(".mkv"):
            for number in range(skipped, skipped + count):
                with av.open(str(NumberedName(path).path(number))) as picture:
                    yield next(picture.decode(video=0))
            return
        with av.open(path) as film:
            # FFV1 here has key frames alone, but Matroska's times are rounded: decoding is exact.
            for number, frame in enumerate(film.decode(video=0)):
                if number >= skipped + count:
                    return
                if number >= skipped:
                    yield frame


class _Film:
    def __init__(self, reader: VideoReader, path: str, fps: Fraction) -> None:
        self._reader, self._path, self._fps = reader, path, fps

    def place(self, frame: int) -> Place:
        return Path(self._path), frame

    def read(self, first: int, end: int) -> Iterator[VideoFrame]:
        for number in range(first, end):
            yield self._reader.frame_at(number / self._fps)
