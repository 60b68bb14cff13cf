"""Which frames of two films differ, and by how much."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Hashable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from vedc.review.compare.alignment import Run, align
from vedc.review.compare.frame_keys import frame_keys
from vedc.review.compare.metrics import Difference, Plane, difference, psnr
from vedc.review.compare.results import Measured, Stretch
from vedc.review.compare.sides import (
    Drawing,
    FilmSide,
    Pictures,
    Place,
    Side,
    Span,
    SpecSide,
)

Thumbnail: TypeAlias = NDArray[np.uint8]

#: Width and height of the pictures used to recognise frames of unequal films.
_THUMBNAIL: Final = (32, 18)
#: Mean difference of their code values up to which two frames may be the same.
_ALIKE: Final = 6.0
#: Frames that are drawn although they are the same, rather than to begin another stretch.
_NEAR: Final = 12


@dataclass(frozen=True, slots=True)
class Form:
    """Pictures are converted to this before they are compared: packed red, green and blue."""

    width: int
    height: int


def plan_runs(before: SpecSide, after: SpecSide, drawing: Drawing) -> list[Run]:
    """How the frames of two specs belong together, by what they are made of: none is drawn.

    Frames are counted from the start of what the outputs show.
    """
    old, old_shown = frame_keys(before.plan(drawing.device))
    new, new_shown = frame_keys(after.plan(drawing.device))
    return align(old, new, old_shown, new_shown)


def picture_runs(
    before: Pictures, after: Pictures, counts: tuple[int, int], rate: float, form: Form | None
) -> list[Run]:
    """How the frames of two films belong together, by their pictures.

    ``rate``: frames of the new film for one of the old. The new film is taken at the rate of the
    old one.
    """
    old, old_small = _looked_at(before.read(0, counts[0]), form)
    new, new_small = _looked_at(after.read(0, counts[1]), form)
    if rate != 1:
        taken = at_rate(counts[1], rate)
        new, new_small = [new[n] for n in taken], [new_small[n] for n in taken]

    def similar(a: int, b: int) -> bool:
        return float(np.abs(old_small[a].astype(np.int16) - new_small[b]).mean()) <= _ALIKE

    nothing_old = [("old", n) for n in range(len(old))]
    nothing_new = [("new", n) for n in range(len(new))]
    return align(old, new, nothing_old, nothing_new, similar)


def at_rate(count: int, rate: float) -> list[int]:
    """The frames of a film that are shown at another rate, which has ``1 / rate`` as many."""
    return [min(int(n * rate + 1e-9), count - 1) for n in range(max(1, round(count / rate)))]


def possible_stretches(runs: Sequence[Run]) -> list[Stretch]:
    """The unequal frames."""
    return [
        Stretch("changed" if run.kind == "paired" else run.kind, run.before, run.after)
        for run in runs
        if run.kind != "same"
    ]


def measured_stretches(
    stretches: Sequence[Stretch],
    before: Pictures,
    after: Pictures,
    form: Form | None,
    limit: float,
) -> list[Stretch]:
    """The frames that differ among those that can. Frames with a PSNR of ``limit`` decibels are the
    same."""
    found: list[Stretch] = []
    for stretch in stretches:
        if stretch.kind != "changed":
            found.append(stretch)
            continue
        pairs = zip(before.read(*stretch.before), after.read(*stretch.after), strict=True)
        held: list[Difference] = []
        start = 0
        number = 0
        for number, (old, new) in enumerate(pairs):
            apart = _difference(old, new, form)
            if apart.largest and apart.psnr < limit:
                if not held:
                    start = number
                held.append(apart)
            elif held:
                found.append(_changed(stretch, start, held))
                held = []
        if held:
            found.append(_changed(stretch, start, held))
    return found


def _changed(stretch: Stretch, start: int, apart: list[Difference]) -> Stretch:
    a, b = stretch.before[0] + start, stretch.after[0] + start
    depth = apart[0].depth
    worst = min(range(len(apart)), key=lambda n: apart[n].psnr)
    measured = Measured(
        max(each.largest for each in apart),
        depth,
        psnr(math.fsum(each.error for each in apart) / len(apart), depth),
        math.fsum(each.ssim for each in apart) / len(apart),
        worst,
        apart[worst].psnr,
    )
    return Stretch("changed", (a, a + len(apart)), (b, b + len(apart)), measured)


def spans_of(stretches: Sequence[Stretch], which: int, *, changed_only: bool) -> list[Span]:
    """The frames that are needed of one side: 0 is the old one. Spans that are near become one."""
    wanted = sorted(
        span
        for stretch in stretches
        if not changed_only or stretch.kind == "changed"
        if (span := (stretch.before, stretch.after)[which])[0] < span[1]
    )
    spans: list[Span] = []
    for first, end in wanted:
        if spans and first - spans[-1][1] <= _NEAR:
            spans[-1] = spans[-1][0], max(end, spans[-1][1])
        else:
            spans.append((first, end))
    return spans


class Shifted:
    """Pictures of a film counted from the start of what its output shows."""

    def __init__(self, pictures: Pictures, first: int) -> None:
        self._pictures, self._first = pictures, first

    def read(self, first: int, end: int) -> Iterator[VideoFrame]:
        return self._pictures.read(first + self._first, end + self._first)

    def place(self, frame: int) -> Place:
        return self._pictures.place(frame + self._first)


class AtRate:
    """Pictures of a film at the rate of another."""

    def place(self, frame: int) -> Place:
        return self._pictures.place(self._taken[frame])

    def __init__(self, pictures: Pictures, count: int, rate: float) -> None:
        self._pictures, self._taken = pictures, at_rate(count, rate)

    def read(self, first: int, end: int) -> Iterator[VideoFrame]:
        taken = self._taken[first:end]
        if not taken:
            return
        wanted = iter(taken)
        following = next(wanted)
        for number, frame in enumerate(self._pictures.read(taken[0], taken[-1] + 1), taken[0]):
            while following == number:
                yield frame
                following = next(wanted, -1)


def opened(stack: ExitStack, side: Side, spans: Sequence[Span], drawing: Drawing) -> Pictures:
    """The pictures of a side, counted from the start of what it shows."""
    first = side.span[0]
    moved = [(a + first, b + first) for a, b in spans]
    return Shifted(stack.enter_context(side.pictures(moved, drawing)), first)


def form_of(before: Side, after: Side) -> Form | None:
    """The common size of pictures where the two films have different canvases."""
    old, new = before.canvas, after.canvas
    if old is None or new is None:
        return None
    if (old.width, old.height, old.pix_fmt, old.color) == (
        new.width, new.height, new.pix_fmt, new.color,
    ):  # fmt: skip
        return None
    small = min(old, new, key=lambda canvas: canvas.width * canvas.height)
    return Form(small.width, small.height)


def by_plans(before: Side, after: Side) -> bool:
    """Whether plans show what can differ: both sides are specs on equal canvases."""
    return (
        isinstance(before, SpecSide)
        and isinstance(after, SpecSide)
        and before.canvas == after.canvas
    )


def is_encoded(before: Side, after: Side) -> bool:
    """Whether a file that a codec made is compared with what was drawn."""
    return isinstance(before, FilmSide) != isinstance(after, FilmSide)


def _looked_at(
    frames: Iterator[VideoFrame], form: Form | None
) -> tuple[list[Hashable], list[Thumbnail]]:
    """A digest and a thumbnail of each frame."""
    digests: list[Hashable] = []
    thumbnails: list[Thumbnail] = []
    for frame in frames:
        total = hashlib.blake2b(digest_size=16)
        shown = planes(frame, form)
        for plane in shown:
            total.update(np.ascontiguousarray(plane).data)
        digests.append(total.digest())
        depth = depth_of(frame, form)
        first = (shown[0] >> (depth - 8)).astype(np.uint8)
        small: Thumbnail = cv2.resize(first, _THUMBNAIL, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        thumbnails.append(small)
    return digests, thumbnails


def _difference(old: VideoFrame, new: VideoFrame, form: Form | None) -> Difference:
    return difference(planes(old, form), planes(new, form), depth_of(old, form))


def depth_of(frame: VideoFrame, form: Form | None) -> int:
    """Bits of a sample."""
    return 8 if form is not None else max(part.bits for part in frame.format.components)


def planes(frame: VideoFrame, form: Form | None) -> list[Plane]:
    """The samples of a picture, plane by plane; of a packed one, component by component."""
    if form is not None:
        packed: Any = frame.to_ndarray(format="rgb24", width=form.width, height=form.height)
        return [packed[..., channel] for channel in range(3)]
    if len(frame.planes) == 1 and len(frame.format.components) > 1:
        packed = frame.to_ndarray(format=_native(frame.format.name))
        return [packed[..., channel] for channel in range(packed.shape[2])]
    wide = any(part.bits > 8 for part in frame.format.components)
    kind: type[Any] = np.uint16 if wide else np.uint8
    found: list[Plane] = []
    for plane in frame.planes:
        rows = np.frombuffer(memoryview(plane), kind).reshape(plane.height, -1)
        found.append(rows[:, : plane.width])
    return found


def _native(name: str) -> str:
    """A packed format with the byte order of this machine."""
    return f"{name[:-2]}le" if name.endswith("be") else name
