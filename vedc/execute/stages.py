"""The stages of a frame between the decoder and the segment store.

Several outputs are rendered together: a source frame that they show at the same time is decoded
once, in all requested forms, and equal pictures are drawn once.

Loaded only when there is something to render: a film whose segments are all in the store is written
without a decoder, a kernel or NumPy.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Final

from av import VideoFrame

from vedc.codegen.image import Image, of_frame
from vedc.errors import UserError
from vedc.execute.backwards import in_order
from vedc.execute.devices.executor import Executor, FrameJob
from vedc.execute.lane import Lane
from vedc.execute.readers import Line, Readers, delivery_of
from vedc.execute.schedule import Part, Stretch, in_film_order
from vedc.media.delivery import Delivery
from vedc.media.reading.frame_reader import FrameReader
from vedc.media.sampling.sampler import Sampler
from vedc.plan.executable import CopiedPiece, ExecutablePiece, Fetch, Source, VideoRead
from vedc.support.lazy_dataclass import dataclass, field

_MOST_BYTES: Final = 8
"""Bytes per pixel: four samples of 16 bits."""


@dataclass(slots=True)
class FilmFrame:
    """One frame on its way through the pipeline, for all outputs that share its picture."""

    parts: tuple[Part, ...]
    frame: int
    """The frame number in the piece."""
    piece: ExecutablePiece
    pictures: Mapping[Source, VideoFrame]
    """The decoded pictures."""
    picture: VideoFrame | None = None
    """The picture to encode, once ``job`` is ready."""
    job: FrameJob = field(default_factory=lambda: FrameJob(None))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ready(self) -> VideoFrame:
        """The finished picture; waits for it."""
        with self.lock:
            self.job.ready()
        assert self.picture is not None
        return self.picture


@dataclass(frozen=True, slots=True)
class _SharedRead:
    """One decoder's output for a stretch: the reads of all its parts at the same times."""

    read: VideoRead
    """The combined read, with the sources of all of them."""
    start: Fraction
    """The source time of the first frame, in seconds."""
    users: tuple[tuple[Part, VideoRead], ...]
    deliveries: tuple[Delivery, ...]
    """The forms of its pictures, each once."""
    forms: tuple[tuple[int, Source, Delivery], ...]
    """(output, source, form of its pictures) of each fetch."""

    def time(self, frame: int) -> Fraction:
        return self.start + frame * self.read.step

    def line(self, stretch: Stretch) -> Line | None:
        """The time map by which outputs of other rates share the decoder; None if it reads
        backwards, in batches."""
        speed = self.read.step * stretch.fps
        return (self.start - stretch.time(0) * speed, speed) if speed >= 0 else None


