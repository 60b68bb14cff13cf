"""What happens to one frame between the decoder and the segment store.

Loaded only when there is something to render: a film whose segments are all in the store is
written without a decoder, a kernel or NumPy.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from fractions import Fraction

from av import VideoFrame

from vedc.codegen.image import Image, of_frame
from vedc.edit.codecs import IMAGE_CODECS
from vedc.errors import InternalError, UserError
from vedc.execute.executor import Drawing, Executor
from vedc.execute.pipeline import Stopped
from vedc.execute.readers import Readers, delivery_of, together
from vedc.execute.store import Store
from vedc.ir.graph import Node, walk
from vedc.media.encode import FramePool, SegmentEncoder, StillEncoder
from vedc.media.reader import VideoReader
from vedc.plan.chain import Copy, Fetch
from vedc.plan.plan import Piece, Plan, Segment

Encoder = SegmentEncoder | StillEncoder


@dataclass(slots=True)
class Job:
    """One frame on its way through the pipeline."""

    segment: Segment
    piece: Piece
    frame: int
    """Of the piece."""
    pictures: dict[Node, VideoFrame]
    """By source."""
    drawn: VideoFrame | None = None
    drawing: Drawing | None = None


class Stages:
    """Fetch, compute, encode: the three bodies that the pipeline runs."""

    def __init__(
        self,
        plan: Plan,
        store: Store,
        executor: Executor,
        readers: Readers,
        encoded: Callable[[], None],
        finished: Callable[[Segment], None],
    ) -> None:
        """``encoded`` is called for each frame, ``finished`` for each stored segment."""
        self.plan, self.settings, self.store = plan, plan.video, store
        self.executor, self.readers = executor, readers
        self.encoded, self.finished = encoded, finished
        self.pool = FramePool(plan.video)
        self.open: dict[int, tuple[Encoder, ExitStack]] = {}
        """Encoders by segment, with what publishes or removes their file."""
        self.lock = threading.Lock()

    def fetch(self, segments: list[Segment]) -> Generator[Job, None, None]:
        for segment in segments:
            for piece in segment.pieces:
                yield from self.fetch_piece(segment, piece)

    def fetch_piece(self, segment: Segment, piece: Piece) -> Iterator[Job]:
        groups = together(n for n in walk(piece.graph) if n.facts.fetched == "stream")
        readers = [(self.reader(group), group) for group in groups]
        for frame in range(piece.length):
            pictures = {
                source: self.picture(reader, source, frame)
                for reader, group in readers
                for source in group
            }
            yield Job(segment, piece, frame, pictures)
        for reader, group in readers:
            self.readers.give_back(group, reader, time_at(group[0], piece.length - 1))

    def reader(self, group: list[Node]) -> VideoReader:
        try:
            return self.readers.take(group)
        except UserError as error:
            raise error.at(self.plan.places.get(group[0].text("digest"))) from error

    def picture(self, reader: VideoReader, source: Node, frame: int) -> VideoFrame:
        try:
            return reader.frame_at(time_at(source, frame), delivery_of(source))
        except UserError as error:
            raise error.at(self.plan.places.get(source.text("digest"))) from error

    def compute(self, jobs: Iterator[Job]) -> Iterator[Job]:
        for drawing in self.executor.draw_all(map(self.drawing, jobs)):
            yield drawing.job

    def drawing(self, job: Job) -> Drawing:
        """What there is to draw for a job; a frame that is only copied needs nothing."""
        chain = self.executor.chain(job.piece.graph)
        if isinstance(chain, Copy):
            job.drawn = job.pictures[chain.fetch.node]
            return Drawing(None, job=job)
        job.drawn = self.encoder_of(job.segment).new_frame()
        pictures = {
            fetch: placed(of_frame(job.pictures[fetch.node]), fetch)
            for fetch in chain.fetches
            if fetch.node in job.pictures
        }
        made = Drawing(job.piece.graph, job.frame, pictures, of_frame(job.drawn), job=job)
        job.drawing, job.pictures = made, {}
        return made

    def encode(self, job: Job) -> None:
        encoder = self.encoder_of(job.segment)
        assert job.drawn is not None
        if job.drawing is not None:
            job.drawing.ready()
        encoder.write(job.drawn)
        self.encoded()
        last = job.segment.pieces[-1]
        if job.piece is last and job.frame == last.length - 1:
            self.finish(job.segment)

    def encoder_of(self, segment: Segment) -> Encoder:
        with self.lock:
            if segment.index not in self.open:
                still = self.settings.codec in IMAGE_CODECS
                kind, meta = "image" if still else "video", {"frames": segment.frames}
                with ExitStack() as stack:  # an encoder that does not open leaves no draft
                    path = stack.enter_context(self.store.put(segment.key, kind, meta))
                    encoder: Encoder = (
                        StillEncoder(self.settings, path)
                        if still
                        else SegmentEncoder(self.settings, path, self.pool)
                    )
                    self.open[segment.index] = (encoder, stack.pop_all())
            return self.open[segment.index][0]

    def finish(self, segment: Segment) -> None:
        encoder, stack = self.open[segment.index]
        written = encoder.finish()
        if written != segment.frames:
            raise InternalError(f"segment {segment.index}: {written} frames of {segment.frames}")
        with self.lock:
            del self.open[segment.index]
        stack.close()
        self.finished(segment)

    def abort(self) -> None:
        """Drop what is unfinished; nothing of it stays."""
        for encoder, stack in self.open.values():
            encoder.abort()
            with suppress(Stopped), stack:
                raise Stopped
        self.open.clear()


def time_at(source: Node, frame: int) -> Fraction:
    """The source time of a piece's frame, in seconds."""
    return source.fraction("start") + frame * source.fraction("step")


def placed(image: Image, fetch: Fetch) -> Image:
    rect = fetch.rect
    return Image(image.planes, image.width, image.height, rect.x, rect.y, image.owner)
