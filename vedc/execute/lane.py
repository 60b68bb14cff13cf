"""One output on its way through the pipeline: its open encoders and its segments' notes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

from av import VideoFrame

from vedc.errors import InternalError, RenderError
from vedc.execute.damage import Damage, Resized
from vedc.execute.output import Output
from vedc.execute.pipeline import Stopped
from vedc.execute.unlike import Unlike
from vedc.media.encode import FramePool, SegmentEncoder
from vedc.plan.executable import VideoRead
from vedc.plan.plan import Segment


class Encoder(Protocol):
    """Encodes a segment: each frame in order, then ``finish``."""

    def write(self, frame: VideoFrame) -> None: ...

    def finish(self) -> int:
        """Returns the number of frames written."""

    def abort(self) -> None: ...


#: Kinds of store entries, by the form of the output.
_KINDS: Final = {"picture": "image", "sequence": "pictures", "animation": "pictures"}


class Lane:
    """The segments of one output that are being rendered.

    The fetching thread records defects of the sources; another thread writes the frames.
    """

    def __init__(
        self,
        output: Output,
        encoded: Callable[[], None],
        stored: Callable[[Segment], None] = lambda segment: None,
    ) -> None:
        """``encoded`` is called for each frame, ``stored`` for each complete segment."""
        if output.plan.video is None:
            raise InternalError("pictures of an output of sound alone")
        self.output, self.plan, self.settings = output, output.plan, output.plan.video
        self.encoded, self.stored = encoded, stored
        self.pool = FramePool(self.settings)
        self.open: dict[int, tuple[Encoder, ExitStack]] = {}
        """Encoders by segment index, with the stack that publishes or removes their file."""
        self.meta: dict[int, dict[str, Any]] = {}
        """Meta of the open segments."""
        self.damage: dict[int, Damage] = {}
        """Damaged source frames, by segment index."""
        self.resized: dict[int, Resized] = {}
        """Size changes of sources, by segment index."""
        self.unlike: dict[int, Unlike] = {}
        """Transition frames whose pictures have nothing in common, by segment index."""

    def note_damage(self, segment: Segment, read: VideoRead, times: tuple[Fraction, ...]) -> None:
        """Record damaged frames at these times of a source; raise if the spec refuses them."""
        source = read.digest, read.stream
        self.damage.setdefault(segment.index, Damage()).add(source, times)
        if any(fetched.on_damage == "error" for fetched in read.sources):
            message = f"'{self.plan.media[source].path}' is damaged at {float(times[0]):.2f} s"
            hint = "use another copy of it, or on_damage: conceal"
            where = self.plan.locations.get(read.digest)
            raise RenderError.one("damaged-media", message, where, hint)

    def note_size(self, segment: Segment, read: VideoRead, time: Fraction) -> None:
        """Record that a source's size at this time differs from its first frame's."""
        source = read.digest, read.stream
        self.resized.setdefault(segment.index, Resized()).add_first(source, time)

    def note_unlike(self, segment: Segment, frame: int) -> None:
        """Record that a transition found nothing in common between the pictures of a frame."""
        self.unlike.setdefault(segment.index, Unlike()).frames.add(frame)

    def write(self, segment: Segment, frame: int, picture: VideoFrame) -> None:
        """Encode frame ``frame`` of a segment, and store the segment with its last one."""
        with self.output.named():
            self.encoder_of(segment).write(picture)
            self.encoded()
            self.output.report.rendered_frames += 1
            if frame == segment.frames - 1:
                self.finish(segment)

    def encoder_of(self, segment: Segment) -> Encoder:
        if segment.index not in self.open:
            kind = _KINDS.get(self.plan.form, "video")
            meta: dict[str, Any] = {"frames": segment.frames}
            with ExitStack() as stack:  # an encoder that fails to open leaves no draft
                path = stack.enter_context(self.output.store.put(segment.key, kind, meta))
                encoder = self.new_encoder(path)
                self.meta[segment.index] = meta
                self.open[segment.index] = (encoder, stack.pop_all())
        return self.open[segment.index][0]

    def new_encoder(self, path: Path) -> Encoder:
        if self.plan.form == "picture":
            from vedc.media.image_files.encode import StillEncoder

            return StillEncoder(self.settings, path)
        if self.plan.form in ("sequence", "animation"):
            from vedc.media.image_files.encode import PicturesEncoder

            return PicturesEncoder(self.settings, path, self.pool)
        if self.settings.passes == 2:
            from vedc.media.passes.two_passes import TwoPassEncoder

            return TwoPassEncoder(self.settings, path, self.pool)
        return SegmentEncoder(self.settings, path, self.pool)

    def finish(self, segment: Segment) -> None:
        self.output.check_files()
        encoder, stack = self.open[segment.index]
        written = encoder.finish()
        if written != segment.frames:
            raise InternalError(f"segment {segment.index}: {written} frames of {segment.frames}")
        del self.open[segment.index]
        meta = self.meta.pop(segment.index)
        resized = self.resized.pop(segment.index, None)
        if resized is not None:
            meta |= resized.to_meta()
        unlike = self.unlike.pop(segment.index, None)
        if unlike is not None:
            meta |= unlike.to_meta()
        damage = self.damage.pop(segment.index, None)
        if damage is not None:
            meta |= damage.to_meta()
        stack.close()
        self.output.report.rendered_segments += 1
        self.output.store.when_shared(segment.key, partial(self.stored, segment))

    def abort(self) -> None:
        """Drop everything unfinished and leave no trace of it."""
        for encoder, stack in self.open.values():
            encoder.abort()
            with suppress(Stopped), stack:
                raise Stopped
        self.open.clear()
