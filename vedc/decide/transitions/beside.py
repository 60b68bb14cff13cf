"""The analysis ``beside``: the look and the motion of a clip beside a cut.

Only the half second beside the cut is decoded. Motion is DIS flow between frames a fifteenth of a
second apart. The camera's part is a shift and a growth, both medians over the structure of the
picture; the share of the structure that follows it is its coherence, and the rest is independent
motion.
"""

from __future__ import annotations

import itertools
from contextlib import closing
from fractions import Fraction
from typing import Any, Final

import numpy as np

from vedc.decide.analyses.analysis import derived, video_of
from vedc.decide.analyses.decode_video import Shrinker
from vedc.decide.analyses.results import Beside
from vedc.decide.arrays import Byte, Float
from vedc.edit.media_info import MediaInfo
from vedc.kernels.temporal import flow

_RATE: Final = 15
"""Frames examined per second ..."""
_FRAMES: Final = 6
"""... and their number."""
_SIDE: Final = 160
"""The longer side, in pixels, of pictures in which motion is measured."""
_EDGE: Final = 4.0
"""The least gradient of structure, in codes per pixel."""
_NEAR: Final = 0.25
"""The largest deviation of structure that follows the camera's motion, as a share of its length
..."""
_HAIR: Final = 0.4
"""... and in pixels."""


@derived("beside", version=1, gives=Beside)
def beside(media: MediaInfo, *, at: str, side: str) -> Beside:
    """The picture and the motion ``before`` or ``after`` (``side``) the time ``at`` of the file, in
    seconds."""
    from vedc.media.reading.frame_reader import open_reader

    video = video_of(media)
    cut = int(Fraction(at) * video.rate)
    step = max(1, round(video.rate / _RATE))
    if side == "before":
        frames = [max(cut - 1 - n * step, 0) for n in reversed(range(_FRAMES))]
    else:
        frames = [cut + n * step for n in range(_FRAMES)]
    shrinker = Shrinker(video)
    batch = shrinker.batch(len(frames))
    with closing(open_reader(media, None)) as reader:
        for i, frame in enumerate(frames):
            batch.put(i, reader.decoded_at(frame / video.rate))
    luma, thumbs = batch.finish()
    moved = [row for row in motion(luma, float(video.rate / step)) if row is not None]
    nothing = np.zeros((0, 5), np.float32)
    chosen = len(frames) - 1 if side == "before" else 0
    return Beside(luma[chosen].copy(), thumbs[chosen].copy(), np.stack(moved) if moved else nothing)


def motion(luma: Byte, rate: float) -> list[Float | None]:
    """Motion from each frame (n, h, w) to the next, at ``rate`` frames per second, as from
    :func:`camera`; None where the file repeats a frame."""
    import cv2

    height, width = luma.shape[1:]
    ratio = min(1.0, _SIDE / max(height, width))
    size = max(16, round(width * ratio)), max(16, round(height * ratio))
    small = [cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in luma]
    found: list[Float | None] = []
    for before, after in itertools.pairwise(small):
        if np.array_equal(before, after):
            found.append(None)
            continue
        there, _ = flow.between(before, after)
        found.append(camera(before, there, rate))
    return found


def camera(picture: Byte, there: Float, rate: float) -> Float:
    """Across and down (longer sides a second), growth (1 / s), coherence (0..1) and independent
    motion (longer sides a second) of the flow from one frame to the next."""
    import cv2

    height, width = picture.shape
    side = max(height, width)
    soft = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 1.0)
    slope = np.hypot(np.gradient(soft, axis=1), np.gradient(soft, axis=0))
    structure = slope > _EDGE
    if int(structure.sum()) < 0.01 * structure.size:  # a plain picture
        return np.zeros(5, np.float32)
    y, x = np.nonzero(structure)
    vectors: Any = there[y, x].astype(np.float64)
    place = np.stack([x - (width - 1) / 2, y - (height - 1) / 2], axis=1)
    shift, growth = np.median(vectors, axis=0), 0.0
    far = np.hypot(place[:, 0], place[:, 1])
    outer = far > 0.2 * side
    for _ in range(3 if int(outer.sum()) >= 50 else 0):
        along = ((vectors - shift) * place).sum(axis=1)
        growth = float(np.median((along / np.maximum(far * far, 1.0))[outer]))
        shift = np.median(vectors - growth * place, axis=0)
    model = shift + growth * place
    off, length = np.hypot(*(vectors - model).T), np.hypot(*model.T)
    follows = float((off < _HAIR + _NEAR * length).mean())
    own = float(off.mean()) / side * rate
    numbers = [*(shift / side * rate), growth * rate, follows, own]
    return np.array(numbers, np.float32)