class Stages:
    """Fetch, compute, encode: the bodies that the pipeline runs. ``lanes``: by output."""

    def __init__(self, lanes: Sequence[Lane], executor: Executor, readers: Readers) -> None:
        self.lanes, self.executor, self.readers = lanes, executor, readers

    # ---------------------------------------------------------------- fetch

    def fetch(self, stretches: Sequence[Stretch]) -> Generator[FilmFrame, None, None]:
        for frames in in_film_order(stretches, self.fetch_stretch):
            yield from frames

    def fetch_stretch(self, stretch: Stretch) -> Iterator[list[FilmFrame]]:
        """The pictures to draw for each frame of a stretch."""
        alike = self.alike(stretch.parts)
        shared = self.shared_reads(stretch.parts)
        readers = [self.reader(one, stretch) for one in shared]
        streams = [
            in_order(
                partial(self.shown, one, reader, Sampler(reader)),
                stretch.length,
                one.read.step < 0,
                sum(_MOST_BYTES * source.width * source.height for source in one.read.sources),
            )
            for reader, one in zip(readers, shared, strict=True)
        ]
        for frame in range(stretch.length):
            delivered = [next(stream) for stream in streams]
            pictures: dict[int, dict[Source, VideoFrame]] = {}
            for one, forms in zip(shared, delivered, strict=True):
                for output, source, delivery in one.forms:
                    pictures.setdefault(output, {})[source] = forms[delivery]
            yield [
                FilmFrame(parts, frame, self.executable(first), pictures.get(first.output, {}))
                for parts in alike
                for first in parts[:1]
            ]
        for reader, one in zip(readers, shared, strict=True):
            self.readers.give_back(reader, one.time(stretch.length - 1))

    def executable(self, part: Part) -> ExecutablePiece:
        return self.lanes[part.output].plan.executables[part.piece.executable]

    def alike(self, parts: Sequence[Part]) -> list[tuple[Part, ...]]:
        """The parts of a stretch, grouped by those that one picture serves."""
        groups: dict[object, list[Part]] = {}
        for part in parts:
            # Encoders of picture files write into the frames that they are given.
            alone = self.lanes[part.output].plan.form not in ("film", "stream")
            drawn = id(self.executable(part)), part.piece.times, part.output if alone else None
            groups.setdefault(drawn, []).append(part)
        return [tuple(group) for group in groups.values()]

    def shared_reads(self, parts: Sequence[Part]) -> list[_SharedRead]:
        """The reads of a stretch, each file at each time once."""
        users: dict[tuple[str, int, Fraction, Fraction], list[tuple[Part, VideoRead]]] = {}
        for part in parts:
            reads = self.executable(part).reads
            for read, start in zip(reads, part.piece.times, strict=True):
                shown = read.digest, read.stream, read.step, start
                users.setdefault(shown, []).append((part, read))
        shared = []
        for (_, _, step, start), found in users.items():
            forms = [
                (part.output, source, delivery_of(source))
                for part, read in found
                for source in read.sources
            ]
            sources = {delivery: source for _, source, delivery in forms}
            read = VideoRead(step, tuple(sources.values()))
            shared.append(_SharedRead(read, start, tuple(found), tuple(sources), tuple(forms)))
        return shared

    def reader(self, one: _SharedRead, stretch: Stretch) -> FrameReader:
        try:
            return self.readers.take(one.read, one.start, one.line(stretch))
        except UserError as error:
            raise self.at_source(one, error) from error

    def shown(
        self, one: _SharedRead, reader: FrameReader, sampler: Sampler, frame: int
    ) -> dict[Delivery, VideoFrame]:
        """A file's picture in a frame of a stretch, in all forms."""
        at = one.time(frame)
        try:
            pictures = {
                delivery: sampler.frame_at(at, one.read.step, delivery)
                for delivery in one.deliveries
            }
        except UserError as error:
            raise self.at_source(one, error) from error
        if reader.damage:
            for part, read in one.users:
                self.lanes[part.output].note_damage(part.segment, read, reader.damage)
        if reader.resized:
            for part, read in one.users:
                self.lanes[part.output].note_size(part.segment, read, at)
        return pictures

    def at_source(self, one: _SharedRead, error: UserError) -> UserError:
        """A read error, located where the spec names the file."""
        plan = self.lanes[one.users[0][0].output].plan
        return error.at(plan.locations.get(one.read.digest))

    # ---------------------------------------------------------------- compute

    def compute(self, frames: Iterator[FilmFrame]) -> Iterator[tuple[int, tuple[Part, FilmFrame]]]:
        """The frames to encode, each with its output."""
        for job in self.executor.run(map(self.job, frames)):
            film: FilmFrame = job.tag
            job.tag = None  # a cycle would keep the picture until the garbage collector runs
            for part in film.parts:
                if job.unlike:
                    self.lanes[part.output].note_unlike(part.segment, part.first + film.frame)
                yield part.output, (part, film)

    def job(self, film: FilmFrame) -> FrameJob:
        """The computation of a frame; empty for one that is only copied."""
        piece, first = film.piece, film.parts[0]
        outputs = tuple(part.output for part in film.parts)
        if isinstance(piece, CopiedPiece):
            (film.picture,) = film.pictures.values()
            film.job = FrameJob(None, tag=film, outputs=outputs)
            return film.job
        film.picture = self.lanes[first.output].pool.take(len(film.parts))
        pictures = [placed(film.pictures.get(fetch.source), fetch) for fetch in piece.fetches]
        out = of_frame(film.picture)
        film.job = FrameJob(piece, film.frame, pictures, out, tag=film, outputs=outputs)
        film.pictures = {}
        return film.job

    # ---------------------------------------------------------------- encode

    def encode(self, shown: tuple[Part, FilmFrame]) -> None:
        part, film = shown
        lane = self.lanes[part.output]
        picture = film.ready()
        lane.write(part.segment, part.first + film.frame, picture)
        pool = self.lanes[film.parts[0].output].pool
        if lane.pool is not pool and not isinstance(film.piece, CopiedPiece):
            pool.give_back(picture)

    def abort(self) -> None:
        """Drop everything unfinished and leave no trace of it."""
        for lane in self.lanes:
            lane.abort()


def placed(frame: VideoFrame | None, fetch: Fetch) -> Image | None:
    """A decoded frame at its place on the canvas."""
    if frame is None:
        return None
    image = of_frame(frame)
    return Image(image.planes, image.width, image.height, fetch.rect.x, fetch.rect.y, image.owner)
