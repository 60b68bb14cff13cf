"""The analysis ``camera_path``: how the camera of a shot moves, frame by frame.

It is the motion of the background, which most of the picture belongs to: turned, enlarged and
shifted as a whole. A camera on a tripod gives exact zeros.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Final

import numpy as np

from vedc.decide.analyses.analysis import derived, seconds_of, video_of
from vedc.decide.analyses.decode_video import Shrinker, one_opencv_thread
from vedc.decide.analyses.results import Curves
from vedc.decide.arrays import Float
from vedc.decide.effects.camera.follower import Follower, Seen
from vedc.decide.effects.camera.similarity import STILL, Similarity
from vedc.edit.media_info import MediaInfo
from vedc.support.asked_to_stop import stop_if_asked

#: Frames that are reduced together.
_AT_ONCE: Final = 32
#: Seconds for which the last speed goes on where nothing can be followed.
_HELD: Final = 0.25
#: Shares of the picture's longer side by which a tripod may seem to move: what noise does, and what
#: nobody sees.
_TRIPOD: Final = 1 / 640
#: Frames of a run that are looked at together, so that a single one does not count as motion.
_RUN: Final = 5


@derived("camera_path", version=3, gives=Curves, reads=seconds_of)
def camera_path(
    media: MediaInfo, *, first: int, end: int, advance: Callable[[float], None]
) -> Curves:
    """The motion of the picture from frame ``first`` to each frame up to ``end``, half open.

    A point of the first frame at p, in heights of the picture from its middle, is later at
    ``exp(zoom) * R(turn) * p + (x, y)``. ``turn`` is in degrees, clockwise, and not limited to one
    turn. ``share`` is how much of the structure in sight follows; 0 where nothing can be followed,
    as in a black frame. ``area`` is the share of the picture that has such structure, and
    ``across`` how far that reaches across, as a share of its width. Where there is none, the last
    speed goes on for a quarter of a second, or the motion is evenly spread if the same background
    is found again.
    """
    from vedc.media.reading.frame_reader import open_reader

    video = video_of(media)
    shrinker = Shrinker(video)
    turned = video.rotation in (90, 270)
    size = shrinker.luma_size[::-1] if turned else shrinker.luma_size
    follower = Follower(size, max(1, round(_HELD * float(video.rate))))
    with one_opencv_thread(), closing(open_reader(media, None)) as reader:
        for start in range(first, end, _AT_ONCE):
            stop_if_asked()
            batch = shrinker.batch(min(_AT_ONCE, end - start))
            for i in range(batch.count):
                batch.put(i, reader.decoded_at((start + i) / video.rate))
            for picture in batch.finish()[0]:
                follower.push(picture)
            advance(float(batch.count / video.rate))
    values = curves(follower.frames, size)
    return Curves(values, video.rate, first / video.rate)


def curves(frames: Sequence[Seen], size: tuple[int, int]) -> dict[str, Float]:
    """The curves of followed frames in pictures of ``size``, (height, width)."""
    high, wide = size
    corner = complex(wide, high) / 2
    motions = [seen.motion for seen in frames]
    if on_tripod([motion.reach(corner) / max(size) for motion in motions]):
        motions = [STILL] * len(motions)
    rows = {
        "x": [motion.shift.real / high for motion in motions],
        "y": [motion.shift.imag / high for motion in motions],
        "zoom": np.log([motion.scale for motion in motions]),
        "turn": np.degrees(np.unwrap([motion.turn for motion in motions])),
        "share": [seen.share for seen in frames],
        "area": [seen.area for seen in frames],
        "across": [seen.across for seen in frames],
    }
    return {name: np.asarray(row, np.float32) for name, row in rows.items()}


def on_tripod(reaches: Sequence[float]) -> bool:
    """Whether a picture that moves so far, in longer sides, stands still but for noise."""
    padded = np.pad(np.asarray(reaches), _RUN // 2, mode="edge")
    runs = np.lib.stride_tricks.sliding_window_view(padded, _RUN)
    return bool(np.median(runs, axis=1).max() < _TRIPOD)


def motions_of(found: Curves) -> list[Similarity]:
    """The motions of an analysis, in heights of the picture."""
    x, y, zoom, turn = (found.values[name] for name in ("x", "y", "zoom", "turn"))
    gains = np.exp(zoom + 1j * np.radians(turn))
    return [
        Similarity(complex(gain), complex(shift))
        for gain, shift in zip(gains, x + 1j * y, strict=True)
    ]
