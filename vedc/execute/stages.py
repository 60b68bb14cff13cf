"""What happens to one frame between the decoder and the segment store.

Loaded only when there is something to render: a film whose segments are all in the store is
written without a decoder, a kernel or NumPy.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Any, Final

from av import VideoFrame

from vedc.codegen.image import Image, of_frame
from vedc.edit.codecs import IMAGE_CODECS
from vedc.errors import InternalError, RenderError, UserError
from vedc.execute.backwards import in_order
from vedc.execute.damage import Damage, Resized
from vedc.execute.devices.executor import Executor, FrameJob
from vedc.execute.pipeline import Stopped
from vedc.execute.readers import Readers, delivery_of
from vedc.execute.store import Store
from vedc.media.encode import FramePool, SegmentEncoder, StillEncoder
from vedc.media.picture_reader import FrameReader
from vedc.plan.executable import CopiedPiece, Fetch, Source, VideoRead
from vedc.plan.plan import Piece, Plan, Segment

Encoder = SegmentEncoder | StillEncoder

_MOST_BYTES: Final = 8
"""Of a pixel: four samples of 16 bits."""


@dataclass(slots=True)
class FilmFrame:
    """One frame on its way through the pipeline."""

    segment: Segment
    frame: int
    """Of the segment."""
    piece: Piece
    pictures: Mapping[Source, VideoFrame]
    """What was decoded for it."""
    picture: VideoFrame | None = None
    """What is encoded, once ``job`` is ready."""
    job: FrameJob = field(default_factory=lambda: FrameJob(None))


class Stages:
    """Fetch, compute, encode: the three bodies that the pipeline runs."""

    def __init__(
        self,
        plan: Plan,
        store: Store,
        executor: Executor,
        readers: Readers,
        encoded: Callable[[], None],
        check_files: Callable[[], None],
        finished: Callable[[Segment], None],
    ) -> None:
        """``encoded`` is called for each frame, ``check_files`` before a segment is stored and
        ``finished`` after it."""
        if plan.video is None:
            raise InternalError("pictures of an output of sound alone")
        self.plan, self.settings, self.store = plan, plan.video, store
        self.executor, self.readers = executor, readers
        self.encoded, self.check_files, self.finished = encoded, check_files, finished
        self.pool = FramePool(self.settings)
        self.open: dict[int, tuple[Encoder, ExitStack]] = {}
        """Encoders by segment, with what publishes or removes their file."""
        self.meta: dict[int, dict[str, Any]] = {}
        """What is stored with the open segments."""
        self.damage: dict[int, Damage] = {}
        """What is damaged in the sources of a segment, by its index."""
        self.resized: dict[int, Resized] = {}
        """Where they change their size."""
        self.lock = threading.Lock()

    def fetch(self, segments: list[Segment]) -> Generator[FilmFrame, None, None]:
        for segment in segments:
            if segment.pieces is None:
                raise InternalError(f"segment {segment.index} was not planned")
            for piece in segment.pieces:
                yield from self.fetch_piece(segment, piece)

    def fetch_piece(self, segment: Segment, piece: Piece) -> Iterator[FilmFrame]:
        reads = self.plan.executables[piece.executable].reads
        timed = list(zip(reads, piece.times, strict=True))
        readers = [self.reader(read, start) for read, start in timed]
        streams = [
            in_order(
                partial(self.shown, segment, reader, read, start),
                piece.length,
                read.step < 0,
                sum(_MOST_BYTES * source.width * source.height for source in read.sources),
            )
            for reader, (read, start) in zip(readers, timed, strict=True)
        ]
        for frame in range(piece.length):
            pictures: dict[Source, VideoFrame] = {}
            for stream in streams:
                pictures |= next(stream)
            yield FilmFrame(segment, piece.start - segment.start + frame, piece, pictures)
        for reader, (read, start) in zip(readers, timed, strict=True):
            self.readers.give_back(read, reader, start + (piece.length - 1) * read.step)

    def reader(self, read: VideoRead, start: Fraction) -> FrameReader:
        try:
            return self.readers.take(read, start)
        except UserError as error:
            raise error.at(self.plan.locations.get(read.digest)) from error

    def shown(
        self, segment: Segment, reader: FrameReader, read: VideoRead, start: Fraction, frame: int
    ) -> dict[Source, VideoFrame]:
        """What a file shows in a frame of a piece that begins with its time ``start``."""
        at = start + frame * read.step
        pictures = self.decoded(reader, read, at)
        if reader.damage:
            self.note_damage(segment, read, reader.damage)
        if reader.resized:
            source = read.digest, read.stream
            self.resized.setdefault(segment.index, Resized()).add_first(source, at)
        return pictures

    def decoded(
        self, reader: FrameReader, read: VideoRead, at: Fraction
    ) -> dict[Source, VideoFrame]:
        try:
            return {source: reader.frame_at(at, delivery_of(source)) for source in read.sources}
        except UserError as error:
            raise error.at(self.plan.locations.get(read.digest)) from error

    def note_damage(self, segment: Segment, read: VideoRead, times: tuple[Fraction, ...]) -> None:
        """Record damaged frames at these times of a source, or raise where they are refused."""
        source = read.digest, read.stream
        self.damage.setdefault(segment.index, Damage()).add(source, times)
        if any(fetched.on_damage == "error" for fetched in read.sources):
            message = f"'{self.plan.media[source].path}' is damaged at {float(times[0]):.2f} s"
            hint = "use another copy of it, or on_damage: conceal"
            where = self.plan.locations.get(read.digest)
            raise RenderError.one("damaged-media", message, where, hint)

    def compute(self, frames: Iterator[FilmFrame]) -> Iterator[FilmFrame]:
        for job in self.executor.run(map(self.job, frames)):
            yield job.tag

    def job(self, film: FilmFrame) -> FrameJob:
        """What there is to compute; a frame that is only copied takes nothing."""
        piece = self.plan.executables[film.piece.executable]
        if isinstance(piece, CopiedPiece):
            (film.picture,) = film.pictures.values()
            film.job = FrameJob(None, tag=film)
            return film.job
        film.picture = self.encoder_of(film.segment).new_frame()
        pictures = [placed(film.pictures.get(fetch.source), fetch) for fetch in piece.fetches]
        frame = film.segment.start + film.frame - film.piece.start
        film.job = FrameJob(piece, frame, pictures, of_frame(film.picture), tag=film)
        film.pictures = {}
        return film.job

    def encode(self, film: FilmFrame) -> None:
        encoder = self.encoder_of(film.segment)
        assert film.picture is not None
        film.job.ready()
        encoder.write(film.picture)
        self.encoded()
        if film.frame == film.segment.frames - 1:
            self.finish(film.segment)

    def encoder_of(self, segment: Segment) -> Encoder:
        with self.lock:
            if segment.index not in self.open:
                still = self.settings.codec in IMAGE_CODECS
                kind = "image" if still else "video"
                meta: dict[str, Any] = {"frames": segment.frames}
                with ExitStack() as stack:  # an encoder that does not open leaves no draft
                    path = stack.enter_context(self.store.put(segment.key, kind, meta))
                    encoder: Encoder = (
                        StillEncoder(self.settings, path)
                        if still
                        else SegmentEncoder(self.settings, path, self.pool)
                    )
                    self.meta[segment.index] = meta
                    self.open[segment.index] = (encoder, stack.pop_all())
            return self.open[segment.index][0]

    def finish(self, segment: Segment) -> None:
        self.check_files()
        encoder, stack = self.open[segment.index]
        written = encoder.finish()
        if written != segment.frames:
            raise InternalError(f"segment {segment.index}: {written} frames of {segment.frames}")
        with self.lock:
            del self.open[segment.index]
            meta = self.meta.pop(segment.index)
        resized = self.resized.pop(segment.index, None)
        if resized is not None:
            meta |= resized.to_meta()
        damage = self.damage.pop(segment.index, None)
        if damage is not None:
            meta |= damage.to_meta()
        stack.close()
        self.finished(segment)

    def abort(self) -> None:
        """Drop everything unfinished and leave no trace of it."""
        for encoder, stack in self.open.values():
            encoder.abort()
            with suppress(Stopped), stack:
                raise Stopped
        self.open.clear()


def placed(frame: VideoFrame | None, fetch: Fetch) -> Image | None:
    """A decoded frame at its place on the canvas."""
    if frame is None:
        return None
    image = of_frame(frame)
    return Image(image.planes, image.width, image.height, fetch.rect.x, fetch.rect.y, image.owner)
